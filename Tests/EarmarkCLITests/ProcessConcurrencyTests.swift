import EarmarkFiles
import EarmarkStore
import Foundation
import ProgramSupport
import Testing

@Suite struct ProcessConcurrencyTests {
    @Test func processesShareAStore() async throws {
        let folder = try TemporaryFolder()
        let location = StoreLocation(store: folder.url.appendingPathComponent("store.db").path)
        let store = try Store.create(at: location, organisationName: "Example Ltd")
        let meeting = try store.createMeeting(
            .init(title: "T", startsAt: Store.systemClock()),
            roster: [RosterEntry(participant: "Ada", email: "ada@example.org", device: "laptop")],
            in: try store.organisation().id)
        let count = 12
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let arguments =
                        number % 2 == 0
                        ? ["meeting", "create", "--title", "M\(number)", "--start", "2026-03-02T09:00:00Z"]
                        : [
                            "ticket", "issue", "--meeting", meeting.id.text, "--client", "ada@example.org", "-o",
                            "\(number).t",
                        ]
                    let result = try ProcessRunner.run(
                        arguments, folder: folder.url, environment: folder.environment)
                    #expect(result.exitStatus == 0, "\(result.errors)")
                }
            }
            try await group.waitForAll()
        }
        let meetings = try store.meetings(in: try store.organisation().id)
        #expect(meetings.count == 1 + count / 2)
        #expect(try store.tickets(ofMeeting: meeting.id).count == count / 2)
        // Every meeting's key survived the others' changes to the keyring: each one opens.
        store.expectKeysOpen(meetings)
    }
}

extension Store {
    fileprivate func expectKeysOpen(_ meetings: [Meeting]) {
        for meeting in meetings where meeting.state == .available {
            #expect(throws: Never.self) { try analysisSubject(meeting.id) }
        }
    }
}
