import EarmarkAnalysis
package import EarmarkAnswer
import EarmarkFiles
import EarmarkMedia
package import EarmarkService
package import EarmarkStore
import Foundation
import Synchronization

/// Works through the files of a batch with several threads.
package final class BatchRunner: Sendable {
    /// How a batch came out.
    package struct Tally: Equatable, Sendable {
        /// Files by what came of them.
        package var results: [ConditionedResult: Int]
        /// Files whose line was there already.
        package var resumed = 0
        /// Files that were not reached.
        package var remaining = 0

        /// A count of results, nothing resumed or left.
        package init(results: [ConditionedResult: Int] = [:]) { self.results = results }

        /// Files that were refused.
        package var failed: Int { results[.refused] ?? 0 }
        /// Files that were reached.
        package var done: Int { results.values.reduce(0, +) }
    }

    private struct State {
        var next = 0
        var tally = Tally()
        var failure: (any Error)?
    }

    private let items: [BatchItem]
    private let options: AnalysisOptions
    private let analyst: any BatchAnalyst
    private let clock: Store.Clock
    private let journal: PartJournal?
    private let ledger: BatchLedger
    private let earlier: EarlierAnswers?
    private let report: @Sendable (BatchEvent) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - items: the files.
    ///   - options: what is asked about a file.
    ///   - analyst: analyses files.
    ///   - clock: tells the time.
    ///   - journal: takes note of what is in hand; nil for nothing.
    ///   - ledger: what was done before.
    ///   - earlier: stored answers that no line tells of; nil if they do not count.
    ///   - report: called for each file as it is done, from any thread.
    package init(
        items: [BatchItem], options: AnalysisOptions, analyst: any BatchAnalyst, clock: @escaping Store.Clock,
        ledger: BatchLedger, journal: PartJournal?,
        earlier: EarlierAnswers?, report: @escaping @Sendable (BatchEvent) -> Void
    ) {
        self.items = items
        self.options = options
        self.analyst = analyst
        self.clock = clock
        self.journal = journal
        self.ledger = ledger
        self.earlier = earlier
        self.report = report
    }

    /// Works until all files are done, `isStopRequested` says so, or the store or the result file fails.
    package func run(jobs: Int, isStopRequested: @escaping @Sendable () -> Bool) throws -> Tally {
        let group = DispatchGroup()
        for _ in 0..<min(jobs, max(1, items.count)) {
            group.enter()
            // Threads and not tasks: an analysis never yields, and --jobs may exceed the cores.
            let thread = Thread { [self] in
                work(isStopRequested)
                group.leave()
            }
            thread.stackSize = BatchRunner.stackByteCount
            thread.start()
        }
        group.wait()
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.tally.remaining = items.count - state.tally.done
            return state.tally
        }
    }

    /// As much as a main thread has: decoders are written for that.
    private static let stackByteCount = 8 << 20

    private func work(_ isStopRequested: () -> Bool) {
        while !isStopRequested(), let item = take() {
            do {
                let (outcome, isNew) = try process(item)
                state.withLock { state in
                    state.tally.results[outcome.conditionedResult, default: 0] += 1
                    if !isNew { state.tally.resumed += 1 }
                }
                report(BatchEvent(path: item.path, outcome: outcome, isNew: isNew))
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
        let request = BatchRequest(item, options)
        if let refusal = item.refusal {
            let outcome = self.refusal(item, code: refusal.code, message: refusal.message)
            try ledger.finish(BatchLine(sha256: nil, request: request, outcome: outcome))
            return (outcome, true)
        }
        let sha256: String
        do {
            sha256 = try digest(of: item.path)
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

    private func digest(of path: String) throws -> String {
        if let known = journal?.digest(of: path) { return known }
        let stamp = ReadFiles.Stamp(path)
        let sha256 = try FileDigest.sha256(path: path)
        try journal?.note(sha256, of: path, stamp: stamp)
        return sha256
    }

    private func analyse(_ item: BatchItem, key: BatchKey) throws -> FileOutcome {
        if let outcome = try earlier?.outcome(for: item, key: key) { return outcome }
        try journal?.begin(item)
        return try analyst.analyse(item, sha256: key.sha256)
    }

    private func refusal(_ item: BatchItem, code: String, message: String) -> FileOutcome {
        FileOutcome(item, date: clock().text, code: code, message: message)
    }
}
