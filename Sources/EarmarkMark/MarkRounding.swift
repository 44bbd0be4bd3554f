#if EARMARK_V3
    internal import EarmarkMarkV3
#endif

/// Brings the mark to integer samples, so that an unmarked sample stays exactly as it was.
///
/// Samples are left-justified in 32 bits, or 16 bits wide. Nothing is allocated; results do not depend on block cuts.
package struct MarkRounding {
    /// Width above which rounding noise is far below anything audible (-120 dBFS): no dither.
    private static let widestDithered = 20
    /// Full scale of a left-justified integer is 2^31; a power of two, so that nothing is rounded.
    package static let unit = RoundingLanes.unit

    private let bits: Int
    private let isDithered: Bool
    private let instructions: Embedder.Instructions
    /// Samples so far, all channels together, modulo 2^32: the place of the next one.
    private var place: UInt32 = 0

    /// Rounds to integers of `bits` bits, 8...32.
    package init(bits: Int) { self.init(bits: bits, instructions: .best) }

    /// Rounds on a processor that has `instructions`.
    package init(bits: Int, instructions: Embedder.Instructions) {
        self.bits = bits
        self.instructions = instructions
        isDithered = bits <= MarkRounding.widestDithered
    }

    /// Adds to each left-justified sample its mark: what `marked` has more than the sample.
    package mutating func add(_ marked: [Float], to samples: inout [Int32], count: Int) {
        let count = min(count, samples.count, marked.count)
        unsafe samples.withUnsafeMutableBufferPointer { samples in
            unsafe marked.withUnsafeBufferPointer { marked in
                guard let samples = samples.baseAddress, let marked = marked.baseAddress else { return }
                unsafe add(marked, to: samples, count: count)
            }
        }
    }

    private mutating func add(
        _ marked: UnsafePointer<Float>, to samples: UnsafeMutablePointer<Int32>, count: Int
    ) {
        defer { place &+= UInt32(truncatingIfNeeded: count) }
        #if EARMARK_V3
            if instructions == .v3 {
                if isDithered {
                    unsafe EarmarkMarkV3.RoundingLanes.dither(
                        marked, onto: samples, count: count, bits: bits, place: place)
                } else {
                    unsafe EarmarkMarkV3.RoundingLanes.round(marked, onto: samples, count: count, bits: bits)
                }
                return
            }
        #endif
        if isDithered {
            unsafe RoundingLanes.dither(marked, onto: samples, count: count, bits: bits, place: place)
        } else {
            unsafe RoundingLanes.round(marked, onto: samples, count: count, bits: bits)
        }
    }

    /// Floats to left-justified integers: the sum of a sample of `doubles` and its mark is rounded; zeros stay zero.
    package mutating func quantise(
        _ doubles: [Double], marked: [Float], into integers: inout [Int32], count: Int
    ) {
        let count = min(count, integers.count, doubles.count, marked.count)
        unsafe integers.withUnsafeMutableBufferPointer { integers in
            unsafe doubles.withUnsafeBufferPointer { doubles in
                unsafe marked.withUnsafeBufferPointer { marked in
                    guard let integers = integers.baseAddress, let doubles = doubles.baseAddress,
                        let marked = marked.baseAddress
                    else { return }
                    unsafe quantise(doubles, marked, into: integers, count)
                }
            }
        }
    }

    private mutating func quantise(
        _ doubles: UnsafePointer<Double>, _ marked: UnsafePointer<Float>, into integers: UnsafeMutablePointer<Int32>,
        _ count: Int
    ) {
        defer { place &+= UInt32(truncatingIfNeeded: count) }
        #if EARMARK_V3
            if instructions == .v3 {
                unsafe EarmarkMarkV3.RoundingLanes.quantise(
                    doubles, marked, into: integers, count: count, bits: bits, isDithered: isDithered, place: place)
                return
            }
        #endif
        unsafe RoundingLanes.quantise(
            doubles, marked, into: integers, count: count, bits: bits, isDithered: isDithered, place: place)
    }

    /// Adds to `count` interleaved 16-bit samples their marks.
    package mutating func add(
        _ marked: UnsafePointer<Float>, to samples: UnsafeMutablePointer<Int16>, count: Int
    ) {
        unsafe add(marked, stride: 1, to: samples, count: count, place: place)
        place &+= UInt32(truncatingIfNeeded: count)
    }

    /// Adds to `frames` frames of 16-bit samples, from `first` on, their marks, which are interleaved.
    ///
    /// Every sample has the place that it would have among interleaved ones, so that dither falls as it does there.
    package mutating func add(
        _ marked: UnsafePointer<Float>, to planes: UnsafePointer<UnsafeMutablePointer<Int16>>, channels: Int,
        first: Int, frames: Int
    ) {
        for channel in 0..<channels {
            unsafe add(
                marked + channel, stride: channels, to: planes[channel] + first, count: frames,
                place: place &+ UInt32(truncatingIfNeeded: channel))
        }
        place &+= UInt32(truncatingIfNeeded: channels * frames)
    }

    @inline(__always)
    private func add(
        _ marked: UnsafePointer<Float>, stride: Int, to samples: UnsafeMutablePointer<Int16>, count: Int, place: UInt32
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                unsafe EarmarkMarkV3.RoundingLanes.dither(
                    marked, stride: stride, onto: samples, count: count, place: place)
                return
            }
        #endif
        unsafe RoundingLanes.dither(marked, stride: stride, onto: samples, count: count, place: place)
    }
}
