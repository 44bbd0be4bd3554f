import EarmarkMedia
import Testing

/// docs/batch.md, "Long recordings": places in a file are known only where all of it bears out what it claims.
@Suite struct SeekableLengthTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Three seconds of MP3 at 16 kHz, frame by frame and nothing else.
    private func frames(_ rate: String) throws -> [UInt8] {
        let tone = Source.tone(rate: 16_000)
        return try bytes(of: folder.ffmpeg("\(tone) -b:a \(rate) -write_xing 0 -id3v2_version 0", to: "\(rate).mp3"))
    }

    /// The content with other 32 bits `offset` bytes behind the first `name`.
    private func patched(_ content: [UInt8], _ name: String, _ offset: Int, _ value: UInt32) throws -> [UInt8] {
        let found = content.firstRange(of: Array(name.utf8))
        let start = try #require(found).lowerBound + offset
        return Array(content[..<start]) + FileBytes.big(value) + content[(start + 4)...]
    }

    private func recording(_ content: [UInt8], as name: String) throws -> RecordingDecoder {
        try RecordingDecoder(path: try folder.write(content, as: name))
    }

    /// A share of the bytes of MP3 is the same share of its time only where all frames are of one bit rate.
    @Test func anotherBitRateMakesPlacesUnknown() throws {
        let low = try frames("32k")
        let high = try frames("48k")
        let even = try recording(low, as: "even.mp3")
        // What the encoder puts before and after is a few frames of 36 ms.
        #expect(abs(even.provenSeconds(track: 0) - 3) < 0.2 && even.stretchProblem(track: 0) == nil)
        let uneven = try recording(low + high, as: "uneven.mp3")
        #expect(uneven.tracks[0].seekableSeconds == nil && uneven.provenSeconds(track: 0) == 0)
        #expect(uneven.stretchProblem(track: 0)?.contains("not all alike") == true)
    }

    /// The first frame of MP3 may claim any number of frames: those that are there count.
    @Test func framesAreCountedNotBelieved() throws {
        let content = try bytes(of: folder.ffmpeg("\(Source.tone(rate: 16_000)) -b:a 32k", to: "tagged.mp3"))
        let lie = try recording(try patched(content, "Info", 8, 1_000), as: "lie.mp3")
        #expect(abs((lie.tracks[0].declaredSeconds ?? 0) - 36) < 0.1, "a thousand frames of 576 samples")
        #expect(abs(lie.provenSeconds(track: 0) - 3) < 0.2)
    }

    /// Where an edit list shows a part of a track only, audio that no player shows would be sought.
    @Test func audioThatIsNotShownIsNotSought() throws {
        let content = try bytes(of: folder.ffmpeg("\(Source.tone(rate: 16_000)) -c:a aac -b:a 48k", to: "whole.m4a"))
        let whole = try recording(content, as: "same.m4a")
        #expect(abs((whole.tracks[0].seekableSeconds ?? 0) - 3) < 0.1 && whole.stretchProblem(track: 0) == nil)
        // The first entry's length, in thousandths of a second.
        let edited = try recording(try patched(content, "elst", 12, 1_000), as: "edited.m4a")
        #expect(edited.tracks[0].seekableSeconds == nil)
        #expect(edited.stretchProblem(track: 0)?.contains("edit list") == true)
    }
}
