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

    private let plan: CellPlan
    private let timeline: PeriodSigns
    private let own: PeriodSigns
    private let marksShared: Bool
    private var timelineBits = [UInt8](repeating: 0, count: MarkLayout.timelineCellsPerPeriod / 8)
    private var ownBits = [UInt8](repeating: 0, count: MarkLayout.identityCellsPerPeriod / 8)
    private var plane = [Float](repeating: 1, count: MarkLayout.cellsPerPeriod)
    private var planePeriod: Int64?

    init(seeds: MarkSeeds, role: MarkRole = .playout) {
        plan = CellPlan(pilotSeed: seeds.shared.pilot)
        timeline = PeriodSigns(seed: seeds.shared.timeline)
        own = PeriodSigns(seed: seeds.own(role))
        marksShared = role == .playout
        for cell in plan.timelineCells { plane[Int(cell)] = 0 }
        for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) {
            plane[Int(cell)] = marksShared ? Float(sign) : 0
        }
    }

    /// Makes `target` the current chip.
    mutating func move(to target: Int64) {
        if target == chip { return }
        if target == chip &+ 1 {
            swap(&previous, &current)
            swap(&current, &next)
        } else {
            let before = row(ofChip: target - 1)
            for dipole in 0..<MarkLayout.dipoleCount { previous[dipole] = plane[before + dipole] }
            let now = row(ofChip: target)
            for dipole in 0..<MarkLayout.dipoleCount { current[dipole] = plane[now + dipole] }
        }
        let after = row(ofChip: target + 1)
        for dipole in 0..<MarkLayout.dipoleCount { next[dipole] = plane[after + dipole] }
        chip = target
    }

    /// First cell of `chip` in the plane, which is filled with its period's signs if it holds another's.
    private mutating func row(ofChip chip: Int64) -> Int {
        let period = floorDivide(chip, Int64(MarkLayout.chipsPerPeriod))
        if planePeriod != period { fillPlane(period) }
        return Int(chip - period * Int64(MarkLayout.chipsPerPeriod)) * MarkLayout.dipoleCount
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
