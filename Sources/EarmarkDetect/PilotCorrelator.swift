package import EarmarkDSP
package import EarmarkMark

/// Correlates segments of a recording's features with a meeting's pilot, over all offsets within a period.
///
/// Offset o means: recording frame f shows meeting frame f + o, modulo a period of 1,024 frames.
package struct PilotCorrelator {
    /// Frames in a segment (4.096 s): short against cuts and drift, long enough to carry 448 pilot cells.
    package static let segmentFrames = 256

    private let transform: any RealTransform
    /// Spectra of the pilot's impulses, one per dipole, interleaved.
    private let pilot: [[Float]]
    private var buffer: [Float]
    private var spectrum: [Float]
    private var sum: [Float]
    private var correlation: [Float]

    package init(plan: CellPlan, transforms: any TransformProvider) {
        let period = FeatureLayout.framesPerPeriod
        let transform = transforms.realTransform(length: period)
        self.transform = transform
        buffer = .init(repeating: 0, count: period)
        spectrum = .init(repeating: 0, count: period + 2)
        sum = spectrum
        correlation = buffer
        var impulses = [[Float]](
            repeating: .init(repeating: 0, count: period), count: MarkLayout.dipoleCount)
        for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) {
            let frame = FeatureLayout.framesPerChip * (Int(cell) / MarkLayout.dipoleCount) + FeatureLayout.chipCentre
            impulses[Int(cell) % MarkLayout.dipoleCount][(frame + period) % period] = Float(sign)
        }
        pilot = impulses.map { impulse in
            var bins = [Float](repeating: 0, count: period + 2)
            transform.forward(impulse, at: 0, into: &bins)
            return bins
        }
    }

    /// Correlation at all 1,024 offsets for every whole segment.
    ///
    /// Row-major; shape: segments x offsets.
    ///
    /// In units of two feature steps, so that the largest possible sum (448 cells of 127) fits sixteen bits.
    ///
    /// `window` names the segments to correlate, all by default.
    package mutating func correlate(_ features: FeatureMatrix, window: Range<Int>? = nil) -> [Int16] {
        let all = 0..<features.frames / PilotCorrelator.segmentFrames
        let window = window?.clamped(to: all) ?? all
        let segments = window.count
        let period = FeatureLayout.framesPerPeriod
        var rows = [Int16](repeating: 0, count: segments * period)
        for segment in 0..<segments {
            let start = (window.lowerBound + segment) * PilotCorrelator.segmentFrames
            correlateSegment(features, from: start)
            // The buffer began at frame `start`, so lag o' there is offset o' - start.
            let shift = start % period
            for lag in 0..<period {
                rows[segment * period + (lag - shift + period) % period] = Int16(correlation[lag].rounded())
            }
        }
        return rows
    }

    private mutating func correlateSegment(_ features: FeatureMatrix, from start: Int) {
        let period = FeatureLayout.framesPerPeriod
        for index in sum.indices { sum[index] = 0 }
        for dipole in 0..<MarkLayout.dipoleCount {
            for frame in 0..<PilotCorrelator.segmentFrames {
                buffer[frame] = Float(features.values[(start + frame) * FeatureMatrix.columns + dipole])
            }
            transform.forward(buffer, at: 0, into: &spectrum)
            PilotCorrelator.accumulate(spectrum, pilot[dipole], &sum)
        }
        transform.inverse(sum, into: &correlation)
        let scale = 0.5 / Float(period)
        for lag in 0..<period { correlation[lag] = min(max(correlation[lag] * scale, -32_000), 32_000) }
    }

    /// `sum += conj(a) * b`, interleaved complex numbers.
    static func accumulate(_ a: [Float], _ b: [Float], _ sum: inout [Float]) {
        for bin in 0..<sum.count / 2 {
            let re = 2 * bin
            let im = re + 1
            sum[re] += a[re] * b[re] + a[im] * b[im]
            sum[im] += a[re] * b[im] - a[im] * b[re]
        }
    }
}
