import Foundation
import ProgramSupport
import Testing

/// docs/retention.md, "Backups": what a backup does not undo, whatever became of the database meanwhile.
@Suite struct RestoreVerbTests {
    private let store: StorePlace
    private var place: Workplace { store.place }

    init() throws {
        store = try StorePlace()
        // So that a test may go on a year later.
        try store.place.succeed("retention", "clock", "--guard", "36500")
    }

    private func entries() throws -> Int { try place.json("audit", "verify")["entries"].int ?? 0 }

    /// What the program says a year later, when the retention of 360 days has run out.
    private func later(_ arguments: String...) throws -> ProcessRunner.Result {
        try place.run(arguments, environment: WrongClock.environment(days: 370))
    }

    /// One byte in some row does not verify, and the way back that the program advises keeps what is held all the same.
    @Test(arguments: [
        "UPDATE meetings SET title = 'x' WHERE id <> :held", "UPDATE organisations SET retentionDays = 30000",
        "DELETE FROM holds", "UPDATE holds SET subject = 'm_aaaaaaaaaaaaaaaa'", "DELETE FROM seals",
        "UPDATE meetings SET startsAt = 0 WHERE id = :held", "UPDATE audit SET action = 'view' WHERE position = 2",
        "DELETE FROM auditHead", "DELETE FROM audit WHERE position = 3",
        "UPDATE auditDetails SET details = CAST('{}' AS BLOB) WHERE entryID IN "
            + "(SELECT id FROM audit WHERE position < 4)",
    ]) func theWayBackKeepsHoldsRevocationsAndTheLog(statement: String) throws {
        let held = try store.enrol()
        _ = try store.enrol(start: StorePlace.start + 3_600)
        let issue = ["ticket", "issue", "--meeting", held, "--client", "bela@example.org", "-o", "b.ticket"]
        let ticket = try place.json(issue)["tickets"][0]["id"].string ?? ""
        try place.succeed("store", "backup", "b.db")
        try place.succeed("retention", "hold", held, "--reason", "Case 12")
        try place.succeed("ticket", "revoke", ticket)
        let before = try entries()
        try StoreDatabase(place).execute(statement.replacingOccurrences(of: ":held", with: "'\(held)'"))
        #expect(try later("store", "restore", "b.db", "--yes").exitStatus == 0)
        #expect(try later("retention", "purge").exitStatus == 0)
        #expect(try later("meeting", "show", held).text.contains("Board"))
        let status = try JSON(text: try later("retention", "status", "--json").text)["retention"]
        #expect(status["days"].int == 360 && status["held"].array.map(\.string) == [held])
        #expect(status["holds"].array.contains { $0["subject"].string == held && $0["reason"].string == "Case 12" })
        let tickets = try JSON(text: try later("ticket", "list", "--meeting", held, "--json").text)["tickets"].array
        #expect(tickets.count == 1 && tickets[0]["revoked"].string != nil)
        #expect(try later("store", "check").exitStatus == 0)
        let verified = try later("audit", "verify", "--json")
        #expect(try verified.exitStatus == 0 && JSON(text: verified.text)["entries"].int ?? 0 > before)
        let entries = try JSON(text: later("audit", "list", "--json").text)["entries"].array
        #expect(entries.first { $0["action"].string == "restore" }?["details"]["replaced"].string != nil)
    }

    /// What a hold keeps, the backup lacks and does not verify stays, and stays refused.
    @Test func whatIsHeldAndWasChangedStaysRefused() throws {
        try place.succeed("store", "backup", "b.db")
        let held = try store.enrol("--hold", "Case 12")
        let well = try store.enrol("--hold", "Case 13")
        try StoreDatabase(place).execute("UPDATE meetings SET title = 'x' WHERE id = '\(held)'")
        try place.succeed("store", "restore", "b.db", "--yes")
        #expect(try store.status("meeting", "show", held) == 78)
        #expect(try store.status("meeting", "show", well) == 0)
        let check = try place.run("store", "check")
        #expect(check.exitStatus == 78 && check.text.contains("meeting '\(held)'"), "\(check.text)")
        #expect(try later("retention", "purge").exitStatus == 78)
        let last = try place.json("audit", "list")["entries"].array.first { $0["action"].string == "restore" }
        #expect(last?["details"]["refused"].string == "meeting/\(held)")
        // It is on hold all the same: there is a row in the way.
        #expect(throws: ProcessRunner.Failure.self) {
            try StoreDatabase(place).execute("INSERT INTO holds VALUES ('\(held)', 'x', 0)")
        }
    }

    @Test func bundlesThatAreOutStayKnownAndRevoked() throws {
        let meeting = try store.enrol()
        try place.succeed("bundle", "create", "--meeting", meeting, "-o", "c.bundle")
        let first = try place.json("bundle", "list")["bundles"][0]["id"].string ?? ""
        try place.succeed("store", "backup", "b.db")
        try place.succeed("bundle", "revoke", first)
        try place.succeed("bundle", "create", "--meeting", meeting, "-o", "d.bundle")
        let before = try place.json("bundle", "list")["bundles"].array
        try place.succeed("store", "restore", "b.db", "--yes")
        let after = try place.json("bundle", "list")["bundles"].array
        #expect(after.count == 2)
        #expect(Set(after.map(\.["id"].string)) == Set(before.map(\.["id"].string)))
        let revoked = after.filter { $0["revoked"].string != nil }
        #expect(revoked.map(\.["id"].string) == [first])
        #expect(try store.status("bundle", "verify", "c.bundle") == 11)
        #expect(try store.status("store", "check") == 0)
    }

    /// Its commitment was published, and what it covers must be that of then.
    @Test func aHeldMeetingIsThatOfNow() throws {
        let meeting = try store.enrol()
        let start = try place.json("meeting", "show", meeting)["meeting"]["start"].string
        try place.succeed("store", "backup", "b.db")
        let later = Board.time(StorePlace.start + 1_800)
        try place.succeed("meeting", "edit", meeting, "--start", later, "--title", "Board, moved", "--yes")
        let root = try place.json("commitment", "create", "--meeting", meeting)["commitment"]["root"].string ?? ""
        try place.succeed("retention", "hold", meeting, "--reason", "Case 9")
        try place.succeed("store", "restore", "b.db", "--yes")
        let shown = try place.json("meeting", "show", meeting)["meeting"]
        #expect(shown["title"].string == "Board, moved" && shown["start"].string == later && start != later)
        #expect(try store.status("commitment", "verify", "--meeting", meeting, "--root", root) == 0)
        for verb in [["store", "check"], ["audit", "verify"]] { #expect(try place.run(verb).exitStatus == 0) }
    }

    /// A mistaken restore and the way back from it: the log's details are their meeting's again, and go with it.
    @Test func detailsComeBackToTheirMeeting() throws {
        try place.succeed("store", "backup", "none.db")
        let meeting = try store.enrol()
        try place.write("no recording", to: "leak.txt")
        #expect(try store.status("analyze", "leak.txt", "--meeting", meeting) == 20)
        let bela = try store.clients(of: meeting)[3]
        try place.succeed("client", "remove", bela, "--meeting", meeting, "--yes")
        try place.succeed("store", "backup", "all.db")
        try place.succeed("store", "restore", "none.db", "--yes")
        try place.succeed("store", "restore", "all.db", "--yes")
        #expect(try store.status("audit", "verify") == 0)
        #expect(try store.found(["leak.txt", "bela@example.org"]).count == 2)
        try place.succeed("meeting", "delete", meeting, "--yes")
        #expect(try store.found(["leak.txt", "bela@example.org", "ada@example.org"]) == [])
        #expect(try store.status("audit", "verify") == 0)
    }

    /// A meeting that the backup lacks: its key and what the log says of it live as long as they would have with it.
    @Test func whatTheBackupLacksIsDueWhenItWas() throws {
        try place.succeed("store", "backup", "none.db")
        let meeting = try store.enrol()
        let bela = try store.clients(of: meeting)[3]
        try place.succeed("client", "remove", bela, "--meeting", meeting, "--yes")
        try place.succeed("store", "restore", "none.db", "--yes")
        #expect(try store.status("analyze", "roster.csv", "--meeting", meeting) == 66)
        func keys() throws -> JSON { try JSON(text: place.text(of: "store.db.key")) }
        try place.succeed("retention", "purge")
        #expect(try keys()["meetings"][meeting].string != nil, "a backup that has it may still be restored")
        #expect(try later("retention", "purge").exitStatus == 0)
        #expect(try keys()["meetings"][meeting].string == nil && keys()["purged"][meeting].int != nil)
        #expect(try store.found(["bela@example.org"]) == [])
        #expect(try later("audit", "verify").exitStatus == 0)
    }

    /// A restore that was killed leaves a copy of the whole database.
    @Test func leftoversGoAtTheNextCommand() throws {
        try place.succeed("store", "backup", "b.db")
        let names = ["store.db.restore-2345abcd", "store.db.restore-2345abcd-wal"]
        for name in names { try place.write("ada@example.org", to: name) }
        try place.write("x", to: "store.dbrestore-x")
        try place.succeed("meeting", "list")
        let left = try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path)
        #expect(left.filter { $0.contains("restore-") } == ["store.dbrestore-x"])
    }
}
