import EarmarkDSP

/// One channel's way from samples to mark: samples fit for filters, down to the resonators' rate, and back up.
///
/// A *span* is what is processed at a time, at most `longestSpan` frames of the stream. Memory is allocated once.
@safe struct ChannelLine: ~Copyable {
    typealias Lanes = SIMD8<Float>

    /// Consecutive zero samples so far.
    private(set) var zeroRun: Int64 = 0
    /// The filters hold nothing, and nothing but zeros came since.
    private(set) var isEmpty = true
    /// Frames that carry the mark.
    private(set) var framesMarked: Int64 = 0
    /// Frames left alone as silence: from the second zero in a row on.
    private(set) var framesSilent: Int64 = 0

    /// What the resonators read in this span, and where they write the mark: at their own rate, from index 0.
    var low: UnsafeMutablePointer<Float> { unsafe decimator.output }
    var lowMark: UnsafeMutablePointer<Float> { unsafe interpolator.input }

    private let longestSpan: Int
    /// Share of the mark that full scale left room for, 0...1.
    private var headroom: Float = 1
    private let recovery: Float
    private var decimator: Decimator
    private var interpolator: Interpolator

    /// Samples larger than this are not sound, and smaller ones become denormal numbers in a filter.
    private static let largest: Float = 1e6
    private static let smallest: Float = 1e-20
    /// The mark counts as wholly back from here on.
    private static let fullHeadroom: Float = 0.999

    /// `recovery` is the share of the missing mark that comes back each frame.
    init(rateChange: RateChange, longestSpan: Int, recovery: Float) {
        self.longestSpan = longestSpan
        self.recovery = recovery
        decimator = Decimator(rateChange: rateChange, longestSpan: longestSpan)
        interpolator = Interpolator(rateChange: rateChange, longestSpan: longestSpan)
    }

    /// Forgets all filters' pasts.
    mutating func flush() {
        decimator.flush()
        interpolator.flush()
        isEmpty = true
    }

    /// Whether the next sound finds everything as every other line at rest has it: nothing held, in silence, mark at
    /// full.
    var isAtRest: Bool { isEmpty && zeroRun >= 2 && headroom >= 1 }

    /// Goes on from where `other` is, with `marked` and `silent` frames so far.
    mutating func takeOver(_ other: borrowing ChannelLine, marked: Int64, silent: Int64) {
        zeroRun = other.zeroRun
        isEmpty = other.isEmpty
        headroom = other.headroom
        framesMarked = marked
        framesSilent = silent
        decimator.takeOver(other.decimator)
        interpolator.takeOver(other.interpolator)
    }

    /// Takes in a span; false if there is nothing to do because empty filters and zeros make zeros.
    ///
    /// `phase` is the number of frames since the last one that the resonators have a sample for.
    mutating func load(_ frames: ChannelFrames, count: Int, phase: Int) -> Bool {
        precondition(count <= longestSpan)
        let input = unsafe frames.start
        let isSilent: Bool
        switch (frames.stride, frames.place) {
        case (1, _): isSilent = unsafe gather(input, .alone, 0, 1, count)
        case (2, 0): isSilent = unsafe gather(input, .first, 0, 2, count)
        case (2, _): isSilent = unsafe gather(input, .second, 1, 2, count)
        default: isSilent = unsafe gather(input, .strided, frames.place, frames.stride, count)
        }
        if isEmpty && isSilent {
            framesSilent += Int64(count) - (zeroRun == 0 ? 1 : 0)
            zeroRun += Int64(count)
            return false
        }
        isEmpty = false
        decimator.run(count: count, phase: phase)
        return true
    }

    /// Copies what filters may see, zeros in place of the rest; true if all samples are zeros.
    @inline(__always)
    private func gather(
        _ input: UnsafePointer<Float>, _ layout: Interleaved.Layout, _ channel: Int, _ stride: Int, _ count: Int
    ) -> Bool {
        let span = unsafe decimator.span
        var seen = SIMD8<UInt32>.zero
        var index = 0
        while index + Lanes.scalarCount <= count {
            let x = unsafe Interleaved.load(input + index * stride, layout, channel, stride)
            let size = x.magnitudes
            let isUsable = (size .< ChannelLine.largest) .& (size .> ChannelLine.smallest)
            unsafe Lanes.zero.replacing(with: x, where: isUsable).store(at: span + index)
            // Without its sign: -0 is a zero.
            seen |= SIMD8<UInt32>(unsafeBitPattern: size)
            index += Lanes.scalarCount
        }
        var isSilent = !seen.hasBits
        while index < count {
            let x = unsafe input[index * stride + channel]
            let isUsable = abs(x) < ChannelLine.largest && abs(x) > ChannelLine.smallest
            unsafe span[index] = isUsable ? x : 0
            isSilent = isSilent && x == 0
            index += 1
        }
        return isSilent
    }

    /// Samples of the resonators in a span.
    @inline(__always)
    static func samples(count: Int, phase: Int, factor: Int) -> Int {
        (count + phase + factor - 1) / factor - (phase + factor - 1) / factor
    }

    /// Adds the mark that lies in `lowMark` to the span's samples in place.
    mutating func finish(_ frames: ChannelFrames, count: Int, phase: Int) {
        let output = unsafe frames.start
        let mark = unsafe interpolator.run(count: count, phase: phase)
        switch (frames.stride, frames.place) {
        case (1, _): unsafe add(mark, to: output, .alone, 0, 1, count)
        case (2, 0): unsafe add(mark, to: output, .first, 0, 2, count)
        case (2, _): unsafe add(mark, to: output, .second, 1, 2, count)
        default: unsafe add(mark, to: output, .strided, frames.place, frames.stride, count)
        }
    }

    @inline(__always)
    private mutating func add(
        _ mark: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, _ layout: Interleaved.Layout,
        _ channel: Int, _ stride: Int, _ count: Int
    ) {
        var index = 0
        while index < count {
            let end = min(index + Lanes.scalarCount, count)
            if unsafe headroom >= 1 && end - index == Lanes.scalarCount
                && addPlainly(mark + index, output + index * stride, layout, channel, stride)
            {
                zeroRun = 0
                framesMarked += Int64(Lanes.scalarCount)
            } else {
                for sample in index..<end {
                    unsafe addCarefully(mark[sample], to: &output[sample * stride + channel])
                }
            }
            index = end
        }
    }

    /// Adds the mark to eight samples if they are neither zero nor damaged, and the sums within full scale.
    @inline(__always)
    private func addPlainly(
        _ mark: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, _ layout: Interleaved.Layout,
        _ channel: Int, _ stride: Int
    ) -> Bool {
        let x = unsafe Interleaved.load(output, layout, channel, stride)
        let mark = unsafe Lanes(at: mark)
        let sum = x + mark
        let isPlain = (x .!= 0) .& (mark .!= 0) .& (sum.magnitudes .<= 1)
        guard isPlain.holdsInAll else { return false }
        unsafe Interleaved.store(sum, output, layout, channel, stride)
        return true
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
