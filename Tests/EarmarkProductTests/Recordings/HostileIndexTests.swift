import Foundation
import ProgramSupport
import Testing

/// docs/threat-model.md, "Recordings": what plays is analysed, and what is not looked at is told: no index of MP4, MOV
/// or AVI, however odd, makes a plain `not-found` of a recording that FFmpeg plays.
@Suite struct HostileIndexTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    private func answer(_ file: BoxFile, _ name: String, _ more: String...) throws -> JSON {
        try RecordingFiles.write(file.bytes, to: name, in: place)
        let options = ["--meeting", board.meeting, "--effort", "fast", "--json"] + more
        return try JSON(text: try place.run(["analyze", name] + options).text)["analyses"][0]
    }

    /// Bela's recording, or with unmarked speech before it as a track of its own.
    private func made(_ options: String, _ name: String, isSecond: Bool = false) throws -> BoxFile {
        let inputs = (isSecond ? ["-i", board.host] : []) + ["-i", board.bela]
        let maps = isSecond ? ["-map", "0", "-map", "1"] : []
        return try BoxFile(try place.ffmpeg(inputs + maps + options.split(separator: " ").map(String.init), to: name))
    }

    private func expectFound(_ answer: JSON, _ comment: String = "") {
        #expect(answer["verdict"].string == "identified", "\(comment) \(answer["refusal"])")
        #expect(answer["sources"].emails == ["bela@example.org"], "\(comment)")
    }

    /// That a mark may be in what is told not to have been looked at.
    private func expectTold(_ answer: JSON, _ words: String) {
        #expect(answer["verdict"].string == "incomplete", "\(answer)")
        let reasons = answer["file"]["unexamined"].array.compactMap(\.["reason"].string)
        #expect(reasons.contains { $0.contains(words) }, "\(reasons)")
    }

    // MARK: Tracks

    /// FFmpeg takes a track for sound by its codec, whatever handler it names, if that is not one of pictures.
    @Test(arguments: ["adpcm_ms", "pcm_u8", "mp2"]) func tracksOfOtherHandlersAreExamined(codec: String) throws {
        var file = try made("-c:a:0 pcm_s16le -c:a:1 \(codec)", "h.mov", isSecond: true)
        let handler = try file.box("moov/trak:1/mdia/hdlr").lowerBound + 16
        file.bytes.replaceSubrange(handler..<handler + 4, with: Array("data".utf8))
        expectFound(try answer(file, "\(codec).mov"), codec)
    }

    /// What no track refers to is told beside such a track as well: the mark may lie there.
    @Test func mediaOfNoTrackAreToldBesideTracksOfOtherHandlers() throws {
        var file = try BoxFile(try place.ffmpeg(["-i", board.host, "-c:a", "pcm_s16le"], to: "n.mov"))
        let handler = try file.box("moov/trak/mdia/hdlr").lowerBound + 16
        file.bytes.replaceSubrange(handler..<handler + 4, with: Array("data".utf8))
        #expect(try answer(file, "known.mov")["verdict"].string == "not-found")
        file.bytes += Bombs.box("mdat", try RecordingFiles.bytes(board.bela))
        expectTold(try answer(file, "unknown.mov"), "bytes of media (mdat) belong to no track")
    }

    @Test(arguments: ["", "moov/udta", "moov/mvex", "moov/trak/mdia"])
    func tracksOutsideOfTheIndexAreTold(place: String) throws {
        var file = try made("-c:a aac", "t.m4a", isSecond: true)
        let track = Array(file.bytes[try file.box("moov/trak:1")])
        try file.replace("moov/trak:1", by: [])
        if place == "moov/mvex" { try file.replace("moov", by: Bombs.box("mvex"), isAppended: true) }
        if place.isEmpty {
            file.bytes += track
        } else {
            try file.replace(place, by: track, isAppended: true)
        }
        expectTold(try answer(file, "outside.m4a"), "a track (trak) stands outside of its place in the index")
    }

    /// A reference of the kind `url ` that names a place where the file once lay: FFmpeg plays what is here.
    @Test func referencesToThePlaceOfTheFileAreNoOtherFile() throws {
        var file = try made("-c:a aac", "u.m4a")
        let reference = Bombs.box("url ", Bombs.number(0), Array("file:///tmp/x.m4a\0".utf8))
        try file.replace("moov/trak/mdia/minf/dinf/dref/url ", by: reference)
        expectFound(try answer(file, "url.m4a"))
    }

    // MARK: Boxes

    private static func boxes(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in Bombs.box("free") } }

    @Test func aMillionBoxesBeforeTheIndexDoNotHideIt() throws {
        var file = try made("-c:a aac", "b.m4a")
        let index = try file.box("moov").lowerBound
        file.bytes.insert(contentsOf: Self.boxes(1_100_000), at: index)
        expectFound(try answer(file, "free.m4a"))
    }

    @Test func aMillionBoxesWithinTheIndexAreTold() throws {
        var file = try made("-c:a aac", "i.m4a", isSecond: true)
        let track = Array(file.bytes[try file.box("moov/trak:1")])
        try file.replace("moov/trak:1", by: Self.boxes(1_000_000) + track)
        expectTold(try answer(file, "within.m4a"), "more than 1,000,000 boxes")
        // Where no track is left there is nothing of which it could be said that it has none.
        let first = Array(file.bytes[try file.box("moov/trak")])
        try file.replace("moov/trak", by: [])
        try file.replace("moov", by: first, isAppended: true)
        let refusal = try answer(file, "last.m4a")["refusal"]
        #expect(refusal["code"].string == "corrupt", "\(refusal)")
        #expect(refusal["message"].string?.contains("more than 1,000,000 boxes") ?? false, "\(refusal)")
    }

    /// `tfhd` of the hundredth of 110 fragments names a second description, of a codec that is not known.
    @Test(arguments: [40, 100]) func codecsOfLateFragmentsAreTold(number: Int) throws {
        let options = "-c:a aac -movflags empty_moov+default_base_moof -frag_duration 1000000"
        var file = try made(options, "f.mp4")
        var entry = Array(file.bytes[try file.box("moov/trak/mdia/minf/stbl/stsd/mp4a")])
        entry.replaceSubrange(4..<8, with: Array("apac".utf8))
        let table = "moov/trak/mdia/minf/stbl/stsd"
        try file.replace(table, by: entry, isAppended: true)
        let count = try file.box(table).lowerBound + 12
        file.bytes.replaceSubrange(count..<count + 4, with: Bombs.number(2))
        var head = Array(file.bytes[try file.box("moof:\(number)/traf/tfhd")])
        let hasEntry: UInt8 = 2
        try #require(head[11] & (1 | hasEntry) == 0)
        head[11] |= hasEntry
        head.insert(contentsOf: Bombs.number(2), at: 16)
        head.replaceSubrange(0..<4, with: Bombs.number(head.count))
        try file.replace("moof:\(number)/traf/tfhd", by: head)
        let answer = try answer(file, "fragments.mp4")
        let reasons = answer["file"]["unexamined"].array.compactMap(\.["reason"].string)
        #expect(reasons == ["a part of it is of another codec than its beginning (mp4a)"], "\(answer)")
    }

    // MARK: Samples

    /// 110 s of PCM at 48 kHz, an entry of 24 bytes for each sample of which is more than FFmpeg may have.
    @Test func twoEntriesOfOneLengthAreOne() throws {
        var file = try made("-ar 48000 -c:a pcm_s16le", "s.mov")
        let table = "moov/trak/mdia/minf/stbl/stts"
        let frames = Int(Board.seconds) * 48_000
        func times(_ entries: [(Int, Int)]) -> [UInt8] {
            let words = entries.flatMap { Bombs.number($0.0) + Bombs.number($0.1) }
            return Bombs.box("stts", Bombs.number(0), Bombs.number(entries.count), words)
        }
        try file.replace(table, by: times([(1_000, 1), (frames - 1_000, 1)]))
        expectFound(try answer(file, "two.mov"))
        try place.succeed(
            "embed", "two.mov", "again.wav", "--meeting", board.meeting, "--client", "cara@example.org")
        try file.replace(table, by: times([(frames - 1, 1), (1, 2)]))
        let refusal = try answer(file, "uneven.mov")["refusal"]
        #expect(refusal["code"].string == "tooLarge", "it is not damaged: \(refusal)")
    }

    /// A second file behind the first, of another codec.
    @Test func aSecondAVIIsAnotherFile() throws {
        let first = try RecordingFiles.bytes(
            try place.ffmpeg(["-i", board.host, "-c:a", "libmp3lame"], to: "1.avi"))
        let second = try made("-c:a pcm_s16le", "2.avi")
        expectTold(try answer(BoxFile(first + second.bytes), "both.avi"), "another file of")
    }

    /// FFmpeg's reader of AAC steps over tags wherever they stand between frames.
    @Test func tagsBetweenTheFramesOfAACAreSteppedOver() throws {
        let stream = try made("-c:a aac -f adts", "a.aac").bytes
        let tag = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 5] + [UInt8](repeating: 0x41, count: 5)
        var tagged: [UInt8] = []
        var place = 0
        while place + 7 <= stream.count {
            let length = Int(stream[place + 3] & 3) << 11 | Int(stream[place + 4]) << 3 | Int(stream[place + 5]) >> 5
            tagged += tag + stream[place..<min(stream.count, place + length)]
            place += max(7, length)
        }
        expectFound(try answer(BoxFile(tagged), "tagged.aac"))
    }
}
