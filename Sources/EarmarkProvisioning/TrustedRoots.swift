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
            throw ProvisioningError(.missingCertificate, "there is no certificate")
        }
        self.certificates = certificates
    }

    /// Reads the PEM file at `path`, whose name is in what is wrong with it.
    package init(path: String) throws {
        let text = try CertificateFile.read(path)
        do throws(ProvisioningError) {
            try self.init(pem: text)
        } catch {
            throw ProvisioningError(error.code, "among the roots in '\(path)': \(error.message)")
        }
    }
}
