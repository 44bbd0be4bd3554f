import EarmarkDetect
import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

/// The whole path on two minutes of speech-like sound: mark it, take it apart, name the client, and nobody else.
@Suite struct DetectorTests {
    private static let clients = 50
    private static let threshold = -9.0
    private static let start = SharedRecordings.start
    private static let seconds = SharedRecordings.seconds

    @Test func namesTheClientAndTheTime() throws {
        let detection = try DetectorTests.detect(try SharedRecordings.copyOfFirst())
        #expect(detection.sources.map(\.candidate) == [17])
        let source = try #require(detection.sources.first)
        #expect(source.log10FalseAccusation <= DetectorTests.threshold)
        // Whoever guesses a 256-bit key needs no luck with signs.
        #expect(source.log10FalseAccusation >= -256 * log10(2))
        #expect(detection.log10Presence <= DetectorTests.threshold)
        #expect(abs(try #require(source.strength)) < 3)
        #expect(detection.candidates == DetectorTests.clients)
        DetectorTests.expectTime(source, DetectorTests.start)
        // The time map covers the recording but for its ends.
        #expect(DetectorTests.covered(source, 0..<DetectorTests.seconds) > 0.9 * DetectorTests.seconds)
    }

    @Test func unmarkedSoundNamesNobody() throws {
        DetectorTests.expectNothing(try DetectorTests.detect(SharedRecordings.host))
    }

    @Test func anotherMeetingsSeedsFindNothing() throws {
        let marked = try SharedRecordings.copyOfFirst()
        DetectorTests.expectNothing(try DetectorTests.detect(marked, meeting: 2))
    }

    /// Pilot and timeline of this meeting, an identity that is not among the candidates.
    @Test func aStrangerOfThisMeetingIsNotTakenForAnyone() throws {
        let detection = try DetectorTests.detect(
            try SharedRecordings.copyOfFirst(), candidates: (100..<150).map { TestKeys.identity(client: $0) })
        #expect(detection.sources.isEmpty)
        #expect(detection.log10Presence <= DetectorTests.threshold)
    }

    @Test func averagingTwoCopiesNamesBoth() throws {
        let first = try SharedRecordings.copyOfFirst()
        let second = try SharedRecordings.copyOfSecond()
        let detection = try DetectorTests.detect(zip(first, second).map { ($0 + $1) / 2 })
        #expect(Set(detection.sources.map(\.candidate)) == [17, 31])
        for source in detection.sources { DetectorTests.expectTime(source, DetectorTests.start) }
    }

    @Test func aSpliceNamesBothAndWhereEachIsHeard() throws {
        let first = try SharedRecordings.copyOfFirst()
        let second = try SharedRecordings.copyOfSecond()
        let border = first.count / 2
        let detection = try DetectorTests.detect(Array(first[..<border] + second[border...]))
        let half = DetectorTests.seconds / 2
        #expect(Set(detection.sources.map(\.candidate)) == [17, 31])
        for source in detection.sources {
            let own = source.candidate == 17 ? 0..<half : half..<DetectorTests.seconds
            let other = source.candidate == 17 ? half..<DetectorTests.seconds : 0..<half
            // Spans move in steps of 4.1 s, and a step that holds little sound may fall to either side.
            #expect(DetectorTests.covered(source, own) > half - 15)
            #expect(DetectorTests.covered(source, other) < 15)
        }
    }

    @Test func timeJumpsAreFollowed() throws {
        // The second half is played first, and then the first.
        let marked = try SharedRecordings.copyOfFirst()
        let detection = try DetectorTests.detect(Array(marked[(marked.count / 2)...] + marked[..<(marked.count / 2)]))
        #expect(detection.sources.map(\.candidate) == [17])
        let half = DetectorTests.seconds / 2
        let spans = try #require(detection.sources.first).spans
        for (second, played) in [
            (half - 20, DetectorTests.start + 2 * half - 20), (half + 20, DetectorTests.start + 20),
        ] {
            let span = try #require(spans.first { $0.recording.contains(second) })
            #expect(abs(span.meetingStart + second - span.recording.lowerBound - played) < 0.02)
        }
    }

    @Test func theSameInputGivesTheSameAnswer() throws {
        let marked = try SharedRecordings.copyOfFirst()
        #expect(try DetectorTests.detect(marked) == DetectorTests.detect(marked))
    }

    @Test func lessThanASegmentIsNotFound() throws {
        for count in [0, 1, 1_000, 60_000] {
            let detection = try DetectorTests.detect(Array(SharedRecordings.host.prefix(count)))
            DetectorTests.expectNothing(detection)
        }
    }

    /// The proof needs that nothing but a candidate's own signs decides on it, and that alignments see no candidate.
    @Test func nobodyElsesSignsMatter() throws {
        let marked = try SharedRecordings.copyOfFirst()
        let own = TestKeys.identity(client: 17)
        let alone = try DetectorTests.detect(marked, candidates: [own])
        let crowd = try DetectorTests.detect(
            marked, candidates: [own] + (200..<240).map { TestKeys.identity(client: $0) })
        let strangers = try DetectorTests.detect(marked, candidates: (300..<310).map { TestKeys.identity(client: $0) })
        #expect(alone.sources.map(\.candidate) == [0] && crowd.sources.map(\.candidate) == [0])
        #expect(strangers.sources.isEmpty)
        #expect(alone.sources.first?.z == crowd.sources.first?.z)
        #expect(alone.sources.first?.spans == crowd.sources.first?.spans)
        for other in [crowd, strangers] {
            #expect(alone.pilotScore == other.pilotScore)
            #expect(alone.pilotLevel == other.pilotLevel)
            #expect(alone.log10Presence == other.log10Presence)
            #expect(alone.expectation == other.expectation)
            #expect(alone.hypotheses == other.hypotheses)
        }
    }

    /// All that is tried is paid for, whether it finds anything or not.
    @Test func everyChannelAndCandidateIsPaidFor() throws {
        // A mark turned down to an eighth: strong enough to name, too weak for the least bound that is ever claimed.
        let marked = try SharedRecordings.copyOfFirst()
        let features = DetectorTests.features(zip(SharedRecordings.host, marked).map { $0 + ($1 - $0) * 0.13 })
        func bound(candidates: Int, channels: Int, alignments: Int) throws -> (Double, Detection) {
            let detector = Detector(
                shared: TestKeys.shared(), candidates: TestKeys.identities(candidates), log10Threshold: -9,
                transforms: FFTWProvider())
            var run = detector.begin(SearchBudget(channels: channels, breadth: .init(tracks: alignments)))
            try run.add(features)
            let detection = run.finish()
            return (try #require(detection.sources.first).log10FalseAccusation, detection)
        }
        let (alone, _) = try bound(candidates: 20, channels: 1, alignments: 1)
        let (more, detection) = try bound(candidates: 40, channels: 5, alignments: 2)
        #expect(alone > -70, "not cut off")
        #expect(detection.hypotheses == 10)
        #expect(detection.candidates == 40)
        // Five times the channels, twice the candidates, and two thirds of a channel's share instead of all of it.
        #expect(abs(more - alone - log10(5 * 2 * 1.5)) < 1e-6)
    }

    @Test func withoutCandidatesNobodyIsNamed() throws {
        let marked = try SharedRecordings.copyOfFirst()
        let detector = Detector(
            shared: TestKeys.shared(), candidates: [], log10Threshold: -9, transforms: FFTWProvider())
        var run = detector.begin(SearchBudget(channels: 1))
        try run.add(DetectorTests.features(marked))
        let detection = run.finish()
        #expect(detection.sources.isEmpty)
        #expect(detection.log10Presence <= -9)
    }

    private static func detect(_ samples: [Float], meeting: UInt64 = 1, candidates: [Seed]? = nil) throws -> Detection {
        let detector = Detector(
            shared: TestKeys.shared(meeting: meeting),
            candidates: candidates ?? TestKeys.identities(clients, meeting: meeting), log10Threshold: threshold,
            transforms: FFTWProvider())
        var run = detector.begin(SearchBudget(channels: 1))
        try run.add(features(samples))
        return run.finish()
    }

    private static func expectNothing(_ detection: Detection) {
        #expect(detection.sources.isEmpty)
        #expect(detection.log10Presence > -3)
    }

    /// Every span's meeting time is that of a recording which began at `start` and never jumped.
    private static func expectTime(_ source: Detection.Source, _ start: Double) {
        #expect(!source.spans.isEmpty)
        for span in source.spans {
            #expect(abs(span.meetingStart - span.recording.lowerBound - start) < 0.02)
            #expect(span.uncertainty > 0 && span.uncertainty < 0.05)
            #expect(span.recording.upperBound <= DetectorTests.seconds)
        }
    }

    private static func covered(_ source: Detection.Source, _ range: Range<Double>) -> Double {
        source.spans.reduce(0) { sum, span in
            let common = span.recording.clamped(to: range)
            return sum + common.upperBound - common.lowerBound
        }
    }

    private static func features(_ samples: [Float]) -> FeatureMatrix {
        var analyzer = RecordingAnalyzer(transforms: FFTWProvider())
        samples.withUnsafeBufferPointer { analyzer.append($0) }
        analyzer.finish()
        return analyzer.features
    }
}
