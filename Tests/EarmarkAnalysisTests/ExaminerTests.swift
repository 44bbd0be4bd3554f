import EarmarkAnswer
import EarmarkDetect
import EarmarkMark
import EarmarkMedia
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkAnalysis

/// Real files, made by ffmpeg from a marked recording, through the whole of analysis.
@Suite struct ExaminerTests {
    struct Leak: CustomTestStringConvertible {
        var container: RecordingContainer
        var name: String
        var arguments: [String]
        var testDescription: String { name }
    }

    /// One way to each of the seven types.
    private static let leaks: [Leak] = [
        Leak(container: .wav, name: "leak.wav", arguments: ["-c:a", "pcm_s16le", "-ar", "44100"]),
        Leak(container: .mp3, name: "leak.mp3", arguments: ["-c:a", "libmp3lame", "-b:a", "64k"]),
        Leak(container: .aac, name: "leak.aac", arguments: ["-c:a", "aac", "-b:a", "48k"]),
        Leak(container: .m4a, name: "leak.m4a", arguments: ["-c:a", "aac", "-b:a", "64k", "-ar", "48000"]),
        Leak(container: .mp4, name: "leak.mp4", arguments: film + ["-c:a", "aac", "-b:a", "64k", "-ac", "2"]),
        Leak(container: .mov, name: "leak.mov", arguments: film + ["-c:a", "pcm_s16be"]),
        Leak(container: .avi, name: "leak.avi", arguments: film + ["-c:a", "libmp3lame", "-b:a", "64k"]),
    ]
    private static let film = [
        "-f", "lavfi", "-i", "testsrc=size=64x48:rate=2", "-map", "0:a", "-map", "1:v", "-shortest", "-c:v", "mpeg4",
    ]

    @Test(arguments: leaks)
    func everyTypeIsIdentified(leak: Leak) throws {
        let folder = try ScratchFolder()
        let marked = try ExaminerTests.marked.get()
        let path = try folder.ffmpeg(["-i", marked] + leak.arguments, to: leak.name)
        let examination = try ExaminerTests.examine(path)
        #expect(examination.container == leak.container)
        #expect(abs(examination.seconds - SharedRecordings.seconds) < 1)
        try ExaminerTests.expectFirst(examination)
        let source = try #require(examination.detection.sources.first)
        for span in source.spans {
            // Encoders put up to 0.1 s of their own before the sound.
            let start = span.meetingStart - span.recording.lowerBound
            #expect(abs(start - SharedRecordings.start) < 0.15)
        }
    }

    @Test func durationMustExceedTheLimit() throws {
        let folder = try ScratchFolder()
        let host = try SharedRecordings.copyOfFirst()
        func write(_ frames: Int, _ name: String) throws -> String {
            try ExaminerTests.write([Array(host[..<frames])], to: folder.file(name))
        }
        let exact = try write(1_600_000, "100.wav")
        let error = #expect(throws: MediaError.self) { try ExaminerTests.examine(exact) }
        #expect(error?.code == .tooShort)
        let examination = try ExaminerTests.examine(try write(1_600_001, "just-past.wav"))
        #expect(examination.seconds > 100 && examination.seconds < 100.001)
        try ExaminerTests.expectFirst(examination)
    }

    @Test func sizeMustNotExceedTheLimit() throws {
        let path = try ExaminerTests.marked.get()
        let size = Int64(try Data(contentsOf: URL(fileURLWithPath: path)).count)
        let error = #expect(throws: MediaError.self) {
            try ExaminerTests.examine(path, policy: .init(maximumBytes: size - 1))
        }
        #expect(error?.code == .tooLarge)
        #expect(try ExaminerTests.examine(path, policy: .init(maximumBytes: size)).byteCount == size)
    }

    @Test func aMarkOnOneSideIsFound() throws {
        let folder = try ScratchFolder()
        let other = SpeechLike.samples(seconds: SharedRecordings.seconds, seed: 62)
        let path = try ExaminerTests.write([other, try SharedRecordings.copyOfFirst()], to: folder.file("right.wav"))
        let examination = try ExaminerTests.examine(path)
        try ExaminerTests.expectFirst(examination)
        // Both channels and their sum are paid for.
        #expect(examination.detection.hypotheses == ExaminerTests.hypotheses(channels: 3, tracks: 1))
    }

    @Test func aPairInAntiphaseIsFound() throws {
        let folder = try ScratchFolder()
        let marked = try SharedRecordings.copyOfFirst()
        let path = try ExaminerTests.write([marked, marked.map { -$0 }], to: folder.file("anti.wav"))
        try ExaminerTests.expectFirst(try ExaminerTests.examine(path))
        // The quick look takes the sum alone, in which the pair is gone.
        let quick = try ExaminerTests.examine(path, effort: .fast)
        #expect(quick.detection.sources.isEmpty)
    }

    @Test func theSecondOfTwoTracksIsExamined() throws {
        let folder = try ScratchFolder()
        let plain = try ExaminerTests.plain.get()
        let marked = try ExaminerTests.marked.get()
        let path = try folder.ffmpeg(
            ["-i", plain, "-i", marked, "-map", "0:a", "-map", "1:a", "-c:a", "aac", "-b:a", "64k"], to: "two.m4a")
        let examination = try ExaminerTests.examine(path)
        #expect(examination.tracks.count == 2)
        #expect(examination.detection.hypotheses == ExaminerTests.hypotheses(channels: 2, tracks: 2))
        try ExaminerTests.expectFirst(examination)
    }

    @Test func unmarkedIsNotFound() throws {
        let examination = try ExaminerTests.examine(
            try ExaminerTests.plain.get(), effort: ExaminerTests.affordableEffort)
        #expect(Verdict(examination.detection, log10Threshold: -9) == .notFound)
        #expect(examination.detection.expectation.z > 8, "in audio like this a mark would have been found")
    }

    @Test func silenceIsNotFound() throws {
        let folder = try ScratchFolder()
        let path = try ExaminerTests.write([.init(repeating: 0, count: 1_610_000)], to: folder.file("silence.wav"))
        let examination = try ExaminerTests.examine(path, effort: ExaminerTests.affordableEffort)
        #expect(Verdict(examination.detection, log10Threshold: -9) == .notFound)
        #expect(examination.detection.expectation.z < 1)
    }

    @Test func filesFullOfNonsenseDoNotHurt() throws {
        let folder = try ScratchFolder()
        var noise = NoiseSource(seed: 81)
        // A float file may hold anything.
        let values: [Float] = [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 0, 1, -1]
        let samples = (0..<1_610_000).map { _ in values[Int(noise.bits() >> 61)] }
        let path = try ExaminerTests.write([samples], to: folder.file("nonsense.wav"), kind: .float32)
        let examination = try ExaminerTests.examine(path, effort: ExaminerTests.affordableEffort)
        #expect(examination.detection.sources.isEmpty)
        #expect(examination.detection.expectation.z.isFinite && examination.detection.pilotScore.isFinite)
    }

    @Test func answersRepeatAndTheDigestIsTheSystems() throws {
        let folder = try ScratchFolder()
        let marked = try ExaminerTests.marked.get()
        let path = try folder.ffmpeg(["-i", marked, "-c:a", "libmp3lame", "-b:a", "32k"], to: "leak.mp3")
        let first = try ExaminerTests.examine(path)
        let second = try ExaminerTests.examine(path)
        #expect(first.detection == second.detection)
        #expect(first.sha256 == second.sha256)
        let digest = try folder.output(of: ["sha256sum", path])
        #expect(digest.hasPrefix(first.sha256 + " "))
        #expect(first.byteCount == Int64(try folder.bytes("leak.mp3").count))
    }

    @Test func oneExaminerServesSeveralThreads() async throws {
        let marked = try ExaminerTests.marked.get()
        let plain = try ExaminerTests.plain.get()
        let examiner = ExaminerTests.examiner(effort: .fast)
        let examinations = try await withThrowingTaskGroup(of: (Bool, Examination).self) { group in
            for isMarked in [true, false, true] {
                group.addTask { (isMarked, try examiner.examine(path: isMarked ? marked : plain)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let found = examinations.filter(\.0).map(\.1)
        #expect(found.count == 2 && found[0].detection == found[1].detection)
        try ExaminerTests.expectFirst(found[0])
        #expect(examinations.filter { !$0.0 }.allSatisfy { $0.1.detection.sources.isEmpty })
    }

    @Test func whatIsNoRecordingIsRefused() throws {
        let folder = try ScratchFolder()
        let error = #expect(throws: MediaError.self) { try ExaminerTests.examine(folder.file("absent.wav")) }
        #expect(error?.code == .notFound)
        let flac = try folder.ffmpeg(["-f", "lavfi", "-i", "sine=duration=2"], to: "leak.flac")
        try FileManager.default.moveItem(atPath: flac, toPath: folder.file("leak.wav"))
        let disguised = #expect(throws: MediaError.self) { try ExaminerTests.examine(folder.file("leak.wav")) }
        #expect(disguised?.code == .unsupportedType)
    }

    /// Where nobody is found, the search for changed speed and pitch begins; it takes long without the optimiser.
    private static let affordableEffort = isOptimised ? Effort.normal : .fast

    /// What is tried at normal effort, found or not.
    private static func hypotheses(channels: Int, tracks: Int) -> Int {
        (channels + Effort.normal.warps * tracks) * Effort.normal.breadth.alignments
    }

    private static func examiner(policy: RecordingPolicy = .init(), effort: Effort = .normal) -> Examiner {
        Examiner(
            shared: TestKeys.shared(), candidates: TestKeys.identities(32), log10Threshold: -9, policy: policy,
            effort: effort)
    }

    @discardableResult
    private static func examine(
        _ path: String, policy: RecordingPolicy = .init(), effort: Effort = .normal
    ) throws -> Examination { try examiner(policy: policy, effort: effort).examine(path: path) }

    private static func expectFirst(_ examination: Examination) throws {
        #expect(examination.detection.sources.map(\.candidate) == [SharedRecordings.clients[0]])
        #expect(Verdict(examination.detection, log10Threshold: -9) == .identified)
        #expect(examination.tracks.isEmpty == false && examination.corruptPackets == 0)
    }

    private static let marked = Result {
        try write([SharedRecordings.copyOfFirst()], to: ScratchFolder.shared.get().file("marked.wav"))
    }
    private static let plain = Result {
        try write([SharedRecordings.host], to: ScratchFolder.shared.get().file("plain.wav"))
    }

    /// Writes channels of 16 kHz samples.
    private static func write(
        _ channels: [[Float]], to path: String, kind: SampleKind = .integer(bits: 16)
    ) throws -> String {
        let frames = channels[0].count
        let writer = try PCMWriter(
            path: path,
            format: .init(
                container: nil, kind: kind, sampleRate: 16_000, channels: channels.count, frames: Int64(frames)))
        var mixed = [Float](repeating: 0, count: frames * channels.count)
        for (channel, samples) in channels.enumerated() {
            for frame in 0..<frames { mixed[frame * channels.count + channel] = samples[frame] }
        }
        if kind.isInteger {
            let integers = mixed.map { Int32(min(max($0, -1), 0.9999) * 32_768) << 16 }
            try integers.withUnsafeBufferPointer { try writer.writeIntegers($0) }
        } else {
            try mixed.withUnsafeBufferPointer { try writer.writeFloats($0) }
        }
        try writer.finish()
        return path
    }
}
