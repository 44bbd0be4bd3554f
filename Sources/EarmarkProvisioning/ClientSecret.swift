import Foundation

/// The secret that a device shares with its owner; every envelope is sealed with it.
///
/// Its bytes are taken as they are: text as UTF-8, nothing trimmed, nothing normalised, zero bytes included. Composed
/// and decomposed accents are two secrets.
public struct ClientSecret: Equatable, Sendable {
    /// The bytes; none make a secret that seals and opens nothing.
    public let bytes: SecretBytes

    /// Takes `bytes` as a secret.
    public init(_ bytes: SecretBytes) { self.bytes = bytes }

    /// Number of random bytes in a generated secret: 192 bits, beyond any search.
    static let generatedByteCount = 24

    /// A new secret: 24 bytes of the system's random numbers as 32 characters of base64url.
    public static func generate() -> ClientSecret {
        var generator = SystemRandomNumberGenerator()
        let random = SecretBytes(count: generatedByteCount) { memory in
            for index in memory.indices { memory[index] = generator.next() }
        }
        return ClientSecret(random.base64URL)
    }

    /// The secret as a device takes it in clear the first time: its base64url text.
    public var firstUseText: SecretBytes { bytes.base64URL }

    /// Refuses a secret without bytes, which scrypt would take.
    public func requireBytes() throws(ProvisioningError) {
        guard !bytes.isEmpty else { throw ProvisioningError(.emptySecret, "the client secret is empty") }
    }
}
