import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, "`file`": files that players play, however odd they are put together, are analysed.
@Suite struct OddRecordingTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    private func verdict(_ content: [UInt8], _ name: String) throws -> JSON {
        try RecordingFiles.write(content, to: name, in: place)
        return try answers([name])[0]
    }

    private func answers(_ names: [String]) throws -> [JSON] {
        let options = ["--meeting", board.meeting, "--effort", "fast", "--json"]
        return try JSON(text: try place.run(["analyze"] + names + options).text)["analyses"].array
    }

    private func coded(_ options: String, _ name: String, of recording: String? = nil) throws -> [UInt8] {
        let words = options.split(separator: " ").map(String.init)
        return try RecordingFiles.bytes(try place.ffmpeg(["-i", recording ?? board.bela] + words, to: name))
    }

    // MARK: Packed indices

    /// `plain`, whose index is its last box, with the index packed as QuickTime does (QuickTime File Format,
    /// "Compressed Movie Resources").
    private static func packed(_ plain: [UInt8], claimed: Int? = nil) throws -> [UInt8] {
        let index = try indexStart(plain)
        let movie = Array(plain[index...])
        let data = Bombs.box("cmvd", Bombs.number(claimed ?? movie.count), try Packed.zlib(movie))
        return plain[..<index] + Bombs.box("moov", Bombs.box("cmov", Bombs.box("dcom", Array("zlib".utf8)), data))
    }

    private static func indexStart(_ plain: [UInt8]) throws -> Int {
        try #require(plain.lastRange(of: Array("moov".utf8))).lowerBound - 4
    }

    /// The same file, or index, with places of the samples that are by so many bytes further on.
    private static func moved(_ content: [UInt8], by bytes: Int) throws -> [UInt8] {
        var moved = content
        let table = try #require(content.lastRange(of: Array("stco".utf8))).upperBound
        let count = content[table + 4..<table + 8].reduce(0) { $0 << 8 | Int($1) }
        for at in stride(from: table + 8, to: table + 8 + 4 * count, by: 4) {
            let value = content[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } + bytes
            moved.replaceSubrange(at..<at + 4, with: Bombs.number(value))
        }
        return moved
    }

    @Test func packedIndicesAreUnpacked() throws {
        let film = "-f lavfi -i color=size=64x48:rate=1:duration=110 -map 0:a -map 1:v -c:v mpeg4"
        for (name, options) in [("a.mov", "-c:a aac -b:a 64k"), ("b.mov", film + " -c:a pcm_s24be"), ("c.mp4", film)] {
            let answer = try verdict(try Self.packed(try coded(options, "plain." + name)), name)
            #expect(answer["verdict"].string == "identified", "\(name)")
            #expect(abs((answer["file"]["seconds"].double ?? 0) - 110) < 0.1, "\(name)")
            #expect(answer["file"]["corruptPackets"].int == 0 && answer["file"]["isTruncated"].bool == false)
        }
    }

    /// Audio of one's own, too.
    @Test func filesWithPackedIndicesAreMarked() throws {
        let plain = try coded("-c:a pcm_s16be", "plain.mov", of: board.host)
        let packed = try Self.packed(plain)
        try RecordingFiles.write(packed, to: "x.mov", in: place)
        let client = ["--meeting", board.meeting, "--client", "cara@example.org"]
        let marked = try place.json(["embed", "x.mov", "marked.wav"] + client)["embedded"]
        #expect(marked["seconds"].double == 110 && marked["sampleRate"].int == 16_000)
        let whole = try RecordingFiles.sha256(place.file("marked.wav"))
        // Behind a tag, from which the places of the samples are not counted, nor its bytes taken for a box.
        let tag = Array("ID3".utf8) + [4, 0, 0, 0, 0, 8, 0] + Bombs.zeros(1_024)
        try RecordingFiles.write(tag + packed, to: "tagged.mov", in: place)
        // And behind one from which they are counted.
        let counted = try Self.packed(try Self.moved(plain, by: tag.count))
        try RecordingFiles.write(tag + counted, to: "counted.mov", in: place)
        for name in ["tagged", "counted"] {
            let tagged = try place.json(["embed", "\(name).mov", "\(name).wav"] + client)["embedded"]
            #expect(tagged["seconds"].double == 110 && tagged["sampleRate"].int == 16_000, "\(name)")
            // It is the same audio, so the same comes of it.
            #expect(try RecordingFiles.sha256(place.file("\(name).wav")) == whole, "\(name)")
        }
        for name in ["marked.wav", "tagged.wav", "counted.wav"] {
            try place.succeed("analyze", name, "--meeting", board.meeting, "--effort", "fast")
        }
    }

    /// Of which the index stands before the media: what is behind the end is no audio.
    @Test func cutFilesWithPackedIndicesAreReadToTheirEnd() throws {
        let plain = try coded("-c:a pcm_s16be", "plain.mov")
        let index = try Self.indexStart(plain)
        let media = try #require(plain.firstRange(of: Array("mdat".utf8))).lowerBound - 4
        // The index is as long packed as the room that is made for it: places move by that alone.
        let room = 4_096
        var packed = try Self.packed(try Self.moved(Array(plain[index...]), by: room))
        packed += Bombs.box("free", Bombs.zeros(room - packed.count - 8))
        let whole = plain[..<media] + packed + plain[media..<index]
        let answer = try verdict(Array(whole.prefix(whole.count - 160_000)), "cut.mov")
        #expect(answer["verdict"].string == "identified" && answer["file"]["isTruncated"].bool == true)
        #expect(answer["file"]["corruptPackets"].int == 0)
        #expect(abs((answer["file"]["seconds"].double ?? 0) - 105) < 0.1, "five seconds of 32,000 bytes are missing")
    }

    @Test func indicesThatCannotBeUnpackedOrTakeTooMuchAreRefused() throws {
        let plain = try coded("-c:a pcm_s16be", "plain.mov")
        let index = try Self.indexStart(plain)
        var damaged = try Self.packed(plain)
        damaged[damaged.count - 9] ^= 0xFF
        let zeros = try Packed.zlib(Bombs.zeros(40_000_000))
        func bomb(_ claimed: Int) -> [UInt8] {
            let data = Bombs.box("cmvd", Bombs.number(claimed), zeros)
            return plain[..<index] + Bombs.box("moov", Bombs.box("cmov", Bombs.box("dcom", Array("zlib".utf8)), data))
        }
        for (content, code) in [
            (damaged, "corrupt"), (try Self.packed(plain, claimed: 100), "corrupt"), (bomb(40_000_000), "tooLarge"),
            (bomb(33_554_432), "corrupt"), (bomb(0xFFFF_FFFF), "tooLarge"),
        ] { #expect(try verdict(content, "x.mov")["refusal"]["code"].string == code) }
    }

    // MARK: What stands around the media

    @Test func boxesOfAnyKindMayStandFirst() throws {
        let plain = try coded("-c:a alac -movflags +faststart", "plain.mp4")
        for type in ["uuid", "junk", "abcd"] {
            // What was there becomes a box without meaning, so that the places of the samples stay.
            var content = plain
            content.replaceSubrange(4..<8, with: Array(type.utf8))
            #expect(try verdict(content, "x.mp4")["verdict"].string == "identified", "\(type)")
        }
    }

    @Test func whatStandsBehindTheBoxesOrChunksIsTold() throws {
        let other = try coded("-c:a libmp3lame -b:a 64k -id3v2_version 0 -write_xing 0", "other.mp3")
        for (name, options) in [("x.mp4", "-c:a alac"), ("x.avi", "-c:a pcm_s16le")] {
            let content = try coded(options, "clean." + name, of: board.host)
            #expect(try verdict(content, name)["verdict"].string == "not-found", "\(name)")
            let answer = try verdict(content + other, name)
            #expect(answer["verdict"].string == "incomplete", "\(name)")
            let reasons = answer["file"]["unexamined"].array.compactMap(\.["reason"].string)
            #expect(reasons.contains { $0.contains("behind it") }, "\(name): \(reasons)")
        }
    }

    @Test func tagsBehindTheAudioAreNoDamage() throws {
        let audio = try coded("-c:a libmp3lame -b:a 64k -id3v2_version 0 -write_xing 0", "plain.mp3")
        // A picture whose bytes look like heads of frames.
        var picture: [UInt8] = [0x89, 0x50, 0x4E, 0x47]
        for number in 0..<40_000 { picture += [0xFF, 0xFB, UInt8(truncatingIfNeeded: number), 0xC4] }
        picture += Array("IEND".utf8)
        let size: [UInt8] = [21, 14, 7, 0].map { UInt8(picture.count >> $0 & 127) }
        let head: [UInt8] = [4, 0, 0x10] + size
        let tag: [UInt8] = Array("ID3".utf8) + head + picture + Array("3DI".utf8) + head
        let answer = try verdict(audio + tag, "x.mp3")
        #expect(answer["verdict"].string == "identified" && answer["file"]["unexamined"].array.isEmpty)
        #expect(answer["file"]["corruptPackets"].int == 0 && answer["file"]["isTruncated"].bool == false)
    }

    @Test func moviesThatOnlyReferToOthersAreToldSo() throws {
        let reference = Bombs.box("rmda", Bombs.box("rdrf", Bombs.zeros(4), Array("url ".utf8), Bombs.zeros(20)))
        let content = Bombs.box("ftyp", Array("qt  ".utf8)) + Bombs.box("moov", Bombs.box("rmra", reference))
        let refusal = try verdict(content, "x.mov")["refusal"]
        #expect(refusal["code"].string == "noAudio" && refusal["message"].string?.contains("refers to other") == true)
    }
}
