/// How the host's last moments are read into the words that content cells depend on.
///
/// A *word* is three bits, each the sign of a difference between two neighbouring groups of bands: of how much louder
/// the upper one became than the lower one between two windows. Groups are made of whole dipoles, whose power the mark
/// does not change. docs/signal-design.md, "Content cells", has the measurements behind the numbers.
public enum ContentLayout {
    /// Bands of a group (500 Hz): two dipoles.
    public static let bandsPerGroup = 4
    /// Groups (14).
    public static let groupCount = MarkLayout.bandCount / bandsPerGroup
    /// Differences of neighbouring groups (13).
    public static let differenceCount = groupCount - 1
    /// Bits of a word: whoever copies a mark and reads words himself can keep one cell in eight.
    public static let bitsPerWord = 3
    /// Words (8), each with a sign of its own in every content cell.
    public static let wordCount = 1 << bitsPerWord
    /// Duration of each window, seconds.
    public static let windowSeconds = 0.128
    /// From the end of the earlier window to the end of the later one, seconds.
    public static let spacingSeconds = 0.256
    /// How far back the host decides, seconds.
    public static let memorySeconds = windowSeconds + spacingSeconds
    /// From the end of the later window to the beginning of the cell, in chips: when the gain begins to move.
    public static let leadChips = 0.3
}

/// The powers of the last windows, allocated once.
@safe struct ContentHistory: ~Copyable {
    typealias Lanes = SIMD8<Float>

    /// Powers of bands, the oldest at `next`.
    ///
    /// Shape: updates x `groupCount`.
    private let ring: UnsafeMutablePointer<Lanes>
    /// Real and imaginary parts of the resonators of one channel.
    private let real: UnsafeMutablePointer<Lanes>
    private let imaginary: UnsafeMutablePointer<Lanes>
    /// Sums over the two windows.
    private let early: UnsafeMutablePointer<Lanes>
    private let late: UnsafeMutablePointer<Lanes>
    /// Vectors of eight bands.
    private let groupCount: Int
    /// Updates in a window, and in both and what lies between.
    private let window: Int
    private let capacity: Int
    private var next = 0

    /// Added to the power of a group: keeps products of two within what single precision holds, and what is silent in
    /// both windows without a difference.
    private static let leastPower: Float = 1e-16

    /// `interval` is the time between updates, seconds.
    init(groupCount: Int, interval: Double) {
        self.groupCount = groupCount
        window = max(1, Int((ContentLayout.windowSeconds / interval).rounded()))
        capacity = window + max(1, Int((ContentLayout.spacingSeconds / interval).rounded()))
        unsafe ring = .zeroed(capacity * groupCount)
        unsafe real = .zeroed(groupCount)
        unsafe imaginary = .zeroed(groupCount)
        unsafe early = .zeroed(groupCount)
        unsafe late = .zeroed(groupCount)
    }

    deinit {
        unsafe ring.deallocate()
        unsafe real.deallocate()
        unsafe imaginary.deallocate()
        unsafe early.deallocate()
        unsafe late.deallocate()
    }

    /// Takes in the power of all bands, over all channels; a channel that `follows` has that of the first one.
    ///
    /// A resonator alone lets strong bands into weak ones far away. The second difference of neighbouring resonators,
    /// which weighs their common impulse response by a squared sine, falls by 18 dB an octave instead of 6.
    mutating func record(_ bank: borrowing ResonatorBank, follows: UnsafePointer<Bool>) {
        let powers = unsafe ring + next * groupCount
        unsafe powers.update(repeating: .zero, count: groupCount)
        var copies: Float = 1
        for channel in 1..<max(1, bank.channels) where unsafe follows[channel] { copies += 1 }
        for channel in 0..<bank.channels {
            if channel > 0, unsafe follows[channel] { continue }
            for group in 0..<groupCount {
                let value = bank.value(channel: channel, group: group)
                unsafe real[group] = value.re
                unsafe imaginary[group] = value.im
            }
            let weight = Lanes(repeating: channel == 0 ? copies : 1)
            for group in 0..<groupCount {
                let re = unsafe difference(real, group)
                let im = unsafe difference(imaginary, group)
                unsafe powers[group] += weight * (re * re + im * im)
            }
        }
        next = next + 1 == capacity ? 0 : next + 1
    }

    /// Second difference of the values of neighbouring bands; at the ends of the spectrum the first one.
    @inline(__always)
    private func difference(_ values: UnsafePointer<Lanes>, _ group: Int) -> Lanes {
        let here = unsafe values[group]
        let before = unsafe group > 0 ? values[group - 1][7] : here[0]
        let after = unsafe group + 1 < groupCount ? values[group + 1][0] : here[7]
        let below = Lanes(before, here[0], here[1], here[2], here[3], here[4], here[5], here[6])
        let above = Lanes(here[1], here[2], here[3], here[4], here[5], here[6], here[7], after)
        return (here - below) + (here - above)
    }

    /// Forgets what was heard, as if it had been silent: nothing of before a pause stands in the windows behind it.
    mutating func clear() { unsafe ring.update(repeating: .zero, count: capacity * groupCount) }

    /// The sign of every difference as of the last update: bit d is set where group d + 1 grew more than group d.
    mutating func differences() -> UInt32 {
        unsafe sum(from: 0, into: early)
        unsafe sum(from: capacity - window, into: late)
        var bits: UInt32 = 0
        for difference in 0..<ContentLayout.differenceCount {
            let grown = unsafe power(late, difference + 1) * power(early, difference)
            let waned = unsafe power(late, difference) * power(early, difference + 1)
            if grown > waned { bits |= 1 << UInt32(difference) }
        }
        return bits
    }

    /// Sums a window that begins `first` updates after the oldest one.
    private func sum(from first: Int, into sums: UnsafeMutablePointer<Lanes>) {
        unsafe sums.update(repeating: .zero, count: groupCount)
        var slot = next + first
        if slot >= capacity { slot -= capacity }
        for _ in 0..<window {
            for group in 0..<groupCount { unsafe sums[group] += ring[slot * groupCount + group] }
            slot = slot + 1 == capacity ? 0 : slot + 1
        }
    }

    /// Power of a group of four bands; of one beyond the bands in use, silence.
    private func power(_ sums: UnsafePointer<Lanes>, _ group: Int) -> Float {
        guard group / 2 < groupCount else { return ContentHistory.leastPower }
        let lanes = unsafe sums[group / 2]
        let half = group & 1 == 0 ? lanes.lowHalf : lanes.highHalf
        return (half[0] + half[1]) + (half[2] + half[3]) + ContentHistory.leastPower
    }
}
