import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, `unexamined`: where a tenth of a file and 64 kB are in no track, and neither padding, text nor
/// pictures, a whole recording may stand there, and nothing is plainly "not found".
@Suite struct UnclaimedBytesTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    private func answer(_ content: [UInt8], _ name: String) throws -> JSON {
        try RecordingFiles.write(content, to: name, in: place)
        return try place.answer(place.file(name), ["--meeting", board.meeting, "--effort", "fast"])
    }

    private func expectTold(_ content: [UInt8], _ name: String, _ words: String) throws {
        let answer = try answer(content, name)
        #expect(answer["verdict"].string == "incomplete", "\(name): \(answer)")
        let reasons = answer["file"]["unexamined"].array.compactMap(\.["reason"].string)
        #expect(reasons.contains { $0.contains("are no part of any track") && $0.contains(words) }, "\(reasons)")
    }

    private func expectNothingTold(_ content: [UInt8], _ name: String) throws {
        let answer = try answer(content, name)
        #expect(answer["verdict"].string == "not-found" && answer["file"]["unexamined"].isAbsent, "\(name): \(answer)")
    }

    /// Unmarked speech, and Bela's recording behind it as a track of its own.
    private func two(_ options: String, _ name: String) throws -> BoxFile {
        let inputs = ["-i", board.host, "-i", board.bela, "-map", "0", "-map", "1"]
        return try BoxFile(try place.ffmpeg(inputs + options.split(separator: " ").map(String.init), to: name))
    }

    private func coded(_ path: String, _ name: String, _ more: [String] = []) throws -> [UInt8] {
        try RecordingFiles.bytes(try place.ffmpeg(["-i", path] + more + ["-b:a", "64k"], to: name))
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let size = withUnsafeBytes(of: UInt32(content.count).littleEndian, Array.init)
        return Array(name.utf8) + size + content + (content.count % 2 == 0 ? [] : [0])
    }

    // MARK: Media whose track was taken away

    /// The samples of the other track stand between those of the first, a few hundred bytes at a time.
    @Test(arguments: ["chunks", "samples", "track"]) func samplesOfALostTrackAreTold(lost: String) throws {
        var file = try two("-c:a aac -b:a 64k", "two.m4a")
        let table = "moov/trak:1/mdia/minf/stbl/"
        switch lost {
        case "chunks":
            let count = try file.box(table + "stco").lowerBound + 12
            file.bytes.replaceSubrange(count..<count + 4, with: Bombs.number(1))
        case "samples":
            let count = try file.box(table + "stsz").lowerBound + 16
            file.bytes.replaceSubrange(count..<count + 4, with: Bombs.number(0))
        default:
            let type = try file.box("moov/trak:1").lowerBound + 4
            file.bytes.replaceSubrange(type..<type + 4, with: Array("free".utf8))
        }
        try expectTold(file.bytes, "\(lost).m4a", "places between samples of its media (mdat)")
    }

    @Test func chunksOfNoStreamAreTold() throws {
        var content = try two("-c:a libmp3lame -b:a 64k", "two.avi").bytes
        try expectFoundIn(content)
        var place = 0
        while let found = content[place...].firstRange(of: Array("01wb".utf8)) {
            content.replaceSubrange(found, with: Array("03wb".utf8))
            place = found.upperBound
        }
        try expectTold(content, "lost.avi", "chunks '03wb' of no stream")
    }

    private func expectFoundIn(_ content: [UInt8]) throws {
        let answer = try answer(content, "whole.avi")
        #expect(answer["verdict"].string == "identified" && answer["file"]["unexamined"].isAbsent, "\(answer)")
    }

    // MARK: Whole recordings where no track is

    @Test(arguments: ["free", "uuid", "skip", "abcd"]) func recordingsInBoxesAreTold(type: String) throws {
        let marked = Bombs.box(type, try coded(board.bela, "b.m4a"))
        var clean = try coded(board.host, "a.m4a")
        try expectTold(clean + marked, "behind.m4a", "a box '\(type)'")
        let index = try BoxFile(clean).box("moov").lowerBound
        clean.insert(contentsOf: marked, at: index)
        try expectTold(clean, "before.m4a", "a box '\(type)'")
    }

    @Test func recordingsInChunksAndTagsAreTold() throws {
        let clean = try RecordingFiles.bytes(board.host)
        let marked = try RecordingFiles.bytes(board.bela)
        let mp3 = try coded(board.bela, "b.mp3")
        try expectTold(clean + Self.chunk("junk", marked), "junk.wav", "a chunk 'junk'")
        try expectTold(clean + Self.chunk("LIST", Array("adtl".utf8) + mp3), "list.wav", "a chunk 'LIST'")
        let frame = Array("PRIV".utf8) + Bombs.number(mp3.count) + [0, 0] + mp3
        let size = (0..<4).map { UInt8(truncatingIfNeeded: frame.count >> (7 * (3 - $0)) & 0x7F) }
        let tag = Array("ID3".utf8) + [3, 0, 0] + size + frame
        try expectTold(tag + (try coded(board.host, "a.mp3")), "tag.mp3", "a frame PRIV of its ID3 tag")
    }

    // MARK: What honest programs write

    @Test func paddingAndTextAreNoRecordings() throws {
        let zeros = [UInt8](repeating: 0, count: 1_000_000)
        let text = Array(String(repeating: "<rdf:li>Grüße, λόγος</rdf:li>\n", count: 20_000).utf8)
        let clean = try coded(board.host, "a.m4a")
        for (type, content) in [("free", zeros), ("uuid", [0xBE, 0x7A] + text), ("wide", [])] as [(String, [UInt8])] {
            try expectNothingTold(clean + Bombs.box(type, content), "\(type).m4a")
        }
        let wave = try RecordingFiles.bytes(board.host)
        try expectNothingTold(wave + Self.chunk("JUNK", zeros) + Self.chunk("axml", text), "padded.wav")
        // Less than a tenth of the file.
        let odd = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0) }
        try expectNothingTold(wave + Self.chunk("SMED", odd), "smed.wav")
    }

    @Test(arguments: ["m4a", "mp3"]) func picturesAreNoRecordings(ending: String) throws {
        let picture = try place.ffmpeg(
            ["-f", "lavfi", "-i", "nullsrc=s=640x480,geq=random(1)*255:128:128", "-frames:v", "1"], to: "cover.png")
        #expect(try RecordingFiles.bytes(picture).count > 150_000)
        let more = ["-i", picture, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic"]
        try expectNothingTold(try coded(board.host, "cover.\(ending)", more), "covered.\(ending)")
    }

    @Test(arguments: ["mp4", "avi", "mov"]) func filmsAreNoRecordingsBeside(ending: String) throws {
        let more = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=10:duration=110", "-map", "0", "-map", "1"]
        try expectNothingTold(try coded(board.host, "film.\(ending)", more), "shown.\(ending)")
    }
}
