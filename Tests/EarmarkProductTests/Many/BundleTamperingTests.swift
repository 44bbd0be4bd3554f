import Foundation
import ProgramSupport
import Testing

/// docs/audit.md, "Rows that the keys vouch for": whoever can write to the database alone hides no bundle that is out.
@Suite struct BundleTamperingTests {
    private let store: StorePlace
    private var place: Workplace { store.place }

    init() throws {
        store = try StorePlace()
        let meeting = try store.enrol()
        for name in ["a.bundle", "b.bundle"] {
            try place.succeed("bundle", "create", "--meeting", meeting, "-o", name)
        }
    }

    @Test func whatIsOutIsListed() throws {
        #expect(try place.json("bundle", "list")["bundles"].array.count == 2)
        #expect(try store.status("store", "check") == 0)
    }

    @Test(arguments: [
        "DELETE FROM bundles", "DELETE FROM bundles WHERE position = 1",
        "DELETE FROM bundles WHERE position = 1; DELETE FROM seals WHERE scope GLOB 'bundle/*'",
        "DELETE FROM bundles; DELETE FROM seals WHERE scope GLOB 'bundle/*'",
        "DELETE FROM grdb_migrations WHERE identifier = 'v8'; DROP TABLE bundles",
        "UPDATE bundles SET expiresAt = createdAt WHERE position = 2",
    ]) func noneIsTakenOut(statements: String) throws {
        try StoreDatabase(place).execute(statements)
        let list = try place.run("bundle", "list")
        #expect(list.exitStatus == 78 && !list.text.contains("no bundle"), "\(list.text) \(list.errors)")
        #expect(try store.status("store", "check") == 78)
    }
}
