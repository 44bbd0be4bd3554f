import Crypto
import EarmarkFiles
import EarmarkMark
import Foundation

/// A meeting's own random key: sealed for storage, and source of every seed.
///
/// The description never shows the key.
struct MeetingKey: Sendable, CustomStringConvertible {
    /// Bytes of a key sealed twice: the key, and for each layer a 12-byte nonce and a 16-byte tag.
    static let sealedByteCount = KeyFile.keyByteCount + 2 * (12 + 16)

    private let key: SymmetricKey
    /// HMAC under what HKDF extracts of it, before any bytes, once for all seeds: a meeting may have 100,000 clients.
    private let expanding: HMAC<SHA256>

    /// A fresh random key.
    init() { self.init(SymmetricKey(size: .bits256)) }

    /// Wraps known bytes.
    init(bytes: [UInt8]) { self.init(SymmetricKey(data: bytes)) }

    private init(_ key: SymmetricKey) {
        self.key = key
        let extracted = HKDF<SHA256>.extract(inputKeyMaterial: key, salt: Data?.none)
        expanding = HMAC<SHA256>(key: SymmetricKey(data: extracted))
    }

    var description: String { "MeetingKey(redacted)" }

    // MARK: Seeds

    /// Labels that separate the seeds derived from one key; they never change once released.
    private enum Label {
        static let pilot = "earmark/v1/pilot"
        static let timeline = "earmark/v1/timeline"
        static let identityPrefix = "earmark/v1/identity/"
        static let tagPrefix = "earmark/v1/tag/"
        static let decoys = "earmark/v1/decoys"
    }

    /// The seeds that all clients of the meeting share.
    var sharedSeeds: SharedSeeds {
        SharedSeeds(pilot: seed(Label.pilot), timeline: seed(Label.timeline))
    }

    /// The seed of one client's own signs.
    func identitySeed(clientID: ClientID) -> Seed { seed(Label.identityPrefix + clientID.text) }

    /// The seed of the signs that one client's microphone gets, independent of those of what it plays.
    func tagSeed(clientID: ClientID) -> Seed { seed(Label.tagPrefix + clientID.text) }

    /// What decoys are drawn from: no ticket holds it, and no client's seed depends on it.
    var decoySeed: Seed { seed(Label.decoys) }

    /// All that marks audio for one client.
    func markSeeds(clientID: ClientID) -> MarkSeeds {
        MarkSeeds(
            shared: sharedSeeds, identity: identitySeed(clientID: clientID), tag: tagSeed(clientID: clientID))
    }

    /// HKDF-SHA256 (RFC 5869) of the key, without salt, with `label` as info: a seed is as long as the first block of
    /// what it expands to, HMAC of the label and the byte 1 (section 2.3).
    private func seed(_ label: String) -> Seed {
        var code = expanding
        code.update(data: Array(label.utf8) + [1])
        guard let seed = code.finalize().withUnsafeBytes({ Seed(bytes: Array($0)) }) else {
            preconditionFailure("a code of SHA-256 is as long as a seed")
        }
        return seed
    }

    // MARK: Sealing

    /// The two keys that a meeting key is sealed under, and what it is bound to.
    struct Seal {
        let organisationID: OrganisationID
        let meetingID: MeetingID
        let organisationKey: [UInt8]
        let wrappingKey: [UInt8]

        /// The same with another organisation key.
        func under(organisationKey: [UInt8]) -> Seal {
            Seal(
                organisationID: organisationID, meetingID: meetingID, organisationKey: organisationKey,
                wrappingKey: wrappingKey)
        }

        /// Data that both layers authenticate, so that a sealed key fits no other meeting, organisation or layer.
        fileprivate func context(layer: String) -> Data {
            Data("earmark/v1/seal/\(layer)\0\(organisationID)\0\(meetingID)".utf8)
        }
    }

    /// Seals the key under the wrapping key and that under the organisation key; both are needed to open it.
    func sealed(under seal: Seal) throws(StoreError) -> [UInt8] {
        do {
            let inner = try key.withUnsafeBytes { bytes in
                try AES.GCM.seal(
                    bytes, using: SymmetricKey(data: seal.wrappingKey), authenticating: seal.context(layer: "wrap"))
            }
            // `combined` is nil only for nonces of unusual length; the random ones have 12 bytes.
            guard let innerBytes = inner.combined else { throw CryptoKitError.incorrectParameterSize }
            let outer = try AES.GCM.seal(
                innerBytes, using: SymmetricKey(data: seal.organisationKey),
                authenticating: seal.context(layer: "organisation"))
            guard let outerBytes = outer.combined, outerBytes.count == Self.sealedByteCount else {
                throw CryptoKitError.incorrectParameterSize
            }
            return Array(outerBytes)
        } catch {
            throw StoreError(.sealBroken, "the key of meeting '\(seal.meetingID)' cannot be sealed")
        }
    }

    /// Opens a sealed key.
    ///
    /// - Throws: `sealBroken` if the blob was altered, moved from another meeting, or sealed under other keys.
    init(opening sealed: [UInt8], under seal: Seal) throws(StoreError) {
        guard sealed.count == Self.sealedByteCount else { throw Self.broken(seal) }
        do {
            let inner = try AES.GCM.open(
                try AES.GCM.SealedBox(combined: sealed), using: SymmetricKey(data: seal.organisationKey),
                authenticating: seal.context(layer: "organisation"))
            let bytes = try AES.GCM.open(
                try AES.GCM.SealedBox(combined: inner), using: SymmetricKey(data: seal.wrappingKey),
                authenticating: seal.context(layer: "wrap"))
            self.init(SymmetricKey(data: bytes))
        } catch {
            throw Self.broken(seal)
        }
    }

    /// Moves a sealed key from one organisation key to another without opening it.
    static func moved(_ sealed: [UInt8], from seal: Seal, to next: [UInt8]) throws(StoreError) -> [UInt8] {
        let context = seal.context(layer: "organisation")
        do {
            let inner = try AES.GCM.open(
                try AES.GCM.SealedBox(combined: sealed), using: SymmetricKey(data: seal.organisationKey),
                authenticating: context)
            let outer = try AES.GCM.seal(inner, using: SymmetricKey(data: next), authenticating: context)
            guard let bytes = outer.combined, bytes.count == sealedByteCount else {
                throw CryptoKitError.incorrectParameterSize
            }
            return Array(bytes)
        } catch {
            throw broken(seal)
        }
    }

    private static func broken(_ seal: Seal) -> StoreError {
        StoreError(
            .sealBroken,
            "the sealed key of meeting '\(seal.meetingID)' does not open: the store was altered or the key file is "
                + "wrong"
        )
    }
}
