internal import CMath

/// The resonators of all channels, eight bands to a vector.
///
/// Owns raw memory, allocated once: arrays inside a struct cost a uniqueness and an exclusivity check per access, which
/// is four times the arithmetic here.
@safe struct ResonatorBank: ~Copyable {
    typealias Lanes = SIMD8<Float>

    /// Longest block that `process` takes, frames: an update interval at the highest rate.
    static let longestBlock = 64

    /// Vectors of eight bands.
    let groupCount: Int
    let channels: Int
    let bandCount: Int
    private let inputGain: Float
    /// Pole, real and imaginary part, by group.
    private let poles: UnsafeMutablePointer<Lanes>
    /// State, real and imaginary part interleaved.
    ///
    /// Shape: channels x groups x 2.
    private let states: UnsafeMutablePointer<Lanes>
    private let sums: UnsafeMutablePointer<Lanes>

    init(design: ResonatorDesign, channels: Int) {
        bandCount = design.bandCount
        groupCount = (design.bandCount + 7) / 8
        self.channels = channels
        inputGain = Float(design.inputGain)
        unsafe poles = .allocate(capacity: 2 * groupCount)
        unsafe poles.initialize(repeating: .zero, count: 2 * groupCount)
        unsafe states = .allocate(capacity: 2 * groupCount * channels)
        unsafe states.initialize(repeating: .zero, count: 2 * groupCount * channels)
        unsafe sums = .allocate(capacity: ResonatorBank.longestBlock)
        unsafe sums.initialize(repeating: .zero, count: ResonatorBank.longestBlock)
        for band in 0..<bandCount {
            unsafe poles[band / 8 * 2][band % 8] = Float(design.radius * cos(design.angles[band]))
            unsafe poles[band / 8 * 2 + 1][band % 8] = Float(design.radius * sin(design.angles[band]))
        }
    }

    deinit {
        unsafe poles.deallocate()
        unsafe states.deallocate()
        unsafe sums.deallocate()
    }

    /// Squared magnitude of a group's states in a channel.
    @inline(__always)
    func power(channel: Int, group: Int) -> Lanes {
        let slot = 2 * (channel * groupCount + group)
        let re = unsafe states[slot]
        let im = unsafe states[slot + 1]
        return re * re + im * im
    }

    /// Empties a channel's resonators.
    mutating func flush(channel: Int) {
        unsafe (states + 2 * channel * groupCount).update(repeating: .zero, count: 2 * groupCount)
    }

    /// Feeds `count` samples to a channel and writes the sum over bands of gain x real part.
    ///
    /// `input` and `output` hold at least `count` samples, `gains` one vector a group.
    mutating func process(
        _ input: UnsafePointer<Float>, count: Int, channel: Int, gains: UnsafePointer<Lanes>,
        into output: UnsafeMutablePointer<Float>
    ) {
        precondition(count <= ResonatorBank.longestBlock)
        let sums = unsafe self.sums
        let slots = unsafe states + 2 * channel * groupCount
        for index in 0..<count { unsafe sums[index] = .zero }
        // Two groups side by side: one alone waits for its own recursion most of the time.
        var group = 0
        while group + 1 < groupCount {
            var first = unsafe Recursion(poles + 2 * group, slots + 2 * group, gains[group])
            var second = unsafe Recursion(poles + 2 * group + 2, slots + 2 * group + 2, gains[group + 1])
            for index in 0..<count {
                let drive = unsafe Lanes(repeating: input[index] * inputGain)
                unsafe sums[index] += first.step(drive) + second.step(drive)
            }
            unsafe first.save(slots + 2 * group)
            unsafe second.save(slots + 2 * group + 2)
            group += 2
        }
        if group < groupCount {
            var last = unsafe Recursion(poles + 2 * group, slots + 2 * group, gains[group])
            for index in 0..<count {
                unsafe sums[index] += last.step(Lanes(repeating: input[index] * inputGain))
            }
            unsafe last.save(slots + 2 * group)
        }
        for index in 0..<count {
            // Halves, not even and odd lanes as in sum(): no shuffles until the last step.
            let four = unsafe sums[index].lowHalf + sums[index].highHalf
            let two = four.lowHalf + four.highHalf
            unsafe output[index] = two[0] + two[1]
        }
    }

    /// One group's resonators while a block runs, in registers.
    private struct Recursion {
        private let poleRe: Lanes
        private let poleIm: Lanes
        private let gain: Lanes
        private var re: Lanes
        private var im: Lanes

        @inline(__always)
        init(_ pole: UnsafePointer<Lanes>, _ state: UnsafePointer<Lanes>, _ gain: Lanes) {
            unsafe poleRe = pole[0]
            unsafe poleIm = pole[1]
            unsafe re = state[0]
            unsafe im = state[1]
            self.gain = gain
        }

        @inline(__always)
        mutating func step(_ drive: Lanes) -> Lanes {
            let turned = (re * poleRe + drive) - im * poleIm
            im = re * poleIm + im * poleRe
            re = turned
            return gain * re
        }

        @inline(__always)
        func save(_ state: UnsafeMutablePointer<Lanes>) {
            unsafe state[0] = re
            unsafe state[1] = im
        }
    }
}
