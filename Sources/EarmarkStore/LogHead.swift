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

/// What is remembered beside the key file.
struct NotedHead: Equatable, Sendable {
    /// The log's end.
    let head: LogHead
    /// What the clock said with the machine's running time; nil where that was never known.
    let clock: RunningClock?
}

/// The file beside the key file that remembers how long the log was: a database that is put back alone falls behind it.
///
/// One line, mode 0600, replaced whole; only ever a later head takes the place of an earlier one. With it stands what
/// the clock said, under the same seal.
struct LogHeadFile: Sendable {
    private static let format = "earmark-head"
    private static let maximumByteCount = 4096

    let path: String

    init(keyFile: String) { path = keyFile + ".head" }

    /// What it remembers; nil if there is no such file.
    func read(_ chain: AuditChain, storeID: String) throws(StoreError) -> NotedHead? {
        let bytes = try withFiles { () throws(FileError) in
            try PrivateFile.read(path, maximumByteCount: Self.maximumByteCount)
        }
        guard let bytes else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
        // Without a clock it is as versions before wrote it, and as machines do that tell no running time.
        let words = fields.dropFirst(4).dropLast()
        let clock = RunningClock(words)
        guard fields.count >= 5, fields[0] == Self.format, fields[1] == storeID, let count = Int64(fields[2]),
            let hash = Hexadecimal.bytes(fields[3].utf8), hash.count == AuditChain.byteCount,
            words.isEmpty || clock != nil,
            Hexadecimal.bytes(fields[fields.count - 1].utf8) == chain.seal(count: count, head: hash, clock: clock)
        else {
            throw StoreError(
                .rowsAltered, "'\(path)', which remembers how long the log is, was changed or is of another store",
                advice: .acceptHead)
        }
        return NotedHead(head: LogHead(count: count, hash: hash), clock: clock)
    }

    /// Remembers `head`, unless a later one is remembered or `isForced`, and the clock that `clock` makes of the one
    /// that was.
    func write(
        _ head: LogHead, _ chain: AuditChain, storeID: String, isForced: Bool = false,
        clock: (RunningClock?) -> RunningClock? = { $0 }
    ) throws(StoreError) {
        let lock = try withFiles { () throws(FileError) in try FileLock(path + ".lock") }
        defer { lock.release() }
        let known = isForced ? (try? read(chain, storeID: storeID)) ?? nil : try read(chain, storeID: storeID)
        if !isForced, let known, known.head.count >= head.count { return }
        let clock = clock(known?.clock)
        let seal = chain.seal(count: head.count, head: head.hash, clock: clock)
        let words =
            [Self.format, storeID, "\(head.count)", Hexadecimal.text(head.hash)] + (clock?.words ?? [])
            + [Hexadecimal.text(seal)]
        let line = words.joined(separator: " ") + "\n"
        try withFiles { () throws(FileError) in try PrivateFile.replace(path, bytes: Array(line.utf8)) }
    }
}
