import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

/// docs/statistics.md, section 9, "Tags": a tag whose delay changes now and then.
@Suite struct MovingTagTests {
    private static let delays = 112
    /// Blocks of two minutes.
    private static let blocks = 56
    private static let playoutZ = 60.0

    /// Unit noise in every block at every delay, and a tag with `share` of the mark's evidence that stays for `stay`
    /// blocks at a delay.
    private static func blocks(seed: UInt64, share: Double, stay: Int) -> ShiftedScorer.Blocks {
        var noise = NoiseSource(seed: seed)
        var made = ShiftedScorer.Blocks(count: blocks, alignments: delays)
        for index in made.sums.indices { (made.sums[index], made.energies[index]) = (noise.gaussian(), 1) }
        for block in 0..<blocks {
            let delay = (block / stay * 37 + 11) % delays
            made.sums[block * delays + delay] += share * playoutZ / Double(blocks).squareRoot()
        }
        return made
    }

    private static func evidence(_ blocks: ShiftedScorer.Blocks) -> MovingTag.Evidence {
        MovingTag(blocks, alignments: 0..<delays).evidence(playoutZ: playoutZ, leastShare: 0.2)
    }

    /// Whatever the signs of 12 cells are, which two alignments see with other values: the mean over all of them of
    /// what is bounded is 1 at most, for weak tags and strong ones.
    @Test(arguments: [0.5, 2, 8], [0.03, 0.3]) func theMeanOverAllSignsIsOneAtMost(strength: Double, change: Double) {
        func part(_ cell: Int, _ alignment: Int) -> Double {
            let number = (cell * 7 + alignment * 5) % 11 + 1
            return Double(number) / 4
        }
        var sum = 0.0
        for signs in 0..<1 << 12 {
            var blocks = ShiftedScorer.Blocks(count: 3, alignments: 2)
            for alignment in 0..<2 {
                for cell in 0..<12 {
                    let value = part(cell, alignment)
                    let isMinus = signs >> cell & 1 == 1
                    blocks.sums[cell / 4 * 2 + alignment] += isMinus ? -value : value
                    blocks.energies[cell / 4 * 2 + alignment] += value * value
                }
            }
            let mean = MovingTag(blocks, alignments: 0..<2).log10Mean(strength: strength, change: change)
            sum += pow(10, mean)
        }
        #expect(sum / Double(1 << 12) <= 1 + 1e-9)
        #expect(sum > 0)
    }

    /// A tag of a third of the mark's evidence shows, whether it stays or moves each minute or each 20 s.
    @Test(arguments: [56, 26, 9]) func aTagThatMovesShows(stay: Int) {
        for seed in 0..<10 {
            let evidence = Self.evidence(Self.blocks(seed: UInt64(seed), share: 0.33, stay: stay))
            #expect(evidence.log10Chance <= -6, "seed \(seed)")
            #expect(evidence.log10Ratio > 0, "seed \(seed)")
        }
    }

    /// Where none is, none is heard, and that none is there is known.
    @Test func noTagIsNoneThatMoves() {
        for seed in 0..<50 {
            let evidence = Self.evidence(Self.blocks(seed: UInt64(seed), share: 0, stay: 56))
            #expect(evidence.log10Chance > -3, "seed \(seed)")
            #expect(evidence.log10Ratio <= -2, "seed \(seed)")
        }
    }

    /// Over an hour a mark of 40 leaves too little in each block to say that no tag moves there.
    @Test func aWeakMarkSaysNothingOfATagThatMoves() {
        for seed in 0..<5 {
            var noise = NoiseSource(seed: UInt64(seed))
            var blocks = ShiftedScorer.Blocks(count: 1_540, alignments: Self.delays)
            for index in blocks.sums.indices { (blocks.sums[index], blocks.energies[index]) = (noise.gaussian(), 1) }
            let evidence = MovingTag(blocks, alignments: 0..<Self.delays).evidence(playoutZ: 40, leastShare: 0.2)
            #expect(evidence.log10Ratio > -2, "seed \(seed)")
        }
    }

    /// Only delays behind the mark: a talker's own voice that comes back is before it.
    @Test func delaysBeforeTheMarkAreNotTried() {
        var blocks = Self.blocks(seed: 1, share: 0, stay: 56)
        for block in 0..<Self.blocks { blocks.sums[block * Self.delays + 2] += 5 }
        let evidence = MovingTag(blocks, alignments: 5..<Self.delays).evidence(playoutZ: Self.playoutZ, leastShare: 0.2)
        #expect(evidence.log10Chance > -3)
        #expect(Self.evidence(blocks).log10Chance <= -6)
    }

    /// Digital silence is no evidence of either.
    @Test func nothingHeardIsNoEvidence() {
        let silent = ShiftedScorer.Blocks(count: 8, alignments: 120)
        let search = MovingTag(silent, alignments: 5..<120)
        #expect(search.evidence(playoutZ: 0, leastShare: 0.2) == .init(log10Chance: 0, log10Ratio: 0))
        let evidence = search.evidence(playoutZ: 40, leastShare: 0.2)
        #expect(abs(evidence.log10Chance) < 1e-9 && abs(evidence.log10Ratio) < 1e-9)
    }
}
