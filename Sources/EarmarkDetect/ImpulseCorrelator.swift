import EarmarkMark

/// Correlates segments of features with a meeting's pilot by adding up, impulse by impulse: what `PilotCorrelator` does
/// with transforms, to within half a step of the features and in a third of the time.
///
/// For the search among hundreds of warps, which only compares. Offsets and units are those of `PilotCorrelator`.
struct ImpulseCorrelator {
    private typealias Lanes = SIMD8<Int16>
    private static let period = FeatureLayout.framesPerPeriod
    private static let size = PilotCorrelator.segmentFrames
    private static let vectors = size / Lanes.scalarCount

    /// A pilot cell: its dipole, the frame of its centre and its sign.
    private struct Impulse {
        var dipole: Int
        var frame: Int
        var isPositive: Bool
    }

    private let impulses: [Impulse]
    /// A segment's features, halved, last frame first, and their negatives; shape: 2 x dipoles x `vectors`.
    private var reversed: [SIMD8<Int16>]
    /// Sums by lag; the first `size` are lags below 0.
    private var sums: [Int16]

    init(plan: CellPlan) {
        impulses = zip(plan.pilotCells, plan.pilotSigns).map { cell, sign in
            let frame = FeatureLayout.framesPerChip * (Int(cell) / MarkLayout.dipoleCount) + FeatureLayout.chipCentre
            return Impulse(
                dipole: Int(cell) % MarkLayout.dipoleCount,
                frame: (frame + ImpulseCorrelator.period) % ImpulseCorrelator.period, isPositive: sign > 0)
        }
        reversed = .init(repeating: .zero, count: 2 * MarkLayout.dipoleCount * ImpulseCorrelator.vectors)
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
        let half = MarkLayout.dipoleCount * ImpulseCorrelator.vectors
        let last = (start + ImpulseCorrelator.size - 1) * FeatureMatrix.columns
        precondition(start >= 0 && last + FeatureMatrix.columns <= features.values.count)
        for dipole in 0..<MarkLayout.dipoleCount {
            for vector in 0..<ImpulseCorrelator.vectors {
                var lanes = Lanes.zero
                for lane in 0..<Lanes.scalarCount {
                    let back = (vector * Lanes.scalarCount + lane) * FeatureMatrix.columns
                    // Half a step, so that 448 cells of 127 fit sixteen bits.
                    lanes[lane] = Int16(features.values[last - back + dipole]) / 2
                }
                let place = dipole * ImpulseCorrelator.vectors + vector
                reversed[place] = lanes
                reversed[half + place] = 0 &- lanes
            }
        }
    }

    /// Adds the segment to the lags at which each impulse meets it: frame f meets frame p at lag p - f.
    private mutating func add() {
        let vectors = ImpulseCorrelator.vectors
        let half = MarkLayout.dipoleCount * vectors
        for index in sums.indices { sums[index] = 0 }
        precondition(sums.count == ImpulseCorrelator.period + ImpulseCorrelator.size && reversed.count == 2 * half)
        unsafe sums.withUnsafeMutableBytes { sums in
            unsafe reversed.withUnsafeBufferPointer { reversed in
                for impulse in impulses {
                    // The last frame of the segment comes first, at lag p - (size - 1).
                    let first = (impulse.frame + 1) * MemoryLayout<Int16>.stride
                    let row = impulse.dipole * vectors + (impulse.isPositive ? 0 : half)
                    for vector in 0..<vectors {
                        let place = first + vector * MemoryLayout<Lanes>.stride
                        let sum = unsafe sums.loadUnaligned(fromByteOffset: place, as: Lanes.self)
                        unsafe sums.storeBytes(of: sum &+ reversed[row + vector], toByteOffset: place, as: Lanes.self)
                    }
                }
            }
        }
    }
}
