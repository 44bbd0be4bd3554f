package import EarmarkMark

/// Signs that all clients share, chip by chip: what alignments are sharpened and weights are learnt by.
package struct ReferenceSigns: Sendable {
    /// Cells of each chip: dipoles and signs.
    ///
    /// `starts` has one entry more than there are chips.
    private(set) var dipoles: [Int32] = []
    private(set) var signs: [Float] = []
    private var starts: [Int] = [0]
    private let firstChip: Int
    private let isPeriodic: Bool

    /// The pilot, the same in every period.
    package init(pilotOf plan: CellPlan) {
        firstChip = 0
        isPeriodic = true
        append(cells: plan.pilotCells, signs: plan.pilotSigns.map(Float.init))
    }

    /// The timeline of `periods` of the meeting, for alignments whose chips count from the meeting's origin.
    package init(timelineOf plan: CellPlan, seed: Seed, periods: Range<Int64>) {
        firstChip = Int(periods.lowerBound) * MarkLayout.chipsPerPeriod
        isPeriodic = false
        let source = PeriodSigns(seed: seed)
        var bits = [UInt8](repeating: 0, count: MarkLayout.timelineCellsPerPeriod / 8)
        for period in periods {
            source.fill(&bits, period: period)
            append(
                cells: plan.timelineCells,
                signs: plan.timelineCells.indices.map { 1 - 2 * Float(bits[$0 >> 3] >> UInt8($0 & 7) & 1) })
        }
    }

    /// Indices into `dipoles` and `signs` of a chip's cells; empty where no sign is known.
    @inline(__always)
    package func cells(ofChip chip: Int) -> Range<Int> {
        let index = isPeriodic ? chip & (MarkLayout.chipsPerPeriod - 1) : chip - firstChip
        guard index >= 0, index + 1 < starts.count else { return 0..<0 }
        return starts[index]..<starts[index + 1]
    }

    /// Adds a period's cells, given in ascending order.
    private mutating func append(cells: [Int32], signs: [Float]) {
        var next = 0
        for chip in 0..<MarkLayout.chipsPerPeriod {
            while next < cells.count, Int(cells[next]) / MarkLayout.dipoleCount == chip {
                dipoles.append(cells[next] % Int32(MarkLayout.dipoleCount))
                self.signs.append(signs[next])
                next += 1
            }
            starts.append(dipoles.count)
        }
    }
}
