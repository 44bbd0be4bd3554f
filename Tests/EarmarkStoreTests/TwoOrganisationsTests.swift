import EarmarkAnswer
import EarmarkFiles
import Foundation
import Testing

@testable import EarmarkStore

/// docs/file-formats.md and docs/retention.md: what one organisation decides, keeps and purges is not the other's.
@Suite struct TwoOrganisationsTests {
    private let clock = TestClock(testStart)
    private let temporary: TemporaryStore
    private let store: Store
    private let first: Organisation
    private let second: Organisation
    private let ours: Meeting
    private let theirs: Meeting

    init() throws {
        temporary = try TemporaryStore()
        store = try temporary.create(clock: clock.clock)
        first = try store.organisation()
        second = try store.addOrganisation(name: "Other")
        let draft = MeetingDraft(title: "Board", startsAt: testStart)
        ours = try store.createMeeting(draft, roster: [entry(1), entry(2)], in: first.id)
        theirs = try store.createMeeting(draft, roster: [entry(1)], in: second.id)
    }

    private func analyse(_ meeting: Meeting) throws -> AnalysisRecord {
        try store.saveAnalysis(
            AnalysisDraft(
                organisationID: meeting.organisationID, meetingReference: meeting.id.text, fileName: "leak.mp4",
                sha256: String(repeating: "ab", count: 32), byteCount: 1, outcome: .verdict(.notFound),
                toolVersion: "1", report: Array("{}".utf8)))
    }

    @Test func purgingOneLeavesTheOther() throws {
        clock.set(ours.expiresAt)
        #expect(try store.dueMeetings() == [ours.id, theirs.id].sorted())
        #expect(try store.purgeDue(in: second.id).meetings == [theirs.id])
        #expect(try store.meetings(in: first.id).map(\.id) == [ours.id])
        #expect(try store.purgeDue().meetings == [ours.id])
    }

    @Test func retentionIsEachOnesOwn() throws {
        var settings = OrganisationSettings()
        settings.retentionDays = 1
        try store.updateSettings(settings, of: second.id)
        #expect(try store.organisation(first.id).settings == OrganisationSettings())
        #expect(try store.organisation(second.id).settings == settings)
        clock.set(testStart + 7_200 + 86_400)
        #expect(try store.meeting(ours.id).state == .available)
        #expect(try store.meeting(theirs.id).state == .expired)
        #expect(try store.retentionStatus(of: first.id).due.isEmpty)
        #expect(try store.retentionStatus(of: second.id).due.map(\.id) == [theirs.id])
        #expect(try store.retentionStatus(of: second.id).meetingCount == 1)
        #expect(try store.meetingsDue(in: first.id, ifRetentionWere: 0).map(\.id) == [ours.id])
        #expect(try store.purgeDue().meetings == [theirs.id])
    }

    /// docs/batch.md: an answer is taken up for the same content in the same meeting only.
    @Test func analysesOfOneContentAreToldApart() throws {
        let records = try [analyse(ours), analyse(theirs)]
        let digest = try #require(records[0].content.sha256)
        #expect(try store.analyses(ofMeeting: ours.id, sha256: digest).map(\.id) == [records[0].id])
        #expect(try store.analyses(ofMeeting: theirs.id, sha256: digest).map(\.id) == [records[1].id])
        #expect(try store.analyses(in: first.id, sha256: digest).map(\.id) == [records[0].id])
        #expect(try store.analyses(in: second.id, sha256: digest).map(\.id) == [records[1].id])
        #expect(try store.analyses(ofMeeting: ours.id, in: second.id, sha256: digest).isEmpty)
        #expect(try store.analyses(sha256: digest).map(\.id) == [records[1].id, records[0].id], "latest first")
        #expect(try store.analyses(sha256: String(repeating: "ac", count: 32)).isEmpty)
        #expect(try store.analyses(in: first.id).map(\.id) == [records[0].id])
        #expect(try store.analyses(ofMeeting: ours.id, in: second.id).isEmpty)
    }

    @Test func meetingsClientsAndKeysAreToldApart() throws {
        #expect(try store.meetings(in: second.id).map(\.id) == [theirs.id])
        #expect(try store.clientCounts(in: first.id) == [ours.id: 2])
        #expect(try store.clientCounts(in: second.id) == [theirs.id: 1])
        #expect(throws: StoreError(.unknownMeeting, "")) { try store.analysisSubject(ours.id, in: second.id) }
        #expect(try store.analysisSubject(ours.id, in: first.id).candidates.count == 2)
        #expect(try store.searchableMeetings(in: second.id).meetings.map(\.id) == [theirs.id])
        #expect(try store.countOtherMeetings(than: ours) == 0)
        let keys = try store.keyFile.read(storeID: store.storeID).organisationKeys
        #expect(keys.count == 2 && keys[first.id] != keys[second.id])
    }

    @Test func presenceAndTicketsStayWithTheirMeeting() throws {
        let (mine, other) = (
            try store.clients(ofMeeting: ours.id)[0].id, try store.clients(ofMeeting: theirs.id)[0].id
        )
        try store.recordJoin(ofClient: mine, at: 5)
        try store.recordJoin(ofClient: other, at: 6)
        try store.recordLeave(ofClient: mine, at: 7)
        #expect(try store.presences(inMeeting: ours.id) == [mine: [PresenceInterval(joinedAt: 5, leftAt: 7)]])
        #expect(try store.presences(inMeeting: theirs.id) == [other: [PresenceInterval(joinedAt: 6, leftAt: nil)]])
        let issued = try store.issueTickets(meeting: ours.id).map(\.record)
        _ = try store.issueTickets(meeting: theirs.id)
        #expect(try store.tickets(ofMeeting: ours.id) == issued)
        _ = try store.revokeTicket(issued[1].id)
        #expect(try store.tickets(ofMeeting: ours.id).map(\.revokedAt) == [nil, testStart])
        #expect(try store.tickets(ofMeeting: theirs.id).map(\.revokedAt) == [nil])
    }

    /// docs/retention.md, "Rotation": gives the organisation a new key, and only it.
    @Test func rotationTouchesOneKey() throws {
        let before = try store.keyFile.read(storeID: store.storeID)
        let seeds = try [ours, theirs].map { try store.analysisSubject($0.id).sharedSeeds }
        #expect(try store.rotateKey(of: second.id) == 1)
        let after = try store.keyFile.read(storeID: store.storeID)
        #expect(after.organisationKeys[first.id] == before.organisationKeys[first.id])
        #expect(after.organisationKeys[second.id] != before.organisationKeys[second.id])
        #expect(after.wrappingKeys == before.wrappingKeys)
        #expect(after.nextKeys.isEmpty)
        #expect(try [ours, theirs].map { try store.analysisSubject($0.id).sharedSeeds } == seeds)
        #expect(try store.check().meetingCount == 2)
        let details = try store.auditEntries(limit: 1)[0].details
        #expect(details?["organisation"] == second.id.text && details?["meetings"] == "1")
    }

    /// docs/file-formats.md: foreign if the host's domain is none of the organisation's own.
    @Test func domainsAreEachOnesOwn() throws {
        try store.addDomain("example.org", to: first.id)
        try store.addDomain("example.com", to: second.id)
        func state(_ host: String, _ organisation: Organisation) throws -> MeetingState {
            try store.createMeeting(
                MeetingDraft(title: "T", startsAt: testStart, hostEmail: host), in: organisation.id
            ).state
        }
        #expect(try state("a@example.org", first) == .available)
        #expect(try state("a@example.com", first) == .foreign)
        #expect(try state("a@example.com", second) == .available)
        #expect(try state("a@example.org", second) == .foreign)
        #expect(try store.organisation(first.id).domains == ["example.org"])
        #expect(try store.organisation(second.id).domains == ["example.com"])
    }

    @Test func anIdentifierWinsOverAName() throws {
        let mimic = try store.addOrganisation(name: first.id.text)
        #expect(try store.organisation(first.id.text).id == first.id)
        #expect(try store.organisation(mimic.id.text).id == mimic.id)
        #expect(try store.organisations().map(\.name) == ["Example Ltd", first.id.text, "Other"], "by name")
    }

    @Test func watermarkingIsEachOnesOwn() throws {
        var settings = OrganisationSettings()
        settings.isWatermarkingOn = false
        try store.updateSettings(settings, of: first.id)
        #expect(try store.meeting(ours.id).state == .watermarkingOff)
        #expect(try store.meeting(theirs.id).state == .available)
        #expect(throws: StoreError(.unknownOrganisation, "")) { try store.updateSettings(settings, of: "o_nope") }
    }

    @Test func importedMeetingsComeBackInTheirOrder() throws {
        let drafts = [5, 3, 9].map { offset in
            (meeting: MeetingDraft(title: "M\(offset)", startsAt: testStart + Int64(offset)), roster: [entry(offset)])
        }
        let made = try store.createMeetings(drafts, in: second.id)
        #expect(made.map(\.title) == ["M5", "M3", "M9"])
        #expect(Set(made.map(\.organisationID)) == [second.id])
        #expect(try store.meetings(in: second.id).map(\.title) == ["M9", "M5", "M3", "Board"], "latest first")
    }
}
