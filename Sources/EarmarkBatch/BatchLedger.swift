import EarmarkAnswer
import EarmarkFiles
import EarmarkMedia
import EarmarkService
import Foundation

/// What a batch has done and is doing: decides for each file whether it is skipped, copied or analysed.
///
/// Shared by the workers under one lock; answers themselves stay in the result file.
package final class BatchLedger: @unchecked Sendable {
    // Sendable: every member below is touched under `lock` only.

    /// What is to be done about a file.
    enum Decision {
        /// Its last line says so already.
        case skip(FileOutcome)
        /// The same content was analysed for the same request; this is its line.
        case copy(BatchLine)
        /// Nobody has: the caller does, and calls `finish` or `abandon`.
        case analyse
    }

    /// A file and what is asked about it, whatever it holds.
    private struct Question: Hashable {
        let path: PathKey
        let request: BatchRequest

        init(path: String, request: BatchRequest) {
            self.path = PathKey(path)
            self.request = request
        }
    }

    private let lock = NSCondition()
    private let results: ResultFile
    private var offsets: [BatchKey: Int64] = [:]
    /// Digest of what the last line about a file answers for; none if the file could not be asked about.
    private var latest: [Question: String] = [:]
    private var inHand: Set<BatchKey> = []
    /// Why files could not be asked about: unreadable, or their meeting refused.
    private var failures: [Question: String] = [:]
    /// Lines that were there already, by what they answer; written while this is made, and not after.
    private(set) var earlier: [BatchRequest: Int] = [:]

    /// The result file.
    var path: String { results.path }

    /// Starts from what `results` holds already.
    package init(results: ResultFile) throws(BatchError) {
        self.results = results
        try results.readLines { line, offset in
            earlier[line.request, default: 0] += 1
            note(line, at: offset)
        }
    }

    /// Whether asking again could end otherwise: a refusal of the store's or one that the content does not decide.
    private static func mayPass(_ code: String) -> Bool {
        code != AnalysisKilled.code && !(MediaError.Code(rawValue: code)?.isDecidedByContent ?? false)
    }

    private func note(_ line: BatchLine, at offset: Int64) {
        let question = Question(path: line.outcome.path, request: line.request)
        let refusal = line.outcome.refusal?.code
        guard let key = line.key, !(refusal.map(BatchLedger.mayPass) ?? false) else {
            failures[question] = refusal
            latest[question] = nil
            return
        }
        failures[question] = nil
        offsets[key] = offsets[key] ?? offset
        latest[question] = key.sha256
    }

    /// Whether the last line about `item` stands.
    package func isSettled(_ item: BatchItem, _ request: BatchRequest) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        let question = Question(path: item.path, request: request)
        return latest[question] != nil || failures[question] != nil
    }

    /// What is to be done about `path`; waits while another worker has the same content in hand.
    func decide(_ path: String, key: BatchKey) throws -> Decision {
        lock.lock()
        defer { lock.unlock() }
        while inHand.contains(key) { lock.wait() }
        guard let offset = offsets[key] else {
            inHand.insert(key)
            return .analyse
        }
        let line = try results.line(at: offset)
        // An earlier line is said again where later ones tell of other content or of none.
        let isLast = latest[Question(path: path, request: key.request)] == key.sha256
        return isLast ? .skip(line.outcome) : .copy(line)
    }

    /// Adds a line, unless it only repeats a failure that may have passed.
    func finish(_ line: BatchLine) throws {
        lock.lock()
        defer { lock.unlock() }
        let question = Question(path: line.outcome.path, request: line.request)
        defer { release(line.key) }
        if let code = line.outcome.refusal?.code, failures[question] == code { return }
        note(line, at: try results.append(line))
    }

    /// Lets go of a file that was neither answered nor refused.
    func abandon(_ key: BatchKey) {
        lock.lock()
        defer { lock.unlock() }
        release(key)
    }

    private func release(_ key: BatchKey?) {
        guard let key else { return }
        inHand.remove(key)
        lock.broadcast()
    }
}
