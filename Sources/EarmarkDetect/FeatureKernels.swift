import EarmarkDSP

/// The inner loops of feature extraction: rows of four vectors of dipoles, frame after frame.
enum FeatureKernels {
    typealias Lanes = SIMD8<Float>
    /// Vectors in a row of dipoles.
    static let width = FeatureLayout.rowVectors
    /// A band counts as heard once it stands 2 dB over its floor.
    private static let floorMargin: Float = 1.584_893
    /// Keeps logarithms finite in digital silence; far below one step of 24 bits.
    private static let leastPower: Float = 1e-20
    /// Reliability of a band at its floor.
    ///
    /// The floor is a 5 % quantile, and where noise comes and goes (babble) what lies near it still tells something.
    /// Costs 2 % of z in steady noise, gains 3 % in rooms and babble.
    private static let leastReliability: Float = 0.1
    /// Decibels of a power ratio per octave.
    private static let decibelsPerOctave: Float = 3.010_299_957

    /// Weight of a chip's first and last frame beside the two in its middle, where the mark is whole.
    private static let outerFrame: Float = 0.6
    /// Square decibels by which a cell's level difference may vary within the chip before the cell counts for 0.7.
    ///
    /// Where a formant or a harmonic crosses from band to band the difference tells of that. After codec2 and AMR-NB z
    /// gains 3 and 1 %, in steady noise it loses 1.
    private static let steadySpread: Float = 33

    /// Level difference over a chip, how far both bands are heard, and how far the cell stands out and keeps still.
    ///
    /// `powers` are band powers of `valid` frames and three more; each output has room for `valid` rows.
    static func measure(
        powers: [SIMD8<Float>], valid: Int, floors: FloorEstimator, difference: inout [SIMD8<Float>],
        reliability: inout [SIMD8<Float>], prominence: inout [SIMD8<Float>]
    ) {
        let full = 2 * width
        let frames = valid + FeatureLayout.framesPerChip - 1
        var logs = [SIMD8<Float>](repeating: .zero, count: frames * width)
        for frame in 0..<frames {
            for vector in 0..<width {
                let even = powers[frame * full + vector] + leastPower
                let odd = powers[frame * full + width + vector] + leastPower
                logs[frame * width + vector] = (even.log2OfNormal - odd.log2OfNormal) * decibelsPerOctave
            }
        }
        let plainFloor = floors.plain.map { $0 * floorMargin + leastPower }
        let smoothFloor = floors.smooth.map { $0 * floorMargin + leastPower }
        var mean = [SIMD8<Float>](repeating: .zero, count: full)
        var smooth = mean
        var standing = CellProminence()
        for frame in 0..<valid {
            for vector in 0..<full {
                let base = frame * full + vector
                mean[vector] =
                    (powers[base] + powers[base + full] + powers[base + 2 * full] + powers[base + 3 * full]) * 0.25
            }
            BandSmoothing.apply(mean, 0, &smooth)
            standing.measure(mean, into: &prominence, at: frame * width)
            for vector in 0..<width {
                let base = frame * width + vector
                let chip = Chip(
                    first: logs[base], second: logs[base + width], third: logs[base + 2 * width],
                    fourth: logs[base + 3 * width])
                let level = chip.mean
                difference[base] = level
                prominence[base] *= 1 / (1 + chip.spread(level) * (1 / steadySpread)).squareRoot()
                let even = heard(mean[vector], plainFloor[vector]) * heard(smooth[vector], smoothFloor[vector])
                let odd =
                    heard(mean[width + vector], plainFloor[width + vector])
                    * heard(smooth[width + vector], smoothFloor[width + vector])
                reliability[base] = leastReliability + (1 - leastReliability) * even.lesser(odd).squareRoot()
            }
        }
    }

    /// Level differences of the four frames of a chip.
    private struct Chip {
        var first, second, third, fourth: SIMD8<Float>

        @inline(__always)
        var mean: SIMD8<Float> {
            (outerFrame * (first + fourth) + second + third) * (0.5 / (1 + outerFrame))
        }

        /// Mean square about `mean`.
        @inline(__always)
        func spread(_ mean: SIMD8<Float>) -> SIMD8<Float> {
            let (a, b, c, d) = (first - mean, second - mean, third - mean, fourth - mean)
            return (a * a + b * b + c * c + d * d) * 0.25
        }
    }

    /// Share of its power that the fainter band of a dipole has above the floor, from the dipole's reliability.
    @inline(__always)
    static func share(ofReliability reliability: SIMD8<Float>) -> SIMD8<Float> {
        let root = (reliability - leastReliability) * (1 / (1 - leastReliability))
        return root * root
    }

    /// 1 - floor / power, within 0...1.
    @inline(__always)
    private static func heard(_ power: SIMD8<Float>, _ floor: SIMD8<Float>) -> SIMD8<Float> {
        (1 - floor / (power + leastPower)).greater(.zero)
    }
}
