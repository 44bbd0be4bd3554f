import EarmarkKernels
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

/// The visits of an alignment to meeting periods, by period in ascending order.
struct PeriodVisits {
    /// What a piece shows of a period.
    struct Visit {
        var period: Int64
        /// Index of the piece.
        var placed: Int
        /// The chips, as the piece counts them.
        var chips: Range<Int>
    }

    private var visits: [Visit] = []

    init(_ alignment: Alignment) {
        let size = MarkLayout.chipsPerPeriod
        for (index, placed) in alignment.placed.enumerated() {
            let chips = FeatureSampler.chips(of: placed.piece)
            guard !chips.isEmpty else { continue }
            let first = Int(floorDivide(Int64(chips.lowerBound), Int64(size)))
            let last = Int(floorDivide(Int64(chips.upperBound - 1), Int64(size)))
            for local in first...last {
                visits.append(
                    Visit(
                        period: placed.basePeriod + Int64(local), placed: index,
                        chips: chips.clamped(to: local * size..<(local + 1) * size)))
            }
        }
        visits.sort { ($0.period, $0.placed, $0.chips.lowerBound) < ($1.period, $1.placed, $1.chips.lowerBound) }
    }

    /// Number of meeting periods that the recording shows.
    var periodCount: Int { periods.count }

    /// The meeting periods that the recording shows, in order.
    var periods: [Int64] {
        var periods: [Int64] = []
        for visit in visits where visit.period != periods.last { periods.append(visit.period) }
        return periods
    }

    /// The visits to a period.
    func visits(to period: Int64) -> ArraySlice<Visit> {
        // They are in order.
        func first(_ isBehind: (Int64) -> Bool) -> Int {
            var (low, high) = (0, visits.count)
            while low < high {
                let middle = (low + high) / 2
                if isBehind(visits[middle].period) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        return visits[first { $0 >= period }..<first { $0 > period }]
    }

    /// Calls `body` with the visits to every `step`-th period.
    func forEachPeriod(step: Int = 1, _ body: (Int64, ArraySlice<Visit>) -> Void) {
        var index = 0
        var ordinal = 0
        while index < visits.count {
            let period = visits[index].period
            let end = visits[index...].firstIndex { $0.period != period } ?? visits.count
            if ordinal % step == 0 { body(period, visits[index..<end]) }
            ordinal += 1
            index = end
        }
    }
}

/// Gathers cells along an alignment, a meeting period at a time, in ascending order.
package struct CellCollector {
    private let alignment: Alignment
    private let features: FeatureMatrix
    private let visits: PeriodVisits

    package init(_ alignment: Alignment, _ features: FeatureMatrix) {
        self.alignment = alignment
        self.features = features
        visits = PeriodVisits(alignment)
    }

    /// Number of meeting periods that the recording shows.
    package var periodCount: Int { visits.periodCount }

    /// Calls `body` for the meeting periods that the recording shows, in order: every `step`-th of them.
    package func forEachPeriod(step: Int = 1, _ body: (borrowing PeriodCells) -> Void) {
        var cells = PeriodCells(period: 0, plane: .init(repeating: 0, count: MarkLayout.cellsPerPeriod))
        visits.forEachPeriod(step: step) { period, visits in
            cells.period = period
            for cell in cells.plane.indices { cells.plane[cell] = 0 }
            for visit in visits { add(visit, to: &cells.plane) }
            body(cells)
        }
    }

    /// The meeting periods that the recording shows, in order.
    var periods: [Int64] { visits.periods }

    /// Makes plane `index` of `planes` the cells of a period; all are 0 where the recording shows nothing of it.
    func fill(_ planes: inout [Float], plane index: Int, period: Int64) {
        let size = MarkLayout.cellsPerPeriod
        unsafe planes.withUnsafeMutableBufferPointer { planes in
            let plane = unsafe UnsafeMutableBufferPointer(rebasing: planes[index * size..<(index + 1) * size])
            unsafe plane.update(repeating: 0)
            for visit in visits.visits(to: period) { unsafe add(visit, to: plane) }
        }
    }

    private func add(_ visit: PeriodVisits.Visit, to plane: inout [Float]) {
        unsafe plane.withUnsafeMutableBufferPointer { unsafe add(visit, to: $0) }
    }

    private func add(_ visit: PeriodVisits.Visit, to plane: UnsafeMutableBufferPointer<Float>) {
        let piece = alignment.placed[visit.placed].piece
        let weights = alignment.dipoleWeights
        let first = visit.chips.lowerBound & (MarkLayout.chipsPerPeriod - 1)
        precondition(
            first + visit.chips.count <= MarkLayout.chipsPerPeriod && plane.count == MarkLayout.cellsPerPeriod
                && weights.count == ChipKernel.columns && FeatureMatrix.columns == ChipKernel.columns)
        let step = Double(FeatureLayout.framesPerChip)
        unsafe features.values.withUnsafeBufferPointer { values in
            guard let values = values.baseAddress, let cells = plane.baseAddress else { return }
            unsafe Kernels.addChips(
                values, frames: features.frames,
                centre: Double(visit.chips.lowerBound) * step + Double(FeatureLayout.chipCentre), step: step,
                line: (piece.middle, piece.offset, piece.slope), weights: weights,
                to: cells + first * MarkLayout.dipoleCount, count: visit.chips.count)
        }
    }
}
