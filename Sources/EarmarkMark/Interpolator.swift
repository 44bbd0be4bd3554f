/// The mark's way up from the resonators' rate to the stream's.
///
/// Memory is allocated once.
@safe struct Interpolator: ~Copyable {
    typealias Lanes = SIMD8<Float>

    /// Where the resonators write a span's mark.
    var input: UnsafeMutablePointer<Float> { unsafe marks + RateChange.tapsPerPhase }

    private let factor: Int
    /// The last samples before the span, then those of the span, at the lower rate.
    private let marks: UnsafeMutablePointer<Float>
    private let output: UnsafeMutablePointer<Float>
    /// Impulse response, one row for each place between two samples of the lower rate.
    ///
    /// Shape: factor x `RateChange.tapsPerPhase`.
    private let rows: UnsafeMutablePointer<Float>

    /// Vectors may run past a span's end by this many samples of the lower rate.
    private static let padding = 2 * Lanes.scalarCount

    init(rateChange: RateChange, longestSpan: Int) {
        factor = rateChange.factor
        unsafe marks = .silence(RateChange.tapsPerPhase + longestSpan / factor + Interpolator.padding)
        unsafe output = .silence(longestSpan + factor * Interpolator.padding)
        unsafe rows = .silence(factor * RateChange.tapsPerPhase)
        for (index, tap) in rateChange.taps.enumerated() {
            // Of `factor` frames one carries a sample, so each weighs that much more.
            let row = index % factor * RateChange.tapsPerPhase
            unsafe rows[row + index / factor] = Float(tap * Double(factor))
        }
    }

    deinit {
        unsafe marks.deallocate()
        unsafe output.deallocate()
        unsafe rows.deallocate()
    }

    /// Forgets the past.
    mutating func flush() { unsafe marks.update(repeating: 0, count: RateChange.tapsPerPhase) }

    /// Takes over the past of `other`.
    mutating func takeOver(_ other: borrowing Interpolator) {
        unsafe marks.update(from: other.marks, count: RateChange.tapsPerPhase)
    }

    /// The mark of a span of `count` frames, which ends at the next call; `phase` as for `Decimator`.
    mutating func run(count: Int, phase: Int) -> UnsafePointer<Float> {
        guard factor > 1 else { return unsafe UnsafePointer(input) }
        // Whole periods of `factor` frames, from the newest sample at the first frame on.
        let newest = unsafe marks + RateChange.tapsPerPhase - (phase == 0 ? 0 : 1)
        let periods = (count + phase + factor - 1) / factor
        var index = 0
        while index < periods {
            if factor == 2 {
                let even = unsafe sum(rows, newest + index)
                let odd = unsafe sum(rows + RateChange.tapsPerPhase, newest + index)
                unsafe Interleaved.store(even, odd, output + 2 * index)
            } else {
                for step in 0..<factor {
                    let sum = unsafe sum(rows + step * RateChange.tapsPerPhase, newest + index)
                    for lane in 0..<Lanes.scalarCount { unsafe output[(index + lane) * factor + step] = sum[lane] }
                }
            }
            index += Lanes.scalarCount
        }
        let fresh = ChannelLine.samples(count: count, phase: phase, factor: factor)
        unsafe marks.update(from: marks + fresh, count: RateChange.tapsPerPhase)
        return unsafe UnsafePointer(output + phase)
    }

    /// Eight samples of one row, the newest of the first under the first tap.
    @inline(__always)
    private func sum(_ row: UnsafePointer<Float>, _ newest: UnsafePointer<Float>) -> Lanes {
        var sum = Lanes.zero
        for tap in 0..<RateChange.tapsPerPhase { sum += unsafe row[tap] * Lanes(at: newest - tap) }
        return sum
    }
}
