import Crypto
import EarmarkFiles
import Foundation

/// The public key that bundles are sealed to: X25519 (RFC 7748).
package struct BundleRecipient: Sendable, Equatable {
    /// How its text begins.
    static let prefix = "earmark-recipient-"
    /// Bytes of the fingerprint that is shown: 64 bits tell keys apart that nobody chose to be alike.
    private static let fingerprintByteCount = 8

    let key: Curve25519.KeyAgreement.PublicKey

    init(_ key: Curve25519.KeyAgreement.PublicKey) { self.key = key }

    /// Reads what `text` gives.
    ///
    /// - Throws: `keyInvalid`.
    package init(_ text: String) throws(BundleError) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasPrefix(Self.prefix), let bytes = KeyText.bytes(text.dropFirst(Self.prefix.count)),
            let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes), key.isOfFullOrder
        else {
            throw BundleError(
                .keyInvalid, "the recipient is no public key of a bundle: that is '\(Self.prefix)' and 64 digits")
        }
        self.key = key
    }

    /// Reads the key itself, or the file that holds it.
    ///
    /// - Throws: `keyInvalid`, `missing` or `inputOutput`.
    package init(textOrPath argument: String) throws(BundleError) {
        guard !argument.hasPrefix(Self.prefix) else {
            try self.init(argument)
            return
        }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try SmallFile.read(argument, maximumByteCount: KeyText.maximumByteCount)
        } catch {
            throw BundleError(error)
        }
        try self.init(String(decoding: bytes, as: UTF8.self))
    }

    /// Prefix and 64 hexadecimal digits.
    package var text: String { Self.prefix + Hexadecimal.text(key.rawRepresentation) }

    /// The beginning of the key's SHA-256, hexadecimal.
    package var fingerprint: String {
        Hexadecimal.text(SHA256.hash(data: key.rawRepresentation).prefix(Self.fingerprintByteCount))
    }

    /// Compares the keys.
    package static func == (left: BundleRecipient, right: BundleRecipient) -> Bool {
        left.key.rawRepresentation == right.key.rawRepresentation
    }
}

/// The private key that opens bundles.
///
/// The description never shows it.
package struct BundleKey: Sendable, CustomStringConvertible {
    private static let prefix = "earmark-bundle-key-"

    let key: Curve25519.KeyAgreement.PrivateKey

    /// A fresh random key.
    package init() { key = Curve25519.KeyAgreement.PrivateKey() }

    /// No secret.
    package var description: String { "BundleKey(redacted)" }

    /// What bundles are sealed to.
    package var recipient: BundleRecipient { BundleRecipient(key.publicKey) }

    /// Reads the key file at `path`, which may be open to its group, as secrets of a cluster are, and to nobody else.
    ///
    /// - Throws: `missing`, `inputOutput`, `keyExposed` or `keyInvalid`.
    package init(path: String) throws(BundleError) {
        guard !FilePath.isFolder(path) else { throw BundleError(.keyInvalid, "'\(path)' is a folder, and no key") }
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try SmallFile.read(path, maximumByteCount: KeyText.maximumByteCount)
        } catch {
            throw BundleError(error)
        }
        guard let status = FilePath.status(path), status.st_mode & 0o007 == 0 else {
            throw BundleError(
                .keyExposed, "the key '\(path)' is open to everybody; give it mode 0400, or 0440 for its group")
        }
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasPrefix(Self.prefix), let bytes = KeyText.bytes(text.dropFirst(Self.prefix.count)),
            let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes)
        else { throw BundleError(.keyInvalid, "'\(path)' is no key of a bundle") }
        self.key = key
    }

    /// Writes the key to a new file, mode 0600.
    ///
    /// - Throws: `exists` or `inputOutput`.
    package func create(_ path: String) throws(BundleError) {
        let text = Self.prefix + key.withRawHexadecimal() + "\n"
        do throws(FileError) {
            try PrivateFile.create(path, bytes: Array(text.utf8))
        } catch {
            throw BundleError(error)
        }
    }
}

extension Curve25519.KeyAgreement.PublicKey {
    /// Whether secrets shared with it are any: with a point of low order all are 32 zeros, and whatever is sealed to it
    /// opens without a key (RFC 9180, 7.1.4).
    var isOfFullOrder: Bool {
        // Every such order divides the cofactor, of which every private key is a multiple: whichever is tried, shows.
        guard let secret = try? Curve25519.KeyAgreement.PrivateKey().sharedSecretFromKeyAgreement(with: self) else {
            return false
        }
        return secret.withUnsafeBytes { $0.contains { $0 != 0 } }
    }
}

extension Curve25519.KeyAgreement.PrivateKey {
    fileprivate func withRawHexadecimal() -> String { Hexadecimal.text(rawRepresentation) }
}

/// Keys as text: 64 hexadecimal digits.
enum KeyText {
    /// Longest file with a key that is read, bytes.
    static let maximumByteCount = 4_096
    /// Bytes of X25519 keys.
    private static let byteCount = 32

    static func bytes(_ digits: Substring) -> [UInt8]? {
        guard let bytes = Hexadecimal.bytes(Array(digits.utf8)), bytes.count == byteCount else { return nil }
        return bytes
    }
}
