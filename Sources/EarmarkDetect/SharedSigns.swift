package import EarmarkMark

/// Signs that all clients share, chip by chip: what alignments are sharpened and weights are learnt by.
package struct SharedSigns: Sendable {
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
        self.init(plan, cells: plan.timelineCells, seed: seed, periods: periods)
    }

    /// Pilot and timeline of `periods` of the meeting, for alignments whose chips count from the meeting's origin.
    package init(pilotAndTimelineOf plan: CellPlan, seed: Seed, periods: Range<Int64>) {
        self.init(plan, cells: (plan.pilotCells + plan.timelineCells).sorted(), seed: seed, periods: periods)
    }

    private init(_ plan: CellPlan, cells: [Int32], seed: Seed, periods: Range<Int64>) {
        firstChip = Int(periods.lowerBound) * MarkLayout.chipsPerPeriod
        isPeriodic = false
        let source = PeriodSigns(seed: seed)
        var bits = [UInt8](repeating: 0, count: MarkLayout.timelineCellsPerPeriod / 8)
        var plane = [Float](repeating: 0, count: MarkLayout.cellsPerPeriod)
        for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) { plane[Int(cell)] = Float(sign) }
        for period in periods {
            source.fill(&bits, period: period)
            for (index, cell) in plan.timelineCells.enumerated() {
                plane[Int(cell)] = 1 - 2 * Float(bits[index >> 3] >> UInt8(index & 7) & 1)
            }
            append(cells: cells, signs: cells.map { plane[Int($0)] })
        }
    }

    /// Indices into `dipoles` and `signs` of a chip's cells; empty where no sign is known.
    @inline(__always)
    package func cells(ofChip chip: Int) -> Range<Int> {
        let index = isPeriodic ? chip & (MarkLayout.chipsPerPeriod - 1) : chip - firstChip
        guard index >= 0, index + 1 < starts.count else { return 0..<0 }
        return starts[index]..<starts[index + 1]
    }

    /// Adds up a chip's cells, times their signs, in each of some rows of features; exact.
    func sum(ofChip chip: Int, _ features: FeatureMatrix, rows: Range<Int>, into sums: inout [Float]) {
        let columns = FeatureMatrix.columns
        precondition(
            rows.lowerBound >= 0 && rows.upperBound * columns <= features.values.count && rows.count <= sums.count)
        unsafe features.values.withUnsafeBufferPointer { values in
            unsafe sums.withUnsafeMutableBufferPointer { sums in
                for index in 0..<rows.count { unsafe sums[index] = 0 }
                for cell in cells(ofChip: chip) {
                    let sign = signs[cell]
                    let first = rows.lowerBound * columns + Int(dipoles[cell])
                    for index in 0..<rows.count {
                        unsafe sums[index] += sign * Float(values[first + index * columns])
                    }
                }
            }
        }
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
