import EarmarkMedia
import Foundation
import Testing

@Suite struct PCMRoundTripTests {
    struct Form: Sendable, CustomTestStringConvertible {
        var name: String
        var kind: SampleKind
        var testDescription: String { "\(name) \(kind)" }
    }

    static let forms: [Form] = ["wav", "rf64", "w64", "caf", "aiff", "aif", "flac"].flatMap { name in
        let kinds: [SampleKind] = [
            .integer(bits: 8), .integer(bits: 16), .integer(bits: 24), .integer(bits: 32), .float32, .float64,
        ]
        return kinds.map { Form(name: "a." + name, kind: $0) }.filter { form in
            PCMContainer(path: form.name)?.holds(form.kind) == true
        }
    }

    /// Extremes first, then noise.
    private func integers(_ count: Int, bits: Int) -> [Int32] {
        var generator = SeededGenerator(state: UInt64(bits))
        let mask = Int32(truncatingIfNeeded: Int64(-1) << (32 - bits))
        let edges: [Int32] = [.min, .max, 0, -1, 1 << (32 - bits), .min + 1]
        return edges.map { $0 & mask }
            + (edges.count..<count).map { _ in Int32.random(in: .min ... .max, using: &generator) & mask }
    }

    private func copy(_ reader: PCMReader, to path: String) throws {
        let writer = try PCMWriter(path: path, format: reader.format, metadata: reader.metadata)
        let size = 1_000 * reader.format.channels
        switch reader.format.kind {
        case .integer:
            let buffer = UnsafeMutableBufferPointer<Int32>.allocate(capacity: size)
            defer { buffer.deallocate() }
            while case let frames = try reader.readIntegers(into: buffer), frames > 0 {
                try writer.writeIntegers(
                    UnsafeBufferPointer(rebasing: buffer[..<(frames * reader.format.channels)]))
            }
        case .float32:
            let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: size)
            defer { buffer.deallocate() }
            while case let frames = try reader.readFloats(into: buffer), frames > 0 {
                try writer.writeFloats(UnsafeBufferPointer(rebasing: buffer[..<(frames * reader.format.channels)]))
            }
        case .float64:
            let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: size)
            defer { buffer.deallocate() }
            while case let frames = try reader.readDoubles(into: buffer), frames > 0 {
                try writer.writeDoubles(UnsafeBufferPointer(rebasing: buffer[..<(frames * reader.format.channels)]))
            }
        }
        try writer.finish()
    }

    private func readAllIntegers(_ reader: PCMReader) throws -> [Int32] {
        var all = [Int32](repeating: 0, count: 100_000)
        let frames = try all.withUnsafeMutableBufferPointer { try reader.readIntegers(into: $0) }
        return Array(all.prefix(frames * reader.format.channels))
    }

    private func readAllDoubles(_ reader: PCMReader) throws -> [Double] {
        var all = [Double](repeating: 0, count: 100_000)
        let frames = try all.withUnsafeMutableBufferPointer { try reader.readDoubles(into: $0) }
        return Array(all.prefix(frames * reader.format.channels))
    }

    @Test(arguments: forms) func everySampleSurvivesTwice(_ form: Form) throws {
        let folder = try TemporaryFolder()
        let channels = 3
        let format = PCMFormat(
            container: nil, kind: form.kind, sampleRate: 44_100, channels: channels, frames: 2_500)
        let path = folder.file(form.name)
        let writer = try PCMWriter(path: path, format: format)
        let count = 2_500 * channels
        switch form.kind {
        case .integer(let bits):
            try integers(count, bits: bits).withUnsafeBufferPointer { try writer.writeIntegers($0) }
        case .float32:
            try integers(count, bits: 24).map { Float($0) / 2_147_483_648 }.withUnsafeBufferPointer {
                try writer.writeFloats($0)
            }
        case .float64:
            try integers(count, bits: 32).map { Double($0) / 2_147_483_648 }.withUnsafeBufferPointer {
                try writer.writeDoubles($0)
            }
        }
        try writer.finish()
        #expect(writer.framesWritten == 2_500)
        let second = folder.file("copy-" + form.name)
        try copy(try PCMReader(path: path), to: second)
        for file in [path, second] {
            let reader = try PCMReader(path: file)
            #expect(reader.format.container == PCMContainer(path: form.name))
            #expect(reader.format.kind == form.kind)
            #expect(reader.outputKind == form.kind)
            #expect(reader.format.sampleRate == 44_100)
            #expect(reader.format.channels == channels)
            #expect(reader.format.frames == 2_500)
            switch form.kind {
            case .integer(let bits):
                let expected = integers(count, bits: bits)
                expectSame(try readAllIntegers(reader), expected)
                let doubles = try readAllDoubles(try PCMReader(path: file))
                expectSame(doubles, expected.map { Double($0) / 2_147_483_648 })
            case .float32:
                expectSame(try readAllDoubles(reader), integers(count, bits: 24).map { Double($0) / 2_147_483_648 })
            case .float64:
                expectSame(try readAllDoubles(reader), integers(count, bits: 32).map { Double($0) / 2_147_483_648 })
            }
        }
        expectSame(try bytes(of: path), try bytes(of: second))
    }

    /// What another program wrote and another program reads.
    @Test(arguments: ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"])
    func ffmpegAgreesOnEverySample(codec: String) throws {
        let folder = try TemporaryFolder()
        let original = try folder.ffmpeg("-f lavfi -i anoisesrc=d=1:r=44100:a=0.9:s=3 -ac 2 -c:a \(codec)", to: "a.wav")
        try copy(try PCMReader(path: original), to: folder.file("b.wav"))
        for name in ["a", "b"] {
            _ = try folder.ffmpeg(
                "-i \(folder.file(name)).wav -c:a \(codec) -f \(codec.dropFirst(4))", to: "\(name).raw")
        }
        expectSame(try bytes(of: folder.file("a.raw")), try bytes(of: folder.file("b.raw")))
        #expect(try bytes(of: folder.file("a.raw")).count > 80_000)
    }

    @Test func floatsBeyondFullScaleAreKept() throws {
        let folder = try TemporaryFolder()
        let samples: [Float] = [1.5, -3, 1e-30, 0, .leastNonzeroMagnitude, 1e20]
        let format = PCMFormat(container: nil, kind: .float32, sampleRate: 8_000, channels: 1, frames: nil)
        let writer = try PCMWriter(path: folder.file("a.wav"), format: format)
        try samples.withUnsafeBufferPointer { try writer.writeFloats($0) }
        try writer.finish()
        var read = [Float](repeating: 0, count: 10)
        let reader = try PCMReader(path: folder.file("a.wav"))
        #expect(try read.withUnsafeMutableBufferPointer { try reader.readFloats(into: $0) } == 6)
        #expect(Array(read.prefix(6)) == samples)
    }

    @Test func textAndBroadcastDataAreKept() throws {
        let folder = try TemporaryFolder()
        let original = try folder.ffmpeg(
            Source.tone() + " -metadata title=Talk -metadata artist=Someone -metadata comment=Café -write_bext 1"
                + " -metadata description=Minutes -metadata originator=Desk -metadata time_reference=4800",
            to: "a.wav")
        for name in ["b.wav", "b.rf64"] {
            let reader = try PCMReader(path: original)
            #expect(reader.metadata.text[.title] == "Talk")
            try copy(reader, to: folder.file(name))
            let kept = try PCMReader(path: folder.file(name)).metadata
            #expect(kept.text[.title] == "Talk")
            #expect(kept.text[.artist] == "Someone")
            #expect(kept.text[.comment] == "Café")
            let content = try bytes(of: folder.file(name))
            let chunk = content.firstRange(of: Array("bext".utf8))
            let broadcast = try #require(chunk).upperBound
            let isKept = content[(broadcast + 4)...].starts(with: Array("Minutes".utf8))
            #expect(isKept)
        }
        for name in ["b.flac", "b.aiff", "b.caf"] {
            try copy(try PCMReader(path: original), to: folder.file(name))
            #expect(try PCMReader(path: folder.file(name)).metadata.text[.title] == "Talk", "\(name)")
        }
    }

    /// A RIFF file with cue points, sampler data and iXML, put together by hand.
    @Test func cuesInstrumentAndCustomChunksAreKept() throws {
        func little(_ values: [UInt32]) -> [UInt8] {
            values.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
        }
        func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
            Array(name.utf8) + little([UInt32(body.count)]) + body
        }
        let folder = try TemporaryFolder()
        let plain = try bytes(of: try folder.ffmpeg(Source.tone(seconds: 1) + " -bitexact", to: "plain.wav"))
        let cues = chunk(
            "cue ",
            little([2, 1, 100]) + Array("data".utf8) + little([0, 0, 100])
                + little([2, 200]) + Array("data".utf8) + little([0, 0, 200]))
        let sampler = chunk("smpl", little([0, 0, 20_833, 60, 0, 0, 0, 1, 0, 0, 0, 10, 20, 0, 3]))
        let text = chunk("iXML", Array("<BWFXML><NOTE>x</NOTE></BWFXML>.".utf8))
        var content = Array(plain[..<36]) + cues + sampler + text + Array(plain[36...])
        content.replaceSubrange(4..<8, with: little([UInt32(content.count - 8)]))
        let path = try folder.write(content, as: "rich.wav")
        try copy(try PCMReader(path: path), to: folder.file("copy.wav"))
        let copied = try bytes(of: folder.file("copy.wav"))
        for expected in [cues, text] {
            let place = copied.firstRange(of: expected)
            #expect(place != nil)
        }
        let kept = try #require(copied.firstRange(of: Array("smpl".utf8))).lowerBound
        // Base note, one loop from 10 to 20.
        #expect(Array(copied[(kept + 20)..<(kept + 24)]) == little([60]))
        let loop = copied[kept...].firstRange(of: little([10, 20]))
        #expect(loop != nil)
        #expect(try PCMReader(path: path).metadata == (try PCMReader(path: folder.file("copy.wav")).metadata))
    }

    @Test func channelMapOfExtensibleFilesIsKept() throws {
        let folder = try TemporaryFolder()
        let original = try folder.ffmpeg(Source.tone() + " -af pan=5.1(side)|FL=c0|SL=c0 -c:a pcm_s24le", to: "a.wav")
        try copy(try PCMReader(path: original), to: folder.file("b.wav"))
        let before = try bytes(of: original)
        let after = try bytes(of: folder.file("b.wav"))
        // Format tag and channel mask of WAVE_FORMAT_EXTENSIBLE.
        #expect(after[20..<22] == [0xFE, 0xFF])
        #expect(after[20..<60] == before[20..<60])
    }
}
