import SwiftASN1
import X509

/// The private key of a bundle.
struct BundleKey {
    let block: PEMBlock
    let privateKey: Certificate.PrivateKey

    private static let encryptedLabel = "ENCRYPTED PRIVATE KEY"
    /// Labels of keys that cannot be on P-256.
    private static let foreignLabels: Set<String> = ["RSA PRIVATE KEY", "DSA PRIVATE KEY"]
    /// Labels of private keys, usable or not.
    static let labels = foreignLabels.union(["PRIVATE KEY", "EC PRIVATE KEY", encryptedLabel])

    /// Reads PKCS #8 (RFC 5958) or SEC 1 (RFC 5915).
    init(_ block: PEMBlock) throws(ProvisioningError) {
        if block.isEncrypted || block.label == BundleKey.encryptedLabel { throw BundleKey.encrypted(block) }
        let notP256 = ProvisioningError(
            .keyNotP256, "the private key in line \(block.line) is not on the curve P-256, the one that devices take")
        if BundleKey.foreignLabels.contains(block.label) { throw notP256 }
        do {
            privateKey = try Certificate.PrivateKey(
                pemDocument: PEMDocument(type: block.label, derBytes: block.der))
        } catch {
            // A key of a kind that the library does not know is well-formed ASN.1 all the same.
            if (try? DER.parse(block.der)) != nil, !BundleKey.namesP256(block.der) { throw notP256 }
            throw ProvisioningError(.badPEM, "the private key in line \(block.line) cannot be read: it is damaged")
        }
        guard CertificateFacts.isP256(privateKey.publicKey) else { throw notP256 }
        self.block = block
    }

    private static func encrypted(_ block: PEMBlock) -> ProvisioningError {
        ProvisioningError(
            .encryptedKey,
            "the private key in line \(block.line) is protected by a passphrase. Decrypt it into a private file: "
                + "(umask 077; openssl pkey -in KEY.pem -out DECRYPTED.pem)")
    }

    /// Whether the object identifier of P-256 (1.2.840.10045.3.1.7) stands in `der`.
    private static func namesP256(_ der: [UInt8]) -> Bool {
        let identifier: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        guard der.count >= identifier.count else { return false }
        return (0...der.count - identifier.count).contains { der[$0...].starts(with: identifier) }
    }
}
