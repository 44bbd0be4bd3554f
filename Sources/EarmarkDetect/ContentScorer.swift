internal import CMath
import EarmarkMark

/// Scores a source's content cells: whether its mark was put on the audio that it is found in.
///
/// Looks at nothing but content signs of a client who was named by identity cells, which are independent of them.
struct ContentScorer {
    /// Sums over content cells.
    struct Sums {
        /// T = sum of U_j (P_j(w) - 1/8) s_j(w) over cells and words.
        var sum = 0.0
        /// Sum of the squares of what the signs are multiplied by.
        var energy = 0.0
        /// What T would be if the mark were as strong as one of unit mean, and words as sure as they look.
        var expected = 0.0

        /// T over the root of its variance by chance.
        var z: Double { energy > 0 ? sum / energy.squareRoot() : 0 }
    }

    private let plan: CellPlan
    private let signs: PeriodSigns
    private let starts: [Int]
    /// Probability that a bit is set, by the change seen, which is the index less 128.
    private let probabilities: [Float]

    /// Decibels by which a change that is seen differs from the one that the embedder saw, one standard deviation.
    ///
    /// Two are a little better for clean audio, five for bad; at three what is seen is 0.9 to 1.3 of what is expected
    /// after codecs, filters and rooms (docs/signal-design.md, "Content cells").
    static let spread = 3.0

    init(_ plan: CellPlan, signs: PeriodSigns) {
        self.plan = plan
        self.signs = signs
        starts = plan.contentStarts
        probabilities = (0..<256).map { index in
            let decibels = Double(index - 128) / Double(ContentTrack.unitsPerDecibel)
            return Float(0.5 * erfc(-decibels / ContentScorer.spread / 2.0.squareRoot()))
        }
    }

    /// Sums along an alignment.
    func score(_ alignment: Alignment, _ features: FeatureMatrix) -> Sums {
        var total = Sums()
        var coefficients = [Float](
            repeating: 0, count: MarkLayout.contentCellsPerPeriod * ContentLayout.wordCount)
        var bits = [UInt8](repeating: 0, count: MarkLayout.ownBytesPerPeriod)
        PeriodVisits(alignment).forEachPeriod { period, visits in
            for index in coefficients.indices { coefficients[index] = 0 }
            for visit in visits {
                let piece = alignment.placed[visit.placed].piece
                FeatureSampler.forEachChip(piece, chips: visit.chips, frames: features.frames) { chip, row, share in
                    forEachCell(features, alignment.dipoleWeights, chip, row, share) { index, weight, value, words in
                        let first = index * ContentLayout.wordCount
                        for word in 0..<ContentLayout.wordCount { coefficients[first + word] += value * words[word] }
                        total.expected += ContentScorer.expected(weight, words)
                    }
                }
            }
            signs.fill(&bits, period: period)
            for cell in 0..<MarkLayout.contentCellsPerPeriod {
                let byte = bits[MarkLayout.identityCellsPerPeriod / 8 + cell]
                for word in 0..<ContentLayout.wordCount {
                    let value = Double(coefficients[cell * ContentLayout.wordCount + word])
                    total.sum += byte >> UInt8(word) & 1 == 0 ? value : -value
                    total.energy += value * value
                }
            }
        }
        return total
    }

    /// The same for one visit to one chip, whose period has the keystream `bits`.
    func add(
        _ features: FeatureMatrix, _ weights: [Float], chip: Int, row: Int, share: Float, bits: [UInt8],
        to sums: inout Sums
    ) {
        forEachCell(features, weights, chip, row, share) { index, weight, value, words in
            let byte = bits[MarkLayout.identityCellsPerPeriod / 8 + index]
            for word in 0..<ContentLayout.wordCount {
                let product = Double(value * words[word])
                sums.sum += byte >> UInt8(word) & 1 == 0 ? product : -product
                sums.energy += product * product
            }
            sums.expected += ContentScorer.expected(weight, words)
        }
    }

    /// What a mark of unit mean adds to T in a cell: by the true word, which is w with probability P(w).
    private static func expected(_ weight: Float, _ words: SIMD8<Float>) -> Double {
        // The sum of P (P - 1/8) is that of (P - 1/8)^2, as the P - 1/8 sum to nothing.
        Double(weight * weight * (words * words).sum())
    }

    /// Calls `body` for a chip's content cells: their places, weights, weighted features and P(w) - 1/8 for every word.
    @inline(__always)
    private func forEachCell(
        _ features: FeatureMatrix, _ weights: [Float], _ chip: Int, _ row: Int, _ share: Float,
        _ body: (_ index: Int, _ weight: Float, _ value: Float, _ words: SIMD8<Float>) -> Void
    ) {
        guard let change = features.changeRow(frame: Double(row) + Double(share)) else { return }
        let chip = chip & (MarkLayout.chipsPerPeriod - 1)
        for index in starts[chip]..<starts[chip + 1] {
            let dipole = Int(plan.contentCells[index]) % MarkLayout.dipoleCount
            let value = weights[dipole] * FeatureSampler.value(features, row, share, dipole)
            body(index, weights[dipole], value, words(features, change, index) - 1 / Float(ContentLayout.wordCount))
        }
    }

    /// Probability of each word of a content cell.
    private func words(_ features: FeatureMatrix, _ change: Int, _ index: Int) -> SIMD8<Float> {
        let first = index * ContentLayout.bitsPerWord
        func chance(_ bit: Int) -> Float {
            let difference = Int(plan.contentDifferences[first + bit])
            return probabilities[Int(features.changes[change + difference]) + 128]
        }
        let (a, b, c) = (chance(0), chance(1), chance(2))
        let low = SIMD8<Float>(1 - a, a, 1 - a, a, 1 - a, a, 1 - a, a)
        let middle = SIMD8<Float>(1 - b, 1 - b, b, b, 1 - b, 1 - b, b, b)
        let high = SIMD8<Float>(1 - c, 1 - c, 1 - c, 1 - c, c, c, c, c)
        return low * middle * high
    }
}
