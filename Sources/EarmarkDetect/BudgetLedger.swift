/// What a run has taken of its budget; asked before anything is tested.
///
/// A call that throws takes nothing.
struct BudgetLedger {
    let budget: SearchBudget
    private var channels = 0
    private var warps = 0
    private var channelsWithoutPilot = 0

    init(_ budget: SearchBudget) { self.budget = budget }

    /// Throws if no channel is left; takes nothing.
    func requireChannel() throws(SearchBudget.Overrun) {
        try require(.channels, channels + 1, of: budget.channels)
    }

    /// Warps that are left.
    var warpsLeft: Int { budget.warps - warps }

    /// Takes a channel, or a warp of one, with what was found on it.
    ///
    /// Which of the two is said by whoever asks: the search for warps may well find that nothing was changed.
    mutating func take(_ located: Located, isWarp: Bool) throws(SearchBudget.Overrun) {
        try require(.alignments, located.alignments.count, of: budget.breadth.withPilot)
        try require(.times, located.furtherTimes.count, of: budget.breadth.times)
        if isWarp {
            try require(.warps, warps + 1, of: budget.warps)
            warps += 1
        } else {
            try requireChannel()
            channels += 1
        }
    }

    /// Takes a channel's part of the search without the pilot: as many alignments, and as many frames of the schedule.
    mutating func takeWithoutPilot(alignments: Int, placements: Int) throws(SearchBudget.Overrun) {
        try require(.alignmentsWithoutPilot, alignments, of: budget.breadth.pilotless)
        try require(.placements, placements, of: budget.placementsPerChannel)
        try require(.channelsWithoutPilot, channelsWithoutPilot + 1, of: budget.channels)
        channelsWithoutPilot += 1
    }

    private func require(_ item: SearchBudget.Overrun.Item, _ asked: Int, of planned: Int) throws(SearchBudget.Overrun)
    {
        guard asked <= planned else { throw .init(item: item, planned: planned, asked: asked) }
    }
}
