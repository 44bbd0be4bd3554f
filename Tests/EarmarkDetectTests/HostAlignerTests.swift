import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Where in a reference a recording was made, by the host alone.
@Suite struct HostAlignerTests {
    private static let host = SpeechLike.samples(seconds: 150, seed: 81)

    private static func reference(_ samples: [Float]) -> ReferencePowers {
        var builder = ReferencePowersBuilder(transforms: FFTWProvider())
        samples.withUnsafeBufferPointer { builder.append($0) }
        return builder.finish()
    }

    private static func features(_ samples: [Float], host: HostTrack? = nil) -> FeatureMatrix {
        var analyzer = RecordingAnalyzer(transforms: FFTWProvider(), host: host)
        samples.withUnsafeBufferPointer { analyzer.append($0) }
        analyzer.finish()
        return analyzer.features
    }

    private static func track(_ samples: [Float]) -> HostTrack? {
        HostAligner(reference(host), transforms: FFTWProvider()).track(features(samples))
    }

    @Test func aPartIsFoundToAFractionOfAFrame() throws {
        // 20.004 s into the reference: 1,250.25 frames.
        let track = try #require(HostAlignerTests.track(Array(HostAlignerTests.host[320_064..<1_920_064])))
        #expect(track.coverage > 0.95)
        for frame in stride(from: 300, to: 6_000, by: 100) where track.positions[frame] >= 0 {
            #expect(abs(track.positions[frame] - Double(frame) - 1_250.25) < 0.3)
        }
    }

    @Test func splicesAreFollowed() throws {
        let host = HostAlignerTests.host
        let track = try #require(HostAlignerTests.track(Array(host[1_600_000...]) + Array(host[..<800_000])))
        let later = 800_000 / 256
        #expect(abs(track.positions[1_000] - 1_000 - 6_250) < 0.3)
        #expect(abs(track.positions[later + 1_500] - 1_500) < 0.3)
    }

    /// Foreign audio for half a minute: between two stretches of the same line, to four frames, it is taken for the
    /// recording's own; between two others it is of nowhere.
    @Test(arguments: [(0, true), (3, true), (6, false), (1_875, false)])
    func whatLiesBetweenTwoLinesIsOfNeither(jump: Int, isFilled: Bool) throws {
        let host = HostAlignerTests.host
        let foreign = SpeechLike.samples(seconds: 30, seed: 82)
        let later = 75 * 16_000 + jump * 256
        let track = try #require(
            HostAlignerTests.track(Array(host[..<(45 * 16_000)]) + foreign + Array(host[later..<later + 45 * 16_000])))
        // The middles of what came before, of the foreign part, and of what follows.
        #expect(abs(track.positions[1_400] - 1_400) < 0.3)
        #expect(abs(track.positions[6_100] - 6_100 - Double(jump)) < 0.3)
        let between = track.positions[3_750]
        #expect(isFilled ? abs(between - 3_750) <= Double(jump) + 0.3 : between == -1)
        // Three quarters of two minutes are of the reference, but for what is in pieces of 8 s at the borders.
        #expect(isFilled ? track.coverage > 0.9 : (0.6...0.88).contains(track.coverage))
    }

    @Test func somethingElseIsNotFound() {
        #expect(HostAlignerTests.track(SpeechLike.samples(seconds: 100, seed: 82)) == nil)
        #expect(HostAlignerTests.track([]) == nil)
    }

    /// What is left of the reference itself is next to nothing; what the reference does not hold stays as it was.
    @Test func theHostIsTakenOut() throws {
        let part = Array(HostAlignerTests.host[320_000..<1_920_000])
        let track = try #require(HostAlignerTests.track(part))
        let plain = HostAlignerTests.features(part)
        let freed = HostAlignerTests.features(part, host: track)
        #expect(freed.frames == plain.frames)
        let unknown = HostTrack(
            HostAlignerTests.reference(HostAlignerTests.host), positions: .init(repeating: -1, count: plain.frames))
        #expect(HostAlignerTests.features(part, host: unknown).values == plain.values)
        #expect(unknown.coverage == 0)
        // Features are normalised, so it shows in how far a decibel moves them.
        let gain = zip(freed.slopes, plain.slopes).map { $0 / $1 }.reduce(0, +) / Double(plain.slopes.count)
        #expect(gain > 1.5)
    }

    @Test func placesOutsideOfTheCopyAreUnknown() {
        let reference = HostAlignerTests.reference(Array(HostAlignerTests.host[..<32_000]))
        let last = Double(reference.frames - 2)
        let track = HostTrack(reference, positions: [-0.5, 0, last, last + 0.5, .nan])
        #expect(track.positions == [-1, 0, last, -1, -1])
        #expect(track.coverage == 0.4)
    }
}
