import EarmarkMark
import EarmarkTestSupport
import Testing

@Suite struct CellPlanTests {
    @Test func everyGroupOfEightHoldsTwoPilotsOneTimelineOneContentAndFourIdentities() {
        for number in 0..<6 as Range<UInt64> {
            let plan = CellPlan(pilotSeed: TestKeys.seed(number))
            for dipole in 0..<MarkLayout.dipoleCount {
                for group in stride(from: 0, to: MarkLayout.chipsPerPeriod, by: MarkLayout.chipsPerGroup) {
                    let roles = (0..<MarkLayout.chipsPerGroup).map {
                        plan.roles[(group + $0) * MarkLayout.dipoleCount + dipole]
                    }
                    #expect(roles.count { $0 == .pilot } == 2)
                    #expect(roles.count { $0 == .timeline } == 1)
                    #expect(roles.count { $0 == .content } == 1)
                    #expect(roles.count { $0 == .identity } == 4)
                }
            }
        }
    }

    @Test func listsAscendAndTogetherCoverThePlaneOnce() {
        let plan = CellPlan(pilotSeed: TestKeys.seed(7))
        for (list, role) in [
            (plan.pilotCells, CellRole.pilot), (plan.timelineCells, .timeline), (plan.identityCells, .identity),
            (plan.contentCells, .content),
        ] {
            #expect(zip(list, list.dropFirst()).allSatisfy { $0 < $1 })
            #expect(list.allSatisfy { plan.roles[Int($0)] == role })
        }
        let all = plan.pilotCells + plan.timelineCells + plan.identityCells + plan.contentCells
        #expect(all.sorted() == (0..<Int32(MarkLayout.cellsPerPeriod)).map { $0 })
        #expect(plan.pilotCells.count == MarkLayout.pilotCellsPerPeriod)
        #expect(plan.timelineCells.count == MarkLayout.timelineCellsPerPeriod)
        #expect(plan.identityCells.count == MarkLayout.identityCellsPerPeriod)
        #expect(plan.contentCells.count == MarkLayout.contentCellsPerPeriod)
        #expect(plan.pilotSigns.count == plan.pilotCells.count)
        #expect(plan.pilotSigns.allSatisfy { abs($0) == 1 })
    }

    /// Chi-square over the 840 deals.
    ///
    /// The seeds are fixed, so this fails by a change of code, never by luck.
    @Test func everyDealIsEquallyLikely() {
        var counts: [Int: Int] = [:]
        let plans = 96
        for number in 0..<plans {
            let plan = CellPlan(pilotSeed: TestKeys.seed(UInt64(100 + number)))
            for dipole in 0..<MarkLayout.dipoleCount {
                for group in stride(from: 0, to: MarkLayout.chipsPerPeriod, by: MarkLayout.chipsPerGroup) {
                    var deal = 0
                    for chip in group..<group + MarkLayout.chipsPerGroup {
                        deal = deal * 4 + Int(plan.roles[chip * MarkLayout.dipoleCount + dipole].rawValue)
                    }
                    counts[deal, default: 0] += 1
                }
            }
        }
        #expect(counts.count == 840)
        let expected = Double(plans * 896) / 840
        let chiSquare = counts.values.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // 839 degrees of freedom: mean 839, deviation 41; five deviations either way.
        #expect(chiSquare < 1_044)
        #expect(chiSquare > 634)
    }

    /// docs/signal-design.md, "Signs": three of 13 differences, each choice equally likely.
    @Test func everyContentCellDependsOnThreeDifferences() {
        var counts = [Int](repeating: 0, count: ContentLayout.differenceCount)
        for number in 0..<20 as Range<UInt64> {
            let chosen = CellPlan(pilotSeed: TestKeys.seed(300 + number)).contentDifferences
            #expect(chosen.count == 3 * MarkLayout.contentCellsPerPeriod)
            for first in stride(from: 0, to: chosen.count, by: 3) {
                #expect(chosen[first] < chosen[first + 1] && chosen[first + 1] < chosen[first + 2])
                for difference in chosen[first..<first + 3] { counts[Int(difference)] += 1 }
            }
        }
        // Each is one of three of 13: 4,135 of 17,920 cells, give or take 56; five deviations.
        #expect(counts.allSatisfy { abs($0 - 4_135) < 280 })
    }

    /// Bit d of the differences is the sign of difference d, and the cell's first difference is the word's lowest bit.
    @Test func wordsAreMadeOfTheCellsOwnDifferences() {
        let plan = CellPlan(pilotSeed: TestKeys.seed(7))
        for index in [0, 1, 17, 895] {
            let three = (0..<3).map { UInt32(plan.contentDifferences[3 * index + $0]) }
            for word in 0..<8 as Range<UInt8> {
                var differences: UInt32 = 0
                for bit in 0..<3 where word >> UInt8(bit) & 1 == 1 { differences |= UInt32(1) << three[bit] }
                #expect(plan.word(ofContentCell: index, differences: differences) == word)
                let others = ~three.reduce(UInt32(0)) { $0 | 1 << $1 }
                #expect(plan.word(ofContentCell: index, differences: differences | others) == word)
            }
        }
    }

    @Test func pilotSignsAreBalancedAndOfTheirOwnForEverySeed() {
        var sum = 0
        var agreements = 0
        let plans = (0..<16).map { CellPlan(pilotSeed: TestKeys.seed(UInt64(200 + $0))) }
        for (index, plan) in plans.enumerated() {
            sum += plan.pilotSigns.reduce(0) { $0 + Int($1) }
            let other = plans[(index + 1) % plans.count].pilotSigns
            agreements += zip(plan.pilotSigns, other).reduce(0) { $0 + Int($1.0) * Int($1.1) }
        }
        // Five standard deviations of 16 x 1,792 fair signs.
        let limit = Int(5 * Double(plans.count * MarkLayout.pilotCellsPerPeriod).squareRoot())
        #expect(abs(sum) < limit)
        #expect(abs(agreements) < limit)
    }

    @Test func differentSeedsDealDifferently() {
        let first = CellPlan(pilotSeed: TestKeys.seed(1))
        let second = CellPlan(pilotSeed: TestKeys.seed(2))
        let same = zip(first.roles, second.roles).count { $0 == $1 }
        // Independent deals agree in (2/8)^2 + 2 (1/8)^2 + (4/8)^2 = 34 % of the cells.
        #expect(abs(Double(same) / Double(MarkLayout.cellsPerPeriod) - 0.34375) < 0.03)
        #expect(first.pilotCells != second.pilotCells)
    }

    /// Golden values of Vectors/generate.py, which shares no code with the engine.
    ///
    /// A change here breaks every mark ever made.
    @Test func planOfAKnownSeedNeverChanges() throws {
        let plan = CellPlan(pilotSeed: try #require(Seed(bytes: Array(0..<32))))
        #expect(FNV1a.hash(plan.roles.map(\.rawValue)) == 0x5a2a_d418_99fe_b819)
        #expect(
            plan.roles.prefix(28).map(\.rawValue)
                == [0, 0, 0, 3, 2, 3, 1, 3, 0, 1, 2, 0, 2, 0, 1, 3, 2, 2, 2, 0, 3, 0, 0, 2, 2, 2, 2, 2])
        #expect(FNV1a.hash(plan.contentDifferences) == 0x7cc5_e764_6c7c_0239)
        #expect(plan.contentDifferences.prefix(6) == [3, 5, 10, 2, 5, 7])
        var packed = [UInt8](repeating: 0, count: plan.pilotSigns.count / 8)
        for (index, sign) in plan.pilotSigns.enumerated() where sign < 0 { packed[index / 8] |= 1 << UInt8(index % 8) }
        #expect(FNV1a.hash(packed) == 0xc783_6e2e_723c_a177)
    }
}

/// A short fingerprint of long golden values (Fowler, Noll, Vo; 64 bit, 1a).
enum FNV1a {
    static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
