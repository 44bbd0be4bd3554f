import EarmarkTestSupport
import Testing

@testable import EarmarkMark

/// CEarmark/earmark.h, `earmark_counters`: frames that carry the mark, and frames left alone as digital silence.
@Suite struct CounterTests {
    private static func counters(_ channels: [[Float]], blocks: Int) throws -> Embedder.Counters {
        let parameters = Embedder.Parameters(sampleRate: 16_000, channels: channels.count)
        guard var embedder = Embedder(seeds: TestKeys.mark(client: 1), parameters: parameters) else {
            throw Marking.Refused()
        }
        var samples = channels[0].indices.flatMap { frame in channels.map { $0[frame] } }
        let frames = channels[0].count
        samples.withUnsafeMutableBufferPointer { buffer in
            for start in stride(from: 0, to: frames, by: blocks) {
                let end = min(frames, start + blocks)
                embedder.process(
                    interleaved: .init(rebasing: buffer[start * channels.count..<end * channels.count]),
                    frames: end - start)
            }
        }
        return embedder.counters
    }

    private static func sound(_ seed: UInt64) -> [Float] {
        var noise = NoiseSource(seed: seed)
        return noise.white(1_600, deviation: 0.1)
    }
    private static let silence = [Float](repeating: 0, count: 1_600)

    /// Sound is marked from its second frame on, and the zero right after it; other zeros are silence but the first.
    ///
    /// The two bands of a pair answer the first frame alike, so their marks add up to nothing; after sound they ring.
    @Test(arguments: [1, 100, 6_400])
    func framesAreCountedExactly(blocks: Int) throws {
        let channel = CounterTests.silence + CounterTests.sound(1) + CounterTests.silence + CounterTests.sound(2)
        let counters = try CounterTests.counters([channel], blocks: blocks)
        #expect(counters.frames == 6_400)
        #expect(counters.framesMarked == 3_199)
        #expect(counters.framesSilent == 3_198)
    }

    /// Marked is the channel that has most, silent what is so in every channel.
    @Test func channelsAreCountedTogether() throws {
        let sound = CounterTests.sound(1)
        let silence = CounterTests.silence
        let both = try CounterTests.counters([sound + silence + silence, silence + silence + silence], blocks: 480)
        #expect(both == Embedder.Counters(frames: 4_800, framesMarked: 1_600, framesSilent: 3_199))
        let other = try CounterTests.counters([silence + silence + silence, sound + silence + silence], blocks: 480)
        #expect(other == both)
        let turns = try CounterTests.counters([sound + silence + silence, silence + silence + sound], blocks: 480)
        // Each is silent for 3,199 or 3,199 frames less the first zero.
        #expect(turns == Embedder.Counters(frames: 4_800, framesMarked: 1_600, framesSilent: 3_199))
        let equal = try CounterTests.counters([sound + silence, sound + silence, sound + silence], blocks: 7)
        #expect(equal == Embedder.Counters(frames: 3_200, framesMarked: 1_600, framesSilent: 1_599))
    }

    /// Channels that were apart and hold the same again keep what each has counted.
    @Test(arguments: [1, 333, 8_000])
    func channelsThatJoinKeepTheirCounts(blocks: Int) throws {
        let one = CounterTests.sound(1)
        let silence = CounterTests.silence
        // Sound of one's own in the second channel for two parts, silence in both, then the same sound in both.
        let first = one + silence + silence + one
        let second = CounterTests.sound(2) + CounterTests.sound(3) + silence + one
        let counters = try CounterTests.counters([first, second], blocks: blocks)
        #expect(counters == Embedder.Counters(frames: 6_400, framesMarked: 4_799, framesSilent: 1_599))
        let turned = try CounterTests.counters([second, first], blocks: blocks)
        #expect(turned == counters)
    }

    /// Damaged samples and zeros that stand alone: the former carry no mark, the latter do.
    @Test func damagedFramesCountAsUnmarked() throws {
        var sound = CounterTests.sound(3)
        for index in [100, 200, 300] { sound[index] = .nan }
        for index in [400, 500] { sound[index] = 0 }
        let counters = try CounterTests.counters([sound], blocks: 333)
        #expect(counters == Embedder.Counters(frames: 1_600, framesMarked: 1_596, framesSilent: 0))
    }

    @Test func noFramesChangeNothing() throws {
        let parameters = Embedder.Parameters(sampleRate: 16_000, channels: 1)
        guard var embedder = Embedder(seeds: TestKeys.mark(client: 1), parameters: parameters) else {
            throw Marking.Refused()
        }
        embedder.setTime(5)
        embedder.process(interleaved: .init(start: nil, count: 0), frames: 0)
        #expect(embedder.counters == Embedder.Counters())
        #expect(embedder.time == 5)
    }
}
