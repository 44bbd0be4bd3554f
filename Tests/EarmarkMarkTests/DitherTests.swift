import EarmarkTestSupport
import Testing

@testable import EarmarkMark

/// docs/signal-design.md, "Embedder": triangular dither of ±1 step, a function of the sample's place alone.
@Suite struct DitherTests {
    private static let count = 1 << 20
    /// Errors of a mark of seven steps, in steps, in a stream that carries it everywhere.
    private static let errors = DitherTests.errors(steps: 7)

    /// What is written for a mark of `steps` steps of 16 bits, less the whole steps of the mark.
    private static func errors(steps: Float, _ instructions: Embedder.Instructions = .best) -> [Int32] {
        var rounding = MarkRounding(bits: 16, instructions: instructions)
        var samples = [Int32](repeating: 0, count: count)
        rounding.add([Float](repeating: steps / 32_768, count: count), to: &samples, count: count)
        let whole = Int32(steps.rounded(.down))
        return samples.map { $0 >> 16 - whole }
    }

    /// How often the sum of a mark and a triangular number is rounded to which step: its distribution F(x) = 1/2 + x −
    /// x²/2 for x from 0 to 1, F(−x) = 1 − F(x), between the halves.
    @Test(
        arguments: [
            (Float(7), [-1: 0.125, 0: 0.75, 1: 0.125]), (7.25, [-1: 0.03125, 0: 0.6875, 1: 0.28125]),
            (-2.5, [0: 0.5, 1: 0.5]),
        ] as [(Float, [Int32: Double])])
    func stepsAreAsFrequentAsTriangularDitherMakesThem(steps: Float, shares: [Int32: Double]) {
        let errors = DitherTests.errors(steps: steps)
        var counts: [Int32: Int] = [:]
        for error in errors { counts[error, default: 0] += 1 }
        for (error, share) in shares {
            let found = Double(counts[error, default: 0]) / Double(DitherTests.count)
            // Five standard errors of a share.
            #expect(abs(found - share) < 5 * (share * (1 - share) / Double(DitherTests.count)).squareRoot(), "\(error)")
        }
        #expect(counts.keys.allSatisfy { shares[$0] != nil })
    }

    /// Samples of channels lie in turn: of eight channels, lags 1 to 7 are from one to another and 8 is within one.
    ///
    /// Longer lags are blocks of 1 to 10 ms at usual rates, powers of two, and one at which a hash of two rounds fails.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 16, 48, 160, 256, 480, 960, 4_096, 16_384, 17_408, 65_536])
    func ditherIsWhiteAndOfEachChannelsOwn(lag: Int) {
        let (product, energy) = DitherTests.errors.withUnsafeBufferPointer { errors in
            var sums: (product: Int32, energy: Int32) = (0, 0)
            for index in lag..<errors.count {
                sums.product += errors[index] * errors[index - lag]
                sums.energy += errors[index] * errors[index]
            }
            return sums
        }
        #expect(abs(Double(product) / Double(energy)) < 5 / Double(DitherTests.count).squareRoot())
    }

    /// Whether samples before carried a mark does not matter.
    @Test func ditherDependsOnThePlaceAlone() {
        var rounding = MarkRounding(bits: 16)
        var samples = [Int32](repeating: 0, count: 2_000)
        let marks = samples.indices.map { $0 < 1_003 ? 0 : Float(7) / 32_768 }
        rounding.add(marks, to: &samples, count: samples.count)
        #expect(samples[1_003...].map { $0 >> 16 - 7 } == Array(DitherTests.errors[1_003..<2_000]))
        #expect(samples[..<1_003].allSatisfy { $0 == 0 })
    }

    /// However a stream is cut, and whichever instructions the processor has.
    @Test(arguments: Embedder.Instructions.allCases)
    func bitsDoNotDependOnCuts(instructions: Embedder.Instructions) {
        guard instructions == .baseline || Embedder.Instructions.best == .v3 else { return }
        var noise = NoiseSource(seed: 91)
        let hosts = (0..<600).map { $0 % 7 == 0 ? 0 : 0.4 * min(max(noise.gaussian(), -2), 2) }
        let marked = hosts.map { Float($0) + Float(0.000_1 * noise.gaussian()) }
        for bits in [8, 16, 20, 24, 32] {
            let host = hosts.map { Int32($0 * 0x1p31) & -(1 << Int32(32 - bits)) }
            let whole = DitherTests.cut(host, hosts, marked, bits, .baseline) { _ in 600 }
            for size in Array(1...33) + [255, 256, 257] {
                #expect(
                    DitherTests.cut(host, hosts, marked, bits, instructions) { _ in size } == whole, "\(bits), \(size)")
            }
            #expect(DitherTests.cut(host, hosts, marked, bits, instructions) { $0 % 11 + 1 } == whole)
        }
    }

    /// Sums with integers and with floats, in blocks as long as `size` says at each place.
    private static func cut(
        _ host: [Int32], _ doubles: [Double], _ marked: [Float], _ bits: Int, _ instructions: Embedder.Instructions,
        size: (Int) -> Int
    ) -> [Int32] {
        var first = MarkRounding(bits: bits, instructions: instructions)
        var second = first
        var (sums, quantised) = ([Int32](), [Int32]())
        var done = 0
        while done < host.count {
            let range = done..<min(host.count, done + size(done))
            var part = Array(host[range])
            first.add(Array(marked[range]), to: &part, count: part.count)
            sums += part
            second.quantise(Array(doubles[range]), marked: Array(marked[range]), into: &part, count: part.count)
            quantised += part
            done = range.upperBound
        }
        return sums + quantised
    }

    /// Words of `channels` planes get what they get interleaved.
    @Test(arguments: 1...8)
    func planesHaveTheDitherOfInterleavedSamples(channels: Int) {
        let frames = 101
        let marks = (0..<channels * frames).map { Float($0 % 13 - 6) / 32_768 }
        var (inTurn, apart) = (MarkRounding(bits: 16), MarkRounding(bits: 16))
        var interleaved = [Int16](repeating: 0, count: marks.count)
        inTurn.add(marks, to: &interleaved, count: marks.count)
        let planes = (0..<channels).map { _ in UnsafeMutablePointer<Int16>.allocate(capacity: frames) }
        defer { for plane in planes { plane.deallocate() } }
        for plane in planes { plane.initialize(repeating: 0, count: frames) }
        var done = 0
        for count in [1, 7, 8, 9, 25, 51] {
            Array(marks[(done * channels)..<((done + count) * channels)]).withUnsafeBufferPointer { marks in
                guard let marks = marks.baseAddress else { return }
                apart.add(marks, to: planes, channels: channels, first: done, frames: count)
            }
            done += count
        }
        #expect(done == frames)
        #expect((0..<marks.count).map { planes[$0 % channels][$0 / channels] } == interleaved)
    }
}
