/// Brings the mark to integer samples, so that an unmarked sample stays exactly as it was.
///
/// Samples are left-justified in 32 bits, or 16 bits wide. Nothing is allocated; results do not depend on block cuts.
package struct MarkRounding {
    /// Width above which rounding noise is far below anything audible (-120 dBFS): no dither.
    private static let widestDithered = 20
    /// Marks smaller than this share of a step leave a sample as it is: rounding would, and dither would only add
    /// noise.
    private static let leastMark = 0.125
    /// Full scale of a left-justified integer is 2^31; a power of two, so that nothing is rounded.
    package static let unit: Float = 1 / 2_147_483_648

    private let stepsPerUnit: Double
    private let shift: Int64
    private let top: Int64
    private let isDithered: Bool
    private var dither = Dither()

    /// Rounds to integers of `bits` bits, 8...32.
    package init(bits: Int) {
        stepsPerUnit = Double(Int64(1) << Int64(bits - 1))
        shift = Int64(32 - bits)
        // Full scale may only be met by samples that were there already.
        top = Int64(Int32.max) & -(Int64(1) << shift)
        isDithered = bits <= MarkRounding.widestDithered
    }

    /// Adds to each left-justified sample its mark: what `marked` has more than the sample.
    package mutating func add(_ marked: [Float], to samples: inout [Int32], count: Int) {
        var rounding = self
        unsafe samples.withUnsafeMutableBufferPointer { samples in
            unsafe marked.withUnsafeBufferPointer { marked in
                for index in 0..<min(count, samples.count, marked.count) {
                    unsafe samples[index] = rounding.sum(samples[index], marked[index])
                }
            }
        }
        self = rounding
    }

    /// A left-justified sample with its rounded mark.
    @inline(__always)
    private mutating func sum(_ sample: Int32, _ marked: Float) -> Int32 {
        let mark = (Double(marked) - Double(Float(sample) * MarkRounding.unit)) * stepsPerUnit
        guard abs(mark) >= MarkRounding.leastMark else { return sample }
        let steps = MarkRounding.rounded(mark + (isDithered ? dither.next() : 0))
        return Int32(truncatingIfNeeded: min(max(Int64(sample) + steps &<< shift, Int64(Int32.min)), top))
    }

    /// To the nearest, halves away from 0.
    ///
    /// By truncation, for the standard library's is a call into C on older processors; the half's sign without a
    /// branch, which would be foretold wrongly every other time.
    @inline(__always)
    private static func rounded(_ value: Double) -> Int64 { Int64(value + Double(signOf: value, magnitudeOf: 0.5)) }

    /// Floats to left-justified integers: the sum of a sample of `doubles` and its mark is rounded; zeros stay zero.
    package mutating func quantise(
        _ doubles: [Double], marked: [Float], into integers: inout [Int32], count: Int
    ) {
        var rounding = self
        unsafe integers.withUnsafeMutableBufferPointer { integers in
            unsafe doubles.withUnsafeBufferPointer { doubles in
                unsafe marked.withUnsafeBufferPointer { marked in
                    for index in 0..<min(count, integers.count, doubles.count, marked.count) {
                        unsafe integers[index] = rounding.integer(doubles[index], marked[index])
                    }
                }
            }
        }
        self = rounding
    }

    @inline(__always)
    private mutating func integer(_ double: Double, _ marked: Float) -> Int32 {
        let value = double + (Double(marked) - Double(Float(double)))
        guard value != 0, value.isFinite else { return 0 }
        let steps = value * stepsPerUnit + (isDithered ? dither.next() : 0)
        let limited = min(max(steps, -stepsPerUnit), stepsPerUnit - 1)
        return Int32(truncatingIfNeeded: MarkRounding.rounded(limited) &<< shift)
    }

    /// Adds to `count` interleaved 16-bit samples their marks.
    package mutating func add(
        _ marked: UnsafePointer<Float>, to samples: UnsafeMutablePointer<Int16>, count: Int
    ) {
        for index in 0..<count { unsafe add(marked[index], to: &samples[index]) }
    }

    /// Adds to `frames` frames of 16-bit samples, from `first` on, their marks, which are interleaved.
    ///
    /// In the order of interleaved samples, so that dither falls as it does there.
    package mutating func add(
        _ marked: UnsafePointer<Float>, to planes: UnsafePointer<UnsafeMutablePointer<Int16>>, channels: Int,
        first: Int, frames: Int
    ) {
        for frame in 0..<frames {
            for channel in 0..<channels {
                unsafe add(marked[frame * channels + channel], to: &planes[channel][first + frame])
            }
        }
    }

    @inline(__always)
    private mutating func add(_ marked: Float, to sample: inout Int16) {
        sample = Int16(truncatingIfNeeded: sum(Int32(sample) << 16, marked) >> 16)
    }
}

/// Triangular dither of +-1 step (Lipshitz, Wannamaker, Vanderkooy 1992): makes rounding errors independent of the
/// mark.
private struct Dither {
    private var generator = SplitMix64(state: 0)

    /// Sum of two uniform numbers, -1...1, triangular.
    @inline(__always)
    mutating func next() -> Double {
        let bits = generator.next()
        // One signed conversion: unsigned ones take several instructions each.
        return Double(Int64(bits >> 32) - Int64(bits & 0xffff_ffff)) * (1 / 4_294_967_296)
    }
}
