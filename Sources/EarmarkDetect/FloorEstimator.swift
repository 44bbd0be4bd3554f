import EarmarkDSP

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
        var row = plain
        BandSmoothing.apply(plain, 0, &row)
        smooth = row
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

/// Mean over three neighbouring bands in the even/odd row layout.
enum BandSmoothing {
    /// Smooths the row of band powers at `base` of `rows` into `output` (one row).
    @inline(__always)
    static func apply(_ rows: [SIMD8<Float>], _ base: Int, _ output: inout [SIMD8<Float>]) {
        let width = FeatureLayout.rowVectors
        let third: Float = 1 / 3
        for vector in 0..<width {
            let even = rows[base + vector]
            let odd = rows[base + width + vector]
            // Band 2p has neighbours 2p - 1 (odd p - 1) and 2p + 1 (odd p); band 2p + 1 has even p and p + 1.
            let before = vector > 0 ? rows[base + width + vector - 1][7] : even[0]
            let after: Float
            if vector < width - 1 { after = rows[base + vector + 1][0] } else { after = odd[3] }
            var oddBefore = SIMD8<Float>(before, odd[0], odd[1], odd[2], odd[3], odd[4], odd[5], odd[6])
            var evenAfter = SIMD8<Float>(even[1], even[2], even[3], even[4], even[5], even[6], even[7], after)
            if vector == width - 1 { evenAfter[3] = odd[3] }
            oddBefore = oddBefore + odd
            evenAfter = evenAfter + even
            output[vector] = (oddBefore + even) * third
            output[width + vector] = (evenAfter + odd) * third
        }
    }
}
