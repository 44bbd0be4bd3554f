import EarmarkConsole
import EarmarkProvisioning

extension ProvisioningError: ReportableError {
    var text: String { description }

    var exitStatus: ExitStatus {
        switch code {
        case .envelopeTooLarge, .badSegmentCount, .badBase64URL, .badHeader, .duplicateHeaderName, .criticalHeader,
            .unsupportedCompression, .unsupportedAlgorithm, .unsupportedEncryption, .unsupportedAction, .actionMismatch,
            .unsupportedKDFVersion, .saltTooShort, .encryptedKeyNotEmpty, .badIVLength, .badTagLength:
            .envelopeRefused
        case .authenticationFailed: .authenticationFailed
        case .emptySecret, .payloadTooLarge, .badFingerprint, .badName, .badServicesList, .badTable, .badExporterInput:
            .invalidInput
        case .keyDerivationFailed: .inputOutput
        case .badPEM, .unexpectedBlock, .encryptedKey, .missingCertificate, .missingPrivateKey, .multiplePrivateKeys,
            .keyMismatch, .keyNotP256, .badCertificate, .leafIsCA, .expired, .notYetValid, .untrustedIssuer,
            .unhandledCriticalExtension, .sharedCertificate, .expiresSoon, .chainNotChecked, .missingCommonName,
            .unprintableIdentity, .rootIncluded, .unrelatedCertificate, .gluedBlocks, .wrongEncoding,
            .unsupportedKeyForm, .unsupportedSignature, .wrongPurpose:
            .certificateRefused
        }
    }
}

extension IntakeError: ReportableError {
    var text: String { message }

    var exitStatus: ExitStatus {
        switch code {
        case .missing: .unknown
        case .invalid: .invalidInput
        case .inputOutput: .inputOutput
        }
    }
}
