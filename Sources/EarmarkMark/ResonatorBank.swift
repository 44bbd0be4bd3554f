internal import CMath

/// The resonators of all channels, eight bands to a vector.
///
/// Each is run as the real two-pole w[i] = x[i] / rho^i + 2 cos(theta) w[i-1] - w[i-2], where i counts the samples of a
/// stretch: all bands have one radius, so growing the input within a stretch spares a multiplication for every band and
/// sample. The one-pole resonator is z = rho^i (w[i] - e^{-j theta} w[i-1]), so the real part of z, turned by any
/// phase, is two multiplications. Stretches, not blocks of the caller, are the unit: results do not depend on how a
/// stream is cut.
///
/// Owns raw memory, allocated once: arrays inside a struct cost a uniqueness and an exclusivity check per access, which
/// is four times the arithmetic here.
@safe struct ResonatorBank: ~Copyable {
    typealias Lanes = SIMD8<Float>

    /// Vectors of eight bands.
    let groupCount: Int
    let channels: Int
    let bandCount: Int
    /// Samples of a stretch, at whose end the growth is undone.
    let stretch: Int

    /// States below this are emptied: -250 dB of full scale or less, and their squares are still normal numbers.
    private static let least: Float = 1e-15
    /// Added to every power: far below any floor, and keeps what is computed from powers out of the denormal numbers.
    private static let leastPower: Float = 1e-20

    private let kernel: BankKernel
    /// cos(theta), sin(theta) and the scales of powers and amplitudes, by group.
    ///
    /// Then the weights of w[i] and w[i-1] in the output.
    private let cosines: UnsafeMutablePointer<Lanes>
    private let sines: UnsafeMutablePointer<Lanes>
    private let powerScales: UnsafeMutablePointer<Lanes>
    private let amplitudes: UnsafeMutablePointer<Lanes>
    private let leading: UnsafeMutablePointer<Lanes>
    private let trailing: UnsafeMutablePointer<Lanes>
    /// 2 cos(theta), and the two output weights times the gains now, by group.
    private let coefficients: UnsafeMutablePointer<Lanes>
    /// w[i-1] and w[i-2] as seen from the start of the stretch or the place within it.
    ///
    /// Shape: channels x groups x 2.
    private let states: UnsafeMutablePointer<Lanes>
    private let sums: UnsafeMutablePointer<Lanes>
    /// The input, grown.
    private let drive: UnsafeMutablePointer<Float>
    /// rho^-i and rho^i, i within a stretch.
    private let growth: UnsafeMutablePointer<Float>
    private let decay: UnsafeMutablePointer<Float>
    private let stretchDecay: Float

    init(design: ResonatorDesign, channels: Int, stretch: Int) {
        bandCount = design.bandCount
        groupCount = (design.bandCount + 7) / 8
        self.channels = channels
        self.stretch = stretch
        kernel = BankKernel()
        unsafe cosines = .zeroed(groupCount)
        unsafe sines = .zeroed(groupCount)
        unsafe powerScales = .zeroed(groupCount)
        unsafe amplitudes = .zeroed(groupCount)
        unsafe leading = .zeroed(groupCount)
        unsafe trailing = .zeroed(groupCount)
        unsafe coefficients = .zeroed(3 * groupCount)
        unsafe states = .zeroed(2 * groupCount * channels)
        unsafe sums = .zeroed(stretch + BankKernel.padding)
        unsafe drive = .silence(stretch)
        unsafe growth = .allocate(capacity: stretch)
        unsafe decay = .allocate(capacity: stretch)
        for index in 0..<stretch {
            unsafe (growth + index).initialize(to: Float(pow(design.radius, -Double(index))))
            unsafe (decay + index).initialize(to: Float(pow(design.radius, Double(index))))
        }
        stretchDecay = Float(pow(design.radius, Double(stretch)))
        for band in 0..<bandCount {
            let group = band / 8
            let lane = band % 8
            let angle = design.angles[band]
            let phase = design.phases[band]
            let scale = design.inputGain * design.inputScales[band] / design.radius
            unsafe coefficients[3 * group][lane] = Float(2 * cos(angle))
            unsafe cosines[group][lane] = Float(cos(angle))
            unsafe sines[group][lane] = Float(sin(angle))
            unsafe powerScales[group][lane] = Float(scale * scale)
            unsafe amplitudes[group][lane] = Float(scale)
            unsafe leading[group][lane] = Float(design.inputGain * design.outputScales[band] * cos(phase))
            unsafe trailing[group][lane] = Float(-design.inputGain * design.outputScales[band] * cos(phase - angle))
        }
    }

    deinit {
        unsafe cosines.deallocate()
        unsafe sines.deallocate()
        unsafe powerScales.deallocate()
        unsafe amplitudes.deallocate()
        unsafe leading.deallocate()
        unsafe trailing.deallocate()
        unsafe coefficients.deallocate()
        unsafe states.deallocate()
        unsafe sums.deallocate()
        unsafe drive.deallocate()
        unsafe growth.deallocate()
        unsafe decay.deallocate()
    }

    /// Squared magnitude of a group's resonators in a channel, between stretches.
    @inline(__always)
    func power(channel: Int, group: Int) -> Lanes {
        let slot = 2 * (channel * groupCount + group)
        let now = unsafe states[slot]
        let before = unsafe states[slot + 1]
        let re = unsafe now - cosines[group] * before
        let im = unsafe sines[group] * before
        return unsafe (re * re + im * im) * powerScales[group] + ResonatorBank.leastPower
    }

    /// Value of a group's resonators in a channel, between stretches.
    @inline(__always)
    func value(channel: Int, group: Int) -> (re: Lanes, im: Lanes) {
        let slot = 2 * (channel * groupCount + group)
        let now = unsafe states[slot]
        let before = unsafe states[slot + 1]
        return unsafe (
            (now - cosines[group] * before) * amplitudes[group], sines[group] * before * amplitudes[group]
        )
    }

    /// Empties a channel's resonators.
    mutating func flush(channel: Int) {
        unsafe (states + 2 * channel * groupCount).update(repeating: .zero, count: 2 * groupCount)
    }

    /// Makes a channel's resonators those of another.
    mutating func copy(channel: Int, to other: Int) {
        let count = 2 * groupCount
        unsafe (states + other * count).update(from: states + channel * count, count: count)
    }

    /// Empties resonators that have all but rung down, before they become denormal numbers, which are slow.
    mutating func settle() {
        for slot in 0..<2 * groupCount * channels {
            let state = unsafe states[slot]
            let isLow = (state .< ResonatorBank.least) .& (state .> -ResonatorBank.least)
            unsafe states[slot] = state.replacing(with: 0, where: isLow)
        }
    }

    /// Sets the gain of `group`'s bands.
    @inline(__always)
    mutating func setGain(_ gain: Lanes, group: Int) {
        unsafe coefficients[3 * group + 1] = gain * leading[group]
        unsafe coefficients[3 * group + 2] = gain * trailing[group]
    }

    /// Feeds samples `start..<start + count` of a stretch to a channel and writes the sum over bands of gain x output.
    ///
    /// `input` and `output` hold at least `count` samples.
    mutating func process(
        _ input: UnsafePointer<Float>, start: Int, count: Int, channel: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        precondition(start >= 0 && start + count <= stretch)
        // Between two samples of the resonators nothing happens, least of all at a stretch's end.
        guard count > 0 else { return }
        let slots = unsafe states + 2 * channel * groupCount
        unsafe kernel.run(
            input, growth: growth + start, decay: decay + start, count: count, coefficients: coefficients,
            states: slots, groups: groupCount, drive: drive, sums: sums, into: output)
        guard start + count == stretch else { return }
        for slot in 0..<2 * groupCount { unsafe slots[slot] *= stretchDecay }
    }
}

extension UnsafeMutablePointer where Pointee == SIMD8<Float> {
    /// Memory for `count` vectors of zeros.
    static func zeroed(_ count: Int) -> UnsafeMutablePointer {
        let memory = UnsafeMutablePointer.allocate(capacity: count)
        unsafe memory.initialize(repeating: .zero, count: count)
        return unsafe memory
    }
}
