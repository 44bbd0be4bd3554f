import Crypto
package import EarmarkBundle
import EarmarkFiles
import Foundation

/// The file that a worker writes its part of a run to: it opens with the plan's digest and closes with what it holds.
///
/// A line is saved to disk before the next item is begun. Any thread may append.
package final class PartFile: @unchecked Sendable {
    // Sendable: every member that changes is touched under `lock` only.

    /// What an earlier process left in the file, as far as this part's signer signed it.
    package struct Found: Sendable {
        /// Items that have their line.
        var settled: Set<Int> = []
        /// How many of them were refused.
        var refused = 0
        /// Items that were begun.
        var begun: Set<Int> = []
        /// What ended earlier tries.
        var deaths: [Int: Deaths] = [:]
        /// Items that were begun, of whose end nothing is known.
        fileprivate var open: Set<Int> = []
        /// Whether the part is finished.
        package fileprivate(set) var isClosed = false
        /// Another bundle, whose worker began it; nil if this signer's did.
        fileprivate(set) var other: BundleID?
        /// Whether workers of other bundles signed lines of it.
        fileprivate var isShared = false
        /// Bytes that hold.
        var byteCount: Int64 = 0
        /// Whether lines behind them do not hold: they were changed, or are damaged.
        var isDamaged = false
        fileprivate var hash = SHA256()
    }

    /// How often an item's tries were ended by a kill.
    struct Deaths: Sendable {
        /// Its decoder was killed; the worker lived to tell.
        var ofDecoder = 0
        /// Its worker ended with it in hand, and nobody had asked it to.
        var ofWorker = 0

        /// Both together.
        var total: Int { ofDecoder + ofWorker }
    }

    /// What an earlier process left.
    let found: Found
    /// Items that were begun once and have no line: they come last.
    var suspects: Set<Int> { found.begun.subtracting(found.settled) }
    private let path: String
    private let descriptor: Int32
    private let lock = NSLock()
    private let plan: RunPlan
    private let part: Int
    private let signer: LineSigner
    private var count: Int
    private var hash: SHA256
    private var inHand: Set<Int> = []

    /// Opens the part at `path` for this process alone, begins it, or goes on with it.
    ///
    /// What a killed process left behind the last whole line is cut off, and all from the first line on that says to be
    /// this signer's and is not. Lines of other bundles' workers are taken as they are: who may have signed them is for
    /// the store to say.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - plan: the run.
    ///   - part: which part of it, from 1.
    ///   - signer: signs lines from now on.
    ///   - check: called with what lies there, before anything is written.
    /// - Throws: `busy`, `foreign` if it is of another plan or part, `malformed` if it is no file of ours,
    ///   `inputOutput`; what `check` throws.
    package init(
        _ path: String, plan: RunPlan, part: Int, signer: LineSigner, check: (Found) throws -> Void = { _ in }
    ) throws {
        self.path = path
        self.plan = plan
        self.part = part
        self.signer = signer
        descriptor = try PartFile.open(path)
        let opening = PartRecord.Opening(
            opens: .init(
                plan: plan.digest, part: part, parts: plan.parts, items: plan.count(ofPart: part),
                bundle: signer.bundle))
        let found = try PartFile.find(path, opening, plan, signer)
        self.found = found
        count = found.settled.count
        hash = found.hash
        do { try check(found) } catch {
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_size == 0 { FilePath.remove(path) }
            close(descriptor)
            throw error
        }
        guard ftruncate(descriptor, off_t(found.byteCount)) == 0 else { throw PartFile.failure("cut", path) }
        if found.byteCount == 0 { try write(try SignedJSON.line(opening, signer)) }
    }

    deinit { close(descriptor) }

    private static func open(_ path: String) throws(RunError) -> Int32 {
        // Without waiting: a pipe of this name would have it wait for ever.
        let flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = FilePath.open(path, flags, mode: 0o600)
        guard descriptor >= 0 else {
            if errno == ELOOP { throw RunError(.malformed, "'\(path)' is a link: a part goes to a plain file") }
            throw failure("open", path)
        }
        do throws(RunError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw failure("examine", path) }
            guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink <= 1, status.st_uid == geteuid() else {
                throw RunError(
                    .malformed, "'\(path)' is no plain file of yours with one name: a part is not written there")
            }
            // Whoever made it may have left it open to all.
            guard status.st_mode & 0o077 == 0 || fchmod(descriptor, 0o600) == 0 else { throw failure("close", path) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw errno == EWOULDBLOCK
                    ? RunError(.busy, "another process works on the part '\(path)'") : failure("lock", path)
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// What lies in the file, up to the first line that does not hold.
    private static func find(
        _ path: String, _ opening: PartRecord.Opening, _ plan: RunPlan, _ signer: LineSigner
    ) throws -> Found {
        var found = Found()
        try RunLines.read(path) { bytes, offset in
            guard !found.isDamaged else { return }
            let record = try? JSONDecoder().decode(PartRecord.Seen.self, from: Data(bytes))
            if offset == 0 {
                guard let opens = record?.opens, opens.isSamePart(as: opening.opens) else {
                    throw RunError(
                        .foreign,
                        "'\(path)' is a part of another plan, or another part: name another file with --out, or remove "
                            + "that one")
                }
                if opens.bundle != signer.bundle {
                    (found.other, found.isShared) = (opens.bundle, true)
                } else if signer.object(bytes) == nil {
                    throw RunError(.foreign, "'\(path)' does not begin as its worker began it: remove it")
                }
            } else if let record, !found.isClosed {
                let isOthers = record.bundle.map { $0 != signer.bundle } ?? found.isShared
                if isOthers { found.isShared = true }
                found.isDamaged = !found.take(
                    record, isSigned: isOthers || signer.object(bytes) != nil, opening.opens, plan)
            } else {
                found.isDamaged = true
            }
            guard !found.isDamaged else { return }
            found.hash.update(data: bytes + [UInt8(ascii: "\n")])
            found.byteCount += Int64(bytes.count) + 1
        }
        for item in found.open { found.deaths[item, default: Deaths()].ofWorker += 1 }
        return found
    }

    /// Takes note that an item is in hand.
    package func begin(_ item: Int) throws {
        lock.lock()
        defer { lock.unlock() }
        try write(unsigned: PartRecord.Beginning(begins: item))
        inHand.insert(item)
    }

    /// Adds the line of an item, which survives a crash of the machine once this returns.
    package func append(_ line: [UInt8], of item: Int? = nil) throws {
        lock.lock()
        defer { lock.unlock() }
        try write(line)
        if let item { inHand.remove(item) }
        count += 1
    }

    /// Takes note that an item came to no line, which is not held against it.
    func leave(_ item: Int) throws {
        lock.lock()
        defer { lock.unlock() }
        guard inHand.remove(item) != nil else { return }
        try write(unsigned: PartRecord.Leaving(leaves: item))
    }

    /// Takes note that what is in hand is not to blame if this process ends now: it was asked to.
    func leaveAll() {
        lock.lock()
        defer { lock.unlock() }
        for item in inHand.sorted() { try? write(unsigned: PartRecord.Leaving(leaves: item)) }
        inHand = []
    }

    /// Takes note that an item's decoder was killed.
    func noteDeath(_ item: Int) throws {
        lock.lock()
        defer { lock.unlock() }
        guard inHand.remove(item) != nil else { return }
        try write(try SignedJSON.line(PartRecord.Death(killed: item), signer))
    }

    /// Closes the part: nothing is missing.
    package func finish() throws {
        lock.lock()
        defer { lock.unlock() }
        let closing = PartRecord.Closing(
            closes: .init(plan: plan.digest, part: part, lines: count, sha256: Hexadecimal.text(hash.finalize())))
        try write(try SignedJSON.line(closing, signer))
    }

    private func write(unsigned record: some Encodable) throws {
        try write(Array(try JSONEncoder().encode(record)) + [UInt8(ascii: "\n")])
    }

    private func write(_ bytes: [UInt8]) throws(RunError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw PartFile.failure("examine", path) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 { rest = rest.dropFirst(written) }
            guard written >= 0 || errno == EINTR else {
                let error = PartFile.failure("write", path)
                // Half a line must not join the next one.
                ftruncate(descriptor, status.st_size)
                throw error
            }
        }
        guard fsync(descriptor) == 0 else { throw PartFile.failure("save", path) }
        hash.update(data: bytes)
    }

    private static func failure(_ verb: String, _ path: String) -> RunError {
        RunError(.inputOutput, "cannot \(verb) '\(path)': \(String(cString: strerror(errno)))")
    }
}

extension PartFile.Found {
    /// Takes a record behind the opening; whether it holds.
    fileprivate mutating func take(
        _ record: PartRecord.Seen, isSigned: Bool, _ opening: PartRecord.Opening.Body, _ plan: RunPlan
    ) -> Bool {
        func isOfPart(_ item: Int) -> Bool {
            plan.items.indices.contains(item) && plan.part(ofItem: item) == opening.part
        }
        if let item = record.begins {
            begun.insert(item)
            if !open.insert(item).inserted { deaths[item, default: .init()].ofWorker += 1 }
            return isOfPart(item)
        }
        if let item = record.leaves {
            open.remove(item)
            return isOfPart(item)
        }
        guard isSigned, record.opens == nil else { return false }
        if let item = record.killed {
            open.remove(item)
            deaths[item, default: .init()].ofDecoder += 1
            return isOfPart(item)
        }
        if let closes = record.closes {
            isClosed =
                closes.plan == opening.plan && closes.part == opening.part && closes.lines == settled.count
                && closes.sha256 == Hexadecimal.text(hash.finalize())
            return isClosed
        }
        guard let place = record.place, place.plan == opening.plan, isOfPart(place.item),
            settled.insert(place.item).inserted
        else { return false }
        open.remove(place.item)
        if record.refusal != nil { refused += 1 }
        return true
    }
}
