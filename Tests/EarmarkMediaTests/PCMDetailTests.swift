import Foundation
import Testing

@testable import EarmarkMedia

/// Clean audio: which files are taken, and what they carry.
@Suite struct PCMDetailTests {
    @Test(arguments: [
        ("a.wav", PCMContainer.wav), ("a.WAVE", .wav), ("/x/y.bwf", .wav), ("a.flac", .flac), ("a.aiff", .aiff),
        ("a.aif", .aiff), ("a.aifc", .aiff), ("a.caf", .caf), ("a.w64", .w64), ("a.b.rf64", .rf64),
    ])
    func extensionsChooseTheContainer(path: String, container: PCMContainer) {
        #expect(PCMContainer(path: path) == container)
    }

    @Test func whatNamesNoContainerIsNone() {
        for path in ["a", ".wav", "wav", "a.mp3", "a.wav/", "a.wav/b", ""] {
            #expect(PCMContainer(path: path) == (path == "a.wav/" ? .wav : nil), "\(path)")
        }
    }

    @Test func bytesOfASample() {
        for (bits, count) in [(8, 1), (9, 2), (16, 2), (24, 3), (32, 4)] {
            #expect(SampleKind.integer(bits: bits).byteCount == count)
            #expect(SampleKind.integer(bits: bits).isInteger)
        }
        #expect(SampleKind.float32.byteCount == 4 && SampleKind.float64.byteCount == 8)
        #expect(!SampleKind.float32.isInteger && !SampleKind.float64.isInteger)
    }

    @Test func aContainerTakesWhatItHoldsOrTheNearest() {
        for container in PCMContainer.allCases {
            for kind in [SampleKind.integer(bits: 8), .integer(bits: 16), .integer(bits: 24)] {
                #expect(container.holds(kind) && container.nearest(to: kind) == kind)
            }
            for kind in [SampleKind.integer(bits: 32), .float32, .float64] {
                #expect(container.holds(kind) == (container != .flac))
                #expect(container.nearest(to: kind) == (container == .flac ? .integer(bits: 24) : kind))
            }
            for bits in [0, 4, 12, 20, 64] { #expect(!container.holds(.integer(bits: bits))) }
        }
    }

    @Test func everyTextFieldSurvives() throws {
        let folder = try TemporaryFolder()
        let format = PCMFormat(
            container: nil, kind: .integer(bits: 16), sampleRate: 8_000, channels: 1, frames: nil)
        var metadata = PCMMetadata()
        for field in PCMMetadata.TextField.allCases { metadata.text[field] = "value of \(field.rawValue)" }
        metadata.text[.trackNumber] = "7"
        metadata.text[.date] = "2026-03-02"
        let writer = try PCMWriter(path: folder.file("a.flac"), format: format, metadata: metadata)
        try [Int32](repeating: 1 << 20, count: 100).withUnsafeBufferPointer { try writer.writeIntegers($0) }
        try writer.finish()
        let kept = try PCMReader(path: folder.file("a.flac")).metadata.text
        for field in PCMMetadata.TextField.allCases {
            // libsndfile adds its own name to that of the program.
            #expect(kept[field]?.hasPrefix(metadata.text[field] ?? "?") == true, "\(field) \(kept[field] ?? "")")
        }
    }

    @Test(arguments: ["iXML", "axml", "_PMX", "chna", "id3 "]) func customChunksAreCopied(name: String) throws {
        let folder = try TemporaryFolder()
        let chunk = FileBytes.chunk(name, Array("description of the take ".utf8))
        let other = FileBytes.chunk("Xyz ", Array("somebody's own".utf8))
        let content = FileBytes.riff(
            "RIFF", "WAVE", FileBytes.pcm(bits: 16) + chunk + other + FileBytes.chunk("data", FileBytes.zeros(200)))
        let reader = try PCMReader(path: try folder.write(content, as: "a.wav"))
        for target in ["b.wav", "b.rf64"] {
            let writer = try PCMWriter(path: folder.file(target), format: reader.format, metadata: reader.metadata)
            try [Int32](repeating: 0, count: 100).withUnsafeBufferPointer { try writer.writeIntegers($0) }
            try writer.finish()
            let written = try bytes(of: folder.file(target))
            let (kept, strange) = (written.firstRange(of: chunk), written.firstRange(of: Array("Xyz ".utf8)))
            #expect(kept != nil && strange == nil, "\(target)")
        }
    }

    @Test func whatIsNoCleanAudioIsSaidToBeNone() throws {
        let folder = try TemporaryFolder()
        let samples = FileBytes.chunk("data", FileBytes.zeros(64))
        let wave = FileBytes.pcm(bits: 16) + samples
        for (content, code) in [
            (FileBytes.riff("RIFF", "AVI ", wave), MediaError.Code.unsupportedType),
            (Array("FORM".utf8) + FileBytes.zeros(4) + Array("8SVX".utf8) + FileBytes.zeros(50), .unsupportedType),
            (Array("OggS".utf8) + FileBytes.zeros(50), .unsupportedType), ([], .corrupt),
            (FileBytes.riff("RIFF", "WAVE", samples), .corrupt),
            // A-law: eight bits, and no PCM.
            (FileBytes.riff("RIFF", "WAVE", FileBytes.pcm(bits: 8, tag: 6) + samples), .unsupportedSampleFormat),
            (FileBytes.riff("RIFF", "WAVE", FileBytes.pcm(bits: 16, rate: 7_999) + samples), .outOfRange),
        ] {
            #expect(failureCode { _ = try PCMReader(path: try folder.write(content, as: "a.wav")) } == code)
        }
    }

    @Test func readingFillsWholeFramesAndEnds() throws {
        let folder = try TemporaryFolder()
        let body = (0..<10).flatMap { FileBytes.little(Int16($0)) }
        let content = FileBytes.riff(
            "RIFF", "WAVE", FileBytes.pcm(bits: 16, channels: 2) + FileBytes.chunk("data", body))
        let reader = try PCMReader(path: try folder.write(content, as: "a.wav"))
        var buffer = [Int32](repeating: -1, count: 7)
        #expect(try buffer.withUnsafeMutableBufferPointer { try reader.readIntegers(into: $0) } == 3)
        #expect(buffer == [0, 1, 2, 3, 4, 5].map { $0 << 16 } + [-1])
        #expect(try buffer.withUnsafeMutableBufferPointer { try reader.readIntegers(into: $0) } == 2)
        #expect(try buffer.withUnsafeMutableBufferPointer { try reader.readIntegers(into: $0) } == 0)
        var floats = [Float](repeating: 0, count: 4)
        let other = try PCMReader(path: folder.file("a.wav"))
        #expect(try floats.withUnsafeMutableBufferPointer { try other.readFloats(into: $0) } == 2)
        #expect(floats == [0, 1, 2, 3].map { Float($0) / 32_768 })
    }

    @Test func newFilesHaveTheUsualRightsAndMayHaveLongNames() throws {
        let folder = try TemporaryFolder()
        let format = PCMFormat(
            container: nil, kind: .integer(bits: 16), sampleRate: 8_000, channels: 1, frames: 0)
        let name = String(repeating: "n", count: 250) + ".wav"
        try PCMWriter(path: folder.file(name), format: format).finish()
        let usual = try folder.write([1], as: "usual")
        func rights(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try rights(folder.file(name)) == rights(usual))
    }

    /// Everything that a source of clean audio in another container says of itself, and samples as doubles.
    @Test func otherContainersCarryTexts() throws {
        let folder = try TemporaryFolder()
        let fields: [(String, PCMMetadata.TextField)] = [
            ("title", .title), ("copyright", .copyright), ("artist", .artist), ("comment", .comment), ("album", .album),
            ("genre", .genre),
        ]
        let options = fields.map { "-metadata \($0.0)=the-\($0.0)" }.joined(separator: " ")
        let path = try folder.ffmpeg(
            Source.tone(seconds: 1) + " -c:a pcm_s24le -metadata track=5 -metadata date=2026 " + options, to: "a.mkv")
        let source = try PCMInput.open(path: path)
        for (name, field) in fields { #expect(source.metadata.text[field] == "the-\(name)", "\(name)") }
        #expect(source.metadata.text[.trackNumber] == "5" && source.metadata.text[.date] == "2026")
        let wave = try PCMInput.open(path: try folder.ffmpeg("-i \(path) -c:a pcm_s24le", to: "b.wav"))
        var (one, other) = ([Double](repeating: 0, count: 1_000), [Double](repeating: 0, count: 1_000))
        #expect(try one.withUnsafeMutableBufferPointer { try source.readDoubles(into: $0) } == 1_000)
        #expect(try other.withUnsafeMutableBufferPointer { try wave.readDoubles(into: $0) } == 1_000)
        expectSame(one, other)
    }

    /// A source that changes on the way cannot be marked; damage is counted.
    @Test func changesAndDamageOfSourcesAreSeen() throws {
        let folder = try TemporaryFolder()
        func stream(_ rate: Int) throws -> [UInt8] {
            try bytes(of: try folder.ffmpeg(Source.tone(seconds: 1, rate: rate), to: "\(rate).aac"))
        }
        let joined = try PCMInput.open(path: try folder.write(try stream(48_000) + stream(32_000), as: "joined.aac"))
        var buffer = [Float](repeating: 0, count: 4_096)
        let error = failure {
            while try buffer.withUnsafeMutableBufferPointer({ try joined.readFloats(into: $0) }) > 0 {}
        }
        #expect(error?.code == .unsupportedSampleFormat && error?.message.contains("changes its sample rate") == true)
        var content = try bytes(of: try folder.ffmpeg(Source.tone() + " -c:a alac", to: "a.m4a"))
        let media = try #require(content.firstRange(of: Array("mdat".utf8))).upperBound
        for place in media + 20_000..<media + 50_000 { content[place] = 0xFF }
        let source = try SourceDecoder(path: try folder.write(content, as: "hole.m4a"))
        var integers = [Int32](repeating: 0, count: 200_000)
        let frames = try integers.withUnsafeMutableBufferPointer { try source.readIntegers(into: $0) }
        #expect(source.corruptPackets > 0 && frames + 4_096 * source.corruptPackets == 144_000)
    }
}
