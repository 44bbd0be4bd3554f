import EarmarkFiles
import Foundation

/// The key file's content: organisation keys, and the keyring with one wrapping key for each meeting.
///
/// See `docs/file-formats.md`. The description never shows a key.
struct KeyFile: Equatable, CustomStringConvertible {
    /// Bytes in every key.
    static let keyByteCount = 32
    /// Largest key file that is read: room for over 700,000 meetings.
    static let maximumByteCount = 64 << 20
    private static let format = "earmark-keys"
    /// Version 1 had organisation and meeting keys only.
    private static let version = 2
    private static let readableVersions = 1...2

    /// The store that the keys belong to.
    let storeID: String
    /// Organisation identifier to key.
    var organisationKeys: [OrganisationID: [UInt8]] = [:]
    /// Meeting identifier to wrapping key.
    ///
    /// Deleting an entry destroys the meeting's key for good.
    var wrappingKeys: [MeetingID: [UInt8]] = [:]
    /// P-256 private key that signs reports; nil until the first report.
    var signingKey: [UInt8]?
    /// Key of the audit log's chain; nil until the first entry.
    var auditKey: [UInt8]?
    /// Entries that the audit log had when the database's rows were first sealed under the audit key; nil until then.
    var sealedFrom: Int64?
    /// Meetings whose key was destroyed by a purge, with the time.
    ///
    /// They stay: an older copy of the database or of this file must not bring such a meeting back.
    var purged: [MeetingID: Timestamp] = [:]
    /// Meetings that a restored backup lacks and whose keys live on, with the time when they are due.
    var lost: [MeetingID: Timestamp] = [:]
    /// Places that are told how far the audit log reaches.
    var anchors: [Anchor] = []
    /// Days for which the clock may be ahead of the log's last entry; nil for the default.
    var clockGuardDays: Int64?
    /// The same as it is used: within what is allowed, whatever the file says.
    var clockGuard: Int64 {
        let range = Store.clockGuardRange
        return min(max(clockGuardDays ?? Store.defaultClockGuardDays, range.lowerBound), range.upperBound)
    }
    /// Seconds for which workers take a sealed bundle; nil for the default.
    var bundleSeconds: Int64?
    /// Organisation keys of a rotation that is under way, by organisation.
    var nextKeys: [OrganisationID: [UInt8]] = [:]

    init(storeID: String) { self.storeID = storeID }

    var description: String { "KeyFile(store: \(storeID), keys: redacted)" }

    /// The file's JSON form.
    private struct Content: Codable {
        var format: String
        var version: Int
        var store: String
        var organisations: [String: String]
        var meetings: [String: String]
        var signing: String?
        var audit: String?
        var sealedFrom: Int64?
        var purged: [String: Timestamp]?
        var lost: [String: Timestamp]?
        var anchors: [Anchor]?
        var clockGuardDays: Int64?
        var bundleSeconds: Int64?
        var next: [String: String]?
    }

    /// The file's bytes.
    func serialized() throws(StoreError) -> [UInt8] {
        let content = Content(
            format: Self.format, version: Self.version, store: storeID,
            organisations: organisationKeys.byText.mapValues { Data($0).base64EncodedString() },
            meetings: wrappingKeys.byText.mapValues { Data($0).base64EncodedString() },
            signing: signingKey.map { Data($0).base64EncodedString() },
            audit: auditKey.map { Data($0).base64EncodedString() }, sealedFrom: sealedFrom,
            purged: purged.isEmpty ? nil : purged.byText, lost: lost.isEmpty ? nil : lost.byText,
            anchors: anchors.isEmpty ? nil : anchors,
            clockGuardDays: clockGuardDays, bundleSeconds: bundleSeconds,
            next: nextKeys.isEmpty ? nil : nextKeys.byText.mapValues { Data($0).base64EncodedString() })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(content)) + [UInt8(ascii: "\n")]
        } catch {
            throw StoreError(.keyFileInvalid, "the key file cannot be written as JSON")
        }
    }

    /// Reads the bytes of the key file at `path`, which only the messages use.
    init(parsing bytes: [UInt8], path: String) throws(StoreError) {
        func refuse(_ reason: String) -> StoreError {
            StoreError(.keyFileInvalid, "key file '\(path)' \(reason); restore it from a backup")
        }
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: Data(bytes))
        } catch {
            // The decoder's own message could quote key material.
            throw refuse("is not a complete Earmark key file")
        }
        guard content.format == Self.format else { throw refuse("is not an Earmark key file") }
        guard Self.readableVersions.contains(content.version) else {
            throw refuse("has unknown version \(content.version)")
        }
        storeID = content.store
        organisationKeys = .init(
            byText: try Self.decode(content.organisations, orThrow: refuse("holds a malformed organisation key")))
        wrappingKeys = .init(
            byText: try Self.decode(content.meetings, orThrow: refuse("holds a malformed meeting key")))
        sealedFrom = content.sealedFrom
        purged = .init(byText: content.purged ?? [:])
        lost = .init(byText: content.lost ?? [:])
        anchors = content.anchors ?? []
        clockGuardDays = content.clockGuardDays
        bundleSeconds = content.bundleSeconds
        nextKeys = .init(
            byText: try Self.decode(content.next ?? [:], orThrow: refuse("holds a malformed organisation key")))
        signingKey = try Self.decode(content.signing, orThrow: refuse("holds a malformed signing key"))
        auditKey = try Self.decode(content.audit, orThrow: refuse("holds a malformed audit key"))
    }

    private static func decode(
        _ key: String?, orThrow error: @autoclosure () -> StoreError
    ) throws(StoreError) -> [UInt8]? {
        guard let key else { return nil }
        return try decode(["": key], orThrow: error())[""]
    }

    /// Takes what is missing here from `copy`, but no key of a meeting that either file knows as purged; how many keys
    /// came.
    mutating func adopt(_ copy: KeyFile) -> Int {
        purged.merge(copy.purged) { mine, _ in mine }
        var count = 0
        for (id, key) in copy.organisationKeys where organisationKeys[id] == nil {
            organisationKeys[id] = key
            count += 1
        }
        for (id, key) in copy.wrappingKeys where wrappingKeys[id] == nil && purged[id] == nil {
            wrappingKeys[id] = key
            count += 1
        }
        for id in purged.keys { wrappingKeys[id] = nil }
        signingKey = signingKey ?? copy.signingKey
        auditKey = auditKey ?? copy.auditKey
        sealedFrom = sealedFrom ?? copy.sealedFrom
        return count
    }

    private static func decode(
        _ keys: [String: String], orThrow error: @autoclosure () -> StoreError
    ) throws(StoreError) -> [String: [UInt8]] {
        var decoded: [String: [UInt8]] = [:]
        for (name, text) in keys {
            guard let data = Data(base64Encoded: text), data.count == keyByteCount else { throw error() }
            decoded[name] = Array(data)
        }
        return decoded
    }
}

/// Reads and changes the key file at a path; safe among threads and processes.
struct KeyFileAccess: Sendable {
    /// The key file's path, links resolved, so that replacing it replaces the file and not the link.
    let path: String

    init(path: String) {
        guard let resolved = realpath(path, nil) else {
            self.path = path
            return
        }
        self.path = String(cString: resolved)
        free(resolved)
    }

    /// The lock that writers hold.
    var lockPath: String { path + ".lock" }

    /// Reads the file; `storeID` must match.
    ///
    /// Needs no lock since the file is only ever replaced whole.
    func read(storeID: String) throws(StoreError) -> KeyFile {
        guard
            let bytes = try withFiles({ () throws(FileError) in
                try PrivateFile.read(path, maximumByteCount: KeyFile.maximumByteCount)
            })
        else {
            throw StoreError(
                .keyFileMissing,
                "key file '\(path)' is missing; name it with \(StoreLocation.keyFileVariable) or restore it")
        }
        let keys = try KeyFile(parsing: bytes, path: path)
        guard keys.storeID == storeID else {
            throw StoreError(.keyFileMismatch, "key file '\(path)' belongs to another store")
        }
        return keys
    }

    /// Changes the file under its lock.
    func update(
        storeID: String, _ change: (inout KeyFile) throws(StoreError) -> Void
    ) throws(StoreError) {
        try update(storeID: storeID, change) { () throws(StoreError) in }
    }

    /// Changes the file under its lock, and does what must follow before anybody else changes it.
    func update<Value>(
        storeID: String, _ change: (inout KeyFile) throws(StoreError) -> Void,
        then follow: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try locked(storeID: storeID) { keys throws(StoreError) in
            var keys = keys
            try change(&keys)
            try write(keys)
            return try follow()
        }
    }

    /// Does something with the keys while nobody else changes them.
    func locked<Value>(
        storeID: String, _ body: (KeyFile) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let lock = try withFiles { () throws(FileError) in try FileLock(lockPath) }
        defer { lock.release() }
        removeLeftovers()
        return try body(try read(storeID: storeID))
    }

    /// Replaces the file; only for whoever holds its lock.
    func write(_ keys: KeyFile) throws(StoreError) {
        let bytes = try keys.serialized()
        try withFiles { () throws(FileError) in try PrivateFile.replace(path, bytes: bytes) }
    }

    /// Removes what a process left that ended while it wrote: keys that are destroyed now may be in it.
    ///
    /// Only whoever holds the lock writes such files.
    private func removeLeftovers() {
        let (folder, name) = ((path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        for leftover in names where leftover.hasPrefix(name + PrivateFile.temporaryInfix) {
            unlink((folder as NSString).appendingPathComponent(leftover))
        }
    }
}
