public import Foundation
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

extension IdentityBundle {
    /// Days before a certificate's end from which on it is called to expire soon, unless told otherwise.
    public static let defaultWarningDays = 30

    /// Everything that speaks for or against the bundle.
    ///
    /// - Parameters:
    ///   - date: when it shall be valid.
    ///   - roots: authorities to trust; nil leaves the chain unchecked.
    ///   - warningDays: days before the end from which on to warn.
    /// - Returns: what reading found, then what the checks found, errors not necessarily first.
    public func check(
        at date: Date, roots: TrustedRoots? = nil, warningDays: Int = IdentityBundle.defaultWarningDays
    ) async -> [Finding] {
        guard let leaf else { return findings }
        var all = findings
        // The certificate that belongs to the key.
        if !leaf.isP256 {
            all.append(Finding(.keyNotP256, .error, "the certificate's key is not on P-256"))
        }
        all += validity(of: leaf, at: date, warningDays: warningDays)
        if let roots {
            all += await chain(from: leaf, to: roots, at: date)
        } else {
            all.append(Finding(.chainNotChecked, .note, "no roots were given, so nobody checked who issued it"))
        }
        return all
    }

    private func validity(of leaf: CertificateFacts, at date: Date, warningDays: Int) -> [Finding] {
        let end = leaf.notAfter.formatted(.iso8601)
        if date > leaf.notAfter { return [Finding(.expired, .error, "the certificate ended on \(end)")] }
        if date < leaf.notBefore {
            return [
                Finding(.notYetValid, .error, "the certificate begins on \(leaf.notBefore.formatted(.iso8601)) only")
            ]
        }
        guard leaf.daysLeft(at: date) < warningDays else { return [] }
        return [
            Finding(
                .expiresSoon, .warning,
                "the certificate ends on \(end), in \(leaf.daysLeft(at: date)) days; renewing it is its owner's duty")
        ]
    }

    private func chain(from leaf: CertificateFacts, to roots: TrustedRoots, at date: Date) async -> [Finding] {
        let unknown = leaf.certificate.extensions.first { $0.critical && !KnownExtensions.all.contains($0.oid) }
        if let unknown {
            return [
                Finding(
                    .unhandledCriticalExtension, .error,
                    "the certificate has a critical extension that nobody here knows: \(unknown.oid)")
            ]
        }
        // A leaf that is not valid now is reported as such; its chain is then checked at the nearest time it is.
        let time = min(max(date, leaf.notBefore), leaf.notAfter)
        var verifier = Verifier(rootCertificates: CertificateStore(roots.certificates)) {
            RFC5280Policy(fixedExpiryValidationTime: time)
            KnownExtensions()
        }
        let intermediates = CertificateStore((chain.dropFirst() + others).map(\.certificate))
        let result: CertificateValidationResult = await verifier.validate(
            leaf: leaf.certificate, intermediates: intermediates)
        switch result {
        case .validCertificate: return []
        case .couldNotValidate(let failures):
            let reasons = Set(failures.map { DisplayText.escaped($0.policyFailureReason.description) }).sorted()
            return [
                Finding(
                    .untrustedIssuer, .error,
                    "no chain leads to one of the \(roots.certificates.count) roots"
                        + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")))
            ]
        @unknown default: return [Finding(.untrustedIssuer, .error, "the chain could not be checked")]
        }
    }
}

/// Critical extensions that do not spoil a chain although the library's policy does not judge them.
private struct KnownExtensions: VerifierPolicy {
    /// RFC 5280 wants the alternative names critical where the subject is empty; they are shown.
    ///
    /// Which purposes (extended key usage) devices ask for is not documented, so none is demanded.
    static let added: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.subjectAlternativeName, .X509ExtensionID.extendedKeyUsage,
    ]
    static let all =
        added + [.X509ExtensionID.basicConstraints, .X509ExtensionID.nameConstraints, .X509ExtensionID.keyUsage]

    var verifyingCriticalExtensions: [ASN1ObjectIdentifier] { KnownExtensions.added }

    mutating func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
        .meetsPolicy
    }
}
