import EarmarkOutput
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
    ///   - roots: authorities to trust; nil asks those of the system, whose silence is no error.
    ///   - warningDays: days before the end from which on to warn.
    ///   - policy: what else is asked.
    /// - Returns: what reading found, then what the checks found, errors not necessarily first.
    public func check(
        at date: Date, roots: TrustedRoots? = nil, warningDays: Int = IdentityBundle.defaultWarningDays,
        policy: BundlePolicy = BundlePolicy()
    ) async -> [Finding] {
        guard let leaf else { return findings }
        var all = findings
        // The certificate that belongs to the key.
        if !leaf.isP256 {
            all.append(Finding(.keyNotP256, .error, "the certificate's key is not on P-256"))
        }
        all += leaf.validityFindings(at: date, warningDays: warningDays)
        if !policy.allowsAnyPurpose { all += leaf.purposeFindings }
        all += chain.flatMap(\.signatureFindings)
        if let roots {
            all += await chainFindings(leaf, to: roots, at: date)
        } else {
            all += await unaskedChainFindings(leaf, at: date)
        }
        return all
    }

    private func chainFindings(_ leaf: CertificateFacts, to roots: TrustedRoots, at date: Date) async -> [Finding] {
        let unknown = leaf.certificate.extensions.first { $0.critical && !KnownExtensions.all.contains($0.oid) }
        if let unknown {
            return [
                Finding(
                    .unhandledCriticalExtension, .error,
                    "the certificate has a critical extension that nobody here knows: \(unknown.oid)")
            ]
        }
        switch await validation(of: leaf, with: CertificateStore(roots.certificates), at: date) {
        case .validCertificate: return []
        case .couldNotValidate where isBroken(before: roots):
            return [
                Finding(
                    .untrustedIssuer, .error,
                    missingIssuerText("none of the \(roots.certificates.count) roots given"))
            ]
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

    /// The result of building a chain to one of `roots`.
    private func validation(
        of leaf: CertificateFacts, with roots: CertificateStore, at date: Date
    ) async -> CertificateValidationResult {
        // A leaf that is not valid now is reported as such; its chain is then checked at the nearest time it is.
        let time = min(max(date, leaf.notBefore), leaf.notAfter)
        var verifier = Verifier(rootCertificates: roots) {
            RFC5280Policy(fixedExpiryValidationTime: time)
            KnownExtensions()
        }
        let intermediates = CertificateStore((chain.dropFirst() + others).map(\.certificate))
        return await verifier.validate(leaf: leaf.certificate, intermediates: intermediates)
    }

    /// What is known of the chain if nobody said whom to trust.
    private func unaskedChainFindings(_ leaf: CertificateFacts, at date: Date) async -> [Finding] {
        if case .validCertificate = await validation(of: leaf, with: .systemTrustRoots, at: date) { return [] }
        let reason =
            chain.last?.isSelfIssued ?? true
            ? "the chain ends at a root that the system does not trust; if you do, name it: --roots ca.pem"
            : missingIssuerText("no root that the system trusts")
        return [
            Finding(.chainNotChecked, .note, "nobody checked who issued it: no roots were given. \(reason)")
        ]
    }

    /// Whether the chain ends below all roots: the issuer of its last certificate is nowhere.
    private func isBroken(before roots: TrustedRoots) -> Bool {
        guard let last = chain.last, !last.isSelfIssued else { return false }
        return !roots.certificates.contains { $0.subject == last.certificate.issuer }
    }

    /// Names the certificate that a chain lacks, which is also `notWhat`, and how to get it.
    private func missingIssuerText(_ notWhat: String) -> String {
        let last = chain.last
        let name = DisplayText.escaped(last?.issuer ?? "")
        let subject = DisplayText.escaped(last?.commonName ?? last?.subject ?? "")
        let fetch = last?.issuerAddress.map { address in
            "curl -s \(OutputText.shellWord(DisplayText.escaped(address))) | openssl x509 -inform DER -out "
                + "intermediate.pem; "
        }
        return "The certificate of '\(name)', which issued '\(subject)', is not in the bundle and \(notWhat). If it is "
            + "that of an intermediate, add it: \(fetch ?? "")cat ROOM.crt intermediate.pem ROOM.key > ROOM.pem. "
            + "If it is a root, name it: --roots ca.pem"
    }
}

/// Critical extensions that do not spoil a chain although the library's policy does not judge them.
private struct KnownExtensions: VerifierPolicy {
    /// RFC 5280 wants the alternative names critical where the subject is empty; they are shown.
    ///
    /// Purposes are judged apart.
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
