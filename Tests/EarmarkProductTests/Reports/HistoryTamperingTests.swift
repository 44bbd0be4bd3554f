import Foundation
import ProgramSupport
import Testing

/// docs/audit.md, "What is told of it": no report, answer or list tells a history of which anything was changed or
/// taken out by somebody who can write to the database but has not the key file.
@Suite struct HistoryTamperingTests {
    private static let look = ["--effort", "fast"]

    /// A store with an answer that a report can be made of, whose limit was set after a first look; the answer.
    private static let filled = Result {
        let board = try Board.shared()
        let place = try board.workplace()
        let arguments = ["--meeting", board.meeting] + look
        _ = try place.answer(board.bela, arguments)
        try place.succeed("settings", "set", "threshold", "1e-3")
        return (place: place, answer: try place.answer(board.bela, arguments)["id"].string ?? "")
    }

    private func copy() throws -> Workplace { try Workplace(copyOf: Self.filled.get().place.folder) }

    private static let ofAction = "(SELECT id FROM audit WHERE action = "

    @Test func whatIsAsItWasIsTold() throws {
        let (place, answer) = (try copy(), try Self.filled.get().answer)
        let page = try ReportPage(of: answer, in: place)
        let limit = page.value("Limit to be met", in: "What was searched and paid for")
        #expect(limit?.hasPrefix("10^−3, not decided before this file") == true, "\(limit ?? "")")
        #expect(page.text.contains("audio marked with this program"))
        #expect(page.text.contains("2 analyses had been made against this meeting"))
        try place.succeed("audit", "list")
    }

    @Test(arguments: [
        "DELETE FROM auditDetails WHERE entryID IN \(ofAction)'settings-change')",
        "DELETE FROM auditDetails WHERE entryID IN \(ofAction)'mark')",
        "DELETE FROM auditDetails WHERE entryID = \(ofAction)'analyse' ORDER BY position LIMIT 1)",
        "UPDATE audit SET action = 'view' WHERE action = 'settings-change'",
        "UPDATE audit SET action = 'view' WHERE id = \(ofAction)'analyse' ORDER BY position LIMIT 1)",
        "UPDATE audit SET action = 'view' WHERE action = 'mark'",
        "UPDATE audit SET at = at - 864000 WHERE action = 'settings-change'",
        "UPDATE audit SET meetingID = NULL WHERE action = 'mark'",
        "UPDATE auditDetails SET details = CAST(replace(CAST(details AS TEXT), '-3', '-9') AS BLOB)",
        "UPDATE auditDetails SET meetingID = NULL",
        """
        DELETE FROM auditDetails WHERE entryID IN \(ofAction)'mark');
        DELETE FROM audit WHERE action = 'mark'
        """,
    ]) func nothingIsTold(statements: String) throws {
        let (place, answer) = (try copy(), try Self.filled.get().answer)
        let board = try Board.shared()
        try StoreDatabase(place).execute(statements)
        let analysis = ["analyze", board.bela, "--meeting", board.meeting] + Self.look
        let told = [
            ["report", answer, "-o", "r.html"], ["analysis", "show", answer], analysis,
            ["evidence", "export", answer, "-o", "e.earmark"],
        ]
        for arguments in told {
            let result = try place.run(arguments)
            #expect(result.exitStatus == 78 && result.errors.contains("audit log"), "\(arguments): \(result.errors)")
            #expect(!result.text.contains("Bela"))
        }
        for name in ["r.html", "r.html.sig", "e.earmark"] {
            #expect(!FileManager.default.fileExists(atPath: place.file(name)))
        }
        // Nor is an answer kept that nobody is told.
        #expect(try place.json("analysis", "list")["analyses"].array.count == 2)
    }

    /// The list, to which a report sends its reader, shows no entry that was altered, nor a log that was cut.
    @Test(arguments: [
        "UPDATE auditDetails SET details = CAST(replace(CAST(details AS TEXT), '\"actor\":', '\"x\":') AS BLOB)",
        "UPDATE audit SET at = at + 60 WHERE action = 'settings-change'",
        "DELETE FROM auditDetails WHERE entryID IN \(ofAction)'settings-change')",
        "UPDATE auditHead SET count = count - 1",
    ]) func theListShowsNothingThatWasAltered(statements: String) throws {
        let place = try copy()
        try StoreDatabase(place).execute(statements)
        for limit in [[], ["--limit", "3"], ["--limit", "1000"]] {
            let list = try place.run(["audit", "list"] + limit)
            #expect(list.exitStatus == 78 && list.text.isEmpty, "\(limit): \(list.text) \(list.errors)")
        }
        #expect(try place.run("audit", "verify").exitStatus == 65)
    }

    /// What is not shown is not asked for: the latest entries can be looked at.
    @Test func theLatestEntriesAreShown() throws {
        let place = try copy()
        #expect(try place.json("audit", "list", "--limit", "2")["entries"].array.count == 2)
        let all = try place.json("audit", "list")["entries"].array.compactMap { $0["position"].int }
        #expect(all == Array((1...all.count).reversed()))
        #expect(try place.json("audit", "list", "--limit", "1000")["entries"].array.count == all.count)
    }
}
