import Crypto
package import EarmarkBundle
import EarmarkFiles
import Foundation

/// What a part's records are, beside the lines.
enum PartRecord {
    /// The first: which part of which plan it is.
    struct Opening: Codable, Equatable {
        struct Body: Codable, Equatable {
            let plan: String
            let part: Int
            let parts: Int
            let items: Int
            let bundle: BundleID
        }

        let opens: Body
    }

    /// An item whose analysis began; not signed.
    struct Beginning: Codable {
        let begins: Int
    }

    /// The last: what the part holds.
    struct Closing: Codable {
        struct Body: Codable, Equatable {
            let plan: String
            let part: Int
            let lines: Int
            /// SHA-256 of all bytes before this record.
            let sha256: String
        }

        let closes: Body
    }

    /// What tells one record from another.
    struct Seen: Decodable {
        let opens: Opening.Body?
        let begins: Int?
        let closes: Closing.Body?
        let place: WorkLine.Place?
        let bundle: BundleID?
        let refusal: Refusal?
        let verdict: String?
        let path: String?

        struct Refusal: Decodable {
            let code: String
        }
    }
}

/// The file that a worker writes its part of a run to: it opens with the plan's digest and closes with what it holds.
///
/// A line is saved to disk before the next item is begun. Any thread may append.
package final class PartFile: @unchecked Sendable {
    // Sendable: every member that changes is touched under `lock` only.

    /// Items that have their line.
    package let settled: Set<Int>
    /// Items that were begun once and have none: they come last.
    package let suspects: Set<Int>
    /// Whether the part is finished already.
    package let isClosed: Bool
    private let path: String
    private let descriptor: Int32
    private let lock = NSLock()
    private let plan: RunPlan
    private let part: Int
    private let signer: LineSigner
    private var count: Int
    private var hash: SHA256

    /// Opens the part at `path` for this process alone, begins it, or goes on with it.
    ///
    /// What a killed process left behind the last whole line is cut off.
    /// - Throws: `busy`, `foreign` if it is of another plan, part or bundle, `malformed`, `inputOutput`.
    package init(_ path: String, plan: RunPlan, part: Int, signer: LineSigner) throws {
        self.path = path
        self.plan = plan
        self.part = part
        self.signer = signer
        descriptor = try PartFile.open(path)
        let opening = PartRecord.Opening(
            opens: .init(
                plan: plan.digest, part: part, parts: plan.parts, items: plan.count(ofPart: part),
                bundle: signer.bundle))
        var (settled, begun, isClosed, hash) = (Set<Int>(), Set<Int>(), false, SHA256())
        var isFirst = true
        let end = try RunLines.read(path) { bytes, _ in
            let record = try RunLines.record(bytes, path: path)
            if isFirst {
                guard record.opens == opening.opens else {
                    throw RunError(
                        .foreign, "'\(path)' is a part of another plan, another part, or of another bundle's worker")
                }
                isFirst = false
            }
            if record.closes != nil { isClosed = true }
            if let place = record.place { settled.insert(place.item) }
            if let item = record.begins { begun.insert(item) }
            if !isClosed { hash.update(data: bytes + [UInt8(ascii: "\n")]) }
        }
        guard ftruncate(descriptor, off_t(end.offset)) == 0 else { throw PartFile.failure("cut", path) }
        self.settled = settled
        suspects = begun.subtracting(settled)
        self.isClosed = isClosed
        count = settled.count
        self.hash = hash
        if isFirst { try write(try SignedJSON.line(opening, signer)) }
    }

    deinit { close(descriptor) }

    private static func open(_ path: String) throws(RunError) -> Int32 {
        let descriptor = FilePath.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode: 0o600)
        guard descriptor >= 0 else { throw failure("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isBusy = errno == EWOULDBLOCK
            let error = failure("lock", path)
            close(descriptor)
            throw isBusy ? RunError(.busy, "another process works on the part '\(path)'") : error
        }
        return descriptor
    }

    /// Takes note that an item is in hand.
    package func begin(_ item: Int) throws {
        lock.lock()
        defer { lock.unlock() }
        let encoder = JSONEncoder()
        try write(Array(try encoder.encode(PartRecord.Beginning(begins: item))) + [UInt8(ascii: "\n")])
    }

    /// Adds a line, which survives a crash of the machine once this returns.
    package func append(_ line: [UInt8]) throws {
        lock.lock()
        defer { lock.unlock() }
        try write(line)
        count += 1
    }

    /// Closes the part: nothing is missing.
    package func finish() throws {
        lock.lock()
        defer { lock.unlock() }
        let closing = PartRecord.Closing(
            closes: .init(plan: plan.digest, part: part, lines: count, sha256: Hexadecimal.text(hash.finalize())))
        try write(try SignedJSON.line(closing, signer))
    }

    private func write(_ bytes: [UInt8]) throws(RunError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw PartFile.failure("examine", path) }
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            let error = PartFile.failure("write", path)
            // Half a line must not join the next one.
            ftruncate(descriptor, status.st_size)
            throw error
        }
        guard fsync(descriptor) == 0 else { throw PartFile.failure("save", path) }
        hash.update(data: bytes)
    }

    private static func failure(_ verb: String, _ path: String) -> RunError {
        RunError(.inputOutput, "cannot \(verb) '\(path)': \(String(cString: strerror(errno)))")
    }
}
