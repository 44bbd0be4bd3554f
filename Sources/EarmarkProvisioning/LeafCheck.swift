package import Foundation
import SwiftASN1
import X509

/// What a certificate must be by itself, whatever came with it.
extension CertificateFacts {
    /// What speaks against using the certificate now; for an order to activate it, whose file need not hold the key.
    package func activationFindings(at date: Date, policy: BundlePolicy) -> [Finding] {
        var findings: [Finding] = []
        if isAuthority {
            findings.append(
                Finding(
                    .leafIsCA, .error,
                    "this is the certificate of an authority (CA:TRUE), not the device's: name the file of the device"))
        }
        if !isP256 { findings.append(Finding(.keyNotP256, .error, "the certificate's key is not on P-256")) }
        findings += validityFindings(at: date, warningDays: 0)
        if !policy.allowsAnyPurpose { findings += purposeFindings }
        return findings + signatureFindings
    }

    /// Whether the time is right.
    func validityFindings(at date: Date, warningDays: Int) -> [Finding] {
        let end = notAfter.formatted(.iso8601)
        if date > notAfter { return [Finding(.expired, .error, "the certificate ended on \(end)")] }
        guard notBefore <= notAfter else {
            return [
                Finding(
                    .badCertificate, .error,
                    "the certificate begins on \(notBefore.formatted(.iso8601)), after its end on \(end)")
            ]
        }
        if date < notBefore {
            return [
                Finding(.notYetValid, .error, "the certificate begins on \(notBefore.formatted(.iso8601)) only")
            ]
        }
        guard daysLeft(at: date) < warningDays else { return [] }
        return [
            Finding(
                .expiresSoon, .warning,
                "the certificate ends on \(end), in \(daysLeft(at: date)) days; renewing it is its owner's duty")
        ]
    }

    /// Whether its purposes let its owner prove who it is, as a client does: RFC 5280, sections 4.2.1.3 and 4.2.1.12.
    var purposeFindings: [Finding] {
        let mend =
            "sign the request again: openssl x509 -req -in ROOM.csr -CA ca.pem -CAkey ca.key -extfile ROOM.ext "
            + "-out ROOM.crt, with"
        if let purposes = try? certificate.extensions.extendedKeyUsage,
            !purposes.contains(where: { $0 == .clientAuth || $0 == .any })
        {
            return [
                Finding(
                    .wrongPurpose, .error,
                    "the certificate's purposes leave out that of a client (TLS Web Client Authentication); \(mend) "
                        + "extendedKeyUsage=clientAuth in ROOM.ext")
            ]
        }
        if let usage = try? certificate.extensions.keyUsage, !usage.digitalSignature, !isAuthority {
            return [
                Finding(
                    .wrongPurpose, .error,
                    "the certificate's key may not sign, by which a client proves who it is; \(mend) "
                        + "keyUsage=critical,digitalSignature in ROOM.ext")
            ]
        }
        return []
    }

    /// Whether its signature is one that is known to be taken: ECDSA or RSA (PKCS #1) with SHA-256, 384 or 512.
    var signatureFindings: [Finding] {
        guard !isSelfIssued else { return [] }
        let name = DisplayText.escaped(commonName ?? subject)
        switch certificate.signatureAlgorithm {
        case .sha1WithRSAEncryption:
            return [
                Finding(.unsupportedSignature, .error, CertificateForm.signature("SHA-1, which is broken,", of: name))
            ]
        case .ed25519:
            return [Finding(.unsupportedSignature, .error, CertificateForm.signature("Ed25519", of: name))]
        default: return []
        }
    }

    /// Where the certificate says that its issuer's certificate can be fetched; nil if it does not.
    var issuerAddress: String? {
        guard let access = try? certificate.extensions.authorityInformationAccess else { return nil }
        for description in access where description.method == .issuingCA {
            if case .uniformResourceIdentifier(let address) = description.location { return address }
        }
        return nil
    }
}
