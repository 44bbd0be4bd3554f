import EarmarkDSP

/// Rounding in double precision: of wide integers, and of sums with floats.
extension RoundingLanes {
    typealias Doubles = SIMD4<Double>
    typealias HalfWords = SIMD4<Int32>

    /// Adds to left-justified samples of `bits` bits their marks, rounded to the nearest step.
    public static func round(
        _ marked: UnsafePointer<Float>, onto samples: UnsafeMutablePointer<Int32>, count: Int, bits: Int
    ) {
        let grid = WideGrid(bits: bits)
        var index = 0
        while index < count {
            let lanes = min(HalfWords.scalarCount, count - index)
            var x = HalfWords.zero, marks = SIMD4<Float>.zero
            if lanes == HalfWords.scalarCount {
                x = unsafe UnsafeRawPointer(samples + index).loadUnaligned(as: HalfWords.self)
                marks = unsafe UnsafeRawPointer(marked + index).loadUnaligned(as: SIMD4<Float>.self)
            } else {
                for lane in 0..<lanes {
                    unsafe (x[lane], marks[lane]) = (samples[index + lane], marked[index + lane])
                }
            }
            unsafe store(grid.sum(x, marks), samples + index, lanes)
            index += lanes
        }
    }

    /// Rounds sums of doubles, full scale 1, and their marks to left-justified integers of `bits` bits.
    ///
    /// With dither if `isDithered`. Zeros stay zeros, and what is no number becomes one.
    public static func quantise(
        _ doubles: UnsafePointer<Double>, _ marked: UnsafePointer<Float>, into integers: UnsafeMutablePointer<Int32>,
        count: Int, bits: Int, isDithered: Bool, place: UInt32
    ) {
        let grid = WideGrid(bits: bits)
        var index = 0
        while index < count {
            let lanes = min(HalfWords.scalarCount, count - index)
            var x = Doubles.zero, marks = SIMD4<Float>.zero
            if lanes == HalfWords.scalarCount {
                x = unsafe UnsafeRawPointer(doubles + index).loadUnaligned(as: Doubles.self)
                marks = unsafe UnsafeRawPointer(marked + index).loadUnaligned(as: SIMD4<Float>.self)
            } else {
                for lane in 0..<lanes {
                    unsafe (x[lane], marks[lane]) = (doubles[index + lane], marked[index + lane])
                }
            }
            var dither = Doubles.zero
            if isDithered {
                let first = place &+ UInt32(truncatingIfNeeded: index)
                dither = DitherLanes.doubleDraws(SIMD4<UInt32>(0, 1, 2, 3) &+ first)
            }
            unsafe store(grid.integers(x, marks, dither), integers + index, lanes)
            index += lanes
        }
    }

    @inline(__always)
    private static func store(_ words: HalfWords, _ target: UnsafeMutablePointer<Int32>, _ lanes: Int) {
        if lanes == HalfWords.scalarCount {
            unsafe UnsafeMutableRawPointer(target).storeBytes(of: words, as: HalfWords.self)
        } else {
            for lane in 0..<lanes { unsafe target[lane] = words[lane] }
        }
    }
}

/// Integers of up to 32 bits, left-justified.
private struct WideGrid {
    typealias Doubles = RoundingLanes.Doubles
    typealias HalfWords = RoundingLanes.HalfWords

    /// 2^52: a number from 0 to that added to it is rounded to a whole one.
    private static let rounder = 4_503_599_627_370_496.0
    /// 1.5 x 2^52: a whole number of 32 bits added to it stands in the lowest bits of the sum.
    private static let converter = 6_755_399_441_055_744.0

    private let stepsPerUnit: Double
    /// Left-justified integers to a step.
    private let step: Double

    @inline(__always)
    init(bits: Int) {
        stepsPerUnit = Double(Int64(1) << Int64(bits - 1))
        step = Double(Int64(1) << Int64(32 - bits))
    }

    @inline(__always)
    func sum(_ samples: HalfWords, _ marked: SIMD4<Float>) -> HalfWords {
        let wide = Doubles(samples)
        let heard = SIMD4<Float>(samples) * RoundingLanes.unit
        let marks = (Doubles(marked) - Doubles(heard)) * stepsPerUnit
        let sums = wide + WideGrid.nearest(marks) * step
        // Full scale may only be met by samples that were there already.
        let limited = WideGrid.limited(sums, Double(Int32.min), Double(Int32.max) + 1 - step)
        let isLeast = WideGrid.magnitudes(marks) .< Double(RoundingLanes.leastMark)
        return WideGrid.words(limited.replacing(with: wide, where: isLeast))
    }

    @inline(__always)
    func integers(_ doubles: Doubles, _ marked: SIMD4<Float>, _ dither: Doubles) -> HalfWords {
        let values = doubles + (Doubles(marked) - Doubles(SIMD4<Float>(doubles)))
        let isSound = (values .!= 0) .& (WideGrid.magnitudes(values) .< .infinity)
        let steps = Doubles.zero.replacing(with: values * stepsPerUnit + dither, where: isSound)
        return WideGrid.words(WideGrid.nearest(WideGrid.limited(steps, -stepsPerUnit, stepsPerUnit - 1)) * step)
    }

    /// To the nearest, halves away from 0.
    @inline(__always)
    private static func nearest(_ values: Doubles) -> Doubles {
        let sums = magnitudes(values) + 0.5
        let rounded = (sums + rounder) - rounder
        let whole = rounded.replacing(with: rounded - 1, where: rounded .> sums)
        let signs = bits(values) & (1 << 63)
        return unsafe unsafeBitCast(bits(whole) | signs, to: Doubles.self)
    }

    @inline(__always)
    private static func limited(_ values: Doubles, _ lowest: Double, _ highest: Double) -> Doubles {
        let low = values.replacing(with: lowest, where: values .< lowest)
        return low.replacing(with: highest, where: low .> highest)
    }

    /// Whole numbers of 32 bits as such.
    @inline(__always)
    private static func words(_ values: Doubles) -> HalfWords {
        HalfWords(truncatingIfNeeded: bits(values + converter))
    }

    @inline(__always)
    private static func magnitudes(_ values: Doubles) -> Doubles {
        unsafe unsafeBitCast(bits(values) & ~(1 << 63), to: Doubles.self)
    }

    @inline(__always)
    private static func bits(_ values: Doubles) -> SIMD4<UInt64> {
        unsafe unsafeBitCast(values, to: SIMD4<UInt64>.self)
    }
}
