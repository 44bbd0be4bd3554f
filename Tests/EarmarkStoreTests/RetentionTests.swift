import EarmarkAnswer
import EarmarkFiles
import EarmarkMark
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

/// A store with a meeting to be purged, one to be kept, and the secrets and names of both.
private struct RetentionFixture {
    static let name = "Quintessa Zwillingsfeder"
    static let email = "quintessa@zwillingsfeder.example"
    static let title = "Umlagerungsplan Zinnober"

    let temporary: TemporaryStore
    let clock: TestClock
    let store: Store
    let organisationID: OrganisationID
    let due: Meeting
    let kept: Meeting
    let secrets: [String: [UInt8]]

    init(fillers: Int = 40) throws {
        temporary = try TemporaryStore()
        clock = TestClock(testStart)
        var settings = OrganisationSettings()
        settings.retentionDays = 10
        store = try temporary.create(settings: settings, clock: clock.clock)
        organisationID = try store.organisation().id
        // Rows before, between and after, so that pages split and rows move.
        kept = try store.createMeeting(
            .init(title: "Kept", startsAt: testStart + 100 * 86_400), roster: (0..<fillers).map { entry($0) },
            in: organisationID)
        due = try store.createMeeting(
            .init(title: Self.title, startsAt: testStart, hostEmail: Self.email),
            roster: (0..<60).map {
                RosterEntry(
                    participant: "\(Self.name) \($0)", email: "\($0).\(Self.email)", device: "Gerät-\(Self.title)")
            }, in: organisationID)
        _ = try store.issueTickets(meeting: due.id)
        for client in try store.clients(ofMeeting: due.id).prefix(30) {
            try store.recordJoin(ofClient: client.id, at: testStart)
        }
        for number in 0..<8 { try Self.analyse(due.id, number, in: store) }
        _ = try store.addClients((100..<130).map { entry($0) }, toMeeting: kept.id)
        try Self.analyse(kept.id, 0, who: "somebody else", in: store)
        let key = try store.key(of: due)
        let keys = try store.keyFile.read(storeID: store.storeID)
        let client = try store.clients(ofMeeting: due.id)[0]
        let subject = try store.analysisSubject(due.id)
        let sealed = try store.read { [id = due.id] in
            try Data.fetchOne($0, sql: "SELECT sealedKey FROM meetings WHERE id = ?", arguments: [id.text])
        }
        secrets = [
            "pilot seed": subject.sharedSeeds.pilot.bytes, "timeline seed": subject.sharedSeeds.timeline.bytes,
            "identity seed": key.identitySeed(clientID: client.id).bytes,
            "wrapping key": try #require(keys.wrappingKeys[due.id]),
            "wrapping key, base64": Array(Data(try #require(keys.wrappingKeys[due.id])).base64EncodedString().utf8),
            "sealed key": Array(try #require(sealed)), "name": Array(Self.name.utf8), "title": Array(Self.title.utf8),
            "e-mail": Array("zwillingsfeder.example".utf8), "client": Array(client.id.text.utf8),
        ]
    }

    @discardableResult
    static func analyse(
        _ meeting: MeetingID, _ number: Int, who: String = name, in store: Store
    ) throws -> AnalysisRecord {
        try store.saveAnalysis(
            AnalysisDraft(
                organisationID: try store.organisation().id, meetingReference: meeting.text,
                fileName: "leak \(number).mp4",
                sha256: String(repeating: "\(number)", count: 64), byteCount: 1, outcome: .verdict(.identified),
                name: meeting.text, toolVersion: "1",
                report: Array("{\"who\":\"\(who)\",\"x\":\"\(String(repeating: "y", count: 3000))\"}".utf8)))
    }

    /// Secrets and names that lie in any file of the store's folder.
    func found(except: Set<String> = []) throws -> [String] {
        var found: [String] = []
        for file in try FileManager.default.contentsOfDirectory(atPath: temporary.folder.path)
        where !except.contains(file) {
            let data = try Data(contentsOf: temporary.folder.appendingPathComponent(file))
            for (name, bytes) in secrets where data.range(of: Data(bytes)) != nil { found.append("\(name) in \(file)") }
        }
        return found
    }

    func expectNothingFound(except: Set<String> = [], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let found = try found(except: except)
        #expect(found.isEmpty, "\(found)", sourceLocation: sourceLocation)
    }

    func expire() { clock.set(testStart + 11 * 86_400) }
}

@Suite struct RetentionTests {
    @Test func purgedMeetingsLeaveNoByteBehind() throws {
        let fixture = try RetentionFixture()
        // The search finds what is there.
        #expect(
            try Set(fixture.found().map { $0.components(separatedBy: " in ")[0] }).isSuperset(of: [
                "wrapping key, base64", "sealed key", "name", "title", "e-mail", "client",
            ]))
        #expect(try fixture.store.purgeDue() == PurgeResult(), "not before its time")
        fixture.expire()
        let result = try fixture.store.purgeDue()
        #expect(result == PurgeResult(meetings: [fixture.due.id], analysisCount: 8))
        try fixture.expectNothingFound()
        #expect(throws: StoreError(.meetingExpired, "")) { try fixture.store.meeting(fixture.due.id) }
        #expect(try fixture.store.check().problems == [])
        #expect(try fixture.store.clients(ofMeeting: fixture.kept.id).count == 70)
        #expect(try fixture.store.analyses().count == 1)
        #expect(throws: Never.self) { try fixture.store.analysisSubject(fixture.kept.id) }
    }

    @Test func oldBackupsDoNotReviveMeetings() throws {
        let fixture = try RetentionFixture()
        let backup = fixture.temporary.path("backup.db")
        let keys = fixture.temporary.path("backup.key")
        try fixture.store.backup(to: backup)
        try fixture.store.backupKeys(to: keys)
        #expect(try mode(backup) == 0o600 && mode(keys) == 0o600)
        fixture.expire()
        _ = try fixture.store.purgeDue()
        let result = try fixture.store.restore(from: backup)
        #expect(result.meetings == [fixture.due.id])
        #expect(throws: StoreError(.meetingExpired, "")) { try fixture.store.analysisSubject(fixture.due.id) }
        try fixture.expectNothingFound(except: ["backup.db", "backup.key"])
        // Nor does a copy of the key file, by the way that is meant for it.
        #expect(throws: StoreError(.valueInvalid, "")) { try fixture.store.restoreKeys(from: keys) }
        try fixture.expectNothingFound(except: ["backup.db", "backup.key"])
        // The backup opened by itself, beside the present key file: the rows are there, the key is not.
        let beside = try Store.opened(
            at: StoreLocation(store: backup, keyFile: fixture.temporary.location.keyFile), actor: .processUser,
            clock: { testStart }, isCopy: true)
        #expect(throws: StoreError(.meetingKeyMissing, "")) { try beside.analysisSubject(fixture.due.id) }
    }

    @Test func holdsKeepMeetingsAndAnalyses() throws {
        let fixture = try RetentionFixture()
        let analysis = try fixture.store.analyses(ofMeeting: fixture.due.id)[0]
        #expect(throws: StoreError(.valueInvalid, "")) { try fixture.store.hold(fixture.due.id.text, reason: " ") }
        #expect(throws: StoreError(.unknownMeeting, "")) { try fixture.store.hold("m_nope", reason: "x") }
        _ = try fixture.store.hold(fixture.due.id.text, reason: "Case 12")
        #expect(throws: StoreError(.duplicate, "")) { try fixture.store.hold(fixture.due.id.text, reason: "again") }
        _ = try fixture.store.hold(analysis.id.text, reason: "Case 12")
        fixture.expire()
        #expect(try fixture.store.purgeDue() == PurgeResult())
        #expect(try fixture.store.meeting(fixture.due.id).state == .available)
        let status = try fixture.store.retentionStatus(of: fixture.organisationID)
        #expect(status.due.isEmpty && status.held.map(\.id) == [fixture.due.id])
        try fixture.store.release(fixture.due.id.text)
        #expect(throws: StoreError(.valueInvalid, "")) { try fixture.store.release(fixture.due.id.text) }
        #expect(try fixture.store.purgeDue().analysisCount == 7)
        #expect(try fixture.store.analysis(analysis.id).meetingID == nil)
        #expect(try fixture.store.holds().map(\.subject) == [analysis.id.text])
    }

    /// Each statement of a purge in turn is the last one that the process comes to.
    @Test func interruptedPurgesAreCompletedAtTheNextStart() throws {
        for step in 0..<12 {
            let fixture = try RetentionFixture(fillers: 5)
            fixture.expire()
            let triggers = [
                "BEFORE INSERT ON purges", "BEFORE DELETE ON analyses", "BEFORE DELETE ON meetings",
                "BEFORE DELETE ON participants", "BEFORE DELETE ON tickets", "BEFORE DELETE ON presences",
                "BEFORE DELETE ON purges", "BEFORE UPDATE OF erasureDue ON store WHEN NEW.erasureDue = 1",
                "BEFORE UPDATE OF erasureDue ON store WHEN NEW.erasureDue = 0",
            ]
            if step < triggers.count {
                try fixture.store.write { database in
                    try database.execute(
                        sql: "CREATE TRIGGER fail \(triggers[step]) BEGIN SELECT raise(ABORT, 'no'); END")
                }
                #expect(throws: StoreError(.inputOutput, "")) { try fixture.store.purgeDue() }
                try fixture.store.write { try $0.execute(sql: "DROP TRIGGER fail") }
            } else {
                // A key file that cannot be replaced stops the purge between intent and deletion.
                let lock = fixture.temporary.location.keyFile
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: lock)
                #expect(throws: StoreError(.keyFileExposed, "")) { try fixture.store.purgeDue() }
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: lock)
            }
            let reopened = try Store.open(at: fixture.temporary.location, clock: fixture.clock.clock)
            if step == 0 { _ = try reopened.purgeDue() }
            try fixture.expectNothingFound()
            #expect(try reopened.check().problems == [])
        }
    }

    @Test func clocksThatGoBackwardsPurgeNothingEarlyAndKeepNothingForEver() throws {
        let fixture = try RetentionFixture(fillers: 5)
        // A clock far ahead purges; set right again, younger meetings are not affected by what it said.
        fixture.clock.set(testStart + 40 * 86_400)
        #expect(try fixture.store.purgeDue().meetings == [fixture.due.id])
        fixture.clock.set(testStart)
        let next = try fixture.store.createMeeting(
            .init(title: "Next", startsAt: testStart + 86_400, durationSeconds: 3600), in: fixture.organisationID)
        #expect(try fixture.store.purgeDue() == PurgeResult())
        fixture.clock.set(testStart - 1000 * 86_400)
        #expect(try fixture.store.purgeDue() == PurgeResult())
        fixture.clock.set(next.expiresAt - 1)
        #expect(try fixture.store.purgeDue() == PurgeResult())
        fixture.clock.set(next.expiresAt)
        #expect(try fixture.store.purgeDue().meetings == [next.id])
    }

    @Test func rotationSealsEverythingAnew() throws {
        let fixture = try RetentionFixture(fillers: 5)
        let seeds = try fixture.store.analysisSubject(fixture.due.id).sharedSeeds
        let oldKeys = fixture.temporary.path("old.key")
        try fixture.store.backupKeys(to: oldKeys)
        #expect(try fixture.store.rotateKey(of: fixture.organisationID) == 2)
        #expect(try fixture.store.analysisSubject(fixture.due.id).sharedSeeds == seeds)
        #expect(try fixture.store.check().problems == [])
        let old = try Store.opened(
            at: StoreLocation(store: fixture.temporary.location.store, keyFile: oldKeys), actor: .processUser,
            clock: { testStart }, isCopy: true)
        #expect(throws: StoreError(.sealBroken, "")) { try old.analysisSubject(fixture.due.id) }
        let sealed = try #require(fixture.secrets["sealed key"])
        for suffix in ["", "-wal"] {
            let data = try contents(fixture.temporary.location.store + suffix)
            #expect(data.range(of: Data(sealed)) == nil, "the old seal is still in the file")
        }
        // Interrupted before or after the rows: the next start completes it, and meanwhile keys open.
        let next = [UInt8](repeating: 7, count: 32)
        try fixture.store.keyFile.update(storeID: fixture.store.storeID) {
            $0.nextKeys[fixture.organisationID] = next
        }
        #expect(try fixture.store.analysisSubject(fixture.due.id).sharedSeeds == seeds)
        let reopened = try Store.open(at: fixture.temporary.location, clock: { testStart })
        #expect(try reopened.analysisSubject(fixture.due.id).sharedSeeds == seeds)
        #expect(try reopened.keyFile.read(storeID: reopened.storeID).organisationKeys[fixture.organisationID] == next)
        #expect(try reopened.keyFile.read(storeID: reopened.storeID).nextKeys.isEmpty)
    }

    @Test func backupsOfOtherStoresAndDamageAreRefused() throws {
        let fixture = try RetentionFixture(fillers: 5)
        let other = try RetentionFixture(fillers: 5)
        let foreign = other.temporary.path("other.db")
        try other.store.backup(to: foreign)
        #expect(throws: StoreError(.keyFileMismatch, "")) {
            try fixture.store.restoreKeys(from: other.temporary.location.keyFile)
        }
        #expect(throws: StoreError.self) { try fixture.store.restore(from: foreign) }
        #expect(throws: StoreError(.storeMissing, "")) {
            try fixture.store.restore(from: fixture.temporary.path("no.db"))
        }
        let backup = fixture.temporary.path("b.db")
        try fixture.store.backup(to: backup)
        #expect(throws: StoreError(.storeExists, "")) { try fixture.store.backup(to: backup) }
        var bytes = try contents(backup)
        for index in stride(from: 5000, to: bytes.count, by: 97) { bytes[index] ^= 0x55 }
        try bytes.write(to: URL(fileURLWithPath: backup))
        #expect(throws: StoreError.self) { try fixture.store.restore(from: backup) }
        #expect(try fixture.store.meetings(in: fixture.organisationID).count == 2)
        let leftovers = try FileManager.default.contentsOfDirectory(atPath: fixture.temporary.folder.path)
        #expect(!leftovers.contains { $0.contains(".restore-") || $0.contains(".new-") })
    }

    @Test func checksFindBrokenKeys() throws {
        let fixture = try RetentionFixture(fillers: 5)
        #expect(try fixture.store.check().meetingCount == 2)
        try fixture.store.keyFile.update(storeID: fixture.store.storeID) { keys in
            keys.wrappingKeys[fixture.due.id] = nil
            keys.wrappingKeys["m_stray"] = [UInt8](repeating: 1, count: 32)
        }
        let check = try fixture.store.check()
        #expect(check.problems.count == 1 && check.remarks.count == 1 && check.meetingCount == 1)
    }
}
