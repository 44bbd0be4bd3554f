import EarmarkAnswer
import EarmarkDetect
import EarmarkMedia
import EarmarkTestSupport
import Testing

@testable import EarmarkAnalysis

/// A mark in one channel, much louder sound in the other: only a look at the channel itself shows it.
@Suite struct OneSideTests {
    private static func write(side: Int, to path: String) throws -> String {
        let quiet = try SharedRecordings.copyOfFirst().map { $0 * 0.03 }
        let loud = RecordingFile.other
        return try RecordingFile.write(side == 0 ? [quiet, loud] : [loud, quiet], to: path, isFloat: true)
    }

    @Test(arguments: [0, 1]) func eitherSideIsExamined(side: Int) throws {
        let folder = try ScratchFolder()
        let path = try OneSideTests.write(side: side, to: folder.file("side.wav"))
        let whole = try RecordingFile.examine(path)
        let detection = whole.detection
        #expect(detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
        #expect(Verdict(detection, log10Threshold: -9) == .identified)
        #expect(detection.hypotheses == (3 + 1) * 21 && whole.omitted.isEmpty)
        let quick = try RecordingFile.examine(path, effort: .fast)
        #expect(quick.detection.sources.isEmpty && quick.detection.hypotheses == 4, "the sum, which shows nobody")
        // And that the channels were left is told: "not found" would be untrue.
        #expect(quick.omitted.map(\.position) == [0] && quick.omitted[0].reason.contains("channels differ"))
        let alike = try RecordingFile.examine(RecordingFile.plain.get(), effort: .fast)
        #expect(alike.omitted.isEmpty)
    }

    /// The same of the second of two tracks.
    @Test func channelsOfASecondTrack() throws {
        let folder = try ScratchFolder()
        let side = try OneSideTests.write(side: 1, to: folder.file("side.wav"))
        let path = try RecordingFile.join(
            [try RecordingFile.plain.get(), side], ["-c:a", "alac"], to: "two.m4a", in: folder)
        let detection = try RecordingFile.examine(path).detection
        #expect(detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
        #expect(detection.hypotheses == (1 + 3 + 2) * 21)
    }

    /// The same where the meeting has to be found: docs/statistics.md, section 5a.
    @Test func aSearchExaminesBothSides() throws {
        let folder = try ScratchFolder()
        let side = try OneSideTests.write(side: 1, to: folder.file("side.wav"))
        let path = try RecordingFile.join([side, side], ["-c:a", "alac"], to: "two.m4a", in: folder)
        let meetings: [UInt64] = [300, 301, 1, 302]
        let search = MeetingSearch(
            meetings: meetings.map { TestKeys.shared(meeting: $0) }, candidates: 4_000, log10Threshold: -9,
            policy: .init(), effort: .normal)
        let result = try search.run(path: path) {
            .init(candidates: TestKeys.identities(32, meeting: meetings[$0]), expectedSeconds: nil)
        }
        #expect(result.matches.map(\.meeting) == [2])
        let detection = try #require(result.matches.first).examination.detection
        #expect(detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
        // Two tracks, each with two channels, their sum and a warp; no further times and placements in a search.
        #expect(detection.hypotheses == (2 * 3 + 2) * 21)
        #expect(detection.times == 0 && detection.placements == 0)
        #expect(detection.candidates == 4_000 && detection.meetings == 4)
    }
}
