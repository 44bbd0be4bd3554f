import Foundation
import ProgramSupport
import Testing

/// file-formats.md, "Lists as CSV": every list says beside a verdict what it rests on.
@Suite struct AnswerConditionTests {
    @Test func listsSayWhatAnAnswerRestsOn() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let board = long.board
        try long.answer(place.file("bela.wav"), in: place)
        let stated = try place.answer(
            board.bela, ["--meeting", board.meeting, "--effort", "fast", "--played-at", "\(Int(Board.start))"])
        let list = try place.succeed("analysis", "list")
        #expect(list.contains("identified (first answer)"))
        let rows = try place.succeed("analysis", "list", "--csv").split(separator: "\r\n")
        #expect(rows[0].hasSuffix(",condition") && rows[1].hasSuffix(","), "a statement orders what is tried")
        #expect(rows[2].hasSuffix(",first answer"))
        #expect(
            try place.json("analysis", "list")["analyses"].array.allSatisfy { $0["verdict"].string == "identified" })
        try place.succeed("report", stated["id"].string ?? "", "-o", "report.html")
        let report = try place.text(of: "report.html")
        #expect(report.contains("identified (first answer)"))
    }

    @Test func batchesSayWhatAnswersRestOn() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let batch = try place.run(
            "batch", "bela.wav", "--meeting", long.board.meeting, "--effort", "fast", "--triage", "-o", "b.ndjson")
        #expect(batch.exitStatus == 0 && batch.text.contains("1 identified (first answer)"), "\(batch.text)")
        #expect(batch.errors.contains(": identified (first answer) bela@example.org"), "\(batch.errors)")
        let merged = try place.run("batch", "merge", "b.ndjson", "-o", "m.ndjson")
        #expect(merged.text.contains("1 identified (first answer)"), "\(merged.text)")
        let line = try JSON(text: try place.text(of: "b.ndjson"))
        #expect(line["verdict"].string == "identified")
    }

    /// Times before the start are written as they are read; a width of no time is a mistake.
    @Test func timesArePlainlyWritten() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let about = ["analyze", board.host, "--meeting", board.meeting, "--effort", "fast"]
        let before = try place.run(about + ["--played-at", "-10m", "--json"])
        #expect(before.exitStatus == 0, "\(before.errors)")
        #expect(try JSON(text: before.text)["analyses"][0]["playedAt"]["meetingSeconds"].int == -600)
        let width = try place.run(about + ["--played-at-within", "20s"])
        #expect(width.exitStatus == 64 && width.errors.contains("--played-at-within needs --played-at"))
        let wrong = try place.run(about + ["--played-at", "13:99"])
        #expect(wrong.exitStatus == 64 && wrong.errors.contains("12:30 or 45m into the meeting"), "\(wrong.errors)")
        #expect(try place.succeed("analyze", "--help").contains("--played-at 12:30 \\\n"))
    }
}
