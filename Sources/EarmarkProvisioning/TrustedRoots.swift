package import X509

/// Certificates of authorities that chains may end at.
public struct TrustedRoots: Sendable {
    package let certificates: [Certificate]

    /// Reads all certificates of a PEM text.
    ///
    /// - Throws: `badPEM`, `badCertificate`, or `missingCertificate` if there is none.
    public init(pem text: SecretBytes) throws(ProvisioningError) {
        let certificates = try CertificateFacts.all(inPEM: text).map(\.certificate)
        guard !certificates.isEmpty else {
            throw ProvisioningError(.missingCertificate, "there is no certificate among the roots")
        }
        self.certificates = certificates
    }
}
