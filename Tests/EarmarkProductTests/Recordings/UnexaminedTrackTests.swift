import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, `unexamined` and `incomplete`: an audio track that is not examined is in the answer, and
/// nothing was "not found" where the mark may be in what was not looked at.
@Suite struct UnexaminedTrackTests {
    private static let files = ["other.mov", "marked.mov", "marked.avi"]
    private static let printed = Result { () -> (Workplace, String) in
        let board = try Board.shared()
        let place = try board.workplace()
        let inputs = ["-i", board.host, "-i", board.bela, "-map", "0", "-map", "1"]
        let two = try place.ffmpeg(inputs + ["-c:a", "aac", "-b:a", "64k"], to: "two.mov")
        for (name, number) in [("other.mov", 0), ("marked.mov", 1)] { try lose(number, of: two, to: name, place) }
        let film = try place.ffmpeg(inputs + ["-c:a:0", "libmp3lame", "-c:a:1", "pcm_s16le"], to: "two.avi")
        var content = try RecordingFiles.bytes(film)
        let first = try #require(content.firstRange(of: Array("auds".utf8))).upperBound
        let second = try #require(content[first...].firstRange(of: Array("auds".utf8))).upperBound
        let format = try #require(content[second...].firstRange(of: Array("strf".utf8))).upperBound + 4
        content.replaceSubrange(format..<format + 2, with: [0x34, 0x12])
        try RecordingFiles.write(content, to: "marked.avi", in: place)
        let options = ["--meeting", board.meeting, "--effort", "fast", "--json"]
        return (place, try place.succeed(["analyze"] + files + options))
    }

    /// Two thirds of a minute of 65 channels in bytes, speech on the first and nothing on the others.
    private static func makeWide(_ board: Board, _ place: Workplace) throws {
        let samples = try RecordingFiles.samples(board.host).prefix(40 * 16_000)
        let rest = [UInt8](repeating: 128, count: 64)
        func little(_ value: Int, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let length = samples.count / 2 * 65
        var content = Array("RIFF".utf8) + little(36 + length, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
        for (value, size) in [(1, 2), (65, 2), (8_000, 4), (520_000, 4), (65, 2), (8, 2)] {
            content += little(value, size)
        }
        content += Array("data".utf8) + little(length, 4)
        for index in stride(from: 0, to: samples.count - 1, by: 2) {
            let mean = (samples[index] + samples[index + 1]) / 2
            content.append(UInt8(max(0, min(255, (128 + 127 * mean).rounded()))))
            content += rest
        }
        try RecordingFiles.write(content, to: "wide.wav", in: place)
    }

    /// Says that an audio track is of a codec that is not known.
    private static func lose(_ number: Int, of path: String, to name: String, _ place: Workplace) throws {
        var content = try RecordingFiles.bytes(path)
        var start = try #require(content.firstRange(of: Array("moov".utf8))).upperBound
        for count in 0...number {
            let table = try #require(content[start...].firstRange(of: Array("stsd".utf8))).upperBound
            start = try #require(content[table...].firstRange(of: Array("mp4a".utf8))).upperBound
            guard count == number else { continue }
            content.replaceSubrange(start - 4..<start, with: Array("apac".utf8))
            let configuration = try #require(content[start...].firstRange(of: Array("esds".utf8)))
            content.replaceSubrange(configuration, with: Array("dapa".utf8))
        }
        try RecordingFiles.write(content, to: name, in: place)
    }

    private func answer(_ name: String) throws -> JSON {
        let index = try #require(Self.files.firstIndex(of: name))
        return try JSON(text: try Self.printed.get().1)["analyses"][index]
    }

    private func unexamined(_ name: String) throws -> [String?] {
        try answer(name)["file"]["unexamined"].array.flatMap { [$0["index"].int.map(String.init), $0["codec"].string] }
    }

    @Test func whoIsInTheOtherTrackIsNamed() throws {
        let answer = try answer("other.mov")
        #expect(answer["verdict"].string == "identified")
        #expect(answer["sources"].array.map { $0["email"].string } == ["bela@example.org"])
        #expect(try unexamined("other.mov") == ["0", "apac"])
        #expect(answer["file"]["tracks"].array.map { $0["index"].int } == [1])
    }

    @Test(arguments: [("marked.mov", "apac"), ("marked.avi", "0x1234")])
    func nothingIsNotFoundThatWasNotExamined(name: String, codec: String) throws {
        let answer = try answer(name)
        #expect(answer["verdict"].string == "incomplete")
        #expect(answer["summary"].string?.hasPrefix("Not all of the recording was examined") == true)
        #expect(answer["summary"].string?.contains("audio track 2 (\(codec))") == true)
        #expect(try unexamined(name) == ["1", codec])
        #expect(answer["file"]["unexamined"][0]["reason"].string?.isEmpty == false)
        #expect(answer["file"]["tracks"].array.map { $0["index"].int } == [0])
    }

    /// A track of which a channel was left out is among those that were examined, and among those that were not.
    @Test func aTrackThatWasExaminedInPartIsSaidToBe() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        try Self.makeWide(board, place)
        let answer = try place.answer("wide.wav", "--meeting", board.meeting, "--effort", "fast", "--allow-short")
        #expect(answer["verdict"].string == "incomplete")
        #expect(answer["file"]["tracks"].array.map { $0["channels"].int } == [65])
        let reasons = [
            "only the first 64 of its 65 channels are examined",
            "its 65 channels differ, and at fast effort their sum alone is examined",
        ]
        #expect(answer["file"]["unexamined"].array.map { $0["reason"].string } == reasons)
        let warnings = answer["warnings"].array.map(\.string)
        #expect(warnings == reasons.map { "audio track 1 (pcm_u8) was not examined as a whole: " + $0 })
    }

    /// Media that no index names, and a stream of another kind behind the first.
    @Test(arguments: [("m4a", "media (mdat)"), ("mp3", "bytes of AAC (ADTS)")])
    func whatStandsBehindTheRecordingIsTold(ending: String, word: String) throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let whole = try place.ffmpeg(["-i", board.host, "-b:a", "64k"], to: "whole.\(ending)")
        let frames = try RecordingFiles.bytes(try place.ffmpeg(["-i", board.bela, "-b:a", "64k"], to: "marked.aac"))
        let size = withUnsafeBytes(of: UInt32(8 + frames.count).bigEndian, Array.init)
        let box = ending == "m4a" ? size + Array("mdat".utf8) : []
        try RecordingFiles.write(try RecordingFiles.bytes(whole) + box + frames, to: "x.\(ending)", in: place)
        let answer = try place.answer("x.\(ending)", "--meeting", board.meeting, "--effort", "fast")
        #expect(answer["verdict"].string == "incomplete")
        #expect(answer["file"]["unexamined"].array.count == 1)
        #expect(answer["file"]["unexamined"][0]["reason"].string?.contains(word) == true)
        #expect(abs((answer["file"]["seconds"].double ?? 0) - Board.seconds) < 0.2)
    }

    /// json-schema.md, `triage.stretches`: a stretch is of its track as `file.tracks` numbers them, behind one that
    /// cannot be decoded, too.
    @Test func aStretchIsOfItsOwnTrack() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let short = try place.ffmpeg(
            ["-i", board.host, "-i", board.bela, "-map", "0", "-map", "1", "-c:a", "aac", "-b:a", "64k"],
            to: "two.mov")
        // What names the tracks stands in front of the sound, in which its words may stand by chance.
        let repeated = ["-stream_loop", "11", "-i", short, "-map", "0", "-c", "copy", "-movflags", "+faststart"]
        let long = try place.ffmpeg(repeated, to: "long.mov")
        try Self.lose(0, of: long, to: "rest.mov", place)
        let answer = try place.answer("rest.mov", "--meeting", board.meeting, "--effort", "fast", "--triage")
        #expect(answer["triage"]["isAnswer"].bool == true && answer["sources"].emails == ["bela@example.org"])
        #expect(answer["file"]["tracks"].array.map { $0["index"].int } == [1])
        let stretches = answer["triage"]["stretches"].array
        #expect(!stretches.isEmpty && stretches.allSatisfy { $0["track"].int == 1 })
    }

    /// For people, in stored analyses, in a search and in a report it is the same.
    @Test func everybodyIsTold() throws {
        let board = try Board.shared()
        let place = try Self.printed.get().0
        let text = try place.succeed("analyze", "marked.mov", "--meeting", board.meeting, "--effort", "fast")
        #expect(text.hasPrefix("Not all of the recording was examined"))
        #expect(
            text.contains("incomplete")
                && text.contains("Warning: audio track 2 (apac) was not examined: its codec cannot be decoded here"))
        let found = try place.answer("marked.mov", "--any-meeting", "--effort", "fast")
        #expect(found["verdict"].string == "incomplete" && found["file"]["unexamined"][0]["codec"].string == "apac")
        let identifier = try answer("marked.mov")["id"].string ?? ""
        #expect(try place.json("analysis", "show", identifier)["analysis"]["verdict"].string == "incomplete")
        try place.succeed("report", identifier, "-o", "lost.html")
        let page = try place.text(of: "lost.html")
        #expect(page.contains("Not found in what could be examined"))
        #expect(page.contains("audio track 2 (apac) was not examined: its codec cannot be decoded here"))
    }
}
