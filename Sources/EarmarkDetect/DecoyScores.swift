import EarmarkMark

/// What chance makes of a recording: scores of made-up clients whose signs were drawn for the purpose.
///
/// Nobody's: a decoy's signs are independent of every client's.
public struct DecoyScores: Sendable, Equatable, Codable {
    /// Decoys that are drawn.
    public static let drawn = 10_000
    /// z at which the first interval begins; what is less counts there.
    public static let least = -8.0
    /// Width of an interval.
    public static let step = 0.25
    /// Intervals; what is beyond the last counts there.
    public static let intervals = 64

    /// Decoys in each interval of z.
    ///
    /// Count: `intervals`.
    public private(set) var counts: [Int]
    /// The highest z of all.
    public private(set) var highest: Double

    /// No decoys yet.
    public init() {
        counts = .init(repeating: 0, count: DecoyScores.intervals)
        highest = -.greatestFiniteMagnitude
    }

    /// How many were drawn.
    public var count: Int { counts.reduce(0, +) }

    /// Counts one decoy.
    public mutating func add(_ z: Double) {
        let interval = ((z - DecoyScores.least) / DecoyScores.step).rounded(.down)
        counts[Int(min(max(interval, 0), Double(DecoyScores.intervals - 1)))] += 1
        highest = max(highest, z)
    }
}

extension TagSearch {
    /// Decoys that are scored at a time: their packed signs take 560 bytes each.
    private static let batch = 2_500

    /// Scores of decoys on the stretches in which a playout mark was heard, 131 s at most; nil without stretches.
    ///
    /// Each recording has decoys of its own, drawn from `seed` by what its features are, so that nobody can plant the
    /// signs of one.
    func decoys(from seed: Seed) -> DecoyScores? {
        let stretches = shortened(to: TagSearch.othersFrames)
        guard !stretches.placed.isEmpty else { return nil }
        let first = digest
        var decoys = DecoyScores()
        for start in stride(from: 0, to: DecoyScores.drawn, by: TagSearch.batch) {
            let seeds = (start..<start + TagSearch.batch).compactMap { number in
                var bytes = [UInt8](repeating: 0, count: Seed.byteCount)
                PeriodSigns(seed: seed).fill(&bytes, period: first &+ Int64(number))
                return Seed(bytes: bytes)
            }
            let scores = IdentityScorer(plan: plan, seeds: seeds).score(stretches, features)
            guard scores.energy > 0 else { return nil }
            for decoy in seeds.indices { decoys.add(scores.z(decoy)) }
        }
        return decoys
    }

    /// FNV-1a of the features.
    private var digest: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for value in features.values { hash = (hash ^ UInt64(UInt8(bitPattern: value))) &* 0x100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}
