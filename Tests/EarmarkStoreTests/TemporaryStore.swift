import EarmarkFiles
import Foundation
import GRDB
import Synchronization
import Testing

@testable import EarmarkStore

/// A folder that goes away with the test, for one store.
final class TemporaryStore {
    let folder: URL
    let location: StoreLocation

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("earmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        location = StoreLocation(store: folder.appendingPathComponent("store.db").path)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Creates the store with one organisation; its clock is believed, however far a test sets it.
    func create(
        settings: OrganisationSettings = .init(), clock: @escaping Store.Clock = Store.systemClock
    ) throws -> Store {
        let store = try Store.create(
            at: location, organisationName: "Example Ltd", settings: settings, clock: clock)
        try store.keyFile.update(storeID: store.storeID) { $0.clockGuardDays = 36_500 }
        store.vouchingCache.withLock { $0?.clockGuardDays = 36_500 }
        return store
    }
}

extension Store {
    /// Writes to the database as somebody does who holds the keys, too: they vouch for what stands there then.
    func plant(_ sql: String) throws {
        try write { try $0.execute(sql: sql) }
        try keyFile.update(storeID: storeID) { $0.sealedFrom = nil }
        vouchingCache.withLock { $0 = nil }
        _ = try vouching()
    }
}

/// A clock that the test sets.
final class TestClock: Sendable {
    private let time: Mutex<Timestamp>
    init(_ time: Timestamp) { self.time = Mutex(time) }
    func set(_ value: Timestamp) { time.withLock { $0 = value } }
    var clock: Store.Clock { { self.time.withLock { $0 } } }
    /// The same for a store that takes its time: it goes on by a second whenever it is looked at.
    var ticking: Store.Clock {
        {
            self.time.withLock { time in
                time = time + 1
                return time
            }
        }
    }
}

/// The permission bits of the file at `path`.
func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
}

/// The bytes of the file at `path`.
func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

/// 2023-11-14T22:13:20Z.
let testStart: Timestamp = 1_700_000_000

/// A roster entry for participant `number`.
func entry(_ number: Int, device: String = "laptop", kind: ClientKind = .desktop) -> RosterEntry {
    RosterEntry(participant: "Person \(number)", email: "p\(number)@example.org", device: device, kind: kind)
}

extension Store {
    /// What `verifyAudit` finds, but not that the clock's guard is another than the log says: temporary stores set it
    /// in the key file alone.
    func auditFindings(noted: (position: Int64, hash: String)? = nil) throws(StoreError) -> AuditVerification {
        var result = try verifyAudit(noted: noted)
        result.problems.removeAll { $0.contains("lets the clock be 36500 days ahead, and by the log 30 were set") }
        return result
    }
}
