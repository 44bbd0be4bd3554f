import Testing

@testable import EarmarkMedia

/// Frames of raw MP3 and AAC: lengths by the standards' formulas, and how many prove a stream.
@Suite struct MPEGAudioSyncTests {
    /// An MP3 header: version (3, 2, 0), bitrate index, rate index, padding.
    private func header(_ version: UInt32, _ bitrate: UInt32, _ rate: UInt32, padding: UInt32 = 0) -> [UInt8] {
        FileBytes.big(0x7FF << 21 | version << 19 | 1 << 17 | 1 << 16 | bitrate << 12 | rate << 10 | padding << 9)
    }

    private func length(_ bytes: [UInt8], _ stream: MPEGAudioSync.Stream = .mp3) -> Int? {
        MPEGAudioSync.frameLength(of: stream, in: bytes, at: 0)
    }

    /// ISO 11172-3, 2.4.3.1, and ISO 13818-3: 144 (MPEG-1) or 72 times bitrate over sample rate, rounded down, and
    /// padding.
    @Test func mp3FramesHaveTheStandardsLengths() {
        let first = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
        let second = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
        for (version, kilobits, factor, rates) in [
            (UInt32(3), first, 144_000, [44_100, 48_000, 32_000]), (2, second, 72_000, [22_050, 24_000, 16_000]),
            (0, second, 72_000, [11_025, 12_000, 8_000]),
        ] {
            for (index, bitrate) in kilobits.enumerated() {
                for (place, rate) in rates.enumerated() {
                    for padding in 0...1 {
                        let bytes = header(version, UInt32(index + 1), UInt32(place), padding: UInt32(padding))
                        #expect(length(bytes) == factor * bitrate / rate + padding, "\(version) \(bitrate) \(rate)")
                    }
                }
            }
        }
    }

    @Test func whatNoMP3HeaderMayBeIsNone() {
        #expect(length(header(1, 9, 0)) == nil, "reserved version")
        #expect(length(header(3, 0, 0)) == nil && length(header(3, 15, 0)) == nil, "free and bad bitrate")
        #expect(length(header(3, 9, 3)) == nil, "reserved rate")
        for layer in [UInt8(0xF9), 0xFD, 0xFF] { #expect(length([0xFF, layer, 0x90, 0]) == nil, "another layer") }
        #expect(length([0xFF, 0xDB, 0x90, 0]) == nil, "ten bits of sync")
        #expect(length([0xFF, 0xFB, 0x90]) == nil, "too short")
    }

    @Test func rawAACFramesSayTheirLength() {
        for size in [8, 255, 256, 2_047, 2_048, 8_191] {
            #expect(length(FileBytes.adtsFrame(size), .adts) == size)
            #expect(length(FileBytes.loasFrame(size), .loas) == size + 3)
        }
        #expect(length(FileBytes.adtsFrame(7), .adts) == nil, "a frame holds more than its header")
        #expect(length(FileBytes.loasFrame(0), .loas) == nil)
        var frame = FileBytes.adtsFrame(100)
        // Rates 13 to 15 are none; layer must be 0.
        for (place, value) in [(2, UInt8(0x34 | 0x40)), (1, 0xF3), (1, 0xE1), (0, 0xFE)] {
            let kept = frame[place]
            frame[place] = value
            #expect(length(frame, .adts) == nil, "\(place)")
            frame[place] = kept
        }
        // With a checksum, and as MPEG-2.
        for second in [UInt8(0xF0), 0xF8, 0xF9] {
            frame[1] = second
            #expect(length(frame, .adts) == 100)
        }
        #expect(length(Array(FileBytes.adtsFrame(100).prefix(6)), .adts) == nil)
        #expect(length(Array(FileBytes.loasFrame(100).prefix(2)), .loas) == nil)
        #expect(length([0x57, 0xE0, 9], .loas) == nil && length([0x56, 0xC0, 9], .loas) == nil)
    }

    // MARK: Proof of a stream

    private func found(_ bytes: [UInt8], isWhole: Bool = false) -> Int? {
        MPEGAudioSync.find(in: bytes, isWhole: isWhole)?.offset
    }

    @Test(arguments: [MPEGAudioSync.Stream.mp3, .adts, .loas])
    func twoFramesAtTheStartAndFourAfterJunkProve(stream: MPEGAudioSync.Stream) {
        let frame: [UInt8] =
            switch stream {
            case .mp3: FileBytes.mp3Frame()
            case .adts: FileBytes.adtsFrame(300)
            case .loas: FileBytes.loasFrame(300)
            }
        let junk = FileBytes.zeros(500)
        func frames(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in frame } }
        #expect(found(frames(2) + junk) == 0)
        #expect(found(frames(1) + junk) == nil)
        #expect(found(junk + frames(4) + junk) == 500)
        #expect(found(junk + frames(3) + junk) == nil)
        #expect(found(junk + frames(3), isWhole: true) == nil)
        #expect(MPEGAudioSync.find(in: frames(2) + junk, isWhole: false)?.stream == stream)
    }

    /// A file of one frame is a recording, if it is all of the file.
    @Test func oneFrameThatFillsTheFileProves() {
        #expect(found(FileBytes.mp3Frame(), isWhole: true) == 0)
        #expect(found(Array(FileBytes.mp3Frame().dropLast(10)), isWhole: true) == 0)
        #expect(found(FileBytes.mp3Frame(), isWhole: false) == nil)
        #expect(found([0xFF, 0xFB, 0x00, 0x00], isWhole: true) == nil)
    }

    // MARK: Tags

    @Test func tagsInFrontArePassedOver() throws {
        let folder = try TemporaryFolder()
        let audio = FileBytes.mp3Frame() + FileBytes.mp3Frame()
        func start(_ tags: [UInt8]) throws -> Int64 {
            MPEGAudioTags.startOfAudio(in: try folder.source(tags + audio))
        }
        #expect(try start([]) == 0)
        #expect(try start(FileBytes.id3(300)) == 310)
        #expect(try start(FileBytes.id3(300, hasFooter: true)) == 320)
        #expect(try start(FileBytes.id3(0x12345)) == 0x12345 + 10)
        #expect(try start(FileBytes.id3(5) + FileBytes.id3(7)) == 32)
        var wrong = FileBytes.id3(300)
        wrong[8] = 0x82
        #expect(try start(wrong) == 0, "sizes have seven bits a byte")
        for place in [3, 4] {
            wrong = FileBytes.id3(300)
            wrong[place] = 0xFF
            #expect(try start(wrong) == 0, "no version is 255")
        }
    }

    @Test func tagsBehindAreNoAudio() throws {
        let folder = try TemporaryFolder()
        let audio = (0..<4).flatMap { _ in FileBytes.mp3Frame() }
        let size = Int64(audio.count)
        func end(_ tags: [UInt8]) throws -> Int64 {
            MPEGAudioTags.endOfAudio(in: try folder.source(audio + tags), from: 0)
        }
        #expect(try end([]) == size)
        #expect(try end(FileBytes.id3v1) == size)
        #expect(try end(FileBytes.ape(64, hasHeader: true)) == size)
        #expect(try end(FileBytes.ape(64, hasHeader: false)) == size)
        #expect(try end(FileBytes.ape(64, hasHeader: true) + FileBytes.id3v1) == size)
        // A head that is announced, and is not there.
        let headless = Array(FileBytes.ape(64, hasHeader: true).dropFirst(32))
        #expect(try end(headless) == size)
        // ID3v2.4, 3.4: a foot where the tag stands behind the audio.
        var foot = FileBytes.id3(700, hasFooter: true)
        foot.replaceSubrange(710..<720, with: Array("3DI".utf8) + foot[3..<10])
        #expect(try end(foot) == size)
        #expect(try end(foot + FileBytes.ape(64, hasHeader: true) + FileBytes.id3v1) == size)
        #expect(try end(Array(foot.suffix(300))) == size + 300, "without its head it is none")
        // Lyrics3 2.00 and the enhanced tag stand before ID3v1.
        let lyrics = Array("LYRICSBEGIN".utf8) + FileBytes.zeros(100) + Array("000111LYRICS200".utf8)
        #expect(try end(lyrics + FileBytes.id3v1) == size)
        #expect(try end(Array("TAG+".utf8) + FileBytes.zeros(223) + FileBytes.id3v1) == size)
        // A tag that claims more than there is, is none.
        var liar = FileBytes.ape(0, hasHeader: false)
        liar.replaceSubrange(12..<16, with: FileBytes.little(UInt32(size + 33)))
        #expect(try end(liar) == size + 32)
        liar.replaceSubrange(12..<16, with: FileBytes.little(UInt32(31)))
        #expect(try end(liar) == size + 32)
    }

    /// The Xing or Info header counts the bytes of the stream: a file that holds fewer is cut.
    @Test(arguments: [13, 21, 36], ["Xing", "Info"]) func aPromiseOfMoreBytesIsSeen(offset: Int, name: String) throws {
        let folder = try TemporaryFolder()
        let size = UInt32(4 * 417)
        func promisesMore(_ flags: UInt32, _ fields: [UInt32]) throws -> Bool {
            let tag = Array(name.utf8) + FileBytes.big(flags) + fields.flatMap { FileBytes.big($0) }
            let first = FileBytes.mp3Frame(FileBytes.zeros(offset - 4) + tag)
            let source = try folder.source(first + (0..<3).flatMap { _ in FileBytes.mp3Frame() })
            return MPEGAudioTags.xingPromisesMore(in: source, firstFrame: 0, end: source.size)
        }
        #expect(try !promisesMore(3, [100_000, size]))
        #expect(try promisesMore(3, [0, size + 1]))
        #expect(try promisesMore(2, [size + 1]) && !promisesMore(2, [size]))
        #expect(try !promisesMore(1, [100_000, 100_000]), "frames alone promise no bytes")
    }
}
