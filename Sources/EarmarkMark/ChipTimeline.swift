/// Walks the chips of a meeting: the signs of the previous, the current and the next chip of every dipole.
///
/// A tag leaves cells that all clients share alone: their sign is 0.
///
/// Only moving into a new period computes a keystream; nothing is allocated after `init`.
struct ChipTimeline {
    /// Signs (+1, -1, or 0 for a cell that is left alone) by dipole.
    private(set) var previous = [Float](repeating: 1, count: MarkLayout.dipoleCount)
    private(set) var current = [Float](repeating: 1, count: MarkLayout.dipoleCount)
    private(set) var next = [Float](repeating: 1, count: MarkLayout.dipoleCount)
    /// The chip that `current` belongs to, counted from the meeting's origin.
    private(set) var chip: Int64 = .min

    /// Whether the content cells of `next` have their signs.
    private(set) var isNextDecided = false

    private let plan: CellPlan
    /// Places of each chip's first content cell among all of the period, and behind the last.
    private let contentStarts: [Int]
    private let timeline: PeriodSigns
    private let own: PeriodSigns
    private let marksShared: Bool
    private var timelineBits = [UInt8](repeating: 0, count: MarkLayout.timelineCellsPerPeriod / 8)
    /// Signs of identity cells; behind them for every content cell a byte, whose bit w is the sign for word w.
    private var ownBits = [UInt8](repeating: 0, count: MarkLayout.ownBytesPerPeriod)
    private var plane = [Float](repeating: 0, count: MarkLayout.cellsPerPeriod)
    private var planePeriod: Int64?

    init(seeds: MarkSeeds, role: MarkRole = .playout) {
        plan = CellPlan(pilotSeed: seeds.shared.pilot)
        contentStarts = plan.contentStarts
        timeline = PeriodSigns(seed: seeds.shared.timeline)
        own = PeriodSigns(seed: seeds.own(role))
        marksShared = role == .playout
        for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) where marksShared { plane[Int(cell)] = Float(sign) }
    }

    /// Makes `target` the current chip; content cells of which nothing was decided take the words of `history`.
    mutating func move(to target: Int64, _ history: inout ContentHistory) {
        if target == chip { return }
        if target == chip &+ 1 {
            if !isNextDecided { decideNext(history.differences()) }
            swap(&previous, &current)
            swap(&current, &next)
        } else {
            let differences = history.differences()
            load(target - 1)
            decideNext(differences)
            swap(&previous, &next)
            load(target)
            decideNext(differences)
            swap(&current, &next)
        }
        load(target + 1)
        chip = target
    }

    /// Gives the content cells of `next` their signs, by the host's differences now.
    mutating func decideNext(_ differences: UInt32) {
        isNextDecided = true
        guard marksShared else { return }
        let first = MarkLayout.identityCellsPerPeriod / 8
        for index in contentStarts[nextChip]..<contentStarts[nextChip + 1] {
            let word = plan.word(ofContentCell: index, differences: differences)
            next[Int(plan.contentCells[index]) % MarkLayout.dipoleCount] =
                1 - 2 * Float(ownBits[first + index] >> word & 1)
        }
    }

    /// Chip of its period that `next` belongs to.
    private var nextChip = 0

    /// Loads the signs of `chip` into `next`, those of content cells left open.
    private mutating func load(_ chip: Int64) {
        let period = floorDivide(chip, Int64(MarkLayout.chipsPerPeriod))
        if planePeriod != period { fillPlane(period) }
        nextChip = Int(chip - period * Int64(MarkLayout.chipsPerPeriod))
        let row = nextChip * MarkLayout.dipoleCount
        for dipole in 0..<MarkLayout.dipoleCount { next[dipole] = plane[row + dipole] }
        isNextDecided = false
    }

    private mutating func fillPlane(_ period: Int64) {
        own.fill(&ownBits, period: period)
        for index in 0..<plan.identityCells.count {
            plane[Int(plan.identityCells[index])] = sign(ownBits, index)
        }
        if marksShared {
            timeline.fill(&timelineBits, period: period)
            for index in 0..<plan.timelineCells.count {
                plane[Int(plan.timelineCells[index])] = sign(timelineBits, index)
            }
        }
        planePeriod = period
    }

    private func sign(_ bits: [UInt8], _ index: Int) -> Float {
        1 - 2 * Float(bits[index >> 3] >> UInt8(index & 7) & 1)
    }
}

/// Quotient rounded towards minus infinity.
@inline(__always)
package func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
