internal import CMath
import EarmarkDSP

/// How much of the mark each dipole may carry now: little near the noise floor, all where there is speech.
///
/// Causal and slow: a band's power is smoothed over 20 ms, its floor follows at once downwards and 2 dB/s upwards. All
/// channels share one weight, from their summed power.
@safe struct HostWeights: ~Copyable {
    typealias Lanes = SIMD8<Float>

    /// Weight by band, 0.25...1, equal for the two bands of a dipole.
    let values: UnsafeMutablePointer<Lanes>

    /// What content cells depend on.
    var history: ContentHistory

    private let groupCount: Int
    private let power: UnsafeMutablePointer<Lanes>
    private let floor: UnsafeMutablePointer<Lanes>
    private let smoothing: Float
    private let rise: Float

    /// Time constant of a band's power, seconds.
    private static let powerSeconds = 0.02
    /// Speed at which the floor rises, decibels a second: crosses a breath, does not climb a sentence.
    private static let riseRate = 2.0
    /// Weight at and below `quiet`; 1 at and above `loud`.
    private static let least: Float = 0.25
    /// Power over the floor up to which the weight is least: 4 dB.
    private static let quiet: Float = 2.511_886
    /// Power over the floor from which the weight is 1: 10 dB.
    ///
    /// Between, it is linear in decibels.
    private static let loud: Float = 10
    /// Least floor: -90 dBFS in a band is inaudible, and a floor that falls deeper in digital silence climbs back late.
    private static let silence: Float = 1e-9

    /// `interval` is the time between updates, seconds.
    init(groupCount: Int, interval: Double) {
        self.groupCount = groupCount
        history = ContentHistory(groupCount: groupCount, interval: interval)
        smoothing = Float(1 - exp(-interval / HostWeights.powerSeconds))
        rise = Float(pow(10, HostWeights.riseRate * interval / 10))
        unsafe values = .allocate(capacity: groupCount)
        unsafe power = .allocate(capacity: groupCount)
        unsafe floor = .allocate(capacity: groupCount)
        unsafe values.initialize(repeating: Lanes(repeating: HostWeights.least), count: groupCount)
        unsafe power.initialize(repeating: .zero, count: groupCount)
        unsafe floor.initialize(repeating: Lanes(repeating: HostWeights.silence), count: groupCount)
    }

    deinit {
        unsafe values.deallocate()
        unsafe power.deallocate()
        unsafe floor.deallocate()
    }

    /// Takes in the resonators' powers; a channel that `follows` has those of the first one.
    mutating func update(_ bank: borrowing ResonatorBank, follows: UnsafePointer<Bool>) {
        let silence = Lanes(repeating: HostWeights.silence)
        // The powers first, into the values' place: with the loop over channels inside, the rest would not be inlined.
        for group in 0..<groupCount {
            let first = bank.power(channel: 0, group: group)
            unsafe values[group] = first
            for channel in 1..<max(1, bank.channels) {
                unsafe values[group] += follows[channel] ? first : bank.power(channel: channel, group: group)
            }
        }
        unsafe history.record(bank, follows: follows)
        for group in 0..<groupCount {
            let now = unsafe values[group]
            let smoothed = unsafe power[group] + smoothing * (now - power[group])
            let lowest = unsafe (floor[group] * rise).lesser(smoothed).greater(silence)
            unsafe power[group] = smoothed
            unsafe floor[group] = lowest
            unsafe values[group] = HostWeights.weights(smoothed / lowest)
        }
    }

    /// Ramp over the weaker of each pair of bands.
    @inline(__always)
    private static func weights(_ ratio: Lanes) -> Lanes {
        let swapped = Lanes(ratio[1], ratio[0], ratio[3], ratio[2], ratio[5], ratio[4], ratio[7], ratio[6])
        let weaker = ratio.lesser(swapped).greater(Lanes(repeating: quiet)).lesser(Lanes(repeating: loud))
        // The ramp spans 6 dB: log2 of the ratio over `quiet`, divided by log2(loud / quiet).
        return least + (1 - least) * (weaker * (1 / quiet)).log2OfNormal * (1 / 1.993_157)
    }
}
