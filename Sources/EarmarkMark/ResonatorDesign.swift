internal import CMath
import EarmarkDSP

/// Coefficients of the resonator bank at one sample rate, and the gain that makes its pattern come out at depth.
///
/// Band `b` is the complex one-pole `z <- z * rho * exp(i theta_b) + k * x`, run at the rate that `RateChange` leaves.
/// What is added to the host is the real part of z turned by `phases[b]` and scaled by `outputScales[b]`, which at the
/// band's centre undo the delay and the loss of the rate change: there the mark has unit gain and the host's phase.
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
    /// Pole angle of each band, radians per sample of the resonators.
    let angles: [Double]
    /// The change of rate before and after the resonators.
    let rateChange: RateChange
    /// Phase by which each band's output leads, radians.
    let phases: [Double]
    /// Factor that undoes the loss of the rate change on the way in, by band.
    let inputScales: [Double]
    /// Factor that undoes it on both ways.
    let outputScales: [Double]

    init(sampleRate: Double) {
        let change = RateChange(sampleRate: sampleRate)
        let rate = sampleRate / Double(change.factor)
        let bands = 0..<(2 * MarkLayout.usableDipoles(sampleRate: sampleRate))
        let streamAngles = bands.map { 2 * Double.pi * MarkLayout.centre(ofBand: $0) / sampleRate }
        bandCount = bands.count
        radius = exp(-2 * Double.pi * ResonatorDesign.halfWidth / rate)
        inputGain = 2 * (1 - radius)
        angles = streamAngles.map { $0 * Double(change.factor) }
        rateChange = change
        phases = streamAngles.map { $0 * Double(change.delay) }
        inputScales = streamAngles.map { 1 / change.gain(at: $0) }
        outputScales = inputScales.map { $0 * $0 }
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
                let angle = frequency * sampleRateScale
                let streamAngle = angle / Double(rateChange.factor)
                let gain = rateChange.gain(at: streamAngle)
                let delay = streamAngle * Double(rateChange.delay)
                let both = (re: gain * gain * cos(delay), im: -gain * gain * sin(delay))
                for other in 0..<bandCount {
                    let alone = response(of: other, at: angle)
                    table.append(
                        (re: alone.re * both.re - alone.im * both.im, im: alone.re * both.im + alone.im * both.re))
                }
            }
        }
        return table
    }

    /// Response of a band's output to a real input, without the change of rate: half of the pole's and half of its
    /// mirror image's.
    private func response(of band: Int, at angle: Double) -> (re: Double, im: Double) {
        func pole(_ theta: Double, _ phase: Double) -> (Double, Double) {
            let re = 1 - radius * cos(theta - angle)
            let im = -radius * sin(theta - angle)
            let scale = inputGain * outputScales[band] / (re * re + im * im)
            return (
                (re * cos(phase) + im * sin(phase)) * scale, (re * sin(phase) - im * cos(phase)) * scale
            )
        }
        let direct = pole(angles[band], phases[band])
        let mirror = pole(-angles[band], -phases[band])
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
