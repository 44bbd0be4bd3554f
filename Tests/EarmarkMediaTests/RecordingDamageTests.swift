import EarmarkMedia
import Foundation
import Testing

@Suite struct RecordingDamageTests {
    @Test func videoOnlyAndSilentFilesAreTold() throws {
        let folder = try TemporaryFolder()
        for name in ["v.mp4", "v.mov", "v.avi"] {
            let path = try folder.ffmpeg(Source.picture(), to: name)
            #expect(failureCode { _ = try RecordingDecoder(path: path) } == .videoOnly, "\(name)")
        }
        try Data("1\n00:00:00,000 --> 00:00:02,000\nHello\n".utf8).write(
            to: URL(fileURLWithPath: folder.file("s.srt")))
        let titles = try folder.ffmpeg("-i \(folder.file("s.srt")) -c:s mov_text", to: "titles.mp4")
        #expect(failureCode { _ = try RecordingDecoder(path: titles) } == .noAudio)
    }

    @Test func encryptedAudioIsTold() throws {
        let folder = try TemporaryFolder()
        let key = "00112233445566778899aabbccddeeff"
        let options = " -encryption_scheme cenc-aes-ctr -encryption_key \(key) -encryption_kid \(key)"
        for source in [Source.film(), Source.tone()] {
            let path = try folder.ffmpeg(source + options, to: "locked.mp4")
            #expect(failureCode { _ = try RecordingDecoder(path: path) } == .encrypted)
        }
        // FairPlay differs from the plain file in the name of the sample entry.
        var content = try bytes(of: try folder.ffmpeg(Source.tone(), to: "a.m4a"))
        let entry = try #require(content.firstRange(of: Array("mp4a".utf8)))
        content.replaceSubrange(entry, with: "drms".utf8)
        let path = try folder.write(content, as: "bought.m4p")
        #expect(failureCode { _ = try RecordingDecoder(path: path) } == .encrypted)
    }

    @Test func movieWithoutIndexIsTruncated() throws {
        let folder = try TemporaryFolder()
        let content = try bytes(of: try folder.ffmpeg(Source.film(), to: "a.mp4"))
        let index = try #require(content.firstRange(of: Array("moov".utf8))).lowerBound
        for end in [index - 4, index - 1000, index + 100, content.count - 1] {
            let path = try folder.write(Array(content[..<end]), as: "cut.mp4")
            let error = try #require(failure { _ = try RecordingDecoder(path: path) })
            #expect(error.code == .truncated, "cut at \(end) of \(content.count)")
            #expect(error.message.contains("moov"))
        }
    }

    @Test func movieCutInItsMediaDecodesAndSaysSo() throws {
        let folder = try TemporaryFolder()
        let content = try bytes(
            of: try folder.ffmpeg(Source.film(seconds: 6) + " -movflags faststart", to: "a.mp4"))
        let path = try folder.write(Array(content[..<(content.count * 2 / 3)]), as: "cut.mp4")
        let (summary, channels) = try decode(path)
        #expect(summary.isTruncated)
        #expect(summary.seconds > 2 && summary.seconds < 5.5)
        #expect(purity(Array(channels[0][20_000..<60_000]), hertz: 440, rate: 48_000) > 0.99)
    }

    @Test(arguments: [("wav", ""), ("avi", ""), ("aac", ""), ("mp3", ""), ("mp3", " -write_xing 0")])
    func cutFilesDecodeAndSaySo(type: String, options: String) throws {
        let folder = try TemporaryFolder()
        // Without a Xing header, an MP3 file promises nothing: only its last frame can be seen to be cut.
        let source = type == "avi" ? Source.film(seconds: 6) : Source.tone(seconds: 6)
        let content = try bytes(of: try folder.ffmpeg(source + options, to: "a.\(type)"))
        let path = try folder.write(Array(content[..<(content.count / 2 + 77)]), as: "cut")
        let (summary, _) = try decode(path)
        #expect(summary.isTruncated)
        #expect(summary.seconds > 2 && summary.seconds < 4.5)
    }

    /// Sizes that a program leaves when it writes to a pipe promise nothing.
    @Test(arguments: [UInt32(0), 0xFFFF_FFFF]) func streamedWaveIsWhole(size: UInt32) throws {
        let folder = try TemporaryFolder()
        var content = try bytes(of: try folder.ffmpeg(Source.tone(seconds: 2) + " -bitexact", to: "a.wav"))
        for field in [4, 40] {
            withUnsafeBytes(of: size.littleEndian) { content.replaceSubrange(field..<field + 4, with: $0) }
        }
        let (summary, _) = try decode(try folder.write(content, as: "piped.wav"))
        #expect(!summary.isTruncated)
        #expect(summary.seconds == 2)
    }

    @Test func waveThatEndsBeforeItsDataIsTruncated() throws {
        let folder = try TemporaryFolder()
        let content = try bytes(of: try folder.ffmpeg(Source.tone(seconds: 1) + " -bitexact", to: "a.wav"))
        for end in [12, 20, 36, 40] {
            let path = try folder.write(Array(content[..<end]), as: "cut.wav")
            #expect(failureCode { _ = try RecordingDecoder(path: path) } == .truncated, "cut at \(end)")
        }
        let path = try folder.write(Array(content[..<44]), as: "header.wav")
        #expect(failureCode { _ = try RecordingDecoder(path: path) } == .truncated, "a head, and none of its samples")
    }

    @Test func garbageAfterValidMagicIsCorrupt() throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(state: 7)
        let garbage = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let beginnings: [[UInt8]] = [
            Array("RIFF\u{10}\u{10}\u{01}\u{00}WAVE".utf8), Array("RIFF\u{10}\u{10}\u{01}\u{00}AVI ".utf8),
            [0, 0, 0, 24] + Array("ftypisom".utf8) + [0, 0, 2, 0] + Array("isommp42".utf8),
            [0, 0, 0, 20] + Array("ftypqt  ".utf8) + [0, 0, 0, 0] + Array("qt  ".utf8),
            Array("ID3".utf8) + [4, 0, 0, 0, 0, 1, 0], [0xFF, 0xFB, 0x90, 0x00], [0xFF, 0xF1, 0x50, 0x80],
        ]
        for beginning in beginnings {
            let path = try folder.write(beginning + garbage, as: "garbage")
            let code = try #require(failureCode { _ = try RecordingDecoder(path: path) })
            #expect(code == .corrupt || code == .truncated, "\(beginning)")
        }
    }

    @Test func mediaOverwrittenByNoiseIsCorrupt() throws {
        let folder = try TemporaryFolder()
        var content = try bytes(of: try folder.ffmpeg(Source.tone() + " -c:a alac", to: "a.m4a"))
        let media = try #require(content.firstRange(of: Array("mdat".utf8))).upperBound
        let index = try #require(content.firstRange(of: Array("moov".utf8))).lowerBound - 4
        for place in media..<index { content[place] = 0xFF }
        let path = try folder.write(content, as: "noise.m4a")
        #expect(failureCode { _ = try RecordingDecoder(path: path) } == .corrupt)
    }

    /// Lost packets become silence: what follows them stays where it was.
    @Test func damageKeepsTheTimeline() throws {
        let folder = try TemporaryFolder()
        let original = try folder.ffmpeg(
            "-f lavfi -i anoisesrc=d=6:r=48000:a=0.3:s=5 -c:a alac", to: "a.m4a")
        var content = try bytes(of: original)
        let media = try #require(content.firstRange(of: Array("mdat".utf8))).upperBound
        let index = try #require(content.firstRange(of: Array("moov".utf8))).lowerBound
        let hole = media + (index - media) / 2
        for place in hole..<hole + 60_000 { content[place] = 0xFF }
        let (summary, channels) = try decode(try folder.write(content, as: "hole.m4a"))
        let whole = try decode(original)
        #expect(summary.corruptPackets > 0)
        #expect(summary.decodedFrames == whole.summary.decodedFrames)
        expectSame(channels[0].prefix(96_000), whole.channels[0].prefix(96_000))
        expectSame(channels[0].suffix(96_000), whole.channels[0].suffix(96_000))
    }

    @Test func damagedFramesOfRawStreamsAreSkipped() throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(state: 3)
        for type in ["mp3", "aac"] {
            let original = try folder.ffmpeg(Source.tone(seconds: 6), to: "a.\(type)")
            var content = try bytes(of: original)
            let hole = content.count / 2
            for place in hole..<hole + 3_000 { content[place] = UInt8.random(in: 0...255, using: &generator) }
            let (summary, channels) = try decode(try folder.write(content, as: "hole.\(type)"))
            #expect(summary.seconds > 5 && summary.seconds < 7)
            #expect(purity(Array(channels[0].suffix(96_000).prefix(90_000)), hertz: 440, rate: 48_000) > 0.99)
        }
    }

    @Test func samplesThatAreNoNumbersAreClipped() throws {
        let folder = try TemporaryFolder()
        var samples = [Float](repeating: 0.25, count: 48_000)
        samples[1_000] = .nan
        samples[2_000] = .infinity
        samples[3_000] = -.infinity
        samples[4_000] = .greatestFiniteMagnitude
        let path = folder.file("nan.wav")
        let format = PCMFormat(container: .wav, kind: .float32, sampleRate: 48_000, channels: 1, frames: 48_000)
        let writer = try PCMWriter(path: path, format: format)
        try samples.withUnsafeBufferPointer { try writer.writeFloats($0) }
        try writer.finish()
        let (summary, channels) = try decode(path)
        #expect([1_000, 2_000, 3_000, 4_000].map { channels[0][$0] } == [0, 1, -1, 1], "clipped at full scale")
        #expect(channels[0].count { $0 == 0.25 } == 47_996)
        #expect(summary.warnings.count == 1)
        #expect(summary.warnings.first?.hasPrefix("4 samples") == true)
        #expect(try decode(path, sampleRate: 16_000).channels[0].allSatisfy { $0.isFinite && abs($0) < 1.5 })
    }

    /// A reference movie points at audio elsewhere, here at a file that exists: it must not be opened.
    @Test func audioInAnotherFileIsNotOpened() throws {
        let folder = try TemporaryFolder()
        var content = try bytes(of: try folder.ffmpeg(Source.tone() + " -c:a pcm_s16le", to: "a.mov"))
        let entry = try #require(content.firstRange(of: Array("dref".utf8))).lowerBound + 12
        // Flag 1 of the entry says "in this file".
        #expect(content[entry + 11] == 1)
        content[entry + 11] = 0
        let location = Array("file:/a\0".utf8)
        content.insert(contentsOf: location, at: entry + 12)
        for type in ["url ", "dref", "dinf", "minf", "mdia", "trak", "moov"] {
            let box = try #require(content[..<(entry + 12)].lastRange(of: Array(type.utf8))).lowerBound - 4
            let size = content[box..<box + 4].reduce(0) { $0 << 8 | UInt32($1) } + UInt32(location.count)
            content.replaceSubrange(box..<box + 4, with: FileBytes.big(size))
        }
        // Where the samples lie here, a reference by 'url ' does not keep them from being read; an alias does.
        #expect(try RecordingDecoder(path: folder.write(content, as: "here.mov")).tracks.count == 1)
        content.replaceSubrange(entry + 4..<entry + 8, with: Array("alis".utf8))
        let path = try folder.write(content, as: "refers.mov")
        let error = try #require(failure { _ = try RecordingDecoder(path: path) })
        #expect(error.code == .noAudio)
        #expect(error.message.contains("another file"))
    }
}
