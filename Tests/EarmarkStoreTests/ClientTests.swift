import EarmarkFiles
import EarmarkMark
import Foundation
import Testing

@testable import EarmarkStore

@Suite struct ClientTests {
    @Test func aThousandClientsKeepTheirOrder() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting((0..<1000).map { entry($0) })
        let clients = try keeper.store.clients(ofMeeting: meeting.id)
        #expect(clients.map(\.email) == (0..<1000).map { "p\($0)@example.org" })
        #expect(Set(clients.map(\.id)).count == 1000)
        #expect(try keeper.store.clientCounts(in: keeper.organisationID) == [meeting.id: 1000])
        let subject = try keeper.store.analysisSubject(meeting.id)
        #expect(Set(subject.candidates.map(\.identitySeed.bytes)).count == 1000)
    }

    @Test func clientsAreFoundByIdentifierAndEmail() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1), entry(2), entry(2, device: "phone", kind: .mobile)])
        let clients = try keeper.store.clients(ofMeeting: meeting.id)
        #expect(try keeper.store.client("P1@Example.ORG", inMeeting: meeting.id) == clients[0])
        #expect(try keeper.store.client(clients[2].id.text, inMeeting: meeting.id) == clients[2])
        let error = #expect(throws: StoreError(.ambiguousClient, "")) {
            try keeper.store.client("p2@example.org", inMeeting: meeting.id)
        }
        #expect(error?.message.contains(clients[1].id.text) == true)
        #expect(error?.message.contains(clients[2].id.text) == true)
        let other = try keeper.meeting([entry(9)])
        #expect(throws: StoreError(.unknownClient, "")) {
            try keeper.store.client(clients[0].id.text, inMeeting: other.id)
        }
    }

    @Test func laterClientsJoinKnownParticipants() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        let added = try keeper.store.addClients(
            [entry(1, device: "room", kind: .room), entry(2)], toMeeting: meeting.id)
        #expect(added.map(\.device) == ["room", "laptop"])
        #expect(try keeper.store.clients(ofMeeting: meeting.id).count == 3)
        #expect(throws: StoreError(.duplicate, "")) {
            try keeper.store.addClients([entry(3), entry(1, device: "LAPTOP")], toMeeting: meeting.id)
        }
        var renamed = entry(1, device: "tablet")
        renamed.participant = "Someone Else"
        #expect(throws: StoreError(.duplicate, "")) { try keeper.store.addClients([renamed], toMeeting: meeting.id) }
        #expect(try keeper.store.clients(ofMeeting: meeting.id).count == 3, "all or none")
    }

    @Test func clientsJoinLeaveAndRejoin() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        let id = try keeper.store.clients(ofMeeting: meeting.id)[0].id
        #expect(throws: StoreError(.presenceOutOfOrder, "")) { try keeper.store.recordLeave(ofClient: id, at: 5) }
        try keeper.store.recordJoin(ofClient: id, at: 10)
        #expect(throws: StoreError(.presenceOutOfOrder, "")) { try keeper.store.recordJoin(ofClient: id, at: 11) }
        #expect(throws: StoreError(.presenceOutOfOrder, "")) { try keeper.store.recordLeave(ofClient: id, at: 9) }
        try keeper.store.recordLeave(ofClient: id, at: 20)
        #expect(throws: StoreError(.presenceOutOfOrder, "")) { try keeper.store.recordJoin(ofClient: id, at: 19) }
        try keeper.store.recordJoin(ofClient: id, at: 20)
        #expect(
            try keeper.store.presences(inMeeting: meeting.id)[id] == [
                PresenceInterval(joinedAt: 10, leftAt: 20), PresenceInterval(joinedAt: 20, leftAt: nil),
            ])
        #expect(throws: StoreError(.unknownClient, "")) { try keeper.store.recordJoin(ofClient: "c_nope", at: 1) }
    }
}

@Suite struct TicketIssueTests {
    @Test func ticketsHoldTheSeedsThatAnalysisExpects() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1), entry(2)])
        let (ticket, record) = try keeper.store.issueTicket(meeting: meeting.id, client: "p2@example.org")
        let subject = try keeper.store.analysisSubject(meeting.id)
        #expect(ticket.seeds.shared == subject.sharedSeeds)
        #expect(ticket.seeds.identity == subject.candidates[1].identitySeed)
        #expect(ticket.seeds.identity != subject.candidates[0].identitySeed)
        #expect(ticket.clientID == subject.candidates[1].clientID.text)
        let start = testStart.seconds
        #expect(ticket.meetingStart == start)
        #expect(ticket.isValid(at: start - 900) && ticket.isValid(at: start + 86_400))
        #expect(!ticket.isValid(at: start - 901) && !ticket.isValid(at: start + 86_401))
        #expect(record.id == ticket.ticketID)
        #expect(try keeper.store.ticket(record.id) == record)
    }

    @Test func meetingsShareNothing() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let seeds = try (0..<2).map { _ in try keeper.store.analysisSubject(try keeper.meeting().id).sharedSeeds }
        #expect(seeds[0].pilot != seeds[1].pilot)
        #expect(seeds[0].timeline != seeds[1].timeline)
        #expect(seeds[0].pilot != seeds[0].timeline)
    }

    @Test(arguments: ClientKind.allCases) func onlySomeKindsGetTickets(kind: ClientKind) throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1, kind: kind), entry(2)])
        let marked = try keeper.store.issueTickets(meeting: meeting.id).map(\.record.client.email)
        if [.desktop, .mobile, .room].contains(kind) {
            #expect(marked == ["p1@example.org", "p2@example.org"])
        } else {
            #expect(marked == ["p2@example.org"])
            #expect(throws: StoreError(.clientCannotCarryMark, "")) {
                try keeper.store.issueTicket(meeting: meeting.id, client: "p1@example.org")
            }
        }
        #expect(try keeper.store.tickets(ofMeeting: meeting.id).count == marked.count)
    }

    @Test func revocationKeepsItsFirstDate() throws {
        let clock = TestClock(testStart)
        let keeper = try TemporaryStoreKeeper.make(clock: clock.clock)
        let meeting = try keeper.meeting([entry(1)])
        let id = try keeper.store.issueTickets(meeting: meeting.id)[0].record.id
        clock.set(testStart + 5)
        #expect(try keeper.store.revokeTicket(id).revokedAt == testStart + 5)
        clock.set(testStart + 9)
        #expect(try keeper.store.revokeTicket(id).revokedAt == testStart + 5)
        #expect(throws: StoreError(.unknownTicket, "")) { try keeper.store.revokeTicket("t_nope") }
    }
}
