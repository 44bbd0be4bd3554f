import EarmarkDSP
import EarmarkKernels

/// The noise floor of every band: the 5 % quantile over time of its power, from a logarithmic histogram.
struct FloorEstimator {
    /// Quantile that is taken for the floor.
    private static let quantile = 0.05
    /// Histogram buckets are a sixteenth of an octave of power wide (0.19 dB).
    private static let shift: UInt32 = 19
    private static let buckets = 1 << (32 - 19 - 1)

    /// Floor of the chip-averaged power, a row of band powers.
    private(set) var plain = [SIMD8<Float>](repeating: .zero, count: BandAnalyzer.rowVectors)
    /// Floor of the same smoothed over three neighbouring bands.
    private(set) var smooth = [SIMD8<Float>](repeating: .zero, count: BandAnalyzer.rowVectors)

    private var histogram = [UInt32](repeating: 0, count: buckets)

    mutating func estimate(_ powers: [SIMD8<Float>], frames: Int) {
        let width = BandAnalyzer.rowVectors
        let valid = frames - (FeatureLayout.framesPerChip - 1)
        // Every other frame: neighbours share three quarters of their power.
        let samples = stride(from: 0, to: valid, by: 2)
        for vector in 0..<width {
            for lane in 0..<8 {
                if vector % FeatureLayout.rowVectors == 3 && lane >= 4 { continue }
                plain[vector][lane] =
                    quantile(samples) { frame in
                        let base = frame * width + vector
                        return powers[base][lane] + powers[base + width][lane] + powers[base + 2 * width][lane]
                            + powers[base + 3 * width][lane]
                    } * 0.25
            }
        }
        // The floor of the sum of three bands is close to the sum of the floors, and cheaper.
        precondition(min(plain.count, smooth.count) >= width)
        unsafe plain.withUnsafeBufferPointer { plain in
            unsafe smooth.withUnsafeMutableBufferPointer { smooth in
                guard let plain = plain.baseAddress, let smooth = smooth.baseAddress else { return }
                unsafe SmoothingKernel.smooth(plain, into: smooth)
            }
        }
    }

    private mutating func quantile(_ samples: StrideTo<Int>, _ value: (Int) -> Float) -> Float {
        for index in histogram.indices { histogram[index] = 0 }
        var count = 0
        for frame in samples {
            histogram[Int(value(frame).bitPattern >> FloorEstimator.shift) & (FloorEstimator.buckets - 1)] += 1
            count += 1
        }
        let rank = UInt32(Double(count) * FloorEstimator.quantile)
        var seen: UInt32 = 0
        for index in histogram.indices {
            seen += histogram[index]
            if seen > rank {
                return Float(bitPattern: UInt32(index) << FloorEstimator.shift | 1 << (FloorEstimator.shift - 1))
            }
        }
        return 0
    }
}
