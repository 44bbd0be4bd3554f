import EarmarkAnalysis
import EarmarkMedia
import EarmarkStore
import Foundation
import Synchronization

/// Works through the files of a batch with several threads.
final class BatchRunner: Sendable {
    /// How a batch came out.
    struct Tally: Equatable, Encodable {
        /// Files by verdict, or `refused`.
        var results: [String: Int] = [:]
        /// Files whose line was there already.
        var resumed = 0
        /// Files that were not reached.
        var remaining = 0

        var failed: Int { results["refused"] ?? 0 }
        var done: Int { results.values.reduce(0, +) }
    }

    private struct State {
        var next = 0
        var tally = Tally()
        var failure: (any Error)?
    }

    private let items: [BatchItem]
    private let request: @Sendable (BatchItem) -> BatchRequest
    private let sessions: MeetingSessions
    private let ledger: BatchLedger
    private let earlier: EarlierAnswers?
    private let progress: BatchProgress
    private let state = Mutex(State())

    init(
        items: [BatchItem], request: @escaping @Sendable (BatchItem) -> BatchRequest, sessions: MeetingSessions,
        ledger: BatchLedger, earlier: EarlierAnswers?, progress: BatchProgress
    ) {
        self.items = items
        self.request = request
        self.sessions = sessions
        self.ledger = ledger
        self.earlier = earlier
        self.progress = progress
    }

    /// Works until all files are done, an interruption comes, or the store or the result file fails.
    func run(jobs: Int, interruption: Interruption) throws -> Tally {
        let group = DispatchGroup()
        for _ in 0..<min(jobs, max(1, items.count)) {
            group.enter()
            // Threads and not tasks: an analysis never yields, and --jobs may exceed the cores.
            let thread = Thread { [self] in
                work(interruption)
                group.leave()
            }
            thread.stackSize = BatchRunner.stackByteCount
            thread.start()
        }
        group.wait()
        progress.finish()
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.tally.remaining = items.count - state.tally.done
            return state.tally
        }
    }

    /// As much as a main thread has: decoders are written for that.
    private static let stackByteCount = 8 << 20

    private func work(_ interruption: Interruption) {
        while !interruption.isRequested, let item = take() {
            do {
                let (outcome, isNew) = try process(item)
                state.withLock { state in
                    state.tally.results[outcome.result, default: 0] += 1
                    if !isNew { state.tally.resumed += 1 }
                }
                progress.advance(outcome, path: item.path, isNew: isNew)
            } catch {
                state.withLock { state in
                    state.failure = state.failure ?? error
                    state.next = items.count
                }
            }
        }
    }

    private func take() -> BatchItem? {
        state.withLock { state in
            guard state.next < items.count else { return nil }
            state.next += 1
            return items[state.next - 1]
        }
    }

    /// The outcome of one file, and whether a line was written for it.
    private func process(_ item: BatchItem) throws -> (FileOutcome, isNew: Bool) {
        let request = request(item)
        let sha256: String
        do {
            sha256 = try FileDigest.sha256(path: item.path)
        } catch let error as MediaError {
            let outcome = refusal(item, code: error.code.rawValue, message: error.message)
            try ledger.finish(BatchLine(sha256: nil, request: request, outcome: outcome))
            return (outcome, true)
        }
        let key = BatchKey(sha256: sha256, request: request)
        switch try ledger.decide(item.path, key: key) {
        case .skip(let outcome): return (outcome, false)
        case .copy(let line):
            let copy = line.copied(to: item)
            try ledger.finish(copy)
            return (copy.outcome, true)
        case .analyse:
            do {
                let outcome = try analyse(item, key: key)
                try ledger.finish(BatchLine(sha256: sha256, request: request, outcome: outcome))
                return (outcome, true)
            } catch {
                ledger.abandon(key)
                throw error
            }
        }
    }

    private func analyse(_ item: BatchItem, key: BatchKey) throws -> FileOutcome {
        if let outcome = try earlier?.outcome(for: item, key: key) { return outcome }
        switch sessions.session(item.meeting) {
        case .failure(let error): return refusal(item, code: error.code.rawValue, message: error.message)
        case .success(let session):
            return try session.analyse(item.path, words: item.words, sha256: key.sha256, progress: nil)
        }
    }

    private func refusal(_ item: BatchItem, code: String, message: String) -> FileOutcome {
        FileOutcome(
            path: item.path, id: nil, date: UTCTime.text(Store.systemClock()),
            refusal: .init(code: code, message: message))
    }
}
