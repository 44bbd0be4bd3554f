import Foundation
import ProgramSupport
import Testing

/// docs/retention.md, "What a purge does": what somebody changed who can write to the database alone is not purged.
@Suite struct AlteredPurgeTests {
    private let store: StorePlace
    private var place: Workplace { store.place }

    init() throws {
        store = try StorePlace()
        try store.place.succeed("retention", "clock", "--guard", "36500")
    }

    private func later(_ arguments: String...) throws -> ProcessRunner.Result {
        try place.run(arguments, environment: WrongClock.environment(days: 370))
    }

    /// A meeting with an analysis, and another one.
    private func filled() throws -> (meeting: String, other: String, analysis: String) {
        let (meeting, other) = (try store.enrol(), try store.enrol(start: StorePlace.start + 3_600))
        try place.write("no recording", to: "a.txt")
        #expect(try store.status("analyze", "a.txt", "--meeting", meeting) == 20)
        return (meeting, other, try place.json("analysis", "list")["analyses"][0]["id"].string ?? "")
    }

    /// An answer of a held meeting is said to be one of a purged meeting, which would take it along.
    @Test func anAnswerThatWasMovedToAPurgedMeetingStays() throws {
        let (meeting, other, analysis) = try filled()
        try place.succeed("meeting", "delete", other, "--yes")
        try place.succeed("retention", "hold", meeting, "--reason", "Case 12")
        try StoreDatabase(place).execute("UPDATE analyses SET meetingID = NULL, meetingReference = '\(other)'")
        let listed = try place.run("analysis", "list")
        #expect(listed.exitStatus == 78 && listed.errors.contains("analysis '\(analysis)' was changed"))
        #expect(try store.status("retention", "purge") == 78)
        #expect(try store.found([analysis]) == [analysis])
        #expect(try store.status("store", "check") == 78)
        // Put right, it is there as ever.
        try StoreDatabase(place).execute(
            "UPDATE analyses SET meetingID = '\(meeting)', meetingReference = '\(meeting)'")
        #expect(try place.json("analysis", "show", analysis)["analysis"]["id"].string == analysis)
        #expect(try store.status("analysis", "delete", analysis, "--yes") == 73)
    }

    /// Neither by hand nor when it is due does a meeting take along what was moved to it.
    @Test(arguments: [
        "UPDATE analyses SET meetingReference = :other", "UPDATE analyses SET meetingID = :other",
        "UPDATE participants SET meetingID = :other, emailFolded = 'x' WHERE meetingID = :meeting AND "
            + "name = 'Bela Berger'",
        "UPDATE meetings SET title = 'x' WHERE id = :other",
    ]) func whatWasMovedStaysWithTheMeeting(statement: String) throws {
        let (meeting, other, analysis) = try filled()
        try place.succeed("retention", "hold", meeting, "--reason", "Case 12")
        let sql = statement.replacingOccurrences(of: ":other", with: "'\(other)'")
        try StoreDatabase(place).execute(sql.replacingOccurrences(of: ":meeting", with: "'\(meeting)'"))
        #expect(try store.status("meeting", "delete", other, "--yes") == 78)
        let third = try store.enrol(start: StorePlace.start + 7_200)
        // What is well goes all the same.
        let purge = try later("retention", "purge")
        #expect(purge.exitStatus == 78 && purge.errors.contains("1 other meeting was purged"), "\(purge.errors)")
        let keys = try JSON(text: place.text(of: "store.db.key"))
        #expect(keys["meetings"][third].string == nil && keys["meetings"][other].string != nil)
        #expect(try store.found([other, analysis]).count == 2)
    }

    /// Details that were given to another meeting do not go with it.
    @Test func detailsThatWereMovedStay() throws {
        let (meeting, other, _) = try filled()
        try StoreDatabase(place).execute(
            "UPDATE auditDetails SET meetingID = '\(other)' WHERE meetingID = '\(meeting)'")
        try place.succeed("meeting", "delete", other, "--yes")
        let list = try place.run(["audit", "list"])
        #expect(list.exitStatus == 78 && list.errors.contains("were moved to another meeting"), "\(list.errors)")
        #expect(try store.found(["a.txt"]).count == 1)
    }

    /// Dates that were changed keep a meeting for ever, unless the daily job looks at those, too.
    @Test(arguments: [
        "UPDATE organisations SET retentionDays = 30000", "UPDATE meetings SET startsAt = startsAt + 999999999",
        "INSERT INTO purges (meetingID, startedAt) VALUES ('m_aaaaaaaaaaaaaaaa', 0)",
    ]) func retentionCannotBeSwitchedOff(statement: String) throws {
        _ = try filled()
        #expect(try store.status("retention", "purge") == 0)
        try StoreDatabase(place).execute(statement)
        #expect(try later("retention", "purge").exitStatus == 78)
    }
}
