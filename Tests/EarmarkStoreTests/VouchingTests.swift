import EarmarkAnswer
import EarmarkFiles
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

/// Against docs/audit.md, "Rows that the keys vouch for".
///
/// Each of these is what somebody does who can write to the database and has not the key file; `Tools/red-team` tries
/// more, through the program.
@Suite struct VouchingTests {
    private func filled() throws -> (keeper: TemporaryStoreKeeper, meeting: Meeting, other: Meeting, AnalysisID) {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1), entry(2)])
        let other = try keeper.meeting([entry(1), entry(3)])
        _ = try keeper.store.issueTickets(meeting: meeting.id)
        let analysis = try keeper.store.saveAnalysis(
            AnalysisDraft(
                organisationID: keeper.organisationID, meetingReference: meeting.id.text, fileName: "a.wav",
                sha256: String(repeating: "a", count: 64), byteCount: 1, outcome: .verdict(.identified),
                toolVersion: "1", report: Array(#"{"who":"Ada"}"#.utf8)))
        return (keeper, meeting, other, analysis.id)
    }

    private func tamper(_ store: Store, _ sql: String) throws {
        try store.pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF; \(sql); PRAGMA foreign_keys = ON")
        }
    }

    @Test(arguments: [
        "UPDATE participants SET name = 'Somebody Else' WHERE name = 'Person 1'",
        "UPDATE participants SET email = 'x@example.org'", "UPDATE clients SET device = 'x'",
        "UPDATE clients SET tagsFrom = NULL", "UPDATE clients SET tagHeardAt = 1", "UPDATE clients SET kind = 'web'",
        "DELETE FROM clients WHERE position = 2", "UPDATE meetings SET title = 'x'",
        "UPDATE meetings SET startsAt = startsAt + 1", "UPDATE organisations SET log10Threshold = -3",
        "UPDATE organisations SET retentionDays = 36500", "INSERT INTO domains SELECT 'x.org', id FROM organisations",
        "DELETE FROM tickets", "UPDATE tickets SET revokedAt = issuedAt",
        "INSERT INTO holds VALUES ('m_aaaaaaaaaaaaaaaa', 'r', 0)", "DELETE FROM seals",
        "DELETE FROM seals WHERE scope = 'store'",
        "UPDATE clients SET id = id || 'x' WHERE position = 1",
        "DELETE FROM analyses", "DELETE FROM analyses; DELETE FROM seals WHERE scope GLOB 'analysis/*'",
    ]) func nobodyIsAccusedOnIt(sql: String) throws {
        let (keeper, meeting, _, _) = try filled()
        try tamper(keeper.store, sql)
        #expect(throws: StoreError(.rowsAltered, "")) { try keeper.store.analysisSubject(meeting.id) }
        #expect(try keeper.store.check().problems != [])
    }

    @Test func aChangedAnswerIsNotShown() throws {
        let (keeper, _, _, analysis) = try filled()
        try tamper(keeper.store, "UPDATE analyses SET report = CAST('{\"who\":\"Bela\"}' AS BLOB)")
        let error = #expect(throws: StoreError(.rowsAltered, "")) { try keeper.store.analysis(analysis) }
        #expect(error?.message.contains("analysis '\(analysis)' was changed") == true)
        #expect(throws: StoreError(.rowsAltered, "")) { try keeper.store.analyses() }
        // Nor is it sealed by a change that the program makes.
        #expect(throws: StoreError(.rowsAltered, "")) { try keeper.store.setNote("n", ofAnalysis: analysis) }
    }

    /// Rows with their valid seal of an earlier time.
    @Test func olderRowsAreNotBelieved() throws {
        let (keeper, meeting, _, _) = try filled()
        let store = keeper.store
        let scope = SealScope.roster(meeting.id).name
        let old = try store.read {
            try Data.fetchOne($0, sql: "SELECT seal FROM seals WHERE scope = ?", arguments: [scope])
        }
        _ = try store.addClients([entry(4)], toMeeting: meeting.id)
        try store.pool.write { database in
            try database.execute(sql: "DELETE FROM participants WHERE name = 'Person 4'")
            try database.execute(sql: "UPDATE seals SET seal = ? WHERE scope = ?", arguments: [old, scope])
        }
        let error = #expect(throws: StoreError(.rowsAltered, "")) { try store.analysisSubject(meeting.id) }
        #expect(error?.message.contains("older ones were put back") == true)
    }

    @Test(arguments: [
        "CREATE TRIGGER t AFTER INSERT ON analyses BEGIN SELECT 1; END", "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE t (x)", "CREATE INDEX i ON clients (device)", "ALTER TABLE clients ADD COLUMN x INTEGER",
        "DROP INDEX presencesOpen; CREATE INDEX presencesOpen ON presences (clientID)",
    ]) func foreignObjectsAreRefused(sql: String) throws {
        let (keeper, _, _, _) = try filled()
        try tamper(keeper.store, sql)
        #expect(throws: StoreError(.storeInvalid, "")) { try Store.open(at: keeper.temporary.location) }
    }

    @Test func purgesThatNobodyBeganAreNotDone() throws {
        let (keeper, meeting, _, _) = try filled()
        try tamper(keeper.store, "INSERT INTO purges (meetingID, startedAt) VALUES ('\(meeting.id)', 1)")
        let store = try Store.open(at: keeper.temporary.location, clock: { testStart })
        #expect(throws: Never.self) { try store.meeting(meeting.id) }
        #expect(throws: StoreError(.rowsAltered, "")) { try store.analysisSubject(meeting.id) }
        #expect(throws: StoreError(.rowsAltered, "")) { try store.finishPurges() }
    }

    // MARK: Restoring

    @Test func restoringKeepsHoldsRevocationsAndTheLog() throws {
        let (keeper, meeting, other, _) = try filled()
        let store = keeper.store
        let backup = keeper.temporary.path("b.db")
        try store.backup(to: backup)
        let held = try keeper.meeting([entry(1), entry(5)])
        _ = try store.hold(held.id.text, reason: "Case 12")
        _ = try store.hold(meeting.id.text, reason: "Case 13")
        let ticket = try store.tickets(ofMeeting: meeting.id)[0]
        _ = try store.revokeTicket(ticket.id)
        let count = try store.auditEntries().count
        _ = try store.restore(from: backup)
        #expect(try store.holds().map(\.subject).sorted() == [held.id.text, meeting.id.text].sorted())
        #expect(try store.clients(ofMeeting: held.id).map(\.participant) == ["Person 1", "Person 5"])
        #expect(throws: Never.self) { try store.analysisSubject(held.id) }
        #expect(throws: Never.self) { try store.analysisSubject(other.id) }
        #expect(try store.tickets(ofMeeting: meeting.id).contains { $0.id == ticket.id && $0.revokedAt != nil })
        #expect(try store.auditEntries().count == count + 1)
        #expect(try store.auditFindings().problems == [] && store.check().problems == [])
    }

    @Test func rotatedKeysRefuseOlderBackupsWithTheWayBack() throws {
        let (keeper, meeting, _, _) = try filled()
        let (backup, keys) = (keeper.temporary.path("b.db"), keeper.temporary.path("b.key"))
        try keeper.store.backup(to: backup)
        try keeper.store.backupKeys(to: keys)
        _ = try keeper.store.rotateKey(of: keeper.organisationID)
        let count = try keeper.store.auditEntries().count
        #expect(throws: StoreError(.keyRotated, "")) { try keeper.store.restore(from: backup) }
        #expect(try keeper.store.auditEntries().count == count, "nothing changed")
        _ = try keeper.store.restore(from: backup, keyCopy: keys)
        #expect(throws: Never.self) { try keeper.store.analysisSubject(meeting.id) }
    }

    /// What cannot be believed is replaced, and the log says why.
    @Test func restoringIsTheWayBack() throws {
        let (keeper, meeting, _, _) = try filled()
        let backup = keeper.temporary.path("b.db")
        try keeper.store.backup(to: backup)
        try tamper(keeper.store, "UPDATE participants SET name = 'Somebody Else'")
        _ = try keeper.store.restore(from: backup)
        #expect(try keeper.store.clients(ofMeeting: meeting.id).map(\.participant) == ["Person 1", "Person 2"])
        let entry = try #require(try keeper.store.auditEntries(limit: 1).first)
        #expect(entry.action == "restore" && entry.details?["replaced"]?.contains("was changed") == true)
        #expect(try keeper.store.auditFindings().problems == [])
    }

    @Test func anOlderDatabaseIsTakenUpOnlyWhenSaid() throws {
        let (keeper, meeting, _, _) = try filled()
        let copy = keeper.temporary.path("copy.db")
        try keeper.store.pool.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [copy]) }
        try keeper.store.record(.init(.view))
        let location = StoreLocation(store: copy, keyFile: keeper.temporary.location.keyFile)
        let old = try Store.open(at: location, clock: { testStart })
        #expect(throws: StoreError(.rowsAltered, "")) { try old.analysisSubject(meeting.id) }
        #expect(try old.auditFindings().problems != [])
        try old.acceptHead(reason: "disk replaced")
        #expect(throws: Never.self) { try old.analysisSubject(meeting.id) }
        #expect(try old.auditFindings().problems == [])
        #expect(try old.auditEntries(limit: 1)[0].details?["remembered"]?.hasPrefix("6:") == true)
    }
}

/// docs/retention.md, "What a purge does".
@Suite struct PurgeRestTests {
    /// A batch that runs during a purge leaves no answer that names people.
    @Test func answersOfMeetingsPurgedMeanwhileAreNotKept() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        _ = try keeper.store.purge([meeting.id])
        let draft = AnalysisDraft(
            meetingReference: meeting.id.text, fileName: "a.mp4", outcome: .refusal(code: "c", message: "m"),
            toolVersion: "1")
        #expect(throws: StoreError(.meetingExpired, "")) { try keeper.store.saveAnalysis(draft) }
        #expect(try keeper.store.analyses().isEmpty)
    }

    /// What a process left that was killed while it wrote the key file goes with the next change.
    @Test func leftoversOfTheKeyFileGo() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        let leftover = keeper.temporary.location.keyFile + ".new-abc"
        try FileManager.default.copyItem(atPath: keeper.temporary.location.keyFile, toPath: leftover)
        _ = try keeper.store.purge([meeting.id])
        #expect(!FileManager.default.fileExists(atPath: leftover))
    }
}
