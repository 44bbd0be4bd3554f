import Testing

@testable import EarmarkMedia

/// Which type a file is, by its first bytes, and what it is called if it is refused.
@Suite struct ContainerJudgeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func judge(_ content: [UInt8]) throws -> JudgedRecording {
        try ContainerJudge.judge(try folder.source(content, as: "talk"))
    }

    private func movie(_ first: [UInt8], hasVideo: Bool = false) throws -> RecordingContainer {
        let video = hasVideo ? FileBytes.track(handler: "vide", entry: "avc1") : []
        return try judge(first + FileBytes.box("moov", FileBytes.track() + video)).container
    }

    @Test func theBrandChoosesBetweenTheMP4Family() throws {
        for brand in ["M4A ", "M4B ", "M4P "] {
            #expect(try movie(FileBytes.fileType(brand), hasVideo: true) == .m4a, "\(brand)")
        }
        for brand in ["isom", "mp42", "3gp4", "dash"] {
            #expect(
                try movie(FileBytes.fileType(brand)) == .m4a && movie(FileBytes.fileType(brand), hasVideo: true) == .mp4
            )
        }
        #expect(try movie(FileBytes.fileType("qt  ")) == .mov)
    }

    @Test(arguments: ["moov", "mdat", "free", "skip", "wide", "pnot"]) func aMovieMayBeginWithAnyOf(type: String) throws
    {
        #expect(try movie(type == "moov" ? [] : FileBytes.box(type, FileBytes.zeros(8))) == .mov)
        #expect(try movie(type == "moov" ? [] : FileBytes.longBox(type, FileBytes.zeros(8))) == .mov)
    }

    /// ISO 14496-12, 4.2: boxes that are not known are passed over, wherever they stand.
    @Test func aMovieMayBeginWithBoxesOfAnyOtherKind() throws {
        let others = ["uuid", "junk", "abcd"].flatMap { FileBytes.box($0, FileBytes.zeros(20)) }
        #expect(try movie(others + FileBytes.fileType("mp42")) == .m4a)
        #expect(try movie(others + FileBytes.longBox("pict", FileBytes.zeros(8))) == .mov)
        #expect(failureCode { _ = try judge(others + FileBytes.zeros(50)) } == .unsupportedType)
        let hidden = FileBytes.box("abcd", FileBytes.zeros(20), size: 29) + FileBytes.box("moov", FileBytes.track())
        #expect(failureCode { _ = try judge(hidden) } == .unsupportedType, "boxes stand where the one before ends")
    }

    /// The first bytes of types that are not accepted, as their specifications have them.
    @Test func whatElseAFileIsIsSaid() throws {
        let beginnings: [(String, [UInt8])] = [
            ("AC-3", [0x0B, 0x77]), ("DTS", [0x7F, 0xFE, 0x80, 0x01]), ("JPEG", [0xFF, 0xD8, 0xFF, 0xE0]),
            ("PNG", [0x89] + Array("PNG".utf8)), ("gzip", [0x1F, 0x8B, 8]), ("SILK", [2] + Array("#!SILK_V3".utf8)),
            ("SILK", Array("#!SILK_V3".utf8)), ("VOC", Array("Creative Voice File".utf8)),
            ("DSD", Array("DSD ".utf8)), ("NUT", Array("nut/multimedia container".utf8)),
            ("MXF", [0x06, 0x0E, 0x2B, 0x34]), ("WebP", Array("RIFFabcdWEBPVP8 ".utf8)),
            ("MIDI", Array("RIFFabcdRMIDdata".utf8)), ("HTML", [0xEF, 0xBB, 0xBF] + Array("<html>".utf8)),
            ("HTML", [0xFF, 0xFE, 0x3C, 0, 0x68, 0]),
        ]
        for (name, bytes) in beginnings {
            let error = try #require(failure { _ = try judge(bytes + FileBytes.zeros(600)) })
            #expect(error.code == .unsupportedType && error.message.contains(name), "\(name): \(error)")
        }
    }

    @Test(arguments: ["styp", "moof", "sidx"]) func aSegmentAloneIsNamed(type: String) {
        #expect(failureCode { _ = try judge(FileBytes.box(type, FileBytes.zeros(8))) } == .corrupt)
    }

    @Test func boxesWithoutSizesAreNoMovie() {
        for size in 2...7 {
            let content = FileBytes.box("free", FileBytes.zeros(100), size: UInt32(size))
            #expect(failureCode { _ = try judge(content) } == .unsupportedType, "\(size)")
        }
        // 0 is "to the end", and no movie follows.
        #expect(failureCode { _ = try judge(FileBytes.box("free", FileBytes.zeros(100), size: 0)) } == .corrupt)
    }

    @Test func waveAndFilmAreRIFF() throws {
        let wave = FileBytes.pcm(bits: 16) + FileBytes.chunk("data", FileBytes.zeros(10))
        for magic in ["RIFF", "RF64", "BW64"] {
            let judged = try judge(FileBytes.riff(magic, "WAVE", wave))
            #expect(judged.container == .wav && judged.demuxer == "wav" && !judged.isTruncated)
            #expect(judged.window == 0..<Int64(12 + wave.count))
        }
        let film =
            FileBytes.chunk("LIST", Array("hdrl".utf8)) + FileBytes.chunk("LIST", Array("movi".utf8))
        for form in ["AVI ", "AVI\u{19}"] {
            #expect(try judge(FileBytes.riff("RIFF", form, film)).container == .avi)
        }
        #expect(failureCode { _ = try judge(FileBytes.riff("RIFF", "AVIX", film)) } == .unsupportedType)
        #expect(failureCode { _ = try judge(FileBytes.riff("RF64", "AVI ", film)) } == .unsupportedType)
    }

    @Test func rawStreamsAreShownWithoutTagsAndJunk() throws {
        let mp3 = (0..<4).flatMap { _ in FileBytes.mp3Frame() }
        let adts = (0..<4).flatMap { _ in FileBytes.adtsFrame(300) }
        let loas = (0..<4).flatMap { _ in FileBytes.loasFrame(300) }
        for (audio, container, demuxer) in [
            (mp3, RecordingContainer.mp3, "mp3"), (adts, .aac, "aac"), (loas, .aac, "loas"),
        ] {
            let length = Int64(audio.count)
            for (front, behind) in [(0, 0), (77, 0), (0, 128), (77, 128)] {
                let tag = front > 0 ? FileBytes.id3(front - 10) : []
                let judged = try judge(tag + audio + (behind > 0 ? FileBytes.id3v1 : []))
                #expect(judged.container == container && judged.demuxer == demuxer)
                #expect(judged.window == Int64(front)..<Int64(front) + length)
                #expect(!judged.isTruncated)
            }
            let padded = try judge(FileBytes.zeros(200_000) + audio)
            #expect(padded.container == container && padded.window.lowerBound == 200_000)
            // Far from the start it takes eight frames to prove a stream.
            for (front, isFound) in [(262_143, true), (262_144, false)] {
                let code = failureCode { _ = try judge(FileBytes.zeros(front) + audio) }
                #expect(code == (isFound ? nil : .unsupportedType), "\(front)")
            }
            for front in [262_144, 4 << 20, (4 << 20) - 100, 9_000_000] {
                let judged = try judge(FileBytes.zeros(front) + audio + audio)
                #expect(judged.container == container && judged.window.lowerBound == Int64(front))
            }
            // A tag that claims more than it has: the audio begins within.
            let wrong = try judge(Array(FileBytes.id3(900_000).prefix(400_000)) + audio + audio)
            #expect(wrong.container == container && wrong.window.lowerBound == 400_000)
        }
    }

    @Test func whatLooksLikeAudioAndIsNoneIsCorrupt() throws {
        let zeros = FileBytes.zeros(1_000)
        for content in [FileBytes.id3(100) + zeros, FileBytes.mp3Frame() + zeros, FileBytes.adtsFrame(100) + zeros] {
            let error = try #require(failure { _ = try judge(content) })
            #expect(error.code == .corrupt && error.message.contains("begins like MP3 or AAC"), "\(error)")
        }
        let cut = try #require(failure { _ = try judge(Array(FileBytes.id3(5_000).prefix(2_000))) })
        #expect(cut.code == .truncated && cut.message.contains("ID3 tag (5,010 bytes)"))
        #expect(failureCode { _ = try judge(FileBytes.id3(100) + Array("fLaC".utf8) + zeros) } == .unsupportedType)
        for layer in [UInt8(0xFD), 0xFF] {
            let frame = [0xFF, layer, 0x90, 0] + FileBytes.zeros(518)
            let error = try #require(failure { _ = try judge(frame + frame + frame) })
            #expect(error.code == .unsupportedType && error.message.contains("layer I or II"))
            // A single head may stand anywhere.
            #expect(failureCode { _ = try judge(frame + zeros) } == .corrupt)
        }
        #expect(failureCode { _ = try judge([UInt8](repeating: 0xFF, count: 9_000)) } == .corrupt)
        #expect(failureCode { _ = try judge(zeros) } == .unsupportedType)
        #expect(failureCode { _ = try judge([0xFF]) } == .unsupportedType)
    }

    /// MPEG-1 layer III at 48 kHz with the bitrate index 0; a padding bit makes a frame a byte longer.
    @Test func freeFormatIsNamed() throws {
        let frame: [UInt8] = [0xFF, 0xFB, 0x04, 0xC4] + FileBytes.zeros(206)
        let padded: [UInt8] = [0xFF, 0xFB, 0x06, 0xC4] + FileBytes.zeros(207)
        for content in [
            frame + frame + frame, frame + padded + frame + frame, FileBytes.id3(90) + frame + frame + frame,
        ] {
            let error = try #require(failure { _ = try judge(content) })
            #expect(error.code == .unsupportedSampleFormat && error.message.contains("free format"), "\(error)")
            #expect(error.message.contains("sox -t mp3 ") && error.message.hasSuffix("talk.wav"), "\(error)")
        }
        #expect(failureCode { _ = try judge(frame + frame + FileBytes.zeros(400)) } == .corrupt)
    }

    /// Magic numbers by the formats' own specifications.
    @Test(arguments: [
        ("fLaC", "FLAC"), ("OggS", "Ogg"), ("caff", "CAF"), ("#!AMR\n", "AMR"), ("riff\u{2E}\u{91}", "Wave64"),
        ("wvpk", "WavPack"), ("MAC \u{96}", "Monkey's Audio"), (".snd", "AU"), ("FLV\u{1}", "FLV"), ("MThd", "MIDI"),
        ("TTA1", "True Audio"), (".RMF", "RealMedia"), ("ADIF", "ADIF"), ("#EXTM3U", "playlist (M3U)"),
        ("ffconcat version 1.0", "playlist (ffconcat)"), ("[playlist]", "playlist (PLS)"), ("<?xml ", "XML"),
        ("<!DOCTYPE html>", "HTML"), ("<html>", "HTML"), ("%PDF-1.7", "PDF"), ("PK\u{3}\u{4}", "ZIP"),
        ("\u{7F}ELF", "a program"), ("SQLite format 3\u{0}", "database"), ("GIF89a", "GIF"), ("Rar!", "RAR"),
        ("FORM\u{0}\u{0}\u{0}\u{0}AIFF", "AIFF"), ("FORM\u{0}\u{0}\u{0}\u{0}AIFC", "AIFF"),
    ])
    func otherTypesAreNamed(head: String, name: String) throws {
        let content = Array(head.utf8) + FileBytes.zeros(500)
        let error = try #require(failure { _ = try judge(content) })
        #expect(error.code == .unsupportedType && error.message.contains(name), "\(error)")
        #expect(error.message.contains("Accepted: AAC, MP3, M4A, WAV, MP4, AVI, MOV."))
    }

    /// What is no recording has no line that would make one of it; what has one inside is to be unpacked.
    @Test func onlyRecordingsAreConverted() throws {
        func message(_ head: String) throws -> String {
            try #require(failure { _ = try judge(Array(head.utf8) + FileBytes.zeros(500)) }).message
        }
        let others = ["%PDF-1.7", "<html>", "\u{7F}ELF", "SQLite format 3\u{0}", "GIF89a", "#EXTM3U"]
        for head in others + ["PK\u{3}\u{4}", "Rar!"] {
            let message = try message(head)
            #expect(message.contains("not a recording") && !message.contains("ffmpeg"), "\(message)")
            #expect(message.hasSuffix("Unpack it.") == !others.contains(head), "\(message)")
        }
        for head in ["fLaC", "OggS", ".RMF", "MAC \u{96}"] {
            #expect(try message(head).contains("Convert it: ffmpeg -i "))
        }
        let ticket: [UInt8] = [0x8F, 0x45, 0x4D, 0x54, 0x0D, 0x0A, 0x1A, 0x0A]
        let named = try #require(failure { _ = try judge(ticket + FileBytes.zeros(216)) }).message
        #expect(named.contains("is a ticket to mark with, not a recording"), "\(named)")
    }

    @Test func binaryMagicsAreNamed() throws {
        let webm: [UInt8] = [0x42, 0x82, 0x84] + Array("webm".utf8)
        var stream = FileBytes.zeros(600)
        for place in [0, 188, 376] { stream[place] = 0x47 }
        let ebml: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3]
        for (head, name) in [
            (ebml + FileBytes.zeros(20), "Matroska"), (ebml + FileBytes.zeros(20) + webm, "WebM"),
            (ebml + FileBytes.zeros(300) + webm, "Matroska"),
            ([0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11], "Windows Media"), ([0, 0, 1, 0xBA], "program stream"),
            ([0, 0, 1, 0xB3], "program stream"), (stream, "transport stream"),
        ] {
            let error = try #require(failure { _ = try judge(head + FileBytes.zeros(400)) })
            #expect(error.message.contains(name), "\(error)")
        }
        stream[188] = 0
        #expect(try #require(failure { _ = try judge(stream) }).message.contains("unknown type"))
    }
}
