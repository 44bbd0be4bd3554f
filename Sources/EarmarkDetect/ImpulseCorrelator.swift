import EarmarkKernels
import EarmarkMark

/// Correlates segments of features with a meeting's pilot by adding up, impulse by impulse: what `PilotCorrelator` does
/// with transforms, to within half a step of the features and in a third of the time.
///
/// For the search among hundreds of warps, which only compares. Offsets and units are those of `PilotCorrelator`.
struct ImpulseCorrelator {
    private static let period = FeatureLayout.framesPerPeriod
    private static let size = PilotCorrelator.segmentFrames

    /// The pilot's cells: a row of `reversed`, by dipole and sign, and the sum of the lag at which the segment's last
    /// frame meets the cell's centre.
    private let impulses: [CorrelationKernel.Impulse]
    /// A segment's features, halved, last frame first, and their negatives; shape: 2 x dipoles x `size`.
    private var reversed: [Int16]
    /// Sums by lag; the first `size` are lags below 0.
    private var sums: [Int16]

    init(plan: CellPlan) {
        impulses = zip(plan.pilotCells, plan.pilotSigns).map { cell, sign in
            let frame = FeatureLayout.framesPerChip * (Int(cell) / MarkLayout.dipoleCount) + FeatureLayout.chipCentre
            let dipole = Int(cell) % MarkLayout.dipoleCount
            // Frame f meets frame p at lag p - f, and the last frame of the segment comes first, at p - (size - 1).
            return (
                row: Int32(sign > 0 ? dipole : MarkLayout.dipoleCount + dipole),
                first: Int32((frame + ImpulseCorrelator.period) % ImpulseCorrelator.period + 1)
            )
        }
        reversed = .init(repeating: 0, count: 2 * MarkLayout.dipoleCount * ImpulseCorrelator.size)
        sums = .init(repeating: 0, count: ImpulseCorrelator.period + ImpulseCorrelator.size)
    }

    /// Correlation at all offsets for every whole segment; shape: segments x offsets.
    mutating func correlate(_ features: FeatureMatrix) -> [Int16] {
        let period = ImpulseCorrelator.period
        let segments = features.frames / ImpulseCorrelator.size
        var rows = [Int16](repeating: 0, count: segments * period)
        for segment in 0..<segments {
            let start = segment * ImpulseCorrelator.size
            reverse(features, from: start)
            add()
            for lag in 0..<ImpulseCorrelator.size { sums[period + lag] &+= sums[lag] }
            // Lag o' in the segment is offset o' - start.
            let shift = start % period
            for lag in 0..<period {
                rows[segment * period + (lag - shift + period) & (period - 1)] = sums[ImpulseCorrelator.size + lag]
            }
        }
        return rows
    }

    private mutating func reverse(_ features: FeatureMatrix, from start: Int) {
        let size = ImpulseCorrelator.size
        let half = MarkLayout.dipoleCount * size
        let columns = FeatureMatrix.columns
        precondition(start >= 0 && (start + size) * columns <= features.values.count && reversed.count == 2 * half)
        unsafe features.values.withUnsafeBufferPointer { values in
            unsafe reversed.withUnsafeMutableBufferPointer { reversed in
                for dipole in 0..<MarkLayout.dipoleCount {
                    for frame in 0..<size {
                        // Half a step, so that 448 cells of 127 fit sixteen bits.
                        let value = unsafe Int16(values[(start + frame) * columns + dipole]) / 2
                        let place = dipole * size + size - 1 - frame
                        unsafe reversed[place] = value
                        unsafe reversed[half + place] = 0 &- value
                    }
                }
            }
        }
    }

    /// Adds the segment to the lags at which each impulse meets it.
    private mutating func add() {
        let (period, size) = (ImpulseCorrelator.period, ImpulseCorrelator.size)
        for index in sums.indices { sums[index] = 0 }
        precondition(sums.count == period + size && reversed.count == 2 * MarkLayout.dipoleCount * size)
        unsafe impulses.withUnsafeBufferPointer { impulses in
            unsafe Kernels.add(impulses, rows: reversed, length: size, to: &sums)
        }
    }
}
