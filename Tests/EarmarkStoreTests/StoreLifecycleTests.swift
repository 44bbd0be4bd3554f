import EarmarkFiles
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

@Suite struct StoreLifecycleTests {
    @Test func filesArePrivate() throws {
        let temporary = try TemporaryStore()
        let store = try temporary.create(clock: { testStart })
        _ = try store.createMeeting(.init(title: "Board", startsAt: testStart), in: store.organisation().id)
        for name in ["store.db", "store.db-wal", "store.db-shm", "store.db.key", "store.db.key.lock"] {
            #expect(try mode(temporary.path(name)) == 0o600, "\(name)")
        }
    }

    @Test func missingFoldersAreMadePrivate() throws {
        let temporary = try TemporaryStore()
        let location = StoreLocation(store: temporary.path("a/b/store.db"))
        _ = try Store.create(at: location, organisationName: "X")
        #expect(try mode(temporary.path("a")) == 0o700)
    }

    @Test(arguments: ["store.db", "store.db.key"]) func nothingIsOverwritten(name: String) throws {
        let temporary = try TemporaryStore()
        try Data("precious".utf8).write(to: URL(fileURLWithPath: temporary.path(name)))
        #expect(throws: StoreError(.storeExists, "")) { try temporary.create() }
        #expect(try contents(temporary.path(name)) == Data("precious".utf8))
        let names = try FileManager.default.contentsOfDirectory(atPath: temporary.folder.path)
        #expect(names == [name])
    }

    @Test func creatingTwiceKeepsTheFirst() throws {
        let temporary = try TemporaryStore()
        let first = try temporary.create().organisation().id
        #expect(throws: StoreError(.storeExists, "")) { try temporary.create() }
        #expect(try Store.open(at: temporary.location).organisation().id == first)
    }

    @Test func failedCreationLeavesNothing() throws {
        let temporary = try TemporaryStore()
        var settings = OrganisationSettings()
        settings.retentionDays = 36_501
        #expect(throws: StoreError(.valueInvalid, "")) { try temporary.create(settings: settings) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.folder.path).isEmpty)
    }

    @Test func openingNothingCreatesNothing() throws {
        let temporary = try TemporaryStore()
        #expect(throws: StoreError(.storeMissing, "")) { try Store.open(at: temporary.location) }
        #expect(!FileManager.default.fileExists(atPath: temporary.location.store))
    }

    @Test(arguments: [
        "", "not a database, but long enough to have a header of one hundred bytes or so: ......................",
    ])
    func otherFilesAreRefused(content: String) throws {
        let temporary = try TemporaryStore()
        try Data(content.utf8).write(to: URL(fileURLWithPath: temporary.location.store))
        #expect(throws: StoreError(.storeInvalid, "")) { try Store.open(at: temporary.location) }
        #expect(try contents(temporary.location.store) == Data(content.utf8))
    }

    @Test func otherDatabasesAreRefused() throws {
        let temporary = try TemporaryStore()
        try DatabaseQueue(path: temporary.location.store).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        #expect(throws: StoreError(.storeInvalid, "")) { try Store.open(at: temporary.location) }
    }

    @Test func connectionsAreStrict() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let pragmas = try keeper.store.write { database in
            try ["secure_delete", "foreign_keys", "journal_mode"].map { name in
                try String.fetchOne(database, sql: "PRAGMA \(name)")
            }
        }
        #expect(pragmas == ["1", "1", "wal"])
    }

    @Test func locationFollowsOptionThenEnvironmentThenUser() {
        let environment = ["EARMARK_STORE": "/e/store", "HOME": "/home/u"]
        #expect(StoreLocation.resolve(option: "/o", environment: environment).store == "/o")
        #expect(StoreLocation.resolve(option: nil, environment: environment).store == "/e/store")
        #expect(
            StoreLocation.resolve(option: nil, environment: ["HOME": "/home/u", "EARMARK_STORE": ""]).store
                == "/home/u/.local/share/earmark/earmark.db")
        #expect(
            StoreLocation.resolve(option: nil, environment: ["HOME": "/home/u", "XDG_DATA_HOME": "/d"]).store
                == "/d/earmark/earmark.db")
        let keyed = StoreLocation.resolve(option: "/o", environment: ["EARMARK_KEY_FILE": "/k"])
        #expect(keyed.keyFile == "/k")
        #expect(StoreLocation(store: "/o").keyFile == "/o.key")
    }
}

/// A store together with the folder that must outlive it.
struct TemporaryStoreKeeper {
    let temporary: TemporaryStore
    let store: Store
    let organisationID: OrganisationID

    static func make(
        settings: OrganisationSettings = .init(), clock: @escaping Store.Clock = { testStart }
    ) throws -> TemporaryStoreKeeper {
        let temporary = try TemporaryStore()
        let store = try temporary.create(settings: settings, clock: clock)
        return TemporaryStoreKeeper(
            temporary: temporary, store: store, organisationID: try store.organisation().id)
    }

    /// Enrols a meeting that starts at `testStart`.
    func meeting(_ roster: [RosterEntry] = [], change: (inout MeetingDraft) -> Void = { _ in }) throws -> Meeting {
        var draft = MeetingDraft(title: "Board", startsAt: testStart)
        change(&draft)
        return try store.createMeeting(draft, roster: roster, in: organisationID)
    }
}
