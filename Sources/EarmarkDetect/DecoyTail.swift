internal import CMath
import EarmarkMark

/// Scores of decoy identities, counted at the levels where the proven bound is 1, 1/10, 1/100, ...
///
/// A decoy's seed is drawn afresh, so it is uninvolved in any recording: the share of decoys beyond a level estimates a
/// probability that the bound must not fall below.
public struct DecoyTail: Sendable, Equatable {
    /// Levels: the bound at level d is 10^-d.
    public static let levels = 13

    /// Decoys counted.
    public private(set) var decoys: Int64 = 0
    /// Decoys at or beyond each level's z.
    ///
    /// Count: `levels`.
    public private(set) var counts = [Int64](repeating: 0, count: levels)

    /// z at which the bound is 10^-d, d = 0 ..< `levels`.
    public static let thresholds: [Double] = (0..<levels).map {
        RademacherBound.requiredZ(log10Threshold: -Double($0), log10Hypotheses: 0)
    }

    /// The last level worth showing: one past the last that a decoy reached.
    public var shownLevel: Int {
        let reached = counts.lastIndex { $0 > 0 }
        return min(DecoyTail.levels - 1, reached.map { $0 + 1 } ?? 1)
    }

    /// An empty tail.
    public init() {}

    /// Counts one decoy's z.
    public mutating func add(_ z: Double) {
        decoys += 1
        for level in 0..<DecoyTail.levels {
            if z < DecoyTail.thresholds[level] { break }
            counts[level] += 1
        }
    }

    /// Adds another sample's counts.
    public mutating func add(_ other: DecoyTail) {
        decoys += other.decoys
        for level in counts.indices { counts[level] += other.counts[level] }
    }

    /// Whether the sample contradicts the bound at `level`: even the smallest probability that explains so many decoys
    /// at the one-sided confidence 99.9 % lies above the bound.
    public func contradicts(level: Int) -> Bool {
        ClopperPearson.lowerLimit(successes: counts[level], trials: decoys, error: 1e-3) > pow(10, -Double(level))
    }
}

/// Exact limits for a probability from a count (Clopper and Pearson, Biometrika 26, 1934).
public enum ClopperPearson {
    /// Largest p at which `successes` or more in `trials` still has probability at most `error`; 0 for no success.
    public static func lowerLimit(successes: Int64, trials: Int64, error: Double) -> Double {
        guard successes > 0, trials > 0 else { return 0 }
        var low = 0.0
        var high = Double(successes) / Double(trials)
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if upperTail(successes, trials, middle) > error { high = middle } else { low = middle }
        }
        return low
    }

    /// P(X >= k) for X binomial(n, p), k > 0: the regularised incomplete beta function I_p(k, n - k + 1).
    public static func upperTail(_ k: Int64, _ n: Int64, _ p: Double) -> Double {
        guard p > 0 else { return 0 }
        guard p < 1 else { return 1 }
        let a = Double(k)
        let b = Double(n - k + 1)
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(p) + b * log1p(-p))
        if p < (a + 1) / (a + b + 2) { return front * fraction(a, b, p) / a }
        return 1 - front * fraction(b, a, 1 - p) / b
    }

    /// Continued fraction of the incomplete beta function by Lentz's method (DLMF 8.17.22).
    private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var c = 1.0
        var d = 1 - (a + b) * x / (a + 1)
        d = 1 / (abs(d) < tiny ? tiny : d)
        var result = d
        for m in 1...10_000 {
            let k = Double(m)
            let even = k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k))
            d = 1 / nonZero(1 + even * d, tiny)
            c = nonZero(1 + even / c, tiny)
            result *= d * c
            let odd = -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1))
            d = 1 / nonZero(1 + odd * d, tiny)
            c = nonZero(1 + odd / c, tiny)
            result *= d * c
            if abs(d * c - 1) < 1e-15 { break }
        }
        return result
    }

    private static func nonZero(_ value: Double, _ tiny: Double) -> Double { abs(value) < tiny ? tiny : value }
}

extension DetectionRun {
    /// Scores `count` decoys drawn from `state` on each alignment that a channel's features give.
    package func decoyTail(_ features: FeatureMatrix, count: Int, state: UInt64) -> DecoyTail {
        var tail = DecoyTail()
        for (index, alignment) in locator.locate(features).alignments.enumerated() {
            var generator = SplitMix64(state: state &+ UInt64(index) &* 0x9e37_79b9)
            var left = count
            while left > 0 {
                // A batch bounds the memory for packed signs: 560 bytes a decoy.
                let batch = min(left, 8_192)
                let seeds = (0..<batch).compactMap { _ in DetectionRun.decoySeed(&generator) }
                let scores = IdentityScorer(plan: plan, seeds: seeds).score(alignment, features)
                for decoy in scores.sums.indices { tail.add(scores.z(decoy)) }
                left -= batch
            }
        }
        return tail
    }

    private static func decoySeed(_ generator: inout SplitMix64) -> Seed? {
        var bytes: [UInt8] = []
        for _ in 0..<Seed.byteCount / 8 {
            let word = generator.next()
            for byte in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * byte))) }
        }
        return Seed(bytes: bytes)
    }
}
