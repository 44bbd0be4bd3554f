import EarmarkAnswer
import EarmarkDetect
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkAnalysis

/// docs/statistics.md, sections 4 and 5b: what an examination of a file pays for, whatever it finds.
///
/// K is 4, 21 and 39 for the three efforts; 0, 128 and 512 further times; 0, 1 and 4 warps for each track.
@Suite struct ExaminerPaysTests {
    private static func expectPaid(
        _ detection: Detection, channels: Int, alignments: Int, times: Int = 0, placements: Int = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(detection.hypotheses == channels * alignments, sourceLocation: sourceLocation)
        #expect(detection.hypothesesPerChannel == alignments, sourceLocation: sourceLocation)
        #expect(detection.times == channels * times, sourceLocation: sourceLocation)
        #expect(detection.placements == placements, sourceLocation: sourceLocation)
    }

    @Test func aMonoFileAtEveryEffort() throws {
        let marked = try RecordingFile.marked.get()
        let fast = try RecordingFile.examine(marked, effort: .fast, expectedSeconds: 3_600).detection
        ExaminerPaysTests.expectPaid(fast, channels: 1, alignments: 4)
        let normal = try RecordingFile.examine(marked, expectedSeconds: 3_600).detection
        ExaminerPaysTests.expectPaid(normal, channels: 1 + 1, alignments: 21, times: 128)
        // 900 s before and 1,800 s after an hour in whole periods of 16.384 s, 1,024 frames each, on the one sum.
        let periods = Int((5_400 / 16.384).rounded(.up)) + Int((900 / 16.384).rounded(.up))
        let exhaustive = try RecordingFile.examine(marked, effort: .exhaustive, expectedSeconds: 3_600).detection
        ExaminerPaysTests.expectPaid(
            exhaustive, channels: 1 + 4, alignments: 39, times: 512, placements: periods * 1_024)
        for detection in [fast, normal, exhaustive] {
            #expect(detection.candidates == RecordingFile.candidates && detection.meetings == 1)
            #expect(detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
        }
    }

    /// The bound of a source that is weak enough to have one of its own: N C k h S 2 c Q(z), k the place in the order.
    @Test func aWeakSourcePaysForItsEffort() throws {
        let marked = try SharedRecordings.copyOfFirst()
        let folder = try ScratchFolder()
        let path = try RecordingFile.write(
            [zip(SharedRecordings.host, marked).map { $0 + ($1 - $0) * 0.13 }], to: folder.file("weak.wav"),
            isFloat: true)
        for (effort, channels, alignments, shares) in [(Effort.fast, 1, 4, 1), (.normal, 2, 21, 2)] {
            let detection = try RecordingFile.examine(path, effort: effort, paidCandidates: 700).detection
            #expect(detection.candidates == 700, "more than are tried")
            let source = try #require(detection.sources.first)
            try #require(source.log10FalseAccusation > -77)
            let harmonic = (1...alignments).reduce(0) { $0 + 1 / Double($1) }
            let first = log10(700.0 * Double(channels * shares) * harmonic) + log10(2)
            let place = pow(10, source.log10FalseAccusation - RademacherBound.log10Tail(source.z) - first)
            #expect(abs(place - place.rounded()) < 1e-6 && (1...5).contains(Int(place.rounded())), "place \(place)")
        }
    }

    /// Two channels that differ and their sum.
    @Test func channelsThatDifferByMoreThanACodecMakes() throws {
        let folder = try ScratchFolder()
        let marked = try SharedRecordings.copyOfFirst()
        // Louder left than right by d either way: the difference has 2 d² of the mean's energy, -30 dB at d = 0.0224.
        for (d, channels) in [(Float(0.021), 1), (0.0237, 3)] {
            let path = try RecordingFile.write(
                [marked.map { $0 * (1 + d) }, marked.map { $0 * (1 - d) }], to: folder.file("pair.wav"), isFloat: true)
            let detection = try RecordingFile.examine(path).detection
            ExaminerPaysTests.expectPaid(detection, channels: channels + 1, alignments: 21, times: 128)
        }
    }

    /// Every sum and every channel of every track, and a warp for each track, whether they turn out to be worth a look
    /// or not.
    @Test func tracksOfOneAndTwoChannels() throws {
        let folder = try ScratchFolder()
        let stereo = try RecordingFile.write(
            [SharedRecordings.copyOfFirst(), SharedRecordings.copyOfFirst()], to: folder.file("stereo.wav"))
        let path = try RecordingFile.join(
            [try RecordingFile.plain.get(), stereo], ["-c:a", "alac"], to: "two.m4a", in: folder)
        let detection = try RecordingFile.examine(path).detection
        ExaminerPaysTests.expectPaid(detection, channels: 1 + 3 + 2, alignments: 21, times: 128)
    }

    /// Section 5b: the second look is one more channel, for each track.
    @Test func aReferenceIsAChannelMore() throws {
        let folder = try ScratchFolder()
        let reference = try MeetingReference(path: try RecordingFile.plain.get(), maximumBytes: 500_000_000)
        let marked = try RecordingFile.marked.get()
        let single = try RecordingFile.examine(marked, reference: reference).detection
        ExaminerPaysTests.expectPaid(single, channels: 1 + 1 + 1, alignments: 21, times: 128)
        let two = try RecordingFile.join([marked, marked], ["-c:a", "alac"], to: "two.m4a", in: folder)
        let several = try RecordingFile.examine(two, reference: reference).detection
        ExaminerPaysTests.expectPaid(several, channels: 2 + 2 + 2, alignments: 21, times: 128)
    }
}
