import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkMark

/// How a stream may be cut, and what must pass through untouched.
@Suite struct EmbedderStreamTests {
    @Test(arguments: [(8_000.0, 1), (16_000, 2), (44_100, 1), (48_000, 3), (192_000, 1)])
    func resultDoesNotDependOnBlockCuts(rate: Double, channels: Int) throws {
        let input = EmbedderStreamTests.hostileStream(frames: Int(min(rate * 0.5, 12_000)), channels, rate: rate)
        let seeds = TestKeys.mark(client: 1)
        let whole = try Marking.mark(input, seeds: seeds, rate: rate, channels: channels, at: 3.99) { .max }
        var noise = NoiseSource(seed: 5)
        let sizes = [1, 1, 2, 3, 7, 16, 63, 64, 65, 480, 1_024]
        for cuts in [{ 1 }, { 7 }, { sizes[noise.integer(in: 0...sizes.count - 1)] }] {
            let cut = try Marking.mark(input, seeds: seeds, rate: rate, channels: channels, at: 3.99, blocks: cuts)
            let differing = zip(whole, cut).count { $0.bitPattern != $1.bitPattern }
            #expect(differing == 0, "of \(whole.count) samples")
        }
        #expect(whole.map(\.bitPattern) != input.map(\.bitPattern))
    }

    /// Whatever vector instructions a processor has: same bits.
    @Test(arguments: [(8_000.0, 1), (11_025, 1), (16_000, 3), (48_000, 2), (96_000, 1)])
    func resultDoesNotDependOnTheProcessor(rate: Double, channels: Int) throws {
        guard Embedder.Instructions.best != .baseline else { return }
        let input = EmbedderStreamTests.hostileStream(frames: Int(rate * 0.4), channels, rate: rate)
        let outputs = try Embedder.Instructions.allCases.map { instructions in
            let made = Embedder(
                seeds: TestKeys.mark(client: 1), parameters: .init(sampleRate: rate, channels: channels),
                instructions: instructions)
            guard var embedder = made else { throw Marking.Refused() }
            var samples = input
            samples.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: $0.count / channels) }
            return samples.map(\.bitPattern)
        }
        #expect(outputs.allSatisfy { $0 == outputs[0] })
        #expect(outputs[0] != input.map(\.bitPattern))
    }

    @Test(arguments: [1, 2, 5])
    func planesAreMarkedAsInterleavedSamplesAre(channels: Int) throws {
        let input = EmbedderStreamTests.hostileStream(frames: 9_000, channels, rate: 48_000)
        let whole = try Marking.mark(input, seeds: TestKeys.mark(client: 1), rate: 48_000, channels: channels, at: 7)
        guard
            var embedder = Embedder(
                seeds: TestKeys.mark(client: 1), parameters: .init(sampleRate: 48_000, channels: channels))
        else { throw Marking.Refused() }
        embedder.setTime(7)
        let planes = (0..<channels).map { channel in
            (0..<9_000).map { input[$0 * channels + channel] }
        }
        let pointers = planes.map { plane in
            let copy = UnsafeMutablePointer<Float>.allocate(capacity: plane.count)
            copy.initialize(from: plane, count: plane.count)
            return copy
        }
        defer { for pointer in pointers { pointer.deallocate() } }
        for start in stride(from: 0, to: 9_000, by: 450) {
            embedder.process(planes: pointers.map { $0 + start }, frames: 450)
        }
        for index in whole.indices {
            #expect(pointers[index % channels][index / channels].bitPattern == whole[index].bitPattern)
        }
        #expect(embedder.counters.frames == 9_000)
    }

    @Test func framesAreCountedAsWhatTheyBecame() throws {
        var noise = NoiseSource(seed: 15)
        let loud = noise.white(2 * 4_800, deviation: 0.1)
        let silent = [Float](repeating: 0, count: 2 * 9_600)
        guard
            var embedder = Embedder(seeds: TestKeys.mark(client: 1), parameters: .init(sampleRate: 48_000, channels: 2))
        else { throw Marking.Refused() }
        var samples = silent + loud + silent + loud
        samples.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: 28_800) }
        let counters = embedder.counters
        #expect(counters.frames == 28_800)
        // The first zero after sound still carries what rings; the filters' first ten frames hold nothing yet.
        #expect((9_580...9_602).contains(counters.framesMarked), "\(counters)")
        #expect((19_190...19_200).contains(counters.framesSilent), "\(counters)")
    }

    @Test func silenceStaysSilence() throws {
        let silence = [Float](repeating: 0, count: 16_000)
        let output = try Marking.mark(silence, seeds: TestKeys.mark(client: 1), channels: 2)
        #expect(output.allSatisfy { $0 == 0 })
    }

    @Test func runsOfZerosStayZeroFromTheSecondOn() throws {
        var noise = NoiseSource(seed: 11)
        var input = noise.white(16_000, deviation: 0.2)
        for start in stride(from: 1_000, to: 15_000, by: 900) {
            for index in start..<start + noise.integer(in: 2...600) { input[index] = 0 }
        }
        let output = try Marking.mark(input, seeds: TestKeys.mark(client: 1))
        for index in 1..<input.count where input[index] == 0 && input[index - 1] == 0 {
            #expect(output[index] == 0, "sample \(index)")
        }
        #expect(output != input)
    }

    /// A damaged sample counts as a zero for the filters, and its neighbours never see it.
    @Test func nonFiniteSamplesPassThroughAndDoNotSpread() throws {
        var noise = NoiseSource(seed: 12)
        let clean = noise.white(8_000, deviation: 0.1)
        var damaged = clean
        var muted = clean
        let places = Array(stride(from: 50, to: 8_000, by: 331))
        let values: [Float] = [.nan, .infinity, -.infinity, .signalingNaN, .greatestFiniteMagnitude, -1e20]
        for (count, index) in places.enumerated() {
            damaged[index] = values[count % values.count]
            muted[index] = 0
        }
        let seeds = TestKeys.mark(client: 1)
        let output = try Marking.mark(damaged, seeds: seeds)
        let expected = try Marking.mark(muted, seeds: seeds)
        for index in output.indices {
            if places.contains(index) {
                // Whether a NaN signals may be lost on the way; that it is one may not.
                #expect(output[index] == damaged[index] || output[index].isNaN && damaged[index].isNaN)
            } else {
                #expect(output[index].bitPattern == expected[index].bitPattern, "sample \(index)")
            }
        }
    }

    @Test func denormalSamplesAreLeftAlone() throws {
        let input = (0..<4_000).map { Float(sign: $0 % 2 == 0 ? .plus : .minus, exponent: -130, significand: 1) }
        #expect(try Marking.mark(input, seeds: TestKeys.mark(client: 1)) == input)
    }

    @Test func filtersRingDownToNothingNotToDenormals() throws {
        // One loud click, then tiny noise: nothing but the tiny noise may be left of the mark.
        var noise = NoiseSource(seed: 3)
        var input = noise.white(16_000, deviation: 1e-12)
        input[100] = 0.9
        let output = try Marking.mark(input, seeds: TestKeys.mark(client: 1))
        let late = zip(output, input).dropFirst(8_000).map { abs($0 - $1) }
        #expect((late.max() ?? 1) < 1e-10)
        #expect(output.allSatisfy { $0.isFinite })
    }

    @Test(arguments: Strength.allCases)
    func hotSignalsNeverPassFullScale(strength: Strength) throws {
        var noise = NoiseSource(seed: 13)
        let rate = 16_000.0
        let count = 16_000
        let square = (0..<count).map { Float($0 / 40 % 2 == 0 ? 1 : -1) }
        let clipped = noise.white(count, deviation: 2).map { min(max($0, -1), 1) }
        let sine = (0..<count).map { Float(0.999 * sin(2 * Double.pi * 1_003 * Double($0) / rate)) }
        for host in [square, clipped, sine] {
            let output = try Marking.mark(host, seeds: TestKeys.mark(client: 1), strength: strength)
            #expect(output.allSatisfy { abs($0) <= 1 })
            #expect(output != host)
        }
    }

    @Test func samplesBeyondFullScaleAreNotPushedFurther() throws {
        var noise = NoiseSource(seed: 14)
        let host = noise.white(16_000, deviation: 0.8)
        let output = try Marking.mark(host, seeds: TestKeys.mark(client: 1))
        for (before, after) in zip(host, output) { #expect(abs(after) <= max(1, abs(before))) }
    }

    @Test func markBeginsWithTheSound() throws {
        for start in [400, 1_023, 5_555] {
            var input = [Float](repeating: 0, count: 8_000)
            input[start] = 0.5
            for index in start + 1..<8_000 { input[index] = 0.25 * Float(index % 2) - 0.1 }
            let output = try Marking.mark(input, seeds: TestKeys.mark(client: 1))
            #expect(output[..<start].allSatisfy { $0 == 0 })
            let mark = zip(output, input).map { abs($0 - $1) }
            #expect(mark[start...start + 2].contains { $0 > 0 }, "no delay from \(start)")
        }
    }

    /// Noise with everything a stream can hold: long and short zeros, denormals, non-finite values.
    private static func hostileStream(frames: Int, _ channels: Int, rate: Double) -> [Float] {
        var noise = NoiseSource(seed: UInt64(rate) + UInt64(channels))
        var samples = noise.white(frames * channels, deviation: 0.3)
        let flush = Int(rate * 0.02)
        var frame = 0
        while frame < frames {
            let channel = noise.integer(in: 0...channels - 1)
            switch noise.integer(in: 0...3) {
            case 0, 1:
                // About as long as the filters take to be emptied: one more or less must not matter.
                let end = min(frames, frame + flush + noise.integer(in: -20...90))
                for index in frame..<end { samples[index * channels + channel] = 0 }
                frame = end
            case 2: samples[frame * channels + channel] = [Float.nan, .infinity, 1e30, -0.0][noise.integer(in: 0...3)]
            default: samples[frame * channels + channel] = .leastNonzeroMagnitude
            }
            frame += noise.integer(in: 1...200)
        }
        return samples
    }
}
