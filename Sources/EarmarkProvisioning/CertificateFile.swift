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
    package static func leaf(_ path: String) throws -> CertificateFacts { try bundle(path).certificate() }

    /// All that a file of certificates holds.
    package static func bundle(_ path: String) throws(IntakeError) -> IdentityBundle {
        HostProcess.forbidDumps()
        return IdentityBundle(pem: [try read(path)])
    }

    /// Whether the file at `path` holds a private key, as far as that can be read.
    package static func holdsKey(_ path: String) -> Bool {
        guard let text = try? read(path), let blocks = try? PEMReader.blocks(text) else { return false }
        return blocks.contains { BundleKey.labels.contains($0.label) }
    }
}
