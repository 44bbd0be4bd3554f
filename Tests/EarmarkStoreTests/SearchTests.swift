import EarmarkFiles
import EarmarkMark
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

@Suite struct SearchTests {
    private let clock: TestClock
    private let files: TemporaryStore
    private let store: Store
    private let organisationID: OrganisationID

    init() throws {
        clock = TestClock(testStart)
        files = try TemporaryStore()
        store = try files.create(clock: clock.clock)
        organisationID = try store.organisation().id
    }

    private func enrol(
        at start: Timestamp = testStart, roster: [RosterEntry] = [entry(1)],
        _ change: (inout MeetingDraft) -> Void = { _ in }
    ) throws -> Meeting {
        var draft = MeetingDraft(title: "T", startsAt: start, durationSeconds: 3_600)
        change(&draft)
        return try store.createMeeting(draft, roster: roster, in: organisationID)
    }

    private func searchable(since: Timestamp? = nil, until: Timestamp? = nil) throws -> SearchableMeetings {
        try store.searchableMeetings(in: organisationID, since: since, until: until)
    }

    @Test func seedsAreThoseOfTheAnalysis() throws {
        let meetings = [try enrol(at: testStart + 50), try enrol(roster: [entry(1), entry(2), entry(3, kind: .web)])]
        let found = try searchable()
        #expect(found.meetings.map(\.id) == [meetings[1].id, meetings[0].id], "by start")
        #expect(found.meetings.map(\.candidateCount) == [2, 1], "clients that carry no mark are not counted")
        #expect(found.candidateCount == 3)
        for meeting in found.meetings {
            #expect(try store.analysisSubject(meeting.id).sharedSeeds == meeting.sharedSeeds)
        }
    }

    @Test func onlyWhatCouldBeAnalysedIsSearched() throws {
        try store.addDomain("example.org", to: organisationID)
        let good = try enrol { $0.hostEmail = "a@example.org" }
        _ = try enrol { $0.hostEmail = "a@elsewhere.org" }
        _ = try enrol { $0.isWatermarkOn = false }
        _ = try enrol(roster: [])
        _ = try enrol(roster: [entry(1, kind: .sip)])
        let other = try store.addOrganisation(name: "Other", settings: .init())
        _ = try store.createMeeting(.init(title: "T", startsAt: testStart), roster: [entry(1)], in: other.id)
        #expect(try searchable().meetings.map(\.id) == [good.id])
        #expect(try store.countOtherMeetings(than: good) == 2)
        clock.set(good.expiresAt - 1)
        #expect(try searchable().meetings.map(\.id) == [good.id])
        clock.set(good.expiresAt)
        #expect(try searchable() == SearchableMeetings())
    }

    /// Whoever edits the database can give an index the root of an empty one; its rows and seals stay as they were.
    @Test func bentIndexHidesNoMeeting() throws {
        let meeting = try enrol()
        try DatabaseQueue(path: files.location.store).writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    CREATE INDEX bent ON meetings (organisationID, startsAt) WHERE id = '';
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'bent')
                        WHERE name = 'meetingsByStart';
                    DELETE FROM sqlite_schema WHERE name = 'bent';
                    PRAGMA writable_schema = RESET;
                    """)
        }
        let reopened = try Store.open(at: files.location, clock: clock.clock)
        #expect(try reopened.searchableMeetings(in: organisationID).meetings.map(\.id) == [meeting.id])
    }

    /// A setting that was changed, or a host's domain that is mistyped, hides no meeting whose tickets are out.
    @Test func meetingsWithTicketsAreCountedWhereTheyAreLeftOut() throws {
        try store.addDomain("example.org", to: organisationID)
        let good = try enrol { $0.hostEmail = "a@example.org" }
        let later = try enrol(at: testStart + 90) { $0.hostEmail = "a@example.org" }
        _ = try enrol { $0.isWatermarkOn = false }
        for id in [good.id, later.id] { _ = try store.issueTickets(meeting: id) }
        #expect(try searchable().withoutMark == 0)
        var change = MeetingChange()
        change.isWatermarkOn = false
        _ = try store.editMeeting(later.id, change)
        #expect(try searchable().withoutMark == 1 && searchable().meetings.map(\.id) == [good.id])
        #expect(try searchable(until: testStart + 90).withoutMark == 0)
    }

    /// Of meetings that are enrolled within a second the last one is the latest.
    @Test func latestOfASecondIsTheLastOne() throws {
        for _ in 0..<3 {
            let meeting = try enrol()
            #expect(try store.lastEnrolledMeeting(in: nil) == meeting.id)
        }
    }

    @Test func timesSelectWhatOverlaps() throws {
        let meeting = try enrol()
        let end = testStart + 3_600
        #expect(try searchable(since: end - 1).meetings.map(\.id) == [meeting.id])
        #expect(try searchable(since: end).meetings.isEmpty)
        #expect(try searchable(until: testStart + 1).meetings.map(\.id) == [meeting.id])
        #expect(try searchable(until: testStart).meetings.isEmpty)
    }

    @Test func meetingsWithoutKeysAreCountedAndLeftOut() throws {
        let good = try enrol()
        let destroyed = try enrol()
        try store.destroyKey(ofMeeting: destroyed.id)
        let (split, shares) = try store.createSplitMeeting(
            .init(title: "S", startsAt: testStart + 1), roster: [entry(1)], in: organisationID)
        var found = try searchable()
        #expect(found.meetings.map(\.id) == [good.id])
        #expect(found.withoutKey == 1 && found.withoutShares == 1)
        for share in shares {
            try share.write(to: files.path("share\(share.number)"))
            try store.takeShare(at: files.path("share\(share.number)"))
        }
        found = try searchable()
        #expect(found.meetings.map(\.id) == [good.id, split.id])
        #expect(found.withoutShares == 0)
        #expect(try found.meetings.last?.sharedSeeds == store.analysisSubject(split.id).sharedSeeds)
    }

    @Test func manyMeetingsAreEnrolledAtOnce() throws {
        let drafts = (0..<50).map { index in
            (
                meeting: MeetingDraft(title: "M\(index)", startsAt: testStart + Int64(index)),
                roster: (0...index % 3).map { entry($0) }
            )
        }
        let meetings = try store.createMeetings(drafts, in: organisationID)
        #expect(meetings.map(\.title) == drafts.map(\.meeting.title))
        #expect(try searchable().candidateCount == drafts.reduce(0) { $0 + $1.roster.count })
        for (meeting, draft) in zip(meetings, drafts) {
            #expect(try store.clients(ofMeeting: meeting.id).map(\.email) == draft.roster.map(\.email))
        }
        #expect(Set(try meetings.map { try store.analysisSubject($0.id).sharedSeeds.pilot.bytes }).count == 50)
        #expect(try store.auditFindings().problems.isEmpty)
        #expect(try store.auditEntries().count { $0.action == AuditAction.meetingCreate.rawValue } == 50)
    }

    @Test func oneFaultyMeetingLeavesNothingBehind() throws {
        let good = (meeting: MeetingDraft(title: "T", startsAt: testStart), roster: [entry(1)])
        for faulty in [
            (meeting: MeetingDraft(title: "", startsAt: testStart), roster: [entry(1)]),
            (meeting: MeetingDraft(title: "T", startsAt: testStart), roster: [entry(1), entry(1)]),
        ] {
            let error = #expect(throws: StoreError.self) {
                try store.createMeetings([good, faulty], in: organisationID)
            }
            #expect(error?.message.hasPrefix("meeting 2: ") == true)
        }
        #expect(throws: StoreError(.organisationKeyMissing, "")) { try store.createMeetings([good], in: "o_nope") }
        #expect(try store.meetings(in: organisationID).isEmpty)
        #expect(try KeyFile(parsing: Array(contents(files.location.keyFile)), path: "").wrappingKeys.isEmpty)
    }
}
