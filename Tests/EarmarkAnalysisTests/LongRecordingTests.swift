import EarmarkAnswer
import EarmarkDetect
import EarmarkMedia
import EarmarkTestSupport
import Testing

@testable import EarmarkAnalysis

/// A recording of more than 8 minutes, where a first look drops most candidates (docs/statistics.md, section 5).
@Suite struct LongRecordingTests {
    @Test func theClientIsNamedAndAllArePaidFor() throws {
        let folder = try ScratchFolder()
        let seconds = 510.0
        let samples = try Marking.mark(
            SpeechLike.samples(seconds: seconds, seed: 251), seeds: TestKeys.mark(client: 5), at: 777)
        let path = try RecordingFile.write([samples], to: folder.file("long.wav"))
        let examination = try Examiner(
            shared: TestKeys.shared(), candidates: TestKeys.identities(300), log10Threshold: -9, policy: .init(),
            effort: .fast
        ).examine(path: path)
        let detection = examination.detection
        #expect(Verdict(detection, log10Threshold: -9) == .identified)
        #expect(detection.sources.map(\.candidate) == [5])
        #expect(detection.candidates == 300)
        let source = try #require(detection.sources.first)
        let heard = source.spans.reduce(0) { $0 + $1.recording.upperBound - $1.recording.lowerBound }
        #expect(heard > 0.9 * seconds)
        #expect(source.spans.allSatisfy { abs($0.meetingStart - $0.recording.lowerBound - 777) < 0.05 })
    }
}
