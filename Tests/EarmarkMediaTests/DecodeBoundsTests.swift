import EarmarkMedia
import Foundation
import Testing

/// docs/threat-model.md, "Hostile files": what an index points at twice is audio once.
@Suite struct DecodeBoundsTests {
    /// A QuickTime file of 64 kB of samples that its index lists over and over.
    private func bomb(hours: Double, channels: Int = 1, rate: Int = 8_000, tracks: Int = 1) -> [UInt8] {
        func box(_ type: String, _ parts: [UInt8]...) -> [UInt8] { FileBytes.box(type, parts.flatMap { $0 }) }
        func words(_ values: Int...) -> [UInt8] { values.flatMap { FileBytes.big(UInt32(truncatingIfNeeded: $0)) } }
        let data = [UInt8](repeating: 0x80, count: 65_536)
        let head = box("ftyp", Array("qt  ".utf8), words(0), Array("qt  ".utf8))
        let perChunk = data.count / channels
        let chunks = Int(hours * 3_600 * Double(rate)) / perChunk
        let entry =
            words(0) + FileBytes.big(UInt16(0)) + FileBytes.big(UInt16(1)) + words(0, 0)
            + FileBytes.big(UInt16(channels)) + FileBytes.big(UInt16(8)) + words(0) + words(rate << 16)
        let table = box(
            "stbl", box("stsd", words(0, 1), box("raw ", entry)), box("stts", words(0, 1, chunks * perChunk, 1)),
            box("stsc", words(0, 1, 1, perChunk, 1)), box("stsz", words(0, channels, chunks * perChunk)),
            box("stco", words(0, chunks), (0..<chunks).flatMap { _ in FileBytes.big(UInt32(head.count + 8)) }))
        let reference = box("dinf", box("dref", words(0, 1), box("url ", words(1))))
        let media = box(
            "mdia", box("mdhd", words(0, 0, 0, rate, 0, 0)),
            box("hdlr", words(0, 0), Array("soun".utf8), words(0, 0, 0)),
            box("minf", box("smhd", words(0, 0)), reference, table))
        let all = (1...tracks).map { box("trak", box("tkhd", words(3, 0, 0, $0, 0, 1_000)), media) }
        let movie = box("moov", Array(all.joined()))
        return head + box("mdat", data) + movie
    }

    @Test(arguments: [(1.9, 1), (50, 1), (10, 8)]) func hoursThatBytesCannotHoldAreRefused(
        hours: Double, channels: Int
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(bomb(hours: hours, channels: channels), as: "bomb.mov")
        let recording = try RecordingDecoder(path: path)
        var frames = 0
        let error = failure { _ = try recording.decode(track: 0) { frames += $0.frameCount } }
        if hours < 2 {
            #expect(error == nil && abs(Double(frames) / 8_000 - hours * 3_600) < 10)
        } else {
            #expect(error?.code == .corrupt && error?.message.contains("promises more audio than") == true)
            #expect(Double(frames) / 8_000 < 2.3 * 3_600)
        }
    }

    /// 64 kB hold four hours and 68 minutes, however many tracks lie on them.
    @Test func allTracksTogetherHoldNoMoreThanTheBytes() throws {
        let folder = try TemporaryFolder()
        let recording = try RecordingDecoder(path: try folder.write(bomb(hours: 1.9, tracks: 6), as: "bomb.mov"))
        let errors = recording.tracks.map { track in
            failure { _ = try recording.decode(track: track.index, sampleRate: 4_000) { _ in } }
        }
        #expect(errors.map { $0?.code } == [nil, nil, nil, .corrupt, .corrupt, .corrupt])
        #expect(errors.last??.message.contains("promises more audio than") == true)
        // A track that was decoded may be decoded again.
        #expect(failure { _ = try recording.decode(track: 0, sampleRate: 4_000) { _ in } } == nil)
    }

    @Test func aFileThatIsWrittenToIsRefused() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone() + " -bitexact", to: "a.wav")
        let recording = try RecordingDecoder(path: path)
        try recording.forEachChunk { _ in }
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.seek(toOffset: 1_000)
        try handle.write(contentsOf: Data([1, 2, 3]))
        try handle.close()
        let error = failure { try recording.forEachChunk { _ in } }
        #expect(error?.code == .unreadable && error?.message.contains("changed while it was read") == true)
    }

    /// Only codecs that the seven types need are within reach.
    @Test func decodersOfGamesAreOutOfReach() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone() + " -c:a sonic -strict -2", to: "a.avi")
        let error = failure { _ = try RecordingDecoder(path: path) }
        #expect(error?.code == .unsupportedSampleFormat && error?.message.contains("sonic") == true)
    }
}
