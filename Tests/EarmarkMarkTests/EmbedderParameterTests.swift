import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

/// Rates, channels, strengths and the clock.
@Suite struct EmbedderParameterTests {
    @Test(arguments: [8_000.0, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000])
    func everyRateMarks(rate: Double) throws {
        var noise = NoiseSource(seed: 21)
        let input = noise.white(Int(rate * 0.06), deviation: 0.1)
        let output = try Marking.mark(input, seeds: TestKeys.mark(client: 1), rate: rate)
        try EmbedderParameterTests.expectMark(in: output, over: input)
    }

    @Test(arguments: 1...8)
    func everyChannelCountMarksEveryChannel(channels: Int) throws {
        var noise = NoiseSource(seed: 22)
        let input = noise.white(2_000 * channels, deviation: 0.1)
        let output = try Marking.mark(input, seeds: TestKeys.mark(client: 1), channels: channels)
        for channel in 0..<channels {
            func part(_ samples: [Float]) -> [Float] {
                stride(from: channel, to: samples.count, by: channels).map { samples[$0] }
            }
            try EmbedderParameterTests.expectMark(in: part(output), over: part(input))
        }
    }

    @Test(arguments: [
        (7_999.9, 1), (192_000.1, 1), (0, 1), (-48_000, 1), (.nan, 1), (.infinity, 1), (16_000, 0), (16_000, 9),
        (16_000, -1),
    ])
    func otherParametersAreRefused(rate: Double, channels: Int) {
        let made = Embedder(seeds: TestKeys.mark(client: 1), parameters: .init(sampleRate: rate, channels: channels))
        // A non-copyable optional has no ==.
        if made != nil { Issue.record("accepted \(rate) Hz and \(channels) channels") }
    }

    @Test func equalChannelsStayEqual() throws {
        let mono = SpeechLike.samples(seconds: 1, seed: 23)
        let stereo = mono.flatMap { [$0, $0] }
        let output = try Marking.mark(stereo, seeds: TestKeys.mark(client: 1), channels: 2)
        for frame in mono.indices { #expect(output[2 * frame].bitPattern == output[2 * frame + 1].bitPattern) }
    }

    /// On a spectrum that falls as speech does.
    ///
    /// White noise gains a quarter of a decibel: the mark's own energy.
    @Test(arguments: [Strength.transparent, .standard])
    func levelChangesByLessThanATenthOfADecibel(strength: Strength) throws {
        var noise = NoiseSource(seed: 24)
        var slow: Float = 0
        let host = noise.white(64_000, deviation: 0.1).map { sample in
            slow = 0.8 * slow + sample
            return 0.3 * slow
        }
        let output = try Marking.mark(host, seeds: TestKeys.mark(client: 1), strength: strength)
        #expect(abs(Decibels.level(output) - Decibels.level(host)) < 0.1)
    }

    @Test func strengthsAreOrdered() throws {
        let host = SpeechLike.samples(seconds: 2, seed: 26)
        let levels = try Strength.allCases.map { strength in
            let output = try Marking.mark(host, seeds: TestKeys.mark(client: 1), strength: strength)
            return Decibels.level(zip(output, host).map { $0 - $1 })
        }
        #expect(levels[0] < levels[1] - 1)
        #expect(levels[1] < levels[2] - 1)
    }

    @Test func meetingTimeRunsOnWithTheSamples() throws {
        // Telling the embedder what it knows already must not change a thing. 1,280 frames are 20 gain updates' worth
        // of both kinds, so that their grids fall together.
        let host = SpeechLike.samples(seconds: 2, seed: 27)
        let seeds = TestKeys.mark(client: 1)
        let whole = try Marking.mark(host, seeds: seeds, at: 16)
        var told = host
        guard var embedder = Embedder(seeds: seeds, parameters: .init(sampleRate: 16_000, channels: 1)) else {
            Issue.record("refused 16 kHz mono")
            return
        }
        var done = 0
        told.withUnsafeMutableBufferPointer { buffer in
            while done < host.count {
                embedder.setTime(16 + Double(done) / 16_000)
                let count = min(1_280, host.count - done)
                embedder.process(interleaved: .init(rebasing: buffer[done..<done + count]), frames: count)
                done += count
            }
        }
        #expect(embedder.framesProcessed == Int64(host.count))
        #expect(Decibels.signalToNoise(told.map(Double.init), reference: whole.map(Double.init)) > 80)
    }

    @Test func aStreamThatBeginsLaterCarriesTheSamePattern() throws {
        var noise = NoiseSource(seed: 28)
        let host = noise.white(64_000, deviation: 0.1)
        let seeds = TestKeys.mark(client: 1)
        let whole = try Marking.mark(host, seeds: seeds, at: -10)
        let half = try Marking.mark(Array(host[32_000...]), seeds: seeds, at: -8)
        // After the filters, the host's weights and its last windows have settled (0.5 s) both add the same mark.
        let first = zip(whole, host).dropFirst(40_000).map { Double($0 - $1) }
        let second = zip(half, host.dropFirst(32_000)).dropFirst(8_000).map { Double($0 - $1) }
        #expect(Decibels.signalToNoise(second, reference: first) > 40)
        let other = try Marking.mark(Array(host[32_000...]), seeds: seeds, at: -7)
        let third = zip(other, host.dropFirst(32_000)).dropFirst(8_000).map { Double($0 - $1) }
        #expect(Decibels.signalToNoise(third, reference: first) < 3)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300, 1e18, -1e18, Double(Int64.max)])
    func absurdTimesDoNotCrash(seconds: Double) throws {
        let host = [Float](repeating: 0.25, count: 2_000)
        let output = try Marking.mark(host, seeds: TestKeys.mark(client: 1), at: seconds)
        #expect(output.allSatisfy { $0.isFinite })
    }

    @Test func otherSeedsMakeAnotherMark() throws {
        let host = SpeechLike.samples(seconds: 1, seed: 29)
        let mine = try Marking.mark(host, seeds: TestKeys.mark(client: 1))
        #expect(try Marking.mark(host, seeds: TestKeys.mark(client: 1)) == mine)
        #expect(try Marking.mark(host, seeds: TestKeys.mark(client: 2)) != mine)
        #expect(try Marking.mark(host, seeds: TestKeys.mark(client: 1, meeting: 2)) != mine)
    }

    /// A mark is there, between 6 and 50 dB below its host.
    private static func expectMark(in output: [Float], over input: [Float]) throws {
        let mark = Decibels.level(zip(output, input).map { $0 - $1 }) - Decibels.level(input)
        #expect(mark > -50 && mark < -6)
        #expect(output.allSatisfy { $0.isFinite })
    }
}
