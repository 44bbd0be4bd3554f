import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, "`file`" and `warnings`, and docs/report.md: what is wrong with a recording is said, and the
/// rest used.
@Suite struct DamagedRecordingTests {
    /// Packets that `holed.m4a` lost.
    private static let lost = 400..<420

    private static let files = ["holed.m4a", "cut.wav", "locked.mp4", "strange.wav"]
    private static let printed = Result { () -> (Workplace, String) in
        let board = try Board.shared()
        let place = try board.workplace()
        try makeHoled(board, place)
        let whole = try RecordingFiles.bytes(board.bela)
        try RecordingFiles.write(Array(whole.dropLast(2 * 16_000 * 4)), to: "cut.wav", in: place)
        try makeLocked(board, place)
        try makeStrange(board, place)
        let options = ["--meeting", board.meeting, "--effort", "fast", "--json"]
        return (place, try place.succeed(["analyze"] + files + options))
    }

    /// Lossless, so that every packet is on its own, and some of them overwritten.
    private static func makeHoled(_ board: Board, _ place: Workplace) throws {
        let whole = try place.ffmpeg(["-i", board.bela, "-c:a", "alac", "-frame_size", "2048"], to: "whole.m4a")
        var content = try RecordingFiles.bytes(whole)
        for packet in try RecordingFiles.packets(whole)[lost] {
            for byte in packet { content[byte] = 0xFF }
        }
        try RecordingFiles.write(content, to: "holed.m4a", in: place)
    }

    /// Two tracks; the second, with Cara's mark, is said to be encrypted.
    private static func makeLocked(_ board: Board, _ place: Workplace) throws {
        let options = "-map 0 -map 1 -c:a aac -b:a 64k -metadata:s:a:0 language=eng"
        var content = try RecordingFiles.bytes(
            try place.ffmpeg(
                ["-i", board.bela, "-i", board.cara] + options.split(separator: " ").map(String.init),
                to: "open.mp4"))
        let entry = Array("mp4a".utf8)
        let index = try #require(content.firstRange(of: Array("moov".utf8))).lowerBound
        let first = try #require(content[index...].firstRange(of: entry))
        let second = try #require(content[first.upperBound...].firstRange(of: entry))
        content.replaceSubrange(second, with: Array("drms".utf8))
        try RecordingFiles.write(content, to: "locked.mp4", in: place)
    }

    /// Ten channels of floats, all with Bela's mark, and among the samples three that are no numbers.
    private static func makeStrange(_ board: Board, _ place: Workplace) throws {
        let samples = try RecordingFiles.samples(board.bela)
        func little(_ value: Int, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let length = samples.count * 40
        var content = Array("RIFF".utf8) + little(36 + length, 4) + Array("WAVEfmt ".utf8) + little(16, 4)
        for (value, size) in [(3, 2), (10, 2), (16_000, 4), (640_000, 4), (40, 2), (32, 2)] {
            content += little(value, size)
        }
        content += Array("data".utf8) + little(length, 4)
        let strange: [Int: Float] = [320_000: .nan, 480_000: .infinity, 640_000: -.infinity]
        var values: [UInt32] = []
        for (index, sample) in samples.enumerated() {
            values.append((strange[index] ?? sample).bitPattern.littleEndian)
            values += [UInt32](repeating: sample.bitPattern.littleEndian, count: 9)
        }
        values.withUnsafeBytes { content += $0 }
        try RecordingFiles.write(content, to: "strange.wav", in: place)
    }

    private func answer(_ name: String) throws -> JSON {
        let index = try #require(Self.files.firstIndex(of: name))
        return try JSON(text: try Self.printed.get().1)["analyses"][index]
    }

    private func report(_ name: String) throws -> String {
        let place = try Self.printed.get().0
        try place.succeed("report", try answer(name)["id"].string ?? "", "-o", name + UUID().uuidString + ".html")
        let made = try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path)
        return try place.text(of: try #require(made.first { $0.hasPrefix(name) && $0.hasSuffix(".html") }))
    }

    @Test func lostPacketsAreCountedAndKeepTheirLength() throws {
        let answer = try answer("holed.m4a")
        #expect(answer["file"]["corruptPackets"].int == Self.lost.count)
        #expect(answer["file"]["isTruncated"].bool == false)
        #expect(abs((answer["file"]["seconds"].double ?? 0) - Board.seconds) < 0.001)
        #expect(answer["verdict"].string == "identified")
        let heard = answer["sources"][0]["heard"].array
        let end = Double(Self.lost.upperBound) * 2_048 / 16_000
        #expect(heard.contains { ($0["to"].double ?? 0) > end + 20 }, "what follows the hole is heard")
        for span in heard {
            #expect(abs((span["meetingFrom"].double ?? 0) - (span["from"].double ?? 0) - Board.start) < 0.2)
        }
    }

    @Test func theReportSaysHowManyPacketsAreLost() throws {
        #expect(try report("holed.m4a").contains("\(Self.lost.count) packets do not decode<"))
    }

    @Test func aCutFileIsSaidToBeCut() throws {
        let file = try answer("cut.wav")["file"]
        #expect(file["isTruncated"].bool == true)
        #expect(file["corruptPackets"].int == 0)
        #expect(abs((file["seconds"].double ?? 0) - (Board.seconds - 4)) < 0.001)
        #expect(try answer("cut.wav")["verdict"].string == "identified")
        #expect(try report("cut.wav").contains("the file ends early"))
    }

    @Test func encryptedTracksThatAreLeftOutAreMentioned() throws {
        let board = try Board.shared()
        let answer = try answer("locked.mp4")
        #expect(answer["file"]["tracks"].array.count == 1)
        #expect(answer["file"]["tracks"][0]["language"].string == "eng")
        #expect(answer["warnings"].array.map(\.string) == ["audio track 2 (drms) was not examined: it is encrypted"])
        let unexamined = answer["file"]["unexamined"]
        #expect(unexamined.array.count == 1 && unexamined[0]["index"].int == 1)
        #expect(unexamined[0]["codec"].string == "drms" && unexamined[0]["reason"].string == "it is encrypted")
        #expect(answer["sources"].array.map { $0["client"].string } == [board.clients["bela@example.org"]])
        #expect(try report("locked.mp4").contains("audio track 2 (drms) was not examined: it is encrypted"))
        #expect(try report("locked.mp4").contains("none found"), "what is left out is no damage")
    }

    @Test func samplesAndChannelsThatAreNotUsedAreMentioned() throws {
        let answer = try answer("strange.wav")
        let warnings = answer["warnings"].array.compactMap(\.string)
        #expect(warnings.contains { $0.hasPrefix("3 samples were no numbers") }, "\(warnings)")
        #expect(warnings.count == 1)
        #expect(answer["file"]["tracks"][0]["channels"].int == 10)
        #expect(answer["verdict"].string == "identified")
    }

    /// The same file, asked of all meetings: remarks and counts are the same.
    @Test(arguments: ["holed.m4a", "locked.mp4"]) func aSearchOfAllMeetingsSaysTheSame(name: String) throws {
        let expected = try answer(name)
        let found = try Self.printed.get().0.answer(name, "--any-meeting", "--effort", "fast")
        for field in ["corruptPackets", "seconds", "bytes"] {
            #expect(found["file"][field].double == expected["file"][field].double, "\(field)")
        }
        #expect(found["file"]["isTruncated"].bool == false)
        #expect(found["warnings"].array.map(\.string) == expected["warnings"].array.map(\.string))
    }

    @Test(arguments: [("holed.m4a", "20 packets do not decode"), ("cut.wav", "the file ends early")])
    func theTextSaysWhatIsMissing(name: String, damage: String) throws {
        let board = try Board.shared()
        let text = try Self.printed.get().0.succeed("analyze", name, "--meeting", board.meeting, "--effort", "fast")
        let line = text.split(separator: "\n").first { $0.hasPrefix("damage") }
        #expect(line?.hasSuffix(damage) == true, "\(text)")
    }

    /// The words for people have the remarks, too, and standard output nothing else of them.
    @Test func remarksAreWarningsInTheText() throws {
        let board = try Board.shared()
        let text = try Self.printed.get().0.succeed(
            "analyze", "locked.mp4", "--meeting", board.meeting, "--effort", "fast")
        #expect(text.contains("\nWarning: audio track 2 (drms) was not examined: it is encrypted\n"))
        #expect(!text.contains("damage"), "what is left out is none")
    }
}
