import EarmarkKernels
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Clients at many alignments at once: what `IdentityScorer` says of each alignment by itself.
@Suite struct ShiftedScorerTests {
    private static let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)

    /// Two pieces that show parts of the same period in the wrong order, later by `frames`.
    private static func alignment(_ frames: Double) -> Alignment {
        Alignment(
            placed: [
                .init(piece: .init(frames: 0..<900, offset: 40.25 + frames, slope: 0), basePeriod: 3),
                .init(piece: .init(frames: 900..<2_600, offset: -1_000 + frames, slope: 2e-4), basePeriod: 2),
            ], dipoleWeights: (0..<MarkLayout.dipoleCount).map { 0.2 + Float($0) * 0.05 }, pilotScore: 0,
            pilotMean: 0, timelineZ: 0, log10Presence: 0)
    }

    // Without tables and with them; more clients than a pass takes; alignments that fill a vector, and that do not. A
    // shift of 300 frames shows periods that others do not.
    @Test(arguments: [(1, 1), (3, 8), (31, 9), (32, 9), (70, 23), (2_051, 3)])
    func everyAlignmentIsScoredAsByItself(clients: Int, alignments: Int) {
        let features = SyntheticFeatures(seed: 23).noise(frames: 2_600)
        let shifts = (0..<alignments).map { Double($0 == 1 ? 300 : 2 * $0 - 6) }
        let seeds = TestKeys.identities(clients)
        let scorer = ShiftedScorer(
            plan: ShiftedScorerTests.plan, shifts.map(ShiftedScorerTests.alignment), features)
        var scores: [[Double]] = []
        scorer.forEach(seeds) { scores.append($0) }
        #expect(scores.count == clients && scores.allSatisfy { $0.count == alignments })
        let one = IdentityScorer(plan: ShiftedScorerTests.plan, seeds: seeds)
        for (index, shift) in shifts.enumerated() {
            let alone = one.score(ShiftedScorerTests.alignment(shift), features)
            let differences = seeds.indices.map { abs(scores[$0][index] - alone.z($0)) }
            #expect((differences.max() ?? 1) < 1e-4, "shift \(shift)")
        }
    }

    /// Blocks of one client's signs: in all what it shows at each alignment.
    @Test func blocksAddUpToWhatAClientShows() {
        let features = SyntheticFeatures(seed: 25).noise(frames: 2_600)
        let shifts = [0.0, 4, 300, -7, 9, 11, 13, 15, 17]
        let scorer = ShiftedScorer(
            plan: ShiftedScorerTests.plan, shifts.map(ShiftedScorerTests.alignment), features)
        let seed = TestKeys.identity(client: 3)
        let blocks = scorer.blocks(of: seed)
        var scores: [Double] = []
        scorer.forEach([seed]) { scores = $0 }
        #expect(blocks.alignments == 9 && blocks.count % 7 == 0 && blocks.count >= 14)
        for alignment in shifts.indices {
            let places = stride(from: alignment, to: blocks.sums.count, by: 9)
            let sum = places.reduce(0) { $0 + blocks.sums[$1] }
            let energy = places.reduce(0) { $0 + blocks.energies[$1] }
            #expect(abs(sum / energy.squareRoot() - scores[alignment]) < 0.01)
            #expect(abs(blocks.scores[alignment] - scores[alignment]) < 1e-4)
        }
        // A seventh of a period, and nothing at all where the recording shows nothing of it.
        #expect(blocks.energies.contains(0) && blocks.energies.contains { $0 > 0 })
    }

    /// The bits of a package of evidence are computed again on other processors.
    @Test(.enabled(if: Kernels.Instructions.best == .v3)) func otherInstructionsGiveTheSameSums() {
        var noise = NoiseSource(seed: 24)
        let values = (0..<64 * 8).map { _ in
            var lanes = SIMD8<Float>.zero
            for lane in 0..<8 { lanes[lane] = Float(noise.gaussian()) }
            return lanes
        }
        let bits = (0..<3 * 64).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ $0 / 7) }
        let results = [Kernels.Instructions.baseline, .v3].map { instructions in
            var table = [SIMD8<Float>](repeating: .zero, count: 256)
            var sums = [SIMD8<Float>](repeating: .zero, count: 3)
            var totals = [SIMD8<Double>](repeating: .zero, count: 4)
            Kernels.tabulate(values, into: &table, instructions)
            Kernels.look(table, bits, stride: 64, bytes: 1, to: &sums, count: 3, instructions)
            Kernels.flush(&sums, to: &totals, count: 3, instructions)
            Kernels.sum(values, bits, bytes: 64, to: &totals[3], instructions)
            return totals.map(\.description)
        }
        #expect(results[0] == results[1])
    }
}
