import Foundation
import ProgramSupport
import Testing

/// statistics.md, section 4, and json-schema.md, `triage`: stretches of a long recording that are looked at first.
@Suite struct TriageAnswerTests {
    /// Longer than twenty minutes: the same recording over and over.
    private func long(_ path: String, to name: String, in place: Workplace) throws -> String {
        try place.ffmpeg(["-stream_loop", "11", "-i", path, "-c:a", "copy"], to: name)
    }

    private func analyse(
        _ file: String, in place: Workplace, _ board: Board, _ more: String...
    ) throws -> JSON { try place.answer(file, ["--meeting", board.meeting, "--effort", "fast", "--triage"] + more) }

    /// Two stretches far from one another are enough; the answer says that it is of them alone, and pays for all that
    /// might have been read.
    @Test func clearStretchesAreTheAnswer() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let answer = try place.answer(place.file("bela.wav"), ["--meeting", long.board.meeting, "--triage"])
        #expect(answer["verdict"].string == "identified" && answer["sources"].emails == ["bela@example.org"])
        let triage = answer["triage"]
        #expect(triage["isAnswer"].bool == true && triage["stretches"].array.count == 2)
        #expect(abs((triage["seconds"].double ?? 0) - 180) < 1)
        let read = triage["stretches"].array.map { ($0["from"].double ?? 0)..<($0["to"].double ?? 0) }
        #expect(read[1].lowerBound - read[0].lowerBound >= 300)
        // Each lies in a quarter of 330 s.
        let quarters = read.map { ($0.lowerBound / LongBoard.quarter).rounded(.down) }
        #expect(zip(read, quarters).allSatisfy { $0.upperBound < ($1 + 1) * LongBoard.quarter + 0.5 })
        #expect(quarters[0] + 1 < quarters[1])
        #expect(abs((answer["file"]["seconds"].double ?? 0) - LongBoard.seconds) < 1)
        for span in answer["sources"][0]["heard"].array {
            let (from, to) = (span["from"].double ?? 0, span["to"].double ?? 1e9)
            #expect(read.contains { $0.lowerBound - 1 < from && to < $0.upperBound + 1 })
        }
        // Four stretches, each with the alignments of 'fast'; alignments and further times of the whole, and these.
        let price = Price(channels: 4, alignments: 4, shares: 3)
        #expect(price.differences(from: answer["tested"], times: nil).isEmpty)
        #expect(answer["tested"]["shares"].int == 3)
        let source = answer["sources"][0]
        #expect(price.isBound(source["log10FalseAccusation"].double ?? 0, of: source["z"].double ?? 0))
        #expect(answer["summary"].string?.hasPrefix("A first answer: 3.0 of the 22.0 minutes") ?? false)
        try place.succeed("report", answer["id"].string ?? "", "-o", "report.html")
        let report = try String(contentsOfFile: place.file("report.html"), encoding: .utf8)
        #expect(report.contains("of the 22.0 minutes that the file says it has were read"))
        let refused = try place.run(
            "evidence", "export", answer["id"].string ?? "", "--client", "bela@example.org", "-o", "e.json")
        #expect(refused.exitStatus != 0 && refused.errors.contains("without --triage"), "\(refused.errors)")
    }

    /// Where stretches show nobody all of it is read, never less, and both together are paid for.
    @Test func anUnclearStretchIsNoAnswer() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let answer = try analyse(try long(board.host, to: "long.wav", in: place), in: place, board)
        #expect(answer["triage"]["isAnswer"].bool == false && answer["triage"]["stretches"].array.count == 4)
        #expect(answer["verdict"].string == "not-found")
        #expect(
            Price(channels: 1, alignments: 4, shares: 2).differences(
                from: answer["tested"], effort: "fast", times: nil
            ).isEmpty)
        #expect(answer["tested"]["shares"].int == 2)
    }

    /// A mark where no stretch lies is found in the whole, and its evidence is computed again at the price of both.
    @Test func whatNoStretchShowsIsFoundInTheWhole() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let rest = try long(board.host, to: "rest.wav", in: place)
        // Marked until 110 s of 1,430: a stretch alone may lie there.
        let file = try place.ffmpeg(
            ["-i", board.bela, "-i", rest, "-filter_complex", "[0][1]concat=n=2:v=0:a=1"], to: "long.wav")
        let answer = try analyse(file, in: place, board)
        #expect(answer["triage"]["isAnswer"].bool == false && !answer["triage"]["stretches"].array.isEmpty)
        #expect(answer["sources"].emails == ["bela@example.org"])
        let price = Price(channels: 1, alignments: 4, shares: 2)
        let source = answer["sources"][0]
        #expect(price.isBound(source["log10FalseAccusation"].double ?? 0, of: source["z"].double ?? 0))
        try place.succeed("evidence", "export", answer["id"].string ?? "", "-o", "case.earmark")
        let verified = try place.json("evidence", "verify", "case.earmark", file, "--uncommitted")
        #expect(verified["evidence"]["items"].array.allSatisfy { $0["state"].string != "broken" })
        #expect(verified["evidence"]["log10Bound"].double.map { $0 < -9 } ?? false)
        let text = try String(contentsOfFile: place.file("case.earmark"), encoding: .utf8)
        let other = text.replacing(#""shares" : 2"#, with: #""shares" : 3"#)
        #expect(other != text)
        try place.write(other, to: "other.earmark")
        #expect(try place.run("evidence", "verify", "other.earmark", file, "--uncommitted").exitStatus == 65)
    }

    /// A short recording, and one that cannot be read from the middle, are read as a whole, and that is told; nothing
    /// but that is paid for.
    @Test func whereItCannotBeSoughtAllIsRead() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let avi = try place.ffmpeg(["-stream_loop", "11", "-i", board.bela, "-c:a", "copy"], to: "long.avi")
        for (file, reason) in [(avi, "AVI is read in order"), (board.bela, "less than 20 minutes")] {
            let answer = try analyse(file, in: place, board)
            #expect(answer["triage"].isAbsent && answer["tested"]["shares"].isAbsent)
            #expect(answer["warnings"].array.contains { $0.string?.contains(reason) ?? false }, "\(file)")
            #expect(answer["verdict"].string == "identified")
            #expect(
                Price(channels: 1, alignments: 4, shares: 1).differences(
                    from: answer["tested"], effort: "fast", times: nil
                ).isEmpty)
        }
        for more in ["--any-meeting", "--talkers"] {
            let about = more == "--any-meeting" ? [more] : ["--meeting", board.meeting, more]
            #expect(try place.run(["analyze", board.bela, "--triage"] + about).exitStatus == 64)
        }
    }
}
