/// One channel's way from samples to mark: samples fit for filters, down to the resonators' rate, and back up.
///
/// A *span* is what is processed at a time, at most `longestSpan` frames of the stream. Memory is allocated once.
@safe struct ChannelLine: ~Copyable {
    /// Consecutive zero samples so far.
    private(set) var zeroRun: Int64 = 0
    /// The filters hold nothing, and nothing but zeros came since.
    private(set) var isEmpty = true
    /// Frames that carry the mark.
    private(set) var framesMarked: Int64 = 0
    /// Frames left alone as silence: from the second zero in a row on.
    private(set) var framesSilent: Int64 = 0

    /// What the resonators read in this span, and where they write the mark: at their own rate, from index 0.
    let low: UnsafeMutablePointer<Float>
    var lowMark: UnsafeMutablePointer<Float> { unsafe marks + RateChange.tapsPerPhase }

    private let longestSpan: Int
    private let factor: Int
    /// Share of the mark that full scale left room for, 0...1.
    private var headroom: Float = 1
    private let recovery: Float
    /// Samples before the span, then those of the span.
    private let samples: UnsafeMutablePointer<Float>
    /// The mark at the resonators' rate, the same way.
    private let marks: UnsafeMutablePointer<Float>
    /// The mark at the stream's rate.
    private let mark: UnsafeMutablePointer<Float>
    /// Impulse response of the way down, and of the way up phase by phase.
    private let taps: UnsafeMutablePointer<Float>
    private let tapCount: Int
    private let phases: UnsafeMutablePointer<Float>

    /// Vectors may run past a span's end by this much.
    private static let padding = 8
    /// Samples larger than this are not sound, and smaller ones become denormal numbers in a filter.
    private static let largest: Float = 1e6
    private static let smallest: Float = 1e-20
    /// The mark counts as wholly back from here on.
    private static let fullHeadroom: Float = 0.999

    /// `recovery` is the share of the missing mark that comes back each frame.
    init(rateChange: RateChange, longestSpan: Int, recovery: Float) {
        self.longestSpan = longestSpan
        self.recovery = recovery
        factor = rateChange.factor
        tapCount = rateChange.taps.count
        let history = tapCount - 1
        unsafe samples = .silence(history + longestSpan + ChannelLine.padding)
        unsafe low = .silence(longestSpan + ChannelLine.padding)
        unsafe marks = .silence(RateChange.tapsPerPhase + longestSpan + ChannelLine.padding)
        unsafe mark = .silence(longestSpan + factor * ChannelLine.padding)
        unsafe taps = .silence(tapCount)
        unsafe phases = .silence(factor * RateChange.tapsPerPhase)
        for index in 0..<tapCount {
            unsafe taps[index] = Float(rateChange.taps[index])
            // Of `factor` frames one carries a sample, so each weighs that much more.
            let phase = index % factor * RateChange.tapsPerPhase
            unsafe phases[phase + index / factor] = Float(rateChange.taps[index] * Double(factor))
        }
    }

    deinit {
        unsafe samples.deallocate()
        unsafe low.deallocate()
        unsafe marks.deallocate()
        unsafe mark.deallocate()
        unsafe taps.deallocate()
        unsafe phases.deallocate()
    }

    /// Forgets all filters' pasts.
    mutating func flush() {
        unsafe samples.update(repeating: 0, count: tapCount - 1)
        unsafe marks.update(repeating: 0, count: RateChange.tapsPerPhase)
        isEmpty = true
    }

    /// Takes in a span; false if there is nothing to do because empty filters and zeros make zeros.
    ///
    /// - Parameters:
    ///   - input: this channel's first sample; the next is `stride` further.
    ///   - phase: frames since the last one that the resonators have a sample for, below `factor`.
    mutating func load(_ input: UnsafePointer<Float>, stride: Int, count: Int, phase: Int) -> Bool {
        precondition(count <= longestSpan)
        let span = unsafe samples + tapCount - 1
        let isSilent: Bool
        switch stride {
        case 1: isSilent = unsafe ChannelLine.gather(input, 1, count, into: span)
        case 2: isSilent = unsafe ChannelLine.gather(input, 2, count, into: span)
        default: isSilent = unsafe ChannelLine.gather(input, stride, count, into: span)
        }
        if isEmpty && isSilent {
            framesSilent += Int64(count) - (zeroRun == 0 ? 1 : 0)
            zeroRun += Int64(count)
            return false
        }
        isEmpty = false
        if factor == 1 {
            unsafe low.update(from: span, count: count)
        } else {
            reduce(count, phase)
        }
        return true
    }

    /// Copies what filters may see, zeros in place of the rest; true if all samples are zeros.
    @inline(__always)
    private static func gather(
        _ input: UnsafePointer<Float>, _ stride: Int, _ count: Int, into span: UnsafeMutablePointer<Float>
    ) -> Bool {
        var seen: UInt32 = 0
        for index in 0..<count {
            let x = unsafe input[index * stride]
            let isUsable = abs(x) < largest && abs(x) > smallest
            unsafe span[index] = isUsable ? x : 0
            // Without its sign: -0 is a zero.
            seen |= x.bitPattern << 1
        }
        return seen == 0
    }

    /// Low-pass and every `factor`-th sample.
    private mutating func reduce(_ count: Int, _ phase: Int) {
        // The first frame with a sample; the newest tap lies on it.
        let first = phase == 0 ? 0 : factor - phase
        let history = tapCount - 1
        for output in 0..<ChannelLine.samples(count: count, phase: phase, factor: factor) {
            let start = unsafe samples + first + output * factor
            var sum: Float = 0
            var tap = 0
            var lanes = SIMD8<Float>.zero
            while tap + 8 <= tapCount {
                lanes += unsafe ChannelLine.eight(start + tap) * ChannelLine.eight(taps + tap)
                tap += 8
            }
            while tap < tapCount {
                sum += unsafe start[tap] * taps[tap]
                tap += 1
            }
            let four = lanes.lowHalf + lanes.highHalf
            let two = four.lowHalf + four.highHalf
            unsafe low[output] = two[0] + two[1] + sum
        }
        unsafe samples.update(from: samples + count, count: history)
    }

    /// Samples of the resonators in a span.
    @inline(__always)
    static func samples(count: Int, phase: Int, factor: Int) -> Int {
        (count + phase + factor - 1) / factor - (phase + factor - 1) / factor
    }

    @inline(__always)
    private static func eight(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
        unsafe UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    }

    /// Adds the mark that lies in `lowMark` to the span's samples in place.
    mutating func finish(_ output: UnsafeMutablePointer<Float>, stride: Int, count: Int, phase: Int) {
        if factor > 1 { interpolate(count, phase) }
        let source = unsafe factor > 1 ? mark : lowMark
        switch stride {
        case 1: unsafe add(source, to: output, 1, count)
        case 2: unsafe add(source, to: output, 2, count)
        default: unsafe add(source, to: output, stride, count)
        }
    }

    private mutating func interpolate(_ count: Int, _ phase: Int) {
        let taps = RateChange.tapsPerPhase
        let fresh = ChannelLine.samples(count: count, phase: phase, factor: factor)
        // Index of the newest sample at the first frame of the span.
        let base = phase == 0 ? taps : taps - 1
        for step in 0..<factor {
            // Frames of this step: `step` past a frame that has a sample.
            let first = step >= phase ? step - phase : step + factor - phase
            let newest = base + (first + phase) / factor
            var frame = first
            var index = 0
            let weights = unsafe phases + step * taps
            while frame < count {
                var sum = SIMD8<Float>.zero
                for tap in 0..<taps {
                    sum += unsafe weights[tap] * ChannelLine.eight(marks + newest + index - tap)
                }
                for lane in 0..<8 { unsafe mark[frame + lane * factor] = sum[lane] }
                frame += 8 * factor
                index += 8
            }
        }
        unsafe marks.update(from: marks + fresh, count: taps)
    }

    @inline(__always)
    private mutating func add(
        _ mark: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, _ stride: Int, _ count: Int
    ) {
        var index = 0
        while index < count {
            let end = min(index + 8, count)
            if unsafe headroom < 1 || end - index < 8 || !plain(mark, output, stride, index) {
                for sample in index..<end { unsafe addCarefully(mark[sample], to: &output[sample * stride]) }
            } else {
                for sample in index..<end { unsafe output[sample * stride] += mark[sample] }
                zeroRun = 0
                framesMarked += 8
            }
            index = end
        }
    }

    /// Whether eight samples are neither zero nor damaged, and their sums with the mark within full scale.
    @inline(__always)
    private func plain(
        _ mark: UnsafePointer<Float>, _ output: UnsafePointer<Float>, _ stride: Int, _ start: Int
    ) -> Bool {
        var isPlain: UInt32 = 1
        for index in start..<start + 8 {
            let x = unsafe output[index * stride]
            let fits = unsafe x != 0 && mark[index] != 0 && abs(x + mark[index]) <= 1
            isPlain &= fits ? 1 : 0
        }
        return isPlain == 1
    }

    @inline(__always)
    private mutating func addCarefully(_ mark: Float, to sample: inout Float) {
        zeroRun = sample == 0 ? zeroRun + 1 : 0
        if zeroRun >= 2 {
            framesSilent += 1
            return
        }
        // Adding a zero would still turn -0 into 0.
        if mark == 0 || !sample.isFinite { return }
        framesMarked += 1
        sample = withinFullScale(sample, mark)
    }

    /// `x + mark`, the mark turned down at once where the sum would pass full scale, and back up slowly.
    @inline(__always)
    private mutating func withinFullScale(_ x: Float, _ mark: Float) -> Float {
        if headroom < 1 {
            headroom += (1 - headroom) * recovery
            if headroom > ChannelLine.fullHeadroom { headroom = 1 }
        }
        let sum = x + mark * headroom
        guard abs(sum) > 1, abs(sum) > abs(x) else { return sum }
        let room = max(0, 1 - abs(x))
        headroom = min(headroom, room / abs(mark))
        let limited = x + mark * headroom
        return abs(limited) > max(1, abs(x)) ? x : limited
    }
}

extension UnsafeMutablePointer where Pointee == Float {
    /// Memory for `count` zeros.
    static func silence(_ count: Int) -> UnsafeMutablePointer {
        let memory = UnsafeMutablePointer.allocate(capacity: count)
        unsafe memory.initialize(repeating: 0, count: count)
        return unsafe memory
    }
}
