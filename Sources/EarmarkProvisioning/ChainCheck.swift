import EarmarkOutput
import Foundation
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

/// Who issued a bundle's certificate, and whether that leads to somebody who is trusted.
extension IdentityBundle {
    /// What speaks against the chain.
    func chainFindings(_ leaf: CertificateFacts, to roots: TrustedRoots, at date: Date, _ policy: BundlePolicy) async
        -> [Finding]
    {
        let unknown = leaf.certificate.extensions.first { $0.critical && !KnownExtensions.all.contains($0.oid) }
        if let unknown {
            return [
                Finding(
                    .unhandledCriticalExtension, .error,
                    "the certificate has a critical extension that nobody here knows: \(unknown.oid)")
            ]
        }
        let uses = issuerUseFindings(policy)
        let result = await validation(of: leaf, with: CertificateStore(roots.certificates), at: date)
        guard case .couldNotValidate(let failures) = result else { return uses }
        let found = issuerFindings(at: date) + uses
        if !found.isEmpty { return found }
        if isBroken(before: roots) {
            let what = "none of the \(roots.certificates.count) roots given"
            return [Finding(.untrustedIssuer, .error, missingIssuerText(what))]
        }
        if let reason = rootReason(leaf, roots, at: date) { return [Finding(.untrustedIssuer, .error, reason)] }
        // A certificate whose time is over, or yet to come, is called so already.
        if !leaf.isValid(at: date) { return [] }
        // The library's reasons may hold whole certificates.
        let reasons = Set(failures.map { DisplayText.escaped($0.policyFailureReason.description) })
            .filter { !$0.contains("Certificate(version:") }.sorted()
        return [
            Finding(
                .untrustedIssuer, .error,
                "no chain leads to one of the \(roots.certificates.count) roots"
                    + (reasons.isEmpty ? "" : ": " + reasons.joined(separator: "; ")))
        ]
    }

    /// What is known of the chain if nobody said whom to trust.
    func unaskedChainFindings(_ leaf: CertificateFacts, at date: Date, _ policy: BundlePolicy) async -> [Finding] {
        let uses = issuerUseFindings(policy)
        if case .validCertificate = await validation(of: leaf, with: .systemTrustRoots, at: date) { return uses }
        let reason =
            chain.last?.isSelfIssued ?? true
            ? "the chain ends at a root that the system does not trust; if you do, name it: --roots ca.pem"
            : missingIssuerText("no root that the system trusts")
        return issuerFindings(at: date) + uses + [
            Finding(.chainNotChecked, .note, "nobody checked who issued it: no roots were given. \(reason)")
        ]
    }

    /// Certificates of issuers that are tried, at most: those who vouch for one another in circles make more ways than
    /// can be tried.
    static let maximumIssuerCount = 16

    /// The issuers that came with the leaf, theirs, and so on.
    func issuers(of leaf: CertificateFacts) -> [CertificateFacts] {
        var found = Array(chain.dropFirst())
        var next = 0
        let rest = others
        while next <= found.count, found.count < IdentityBundle.maximumIssuerCount {
            let subject = next == 0 ? leaf : found[next - 1]
            for candidate in rest where found.count < IdentityBundle.maximumIssuerCount {
                if subject.isIssued(by: candidate), !found.contains(candidate) { found.append(candidate) }
            }
            next += 1
        }
        return found
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
        let intermediates = CertificateStore(issuers(of: leaf).map(\.certificate))
        return await verifier.validate(leaf: leaf.certificate, intermediates: intermediates)
    }

    /// The certificates above the leaf that must vouch for it: peers' own roots are theirs to judge.
    private var vouching: [CertificateFacts] { chain.dropFirst().filter { !$0.isSelfIssued } }

    /// Issuers that may not issue now, or not so deep.
    private func issuerFindings(at date: Date) -> [Finding] {
        var findings: [Finding] = []
        for (below, issuer) in vouching.enumerated() {
            let name = DisplayText.escaped(issuer.commonName ?? issuer.subject)
            let again = "get its renewal from the authority, or name a root that is reached without it: --roots ca.pem"
            if date > issuer.notAfter {
                findings.append(
                    Finding(
                        .expired, .error,
                        "the certificate of the issuer '\(name)' ended on \(issuer.notAfter.formatted(.iso8601)); "
                            + again
                    ))
            } else if date < issuer.notBefore {
                findings.append(
                    Finding(
                        .notYetValid, .error,
                        "the certificate of the issuer '\(name)' begins on "
                            + "\(issuer.notBefore.formatted(.iso8601)) only; " + again))
            }
            if case .isCertificateAuthority(let maximum?)? = try? issuer.certificate.extensions.basicConstraints,
                below > maximum
            {
                findings.append(
                    Finding(
                        .untrustedIssuer, .error,
                        "'\(name)' may have \(maximum) authorities below it (pathlen), and the chain has \(below)"))
            }
        }
        return findings
    }

    /// Issuers that are none, or whose key or purposes are for something else: OpenSSL refuses more of them than the
    /// library does.
    private func issuerUseFindings(_ policy: BundlePolicy) -> [Finding] {
        var findings: [Finding] = []
        for issuer in vouching {
            let name = DisplayText.escaped(issuer.commonName ?? issuer.subject)
            if !issuer.isAuthority {
                findings.append(
                    Finding(
                        .untrustedIssuer, .error,
                        "'\(name)', which issued a certificate of the chain, is no authority: its certificate lacks "
                            + "basicConstraints=critical,CA:TRUE"))
            } else if let usage = try? issuer.certificate.extensions.keyUsage, !usage.keyCertSign {
                findings.append(
                    Finding(
                        .untrustedIssuer, .error,
                        "the key of '\(name)', which issued a certificate of the chain, may not sign certificates: its "
                            + "keyUsage lacks keyCertSign"))
            }
            if !policy.allowsAnyPurpose, let purposes = try? issuer.certificate.extensions.extendedKeyUsage,
                !purposes.contains(where: { $0 == .clientAuth || $0 == .any })
            {
                findings.append(
                    Finding(
                        .wrongPurpose, .error,
                        "the purposes of the issuer '\(name)' leave out that of clients, so that none of its "
                            + "certificates serves one: its extendedKeyUsage lacks clientAuth"))
            }
        }
        return findings
    }

    /// Whether the chain ends below all roots: the issuer of its last certificate is nowhere.
    private func isBroken(before roots: TrustedRoots) -> Bool {
        guard let last = chain.last, !last.isSelfIssued else { return false }
        return !roots.certificates.contains { $0.subject == last.certificate.issuer }
    }

    /// Why none of the roots that bear the name at the chain's end will do; nil if it is something else.
    private func rootReason(_ leaf: CertificateFacts, _ roots: TrustedRoots, at date: Date) -> String? {
        guard let last = chain.last else { return nil }
        let name = DisplayText.escaped(String(describing: last.certificate.issuer))
        if last.isSelfIssued {
            guard !roots.certificates.contains(last.certificate) else {
                return last == leaf
                    ? "the certificate signed itself, so that no authority vouches for it; have it issued by one" : nil
            }
            return "the chain ends at '\(name)', which signed itself and is none of the roots given"
        }
        let known = roots.certificates.filter {
            $0.subject == last.certificate.issuer
                && $0.publicKey.isValidSignature(last.certificate.signature, for: last.certificate)
        }
        guard !known.isEmpty else {
            return "the root '\(name)' that was given has another key than the one that signed "
                + "'\(DisplayText.escaped(last.commonName ?? last.subject))': another of that name is meant"
        }
        guard let root = known.max(by: { $0.notValidAfter < $1.notValidAfter }) else { return nil }
        if date > root.notValidAfter { return "the root '\(name)' ended on \(root.notValidAfter.formatted(.iso8601))" }
        if date < root.notValidBefore {
            return "the root '\(name)' begins on \(root.notValidBefore.formatted(.iso8601)) only"
        }
        return nil
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
    /// Purposes are judged apart. Policies and where lists of revoked certificates lie restrict nobody who asks for
    /// none, as OpenSSL has it, too.
    static let added: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.subjectAlternativeName, .X509ExtensionID.extendedKeyUsage, [2, 5, 29, 32], [2, 5, 29, 31],
    ]
    static let all =
        added + [.X509ExtensionID.basicConstraints, .X509ExtensionID.nameConstraints, .X509ExtensionID.keyUsage]

    var verifyingCriticalExtensions: [ASN1ObjectIdentifier] { KnownExtensions.added }

    mutating func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
        .meetsPolicy
    }
}
