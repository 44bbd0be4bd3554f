import EarmarkDSP

/// The loops of `MarkRounding`, compiled for each set of vector instructions; use that.
///
/// Public because modules compiled for other instructions call it. `place` is the number of samples of the stream
/// before the first one, all channels together, modulo 2^32: dither repeats after a day of mono at 48 kHz. Vectors do
/// not depend on one another, so the result does not depend on how blocks are cut, nor on the instructions.
@safe public enum RoundingLanes {
    typealias Floats = SIMD8<Float>
    typealias Words = SIMD8<Int32>

    /// Marks smaller than this share of a step leave a sample as it is: rounding would, and dither would only add
    /// noise.
    static let leastMark: Float = 0.125
    /// Full scale of a left-justified integer is 2^31; a power of two, so that nothing is rounded.
    static let unit: Float = 1 / 2_147_483_648

    /// Adds to left-justified samples of `bits` bits, at most 20, their marks with dither: what `marked` has more.
    public static func dither(
        _ marked: UnsafePointer<Float>, onto samples: UnsafeMutablePointer<Int32>, count: Int, bits: Int, place: UInt32
    ) {
        let grid = Grid(bits: bits)
        var places = Places(first: place, step: 1)
        var index = 0
        while index + Floats.scalarCount <= count {
            let x = unsafe UnsafeRawPointer(samples + index).loadUnaligned(as: Words.self)
            let sum = unsafe grid.sum(x, Floats(at: marked + index), places.lanes)
            unsafe UnsafeMutableRawPointer(samples + index).storeBytes(of: sum, as: Words.self)
            places.advance()
            index += Floats.scalarCount
        }
        guard index < count else { return }
        var x = Words.zero, marks = Floats.zero
        for lane in 0..<count - index { unsafe (x[lane], marks[lane]) = (samples[index + lane], marked[index + lane]) }
        let sum = grid.sum(x, marks, places.lanes)
        for lane in 0..<count - index { unsafe samples[index + lane] = sum[lane] }
    }

    /// Adds to the 16-bit samples of a channel, one after another, their marks with dither.
    ///
    /// `marked` holds one of them every `stride` floats, and `stride` places of the stream lie between two.
    public static func dither(
        _ marked: UnsafePointer<Float>, stride: Int, onto samples: UnsafeMutablePointer<Int16>, count: Int,
        place: UInt32
    ) {
        switch stride {
        case 1: unsafe dither(marked, .alone, 1, samples, count, place)
        case 2: unsafe dither(marked, .first, 2, samples, count, place)
        default: unsafe dither(marked, .strided, stride, samples, count, place)
        }
    }

    @inline(__always)
    private static func dither(
        _ marked: UnsafePointer<Float>, _ layout: Interleaved.Layout, _ stride: Int,
        _ samples: UnsafeMutablePointer<Int16>, _ count: Int, _ place: UInt32
    ) {
        let grid = Grid(bits: 16)
        var places = Places(first: place, step: UInt32(truncatingIfNeeded: stride))
        var index = 0
        // A pair's last float may lie past the end of `marked` where the channel is the second one.
        let spare = stride == 1 ? 0 : 1
        while index + Floats.scalarCount + spare <= count {
            let x = unsafe UnsafeRawPointer(samples + index).loadUnaligned(as: SIMD8<Int16>.self)
            let marks = unsafe Interleaved.load(marked + index * stride, layout, 0, stride)
            let sum = grid.sum(Words(truncatingIfNeeded: x) &<< 16, marks, places.lanes) &>> 16
            unsafe UnsafeMutableRawPointer(samples + index).storeBytes(
                of: SIMD8<Int16>(truncatingIfNeeded: sum), as: SIMD8<Int16>.self)
            places.advance()
            index += Floats.scalarCount
        }
        while index < count {
            let lanes = min(Floats.scalarCount, count - index)
            var x = Words.zero, marks = Floats.zero
            for lane in 0..<lanes {
                unsafe x[lane] = Int32(samples[index + lane]) << 16
                unsafe marks[lane] = marked[(index + lane) * stride]
            }
            let sum = grid.sum(x, marks, places.lanes) &>> 16
            for lane in 0..<lanes { unsafe samples[index + lane] = Int16(truncatingIfNeeded: sum[lane]) }
            places.advance()
            index += lanes
        }
    }

    /// Places of eight samples in the stream.
    private struct Places {
        private(set) var lanes: SIMD8<UInt32>
        private let step: UInt32

        @inline(__always)
        init(first: UInt32, step: UInt32) {
            lanes = SIMD8<UInt32>(0, 1, 2, 3, 4, 5, 6, 7) &* step &+ first
            self.step = step &* UInt32(Floats.scalarCount)
        }

        @inline(__always)
        mutating func advance() { lanes &+= SIMD8<UInt32>(repeating: step) }
    }
}

/// Integers of at most 20 bits, left-justified in 32.
///
/// Single precision is enough: the difference of a sample and its mark is exact, or its rounding far below a step.
private struct Grid {
    /// 1.5 x 2^23: a number of less than 2^22 added to it stands rounded in the lowest bits of the sum.
    private static let rounder: Float = 12_582_912

    private let stepsPerUnit: Float
    private let shift: SIMD8<Int32>
    private let lowest: RoundingLanes.Words
    private let highest: RoundingLanes.Words

    @inline(__always)
    init(bits: Int) {
        let steps = Int32(1) << Int32(bits - 1)
        stepsPerUnit = Float(steps)
        shift = .init(repeating: Int32(32 - bits))
        lowest = .init(repeating: -steps)
        highest = .init(repeating: steps - 1)
    }

    /// Samples with their rounded marks; where the mark is least, as they were.
    @inline(__always)
    func sum(
        _ samples: RoundingLanes.Words, _ marked: RoundingLanes.Floats, _ places: SIMD8<UInt32>
    ) -> RoundingLanes.Words {
        let marks = (marked - RoundingLanes.Floats(samples) * RoundingLanes.unit) * stepsPerUnit
        let sums = marks + DitherLanes.draws(places) + Grid.rounder
        let steps =
            RoundingLanes.Words(truncatingIfNeeded: SIMD8<UInt32>(unsafeBitPattern: sums))
            &- Int32(bitPattern: Grid.rounder.bitPattern)
        let wanted = (samples &>> shift) &+ steps
        let low = wanted.replacing(with: lowest, where: wanted .< lowest)
        let limited = low.replacing(with: highest, where: low .> highest)
        // Full scale may only be met by samples that were there already.
        return samples.replacing(with: limited &<< shift, where: marks.magnitudes .>= RoundingLanes.leastMark)
    }
}
