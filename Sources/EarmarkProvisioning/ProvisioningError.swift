/// What is wrong with an envelope, secret, certificate or list, and what to do about it.
///
/// Equality looks at `code` alone. Messages never hold a secret, nor anything that an envelope seals.
public struct ProvisioningError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kinds of failure; the raw value is stable and appears in output.
    ///
    /// Those of envelopes stand in the order in which they are looked for: the first that applies is reported.
    public enum Code: String, CaseIterable, Sendable {
        /// The client secret has no bytes.
        case emptySecret
        /// The text is longer than any envelope.
        case envelopeTooLarge
        /// Not five segments.
        case badSegmentCount
        /// A segment, or the salt, is not strict base64url.
        case badBase64URL
        /// The header is not one JSON object with the parameters that an envelope has.
        case badHeader
        /// The header names a parameter twice.
        case duplicateHeaderName
        /// The header demands that an extension be understood.
        case criticalHeader
        /// The header asks for compression.
        case unsupportedCompression
        /// `alg` is not `dir`.
        case unsupportedAlgorithm
        /// `enc` is neither A128GCM nor A256GCM.
        case unsupportedEncryption
        /// `cisco-action` is none of the four.
        case unsupportedAction
        /// The envelope serves another action than the one wanted.
        case actionMismatch
        /// The version of the key derivation is not "1".
        case unsupportedKDFVersion
        /// The salt has fewer than 4 bytes.
        case saltTooShort
        /// The second segment holds something.
        case encryptedKeyNotEmpty
        /// The initialisation vector has not 12 bytes.
        case badIVLength
        /// The authentication tag has not 16 bytes.
        case badTagLength
        /// The envelope was sealed with another secret or was changed.
        case authenticationFailed

        /// The key cannot be derived: memory is short.
        case keyDerivationFailed
        /// A payload longer than an envelope may carry.
        case payloadTooLarge
        /// Not the SHA-1 fingerprint of a certificate.
        case badFingerprint
        /// The text is not PEM, or a block in it is damaged.
        case badPEM
        /// A PEM block that has no place in a bundle.
        case unexpectedBlock
        /// The private key is protected by a passphrase.
        case encryptedKey
        /// No certificate.
        case missingCertificate
        /// No private key.
        case missingPrivateKey
        /// More than one private key.
        case multiplePrivateKeys
        /// No certificate belongs to the private key.
        case keyMismatch
        /// The key is not on the curve P-256.
        case keyNotP256
        /// A certificate cannot be read.
        case badCertificate
        /// The device's certificate may sign others.
        case leafIsCA
        /// The certificate's time has run out.
        case expired
        /// The certificate's time has not begun.
        case notYetValid
        /// The certificate's time runs out within days.
        case expiresSoon
        /// No chain leads from the certificate to a trusted root.
        case untrustedIssuer
        /// The certificate has a critical extension that nobody here knows.
        case unhandledCriticalExtension
        /// No roots were given, so nobody checked who issued the certificate.
        case chainNotChecked
        /// The subject has no common name, which is what others see first.
        case missingCommonName
        /// A name holds characters that control or redirect what is shown.
        case unprintableIdentity
        /// The bundle holds a root, which peers have already.
        case rootIncluded
        /// The bundle holds certificates that are not in the device's chain.
        case unrelatedCertificate
        /// A block begins in the line in which another ends.
        case gluedBlocks
        /// The file is no PEM but DER, PKCS #12, UTF-16 or the like; the message says which.
        case wrongEncoding
        /// The key's curve or point is written in a form that devices do not take.
        case unsupportedKeyForm
        /// The certificate is signed in a way that devices are not known to take.
        case unsupportedSignature
        /// The certificate's purposes leave out its owner's proof of who it is.
        case wrongPurpose
        /// One certificate serves several devices.
        case sharedCertificate
        /// A name cannot stand in a signing request.
        case badName
        /// The output of `Services Show` cannot be read.
        case badServicesList
        /// A table of users cannot be read.
        case badTable
        /// A value of the security code's inputs is out of its range.
        case badExporterInput
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong, where, and what to do.
    public let message: String

    /// Bundles a kind of failure with its message.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Compares `code` only: messages are for people.
    public static func == (left: ProvisioningError, right: ProvisioningError) -> Bool { left.code == right.code }

    /// Code and message.
    public var description: String { "\(code.rawValue): \(message)" }
}
