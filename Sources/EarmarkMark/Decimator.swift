/// The way down to the resonators' rate: a low-pass and every `factor`-th sample, eight of those at a time.
///
/// Memory is allocated once.
@safe struct Decimator: ~Copyable {
    typealias Lanes = SIMD8<Float>

    /// Where the samples of a span are put, and what `run` makes of them.
    var span: UnsafeMutablePointer<Float> { unsafe samples + history }
    var output: UnsafeMutablePointer<Float> { unsafe factor > 1 ? low : samples }

    private let factor: Int
    /// Samples before the span that the filter reaches back to.
    private let history: Int
    /// Those, then the samples of the span.
    private let samples: UnsafeMutablePointer<Float>
    private let low: UnsafeMutablePointer<Float>
    private let taps: UnsafeMutablePointer<Float>
    private let tapCount: Int
    /// Every `factor`-th of the samples that a span needs: for each of the taps' places within a period of `factor`.
    ///
    /// Shape: factor x `polyphaseStride`.
    private let polyphase: UnsafeMutablePointer<Float>
    private let polyphaseStride: Int

    /// Vectors may run past a span's end by this many samples of the lower rate.
    private static let padding = 2 * Lanes.scalarCount

    init(rateChange: RateChange, longestSpan: Int) {
        factor = rateChange.factor
        tapCount = rateChange.taps.count
        history = tapCount - 1
        polyphaseStride = longestSpan / factor + RateChange.tapsPerPhase + Decimator.padding
        unsafe samples = .silence(history + longestSpan + factor * Decimator.padding)
        unsafe low = .silence(longestSpan / factor + Decimator.padding)
        unsafe polyphase = .silence(factor * polyphaseStride)
        unsafe taps = .silence(tapCount)
        for index in 0..<tapCount { unsafe taps[index] = Float(rateChange.taps[index]) }
    }

    deinit {
        unsafe samples.deallocate()
        unsafe low.deallocate()
        unsafe polyphase.deallocate()
        unsafe taps.deallocate()
    }

    /// Forgets the past.
    mutating func flush() { unsafe samples.update(repeating: 0, count: history) }

    /// Takes over the past of `other`.
    mutating func takeOver(_ other: borrowing Decimator) {
        unsafe samples.update(from: other.samples, count: history)
    }

    /// Writes the samples of the lower rate that fall into a span of `count` frames to `output`.
    ///
    /// `phase` is the number of frames since the last one that has a sample, below `factor`.
    mutating func run(count: Int, phase: Int) {
        guard factor > 1 else { return }
        let outputs = ChannelLine.samples(count: count, phase: phase, factor: factor)
        if outputs > 0 {
            // The first frame with a sample; the newest tap lies on it.
            unsafe spread(samples + (phase == 0 ? 0 : factor - phase), outputs + RateChange.tapsPerPhase - 1)
            switch factor {
            case 2: filter(outputs, 2)
            default: filter(outputs, factor)
            }
        }
        unsafe samples.update(from: samples + count, count: history)
    }

    /// Deals `count` samples to each row of `polyphase`, in turn.
    private func spread(_ start: UnsafePointer<Float>, _ count: Int) {
        if factor == 2 {
            var index = 0
            while index < count {
                let both = unsafe Interleaved.pairs(start + 2 * index)
                unsafe both.evenHalf.store(at: polyphase + index)
                unsafe both.oddHalf.store(at: polyphase + polyphaseStride + index)
                index += Lanes.scalarCount
            }
            return
        }
        for row in 0..<factor {
            let target = unsafe polyphase + row * polyphaseStride
            for index in 0..<count { unsafe target[index] = start[index * factor + row] }
        }
    }

    /// The sums over all taps, in their order.
    @inline(__always)
    private func filter(_ outputs: Int, _ factor: Int) {
        var index = 0
        while index < outputs {
            var sum = Lanes.zero
            for turn in 0..<RateChange.tapsPerPhase {
                for row in 0..<factor where turn * factor + row < tapCount {
                    let samples = unsafe Lanes(at: polyphase + row * polyphaseStride + index + turn)
                    sum += unsafe samples * taps[turn * factor + row]
                }
            }
            unsafe sum.store(at: low + index)
            index += Lanes.scalarCount
        }
    }
}

extension SIMD8<Float> {
    /// Eight numbers from anywhere in memory.
    @inline(__always)
    init(at pointer: UnsafePointer<Float>) {
        self = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    }

    /// Writes eight numbers to anywhere in memory.
    @inline(__always)
    func store(at pointer: UnsafeMutablePointer<Float>) {
        unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: SIMD8<Float>.self)
    }
}
