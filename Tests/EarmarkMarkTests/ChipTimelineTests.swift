import EarmarkTestSupport
import Testing

@testable import EarmarkMark

/// Which sign is played when: the embedder's half of the agreement with the detector.
@Suite struct ChipTimelineTests {
    @Test func signsAreThoseOfThePlanAndThePeriod() {
        let seeds = TestKeys.mark(client: 5)
        var history = ContentHistory(groupCount: 7, interval: 0.004)
        var timeline = ChipTimeline(seeds: seeds)
        for chip in [-700, -256, -1, 0, 1, 255, 256, 257, 1_000, 300, 299] as [Int64] {
            timeline.move(to: chip, &history)
            #expect(timeline.previous == SignOracle.row(seeds, chip: chip - 1), "before \(chip)")
            #expect(timeline.current == SignOracle.row(seeds, chip: chip), "at \(chip)")
            #expect(timeline.next == SignOracle.row(seeds, chip: chip + 1, differences: nil), "after \(chip)")
            #expect(!timeline.isNextDecided)
        }
    }

    @Test func walkingAndJumpingLeadToTheSameSigns() {
        let seeds = TestKeys.mark(client: 6)
        var history = ContentHistory(groupCount: 7, interval: 0.004)
        var walker = ChipTimeline(seeds: seeds)
        for chip in 250...520 as ClosedRange<Int64> {
            walker.move(to: chip, &history)
            if chip % 17 != 0 && chip % 256 > 1 { continue }
            var jumper = ChipTimeline(seeds: seeds)
            jumper.move(to: chip, &history)
            #expect(walker.previous == jumper.previous, "\(chip)")
            #expect(walker.current == jumper.current, "\(chip)")
            #expect(walker.next == jumper.next, "\(chip)")
        }
    }

    /// docs/signal-design.md, "Microphone tags": the tag's own signs in identity cells, every other cell left alone.
    @Test func tagsMarkIdentityCellsAlone() {
        let seeds = TestKeys.mark(client: 5)
        let plan = CellPlan(pilotSeed: seeds.shared.pilot)
        var history = ContentHistory(groupCount: 7, interval: 0.004)
        var timeline = ChipTimeline(seeds: seeds, role: .microphone)
        // What a client marks whose identity is the other's tag has the signs that a tag has.
        let twin = MarkSeeds(shared: seeds.shared, identity: seeds.tag, tag: seeds.identity)
        for chip in [-700, -1, 0, 1, 255, 256, 257] as [Int64] {
            timeline.move(to: chip, &history)
            let row = Int(floorDivide(chip, 256) * -256 + chip) * MarkLayout.dipoleCount
            let expected = SignOracle.row(twin, chip: chip).enumerated().map { dipole, sign in
                plan.roles[row + dipole] == .identity ? sign : 0
            }
            #expect(timeline.current == expected, "\(chip)")
        }
    }

    /// The same document: 0.4 of the playout mark's depth, and never less than a transparent mark.
    @Test func tagsAreShallowerThanMarks() {
        #expect(Strength.allCases.map { $0.dial(.playout) } == [0.4, 1.1, 1.6])
        #expect(Strength.allCases.map { ($0.dial(.microphone) * 100).rounded() } == [40, 44, 64])
        #expect(Strength.standard.depth(ofBand: 20, role: .microphone) < Strength.standard.depth(ofBand: 20) / 2)
    }

    /// docs/signal-design.md, "Content cells": the sign is the one that the keystream holds for the word of the host's
    /// differences when the gain begins to move.
    @Test func contentCellsFollowTheDifferencesOfTheMoment() {
        let seeds = TestKeys.mark(client: 5)
        var history = ContentHistory(groupCount: 7, interval: 0.004)
        var timeline = ChipTimeline(seeds: seeds)
        timeline.move(to: 0, &history)
        for (chip, differences) in [(1, 0x1FFF), (2, 0x0AAA), (3, 0x1234), (255, 1), (256, 0x0555)] as [(Int64, UInt32)]
        {
            if timeline.chip + 1 != chip { timeline.move(to: chip - 1, &history) }
            timeline.decideNext(differences)
            timeline.move(to: chip, &history)
            #expect(timeline.current == SignOracle.row(seeds, chip: chip, differences: differences), "\(chip)")
        }
    }

    @Test func clientsOfAMeetingShareAllButTheirOwnCells() {
        var history = ContentHistory(groupCount: 7, interval: 0.004)
        let first = TestKeys.mark(client: 1)
        let second = TestKeys.mark(client: 2)
        let plan = CellPlan(pilotSeed: first.shared.pilot)
        var one = ChipTimeline(seeds: first)
        var two = ChipTimeline(seeds: second)
        var differing = 0
        for chip in 0..<Int64(MarkLayout.chipsPerPeriod) {
            one.move(to: chip, &history)
            two.move(to: chip, &history)
            for dipole in 0..<MarkLayout.dipoleCount where one.current[dipole] != two.current[dipole] {
                let role = plan.roles[Int(chip) * MarkLayout.dipoleCount + dipole]
                #expect(role == .identity || role == .content)
                differing += 1
            }
        }
        let half = Double(MarkLayout.identityCellsPerPeriod + MarkLayout.contentCellsPerPeriod) / 2
        #expect(abs(Double(differing) - half) < 5 * half.squareRoot())
    }
}

/// The sign of any cell, looked up the slow way.
enum SignOracle {
    /// Signs of `chip` by dipole where the host has the given differences; without them content cells are open.
    static func row(_ seeds: MarkSeeds, chip: Int64, differences: UInt32? = 0) -> [Float] {
        let period = Int64((Double(chip) / Double(MarkLayout.chipsPerPeriod)).rounded(.down))
        let plane = plane(seeds, period: period, differences: differences)
        let start = Int(chip - period * Int64(MarkLayout.chipsPerPeriod)) * MarkLayout.dipoleCount
        return Array(plane[start..<start + MarkLayout.dipoleCount])
    }

    /// Signs of a period by cell.
    static func plane(_ seeds: MarkSeeds, period: Int64, differences: UInt32? = 0) -> [Float] {
        let plan = CellPlan(pilotSeed: seeds.shared.pilot)
        var plane = [Float](repeating: 0, count: MarkLayout.cellsPerPeriod)
        for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) { plane[Int(cell)] = Float(sign) }
        let nonce = UInt64(bitPattern: period)
        for (cells, seed) in [(plan.timelineCells, seeds.shared.timeline), (plan.identityCells, seeds.identity)] {
            let stream = ScalarChaCha.keystream(seed, nonce: nonce, count: cells.count / 8)
            for (index, cell) in cells.enumerated() {
                plane[Int(cell)] = stream[index / 8] >> UInt8(index % 8) & 1 == 1 ? -1 : 1
            }
        }
        guard let differences else { return plane }
        // Behind 448 bytes of identity signs a byte for every content cell, a bit of it for every word.
        let stream = ScalarChaCha.keystream(seeds.identity, nonce: nonce, count: 448 + 896)
        for (index, cell) in plan.contentCells.enumerated() {
            var word = 0
            for bit in 0..<3 where differences >> UInt32(plan.contentDifferences[3 * index + bit]) & 1 == 1 {
                word += 1 << bit
            }
            plane[Int(cell)] = stream[448 + index] >> UInt8(word) & 1 == 1 ? -1 : 1
        }
        return plane
    }
}
