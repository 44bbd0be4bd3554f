import EarmarkAnswer
import EarmarkDetect
import EarmarkMark
import EarmarkMedia
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkAnalysis

/// Recordings of meetings that nobody named, through real files.
@Suite struct MeetingSearchTests {
    /// Meetings 1 and 2 among others; index i is meeting `meetings[i]`.
    private static let meetings: [UInt64] = Array(300..<340) + [2] + Array(340..<380) + [1]
    private static let candidates = 32

    private static func search(effort: Effort = .fast, policy: RecordingPolicy = .init()) -> MeetingSearch {
        MeetingSearch(
            meetings: meetings.map { TestKeys.shared(meeting: $0) }, candidates: meetings.count * candidates,
            log10Threshold: -9, policy: policy, effort: effort)
    }

    private static func run(_ path: String, effort: Effort = .fast) throws -> MeetingSearch.Result {
        try search(effort: effort).run(path: path, open: { entry(meetings[$0]) })
    }

    private static func entry(_ meeting: UInt64) -> MeetingSearch.Entry {
        .init(candidates: TestKeys.identities(candidates, meeting: meeting), expectedSeconds: nil)
    }

    private static func write(_ samples: [Float], to path: String) throws -> String {
        let writer = try PCMWriter(
            path: path,
            format: .init(
                container: nil, kind: .integer(bits: 16), sampleRate: 16_000, channels: 1,
                frames: Int64(samples.count)))
        let integers = samples.map { Int32(min(max($0, -1), 0.9999) * 32_768) << 16 }
        try integers.withUnsafeBufferPointer { try writer.writeIntegers($0) }
        try writer.finish()
        return path
    }

    @Test func meetingAndClientAreFoundAndAllArePaidFor() throws {
        let folder = try ScratchFolder()
        let path = try MeetingSearchTests.write(try SharedRecordings.copyOfFirst(), to: folder.file("leak.wav"))
        let result = try MeetingSearchTests.run(path)
        #expect(result.matches.map { MeetingSearchTests.meetings[$0.meeting] } == [1])
        let detection = try #require(result.matches.first).examination.detection
        #expect(detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
        let span = try #require(detection.sources.first?.spans.first)
        #expect(abs(span.meetingStart - span.recording.lowerBound - SharedRecordings.start) < 0.1)
        #expect(detection.meetings == MeetingSearchTests.meetings.count)
        #expect(detection.candidates == MeetingSearchTests.meetings.count * MeetingSearchTests.candidates)

        // The same evidence on the same alignments as where the meeting is known.
        let known = try Examiner(
            shared: TestKeys.shared(), candidates: TestKeys.identities(MeetingSearchTests.candidates),
            log10Threshold: -9, policy: .init(), effort: .fast
        ).examine(path: path).detection
        #expect(known.sources.map(\.z) == detection.sources.map(\.z))
        #expect(known.hypotheses == detection.hypotheses)
    }

    @Test func bothMeetingsOfASplicedRecordingAreFound() throws {
        let folder = try ScratchFolder()
        let other = try Marking.mark(
            SpeechLike.samples(seconds: 70, seed: 63), seeds: TestKeys.mark(client: 3, meeting: 2), at: 500)
        let path = try MeetingSearchTests.write(
            Array(try SharedRecordings.copyOfFirst()[..<(70 * 16_000)]) + other, to: folder.file("two.wav"))
        let result = try MeetingSearchTests.run(path)
        let found = result.matches.map {
            [Int(MeetingSearchTests.meetings[$0.meeting])] + $0.examination.detection.sources.map(\.candidate)
        }
        #expect(Set(found) == [[1, SharedRecordings.clients[0]], [2, 3]] && found.count == 2)
        let evidence = result.matches.map { $0.examination.detection.sources.first?.z ?? 0 }
        #expect(evidence == evidence.sorted(by: >), "the surest first")
        let nearest = result.nearest.detection
        #expect(nearest.sources.isEmpty && nearest.decoys == nil)
    }

    /// Who is named comes before what is only proven present, however much longer that is heard; both match.
    @Test func aMeetingThatNamesNobodyIsFoundAfterOneThatDoes() throws {
        let folder = try ScratchFolder()
        let other = try Marking.mark(
            SpeechLike.samples(seconds: 40, seed: 63), seeds: TestKeys.mark(client: 3, meeting: 2), at: 500)
        let path = try MeetingSearchTests.write(
            Array(try SharedRecordings.copyOfFirst()[..<(80 * 16_000)]) + other, to: folder.file("two.wav"))
        // The client of meeting 1 is no longer enrolled.
        let result = try MeetingSearchTests.search().run(path: path) { index in
            MeetingSearchTests.meetings[index] == 1
                ? .init(candidates: TestKeys.identities(10), expectedSeconds: nil)
                : MeetingSearchTests.entry(MeetingSearchTests.meetings[index])
        }
        #expect(result.matches.map { MeetingSearchTests.meetings[$0.meeting] } == [2, 1])
        #expect(result.matches.map { $0.examination.detection.sources.map(\.candidate) } == [[3], []])
        let presences = result.matches.map(\.examination.detection.log10Presence)
        #expect(presences.allSatisfy { $0 <= -9 })
        #expect(result.nearest.detection.log10Presence == presences.min())
        #expect(result.nearest.detection.sources.isEmpty, "nobody's score is told without the meeting's name")
    }

    @Test func anUnmarkedRecordingIsOfNoMeeting() throws {
        let folder = try ScratchFolder()
        let path = try MeetingSearchTests.write(SharedRecordings.host, to: folder.file("plain.wav"))
        let result = try MeetingSearchTests.run(path)
        #expect(result.matches.isEmpty)
        #expect(Verdict(result.nearest.detection, log10Threshold: -9) == .notFound)
        #expect(result.nearest.detection.expectation.z > 8, "in audio like this a mark would have been found")
        #expect(result.nearest.sha256.count == 64)
    }

    @Test func aMarkOnOneSideIsFound() throws {
        let folder = try ScratchFolder()
        let left = try MeetingSearchTests.write(
            SpeechLike.samples(seconds: SharedRecordings.seconds, seed: 62), to: folder.file("left.wav"))
        let right = try MeetingSearchTests.write(try SharedRecordings.copyOfFirst(), to: folder.file("right.wav"))
        let path = try folder.ffmpeg(
            ["-i", left, "-i", right, "-filter_complex", "join=inputs=2:channel_layout=stereo"], to: "stereo.wav")
        let result = try MeetingSearchTests.run(path, effort: .normal)
        #expect(result.matches.map { MeetingSearchTests.meetings[$0.meeting] } == [1])
        let detection = try #require(result.matches.first).examination.detection
        #expect(detection.hypotheses == (3 + Effort.normal.warps) * Effort.normal.breadth.alignments)
    }

    /// What nothing is proven of, as of three seconds, in which no pilot fits: what a mark would have shown is
    /// told all the same.
    @Test func whereNothingIsProvenWhatCouldShowIsTold() throws {
        let folder = try ScratchFolder()
        let path = try MeetingSearchTests.write(Array(SharedRecordings.host[..<48_000]), to: folder.file("3.wav"))
        let result = try MeetingSearchTests.search(policy: .init(minimumSeconds: 1)).run(path: path) { index in
            MeetingSearchTests.entry(MeetingSearchTests.meetings[index])
        }
        let nearest = result.nearest.detection
        #expect(result.matches.isEmpty && nearest.log10Presence == 0)
        #expect(nearest.expectation.z > 0 && nearest.expectation.most >= nearest.expectation.z)
    }

    @Test func aShortFileIsRefused() throws {
        let folder = try ScratchFolder()
        let path = try MeetingSearchTests.write(Array(SharedRecordings.host[..<1_600_000]), to: folder.file("100.wav"))
        let error = #expect(throws: MediaError.self) { try MeetingSearchTests.run(path) }
        #expect(error?.code == .tooShort)
    }

    @Test func theFewThatMatchBestAreExamined() {
        var scores = (0..<1_000).map { PilotScreen.Score(line: 4, path: -Double($0) / 1_000) }
        scores[700].line = 6
        scores[900].path = 3
        let kept = MeetingSearch.best(scores)
        #expect(kept.first == 700)
        #expect(kept.contains(900))
        #expect(kept.count == 64 + 16 && Set(kept).count == kept.count)
        #expect(MeetingSearch.best([.init(line: 1, path: 1)]) == [0])
        #expect(MeetingSearch.best([]).isEmpty)
    }

    @Test(arguments: [(0, 0), (1, 1), (96, 1), (97, 2), (384, 4), (385, 4), (8_000, 4)])
    func longRecordingsAreComparedInStretches(segments: Int, count: Int) throws {
        let ranges = RecordingParts.ranges(segments: segments, isComplete: false)
        #expect(ranges.count == count)
        #expect(ranges.allSatisfy { $0.count <= PilotScreen.longestSegments && !$0.isEmpty })
        #expect(ranges.first?.lowerBound ?? 0 == 0 && ranges.last?.upperBound ?? 0 == segments)
        let all = RecordingParts.ranges(segments: segments, isComplete: true)
        #expect(all.flatMap(Array.init) == Array(0..<segments))
    }
}
