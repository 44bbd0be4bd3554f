import Crypto
import EarmarkFiles
import Foundation

/// Signs reports with the store's P-256 key.
///
/// The description never shows the key.
public struct ReportSigner: Sendable, CustomStringConvertible {
    private let key: P256.Signing.PrivateKey

    init(key: P256.Signing.PrivateKey) { self.key = key }

    /// No secret.
    public var description: String { "ReportSigner(redacted)" }

    /// The public key as PEM (SubjectPublicKeyInfo).
    public var publicKeyPEM: String { key.publicKey.pemRepresentation + "\n" }

    /// SHA-256 of the public key's DER (SubjectPublicKeyInfo), 64 hexadecimal digits.
    public var publicKeySHA256: String { Hexadecimal.text(Array(SHA256.hash(data: key.publicKey.derRepresentation))) }

    /// Signature of `bytes`: ECDSA on P-256 with SHA-256 (FIPS 186-5), DER.
    ///
    /// - Throws: `inputOutput` if the library fails.
    public func sign(_ bytes: [UInt8]) throws(StoreError) -> [UInt8] {
        do {
            return Array(try key.signature(for: SHA256.hash(data: bytes)).derRepresentation)
        } catch {
            throw StoreError(.inputOutput, "the report cannot be signed")
        }
    }
}

/// Checks signatures of reports.
public enum ReportSignature {
    /// How the name of a signature's file ends, after the report's whole name.
    public static let suffix = ".sig"

    /// The report and its signature: both are found by the name of either, as of signatures elsewhere.
    package static func paths(of named: String, signature: String?) -> (report: String, signature: String) {
        guard signature == nil, named.hasSuffix(suffix), !PrivateFile.exists(named + suffix) else {
            return (named, signature ?? named + suffix)
        }
        return (String(named.dropLast(suffix.count)), named)
    }

    /// Largest signature that is read, in bytes: DER of two 32-byte integers takes 72.
    public static let maximumByteCount = 256

    /// Whether `signature` is one of `bytes` by the holder of the key.
    ///
    /// - Throws: `valueInvalid` if the key is none.
    public static func isValid(
        _ signature: [UInt8], of bytes: [UInt8], publicKeyPEM: String
    ) throws(StoreError) -> Bool {
        let key: P256.Signing.PublicKey
        do {
            key = try P256.Signing.PublicKey(pemRepresentation: publicKeyPEM)
        } catch {
            throw StoreError(.valueInvalid, "the key is no public key on P-256 in PEM")
        }
        guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
        return key.isValidSignature(signature, for: SHA256.hash(data: bytes))
    }
}

extension Store {
    /// The signer of this store's reports; its key is made when it is first needed.
    ///
    /// - Throws: an error of the key file.
    public func reportSigner() throws(StoreError) -> ReportSigner {
        if let key = try Self.signingKey(in: try keyFile.read(storeID: storeID)) { return ReportSigner(key: key) }
        var made: P256.Signing.PrivateKey?
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in
            // Another process may have made one meanwhile.
            let key = try Self.signingKey(in: keys) ?? P256.Signing.PrivateKey()
            keys.signingKey = Array(key.rawRepresentation)
            made = key
        }
        guard let made else { throw StoreError(.keyFileInvalid, "the signing key was not kept") }
        return ReportSigner(key: made)
    }

    private static func signingKey(in keys: KeyFile) throws(StoreError) -> P256.Signing.PrivateKey? {
        guard let bytes = keys.signingKey else { return nil }
        do {
            return try P256.Signing.PrivateKey(rawRepresentation: bytes)
        } catch {
            throw StoreError(.keyFileInvalid, "the key file holds a malformed signing key; restore it from a backup")
        }
    }
}
