import EarmarkDSP
import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Whether a mark was put on the audio in which it is found: docs/statistics.md, "Content".
@Suite struct ContentTests {
    /// A genuine recording agrees about as well as is expected of it.
    @Test func aMarkAgreesWithTheAudioThatItWasPutOn() throws {
        let own = try ContentTests.content(of: try ContentTests.marked(host: 5))
        #expect(own.z > 8)
        #expect(own.z > 0.6 * own.expectedZ && own.z < 2 * own.expectedZ)
        #expect(own.log10Chance < -9)
        #expect(own.stretches.map(\.kind) == [.whole])
    }

    @Test func aMarkOnOtherAudioAgreesByChance() throws {
        let other = try ContentTests.content(of: try ContentTests.copied(from: 5, onto: 6))
        #expect(other.expectedZ > 4)
        #expect(abs(other.z) < 4)
        #expect(other.z < 0.4 * other.expectedZ)
    }

    /// docs/signal-design.md, "Content": where a telephone left nothing of the upper half, 0.7 of the evidence is
    /// expected; so it is where more than half of the recording is as narrow.
    @Test func lessIsExpectedOfATelephone() throws {
        let samples = try Marking.mark(SpeechLike.samples(seconds: 60, seed: 5), seeds: TestKeys.mark(client: 0))
        var analyzer = RecordingAnalyzer(transforms: FFTWProvider())
        samples.withUnsafeBufferPointer { analyzer.append($0) }
        analyzer.finish()
        let features = analyzer.features
        func expected(narrow frames: Int) throws -> Double {
            var narrow = features
            for _ in 0..<max(0, frames - features.narrowFrames) { narrow.countNarrow() }
            var run = ContentTests.detector.begin(SearchBudget(channels: 1))
            try run.add(narrow)
            return try #require(run.finish().sources.first { $0.candidate == 0 }?.content).expectedZ
        }
        try #require(features.narrowFrames < features.frames / 2)
        let wide = try expected(narrow: 0)
        #expect(wide > 2)
        #expect(try expected(narrow: features.frames / 2) == wide)
        #expect(abs(try expected(narrow: features.frames / 2 + 1) - 0.7 * wide) < 1e-9)
    }

    /// docs/statistics.md, "Content".
    ///
    /// Beside voices as loud as the talkers words are read worse than they look.
    @Test func lessIsExpectedBesideOtherVoices() throws {
        var samples = try ContentTests.marked(host: 5)
        let alone = try ContentTests.content(of: samples)
        let voices = SpeechLike.samples(seconds: 130, seed: 77)
        for frame in samples.indices { samples[frame] += voices[frame] }
        let beside = try ContentTests.content(of: samples)
        #expect(beside.expectedZ < 0.65 * alone.expectedZ)
        #expect(beside.z > 0.3 * beside.expectedZ)
        #expect(beside.evenness != .even)
        #expect(alone.evenness == .unsure)
    }

    /// docs/statistics.md, "Content": of a mark of which nothing to speak of is left between the peaks of its host, 0.6
    /// of the evidence is expected; of one that is as weak everywhere, all.
    @Test func lessIsExpectedOfWhatIsLeftAtThePeaksAlone() throws {
        let samples = try Marking.mark(SpeechLike.samples(seconds: 60, seed: 5), seeds: TestKeys.mark(client: 0))
        var analyzer = RecordingAnalyzer(transforms: FFTWProvider())
        samples.withUnsafeBufferPointer { analyzer.append($0) }
        analyzer.finish()
        let features = analyzer.features
        /// `everywhere`, `peaks`: how many times as much as here a fresh mark would show over all cells and at peaks.
        func expected(everywhere: Double, peaks: Double) throws -> Double {
            var weak = features
            func more(_ slope: Double, _ times: Double) -> Float {
                Float((times - 1) * slope / Double(FeatureMatrix.scale))
            }
            let rows = (0..<4).map { row in
                SIMD8<Float>(
                    (0..<8).map { lane in
                        let dipole = 8 * row + lane
                        return dipole < FeatureMatrix.columns ? more(features.slopes[dipole], everywhere) : 0
                    })
            }
            weak.addSlopes(rows, heard: rows.map { _ in .zero })
            for dipole in 0..<FeatureMatrix.columns {
                weak.addPeakSlope(more(features.peakSlopes[dipole], peaks), dipole: dipole)
            }
            var run = ContentTests.detector.begin(SearchBudget(channels: 1))
            try run.add(weak)
            return try #require(run.finish().sources.first { $0.candidate == 0 }?.content).expectedZ
        }
        let fresh = try expected(everywhere: 1, peaks: 1)
        #expect(fresh > 2)
        #expect(try expected(everywhere: 3, peaks: 3) == fresh)
        #expect(abs(try expected(everywhere: 30, peaks: 3) - 0.6 * fresh) < 1e-9)
    }

    /// From an evenness of 0.7 down, in proportion, to a share of 0.6; one that is not sure changes nothing.
    @Test func lessIsExpectedOfAnUnevenMark() {
        #expect(IntegrityTrack.evenShare(nil) == 1)
        #expect(IntegrityTrack.evenShare(1.3) == 1)
        #expect(IntegrityTrack.evenShare(0.7) == 1)
        #expect(abs(IntegrityTrack.evenShare(0.56) - 0.8) < 1e-9)
        #expect(abs(IntegrityTrack.evenShare(0.41) - 0.6) < 1e-9)
        #expect(IntegrityTrack.evenShare(0) == 0.6)
    }

    /// T and its variance as the formula says, from features whose every number is known.
    @Test func theSumIsThatOfTheFormula() {
        let sums = ContentScorer.Sums(sum: 6, energy: 9, expected: 4)
        #expect(sums.z == 2)
        #expect(abs(sums.slope - 6.0 / 9) < 1e-12)
        #expect(abs(sums.log(slope: 0.5) - (0.5 * 6 - 0.125 * 9)) < 1e-12)
        #expect(ContentScorer.Sums().z == 0)
    }

    /// Thirty seconds of other audio in the middle of a recording are told from the rest, to a few seconds.
    @Test func foreignAudioIsShownWhereItIs() throws {
        var samples = try ContentTests.marked(host: 5)
        let foreign = SpeechLike.samples(seconds: 130, seed: 77)
        for frame in 50 * 16_000..<80 * 16_000 { samples[frame] = foreign[frame] }
        let content = try ContentTests.content(of: samples)
        let stretches = content.stretches.filter { $0.kind == .unmarked }
        let stretch = try #require(stretches.first)
        #expect(stretches.count == 1)
        #expect(abs(stretch.recording.lowerBound - 50) < 3 && abs(stretch.recording.upperBound - 80) < 3)
        #expect(stretch.log > 8)
    }

    /// Seventy seconds of other audio that the mark was copied onto confirm nothing, and the rest does.
    @Test func aCopiedPartIsNotConfirmed() throws {
        var samples = try ContentTests.marked(host: 5)
        let copied = try ContentTests.copied(from: 5, onto: 77)
        for frame in 30 * 16_000..<100 * 16_000 { samples[frame] = copied[frame] }
        let stretches = try ContentTests.content(of: samples).stretches
        func isConfirmed(at second: Double) -> Bool {
            stretches.contains { $0.recording.contains(second) && $0.kind == .whole && $0.z >= 3 }
        }
        for second in stride(from: 35.0, to: 95, by: 5) { #expect(!isConfirmed(at: second), "\(second)") }
        #expect(isConfirmed(at: 15) && isConfirmed(at: 115))
    }

    /// Where two fifths of a mark are left, as where an orchestra plays, it was not cut in.
    @Test func aFaintStretchIsNotCalledUnmarked() throws {
        let host = SpeechLike.samples(seconds: 130, seed: 5)
        var samples = try ContentTests.marked(host: 5)
        for frame in 50 * 16_000..<80 * 16_000 { samples[frame] = 0.4 * samples[frame] + 0.6 * host[frame] }
        #expect(try ContentTests.content(of: samples).stretches.allSatisfy { $0.kind != .unmarked })
    }

    private static let detector = Detector(
        shared: TestKeys.shared(), candidates: TestKeys.identities(3), log10Threshold: -9, expectedSeconds: 600,
        transforms: FFTWProvider())

    /// Marked speech-like audio.
    static func marked(host: UInt64) throws -> [Float] {
        try Marking.mark(SpeechLike.samples(seconds: 130, seed: host), seeds: TestKeys.mark(client: 0))
    }

    /// What a copier makes who reads the gains off one recording and puts them on another.
    ///
    /// Both channels of a stream carry the same gains, and a channel that is 40 dB stronger decides on the words.
    static func copied(from host: UInt64, onto other: UInt64) throws -> [Float] {
        let strong = SpeechLike.samples(seconds: 130, seed: host)
        let weak = SpeechLike.samples(seconds: 130, seed: other)
        let both = zip(strong, weak).flatMap { [$0 * 0.5, $1 * 0.005] }
        let marked = try Marking.mark(both, seeds: TestKeys.mark(client: 0), channels: 2)
        return stride(from: 1, to: marked.count, by: 2).map { marked[$0] * 100 }
    }

    /// Evidence for the content of client 0 in a recording that shows the meeting from its start.
    static func content(of samples: [Float]) throws -> Detection.Content {
        var run = detector.begin(SearchBudget(channels: 1))
        try run.add(channel: samples)
        return try #require(run.finish().sources.first { $0.candidate == 0 }?.content)
    }
}
