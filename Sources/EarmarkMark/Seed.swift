/// A secret of 32 bytes from which mark signs are drawn.
///
/// The description never shows the bytes.
public struct Seed: Sendable, Equatable, CustomStringConvertible {
    /// Number of bytes in every seed.
    public static let byteCount = 32

    /// The secret, exactly `byteCount` long.
    public let bytes: [UInt8]

    /// Wraps `bytes`; nil unless exactly `byteCount` long.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Seed.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Never the secret.
    public var description: String { "Seed(redacted)" }
}

/// The two seeds that every client of one meeting shares.
public struct SharedSeeds: Sendable, Equatable {
    /// Fixes the role of every cell and the pilot signs, the same in every period.
    public let pilot: Seed
    /// Source of the timeline signs, fresh in every period.
    public let timeline: Seed

    /// Bundles the two seeds of a meeting.
    public init(pilot: Seed, timeline: Seed) {
        self.pilot = pilot
        self.timeline = timeline
    }
}

/// All that an embedder needs to mark audio for one client of one meeting.
public struct MarkSeeds: Sendable, Equatable {
    /// The meeting's shared seeds.
    public let shared: SharedSeeds
    /// The client's own seed for what it plays out; nobody else's ticket holds it.
    public let identity: Seed
    /// The client's own seed for what its microphone sends, independent of `identity`.
    public let tag: Seed

    /// Bundles the meeting's seeds and the client's two.
    public init(shared: SharedSeeds, identity: Seed, tag: Seed) {
        self.shared = shared
        self.identity = identity
        self.tag = tag
    }

    /// The client's seed for audio of a role.
    func own(_ role: MarkRole) -> Seed {
        switch role {
        case .playout: identity
        case .microphone: tag
        }
    }
}
