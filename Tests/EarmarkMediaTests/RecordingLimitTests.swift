import EarmarkMedia
import Foundation
import Testing

@Suite struct RecordingLimitTests {
    /// A WAV file of `size` bytes whose samples are a hole in the file.
    private func sparseWave(_ folder: TemporaryFolder, size: Int64) throws -> String {
        var content = try bytes(of: try folder.ffmpeg(Source.tone(seconds: 0.1) + " -bitexact", to: "head.wav"))
        #expect(content[36..<40].elementsEqual("data".utf8))
        withUnsafeBytes(of: UInt32(size - 44).littleEndian) { content.replaceSubrange(40..<44, with: $0) }
        let path = try folder.write(content, as: "sparse.wav")
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: UInt64(size))
        try handle.close()
        return path
    }

    @Test func exactlyTheLimitIsAccepted() throws {
        let folder = try TemporaryFolder()
        let decoder = try RecordingDecoder(path: try sparseWave(folder, size: 500_000_000))
        #expect(decoder.byteCount == 500_000_000)
    }

    @Test func oneByteMoreIsRefusedWithBothNumbers() throws {
        let folder = try TemporaryFolder()
        let path = try sparseWave(folder, size: 500_000_001)
        let error = try #require(failure { _ = try RecordingDecoder(path: path) })
        #expect(error.code == .tooLarge)
        #expect(
            error.message.contains("file is 500,000,001 bytes; the limit is 500,000,000 bytes (500 MB)"))
    }

    @Test func sizeIsJudgedBeforeType() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(Array("OggS and more".utf8), as: "a.ogg")
        let error = failureCode { _ = try RecordingDecoder(path: path, policy: RecordingPolicy(maximumBytes: 5)) }
        #expect(error == .tooLarge)
    }

    @Test func durationMustBeStrictlyLonger() throws {
        let policy = RecordingPolicy()
        #expect(failureCode { try policy.requireLongEnough(decodedSeconds: 100, path: "a") } == .tooShort)
        #expect(failureCode { try policy.requireLongEnough(decodedSeconds: 0, path: "a") } == .tooShort)
        #expect(failureCode { try policy.requireLongEnough(decodedSeconds: .nan, path: "a") } == .tooShort)
        try policy.requireLongEnough(decodedSeconds: 100 + 1.0 / 48_000, path: "a")
        let error = try #require(failure { try policy.requireLongEnough(decodedSeconds: 99.9999, path: "a") })
        #expect(error.message.contains("99.999 s"))
        #expect(error.message.contains("100 s"))
    }

    /// docs/batch.md, "What a file cannot do": whoever makes a file can make it take as long as he likes.
    @Test func anAnalysisEndsAtItsLimit() throws {
        func deadline(_ seconds: Double) -> AnalysisDeadline {
            RecordingPolicy(longestAnalysis: seconds).deadline(path: "long.mov")
        }
        let (short, long, none) = (deadline(0.001), deadline(3_600), deadline(.infinity))
        usleep(2_000)
        let error = try #require(failure { try short.check() })
        #expect(error.code == .timeLimit && error.message.contains("--time-limit"))
        try long.check()
        try none.check()
    }

    /// A header may claim an hour: what decodes counts.
    @Test func durationIsThatOfDecodedAudio() throws {
        let folder = try TemporaryFolder()
        var content = try bytes(of: try folder.ffmpeg(Source.tone(seconds: 1) + " -bitexact", to: "a.wav"))
        withUnsafeBytes(of: UInt32(48_000 * 2 * 3_600).littleEndian) { content.replaceSubrange(40..<44, with: $0) }
        let (summary, _) = try decode(try folder.write(content, as: "claims.wav"))
        #expect(summary.seconds == 1)
        #expect(summary.isTruncated)
    }

    @Test func whatIsNoFileIsSaidToBeNone() throws {
        let folder = try TemporaryFolder()
        #expect(failureCode { _ = try RecordingDecoder(path: folder.file("none.wav")) } == .notFound)
        #expect(failureCode { _ = try RecordingDecoder(path: folder.path) } == .unreadable)
        #expect(failureCode { _ = try RecordingDecoder(path: "/dev/zero") } == .unreadable)
        #expect(failureCode { _ = try RecordingDecoder(path: "a\0b") } == .notFound)
        let fifo = folder.file("fifo")
        try #require(mkfifo(fifo, 0o600) == 0)
        #expect(failureCode { _ = try RecordingDecoder(path: fifo) } == .unreadable)
    }

    @Test func emptyFileIsCorrupt() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([], as: "a.mp3")
        let error = try #require(failure { _ = try RecordingDecoder(path: path) })
        #expect(error.code == .corrupt)
        #expect(error.message.contains("empty"))
    }
}
