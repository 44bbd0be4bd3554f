package import EarmarkAnswer
import EarmarkBundle
import Foundation
import Synchronization

/// Works through a worker's part of a run.
package final class PartWork: Sendable {
    /// How a part came out.
    package struct Tally: Equatable, Sendable {
        /// Items by what came of them, in this process.
        package var results: [FileResult: Int] = [:]
        /// Items whose line was there already.
        package var resumed = 0
        /// Items that were not reached.
        package var remaining = 0
    }

    private struct State {
        var next = 0
        var tally = Tally()
        var failure: (any Error)?
    }

    private let plan: RunPlan
    private let worker: Worker
    private let file: PartFile
    private let root: String?
    private let items: [Int]
    private let report: @Sendable (FileOutcome) -> Void
    private let state = Mutex(State())

    /// As much as a main thread has: decoders are written for that.
    private static let stackByteCount = 8 << 20

    /// - Parameters:
    ///   - plan: the run.
    ///   - part: which part of it, from 1.
    ///   - worker: answers.
    ///   - file: takes the lines.
    ///   - root: where relative inputs lie; nil for the working folder.
    ///   - report: called for each item as it is done, from any thread.
    package init(
        _ plan: RunPlan, part: Int, worker: Worker, file: PartFile, root: String?,
        report: @escaping @Sendable (FileOutcome) -> Void
    ) {
        self.plan = plan
        self.worker = worker
        self.file = file
        self.root = root
        self.report = report
        let open = plan.places(ofPart: part).filter { !file.settled.contains($0) }
        // What was in hand when an earlier process ended comes last: it must not keep the others from being done.
        items = open.filter { !file.suspects.contains($0) } + open.filter { file.suspects.contains($0) }
    }

    /// Works until all items are done, `isStopRequested` says so, or something fails that trying again may mend; closes
    /// the part if nothing is missing.
    package func run(jobs: Int, isStopRequested: @escaping @Sendable () -> Bool) throws -> Tally {
        let group = DispatchGroup()
        for _ in 0..<min(jobs, max(1, items.count)) {
            group.enter()
            let thread = Thread { [self] in
                while !isStopRequested(), let item = take() { process(item) }
                group.leave()
            }
            thread.stackSize = PartWork.stackByteCount
            thread.start()
        }
        group.wait()
        let (tally, failure) = state.withLock { state in
            state.tally.resumed = file.settled.count
            state.tally.remaining = items.count - state.tally.results.values.reduce(0, +)
            return (state.tally, state.failure)
        }
        if let failure { throw failure }
        if tally.remaining == 0, !file.isClosed { try file.finish() }
        return tally
    }

    private func take() -> Int? {
        state.withLock { state in
            guard state.next < items.count else { return nil }
            state.next += 1
            return items[state.next - 1]
        }
    }

    private func process(_ item: Int) {
        do {
            try file.begin(item)
            let result = try worker.work(.init(plan, at: item, root: root))
            try file.append(result.line)
            state.withLock { $0.tally.results[result.outcome.result, default: 0] += 1 }
            report(result.outcome)
        } catch {
            state.withLock { state in
                state.failure = state.failure ?? error
                // An input that cannot be had must not keep the others from being done.
                let isOneInput = (error as? RunError).map { [.unknownInput, .inputRefused].contains($0.code) } ?? false
                if !isOneInput { state.next = items.count }
            }
        }
    }
}
