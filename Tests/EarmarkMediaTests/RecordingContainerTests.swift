import EarmarkMedia
import Foundation
import Testing

@Suite struct RecordingContainerTests {
    struct Accepted: Sendable, CustomTestStringConvertible {
        var name: String
        var arguments: String
        var container: RecordingContainer
        var codec: String
        var testDescription: String { "\(container) \(name)" }
    }

    static let accepted: [Accepted] = [
        Accepted(name: "a.aac", arguments: Source.tone(), container: .aac, codec: "aac"),
        Accepted(name: "a.latm", arguments: Source.tone() + " -c:a aac -f latm", container: .aac, codec: "aac_latm"),
        Accepted(name: "a.mp3", arguments: Source.tone(), container: .mp3, codec: "mp3"),
        Accepted(
            name: "low.mp3", arguments: Source.tone(rate: 16_000) + " -b:a 24k -id3v2_version 0 -write_xing 0",
            container: .mp3, codec: "mp3"),
        Accepted(name: "a.m4a", arguments: Source.tone(), container: .m4a, codec: "aac"),
        Accepted(name: "alac.m4a", arguments: Source.tone() + " -c:a alac", container: .m4a, codec: "alac"),
        Accepted(name: "audio.mp4", arguments: Source.tone(), container: .m4a, codec: "aac"),
        Accepted(name: "a.wav", arguments: Source.tone(), container: .wav, codec: "pcm_s16le"),
        Accepted(name: "f.wav", arguments: Source.tone() + " -c:a pcm_f32le", container: .wav, codec: "pcm_f32le"),
        Accepted(name: "d.wav", arguments: Source.tone() + " -c:a pcm_f64le", container: .wav, codec: "pcm_f64le"),
        Accepted(name: "u8.wav", arguments: Source.tone() + " -c:a pcm_u8", container: .wav, codec: "pcm_u8"),
        Accepted(name: "24.wav", arguments: Source.tone() + " -c:a pcm_s24le", container: .wav, codec: "pcm_s24le"),
        Accepted(name: "32.wav", arguments: Source.tone() + " -c:a pcm_s32le", container: .wav, codec: "pcm_s32le"),
        Accepted(name: "u.wav", arguments: Source.tone() + " -c:a pcm_mulaw", container: .wav, codec: "pcm_mulaw"),
        Accepted(name: "A.wav", arguments: Source.tone() + " -c:a pcm_alaw", container: .wav, codec: "pcm_alaw"),
        Accepted(name: "ad.wav", arguments: Source.tone() + " -c:a adpcm_ms", container: .wav, codec: "adpcm_ms"),
        Accepted(name: "mp3.wav", arguments: Source.tone() + " -c:a libmp3lame", container: .wav, codec: "mp3"),
        Accepted(name: "rf64.wav", arguments: Source.tone() + " -rf64 always", container: .wav, codec: "pcm_s16le"),
        Accepted(
            name: "extensible.wav", arguments: Source.tone() + " -ac 6 -c:a pcm_s24le", container: .wav,
            codec: "pcm_s24le"),
        Accepted(name: "a.mp4", arguments: Source.film(), container: .mp4, codec: "aac"),
        Accepted(name: "fast.mp4", arguments: Source.film() + " -movflags faststart", container: .mp4, codec: "aac"),
        Accepted(
            name: "fragments.mp4", arguments: Source.film() + " -g 5 -movflags frag_keyframe+empty_moov",
            container: .mp4, codec: "aac"),
        Accepted(
            name: "dash.mp4", arguments: Source.film() + " -g 5 -movflags dash+frag_keyframe+delay_moov",
            container: .mp4, codec: "aac"),
        Accepted(name: "mp3.mp4", arguments: Source.film() + " -c:a libmp3lame", container: .mp4, codec: "mp3"),
        Accepted(name: "alac.m4a", arguments: Source.tone() + " -c:a alac", container: .m4a, codec: "alac"),
        Accepted(
            name: "flac.mp4", arguments: Source.film() + " -c:a flac -strict -2", container: .mp4, codec: "flac"),
        Accepted(name: "ac3.mp4", arguments: Source.film() + " -c:a ac3", container: .mp4, codec: "ac3"),
        Accepted(name: "eac3.mp4", arguments: Source.film() + " -c:a eac3", container: .mp4, codec: "eac3"),
        Accepted(name: "opus.mp4", arguments: Source.film() + " -c:a libopus", container: .mp4, codec: "opus"),
        Accepted(name: "a.3gp", arguments: Source.film() + " -c:v libx264 -c:a aac", container: .mp4, codec: "aac"),
        Accepted(name: "a.mov", arguments: Source.film(), container: .mov, codec: "aac"),
        Accepted(name: "pcm.mov", arguments: Source.film() + " -c:a pcm_s16le", container: .mov, codec: "pcm_s16le"),
        Accepted(name: "a.avi", arguments: Source.film(), container: .avi, codec: "mp3"),
        Accepted(name: "pcm.avi", arguments: Source.film() + " -c:a pcm_s16le", container: .avi, codec: "pcm_s16le"),
        Accepted(name: "ac3.avi", arguments: Source.film() + " -c:a ac3", container: .avi, codec: "ac3"),
    ]

    /// Everything twice: under its own name and under one that lies.
    @Test(arguments: accepted) func containerIsJudgedByContent(_ sample: Accepted) throws {
        let folder = try TemporaryFolder()
        let honest = try folder.ffmpeg(sample.arguments, to: sample.name)
        let lying = folder.file(sample.container == .mp3 ? "lie.mov" : "lie.mp3")
        try FileManager.default.copyItem(atPath: honest, toPath: lying)
        for path in [honest, lying] {
            let decoder = try RecordingDecoder(path: path)
            #expect(decoder.container == sample.container)
            #expect(decoder.tracks.map(\.codec) == [sample.codec])
            let (summary, channels) = try decode(path, sampleRate: 16_000)
            // FFmpeg begins the sound of fragmented films 0.4 s late, and so do players.
            #expect(abs(summary.seconds - 3) < (sample.name == "fragments.mp4" ? 0.45 : 0.15))
            #expect(summary.corruptPackets == 0)
            #expect(!summary.isTruncated)
            #expect(summary.warnings.isEmpty)
            // The tone itself must have come through, not just some samples; codecs fade the ends.
            let loudest = try #require(channels.max { rms($0) < rms($1) })
            let middle = Array(loudest[8_000..<40_000])
            #expect(purity(middle, hertz: 440, rate: 16_000) > 0.99)
        }
    }

    @Test(arguments: [
        ("a.flac", "", "FLAC"), ("a.ogg", "", "Ogg"), ("a.opus", "-c:a libopus", "Ogg"), ("a.webm", "", "WebM"),
        ("a.mka", "-c:a aac", "MKV"), ("a.aiff", "", "AIFF"), ("a.caf", "", "CAF"), ("a.w64", "", "W64"),
        ("a.au", "", "AU"), ("a.wma", "", "Windows Media"), ("a.flv", "-ar 44100", "FLV"),
        ("a.ts", "", "transport stream"), ("a.mpg", "", "program stream"), ("a.mp2", "", "MP2"),
        ("a.ac3", "", "AC-3"),
    ])
    func otherTypesAreRefusedWithTheLineThatConverts(name: String, options: String, kind: String) throws {
        let folder = try TemporaryFolder()
        let original = try folder.ffmpeg(Source.tone() + " " + options, to: name)
        let lying = folder.file("lie.wav")
        try FileManager.default.copyItem(atPath: original, toPath: lying)
        let error = try #require(failure { _ = try RecordingDecoder(path: original) })
        #expect(error.code == .unsupportedType)
        #expect(error.message.contains(kind))
        #expect(error.message.contains("ffmpeg -i \(original) -map 0:a -c:a pcm_s16le a.mov"))
        #expect(failureCode { _ = try RecordingDecoder(path: lying) } == .unsupportedType)
    }

    @Test func matroskaIsNamedAndConverted() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.film(), to: "my call's end.mkv")
        let error = try #require(failure { _ = try RecordingDecoder(path: path) })
        #expect(error.code == .unsupportedType)
        #expect(error.message.contains("MKV"))
        #expect(error.message.hasSuffix("-map 0:a -c:a pcm_s16le 'my call'\\''s end.mov'"))
    }

    @Test func theRecommendedLineWorks() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(), to: "a b.flac")
        let error = try #require(failure { _ = try RecordingDecoder(path: path) })
        let start = try #require(error.message.range(of: "ffmpeg -i"))
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", error.message[start.lowerBound...] + " 2>/dev/null"]
        shell.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        shell.standardInput = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        #expect(shell.terminationStatus == 0)
        #expect(try RecordingDecoder(path: folder.file("a b.mov")).container == .mov)
    }

    @Test(arguments: [
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.wav\n", "ffconcat version 1.0\nfile secret.wav\n",
        "just some text that goes on for a while, as notes of a meeting do\n",
        "<?xml version=\"1.0\"?><MPD><BaseURL>secret.wav</BaseURL></MPD>", "[playlist]\nFile1=secret.wav\n", "x",
    ])
    func textAndPlaylistsAreRefused(text: String) throws {
        let folder = try TemporaryFolder()
        _ = try folder.ffmpeg(Source.tone(), to: "secret.wav")
        let path = try folder.write(Array(text.utf8), as: "list.wav")
        #expect(failureCode { _ = try RecordingDecoder(path: path) } == .unsupportedType)
    }

    /// A picture of half a megabyte in the tag must neither hide the audio nor be parsed.
    @Test(arguments: ["mp3", "aac"]) func bigTagInFrontIsSkipped(type: String) throws {
        let folder = try TemporaryFolder()
        let plain = try bytes(of: try folder.ffmpeg(Source.tone() + " -id3v2_version 0", to: "a.\(type)"))
        var generator = SeededGenerator(state: 1)
        let length = 500_000
        var tag: [UInt8] = Array("ID3".utf8) + [4, 0, 0]
        tag += [21, 14, 7, 0].map { UInt8(length >> $0 & 0x7F) }
        tag += (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let path = try folder.write(tag + plain, as: "tagged")
        #expect(try RecordingDecoder(path: path).container.rawValue == type)
        expectSame(try decode(path).channels[0], try decode(folder.file("a.\(type)")).channels[0])
    }

    @Test func junkBeforeTheFirstFrameIsPassedOver() throws {
        let folder = try TemporaryFolder()
        let plain = try bytes(of: try folder.ffmpeg(Source.tone(), to: "a.aac"))
        let path = try folder.write([UInt8](repeating: 0, count: 10_000) + plain, as: "padded")
        #expect(try RecordingDecoder(path: path).container == .aac)
    }

    @Test func trailingTagsAreNoAudio() throws {
        let folder = try TemporaryFolder()
        let plain = try bytes(of: try folder.ffmpeg(Source.tone(), to: "a.mp3"))
        let id3v1 = Array("TAG".utf8) + [UInt8](repeating: 0x41, count: 125)
        let path = try folder.write(plain + id3v1, as: "b.mp3")
        let (summary, channels) = try decode(path)
        #expect(summary.corruptPackets == 0)
        expectSame(channels[0], try decode(folder.file("a.mp3")).channels[0])
    }

    @Test func movieWithoutTypeBoxIsMOV() throws {
        let folder = try TemporaryFolder()
        var content = try bytes(of: try folder.ffmpeg(Source.film() + " -f mov", to: "a.mov"))
        #expect(content[4..<8].elementsEqual("ftyp".utf8))
        content.replaceSubrange(4..<8, with: "wide".utf8)
        #expect(try RecordingDecoder(path: try folder.write(content, as: "old")).container == .mov)
    }
}
