import EarmarkDSP

/// What is local is taken out: first the mean of level differences, then their deviation.
extension FeatureKernels {
    /// The frames about each one over which local means are taken.
    struct Window {
        /// Frames to either side.
        var half: Int
        /// Weight with which an unreliable cell still counts.
        var leastWeight: Float
    }

    /// What makes normalised residuals robust to outliers.
    struct Limits {
        /// Residuals are taken for no larger than this in the deviation, square decibels.
        var largestSquare: Float
        /// Clip of the normalised residual.
        var clip: Float
    }

    /// `residual = difference - weighted mean over frame - half ... frame + half`.
    static func removeLocalMean(
        of difference: [SIMD8<Float>], reliability: [SIMD8<Float>], valid: Int, over window: Window,
        residual: inout [SIMD8<Float>]
    ) {
        let (half, leastWeight) = (window.half, window.leastWeight)
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
        _ residual: [SIMD8<Float>], reliability: [SIMD8<Float>], prominence: [SIMD8<Float>], valid: Int,
        over window: Window, limits: Limits, feature: inout [SIMD8<Float>], slope: inout [SIMD8<Float>]
    ) {
        let (half, leastWeight) = (window.half, window.leastWeight)
        var local = [SIMD8<Float>](repeating: .zero, count: valid * width)
        let cap = Lanes(repeating: limits.largestSquare)
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
        scale(
            residual, reliability: reliability, prominence: prominence, valid: valid,
            localVariance: local, globalVariance: global, clip: limits.clip, feature: &feature, slope: &slope)
    }

    /// Share of the local variance in the variance that normalises, the rest being the recording's: where noise fills a
    /// dipole its differences are small, and a purely local scale would blow them up.
    private static let localShare: Float = 0.25

    private static func scale(
        _ residual: [SIMD8<Float>], reliability: [SIMD8<Float>], prominence: [SIMD8<Float>], valid: Int,
        localVariance local: [SIMD8<Float>], globalVariance global: Float, clip: Float,
        feature: inout [SIMD8<Float>], slope: inout [SIMD8<Float>]
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
}
