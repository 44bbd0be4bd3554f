import EarmarkAnswer
import EarmarkFiles
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

/// docs/retention.md, "When a meeting goes": due when its planned end plus the retention has passed, to the second.
@Suite struct RetentionBoundaryTests {
    private let clock = TestClock(testStart)
    private let keeper: TemporaryStoreKeeper
    private var store: Store { keeper.store }
    private let meeting: Meeting
    /// A meeting of 90 minutes, kept for three days.
    private let end = testStart + 5_400 + 3 * 86_400

    init() throws {
        var settings = OrganisationSettings()
        settings.retentionDays = 3
        keeper = try TemporaryStoreKeeper.make(settings: settings, clock: clock.clock)
        meeting = try keeper.meeting([entry(1)]) { $0.durationSeconds = 5_400 }
    }

    private func analyse(_ reference: String, name: String = "") throws -> AnalysisRecord {
        try store.saveAnalysis(
            AnalysisDraft(
                organisationID: keeper.organisationID, meetingReference: reference, fileName: "leak.mp4",
                sha256: String(repeating: "0b", count: 32), byteCount: 1, outcome: .verdict(.identified), name: name,
                toolVersion: "1", report: Array("{}".utf8)))
    }

    @Test func everyWayOfAskingTurnsAtTheSameSecond() throws {
        clock.set(end - 1)
        #expect(try store.meeting(meeting.id).state == .available)
        #expect(try store.retentionStatus(of: keeper.organisationID).due.isEmpty)
        #expect(try store.retentionStatus(of: keeper.organisationID).nextExpiry == end)
        #expect(try store.dueMeetings().isEmpty)
        #expect(try store.purgeDue() == PurgeResult())
        clock.set(end)
        #expect(try store.meeting(meeting.id).state == .expired)
        #expect(try store.retentionStatus(of: keeper.organisationID).due.map(\.id) == [meeting.id])
        #expect(try store.retentionStatus(of: keeper.organisationID).nextExpiry == nil)
        #expect(try store.dueMeetings() == [meeting.id])
        #expect(try store.purgeDue().meetings == [meeting.id])
    }

    @Test func aSecondLaterItIsStillDue() throws {
        clock.set(end + 1)
        #expect(try store.retentionStatus(of: keeper.organisationID).due.map(\.id) == [meeting.id])
        #expect(try store.purgeDue().meetings == [meeting.id])
        let error = #expect(throws: StoreError(.meetingExpired, "")) { try store.meeting(meeting.id) }
        #expect(error?.message.contains((end + 1).text) == true, "when it was purged")
    }

    @Test func theNextToGoIsTheEarliest() throws {
        let later = try keeper.meeting {
            $0.startsAt = testStart + 100
            $0.durationSeconds = 5_400
        }
        #expect(try store.retentionStatus(of: keeper.organisationID).nextExpiry == end)
        _ = try store.hold(meeting.id.text, reason: "Case 12")
        clock.set(end)
        let status = try store.retentionStatus(of: keeper.organisationID)
        #expect(status.nextExpiry == later.expiresAt && status.meetingCount == 2)
        #expect(status.due.isEmpty && status.held.map(\.id) == [meeting.id])
    }

    /// `earmark retention set`: refused if meetings would be purged at once; those on hold would not.
    @Test func aShorterRetentionCountsWhatWouldGo() throws {
        func due(_ days: Int64) throws -> [MeetingID] {
            try store.meetingsDue(in: keeper.organisationID, ifRetentionWere: days).map(\.id)
        }
        clock.set(end - 86_400 - 1)
        #expect(try due(2).isEmpty)
        #expect(try due(1) == [meeting.id])
        clock.set(end - 86_400)
        #expect(try due(2) == [meeting.id])
        #expect(try due(3).isEmpty)
        _ = try store.hold(meeting.id.text, reason: "Case 12")
        #expect(try due(0).isEmpty)
    }

    @Test func holdsAreListedOldestFirst() throws {
        let analysis = try analyse(meeting.id.text)
        _ = try store.hold(analysis.id.text, reason: "first")
        clock.set(testStart + 1)
        let hold = try store.hold(meeting.id.text, reason: "second")
        #expect(hold == LegalHold(subject: meeting.id.text, reason: "second", heldAt: testStart + 1))
        #expect(try store.holds().map(\.reason) == ["first", "second"])
        #expect(throws: StoreError(.unknownAnalysis, "")) { try store.hold("a_aaaaaaaaaaaaaaaa", reason: "x") }
        #expect(throws: StoreError(.valueInvalid, "")) {
            try store.hold(meeting.id.text, reason: String(repeating: "x", count: 10_001))
        }
    }

    /// docs/retention.md, "What a purge does": its analyses go, refusals and those that only name it included.
    @Test func analysesThatOnlyReferToTheMeetingGo() throws {
        let loose = try analyse(meeting.id.text, name: "loose")
        try store.plant("UPDATE analyses SET meetingID = NULL")
        let refusal = try store.saveAnalysis(
            AnalysisDraft(
                meetingReference: meeting.id.text, fileName: "x.txt", outcome: .refusal(code: "corrupt", message: "no"),
                toolVersion: "1"))
        let search = try analyse("any")
        #expect(refusal.meetingID == meeting.id && search.meetingID == nil)
        clock.set(end)
        #expect(try store.purgeDue().analysisCount == 2)
        #expect(try store.analyses().map(\.id) == [search.id])
        #expect(throws: StoreError(.unknownAnalysis, "")) { try store.analysis(loose.id) }
    }

    /// docs/retention.md: a hold on an analysis keeps it when its meeting goes; released, it goes, too.
    @Test func analysesThatOnlyAHoldKeptGoWhenReleased() throws {
        let kept = try analyse(meeting.id.text)
        let other = try analyse("any")
        try store.plant("UPDATE analyses SET meetingReference = 'm_aaaaaaaaaaaaaaaa' WHERE id = '\(other.id)'")
        _ = try store.hold(kept.id.text, reason: "Case 12")
        clock.set(end)
        #expect(try store.purgeDue().meetings == [meeting.id])
        #expect(try store.purgeDue() == PurgeResult())
        #expect(try store.analysis(kept.id).meetingID == nil)
        try store.release(kept.id.text)
        #expect(try store.purgeDue().analysisCount == 1)
        #expect(try store.analyses().map(\.id) == [other.id], "of a meeting that was never purged")
        #expect(try store.purgeDue() == PurgeResult())
    }

    /// A hold on a meeting goes with it, and one on an analysis with the analysis.
    @Test func holdsDoNotOutliveWhatTheyHold() throws {
        let analysis = try analyse(meeting.id.text)
        _ = try store.hold(meeting.id.text, reason: "Case 12")
        _ = try store.hold(analysis.id.text, reason: "Case 13")
        // Neither goes while either is held.
        #expect(throws: StoreError(.held, "")) { try store.deleteAnalysis(analysis.id) }
        #expect(throws: StoreError(.held, "")) { try store.destroyKey(ofMeeting: meeting.id) }
        try store.release(analysis.id.text)
        #expect(throws: StoreError(.held, "")) { try store.deleteAnalysis(analysis.id) }
        #expect(try store.purge([meeting.id]).meetings == [])
        #expect(try store.holds().map(\.reason) == ["Case 12"])
        // A purge that had begun goes on.
        let vouching = try store.vouching()
        try store.change { try Store.begin(meeting.id, testStart, vouching, $0) }
        #expect(try store.finishPurges().meetings == [meeting.id])
        #expect(try store.holds().isEmpty)
    }

    /// Step 4: bytes that lie in freed space, as moving rows between pages leaves them, are gone afterwards.
    @Test func freedSpaceIsRewritten() throws {
        let needle = "needle-\(UUID().uuidString)"
        let path = keeper.temporary.location.store
        try DatabaseQueue(path: path).writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA secure_delete = OFF")
            try database.execute(
                sql: "INSERT INTO participants VALUES ('p_x', ?, ?, 'x@example.org', 'x@example.org')",
                arguments: [meeting.id.text, needle + String(repeating: "x", count: 9_000)])
            try database.execute(sql: "DELETE FROM participants WHERE id = 'p_x'")
        }
        func isThere() throws -> Bool {
            try ["", "-wal", "-shm"].contains { try contents(path + $0).range(of: Data(needle.utf8)) != nil }
        }
        try store.checkpoint()
        #expect(try isThere(), "the deleted row's bytes lie in the file")
        clock.set(end)
        _ = try store.purgeDue()
        #expect(try !isThere())
        #expect(try store.check().remarks.isEmpty)
    }

    @Test func anErasureThatIsDueIsToldAndDone() throws {
        try store.write { try $0.execute(sql: "UPDATE store SET erasureDue = 1") }
        #expect(try store.check().remarks.count == 1)
        let reopened = try Store.open(at: keeper.temporary.location, clock: clock.clock)
        #expect(try reopened.check().remarks.isEmpty)
    }
}
