import EarmarkTestSupport
import Testing

@testable import EarmarkMark

/// docs/signal-design.md, "Embedder": integer files get x + round(mark + triangular dither).
@Suite struct RoundingTests {
    private static let count = 40_000

    /// What rounding adds to a mark of `steps` steps of `bits` bits, in steps.
    private static func errors(bits: Int, steps: Double, sample: Int32 = 0) -> [Double] {
        var rounding = MarkRounding(bits: bits)
        var samples = [Int32](repeating: sample << Int32(32 - bits), count: count)
        let marked = (Double(sample) + steps) / Double(Int64(1) << Int64(bits - 1))
        rounding.add([Float](repeating: Float(marked), count: count), to: &samples, count: count)
        return samples.map { Double($0 >> Int32(32 - bits)) - Double(sample) - steps }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    /// Triangular dither of ±1 step: the error has mean 0 and variance 1/6 + 1/12, wherever between steps the mark is.
    @Test(arguments: [0.25, 0.5, 1, 3.75, -0.25, -2.5])
    func ditherHidesWhereTheMarkLies(steps: Double) {
        for bits in [8, 16, 20] {
            let errors = RoundingTests.errors(bits: bits, steps: steps)
            #expect(abs(RoundingTests.mean(errors)) < 0.013, "\(bits) bits")
            #expect(abs(RoundingTests.mean(errors.map { $0 * $0 }) - 0.25) < 0.012, "\(bits) bits")
            #expect(errors.allSatisfy { abs($0) <= 1.5 })
        }
    }

    /// Above 20 bits rounding noise lies below −120 dBFS: no dither, the nearest step.
    @Test func wideSamplesAreNotDithered() {
        for bits in [21, 24, 32] {
            for (steps, error) in [(0.25, -0.25), (0.75, 0.25), (1, 0), (-0.75, -0.25), (-2.25, 0.25), (0.5, 0.5)] {
                let errors = RoundingTests.errors(bits: bits, steps: steps)
                #expect(errors.allSatisfy { abs($0 - error) < 1e-6 }, "\(bits) bits, \(steps)")
            }
        }
    }

    /// CEarmark/earmark.h, `earmark_process_s16`: smaller than an eighth of a step, samples stay as they are.
    @Test func theLeastMarksLeaveSamplesAlone() {
        for steps in [0, 0.05, 0.1249, -0.1249] {
            #expect(RoundingTests.errors(bits: 16, steps: steps).allSatisfy { abs($0 + steps) < 1e-9 }, "\(steps)")
        }
        for steps in [0.125, -0.125, 0.13] {
            #expect(RoundingTests.errors(bits: 16, steps: steps).contains { abs($0 + steps) > 0.5 }, "\(steps)")
        }
    }

    /// Full scale is met, not passed.
    @Test(arguments: [8, 16, 24, 32])
    func sumsEndAtFullScale(bits: Int) {
        let top = Int32.max & -(1 << Int32(32 - bits))
        for (sample, mark, limit) in [
            (top, Float(0.5), top), (.min, -0.5, .min),
        ] {
            var rounding = MarkRounding(bits: bits)
            var samples = [Int32](repeating: sample, count: 64)
            let marked = Float(sample) * MarkRounding.unit + mark
            rounding.add([Float](repeating: marked, count: 64), to: &samples, count: 64)
            #expect(samples.allSatisfy { $0 == limit })
        }
    }

    /// Floats to integers: the sum is rounded, silence stays silence, what is no number becomes it.
    @Test func floatsAreRoundedAsSums() {
        var rounding = MarkRounding(bits: 24)
        let step = 1.0 / 8_388_608
        let doubles = [0, 0.25, -0.25, 0.5 + 0.4 * step, 1, -1, 2, .nan, .infinity]
        let marked = doubles.map { Float($0) }
        var integers = [Int32](repeating: 77, count: doubles.count)
        rounding.quantise(doubles, marked: marked, into: &integers, count: doubles.count)
        let top: Int32 = 0x7FFF_FF00
        #expect(integers == [0, 1 << 29, -(1 << 29), 1 << 30, top, .min, top, 0, 0])
        // 16 bits are dithered, but for zeros.
        var narrow = MarkRounding(bits: 16)
        let values = (0..<2_000).map { $0 % 2 == 0 ? 0 : 0.1 }
        var words = [Int32](repeating: 77, count: values.count)
        narrow.quantise(values, marked: values.map { Float($0) }, into: &words, count: values.count)
        #expect(words.enumerated().allSatisfy { $0.offset % 2 == 1 || $0.element == 0 })
        #expect(Set(words).count > 2)
        #expect(words.allSatisfy { abs(Double($0) / 65_536 - 3_276.8) < 1.6 || $0 == 0 })
    }
}
