import Foundation
import ProgramSupport
import Testing

/// docs/report.md, "What it says": what is done with the records after an analysis stands beside it, and no package
/// contradicts itself.
@Suite struct LaterChangesTests {
    @Test func changesAfterTheAnalysisAreTold() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let id = try place.answer(board.bela, "--meeting", board.meeting)["id"].string ?? ""
        let section = "What was done with the records after this analysis"
        let before = try ReportPage(of: id, in: place)
        #expect(!before.titles.contains(section) && !before.text.contains("Changed after this analysis"))
        let (then, now) = (Board.time(board.startsAt), Board.time(board.startsAt - 7_200))
        try place.succeed("meeting", "edit", board.meeting, "--title", "Lunch", "--start", now, "--yes")
        try place.succeed("report", id, "-o", "edited.html")
        let edited = ReportPage(html: try place.text(of: "edited.html"))
        func shown(_ time: String) -> String {
            time.replacingOccurrences(of: "T", with: " ").replacingOccurrences(of: "Z", with: " UTC")
        }
        #expect(
            edited.verdict[2]
                == "Changed after this analysis: the meeting's title was 'Board', and is 'Lunch' now; the meeting's "
                + "start was \(shown(then)), and is \(shown(now)) now.")
        #expect(edited.rows(in: section).map { Array($0[0...1]) } == [["title or times changed", "1"]])
        let export = try place.run("evidence", "export", id, "-o", "case.earmark")
        #expect(
            export.exitStatus == 65 && export.errors.contains("a package would contradict itself"), "\(export.errors)")
        #expect(!FileManager.default.fileExists(atPath: place.file("case.earmark")))
        try place.succeed("report", id, "-o", "edited.json")
        let history = try JSON(text: place.text(of: "edited.json"))["report"]["history"]
        #expect(history["laterChanges"].array.map { $0["action"].string } == ["meeting-edit"])
        #expect(history["differences"].array.count == 2 && history["endpoints"][0]["marked"].int == 1)
        let client = board.clients["bela@example.org"] ?? ""
        try place.succeed("client", "remove", client, "--meeting", board.meeting, "--yes")
        try place.succeed("report", id, "-o", "removed.html")
        let removed = ReportPage(html: try place.text(of: "removed.html"))
        #expect(removed.verdict[2].contains("\(client), who is named, is not in the roster any more"))
        #expect(
            removed.rows(in: section).map { $0[0] } == ["title or times changed", "endpoints removed from the roster"])
    }
}
