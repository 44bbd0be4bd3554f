import Foundation

/// Reads files of certificates.
package enum CertificateFile {
    /// Longest file of certificates, in bytes: the list of all public authorities has a quarter of it.
    private static let maximumByteCount = 1 << 20

    /// The PEM text in the file at `path`.
    package static func read(_ path: String) throws(IntakeError) -> SecretBytes {
        try ByteInput.read(path, maximumByteCount: maximumByteCount)
    }

    /// The certificate of a file: that of its key if there is one, else the first that is no authority.
    ///
    /// - Throws: `IntakeError`, or `ProvisioningError` if the file holds no certificate that can be read.
    package static func leaf(_ path: String) throws -> CertificateFacts {
        HostProcess.forbidDumps()
        let text = try read(path)
        if let leaf = IdentityBundle(pem: [text]).leaf { return leaf }
        let all = try CertificateFacts.all(inPEM: text)
        guard let leaf = all.first(where: { !$0.isAuthority }) ?? all.first else {
            throw ProvisioningError(.missingCertificate, "'\(path)' holds no certificate")
        }
        return leaf
    }
}
