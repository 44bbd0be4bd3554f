import EarmarkAnswer
import EarmarkDetect
import EarmarkTestSupport
import Testing

@testable import EarmarkAnalysis

/// Recordings that play faster or higher than the meeting, through the whole of an examination.
@Suite struct ChangedRecordingTests {
    struct Change: CustomTestStringConvertible {
        var testDescription: String
        var filter: String
        var rate: Double
        var pitch: Double
    }

    private static let changes = [
        Change(testDescription: "5 % faster", filter: "asetrate=16800,aresample=16000", rate: 1.05, pitch: 1.05),
        Change(testDescription: "tempo up", filter: "atempo=1.06", rate: 1.06, pitch: 1),
        Change(
            testDescription: "pitch up", filter: "asetrate=16640,aresample=16000,atempo=0.96153846", rate: 1,
            pitch: 1.04),
    ]

    /// Found, undone, and told; times are those of the recording as it plays and of the meeting as it was.
    @Test(.enabled(if: isOptimised), arguments: changes) func aChangeIsUndone(change: Change) throws {
        let folder = try ScratchFolder()
        let path = try folder.ffmpeg(
            ["-i", try RecordingFile.marked.get(), "-af", change.filter, "-c:a", "pcm_s16le"], to: "changed.wav")
        let examination = try RecordingFile.examine(path)
        #expect(Verdict(examination.detection, log10Threshold: -9) == .identified)
        #expect(examination.detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
        let source = try #require(examination.detection.sources.first)
        #expect(abs(source.rate / change.rate - 1) < 0.002, "rate \(source.rate)")
        #expect(abs(source.pitch / change.pitch - 1) < 0.01, "pitch \(source.pitch)")
        let heard = source.spans.reduce(0) { $0 + $1.recording.upperBound - $1.recording.lowerBound }
        #expect(heard > 0.9 * SharedRecordings.seconds / change.rate)
        for span in source.spans {
            let start = span.meetingStart - span.recording.lowerBound * change.rate
            #expect(abs(start - SharedRecordings.start) < 0.3)
            #expect(span.recording.upperBound < examination.seconds + 0.1)
        }
    }

    /// The quick look takes the recording as it plays.
    @Test func fastEffortUndoesNothing() throws {
        let folder = try ScratchFolder()
        let path = try folder.ffmpeg(
            ["-i", try RecordingFile.marked.get(), "-af", "atempo=1.06", "-c:a", "pcm_s16le"], to: "changed.wav")
        #expect(try RecordingFile.examine(path, effort: .fast).detection.sources.isEmpty)
    }
}
