internal import CMath
import EarmarkMark

/// Evidence for a tag whose delay behind the playout mark changes now and then, as that of a loudspeaker does that
/// connects anew or whose buffers run dry.
///
/// Summed at one delay, such a tag shows only for as long as it stays there. So the tag's signs are cut into blocks,
/// and a path through blocks and delays is drawn at random: it stays with probability 1 − p from one block to the next,
/// else every delay is as likely. In a block with the sum T and the sum of squares E, exp(a T − a² E / 2) has a mean of
/// 1 at most by chance, whatever `a` is made of but the tag's signs; each sign is in one block, whatever the delay, so
/// the product along a path has, too, and so has its mean over all paths, which is what is computed. By Markov's
/// inequality it exceeds x with a chance of 1/x at most (docs/statistics.md, "Tags").
struct MovingTag {
    /// How surely a mean is known not to be one that chance makes.
    struct Evidence: Equatable {
        /// log10 of the bound on such evidence by chance.
        var log10Chance: Double
        /// log10 of how much likelier what was seen is with a tag of the least share whose delay seldom changes than
        /// without one.
        var log10Ratio: Double
    }

    /// Probabilities of a change from a block to the next: one in 75 s and one in 19 s.
    private static let changes = (seldom: 1.0 / 32, often: 1.0 / 8)
    /// Shares of the playout mark's evidence that are tried: beside echoes they lie between 0.28 and 0.71.
    private static let shares = [0.25, 0.5]
    /// A larger exponent counts as this: less than was seen, and its exponential is finite.
    private static let most = 300.0

    private let blocks: ShiftedScorer.Blocks
    /// The alignments that an echo may have.
    private let alignments: Range<Int>
    /// Sum of squares over all blocks, by alignment.
    private let energies: [Double]

    /// A path visits `alignments` only.
    init(_ blocks: ShiftedScorer.Blocks, alignments: Range<Int>) {
        self.blocks = blocks
        self.alignments = alignments
        energies = alignments.map { alignment in
            (0..<blocks.count).reduce(0) { $0 + blocks.energies[$1 * blocks.alignments + alignment] }
        }
    }

    /// Evidence beside a mark that shows `playoutZ` in the same stretches; `leastShare` is that of the weakest tag that
    /// an echo brings.
    func evidence(playoutZ: Double, leastShare: Double) -> Evidence {
        guard playoutZ > 0 else { return Evidence(log10Chance: 0, log10Ratio: 0) }
        var logs: [Double] = []
        for share in MovingTag.shares {
            for change in [MovingTag.changes.seldom, MovingTag.changes.often] {
                logs.append(log10Mean(strength: share * playoutZ, change: change))
            }
        }
        let most = logs.max() ?? 0
        let mean = most + log10(logs.reduce(0) { $0 + pow(10, $1 - most) } / Double(logs.count))
        let ratio = log10Mean(strength: leastShare * playoutZ, change: MovingTag.changes.seldom)
        return Evidence(log10Chance: min(0, -mean), log10Ratio: ratio)
    }

    /// log10 of the mean over all paths, for a tag whose sum over all blocks is `strength` standard deviations.
    func log10Mean(strength: Double, change: Double) -> Double {
        let even = 1 / Double(alignments.count)
        var path = [Double](repeating: even, count: alignments.count)
        let factors = energies.map { $0 > 0 ? strength / $0.squareRoot() : 0 }
        var sum = 0.0
        for block in 0..<blocks.count {
            let first = block * blocks.alignments + alignments.lowerBound
            var total = 0.0
            for (index, factor) in factors.enumerated() {
                let exponent = factor * (blocks.sums[first + index] - factor * blocks.energies[first + index] / 2)
                path[index] *= exp(min(exponent, MovingTag.most))
                total += path[index]
            }
            // All that is left of a mean that underflows is that there is no evidence.
            guard total > 0 else { return -MovingTag.most }
            sum += log10(total)
            for index in path.indices { path[index] = (1 - change) * path[index] / total + change * even }
        }
        return sum
    }
}
