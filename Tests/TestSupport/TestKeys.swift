public import EarmarkMark

/// Seeds that repeat, one set for every meeting number.
public enum TestKeys {
    /// A seed that depends on `number` alone.
    public static func seed(_ number: UInt64) -> Seed {
        var generator = SplitMix64(state: number &+ 0x6561_726d_6172_6b00)
        let bytes = (0..<Seed.byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
        guard let seed = Seed(bytes: bytes) else { fatalError("a seed has \(Seed.byteCount) bytes") }
        return seed
    }

    /// Shared seeds of meeting `meeting`.
    public static func shared(meeting: UInt64 = 1) -> SharedSeeds {
        SharedSeeds(pilot: seed(meeting << 32), timeline: seed(meeting << 32 + 1))
    }

    /// Identity seed of a client of `meeting`.
    public static func identity(client: Int, meeting: UInt64 = 1) -> Seed {
        seed(meeting << 32 + 1_000 + UInt64(client))
    }

    /// Identity seeds of clients 0..<`count` of `meeting`.
    public static func identities(_ count: Int, meeting: UInt64 = 1) -> [Seed] {
        (0..<count).map { identity(client: $0, meeting: meeting) }
    }

    /// Tag seed of a client of `meeting`.
    public static func tag(client: Int, meeting: UInt64 = 1) -> Seed {
        seed(meeting << 32 + 1_000_000 + UInt64(client))
    }

    /// All that marks audio for a client of `meeting`.
    public static func mark(client: Int, meeting: UInt64 = 1) -> MarkSeeds {
        MarkSeeds(
            shared: shared(meeting: meeting), identity: identity(client: client, meeting: meeting),
            tag: tag(client: client, meeting: meeting))
    }
}
