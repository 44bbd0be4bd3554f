import EarmarkTestSupport
import Testing

@testable import EarmarkMark

/// Which sign is played when: the embedder's half of the agreement with the detector.
@Suite struct ChipTimelineTests {
    @Test func signsAreThoseOfThePlanAndThePeriod() {
        let seeds = TestKeys.mark(client: 5)
        var timeline = ChipTimeline(seeds: seeds)
        for chip in [-700, -256, -1, 0, 1, 255, 256, 257, 1_000, 300, 299] as [Int64] {
            timeline.move(to: chip)
            #expect(timeline.previous == SignOracle.row(seeds, chip: chip - 1), "before \(chip)")
            #expect(timeline.current == SignOracle.row(seeds, chip: chip), "at \(chip)")
            #expect(timeline.next == SignOracle.row(seeds, chip: chip + 1), "after \(chip)")
        }
    }

    @Test func walkingAndJumpingLeadToTheSameSigns() {
        let seeds = TestKeys.mark(client: 6)
        var walker = ChipTimeline(seeds: seeds)
        for chip in 250...520 as ClosedRange<Int64> {
            walker.move(to: chip)
            if chip % 17 != 0 && chip % 256 > 1 { continue }
            var jumper = ChipTimeline(seeds: seeds)
            jumper.move(to: chip)
            #expect(walker.previous == jumper.previous, "\(chip)")
            #expect(walker.current == jumper.current, "\(chip)")
            #expect(walker.next == jumper.next, "\(chip)")
        }
    }

    /// docs/signal-design.md, "Microphone tags": the tag's own signs in identity cells, every other cell left alone.
    @Test func tagsMarkIdentityCellsAlone() {
        let seeds = TestKeys.mark(client: 5)
        let plan = CellPlan(pilotSeed: seeds.shared.pilot)
        var timeline = ChipTimeline(seeds: seeds, role: .microphone)
        // What a client marks whose identity is the other's tag has the signs that a tag has.
        let twin = MarkSeeds(shared: seeds.shared, identity: seeds.tag, tag: seeds.identity)
        for chip in [-700, -1, 0, 1, 255, 256, 257] as [Int64] {
            timeline.move(to: chip)
            let row = Int(floorDivide(chip, 256) * -256 + chip) * MarkLayout.dipoleCount
            let expected = SignOracle.row(twin, chip: chip).enumerated().map { dipole, sign in
                plan.roles[row + dipole] == .identity ? sign : 0
            }
            #expect(timeline.current == expected, "\(chip)")
        }
    }

    /// The same document: 0.4 of the playout mark's depth, and never less than a transparent mark.
    @Test func tagsAreShallowerThanMarks() {
        #expect(Strength.allCases.map { $0.dial(.playout) } == [0.4, 1, 1.6])
        #expect(Strength.allCases.map { ($0.dial(.microphone) * 100).rounded() } == [40, 40, 64])
        #expect(Strength.standard.depth(ofBand: 20, role: .microphone) < Strength.standard.depth(ofBand: 20) / 2)
    }

    @Test func clientsOfAMeetingShareAllButIdentityCells() {
        let first = TestKeys.mark(client: 1)
        let second = TestKeys.mark(client: 2)
        let plan = CellPlan(pilotSeed: first.shared.pilot)
        var one = ChipTimeline(seeds: first)
        var two = ChipTimeline(seeds: second)
        var differing = 0
        for chip in 0..<Int64(MarkLayout.chipsPerPeriod) {
            one.move(to: chip)
            two.move(to: chip)
            for dipole in 0..<MarkLayout.dipoleCount where one.current[dipole] != two.current[dipole] {
                #expect(plan.roles[Int(chip) * MarkLayout.dipoleCount + dipole] == .identity)
                differing += 1
            }
        }
        let half = Double(MarkLayout.identityCellsPerPeriod) / 2
        #expect(abs(Double(differing) - half) < 5 * half.squareRoot())
    }
}

/// The sign of any cell, looked up the slow way.
enum SignOracle {
    /// Signs of `chip` by dipole.
    static func row(_ seeds: MarkSeeds, chip: Int64) -> [Float] {
        let period = Int64((Double(chip) / Double(MarkLayout.chipsPerPeriod)).rounded(.down))
        let plane = plane(seeds, period: period)
        let start = Int(chip - period * Int64(MarkLayout.chipsPerPeriod)) * MarkLayout.dipoleCount
        return Array(plane[start..<start + MarkLayout.dipoleCount])
    }

    /// Signs of a period by cell.
    static func plane(_ seeds: MarkSeeds, period: Int64) -> [Float] {
        let plan = CellPlan(pilotSeed: seeds.shared.pilot)
        var plane = [Float](repeating: 0, count: MarkLayout.cellsPerPeriod)
        for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) { plane[Int(cell)] = Float(sign) }
        for (cells, seed) in [(plan.timelineCells, seeds.shared.timeline), (plan.identityCells, seeds.identity)] {
            let stream = ScalarChaCha.keystream(seed, nonce: UInt64(bitPattern: period), count: cells.count / 8)
            for (index, cell) in cells.enumerated() {
                plane[Int(cell)] = stream[index / 8] >> UInt8(index % 8) & 1 == 1 ? -1 : 1
            }
        }
        return plane
    }
}
