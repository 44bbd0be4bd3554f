import EarmarkFiles
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

@Suite struct AuditTests {
    private func filled() throws -> (keeper: TemporaryStoreKeeper, meeting: Meeting) {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1), entry(2)])
        _ = try keeper.store.issueTickets(meeting: meeting.id)
        _ = try keeper.store.addClients([entry(3)], toMeeting: meeting.id)
        try keeper.store.record(.init(.view, meeting: meeting.id, ["analysis": "a_x"]))
        return (keeper, meeting)
    }

    @Test func everyChangeIsLoggedWithWhoAndWhat() throws {
        let (keeper, meeting) = try filled()
        let entries = try keeper.store.auditEntries()
        #expect(
            entries.map(\.action).reversed() == [
                "organisation-add", "meeting-create", "tickets-issue", "clients-add", "view",
            ])
        let host = ProcessInfo.processInfo.hostName
        let expected = ["actor": NSUserName(), "host": host, "meeting": meeting.id.text, "analysis": "a_x"]
        #expect(entries[0].details == expected)
        #expect(entries.map(\.position) == [5, 4, 3, 2, 1])
        let result = try keeper.store.auditFindings()
        #expect(result.problems == [] && result.count == 5 && result.head == entries[0].hash)
    }

    @Test func whatFailsIsNotLogged() throws {
        let (keeper, meeting) = try filled()
        #expect(throws: StoreError(.duplicate, "")) { try keeper.store.addClients([entry(1)], toMeeting: meeting.id) }
        #expect(try keeper.store.auditEntries().count == 5)
    }

    /// Each of these is one statement of somebody who can write to the database and has not the key file.
    @Test(arguments: [
        "UPDATE audit SET action = 'view' WHERE position = 3",
        "UPDATE audit SET at = at + 1 WHERE position = 1",
        "UPDATE audit SET id = 'e_aaaaaaaaaaaaaaaa' WHERE position = 5",
        "UPDATE audit SET commitment = zeroblob(32) WHERE position = 2",
        "UPDATE audit SET hash = zeroblob(32) WHERE position = 4",
        """
        UPDATE auditDetails SET details = CAST('{}' AS BLOB)
        WHERE entryID = (SELECT id FROM audit WHERE position = 3)
        """,
        "DELETE FROM audit WHERE position = 3", "DELETE FROM audit WHERE position = 1",
        "DELETE FROM audit WHERE position = 5", "DELETE FROM audit WHERE position > 2", "DELETE FROM audit",
        "DELETE FROM auditHead",
        """
        DELETE FROM audit WHERE position = 5;
        UPDATE auditHead SET count = 4, hash = (SELECT hash FROM audit WHERE position = 4)
        """,
        "UPDATE audit SET position = 6 WHERE position = 5",
        "UPDATE audit SET meetingID = NULL WHERE position = 3",
        "DELETE FROM auditDetails WHERE entryID = (SELECT id FROM audit WHERE position = 3)",
        "UPDATE auditDetails SET meetingID = NULL", "DELETE FROM auditDetails",
        "DELETE FROM auditDetails; DELETE FROM audit; DELETE FROM auditHead",
        "UPDATE auditHead SET state = NULL", "UPDATE auditHead SET state = zeroblob(60)",
        """
        INSERT INTO audit (position, id, at, action, commitment, hash)
        SELECT 6, 'e_aaaaaaaaaaaaaaaa', at, action, commitment, hash FROM audit WHERE position = 5;
        UPDATE auditHead SET count = 6
        """,
    ]) func tamperingIsFound(sql: String) throws {
        let (keeper, _) = try filled()
        try keeper.store.pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF")
            try database.execute(sql: sql)
            try database.execute(sql: "PRAGMA foreign_keys = ON")
        }
        #expect(try keeper.store.auditFindings().problems != [])
    }

    @Test func aNotedLinkShowsThatAllWasPutBack() throws {
        let (keeper, meeting) = try filled()
        let copy = keeper.temporary.path("copy.db")
        try DatabaseQueue(path: keeper.temporary.location.store).writeWithoutTransaction { database in
            try database.execute(sql: "VACUUM INTO ?", arguments: [copy])
        }
        try keeper.store.record(.init(.view, meeting: meeting.id))
        let now = try keeper.store.auditFindings()
        let location = StoreLocation(store: copy, keyFile: keeper.temporary.location.keyFile)
        // Put back alone it falls behind what is remembered beside the keys; nothing is added to it.
        let alone = try Store.open(at: location, clock: { testStart }, purges: false)
        #expect(try alone.auditFindings().problems.count == 1)
        #expect(throws: StoreError(.rowsAltered, "")) { try alone.record(.init(.view, meeting: meeting.id)) }
        let old = try Store.opened(at: location, actor: .processUser, clock: { testStart }, isCopy: true)
        #expect(try old.auditFindings().problems == [])
        #expect(try old.auditFindings(noted: (now.count, now.head)).problems != [])
        #expect(try keeper.store.auditFindings(noted: (now.count, now.head)).problems == [])
        // The store went on differently.
        try old.record(.init(.view, meeting: meeting.id))
        #expect(try old.auditFindings(noted: (now.count, now.head)).problems != [])
    }

    @Test func purgesTakeTheDetailsAndLeaveTheChain() throws {
        let (keeper, meeting) = try filled()
        let other = try keeper.meeting([entry(1)])
        _ = try keeper.store.purge([meeting.id])
        let result = try keeper.store.auditFindings()
        #expect(result.problems == [] && result.count == 7 && result.purgedDetails == 4)
        let entries = try keeper.store.auditEntries()
        let meetings = Set(entries.compactMap { $0.details?["meeting"] })
        #expect(meetings == [other.id.text])
        #expect(entries[0].action == "purge")
    }

    @Test func manyProcessesKeepOneChain() throws {
        let (keeper, meeting) = try filled()
        let location = keeper.temporary.location
        // The meeting is of a time that is long over.
        let stores = try (0..<4).map { _ in try Store.open(at: location, purges: false) }
        DispatchQueue.concurrentPerform(iterations: 40) { index in
            try? stores[index % 4].record(.init(.view, meeting: meeting.id))
        }
        let result = try keeper.store.auditFindings()
        #expect(result.problems == [] && result.count == 45)
    }

    /// docs/audit.md, "Anchors": an anchor that failed is told of a commitment later, though the log has its failure
    /// some seconds after the commitment, as where other anchors are told before it.
    @Test func commitmentsThatAnAnchorMissedAreToldLater() throws {
        let clock = TestClock(testStart)
        let keeper = try TemporaryStoreKeeper.make(clock: clock.ticking)
        let store = keeper.store
        let meeting = try keeper.meeting([entry(1)])
        let (folder, away) = (keeper.temporary.path("outside"), keeper.temporary.path("away"))
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        try store.setAnchors([.file(folder + "/anchor")])
        func told(_ root: String) throws -> Int {
            let lines = try String(contentsOfFile: folder + "/anchor", encoding: .utf8).split(separator: "\n")
            return lines.count { $0.hasPrefix("earmark-commitment") && $0.contains(root) }
        }
        var roots: [String] = []
        for _ in 1...2 {
            try FileManager.default.moveItem(atPath: folder, toPath: away)
            for _ in 1...2 { roots.append(try store.commitment(ofMeeting: meeting.id, renewed: true).root) }
            try FileManager.default.moveItem(atPath: away, toPath: folder)
            #expect(try told(roots[roots.count - 1]) == 0)
            try store.record(.init(.view, meeting: meeting.id))
            try store.record(.init(.view, meeting: meeting.id))
            for root in roots { #expect(try told(root) == 1) }
        }
    }
}
