import EarmarkMark

/// A source's identity signs and the pilot's, cell by cell, for one period at a time.
struct SourcePlane {
    private(set) var signs: [Int8]
    let isPilot: [Bool]
    private let plan: CellPlan
    private let source: PeriodSigns
    /// The client's own keystream in the period that was loaded.
    private(set) var bits = [UInt8](repeating: 0, count: MarkLayout.ownBytesPerPeriod)
    private var period: Int64?

    init(plan: CellPlan, signs source: PeriodSigns) {
        self.plan = plan
        self.source = source
        isPilot = plan.roles.map { $0 == .pilot }
        signs = .init(repeating: 0, count: MarkLayout.cellsPerPeriod)
        for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) { signs[Int(cell)] = sign }
    }

    mutating func load(period: Int64) {
        guard period != self.period else { return }
        source.fill(&bits, period: period)
        for (index, cell) in plan.identityCells.enumerated() {
            signs[Int(cell)] = 1 - 2 * Int8(bits[index >> 3] >> UInt8(index & 7) & 1)
        }
        self.period = period
    }
}
