import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, "`file`": samples in whatever order of bytes, at whatever rate and however many at a time.
@Suite struct OddStreamTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    private func answers(_ names: [String], effort: String = "fast") throws -> [JSON] {
        let options = ["--meeting", board.meeting, "--effort", effort, "--json"]
        return try JSON(text: try place.run(["analyze"] + names + options).text)["analyses"].array
    }

    private func answer(_ content: [UInt8], _ name: String) throws -> JSON {
        try RecordingFiles.write(content, to: name, in: place)
        return try answers([name])[0]
    }

    private func coded(_ options: String, _ name: String, of recording: String? = nil) throws -> [UInt8] {
        let words = options.split(separator: " ").map(String.init)
        return try RecordingFiles.bytes(try place.ffmpeg(["-i", recording ?? board.bela] + words, to: name))
    }

    // MARK: High byte first

    private struct Form {
        var codec: String
        var bits: Int
        /// As FFmpeg calls it.
        var format: String
        var tag = 1
    }

    private static let forms = [
        Form(codec: "pcm_u8", bits: 8, format: "u8"), Form(codec: "pcm_s16be", bits: 16, format: "s16be"),
        Form(codec: "pcm_s24be", bits: 24, format: "s24be"), Form(codec: "pcm_s32be", bits: 32, format: "s32be"),
        Form(codec: "pcm_f32be", bits: 32, format: "f32be", tag: 3),
        Form(codec: "pcm_f64be", bits: 64, format: "f64be", tag: 3),
        Form(codec: "pcm_alaw", bits: 8, format: "alaw", tag: 6),
        Form(codec: "pcm_mulaw", bits: 8, format: "mulaw", tag: 7),
    ]

    /// A WAV file all of whose numbers have their high byte first (Multimedia Programming Interface 1.0, RIFX).
    private static func bigEndian(_ form: Form, _ data: [UInt8], size: Int? = nil, extended: [UInt8]? = nil) -> [UInt8]
    {
        func number(_ value: Int, _ size: Int = 4) -> [UInt8] { Bombs.number(value, size) }
        func chunk(_ type: String, _ body: [UInt8], _ size: Int? = nil) -> [UInt8] {
            Array(type.utf8) + number(size ?? body.count) + body
        }
        let (rate, width) = (16_000, form.bits / 8)
        let description =
            number(extended == nil ? form.tag : 0xFFFE, 2) + number(1, 2) + number(rate) + number(rate * width)
            + number(width, 2) + number(form.bits, 2) + (extended ?? [])
        let body = Array("WAVE".utf8) + chunk("fmt ", description) + chunk("data", data, size)
        return Array("RIFX".utf8) + number(body.count) + body
    }

    @Test func bigEndianWaveIsReadInAllItsForms() throws {
        for form in Self.forms {
            let data = try coded("-f \(form.format)", form.codec + ".raw")
            try RecordingFiles.write(Self.bigEndian(form, data), to: form.codec + ".wav", in: place)
        }
        for (form, answer) in zip(Self.forms, try answers(Self.forms.map { $0.codec + ".wav" })) {
            #expect(answer["verdict"].string == "identified", "\(form.codec)")
            #expect(answer["file"]["container"].string == "wav" && answer["file"]["seconds"].double == 110)
            #expect(answer["file"]["tracks"][0]["codec"].string == form.codec)
        }
    }

    /// SoX leaves the identifier of the sub-format as it is but for its first two bytes; others turn its numbers.
    @Test func bigEndianWaveWithLongDescriptionsAndWithoutSizes() throws {
        let data = try coded("-f s24be", "plain.raw")
        let form = Form(codec: "pcm_s24be", bits: 24, format: "s24be")
        let head = Bombs.number(22, 2) + Bombs.number(24, 2) + Bombs.number(4)
        let rest: [UInt8] = [0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
        for identifier in [[0, 1, 0, 0, 0, 0, 0x10, 0] + rest, [0, 0, 0, 1, 0, 0, 0, 0x10] + rest] as [[UInt8]] {
            let content = Self.bigEndian(form, data, extended: head + identifier)
            #expect(try answer(content, "x.wav")["verdict"].string == "identified")
        }
        for size in [0, 0xFFFF_FFFF] {
            let open = try answer(Self.bigEndian(form, data, size: size), "x.wav")
            #expect(open["verdict"].string == "identified" && open["file"]["isTruncated"].bool == false)
        }
        let cut = try answer(Self.bigEndian(form, data, size: data.count + 3), "x.wav")
        #expect(cut["verdict"].string == "identified" && cut["file"]["isTruncated"].bool == true)
    }

    /// FFmpeg does not decode such a file, so the line that converts it is one of SoX.
    @Test func bigEndianWaveOfAnotherCodecIsRefused() throws {
        let form = Form(codec: "adpcm", bits: 8, format: "", tag: 0x11)
        let refusal = try answer(Self.bigEndian(form, [UInt8](repeating: 7, count: 9_000)), "x.wav")["refusal"]
        #expect(refusal["code"].string == "unsupportedSampleFormat")
        let message = refusal["message"].string ?? ""
        #expect(message.contains("RIFX") && message.contains("sox -t wav x.wav x-converted.wav"), "\(message)")
    }

    /// libsndfile finds no sample where nobody said how many there are.
    @Test(arguments: [0, 0xFFFF_FFFF]) func bigEndianWaveWithoutSizesIsMarked(size: Int) throws {
        let form = Form(codec: "pcm_s24be", bits: 24, format: "s24be")
        let data = try coded("-f s24be", "plain.raw", of: board.host)
        try RecordingFiles.write(Self.bigEndian(form, data, size: size), to: "x.wav", in: place)
        let client = ["--meeting", board.meeting, "--client", "cara@example.org"]
        let marked = try place.json(["embed", "x.wav", "marked.wav"] + client)["embedded"]
        #expect(marked["seconds"].double == 110)
        #expect(try answers(["marked.wav"])[0]["verdict"].string == "identified")
    }

    /// Heads of packets that nobody took off (RFC 2250: four bytes before every frame of MP3): players look for frames.
    @Test func framesOfMP3WithBytesBetweenThemAreAnalysed() throws {
        for (recording, name) in [(board.bela, "spaced.mp3"), (board.host, "host.mp3")] {
            let plain = try coded("-c:a libmp3lame -b:a 64k", "plain.mp3", of: recording)
            let spaced = try RecordingFiles.packets(place.file("plain.mp3")).flatMap { [0, 0, 0, 0] + plain[$0] }
            try RecordingFiles.write(Array(spaced), to: name, in: place)
        }
        let answer = try answers(["spaced.mp3"])[0]
        #expect(answer["verdict"].string == "identified" && answer["file"]["container"].string == "mp3")
        #expect(abs((answer["file"]["seconds"].double ?? 0) - 110) < 0.2)
        #expect(answer["file"]["corruptPackets"].int == 0 && answer["file"]["isTruncated"].bool == false)
        #expect(answer["unexamined"].isAbsent)
        let client = ["--meeting", board.meeting, "--client", "cara@example.org"]
        let marked = try place.json(["embed", "host.mp3", "marked.wav"] + client)["embedded"]
        #expect(abs((marked["seconds"].double ?? 0) - 110) < 0.2)
    }

    /// libsndfile calls codecs damage that it does not know.
    @Test func wavesOfEveryCodecAreMarked() throws {
        let client = ["--meeting", board.meeting, "--client", "cara@example.org"]
        for (name, options) in [
            ("ac3", "-c:a ac3 -ar 48000"), ("yamaha", "-c:a adpcm_yamaha"), ("s64", "-c:a pcm_s64le"),
        ] {
            try place.ffmpeg(["-i", board.host] + options.split(separator: " ").map(String.init), to: name + ".wav")
            let marked = try place.json(["embed", name + ".wav", name + ".marked.wav"] + client)["embedded"]
            #expect(abs((marked["seconds"].double ?? 0) - 110) < 0.2, "\(name)")
        }
        // FFmpeg plays what has its description behind the samples, or a picture longer than it looks for audio.
        let plain = try RecordingFiles.bytes(board.host)
        let data = try #require(plain.firstRange(of: Array("data".utf8))).lowerBound
        try RecordingFiles.write(Array(plain[..<12] + plain[data...] + plain[12..<data]), to: "turned.wav", in: place)
        let audio = try coded("-c:a aac -b:a 64k -f adts", "plain.aac", of: board.host)
        let size: [UInt8] = [21, 14, 7, 0].map { UInt8(30_000_000 >> $0 & 127) }
        let name = Array("APIC".utf8) + [21, 14, 7, 0].map { UInt8((30_000_000 - 10) >> $0 & 127) } + [0, 0]
        let picture = name + [0] + Array("image/png".utf8) + [0, 3, 0] + Bombs.zeros(30_000_000 - 23)
        let head: [UInt8] = Array("ID3".utf8) + [4, 0, 0] + size
        try RecordingFiles.write(head + picture + audio, to: "tagged.aac", in: place)
        for name in ["turned.wav", "tagged.aac"] {
            let marked = try place.json(["embed", name, name + ".marked.wav"] + client)["embedded"]
            #expect(abs((marked["seconds"].double ?? 0) - 110) < 0.2, "\(name)")
        }
        // Damage stays damage.
        try RecordingFiles.write(Array(try RecordingFiles.bytes(board.host).prefix(30)), to: "cut.wav", in: place)
        #expect(try place.run(["embed", "cut.wav", "cut.marked.wav"] + client).exitStatus == 27)
    }

    // MARK: Rates and channels

    @Test func aDescriptionBehindTheSamplesIsRead() throws {
        let plain = try RecordingFiles.bytes(board.bela)
        let data = try #require(plain.firstRange(of: Array("data".utf8))).lowerBound
        let format = try #require(plain.firstRange(of: Array("fmt ".utf8))).lowerBound
        let turned = plain[..<12] + plain[data...] + plain[format..<format + 24]
        #expect(try answer(Array(turned), "x.wav")["verdict"].string == "identified")
    }

    @Test(arguments: [(999, true), (1_000, false), (768_000, false), (768_001, true), (3_000_000, true)])
    func ratesThatNobodyHearsAreRefusedAsSuch(rate: Int, isRefused: Bool) throws {
        var content = try RecordingFiles.bytes(board.bela)
        let format = try #require(content.firstRange(of: Array("fmt ".utf8))).upperBound + 4
        content.replaceSubrange(format + 4..<format + 8, with: Bombs.number(rate).reversed())
        try RecordingFiles.write(content, to: "x.wav", in: place)
        let result = try place.run("analyze", "x.wav", "--meeting", board.meeting, "--effort", "fast", "--allow-short")
        #expect((result.exitStatus == 27) == isRefused, "\(rate): \(result.errors)")
        #expect(result.errors.contains("1,000 to 768,000 Hz") == isRefused, "\(result.errors)")
    }

    /// QuickTime File Format: the number has 16 bits before the point; the track's clock tells the rate.
    @Test func ratesThatHaveNoRoomInTheDescriptionAreThoseOfTheClock() throws {
        let samples = try coded("-ar 96000 -f s16be", "plain.raw")
        let content = Bombs.file(Bombs.Track(kind: "twos", rate: 96_000, width: 2), data: samples)
        let answer = try answer(content, "x.mov")
        #expect(answer["verdict"].string == "identified" && answer["file"]["seconds"].double == 110)
        #expect(answer["file"]["tracks"][0]["sampleRate"].int == 96_000)
    }

    /// The voice is on the third channel of a passage whose beginning has two.
    @Test func channelsThatComeLaterAreExamined() throws {
        let clean = try coded("-t 12 -ac 2 -c:a aac -b:a 96k -f adts", "clean.aac", of: board.host)
        let wide = try coded("-af pan=5.1|FC=c0 -c:a aac -b:a 192k -f adts", "wide.aac")
        let answer = try answer(clean + wide, "x.aac")
        #expect(answer["verdict"].string == "identified")
        let warnings = answer["warnings"].array.compactMap(\.string)
        #expect(warnings.contains { $0.contains("were mixed into these") }, "\(warnings)")
    }

    // MARK: Clocks and packets

    /// A second for each frame: no player shows that, and no answer lists 5,000 places.
    @Test func timeStampsThatMakeNoSenseAreLeftAside() throws {
        var content = try coded("-c:a aac -b:a 64k -use_editlist 0", "plain.m4a")
        let header = try #require(content.firstRange(of: Array("mdhd".utf8))).upperBound
        content.replaceSubrange(header + 12..<header + 16, with: Bombs.number(1_024))
        let answer = try answer(content, "x.m4a")
        #expect(answer["verdict"].string == "identified")
        #expect(abs((answer["file"]["seconds"].double ?? 0) - 110) < 0.2)
        #expect(answer["warnings"].array.contains { $0.string?.contains("time stamps make no sense") == true })
        #expect(answer["sources"][0]["heard"].array.count < 4)
    }

    @Test func framesThatWaveDoesNotTellApartAreNotLeftOutInSilence() throws {
        let answer = try answer(try coded("-c:a libspeex", "x.wav"), "x.wav")
        // Of 110 s less than one decodes: it is not too short, most of it was not read.
        #expect(answer["refusal"]["code"].string == "corrupt")
        let short = try place.answer("x.wav", "--meeting", board.meeting, "--effort", "fast", "--allow-short")
        #expect(short["verdict"].string == "incomplete")
        #expect(short["file"]["unexamined"][0]["reason"].string?.contains("does not tell its frames apart") == true)
    }
}
