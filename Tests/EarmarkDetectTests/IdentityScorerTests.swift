import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

/// The statistic that accuses.
///
/// Its square of evidence must count every cell once, whatever the recording repeats.
@Suite struct IdentityScorerTests {
    private static let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)

    @Test func sumsMatchASlowOracle() {
        // Three pieces: one alone, and two that show parts of the same period, drifting and in the wrong order.
        let features = SyntheticFeatures(seed: 21).noise(frames: 3_000)
        let alignment = IdentityScorerTests.alignment(
            [
                .init(piece: .init(frames: 0..<900, offset: 40.25, slope: 0), basePeriod: 3),
                .init(piece: .init(frames: 900..<2_000, offset: -1_000, slope: 2e-4), basePeriod: 2),
                .init(piece: .init(frames: 2_000..<3_000, offset: 700.5, slope: -1e-4), basePeriod: -5),
            ], weights: (0..<MarkLayout.dipoleCount).map { 0.2 + Float($0) * 0.05 })
        let seeds = TestKeys.identities(9)
        let scores = IdentityScorer(plan: IdentityScorerTests.plan, seeds: seeds).score(alignment, features)
        let cells = IdentityScorerTests.cells(alignment, features)
        let energy = cells.values.reduce(0) { $0 + $1 * $1 }
        #expect(abs(scores.energy / energy - 1) < 1e-5)
        #expect(scores.cells == cells.count { $0.value != 0 })
        for (client, seed) in seeds.enumerated() {
            let sum = IdentityScorerTests.sum(cells, seed)
            #expect(abs(scores.sums[client] - sum) < 1e-4 * energy.squareRoot())
            let z = sum / energy.squareRoot()
            // Rounding may only ever be held against the accusation.
            #expect(scores.z(client) <= z + 1e-6)
            #expect(scores.z(client) > z - 0.01)
        }
    }

    /// A loop plays the same cells again and again: no more evidence than once, for anybody.
    @Test func repetitionIsNoEvidence() {
        let once = SyntheticFeatures(seed: 22).noise(frames: 1_024)
        let seeds = TestKeys.identities(400)
        let scorer = IdentityScorer(plan: IdentityScorerTests.plan, seeds: seeds)
        // Four times over, each time placed at the same seconds of the meeting. Chips next to a seam are left out, as
        // they would blend with the other end.
        let looped = SyntheticFeatures.joined([once, once, once, once])
        let placed = (0..<4).map { turn in
            let frames = 1_024 * turn + 8..<1_024 * turn + 1_016
            return Alignment.Placed(
                piece: .init(frames: frames, offset: Double(-1_024 * turn), slope: 0), basePeriod: 7)
        }
        let four = scorer.score(IdentityScorerTests.alignment(placed), looped)
        let inner = scorer.score(
            IdentityScorerTests.alignment([.init(piece: .init(frames: 8..<1_016, offset: 0, slope: 0), basePeriod: 7)]),
            once)
        #expect(four.cells == inner.cells)
        #expect(abs(four.energy / inner.energy - 16) < 1e-4)
        for client in seeds.indices { #expect(abs(four.z(client) - inner.z(client)) < 1e-3) }
        let largest = seeds.indices.map { four.z($0) }.max() ?? 0
        #expect(largest < 5)
    }

    @Test func theMarkedClientStandsOutAndVanishesOnceRemoved() {
        let client = 13
        let features = SyntheticFeatures(seed: 23).matrix([.init(frames: 8_000, start: 512, clients: [client])])
        let alignment = IdentityScorerTests.alignment([
            .init(piece: .init(frames: 0..<8_000, offset: 512, slope: 0), basePeriod: 0)
        ])
        let scorer = IdentityScorer(plan: IdentityScorerTests.plan, seeds: TestKeys.identities(50))
        let scores = scorer.score(alignment, features)
        let best = scores.sums.indices.max { scores.z($0) < scores.z($1) }
        #expect(best == client)
        #expect(scores.z(client) > 20)
        let mean = scores.sums[client] / scores.weight
        let after = scorer.score(alignment, features, removing: [.init(candidate: client, mean: mean)])
        #expect(abs(after.z(client)) < 1)
        #expect(after.energy < scores.energy)
        for other in 0..<50 where other != client { #expect(abs(after.z(other)) < 5) }
    }

    /// What is taken out follows the square of the weights, as what a source adds does: nothing of it is left.
    @Test func removalLeavesNothingWhateverTheWeights() {
        let features = SyntheticFeatures(seed: 27).matrix([.init(frames: 4_000, start: 512, clients: [3])])
        let alignment = IdentityScorerTests.alignment(
            [.init(piece: .init(frames: 0..<4_000, offset: 512, slope: 0), basePeriod: 0)],
            weights: (0..<MarkLayout.dipoleCount).map { 0.1 + Float($0) * 0.08 })
        let scorer = IdentityScorer(plan: IdentityScorerTests.plan, seeds: TestKeys.identities(5))
        let scores = scorer.score(alignment, features)
        let after = scorer.score(
            alignment, features, removing: [.init(candidate: 3, mean: scores.sums[3] / scores.weight)])
        #expect(scores.z(3) > 10)
        #expect(abs(after.sums[3]) < 1e-3 * scores.sums[3])
    }

    /// Uncovers accomplices behind the loudest one.
    @Test func removalUncoversTheSecondOfTwo() {
        let features = SyntheticFeatures(seed: 26).matrix([.init(frames: 8_000, start: 512, clients: [3, 8])])
        let alignment = IdentityScorerTests.alignment([
            .init(piece: .init(frames: 0..<8_000, offset: 512, slope: 0), basePeriod: 0)
        ])
        let scorer = IdentityScorer(plan: IdentityScorerTests.plan, seeds: TestKeys.identities(20))
        let scores = scorer.score(alignment, features)
        #expect(scores.z(3) > 10 && scores.z(8) > 10)
        let after = scorer.score(
            alignment, features, removing: [.init(candidate: 3, mean: scores.sums[3] / scores.weight)])
        #expect(abs(after.z(3)) < 1)
        #expect(after.z(8) >= scores.z(8))
    }

    @Test func marksOfAnotherTimeAreNoEvidence() {
        // The right client, the right offset, one period off: fresh signs.
        let features = SyntheticFeatures(seed: 25).matrix([.init(frames: 8_000, start: 512, clients: [4])])
        let scorer = IdentityScorer(plan: IdentityScorerTests.plan, seeds: TestKeys.identities(10))
        for period in [-1, 1, 100] as [Int64] {
            let alignment = IdentityScorerTests.alignment([
                .init(piece: .init(frames: 0..<8_000, offset: 512, slope: 0), basePeriod: period)
            ])
            let scores = scorer.score(alignment, features)
            for client in 0..<10 { #expect(abs(scores.z(client)) < 5) }
        }
    }

    @Test func nothingToSeeGivesNoScore() {
        let features = SyntheticFeatures(deviation: 0).noise(frames: 600)
        let alignment = IdentityScorerTests.alignment([
            .init(piece: .init(frames: 0..<600, offset: 0, slope: 0), basePeriod: 0)
        ])
        let scores = IdentityScorer(plan: IdentityScorerTests.plan, seeds: TestKeys.identities(3)).score(
            alignment, features)
        #expect(scores.energy == 0)
        #expect((0..<3).allSatisfy { scores.z($0) == 0 })
        let none = IdentityScorer(plan: IdentityScorerTests.plan, seeds: []).score(alignment, features)
        #expect(none.sums.isEmpty)
    }

    /// Innocent identities, drawn as tickets are, against features of a marked recording.
    @Test func innocentsNeverBeatTheBoundByMoreThanChanceAllows() {
        let features = SyntheticFeatures(seed: 26).matrix([.init(frames: 1_024, start: 0, clients: [0])])
        let alignment = IdentityScorerTests.alignment([
            .init(piece: .init(frames: 0..<1_024, offset: 0, slope: 0), basePeriod: 0)
        ])
        #if DEBUG
            let batches = 4  // A keystream costs fifty times as much without the optimiser.
        #else
            let batches = 100
        #endif
        var tail = DecoyTail()
        for batch in 0..<batches {
            let seeds = (0..<1_000).map { TestKeys.seed(1 << 60 + UInt64(batch * 1_000 + $0)) }
            let scores = IdentityScorer(plan: IdentityScorerTests.plan, seeds: seeds).score(alignment, features)
            for decoy in seeds.indices { tail.add(scores.z(decoy)) }
        }
        #expect(tail.decoys == Int64(batches * 1_000))
        for level in 0..<DecoyTail.levels { #expect(!tail.contradicts(level: level), "1e-\(level)") }
        // The bound is not empty: it is within a factor of 3.2 of the truth, so one in ten is often seen.
        #expect(tail.counts[1] > tail.decoys / 45)
    }

    private static func alignment(
        _ placed: [Alignment.Placed], weights: [Float] = .init(repeating: 1, count: MarkLayout.dipoleCount)
    ) -> Alignment {
        Alignment(placed: placed, dipoleWeights: weights, pilotScore: 0, pilotMean: 0, timelineZ: 0, log10Presence: 0)
    }

    /// A cell of the meeting.
    private struct Place: Hashable {
        var period: Int64
        var index: Int
    }

    /// Every identity cell's value, in double precision, chip by chip.
    private static func cells(_ alignment: Alignment, _ features: FeatureMatrix) -> [Place: Double] {
        var cells: [Place: Double] = [:]
        let identity = Dictionary(uniqueKeysWithValues: plan.identityCells.enumerated().map { (Int($1), $0) })
        for placed in alignment.placed {
            let piece = placed.piece
            for chip in -2_000...2_000 {
                let meeting = Double(4 * chip + FeatureLayout.chipCentre)
                guard meeting >= piece.meetingFrame(Double(piece.frames.lowerBound)),
                    meeting < piece.meetingFrame(Double(piece.frames.upperBound))
                else { continue }
                let position = piece.recordingFrame(meeting)
                let row = Int(floor(position))
                guard row >= 0, row + 1 < features.frames else { continue }
                let local = Int(floor(Double(chip) / 256))
                for dipole in 0..<MarkLayout.dipoleCount {
                    guard let index = identity[(chip - 256 * local) * MarkLayout.dipoleCount + dipole] else { continue }
                    let here = Double(features.values[row * FeatureMatrix.columns + dipole])
                    let next = Double(features.values[(row + 1) * FeatureMatrix.columns + dipole])
                    let value = here + (position - Double(row)) * (next - here)
                    let place = Place(period: placed.basePeriod + Int64(local), index: index)
                    cells[place, default: 0] += Double(alignment.dipoleWeights[dipole]) * value
                }
            }
        }
        return cells
    }

    private static func sum(_ cells: [Place: Double], _ seed: Seed) -> Double {
        var rows: [Int64: [UInt8]] = [:]
        return cells.reduce(0) { sum, cell in
            let row =
                rows[cell.key.period]
                ?? {
                    var bits = [UInt8](repeating: 0, count: MarkLayout.identityCellsPerPeriod / 8)
                    PeriodSigns(seed: seed).fill(&bits, period: cell.key.period)
                    rows[cell.key.period] = bits
                    return bits
                }()
            return sum + (row[cell.key.index / 8] >> UInt8(cell.key.index % 8) & 1 == 1 ? -cell.value : cell.value)
        }
    }
}
