import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, "`file`": forms that other programs write, read as those who wrote them meant it.
@Suite struct RecordingFormTests {
    private struct Form {
        var name: String
        /// What a sample is in the file: 16 bits as they are played, in its bytes.
        var isFloat = false
        var bits = 16
        var isLittle = true
        /// Whether the box that describes the samples is there.
        var isDescribed = true

        func bytes(_ sample: Float) -> [UInt8] {
            let pattern: [UInt8]
            if isFloat {
                pattern =
                    bits == 32
                    ? withUnsafeBytes(of: sample.bitPattern.littleEndian, Array.init)
                    : withUnsafeBytes(of: Double(sample).bitPattern.littleEndian, Array.init)
            } else {
                let value = Int32(sample * 32_768) << 16
                pattern = Array(withUnsafeBytes(of: value.littleEndian, Array.init).suffix(bits / 8))
            }
            return isLittle ? pattern : pattern.reversed()
        }
    }

    private static let forms = [
        Form(name: "ipcm16le.mp4"), Form(name: "ipcm16be.mp4", isLittle: false), Form(name: "ipcm24le.mp4", bits: 24),
        Form(name: "ipcm24be.mp4", bits: 24, isLittle: false), Form(name: "ipcm32le.mp4", bits: 32),
        Form(name: "fpcm32le.mp4", isFloat: true, bits: 32),
        Form(name: "fpcm32be.mp4", isFloat: true, bits: 32, isLittle: false),
        Form(name: "fpcm64le.mp4", isFloat: true, bits: 64),
    ]

    /// An MP4 file with PCM as ISO 23003-5 has it, one channel of 16 kHz.
    private static func pcm(_ form: Form, _ samples: [Float]) -> [UInt8] {
        let description = Bombs.box("pcmC", Bombs.number(0), [form.isLittle ? 1 : 0, UInt8(form.bits)])
        let track = Bombs.Track(
            kind: form.isFloat ? "fpcm" : "ipcm", description: form.isDescribed ? description : [], rate: 16_000,
            width: form.bits / 8)
        return Bombs.file(track, brand: "isom", data: samples.flatMap(form.bytes))
    }

    /// An ID3 tag of 1,034 bytes, as programs for tags put before any file.
    private static let tag: [UInt8] = Array("ID3".utf8) + [4, 0, 0, 0, 0, 8, 0] + [UInt8](repeating: 0, count: 1_024)

    private func verdicts(_ files: [String], _ place: Workplace) throws -> [JSON] {
        let board = try Board.shared()
        let options = ["--meeting", board.meeting, "--effort", "fast", "--json"]
        return try JSON(text: try place.run(["analyze"] + files + options).text)["analyses"].array
    }

    @Test func pcmInMP4IsReadAsItsDescriptionSays() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let samples = try RecordingFiles.samples(board.bela)
        for form in Self.forms { try RecordingFiles.write(Self.pcm(form, samples), to: form.name, in: place) }
        for (form, answer) in zip(Self.forms, try verdicts(Self.forms.map(\.name), place)) {
            #expect(answer["verdict"].string == "identified", "\(form.name)")
            #expect(answer["file"]["seconds"].double == 110, "\(form.name)")
        }
    }

    /// Guessed, it would be noise, and nobody found.
    @Test func pcmWithoutDescriptionIsRefused() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let form = Form(name: "bare.mp4", isDescribed: false)
        let samples = try RecordingFiles.samples(board.bela)
        try RecordingFiles.write(Self.pcm(form, samples), to: form.name, in: place)
        let refusal = try verdicts([form.name], place)[0]["refusal"]
        #expect(refusal["code"].string == "corrupt" && refusal["message"].string?.contains("pcmC") == true)
    }

    /// Whoever put the tag there may have moved the places of the samples with it, or not.
    @Test func tagsBeforeMP4AreLeftOut() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let plain = try RecordingFiles.bytes(try place.ffmpeg(["-i", board.bela, "-c:a", "alac"], to: "plain.m4a"))
        try RecordingFiles.write(Self.tag + plain, to: "before.m4a", in: place)
        var moved = plain
        let table = try #require(moved.firstRange(of: Array("stco".utf8))).upperBound
        let count = Self.value(moved, at: table + 4)
        for entry in 0..<count {
            let at = table + 8 + 4 * entry
            moved.replaceSubrange(at..<at + 4, with: Bombs.number(Self.value(moved, at: at) + Self.tag.count))
        }
        try RecordingFiles.write(Self.tag + moved, to: "moved.m4a", in: place)
        for answer in try verdicts(["before.m4a", "moved.m4a"], place) {
            #expect(answer["verdict"].string == "identified" && answer["file"]["container"].string == "m4a")
            #expect(answer["file"]["corruptPackets"].int == 0 && answer["file"]["isTruncated"].bool == false)
        }
    }

    private static func value(_ bytes: [UInt8], at place: Int) -> Int {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    /// RIFF pads chunks to even length; some programs forget it.
    @Test func oddChunksBeforeTheSamplesWithAndWithoutPadding() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let plain = try RecordingFiles.bytes(board.bela)
        for (name, chunk) in [("padded.wav", [7, 0]), ("bare.wav", [7])] as [(String, [UInt8])] {
            let list = Array("LIST".utf8) + [13, 0, 0, 0] + Array("INFOISFT".utf8) + [1, 0, 0, 0] + chunk
            try RecordingFiles.write(Array(plain[..<36]) + list + plain[36...], to: name, in: place)
        }
        for answer in try verdicts(["padded.wav", "bare.wav"], place) {
            #expect(answer["verdict"].string == "identified")
            #expect(answer["file"]["seconds"].double == 110 && answer["file"]["isTruncated"].bool == false)
        }
    }
}
