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
        /// Some of the files that were refused, and of those about which somebody is named.
        package var refused: [Noted] = []
        package var named: [Noted] = []

        /// A count of results, nothing resumed or left.
        package init(results: [ConditionedResult: Int] = [:]) { self.results = results }

        /// Files that were refused.
        package var failed: Int { results[.refused] ?? 0 }
        /// Files that were reached.
        package var done: Int { results.values.reduce(0, +) }
    }

    /// A file that is told of at the end.
    package struct Noted: Equatable, Sendable {
        /// The file as it was named or found.
        package let path: String
        /// Whom it names, or why it was refused.
        package let words: String
    }

    private struct State {
        var next = 0
        /// Files whose process was killed, and how often in a row; they come last.
        var again: [(item: BatchItem, deaths: Int)] = []
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
        while !isStopRequested(), let (item, deaths) = take() {
            do {
                guard let (outcome, isNew) = try process(item, deaths, isStopRequested) else { continue }
                state.withLock { state in
                    state.tally.results[outcome.conditionedResult, default: 0] += 1
                    if !isNew { state.tally.resumed += 1 }
                    state.tally.note(outcome, path: item.path)
                }
                report(BatchEvent(path: item.path, outcome: outcome, isNew: isNew))
            } catch {
                state.withLock { state in
                    state.failure = state.failure ?? error
                    state.next = items.count
                    state.again = []
                }
            }
        }
    }

    private func take() -> (item: BatchItem, deaths: Int)? {
        state.withLock { state in
            guard state.next < items.count else { return state.again.isEmpty ? nil : state.again.removeFirst() }
            state.next += 1
            return (items[state.next - 1], 0)
        }
    }

    /// The outcome of one file, and whether a line was written for it; nil where it is taken again, or left.
    private func process(
        _ item: BatchItem, _ deaths: Int, _ isStopRequested: () -> Bool
    ) throws -> (FileOutcome, isNew: Bool)? {
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
            } catch let death as AnalysisKilled {
                guard let outcome = verdict(death, item, deaths + 1, isStopRequested) else {
                    ledger.abandon(key)
                    return nil
                }
                try ledger.finish(BatchLine(sha256: sha256, request: request, outcome: outcome))
                return (outcome, true)
            } catch {
                ledger.abandon(key)
                throw error
            }
        }
    }

    /// Seconds after which what killed a process would have killed this one, too, were it after the batch.
    private static let respite = 1.0

    /// The refusal of a file that had its process killed again and again; nil where it is taken again, or left because
    /// somebody ends the batch.
    private func verdict(
        _ death: AnalysisKilled, _ item: BatchItem, _ deaths: Int, _ isStopRequested: () -> Bool
    ) -> FileOutcome? {
        Thread.sleep(forTimeInterval: BatchRunner.respite)
        guard !isStopRequested() else { return nil }
        guard deaths >= AnalysisKilled.most else {
            state.withLock { if $0.failure == nil { $0.again.append((item, deaths)) } }
            return nil
        }
        return refusal(
            item, code: AnalysisKilled.code,
            message: "\(death.process) was killed \(deaths) times; if nobody did, memory ran out. It is not tried "
                + "again with --resume; analyse it by itself.")
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

extension BatchRunner.Tally {
    /// Files of a kind that are told of one by one.
    private static let mostNoted = 30

    /// Takes note of a file that is told of at the end.
    fileprivate mutating func note(_ outcome: FileOutcome, path: String) {
        if let refusal = outcome.refusal {
            guard refused.count < Self.mostNoted else { return }
            refused.append(.init(path: path, words: "\(refusal.message) (\(refusal.code))"))
        } else if outcome.answer?.verdict == .identified, named.count < Self.mostNoted {
            named.append(.init(path: path, words: "\(outcome.label)\(outcome.identified)"))
        }
    }
}
