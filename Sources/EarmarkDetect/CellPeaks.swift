import EarmarkDSP

/// The loudest tenth of each dipole's cells.
///
/// Steady noise and rooms dilute a mark least where the speech that carries it is loudest. The echo of a loudspeaker in
/// a meeting is as weak there as anywhere: beside it stands the direct speech, unmarked or marked by somebody else. So
/// the mark's level at the peaks tells the two apart (docs/statistics.md). Reads powers alone, no key.
struct CellPeaks {
    /// Share of a dipole's cells that count as peaks, chunk by chunk.
    static let share = 0.1

    /// A frame's peaks: bit p for dipole p.
    private(set) var masks: [UInt32] = []
    private var loudness: [SIMD8<Float>] = []
    private var sample: [Float] = []

    /// `powers`: rows of `BandAnalyzer`; `valid` frames have a whole chip behind them.
    mutating func find(_ powers: [SIMD8<Float>], valid: Int) {
        let width = FeatureLayout.rowVectors
        measure(powers, valid)
        masks = .init(repeating: 0, count: valid)
        for vector in 0..<width {
            var limits = SIMD8<Float>(repeating: .infinity)
            for lane in 0..<(vector == width - 1 ? 4 : 8) { limits[lane] = limit(vector, lane, valid) }
            for frame in 0..<valid {
                let isPeak = loudness[frame * width + vector] .> limits
                var bits: UInt32 = 0
                for lane in 0..<8 where isPeak[lane] { bits |= 1 << UInt32(lane) }
                masks[frame] |= bits << UInt32(8 * vector)
            }
        }
    }

    /// Power of the louder band of each dipole over the chip that starts at each frame, times four.
    private mutating func measure(_ powers: [SIMD8<Float>], _ valid: Int) {
        let width = FeatureLayout.rowVectors
        let full = 2 * width
        if loudness.count < valid * width { loudness = .init(repeating: .zero, count: valid * width) }
        for frame in 0..<valid {
            for vector in 0..<width {
                var even = SIMD8<Float>.zero
                var odd = SIMD8<Float>.zero
                for part in 0..<FeatureLayout.framesPerChip {
                    even += powers[(frame + part) * full + vector]
                    odd += powers[(frame + part) * full + width + vector]
                }
                loudness[frame * width + vector] = even.greater(odd)
            }
        }
    }

    /// What a tenth of the dipole's cells lie above, by every fourth frame: the next three share most of their power.
    private mutating func limit(_ vector: Int, _ lane: Int, _ valid: Int) -> Float {
        sample.removeAll(keepingCapacity: true)
        for frame in stride(from: 0, to: valid, by: FeatureLayout.framesPerChip) {
            sample.append(loudness[frame * FeatureLayout.rowVectors + vector][lane])
        }
        return sample.select(min(sample.count - 1, Int(Double(sample.count) * (1 - CellPeaks.share))))
    }
}
