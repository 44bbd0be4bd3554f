import EarmarkMedia
import Foundation
import Testing

@Suite struct SourceDecoderTests {
    private func readFloats(_ source: any PCMSource, chunk: Int = 777) throws -> [Float] {
        var all: [Float] = []
        var buffer = [Float](repeating: 0, count: chunk * source.format.channels)
        while case let frames = try buffer.withUnsafeMutableBufferPointer({ try source.readFloats(into: $0) }),
            frames > 0
        {
            all += buffer.prefix(frames * source.format.channels)
        }
        return all
    }

    @Test(arguments: [
        ("a.mp3", ""), ("a.m4a", ""), ("a.ogg", ""), ("a.opus", "-c:a libopus"), ("a.webm", ""), ("a.mkv", ""),
        ("a.ts", ""), ("a.mpg", ""), ("a.wma", ""), ("a.mov", ""), ("a.avi", ""), ("a.mp2", ""),
        ("u.wav", "-c:a pcm_mulaw"),
    ])
    func lossySourcesDecodeToFloatsForA16BitFile(name: String, options: String) throws {
        let folder = try TemporaryFolder()
        let picture = ["mkv", "mov", "avi"].contains { name.hasSuffix($0) }
        let input = picture ? Source.film() : Source.tone()
        let source = try PCMInput.open(path: try folder.ffmpeg(input + " " + options, to: name))
        #expect(source is SourceDecoder)
        #expect(source.outputKind == .integer(bits: 16))
        let samples = try readFloats(source)
        #expect(source.format.sampleRate == 48_000)
        #expect(abs(samples.count - 144_000 * source.format.channels) < 10_000 * source.format.channels)
        let first = stride(from: 24_000, to: 100_000, by: 1).map { samples[$0 * source.format.channels] }
        #expect(purity(first, hertz: 440, rate: 48_000) > 0.99)
    }

    @Test(arguments: [
        ("16.m4a", "-c:a alac -sample_fmt s16p", "s16le", 16), ("24.m4a", "-c:a alac -sample_fmt s32p", "s24le", 24),
        ("16.mkv", "-c:a flac -sample_fmt s16", "s16le", 16), ("32.mkv", "-c:a pcm_s32le", "s32le", 32),
        ("16.wv", "-c:a wavpack -sample_fmt s16p", "s16le", 16), ("24.mov", "-c:a pcm_s24be", "s24le", 24),
    ])
    func losslessSourcesAreExact(name: String, options: String, raw: String, bits: Int) throws {
        let folder = try TemporaryFolder()
        let noise = "-f lavfi -i anoisesrc=d=1:r=44100:a=0.9:s=3 -ac 2 "
        let source = try PCMInput.open(path: try folder.ffmpeg(noise + options, to: name))
        #expect(source.format.kind == .integer(bits: bits))
        #expect(source.outputKind == .integer(bits: bits))
        let expected = try bytes(
            of: try folder.ffmpeg("-i \(folder.file(name)) -c:a pcm_\(raw) -f \(raw)", to: "a.raw"))
        var samples = [Int32](repeating: 0, count: 100_000)
        let frames = try samples.withUnsafeMutableBufferPointer { try source.readIntegers(into: $0) }
        #expect(frames == 44_100)
        let packed = samples.prefix(frames * 2).flatMap { sample in
            (0..<bits / 8).map { UInt8(truncatingIfNeeded: sample >> (32 - bits + 8 * $0)) }
        }
        expectSame(packed, expected)
    }

    @Test func pcmGoesThroughTheExactReader() throws {
        let folder = try TemporaryFolder()
        for name in ["a.wav", "a.flac", "a.aiff", "a.caf", "a.w64"] {
            #expect(try PCMInput.open(path: try folder.ffmpeg(Source.tone(), to: name)) is PCMReader, "\(name)")
        }
    }

    @Test func floatsInVideoStayFloats() throws {
        let folder = try TemporaryFolder()
        let source = try PCMInput.open(path: try folder.ffmpeg(Source.film() + " -c:a pcm_f32le", to: "a.mkv"))
        #expect(source.outputKind == .float32)
        var buffer = [Int32](repeating: 0, count: 10)
        let code = failureCode { _ = try buffer.withUnsafeMutableBufferPointer { try source.readIntegers(into: $0) } }
        #expect(code == .unsupportedSampleFormat)
    }

    @Test func whatHoldsNoAudioIsTold() throws {
        let folder = try TemporaryFolder()
        #expect(failureCode { _ = try PCMInput.open(path: folder.file("none.wav")) } == .notFound)
        let video = try folder.ffmpeg(Source.picture(), to: "v.mkv")
        #expect(failureCode { _ = try PCMInput.open(path: video) } == .videoOnly)
        let text = try folder.write(Array("a line of text, and no more than that\n".utf8), as: "a.wav")
        #expect(failureCode { _ = try PCMInput.open(path: text) } == .unsupportedType)
        let empty = try folder.write([], as: "e.wav")
        #expect(failureCode { _ = try PCMInput.open(path: empty) } == .corrupt)
    }

    @Test func playlistsOpenNothing() throws {
        let folder = try TemporaryFolder()
        _ = try folder.ffmpeg(Source.tone(), to: "secret.ts")
        for text in [
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nsecret.ts\n#EXT-X-ENDLIST\n",
            "ffconcat version 1.0\nfile secret.ts\n",
        ] {
            let path = try folder.write(Array(text.utf8), as: "list.m3u8")
            #expect(failureCode { _ = try PCMInput.open(path: path) } == .unsupportedType)
        }
    }

    @Test func titleAndArtistAreTakenOver() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone() + " -metadata title=Talk -metadata artist=Someone", to: "a.mp3")
        let metadata = try PCMInput.open(path: path).metadata
        #expect(metadata.text[.title] == "Talk")
        #expect(metadata.text[.artist] == "Someone")
    }
}
