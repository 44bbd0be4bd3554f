import EarmarkAnswer
import EarmarkFiles
import EarmarkMark
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

@Suite struct MigrationTests {
    /// Puts the store of schema version 1 in place, as it was released.
    private func version1() throws -> TemporaryStore {
        let temporary = try TemporaryStore()
        let sql = try #require(
            Bundle.module.url(forResource: "store-v1", withExtension: "sql", subdirectory: "Fixtures"))
        let key = try #require(
            Bundle.module.url(forResource: "store-v1", withExtension: "key", subdirectory: "Fixtures"))
        let text = String(decoding: try Data(contentsOf: sql), as: UTF8.self)
        try DatabaseQueue(path: temporary.location.store).writeWithoutTransaction { try $0.execute(sql: text) }
        try PrivateFile.create(temporary.location.keyFile, bytes: [UInt8](try Data(contentsOf: key)))
        return temporary
    }

    @Test func version1Opens() throws {
        let temporary = try version1()
        let store = try Store.open(at: temporary.location, clock: { testStart })
        #expect(try store.organisation().domains == ["example.org"])
        let meeting = try store.meeting("m_aaaaaaaaaaaaaaaa")
        #expect(meeting.state == .available)
        #expect(try store.clients(ofMeeting: meeting.id).map(\.kind) == [.desktop, .web])
        #expect(
            try store.presences(inMeeting: meeting.id) == [
                "c_aaaaaaaaaaaaaaaa": [PresenceInterval(joinedAt: testStart + 60, leftAt: testStart + 120)]
            ])
        #expect(try store.tickets(ofMeeting: meeting.id).map(\.revokedAt) == [testStart + 900])
        #expect(try store.analyses().map(\.content.outcome) == [.verdict(.identified)])
    }

    /// The sealed key and the expected seeds were computed by other code: sealing and derivation may never change.
    @Test func version1KeyOpensToKnownSeeds() throws {
        let temporary = try version1()
        let subject = try Store.open(at: temporary.location, clock: { testStart })
            .analysisSubject("m_aaaaaaaaaaaaaaaa")
        #expect(subject.sharedSeeds == KnownAnswers.shared)
        #expect(subject.candidates.map(\.identitySeed) == KnownAnswers.identities)
        #expect(subject.candidates.map(\.isMarkable) == [true, false])
    }

    @Test func newStoresHaveTheSchemaOfMigratedOnes() throws {
        func schema(_ store: Store) throws -> [String] {
            try store.read { database in
                try String.fetchAll(
                    database, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
            }
        }
        let temporary = try version1()
        let keeper = try TemporaryStoreKeeper.make()
        #expect(try schema(try Store.open(at: temporary.location)) == schema(keeper.store))
    }

    @Test func laterSchemasAreRefused() throws {
        let keeper = try TemporaryStoreKeeper.make()
        try keeper.store.write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('v99')")
        }
        #expect(throws: StoreError(.storeTooNew, "")) { try Store.open(at: keeper.temporary.location) }
    }

    @Test func unfinishedMigrationsAreRun() throws {
        let temporary = try TemporaryStore()
        try DatabaseQueue(path: temporary.location.store).writeWithoutTransaction { database in
            try database.execute(
                sql: """
                    PRAGMA application_id = \(Schema.applicationID);
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)
                    """)
        }
        // The tables appear; without its own row it is still no store.
        #expect(throws: StoreError(.storeInvalid, "")) { try Store.open(at: temporary.location) }
        let tables = try DatabaseQueue(path: temporary.location.store).read { try $0.tableExists("meetings") }
        #expect(tables)
    }
}

/// HKDF-SHA256 of the key 00..1f, computed with Python's hmac module.
enum KnownAnswers {
    static let key = [UInt8](0..<32)
    static let shared = SharedSeeds(
        pilot: seed("48d2fa5ae233cda417c46930a3bf0b603fedd1d3be4d21e5daad5eec716d78d1"),
        timeline: seed("5cbf2af12547e4493baeb75c972f4499642b4aa25b1c7f7f608b851f4dacb539"))
    /// Of the clients c_aaaaaaaaaaaaaaaa and c_aaaaaaaaaaaaaaab.
    static let identities = [
        seed("095b744bee2d89f8c985032a4dffd6090678eb2b9b35e0abba1cb52ae1b51102"),
        seed("5b53214c4910eee3c0e91ad90289055da838a0176c9bf286fcb7a0740c2b31c2"),
    ]

    private static func seed(_ hexadecimal: String) -> Seed {
        let digits = hexadecimal.compactMap { $0.hexDigitValue.map { UInt8($0) } }
        let bytes = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        // A mistyped constant gives the zero seed, which no test expects.
        return Seed(bytes: bytes) ?? Seed(zero: ())
    }
}

extension Seed {
    fileprivate init(zero: Void) {
        guard let seed = Seed(bytes: [UInt8](repeating: 0, count: Seed.byteCount)) else {
            preconditionFailure("seeds have \(Seed.byteCount) bytes")
        }
        self = seed
    }
}
