import Foundation
import ProgramSupport
import Testing

/// file-formats.md, "Lists as CSV", and batch.md, "Long recordings": whatever tells a verdict says beside it what it
/// rests on.
@Suite struct AnswerConditionTests {
    @Test func listsSayWhatAnAnswerRestsOn() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let board = long.board
        let first = try long.answer(place.file("bela.wav"), in: place)["id"].string ?? ""
        let stated = try place.answer(
            board.bela, ["--meeting", board.meeting, "--effort", "fast", "--played-at", "\(Int(Board.start))"])
        let list = try place.succeed("analysis", "list")
        #expect(list.contains("identified (first answer)"))
        let rows = try place.succeed("analysis", "list", "--csv").split(separator: "\r\n")
        let conditions = rows.map { $0.split(separator: ",", omittingEmptySubsequences: false).dropLast(2).last }
        #expect(conditions == ["condition", "", "first answer"], "a statement orders what is tried")
        let listed = try place.json("analysis", "list")["analyses"].array
        #expect(listed.allSatisfy { $0["verdict"].string == "identified" })
        #expect(listed.map { $0["condition"].string } == [nil, "first answer"])
        let shown = try place.succeed("analysis", "show", first)
        #expect(shown.contains(/result +identified \(first answer\)\n/), "\(shown)")
        #expect(
            TextAnswer(shown).lists.map { $0["verdict"] } == ["identified (first answer)", "identified (first answer)"])
        let whole = try place.succeed("analysis", "show", stated["id"].string ?? "")
        #expect(whole.contains(/result +identified\n/) && !whole.contains("first answer"), "\(whole)")
        #expect(try place.succeed("analysis", "note", first, "Told").contains("identified (first answer)"))
        let deletion = try place.run("analysis", "delete", first)
        #expect(
            deletion.exitStatus != 0 && deletion.errors.contains(", identified (first answer))"), "\(deletion.errors)")
        try place.succeed("report", stated["id"].string ?? "", "-o", "report.html")
        let report = try place.text(of: "report.html")
        #expect(report.contains("identified (first answer)"))
    }

    /// A long recording, of which stretches answer, and one that is read as a whole.
    @Test func batchesSayWhatAnswersRestOn() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let batch = try place.run(
            [
                "batch", "bela.wav", long.board.bela, "--meeting", long.board.meeting, "--effort", "fast", "--triage",
                "--jobs", "1", "-o", "b.ndjson", "--metrics", "b.prom",
            ], environment: ["EARMARK_LOG": "./events.log"])
        let total = "1 identified, 1 identified (first answer)"
        #expect(batch.exitStatus == 0 && batch.text.contains(total), "\(batch.text)")
        #expect(batch.errors.contains("bela.wav: identified (first answer) bela@example.org"), "\(batch.errors)")
        #expect(batch.errors.contains("bela.wav: identified bela@example.org"), "\(batch.errors)")
        let merged = try place.run("batch", "merge", "b.ndjson", "-o", "m.ndjson")
        #expect(merged.text.contains(total), "\(merged.text)")
        let joined = try place.json("batch", "merge", "b.ndjson", "-o", "n.ndjson")["batch"]
        #expect(joined["results"]["identified"].int == 2 && joined["firstAnswers"].int == 1)
        let lines = try place.text(of: "b.ndjson").split(separator: "\n").map { try JSON(text: $0) }
        #expect(lines.map { $0["verdict"].string } == ["identified", "identified"])
        // many.md, "Figures": each file in one series.
        let figures = try place.text(of: "b.prom").split(separator: "\n").filter { $0.hasPrefix("earmark_batch_files") }
        #expect(
            figures == [
                #"earmark_batch_files{result="identified"} 1.0"#,
                #"earmark_batch_files{result="identified",condition="first answer"} 1.0"#,
            ])
        let events = try place.text(of: "events.log").split(separator: "\n").map { try JSON(text: $0) }
        let told = events.filter { $0["event"].string == "recording" }
        #expect(told.map { $0["result"].string } == ["identified", "identified"])
        let byLength = told.sorted { $0["recordingSeconds"].double ?? 0 < $1["recordingSeconds"].double ?? 0 }
        #expect(byLength.map { $0["condition"].string } == [nil, "first answer"])
    }

    @Test func runsSayWhatAnswersRestOn() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        try place.succeed("bundle", "create", "--meeting", long.board.meeting, "-o", "case.bundle")
        try place.succeed("run", "plan", "bela.wav", "--effort", "fast", "--triage", "-o", "run.json")
        try place.succeed(
            "work", "--bundle", "case.bundle", "--key", "case.bundle.key", "--plan", "run.json", "--part", "1", "-o",
            "p.ndjson", "--metrics", "p.prom")
        let figure = #"earmark_work_files{part="1",result="identified",condition="first answer"} 1.0"#
        #expect(try place.text(of: "p.prom").contains(figure + "\n"))
        let run = try place.json("run", "merge", "run.json", "p.ndjson", "-o", "run.ndjson")["run"]
        #expect(run["results"]["identified"].int == 1 && run["firstAnswers"].int == 1)
        try place.succeed("run", "import", "run.json", "run.ndjson")
        #expect(try place.succeed("analysis", "list").contains("identified (first answer) (by a worker)"))
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
        #expect(try place.succeed("analyze", "--help").contains("--played-at 12:30"))
    }
}
