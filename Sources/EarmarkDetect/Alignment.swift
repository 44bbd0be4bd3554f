import EarmarkMark

/// Where in the meeting each piece of a track lies, and what each dipole is worth; learnt without identity cells.
package struct Alignment: Sendable {
    /// A piece and the meeting period of its local period 0.
    package struct Placed: Sendable {
        package var piece: TrackPiece
        package var basePeriod: Int64

        /// Meeting frame, from the meeting's origin, that recording frame `frame` shows.
        func meetingFrame(_ frame: Double) -> Double {
            piece.meetingFrame(frame) + Double(basePeriod) * Double(FeatureLayout.framesPerPeriod)
        }
    }

    package var placed: [Placed]
    /// How the recording was warped; frames of the pieces count at the meeting's speed.
    package var warp = Warp.none
    /// Weight of each dipole in every sum.
    package var dipoleWeights: [Float]
    /// Pilot evidence of the track, standard deviations; the maximum over offsets has not been paid for.
    package var pilotScore: Double
    /// Sum of weighted features times pilot signs, per pilot cell visited.
    package var pilotMean: Double
    /// Timeline sum over its root of squares at the chosen periods.
    package var timelineZ: Double
    /// log10 bound on the timeline evidence after paying for every placement tried: proof that the mark is there.
    package var log10Presence: Double
    /// Cost of a time outside the meeting's schedule, natural log of the odds.
    package var timeCost = 0.0
}

/// Weighted features of one meeting period, every visit to a cell added up.
package struct PeriodCells: Sendable {
    package var period: Int64
    /// Values by cell.
    ///
    /// Count: `MarkLayout.cellsPerPeriod`.
    package var plane: [Float]
}

/// Gathers cells along an alignment, a meeting period at a time, in ascending order.
package struct CellCollector {
    private struct Visit {
        var period: Int64
        var placed: Int
        var localPeriod: Int
    }

    private let alignment: Alignment
    private let features: FeatureMatrix
    private var visits: [Visit] = []

    package init(_ alignment: Alignment, _ features: FeatureMatrix) {
        self.alignment = alignment
        self.features = features
        let size = MarkLayout.chipsPerPeriod
        for (index, placed) in alignment.placed.enumerated() {
            let chips = FeatureSampler.chips(of: placed.piece)
            guard !chips.isEmpty else { continue }
            let first = Int(floorDivide(Int64(chips.lowerBound), Int64(size)))
            let last = Int(floorDivide(Int64(chips.upperBound - 1), Int64(size)))
            for local in first...last {
                visits.append(Visit(period: placed.basePeriod + Int64(local), placed: index, localPeriod: local))
            }
        }
        visits.sort { ($0.period, $0.placed, $0.localPeriod) < ($1.period, $1.placed, $1.localPeriod) }
    }

    /// Number of meeting periods that the recording shows.
    package var periodCount: Int {
        visits.indices.reduce(0) { $0 + ($1 == 0 || visits[$1].period != visits[$1 - 1].period ? 1 : 0) }
    }

    /// Calls `body` for the meeting periods that the recording shows, in order: every `step`-th of them.
    package func forEachPeriod(step: Int = 1, _ body: (borrowing PeriodCells) -> Void) {
        var cells = PeriodCells(period: 0, plane: .init(repeating: 0, count: MarkLayout.cellsPerPeriod))
        var index = 0
        var ordinal = 0
        while index < visits.count {
            cells.period = visits[index].period
            ordinal += 1
            if (ordinal - 1) % step != 0 {
                while index < visits.count, visits[index].period == cells.period { index += 1 }
                continue
            }
            for cell in cells.plane.indices { cells.plane[cell] = 0 }
            while index < visits.count, visits[index].period == cells.period {
                add(visits[index], to: &cells.plane)
                index += 1
            }
            body(cells)
        }
    }

    private func add(_ visit: Visit, to plane: inout [Float]) {
        let piece = alignment.placed[visit.placed].piece
        let size = MarkLayout.chipsPerPeriod
        let period = visit.localPeriod * size..<(visit.localPeriod + 1) * size
        let chips = FeatureSampler.chips(of: piece).clamped(to: period)
        let weights = alignment.dipoleWeights
        FeatureSampler.forEachChip(piece, chips: chips, frames: features.frames) { chip, row, share in
            let base = (chip & (size - 1)) * MarkLayout.dipoleCount
            for dipole in 0..<MarkLayout.dipoleCount {
                plane[base + dipole] += weights[dipole] * FeatureSampler.value(features, row, share, dipole)
            }
        }
    }
}
