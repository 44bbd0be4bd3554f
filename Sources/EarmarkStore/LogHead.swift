import EarmarkFiles
import Foundation

/// The end of the audit log: how long it is, and the link of its last entry.
struct LogHead: Equatable, Sendable {
    /// Entries.
    var count: Int64 = 0
    /// Link of the last one.
    var hash = AuditChain.origin

    /// As it is noted and anchored: place and link.
    var text: String { "\(count):\(Hexadecimal.text(hash))" }
}

/// The file beside the key file that remembers how long the log was: a database that is put back alone falls behind it.
///
/// One line, mode 0600, replaced whole; only ever a later head takes the place of an earlier one.
struct LogHeadFile: Sendable {
    private static let format = "earmark-head"
    private static let maximumByteCount = 4096

    let path: String

    init(keyFile: String) { path = keyFile + ".head" }

    /// What it remembers; nil if there is no such file.
    func read(_ chain: AuditChain, storeID: String) throws(StoreError) -> LogHead? {
        let bytes = try withFiles { () throws(FileError) in
            try PrivateFile.read(path, maximumByteCount: Self.maximumByteCount)
        }
        guard let bytes else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 5, fields[0] == Self.format, fields[1] == storeID, let count = Int64(fields[2]),
            let hash = Hexadecimal.bytes(fields[3].utf8), hash.count == AuditChain.byteCount,
            Hexadecimal.bytes(fields[4].utf8) == chain.seal(count: count, head: hash)
        else {
            throw StoreError(
                .rowsAltered, "'\(path)', which remembers how long the log is, was changed or is of another store",
                advice: .acceptHead)
        }
        return LogHead(count: count, hash: hash)
    }

    /// Remembers `head`, unless a later one is remembered or `isForced`.
    func write(_ head: LogHead, _ chain: AuditChain, storeID: String, isForced: Bool = false) throws(StoreError) {
        let lock = try withFiles { () throws(FileError) in try FileLock(path + ".lock") }
        defer { lock.release() }
        if !isForced, let known = try read(chain, storeID: storeID), known.count >= head.count { return }
        let seal = Hexadecimal.text(chain.seal(count: head.count, head: head.hash))
        let line = "\(Self.format) \(storeID) \(head.count) \(Hexadecimal.text(head.hash)) \(seal)\n"
        try withFiles { () throws(FileError) in try PrivateFile.replace(path, bytes: Array(line.utf8)) }
    }
}
