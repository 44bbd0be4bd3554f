import Foundation
import Testing

@testable import EarmarkStore

@Suite struct ConcurrencyTests {
    /// Every thread opens the store for itself, as processes do.
    @Test func manyWritersLoseNothing() async throws {
        let keeper = try TemporaryStoreKeeper.make()
        let location = keeper.temporary.location
        let (writers, rounds) = (8, 5)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    let store = try Store.open(at: location, clock: { testStart })
                    let organisation = try store.organisation()
                    for round in 0..<rounds {
                        let draft = MeetingDraft(title: "\(writer)/\(round)", startsAt: testStart)
                        let meeting = try store.createMeeting(draft, roster: [entry(writer)], in: organisation.id)
                        _ = try store.issueTicket(meeting: meeting.id, client: "p\(writer)@example.org")
                    }
                }
            }
            try await group.waitForAll()
        }
        let meetings = try keeper.store.meetings(in: keeper.organisationID)
        #expect(Set(meetings.map(\.title)).count == writers * rounds)
        for meeting in meetings {
            let subject = try keeper.store.analysisSubject(meeting.id)
            #expect(subject.candidates.count == 1)
            #expect(try keeper.store.tickets(ofMeeting: meeting.id).count == 1)
        }
        let keys = try keeper.store.keyFile.read(storeID: keeper.store.storeID)
        #expect(Set(keys.wrappingKeys.keys) == Set(meetings.map(\.id)))
        let leftovers = try FileManager.default.contentsOfDirectory(atPath: keeper.temporary.folder.path)
            .filter { $0.contains(".new-") }
        #expect(leftovers.isEmpty)
    }

    @Test func onlyOneOfManyCreatesTheStore() async throws {
        let temporary = try TemporaryStore()
        let location = temporary.location
        let winners = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask { (try? Store.create(at: location, organisationName: "Organisation \(number)")) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(winners == 1)
        let store = try Store.open(at: location, clock: { testStart })
        let organisation = try store.organisation()
        #expect(throws: Never.self) {
            try store.createMeeting(.init(title: "x", startsAt: testStart), in: organisation.id)
        }
    }
}
