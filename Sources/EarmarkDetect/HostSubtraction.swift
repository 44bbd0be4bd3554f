import EarmarkDSP

/// Takes out of a chunk's level differences what a reference foretells of them.
///
/// In every dipole the residual is regressed on three forecasts from the reference's band powers: the level difference
/// itself, the same after the recording's gain and noise floor, and that with reverberation. Where noise or the room
/// hides the host, the coefficients are small and little is taken. Least squares over the chunk: three coefficients for
/// a thousand chips take next to nothing of the mark. No key is read.
struct HostSubtraction {
    private typealias Lanes = SIMD8<Float>
    private static let width = FeatureLayout.rowVectors
    private static let full = BandAnalyzer.rowVectors
    private static let forecasts = 3

    /// Mean over 5 % quantile of steady noise's chip-averaged band power: a chi-square of some 16 degrees of freedom.
    private static let meanOverFloor: Float = 2
    /// What is left of reverberation after a frame: an energy that halves in 70 ms, a reverberation time of 0.7 s.
    private static let decay: Float = 0.85
    /// Residuals and forecasts are taken for no larger than this in the regression, decibels.
    private static let largest: Float = 12
    /// Share of a forecast's variance that holds its coefficient down.
    private static let ridge: Float = 1e-3
    /// Keeps logarithms finite in digital silence; as in `FeatureKernels`.
    private static let leastPower: Float = 1e-20
    private static let decibelsPerOctave: Float = 3.010_299_957

    private var host: [SIMD8<Float>] = []
    private var raw = [[SIMD8<Float>]](repeating: [], count: forecasts)
    private var forecast = [[SIMD8<Float>]](repeating: [], count: forecasts)

    /// Subtracts from `residual`, whose first row is frame `first` of the recording; forecasts lose the local mean over
    /// `window` as `residual` did.
    mutating func subtract(
        _ track: HostTrack, from residual: inout [SIMD8<Float>], first: Int, valid: Int, powers: [SIMD8<Float>],
        floors: FloorEstimator, reliability: [SIMD8<Float>], over window: FeatureKernels.Window
    ) {
        let frames = valid + FeatureLayout.framesPerChip - 1
        host.removeAll(keepingCapacity: true)
        for frame in 0..<frames { track.appendRow(first + frame, to: &host) }
        let known = (0..<valid).map { track.isKnown(first + $0) }
        guard known.contains(true) else { return }
        makeForecasts(powers, floors, frames: frames, valid: valid, known)
        for index in 0..<HostSubtraction.forecasts {
            HostSubtraction.grow(&forecast[index], valid)
            FeatureKernels.removeLocalMean(
                of: raw[index], reliability: reliability, valid: valid, over: window, residual: &forecast[index])
        }
        for vector in 0..<HostSubtraction.width { regress(&residual, vector, valid, known, reliability) }
    }

    /// Level differences that the reference foretells, averaged over chips; zero where its place is not known.
    private mutating func makeForecasts(
        _ powers: [SIMD8<Float>], _ floors: FloorEstimator, frames: Int, valid: Int, _ known: [Bool]
    ) {
        let full = HostSubtraction.full
        let noise = floors.plain.map { $0 * HostSubtraction.meanOverFloor }
        var gains = [SIMD8<Float>](repeating: .zero, count: full)
        for vector in 0..<full {
            var heard = Lanes.zero
            var sent = Lanes(repeating: HostSubtraction.leastPower)
            for frame in 0..<valid where known[frame] {
                heard += (powers[frame * full + vector] - noise[vector]).greater(.zero)
                sent += host[frame * full + vector]
            }
            gains[vector] = heard / sent
        }
        var logs = [[SIMD8<Float>]](
            repeating: .init(repeating: .zero, count: frames * HostSubtraction.width),
            count: HostSubtraction.forecasts)
        var late = [SIMD8<Float>](repeating: .zero, count: full)
        for frame in 0..<frames {
            for vector in 0..<full {
                late[vector] =
                    late[vector] * HostSubtraction.decay
                    + host[frame * full + vector] * (1 - HostSubtraction.decay)
            }
            for vector in 0..<HostSubtraction.width {
                let even = frame * full + vector, odd = even + HostSubtraction.width
                let place = frame * HostSubtraction.width + vector
                let other = vector + HostSubtraction.width
                logs[0][place] = HostSubtraction.difference(host[even], host[odd])
                logs[1][place] = HostSubtraction.difference(
                    host[even] * gains[vector] + noise[vector], host[odd] * gains[other] + noise[other])
                logs[2][place] = HostSubtraction.difference(
                    late[vector] * gains[vector] + noise[vector], late[other] * gains[other] + noise[other])
            }
        }
        for index in 0..<HostSubtraction.forecasts { average(logs[index], valid, known, &raw[index]) }
    }

    @inline(__always)
    private static func difference(_ even: SIMD8<Float>, _ odd: SIMD8<Float>) -> SIMD8<Float> {
        ((even + leastPower).log2OfNormal - (odd + leastPower).log2OfNormal) * decibelsPerOctave
    }

    private func average(_ logs: [SIMD8<Float>], _ valid: Int, _ known: [Bool], _ output: inout [SIMD8<Float>]) {
        let width = HostSubtraction.width
        HostSubtraction.grow(&output, valid)
        for frame in 0..<valid {
            for vector in 0..<width {
                let base = frame * width + vector
                let sum = logs[base] + logs[base + width] + logs[base + 2 * width] + logs[base + 3 * width]
                output[base] = known[frame] ? sum * 0.25 : .zero
            }
        }
    }

    /// Least squares in the eight dipoles of a vector.
    private func regress(
        _ residual: inout [SIMD8<Float>], _ vector: Int, _ valid: Int, _ known: [Bool], _ reliability: [SIMD8<Float>]
    ) {
        let width = HostSubtraction.width
        var products = [Lanes](repeating: .zero, count: 9)
        var targets = [Lanes](repeating: .zero, count: 3)
        for frame in 0..<valid where known[frame] {
            let base = frame * width + vector
            let weight = reliability[base]
            let value = HostSubtraction.clipped(residual[base])
            for row in 0..<3 {
                let x = HostSubtraction.clipped(forecast[row][base]) * weight
                targets[row] += x * value
                for column in row..<3 {
                    products[3 * row + column] += x * HostSubtraction.clipped(forecast[column][base])
                }
            }
        }
        let coefficients = HostSubtraction.solve(products, targets)
        for frame in 0..<valid where known[frame] {
            let base = frame * width + vector
            for row in 0..<3 {
                residual[base] -= coefficients[row] * HostSubtraction.clipped(forecast[row][base])
            }
        }
    }

    @inline(__always)
    private static func clipped(_ value: SIMD8<Float>) -> SIMD8<Float> {
        value.greater(Lanes(repeating: -largest)).lesser(Lanes(repeating: largest))
    }

    /// Solves the symmetric 3 x 3 systems of all lanes by Cholesky's method.
    private static func solve(_ products: [SIMD8<Float>], _ targets: [SIMD8<Float>]) -> [SIMD8<Float>] {
        let least = Lanes(repeating: 1e-3)
        func held(_ index: Int) -> Lanes { products[index] * (1 + ridge) + least }
        let l00 = held(0).squareRoot()
        let l10 = products[1] / l00
        let l20 = products[2] / l00
        let l11 = (held(4) - l10 * l10).greater(least).squareRoot()
        let l21 = (products[5] - l20 * l10) / l11
        let l22 = (held(8) - l20 * l20 - l21 * l21).greater(least).squareRoot()
        let y0 = targets[0] / l00
        let y1 = (targets[1] - l10 * y0) / l11
        let y2 = (targets[2] - l20 * y0 - l21 * y1) / l22
        let x2 = y2 / l22
        let x1 = (y1 - l21 * x2) / l11
        let x0 = (y0 - l10 * x1 - l20 * x2) / l00
        return [x0, x1, x2]
    }

    private static func grow(_ array: inout [SIMD8<Float>], _ frames: Int) {
        let missing = frames * width - array.count
        if missing > 0 { array.append(contentsOf: repeatElement(.zero, count: missing)) }
    }
}
