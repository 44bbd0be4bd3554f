internal import CMath
import EarmarkDSP

/// Coefficients of the resonator bank at one sample rate, and the gain that makes its pattern come out at depth.
///
/// Band `b` is the complex one-pole `z <- z * rho * exp(i theta_b) + k * x`; its real part has unit gain at the centre.
struct ResonatorDesign {
    /// Half-width of a resonator, hertz: 0.4 of a band.
    ///
    /// Narrower delays the gain's edges, wider blurs the pattern.
    static let halfWidth = 0.4 * MarkLayout.bandWidth

    /// Number of bands in use, even.
    let bandCount: Int
    /// Pole radius.
    let radius: Double
    /// Input gain `2 (1 - rho)`.
    let inputGain: Double
    /// Pole angle of each band, radians per sample.
    let angles: [Double]

    init(sampleRate: Double) {
        bandCount = 2 * MarkLayout.usableDipoles(sampleRate: sampleRate)
        radius = exp(-2 * Double.pi * ResonatorDesign.halfWidth / sampleRate)
        inputGain = 2 * (1 - radius)
        angles = (0..<bandCount).map { 2 * Double.pi * MarkLayout.centre(ofBand: $0) / sampleRate }
    }

    /// Factor from a wanted depth in decibels to the linear gain of a resonator.
    ///
    /// Neighbouring resonators overlap, so the log gain that results is not the wanted pattern. This is `ln(10) / 20`
    /// over the projection of what results on what is wanted, averaged over random patterns.
    func gainPerDecibel(depths: [Double]) -> Double {
        guard bandCount > 0 else { return 0 }
        let naive = log(10) / 20
        let pointsPerBand = 5
        let responses = responseTable(pointsPerBand: pointsPerBand)
        var generator = SplitMix64(state: 1)
        var projection = 0.0
        var energy = 0.0
        // 24 patterns of 28 dipoles settle the mean to about 0.2 %.
        for _ in 0..<24 {
            var pattern = [Double](repeating: 0, count: bandCount)
            for dipole in 0..<bandCount / 2 {
                let sign = generator.next() & 1 == 0 ? 1.0 : -1.0
                pattern[2 * dipole] = sign * depths[2 * dipole]
                pattern[2 * dipole + 1] = -sign * depths[2 * dipole + 1]
            }
            for band in 0..<bandCount {
                energy += pattern[band] * pattern[band]
                for point in 0..<pointsPerBand {
                    let row = (band * pointsPerBand + point) * bandCount
                    var re = 1.0
                    var im = 0.0
                    for other in 0..<bandCount {
                        re += naive * pattern[other] * responses[row + other].re
                        im += naive * pattern[other] * responses[row + other].im
                    }
                    projection += pattern[band] * 10 * log10(re * re + im * im) / Double(pointsPerBand)
                }
            }
        }
        return naive * energy / projection
    }

    /// Response of each resonator's real part at points spread over each band.
    ///
    /// Shape: bands x points x resonators.
    private func responseTable(pointsPerBand: Int) -> [(re: Double, im: Double)] {
        let sampleRateScale = angles[0] / MarkLayout.centre(ofBand: 0)
        var table: [(re: Double, im: Double)] = []
        table.reserveCapacity(bandCount * pointsPerBand * bandCount)
        for band in 0..<bandCount {
            for point in 0..<pointsPerBand {
                let share = (Double(point) + 0.5) / Double(pointsPerBand)
                let frequency = MarkLayout.lowerEdge(ofBand: band) + share * MarkLayout.bandWidth
                for other in 0..<bandCount { table.append(response(of: other, at: frequency * sampleRateScale)) }
            }
        }
        return table
    }

    /// Response of `Re z` to a real input: half of the pole's and half of its mirror image's.
    private func response(of band: Int, at angle: Double) -> (re: Double, im: Double) {
        func pole(_ theta: Double) -> (Double, Double) {
            let re = 1 - radius * cos(theta - angle)
            let im = -radius * sin(theta - angle)
            let scale = inputGain / (re * re + im * im)
            return (re * scale, -im * scale)
        }
        let direct = pole(angles[band])
        let mirror = pole(-angles[band])
        return ((direct.0 + mirror.0) / 2, (direct.1 + mirror.1) / 2)
    }
}

/// A small deterministic generator (Steele, Lea, Flood 2014) for numerical averages and dither; never for secrets.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence at `state`.
    public init(state: UInt64) { self.state = state }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
