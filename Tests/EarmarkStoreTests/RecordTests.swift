import EarmarkFiles
import EarmarkMark
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

/// docs/audit.md, "The audit log": whatever changes the store adds an entry of its own name, with what it was about.
@Suite struct AuditActionTests {
    private struct Step {
        let action: String
        let details: [String: String]
    }

    private func steps(_ store: Store, _ keeper: TemporaryStoreKeeper) throws -> [Step] {
        let other = try store.addOrganisation(name: "Other")
        try store.addDomain("Example.org", to: other.id)
        try store.updateSettings(.init(), of: other.id)
        let meeting = try keeper.meeting([entry(1)]).id
        let client = try store.addClients([entry(2)], toMeeting: meeting)[0].id
        try store.recordJoin(ofClient: client, at: 0)
        try store.recordLeave(ofClient: client, at: 60)
        let ticket = try store.issueTicket(meeting: meeting, client: client.text).record.id
        _ = try store.revokeTicket(ticket)
        let root = try store.commitment(ofMeeting: meeting).root
        let analysis = try store.saveAnalysis(
            AnalysisDraft(
                meetingReference: meeting.text, fileName: "a.mp4", outcome: .refusal(code: "c", message: "m"),
                toolVersion: "1"
            )
        ).id
        _ = try store.setNote("n", ofAnalysis: analysis)
        _ = try store.hold(meeting.text, reason: "r")
        try store.release(meeting.text)
        try store.deleteAnalysis(analysis)
        try store.destroyKey(ofMeeting: meeting)
        let about = ["meeting": meeting.text]
        return [
            Step(action: "organisation-add", details: ["organisation": other.id.text, "name": "Other"]),
            Step(action: "settings-change", details: ["organisation": other.id.text, "domain": "example.org"]),
            Step(action: "settings-change", details: ["organisation": other.id.text]),
            Step(action: "meeting-create", details: ["meeting": meeting.text, "clients": "1"]),
            Step(action: "clients-add", details: ["meeting": meeting.text, "clients": "1"]),
            Step(
                action: "client-join",
                details: ["meeting": meeting.text, "client": client.text, "time": "1970-01-01T00:00:00Z"]),
            Step(
                action: "client-leave",
                details: ["meeting": meeting.text, "client": client.text, "time": "1970-01-01T00:01:00Z"]),
            Step(action: "tickets-issue", details: ["meeting": meeting.text, "clients": client.text]),
            Step(action: "ticket-revoke", details: ["meeting": meeting.text, "ticket": ticket.text]),
            Step(action: "commit", details: ["meeting": meeting.text, "root": root]),
            Step(action: "analyse", details: ["meeting": meeting.text, "analysis": analysis.text, "file": "a.mp4"]),
            Step(action: "analysis-note", details: ["meeting": meeting.text, "analysis": analysis.text]),
            Step(action: "hold", details: ["meeting": meeting.text, "subject": meeting.text, "reason": "r"]),
            Step(action: "release", details: ["subject": meeting.text]),
            Step(action: "analysis-delete", details: ["meeting": meeting.text, "analysis": analysis.text]),
            Step(action: "key-destroy", details: about),
        ]
    }

    @Test func eachChangeHasItsEntry() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let expected = try steps(keeper.store, keeper)
        let entries = try Array(keeper.store.auditEntries().reversed().dropFirst())
        #expect(entries.map(\.action) == expected.map(\.action))
        for (entry, step) in zip(entries, expected) {
            let details = entry.details ?? [:]
            #expect(details.merging(step.details) { $1 } == details, "\(step.action)")
            #expect(details["actor"] == NSUserName() && entry.at == testStart)
        }
        #expect(try keeper.store.auditFindings().problems.isEmpty)
    }

    @Test func theLimitTakesTheLatest() throws {
        let keeper = try TemporaryStoreKeeper.make()
        for _ in 0..<3 { try keeper.store.record(.init(.view)) }
        #expect(try keeper.store.auditEntries(limit: 2).map(\.position) == [4, 3])
        #expect(try keeper.store.auditEntries().count == 4)
    }

    @Test func aNotedLinkIsComparedWithItsPlace() throws {
        let keeper = try TemporaryStoreKeeper.make()
        try keeper.store.record(.init(.view))
        let entries = try keeper.store.auditEntries()
        #expect(try keeper.store.auditFindings(noted: (1, entries[1].hash.uppercased())).problems.isEmpty)
        #expect(try !keeper.store.auditFindings(noted: (1, entries[0].hash)).problems.isEmpty)
        #expect(try !keeper.store.auditFindings(noted: (3, entries[0].hash)).problems.isEmpty)
    }
}

/// docs/report.md: reports are signed whole.
@Suite struct ReportSignerTests {
    @Test func signaturesCoverEveryByte() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let signer = try keeper.store.reportSigner()
        var bytes = (0..<5_000).map { UInt8($0 % 251) }
        let signature = try signer.sign(bytes)
        func isValid() throws -> Bool {
            try ReportSignature.isValid(signature, of: bytes, publicKeyPEM: signer.publicKeyPEM)
        }
        #expect(try isValid())
        for index in [0, 999, 1_000, 4_999] {
            bytes[index] ^= 1
            #expect(try !isValid(), "byte \(index)")
            bytes[index] ^= 1
        }
        bytes.append(0)
        #expect(try !isValid())
        #expect(signature.count <= ReportSignature.maximumByteCount)
        // The key stays: a report of today is checked with tomorrow's public key.
        let reopened = try Store.open(at: keeper.temporary.location)
        #expect(try reopened.reportSigner().publicKeyPEM == signer.publicKeyPEM)
        #expect(!"\(signer)".contains("PRIVATE"))
    }

    @Test func otherKeysDoNotMatch() throws {
        let keepers = try (0..<2).map { _ in try TemporaryStoreKeeper.make() }
        let signers = try keepers.map { try $0.store.reportSigner() }
        let signature = try signers[0].sign([1])
        #expect(try !ReportSignature.isValid(signature, of: [1], publicKeyPEM: signers[1].publicKeyPEM))
        #expect(try !ReportSignature.isValid([1, 2], of: [1], publicKeyPEM: signers[0].publicKeyPEM))
        #expect(throws: StoreError(.valueInvalid, "")) {
            try ReportSignature.isValid(signature, of: [1], publicKeyPEM: "x")
        }
    }
}

/// docs/audit.md, "Commitments".
@Suite struct CommitmentOrderTests {
    @Test func commitmentsFollowTheOrderOfEnrolment() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(3), entry(1), entry(2, kind: .sip)])
        let made = try keeper.store.commitment(ofMeeting: meeting.id)
        let salt = try #require(
            try keeper.store.read { try Data.fetchOne($0, sql: "SELECT salt FROM commitments") })
        let key = try keeper.store.key(of: meeting)
        let clients = try keeper.store.clients(ofMeeting: meeting.id).filter { $0.kind != .sip }
        let leaves = clients.map {
            CommittedClient(
                id: $0.id, participant: $0.participant, email: $0.email, device: $0.device, kind: $0.kind.rawValue,
                seed: key.identitySeed(clientID: $0.id))
        }
        #expect(clients.map(\.email) == ["p3@example.org", "p1@example.org"])
        #expect(
            made.root
                == Hexadecimal.text(
                    SeedTree(salt: Array(salt)).root(
                        leaves, of: CommittedMeeting(meeting, shared: key.sharedSeeds))))
        #expect(made.clientCount == 2 && made.createdAt == testStart && made.meetingID == meeting.id)
    }

    /// A commitment that covers more clients than there are does not hold, whatever its root.
    @Test func removedClientsBreakIt() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1), entry(2)])
        let root = try keeper.store.commitment(ofMeeting: meeting.id).root
        try keeper.store.plant("UPDATE commitments SET clientCount = 3")
        #expect(try keeper.store.verifyCommitments(ofMeeting: meeting.id).broken == [root])
        try keeper.store.plant("UPDATE commitments SET clientCount = 1")
        #expect(try keeper.store.verifyCommitments(ofMeeting: meeting.id).broken == [root])
        try keeper.store.plant("UPDATE commitments SET clientCount = 2")
        let result = try keeper.store.verifyCommitments(ofMeeting: meeting.id)
        #expect(result.holding.map(\.root) == [root] && result.broken.isEmpty)
    }

    @Test func theLatestIsShownAndAllAreChecked() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        let made = try [false, true].map { try keeper.store.commitment(ofMeeting: meeting.id, renewed: $0) }
        #expect(made[0].root != made[1].root, "each has a salt of its own")
        #expect(try keeper.store.commitment(ofMeeting: meeting.id) == made[1])
        #expect(try keeper.store.verifyCommitments(ofMeeting: meeting.id).holding == made)
        let other = try keeper.meeting([entry(1)])
        #expect(try keeper.store.verifyCommitments(ofMeeting: other.id).holding.isEmpty)
        #expect(
            try keeper.store.verifyCommitments(ofMeeting: other.id, root: made[0].root).broken == [made[0].root])
    }
}

/// docs/file-formats.md, "Tickets".
@Suite struct TicketRecordTests {
    @Test func issuingAgainGivesTheSameSeedsUnderAnotherName() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        let issued = try (0..<2).map { _ in try keeper.store.issueTickets(meeting: meeting.id)[0] }
        #expect(issued[0].ticket.seeds == issued[1].ticket.seeds)
        #expect(issued[0].record.id != issued[1].record.id)
        #expect(issued[0].record.id.text.count == 28 && issued[0].record.id.text.hasPrefix("t_"))
        let start = testStart.seconds
        #expect(issued[0].ticket.meetingStart == start && issued[0].ticket.meetingID == meeting.id.text)
        #expect(issued[0].ticket.notBefore == start - 900 && issued[0].ticket.notAfter == start + 86_400)
        #expect(try keeper.store.tickets(ofMeeting: meeting.id) == issued.map(\.record))
        let marked = try keeper.store.markSeeds(meeting: meeting.id, client: "P1@example.org")
        #expect(marked == issued[0].ticket.seeds)
    }

    /// A clock that was set back dates a revocation to the issue at the earliest; the first date stays.
    @Test func revocationsKeepTheirFirstDate() throws {
        let clock = TestClock(testStart)
        let keeper = try TemporaryStoreKeeper.make(clock: clock.clock)
        let meeting = try keeper.meeting([entry(1), entry(2)])
        let records = try keeper.store.issueTickets(meeting: meeting.id).map(\.record)
        clock.set(testStart - 50)
        #expect(try keeper.store.revokeTicket(records[0].id).revokedAt == testStart)
        clock.set(testStart + 50)
        #expect(try keeper.store.revokeTicket(records[0].id).revokedAt == testStart)
        #expect(try keeper.store.revokeTicket(records[1].id).revokedAt == testStart + 50)
        clock.set(testStart + 90)
        #expect(try keeper.store.revokeTicket(records[1].id).revokedAt == testStart + 50)
        #expect(try keeper.store.ticket(records[1].id).issuedAt == testStart)
    }

    @Test(arguments: ClientKind.allCases) func onlyKindsThatMarkGetSeeds(kind: ClientKind) throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1, kind: kind)])
        if ["desktop", "mobile", "room"].contains(kind.rawValue) {
            #expect(throws: Never.self) { try keeper.store.markSeeds(meeting: meeting.id, client: "p1@example.org") }
            #expect(try keeper.store.issueTickets(meeting: meeting.id).count == 1)
        } else {
            #expect(throws: StoreError(.clientCannotCarryMark, "")) {
                try keeper.store.markSeeds(meeting: meeting.id, client: "p1@example.org")
            }
            #expect(throws: StoreError(.clientCannotCarryMark, "")) {
                try keeper.store.issueTicket(meeting: meeting.id, client: "p1@example.org")
            }
            #expect(throws: StoreError(.unknownClient, "")) { try keeper.store.issueTickets(meeting: meeting.id) }
        }
    }
}
