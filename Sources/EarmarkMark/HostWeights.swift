internal import CMath

/// How much of the mark each dipole may carry now: little near the noise floor, all where there is speech.
///
/// Causal and slow: a band's power is smoothed over 20 ms, its floor follows at once downwards and 2 dB/s upwards. All
/// channels share one weight, from their summed power.
struct HostWeights {
    /// Weights by dipole, 0.25...1.
    private(set) var values: [Float]

    private var power: [Float]
    private var floor: [Float]
    private let smoothing: Float
    private let rise: Float

    /// Time constant of a band's power, seconds.
    private static let powerSeconds = 0.02
    /// Speed at which the floor rises, decibels a second: crosses a breath, does not climb a sentence.
    private static let riseRate = 2.0
    /// Weight at and below `quiet`, decibels over the floor; 1 at and above `loud`.
    private static let least: Float = 0.25
    private static let quiet: Float = 4
    private static let loud: Float = 10
    /// Least floor: -90 dBFS in a band is inaudible, and a floor that falls deeper in digital silence climbs back too late.
    private static let silence: Float = 1e-9

    /// `interval` is the time between updates, seconds.
    init(bandCount: Int, interval: Double) {
        values = .init(repeating: HostWeights.least, count: bandCount / 2)
        power = .init(repeating: 0, count: bandCount)
        floor = .init(repeating: HostWeights.silence, count: bandCount)
        smoothing = Float(1 - exp(-interval / HostWeights.powerSeconds))
        rise = Float(pow(10, HostWeights.riseRate * interval / 10))
    }

    mutating func update(_ bank: borrowing ResonatorBank) {
        for band in 0..<power.count {
            var now: Float = 0
            for channel in 0..<bank.channels {
                let slot = channel * bank.groupCount + band / 8
                let re = bank.stateRe[slot][band % 8]
                let im = bank.stateIm[slot][band % 8]
                now += re * re + im * im
            }
            power[band] += smoothing * (now - power[band])
            floor[band] = max(HostWeights.silence, min(floor[band] * rise, power[band]))
        }
        for dipole in 0..<values.count {
            let ratio = min(power[2 * dipole] / floor[2 * dipole], power[2 * dipole + 1] / floor[2 * dipole + 1])
            values[dipole] = HostWeights.weight(ratio)
        }
    }

    private static func weight(_ ratio: Float) -> Float {
        // Decibels from a power ratio, only where the ramp needs them.
        if ratio <= 2.511_886 { return least }
        if ratio >= 10 { return 1 }
        let decibels = 10 * log10f(ratio)
        return least + (1 - least) * (decibels - quiet) / (loud - quiet)
    }
}
