import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// `earmark analyze --help`: "at most 500 MB and more than 100 s of audio, unless the organisation's settings say
/// otherwise".
@Suite struct RecordingLimitTests {
    @Test func exactly100SecondsAreTooShortAndOneSampleMoreIsNot() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let samples = try RecordingFiles.samples(board.bela)
        for (name, count) in [("100.wav", 1_600_000), ("101.wav", 1_600_001)] {
            try Media.wav([Array(samples.prefix(count))], rate: 16_000).write(
                to: URL(fileURLWithPath: place.file(name)))
        }
        let result = try place.run("analyze", "100.wav", "101.wav", "--meeting", board.meeting, "--json")
        #expect(result.exitStatus == 22)
        let answers = try JSON(text: result.text)["analyses"]
        #expect(answers[0]["refusal"]["code"].string == "tooShort")
        let message = answers[0]["refusal"]["message"].string ?? ""
        #expect(message.contains("lasts 100 s") && message.contains("more than 100 s are needed"), "\(message)")
        #expect(answers[0]["verdict"].isAbsent && answers[0]["file"].isAbsent)
        #expect(result.errors.contains("earmark: error: ") && result.errors.contains(message))
        #expect(answers[1]["refusal"].isAbsent)
        #expect(answers[1]["verdict"].string == "identified")
        #expect(answers[1]["file"]["seconds"].double == 1_600_001.0 / 16_000)
    }

    /// A header may claim an hour.
    @Test func whatDecodesCountsAndNotWhatIsDeclared() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        var content = [UInt8](Media.wav([[Float](repeating: 0.1, count: 160_000)], rate: 16_000))
        withUnsafeBytes(of: UInt32(2 * 16_000 * 3_600).littleEndian) { content.replaceSubrange(40..<44, with: $0) }
        try RecordingFiles.write(content, to: "hour.wav", in: place)
        let result = try place.run("analyze", "hour.wav", "--meeting", board.meeting)
        #expect(result.exitStatus == 26)
        #expect(result.errors.contains("lasts 10 s"), "\(result.errors)")
        #expect(result.errors.contains("the file ends early"), "\(result.errors)")
    }

    /// Both files are of no type at all: who is told so was let in.
    @Test func exactly500MegabytesAreLetInAndOneByteMoreIsNot() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        for (size, status) in [(UInt64(500_000_000), Int32(20)), (500_000_001, 21)] {
            _ = try RecordingFiles.sparse("OggS", size: size, to: "\(size).ogg", in: place)
            let result = try place.run("analyze", "\(size).ogg", "--meeting", board.meeting)
            #expect(result.exitStatus == status, "\(result.errors)")
        }
        let message = try place.run("analyze", "500000001.ogg", "--meeting", board.meeting).errors
        #expect(message.contains("500,000,001 bytes; the limit is 500,000,000 bytes (500 MB)"), "\(message)")
    }

    /// An index of 5.3 million packets takes 127 MB, more than the longest honest one.
    ///
    /// Where there is memory for it, hours of it are decoded before the file is refused.
    @Test func anIndexThatTakesTheMemoryOfTheMachineIsRefused() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let packets = Bombs.Track(
            kind: "samr", description: Bombs.box("damr", [70, 70, 77, 80, 0, 0x81, 0xFF, 0, 1]), width: 13,
            times: 5_300_000, isAtStart: true)
        try RecordingFiles.write(Bombs.file(packets, data: Bombs.zeros(13)), to: "index.mov", in: place)
        let result = try place.run("analyze", "index.mov", "--meeting", board.meeting)
        #expect(result.exitStatus == 27 && result.errors.contains("nothing in its audio decodes"), "\(result.errors)")
    }

    @Test func theOrganisationsOwnLimitHoldsToTheByte() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        try Media.wav([[Float](repeating: 0, count: 978)], rate: 16_000).write(
            to: URL(fileURLWithPath: place.file("2000.wav")))
        #expect(try RecordingFiles.bytes(place.file("2000.wav")).count == 2_000)
        for (limit, status) in [("2000", Int32(22)), ("1999", 21)] {
            try place.succeed("settings", "set", "max-bytes", limit)
            let result = try place.run("analyze", "2000.wav", "--meeting", board.meeting, "--json")
            #expect(result.exitStatus == status, "\(result.errors)")
            guard status == 21 else { continue }
            let refusal = try JSON(text: result.text)["analyses"][0]["refusal"]
            #expect(refusal["code"].string == "tooLarge")
            #expect(refusal["message"].string?.contains("2,000 bytes; the limit is 1,999 bytes.") == true)
        }
    }
}
