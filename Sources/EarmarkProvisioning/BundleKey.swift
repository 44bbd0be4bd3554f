import Crypto
import Foundation
import SwiftASN1
import X509

/// The private key of a bundle.
struct BundleKey {
    let block: PEMBlock
    let privateKey: Certificate.PrivateKey

    private static let encryptedLabel = "ENCRYPTED PRIVATE KEY"
    /// Labels of keys that cannot be on P-256.
    private static let foreignKinds = ["RSA PRIVATE KEY": "RSA", "DSA PRIVATE KEY": "DSA"]
    /// Labels of private keys, usable or not.
    static let labels = Set(foreignKinds.keys).union(["PRIVATE KEY", "EC PRIVATE KEY", encryptedLabel])

    /// Reads PKCS #8 (RFC 5958) or SEC 1 (RFC 5915).
    init(_ block: PEMBlock) throws(ProvisioningError) {
        if block.isEncrypted || block.label == BundleKey.encryptedLabel { throw BundleKey.encrypted(block) }
        let kind = AlgorithmName.key(inDER: block.der) ?? BundleKey.foreignKinds[block.label]
        let notP256 = ProvisioningError(
            .keyNotP256,
            "the private key in line \(block.line) \(kind.map { "is for \($0), " } ?? "is ")not on the curve P-256, "
                + "the one that devices take: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "
                + "ROOM.key makes such a key, for which a new certificate is needed")
        if BundleKey.foreignKinds[block.label] != nil { throw notP256 }
        if AlgorithmName.hasExplicitCurve(block.der) {
            throw ProvisioningError(
                .unsupportedKeyForm,
                "the private key in line \(block.line) spells its curve out instead of naming it: openssl ec -in "
                    + "KEY.pem -param_enc named_curve -out NEW.pem writes it so that devices read it")
        }
        do {
            privateKey = try Certificate.PrivateKey(
                pemDocument: PEMDocument(type: block.label, derBytes: block.der))
        } catch {
            // A key of a kind that the library does not know is well-formed ASN.1 all the same.
            guard (try? DER.parse(block.der)) != nil else {
                throw ProvisioningError(.badPEM, "the private key in line \(block.line) cannot be read: it is damaged")
            }
            guard AlgorithmName.namesP256(block.der) else { throw notP256 }
            throw BundleKey.notWhole(block)
        }
        guard let publicKey = P256.Signing.PublicKey(privateKey.publicKey) else { throw notP256 }
        guard block.der.contains(publicKey.x963Representation) else { throw BundleKey.notWhole(block) }
        self.block = block
    }

    private static func notWhole(_ block: PEMBlock) -> ProvisioningError {
        ProvisioningError(
            .unsupportedKeyForm,
            "the private key in line \(block.line) is on P-256 but leaves its public half out or compresses it: "
                + "openssl ec -in KEY.pem -conv_form uncompressed -out NEW.pem writes it so that devices read it")
    }

    private static func encrypted(_ block: PEMBlock) -> ProvisioningError {
        ProvisioningError(
            .encryptedKey,
            "the private key in line \(block.line) is protected by a passphrase. Decrypt it into a private file: "
                + "(umask 077; openssl pkey -in KEY.pem -out DECRYPTED.pem)")
    }
}
