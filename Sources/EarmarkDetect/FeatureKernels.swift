import EarmarkDSP

/// The inner loops of feature extraction: rows of four vectors of dipoles, frame after frame.
enum FeatureKernels {
    private typealias Lanes = SIMD8<Float>
    private static let width = FeatureLayout.rowVectors
    /// A band counts as heard once it stands 2 dB over its floor.
    private static let floorMargin: Float = 1.584_893
    /// Keeps logarithms finite in digital silence; far below one step of 24 bits.
    private static let leastPower: Float = 1e-20
    /// Reliability of a band at its floor.
    ///
    /// The floor is a 5 % quantile, and where noise comes and goes (babble) what lies near it still tells something. Costs 2 %
    /// of z in steady noise, gains 3 % in rooms and babble.
    private static let leastReliability: Float = 0.1
    /// Decibels of a power ratio per octave.
    private static let decibelsPerOctave: Float = 3.010_299_957

    /// Weight of a chip's first and last frame beside the two in its middle, where the mark is whole.
    private static let outerFrame: Float = 0.6
    /// Square decibels by which a cell's level difference may vary within the chip before the cell counts for 0.7.
    ///
    /// Where a formant or a harmonic crosses from band to band the difference tells of that. After codec2 and AMR-NB z gains 3 and 1 %, in
    /// steady noise it loses 1.
    private static let steadySpread: Float = 33

    /// Level difference over a chip, how far both bands are heard, and how far the cell stands out and keeps still.
    static func measure(
        _ powers: [SIMD8<Float>], _ valid: Int, _ floors: FloorEstimator, _ difference: inout [SIMD8<Float>],
        _ reliability: inout [SIMD8<Float>], _ prominence: inout [SIMD8<Float>]
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

    /// 1 - floor / power, within 0...1.
    @inline(__always)
    private static func heard(_ power: SIMD8<Float>, _ floor: SIMD8<Float>) -> SIMD8<Float> {
        (1 - floor / (power + leastPower)).greater(.zero)
    }

    /// `residual = difference - weighted mean over frame - half ... frame + half`.
    static func removeLocalMean(
        _ difference: [SIMD8<Float>], _ reliability: [SIMD8<Float>], _ valid: Int, half: Int, leastWeight: Float,
        _ residual: inout [SIMD8<Float>]
    ) {
        for vector in 0..<width {
            var sum = Lanes.zero
            var weight = Lanes.zero
            var head = 0
            var tail = 0
            for frame in 0..<valid {
                while head < min(valid, frame + half + 1) {
                    let w = reliability[head * width + vector] + leastWeight
                    sum += w * difference[head * width + vector]
                    weight += w
                    head += 1
                }
                while tail < frame - half {
                    let w = reliability[tail * width + vector] + leastWeight
                    sum -= w * difference[tail * width + vector]
                    weight -= w
                    tail += 1
                }
                residual[frame * width + vector] = difference[frame * width + vector] - sum / weight
            }
        }
    }

    /// `feature = Q R clip(e / s) / s`, scaled by the global deviation so that it lies within about +-1.7; R is the
    /// prominence.
    static func normalise(
        _ residual: [SIMD8<Float>], _ reliability: [SIMD8<Float>], _ prominence: [SIMD8<Float>], _ valid: Int,
        half: Int, leastWeight: Float, largestSquare: Float, clip: Float, _ feature: inout [SIMD8<Float>],
        _ slope: inout [SIMD8<Float>]
    ) {
        var local = [SIMD8<Float>](repeating: .zero, count: valid * width)
        let cap = Lanes(repeating: largestSquare)
        var total = 0.0
        var totalWeight = 0.0
        for vector in 0..<width {
            var sum = Lanes.zero
            var weight = Lanes.zero
            var head = 0
            var tail = 0
            for frame in 0..<valid {
                while head < min(valid, frame + half + 1) {
                    let w = reliability[head * width + vector] + leastWeight
                    let e = residual[head * width + vector]
                    sum += w * (e * e).lesser(cap)
                    weight += w
                    head += 1
                }
                while tail < frame - half {
                    let w = reliability[tail * width + vector] + leastWeight
                    let e = residual[tail * width + vector]
                    sum -= w * (e * e).lesser(cap)
                    weight -= w
                    tail += 1
                }
                local[frame * width + vector] = (sum / weight).greater(.zero)
                if frame % 16 == 0 {
                    let lanes = vector == width - 1 ? 4 : 8
                    for lane in 0..<lanes {
                        total += Double(sum[lane])
                        totalWeight += Double(weight[lane])
                    }
                }
            }
        }
        let global = Float(total / max(totalWeight, 1e-9)) + 1e-3
        scale(residual, reliability, prominence, valid, local, global: global, clip: clip, &feature, &slope)
    }

    /// Share of the local variance in the variance that normalises, the rest being the recording's: where noise fills a
    /// dipole its differences are small, and a purely local scale would blow them up.
    private static let localShare: Float = 0.25

    private static func scale(
        _ residual: [SIMD8<Float>], _ reliability: [SIMD8<Float>], _ prominence: [SIMD8<Float>], _ valid: Int,
        _ local: [SIMD8<Float>], global: Float, clip: Float,
        _ feature: inout [SIMD8<Float>], _ slope: inout [SIMD8<Float>]
    ) {
        let third: Float = 1 / 3
        let limit = Lanes(repeating: clip)
        let root = global.squareRoot()
        for frame in 0..<valid {
            for vector in 0..<width {
                let base = frame * width + vector
                let here = local[base]
                let before = vector > 0 ? local[base - 1][7] : here[0]
                let after = vector < width - 1 ? local[base + 1][0] : here[3]
                let left = Lanes(before, here[0], here[1], here[2], here[3], here[4], here[5], here[6])
                var right = Lanes(here[1], here[2], here[3], here[4], here[5], here[6], here[7], after)
                if vector == width - 1 { right[3] = here[3] }
                let variance = localShare * (left + here + right) * third + (1 - localShare) * global
                let inverse = 1 / variance.squareRoot()
                let normal = residual[base] * inverse
                let factor = reliability[base] * prominence[base] * inverse * root
                feature[base] = factor * normal.greater(-limit).lesser(limit)
                let moves = (normal .< limit) .& (normal .> -limit)
                slope[base] = (factor * inverse).replacing(with: Lanes.zero, where: .!moves)
            }
        }
    }

    /// Weight, in a cell's feature, of the same dipole a chip earlier and later: the host's correlation of 0.2 to 0.3, less the
    /// mark's own response of 0.1.
    private static let neighbourChip: Float = -0.13
    /// Weight of the dipoles beside, which sink by 0.1 (AAC) to 0.2 (vocoders) of what the mark raises.
    private static let neighbourDipole: Float = -0.1
    /// Weight of the dipoles two away, which sink by nothing (AAC) to 0.2 (codec2).
    private static let secondDipole: Float = -0.045

    /// Adds to every feature what the cells around it tell of its sign: a matched filter, whitened.
    ///
    /// A mark lowers the dipoles beside the one that it raises (edges of resonators and windows, outlines of vocoders), and the host moves
    /// from chip to chip and between formants. One filter for everything: docs/signal-design.md has the measurements.
    static func match(_ feature: [SIMD8<Float>], _ valid: Int, _ matched: inout [SIMD8<Float>]) {
        let chip = FeatureLayout.framesPerChip * width
        for frame in 0..<valid {
            for vector in 0..<width {
                let base = frame * width + vector
                let here = feature[base]
                let low = vector > 0 ? feature[base - 1] : .zero
                let high = vector < width - 1 ? feature[base + 1] : .zero
                let earlier = frame >= FeatureLayout.framesPerChip ? feature[base - chip] : .zero
                let later = frame + FeatureLayout.framesPerChip < valid ? feature[base + chip] : .zero
                let first =
                    Lanes(low[7], here[0], here[1], here[2], here[3], here[4], here[5], here[6])
                    + Lanes(here[1], here[2], here[3], here[4], here[5], here[6], here[7], high[0])
                let second =
                    Lanes(low[6], low[7], here[0], here[1], here[2], here[3], here[4], here[5])
                    + Lanes(here[2], here[3], here[4], here[5], here[6], here[7], high[0], high[1])
                matched[base] =
                    here + neighbourChip * (earlier + later) + neighbourDipole * first + secondDipole * second
            }
        }
    }
}
