import EarmarkFiles
import Foundation
import GRDB
import Synchronization

/// The store: organisations, meetings, clients, tickets and analyses in one SQLite database, keys in a key file.
///
/// Safe to use from any thread, and by any number of processes at a time. Every method throws `StoreError`.
public final class Store: Sendable {
    /// Where the files lie.
    public let location: StoreLocation
    /// Who acts, as the audit log names it.
    public let actor: AuditActor
    let clock: Clock
    let running: RunningTime.Source
    let keyFile: KeyFileAccess
    let pool: DatabasePool
    /// Ties the key file to this store.
    let storeID: String
    /// Shares of split keys that the process was given, by meeting and number.
    let sharesAtHand = Mutex<[MeetingID: [Int: KeyShare]]>([:])
    /// What opening purged.
    let opening = Mutex(OpeningPurge())
    /// What the key file vouches with, once it was read.
    let vouchingCache = Mutex<Vouching?>(nil)
    /// What the log told, as far as it was read.
    let historyCache = Mutex<LogHistory?>(nil)
    /// Tells the user of something that stops nothing.
    let warn: @Sendable (String) -> Void
    /// Anchors whose failure was told already.
    let silentAnchors = Mutex<Set<String>>([])
    /// Whether this is a copy of the store's database, which may be older than the log that the keys remember.
    let isCopy: Bool

    private init(
        location: StoreLocation, actor: AuditActor, clock: @escaping Clock, running: @escaping RunningTime.Source,
        pool: DatabasePool, storeID: String,
        warn: @escaping @Sendable (String) -> Void = { _ in }, isCopy: Bool = false
    ) {
        self.isCopy = isCopy
        self.warn = warn
        self.location = location
        self.actor = actor
        self.clock = clock
        self.running = running
        self.pool = pool
        self.storeID = storeID
        keyFile = KeyFileAccess(path: location.keyFile)
    }

    // MARK: Creating and opening

    /// Creates a store with its first organisation.
    ///
    /// - Parameters:
    ///   - location: where to put database and key file; neither may exist. Missing folders are made.
    ///   - organisationName: name of the first organisation, 1 to 200 characters.
    ///   - settings: the organisation's decisions.
    ///   - actor: who acts.
    ///   - clock: tells the time.
    ///   - running: tells for how long the machine has run.
    /// - Throws: `storeExists` if either file is there already; then nothing is changed.
    public static func create(
        at location: StoreLocation, organisationName: String, settings: OrganisationSettings = .init(),
        actor: AuditActor = .processUser, clock: @escaping Clock = Store.systemClock,
        running: @escaping RunningTime.Source = RunningTime.system
    ) throws(StoreError) -> Store {
        try validate(organisationName: organisationName)
        try settings.validate()
        for path in [location.store, location.keyFile] where PrivateFile.exists(path) {
            throw StoreError(.storeExists, "'\(path)' exists already and is not overwritten")
        }
        for path in [location.store, location.keyFile] {
            do throws(FileError) {
                try PrivateFile.createParentFolder(of: path)
            } catch {
                throw StoreError(
                    .inputOutput, error.message + "; $EARMARK_STORE and $EARMARK_KEY_FILE name another place")
            }
        }
        let storeID = Identifier.make(.store)
        let keys = KeyFile(storeID: storeID)
        // Exclusive creation decides a race between two processes: the loser throws here and removes nothing.
        let bytes = try keys.serialized()
        try withFiles { () throws(FileError) in try PrivateFile.create(location.keyFile, bytes: bytes) }
        do {
            try withFiles { () throws(FileError) in try PrivateFile.create(location.store, bytes: []) }
        } catch {
            FilePath.remove(location.keyFile)
            throw error
        }
        do {
            let pool = try openPool(location.store)
            try prepare(pool, path: location.store, storeID: storeID, now: clock())
            let store = Store(
                location: location, actor: actor, clock: clock, running: running, pool: pool, storeID: storeID)
            _ = try store.addOrganisation(name: organisationName, settings: settings)
            return store
        } catch {
            for suffix in ["", "-wal", "-shm"] { FilePath.remove(location.store + suffix) }
            for suffix in ["", ".head", ".head.lock"] { FilePath.remove(location.keyFile + suffix) }
            throw error
        }
    }

    /// Opens an existing store, brings its schema up to date and purges the meetings whose retention has run out.
    ///
    /// The key file is read only when a key is needed. A purge that fails is no failure to open: `openingPurge` tells
    /// of it.
    ///
    /// - Parameters:
    ///   - location: where the files lie.
    ///   - actor: who acts.
    ///   - clock: tells the time.
    ///   - running: tells for how long the machine has run.
    ///   - shares: files with persons' shares of split meeting keys, for this object alone; a bad one purges nothing.
    ///   - warn: told of what stops nothing and must not go unseen: an anchor that fails.
    ///   - purges: false only for what must see the store as it is, such as a check, a copy, or the purge itself: keys
    ///     of what is due are destroyed in the key file, whose copy of the database this may be.
    /// - Throws: `storeMissing`, `storeInvalid`, `storeTooNew`, `storeBusy` or `inputOutput`.
    public static func open(
        at location: StoreLocation, actor: AuditActor = .processUser, clock: @escaping Clock = Store.systemClock,
        running: @escaping RunningTime.Source = RunningTime.system,
        shares: [String] = [], warn: @escaping @Sendable (String) -> Void = { _ in }, purges: Bool = true
    ) throws(StoreError) -> Store {
        let store = try opened(at: location, actor: actor, clock: clock, running: running, warn: warn)
        store.removeLeftCopies()
        try store.finishWhatWasBegun()
        for path in shares { try store.takeShare(at: path) }
        if purges { store.purgeWhatIsDue() }
        return store
    }

    /// Opens a store, or a copy of one, as it is: only its schema is brought up to date.
    static func opened(
        at location: StoreLocation, actor: AuditActor, clock: @escaping Clock,
        running: @escaping RunningTime.Source = RunningTime.system,
        warn: @escaping @Sendable (String) -> Void = { _ in }, isCopy: Bool = false
    ) throws(StoreError) -> Store {
        guard let status = FilePath.status(location.store) else {
            guard errno == ENOENT else { throw StoreError(PrivateFile.systemError("open", location.store)) }
            throw StoreError(
                .storeMissing, "there is no store at '\(location.store)'", advice: .createStore)
        }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { throw notAStore(location.store) }
        let pool = try openPool(location.store)
        try migrate(pool, path: location.store)
        let storeID = try mapErrors(path: location.store) {
            try pool.read { try String.fetchOne($0, sql: "SELECT id FROM store") }
        }
        guard let storeID else { throw notAStore(location.store) }
        return Store(
            location: location, actor: actor, clock: clock, running: running, pool: pool, storeID: storeID, warn: warn,
            isCopy: isCopy)
    }

    /// Completes purges and rotations of a process that ended on the way.
    private func finishWhatWasBegun() throws(StoreError) {
        do throws(StoreError) {
            try finishPurges()
            try finishRotations()
        } catch
            where [.keyFileMissing, .keyFileExposed, .keyFileInvalid, .keyFileMismatch, .rowsAltered]
            .contains(error.code)
        {
            // Much can be done without the keys, and a look at what was altered; what cannot says so itself.
            return
        }
    }

    /// Every connection enforces foreign keys, overwrites what it deletes, and waits for other processes.
    private static func openPool(_ path: String) throws(StoreError) -> DatabasePool {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(FileLock.timeout)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF")
        }
        return try mapErrors(path: path) {
            // SQLite gives the -wal and -shm files the mode of the database, so 0600 carries over.
            try DatabasePool(path: FilePath.databaseName(path), configuration: configuration)
        }
    }

    /// Turns an empty database into an empty store.
    private static func prepare(
        _ pool: DatabasePool, path: String, storeID: String, now: Timestamp
    ) throws(StoreError) {
        try mapErrors(path: path) {
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            }
            try Schema.migrator.migrate(pool)
            try pool.write { database in
                try database.execute(
                    sql: "INSERT INTO store (onlyRow, id, createdAt) VALUES (1, ?, ?)", arguments: [storeID, now])
            }
        }
    }

    /// Runs missing migrations, one process at a time.
    private static func migrate(_ pool: DatabasePool, path: String) throws(StoreError) {
        let migrator = Schema.migrator
        let state = try mapErrors(path: path) {
            try pool.read { database in
                (
                    applicationID: try Int32.fetchOne(database, sql: "PRAGMA application_id"),
                    isTooNew: try migrator.hasBeenSuperseded(database),
                    isComplete: try migrator.hasCompletedMigrations(database)
                )
            }
        }
        guard state.applicationID == Schema.applicationID else { throw notAStore(path) }
        guard !state.isTooNew else {
            throw StoreError(.storeTooNew, "store '\(path)' was written by a newer Earmark; update this one")
        }
        try mapErrors(path: path) { try pool.read { try Schema.refuseForeignObjects($0, path: path) } }
        guard !state.isComplete else { return }
        let lock = try withFiles { () throws(FileError) in try FileLock(path + ".lock") }
        defer { lock.release() }
        try mapErrors(path: path) { try migrator.migrate(pool) }
    }

    private static func notAStore(_ path: String) -> StoreError {
        StoreError(.storeInvalid, "'\(path)' is not an Earmark store")
    }

    // MARK: Access for the extensions

    /// Reads in one consistent snapshot.
    func read<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try Self.mapErrors(path: location.store) { try pool.read(body) }
    }

    /// Writes in one transaction: all of `body` or, if it throws, nothing.
    func write<Value>(_ body: (Database) throws -> Value) throws(StoreError) -> Value {
        try Self.mapErrors(path: location.store) { try pool.write(body) }
    }

    /// Whether `table` has a row with this identifier.
    func contains(_ table: String, id: String) throws(StoreError) -> Bool {
        try read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE id = ?)", arguments: [id]) ?? false
        }
    }

    /// Moves all that the -wal file holds into the database.
    ///
    /// Deleted bytes that SQLite overwrote are gone from the database only afterwards.
    func checkpoint() throws(StoreError) {
        try Self.mapErrors(path: location.store) {
            _ = try pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        }
    }

    /// Rewrites the database without the space that deleted rows left.
    func vacuum() throws(StoreError) {
        try Self.mapErrors(path: location.store) { try pool.vacuum() }
    }

    private static func takesNoFiles(_ folder: String) -> Bool { access(FilePath.join(folder, "."), W_OK | X_OK) != 0 }

    /// Passes store errors on and gives SQLite's a message; their arguments, which may be secret, stay out.
    static func mapErrors<Value>(path: String, _ body: () throws -> Value) throws(StoreError) -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw error
        } catch let error as DatabaseError {
            if let reason = FileLock.reasonAgainst(databaseAt: path, error.extendedResultCode.rawValue) {
                throw StoreError(.inputOutput, "store '\(path)' cannot be used where it lies: \(reason)")
            }
            let isFull = FileLock.isFull(databaseAt: path, error.extendedResultCode.rawValue)
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                throw StoreError(.storeBusy, "store '\(path)' is busy with another process; try again")
            case .SQLITE_FULL,
                .SQLITE_IOERR where isFull:
                throw StoreError(.storeFull, "store '\(path)': the disk is full; make room and try again")
            case .SQLITE_CANTOPEN where access(path, R_OK | W_OK) != 0, .SQLITE_READONLY where access(path, W_OK) != 0:
                let reason = String(cString: strerror(errno))
                throw StoreError(
                    .inputOutput,
                    "store '\(path)' cannot be opened for reading and writing: \(reason); "
                        + "open it to this user, or name another store ($EARMARK_STORE)")
            case .SQLITE_CANTOPEN where takesNoFiles(FilePath.parent(path)),
                .SQLITE_READONLY where takesNoFiles(FilePath.parent(path)):
                let reason = String(cString: strerror(errno))
                throw StoreError(
                    .inputOutput,
                    "store '\(path)' cannot be used: in its folder nothing can be created (\(reason)), and files "
                        + "beside it are needed; open the folder to this user, or name another store "
                        + "($EARMARK_STORE)")
            case .SQLITE_NOTADB, .SQLITE_CORRUPT:
                throw StoreError(.storeInvalid, "'\(path)' is not an Earmark store, or is damaged")
            default:
                let reason = error.message ?? "no reason given"
                throw StoreError(
                    .inputOutput, "store '\(path)': SQLite error \(error.extendedResultCode.rawValue): \(reason)")
            }
        } catch is RowDecodingError {
            throw StoreError(
                .rowsAltered, "the database '\(path)' holds a value that Earmark did not write",
                advice: .restoreBackup)
        } catch {
            throw StoreError(.inputOutput, "store '\(path)': \(error.localizedDescription)")
        }
    }
}
