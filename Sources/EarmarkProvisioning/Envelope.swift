import Crypto
import Foundation

/// JWE envelopes (RFC 7516) that carry secrets, certificates and fingerprints to a device.
///
/// `alg` is `dir`, the key comes from the client secret by scrypt. Every envelope has a fresh salt, so also a fresh
/// key. Functions may be called from any thread; each takes 34 MB and a tenth of a second or so.
public enum Envelope {
    /// What an envelope says of itself; anybody can read it, and only opening proves it.
    public struct Facts: Equatable, Sendable {
        /// What it makes a device do.
        public let action: ProvisioningAction
        /// How it is encrypted.
        public let cipher: ContentCipher
        /// The salt of its key.
        public let salt: [UInt8]
        /// Length of what it carries, in bytes.
        public let payloadByteCount: Int
        /// The header's JSON as received.
        public let header: String
    }

    /// Random bytes in the salt of an envelope; the recipe asks for 4 or more.
    static let saltByteCount = 16
    /// Payloads beyond this length, in bytes, would make envelopes beyond the limit of those that are read.
    public static let maximumPayloadByteCount = 6_000_000

    /// Seals `payload` for one action of a device.
    ///
    /// - Returns: the compact form, in ASCII, without a line end.
    /// - Throws: `emptySecret`, `payloadTooLarge` or `keyDerivationFailed`.
    public static func seal(
        action: ProvisioningAction, payload: SecretBytes, secret: ClientSecret, cipher: ContentCipher = .a256GCM
    ) throws(ProvisioningError) -> String {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<saltByteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let iv = (0..<EnvelopeParts.ivByteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return try seal(
            action: action, payload: payload, secret: secret, cipher: cipher, salt: salt, iv: iv, derivation: .scrypt)
    }

    /// Seals with given random values, which only tests may choose: using them twice gives the payload away.
    package static func seal(
        action: ProvisioningAction, payload: SecretBytes, secret: ClientSecret, cipher: ContentCipher, salt: [UInt8],
        iv: [UInt8], derivation: KeyDerivation
    ) throws(ProvisioningError) -> String {
        try secret.requireBytes()
        guard payload.count <= maximumPayloadByteCount else {
            throw ProvisioningError(
                .payloadTooLarge, "the payload has more than \(maximumPayloadByteCount) bytes")
        }
        let header = Base64URL.encode(EnvelopeHeader(action: action, cipher: cipher, salt: salt).text)
        defer { Residue.scrub() }
        let key = try derivation.derive(secret, salt, cipher.keyByteCount)
        let box: AES.GCM.SealedBox
        do {
            box = try payload.withUnsafeBytes { bytes in
                try AES.GCM.seal(bytes, using: key, nonce: AES.GCM.Nonce(data: iv), authenticating: header)
            }
        } catch {
            throw ProvisioningError(.keyDerivationFailed, "the payload cannot be encrypted")
        }
        let segments = [header, [], iv, Array(box.ciphertext), Array(box.tag)].enumerated().map { index, bytes in
            index == 0 ? bytes : Base64URL.encode(bytes)
        }
        return String(decoding: Array(segments.joined(separator: [UInt8(ascii: ".")])), as: UTF8.self)
    }

    /// Reads what an envelope says of itself, without a secret.
    ///
    /// - Parameter text: the compact form as it is; white space around it is refused.
    /// - Throws: the first of the errors that `open` finds without a key.
    public static func inspect(_ text: String) throws(ProvisioningError) -> Facts {
        let parts = try EnvelopeParts(parsing: Array(text.utf8), expecting: nil)
        return Facts(
            action: parts.header.action, cipher: parts.header.cipher, salt: parts.header.salt,
            payloadByteCount: parts.payloadByteCount, header: String(decoding: parts.headerText, as: UTF8.self))
    }

    /// Opens an envelope.
    ///
    /// Every check that needs no key comes first, and the key is derived only when all have passed.
    ///
    /// - Parameters:
    ///   - text: the compact form as it is; white space around it is refused.
    ///   - secret: the client secret that it was sealed with.
    ///   - action: what the envelope must be for; nil takes any.
    /// - Returns: the payload as it was sealed. Whether it is what the action means is for `Payload` to judge.
    /// - Throws: the first error that applies, in the order of `ProvisioningError.Code`.
    public static func open(
        _ text: String, secret: ClientSecret, expecting action: ProvisioningAction? = nil
    ) throws(ProvisioningError) -> SecretBytes {
        try open(Array(text.utf8), secret: secret, expecting: action, derivation: .scrypt)
    }

    /// Opens an envelope with another key derivation than scrypt, for tests and fuzzers.
    package static func open(
        _ text: [UInt8], secret: ClientSecret, expecting action: ProvisioningAction?, derivation: KeyDerivation
    ) throws(ProvisioningError) -> SecretBytes {
        try secret.requireBytes()
        let parts = try EnvelopeParts(parsing: text, expecting: action)
        defer { Residue.scrub() }
        let key = try derivation.derive(secret, parts.header.salt, parts.header.cipher.keyByteCount)
        return try decrypt(parts, key: key)
    }

    private static func decrypt(_ parts: EnvelopeParts, key: SymmetricKey) throws(ProvisioningError) -> SecretBytes {
        do {
            let box = try AES.GCM.SealedBox(
                nonce: AES.GCM.Nonce(data: parts.iv), ciphertext: Base64URL.decode(parts.ciphertextSegment) ?? [],
                tag: parts.tag)
            var opened = try AES.GCM.open(box, using: key, authenticating: parts.headerSegment)
            defer { SecretBytes.wipe(&opened) }
            return opened.withUnsafeBytes { SecretBytes(copying: $0) }
        } catch {
            // One error for every cause, so that nobody learns which part was right.
            throw ProvisioningError(
                .authenticationFailed, "the envelope was sealed with another secret, or changed since")
        }
    }
}
