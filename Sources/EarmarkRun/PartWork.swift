package import EarmarkAnswer
import EarmarkBatch
import EarmarkBundle
package import EarmarkLog
import EarmarkOutput
import Foundation
import Synchronization

/// Works through a worker's part of a run.
package final class PartWork: Sendable {
    /// How a part came out.
    package struct Tally: Equatable, Sendable {
        /// Items by what came of them, in this process.
        package var results: [ConditionedResult: Int] = [:]
        /// Items whose line was there already.
        package var resumed = 0
        /// How many of those were refused.
        package var refusedBefore = 0
        /// Items that cannot be had.
        package var lost = 0
        /// Items without a line, those that cannot be had included.
        package var remaining = 0
        /// Whether all that cannot be had is simply not there.
        package var isOnlyUnknown = true

        /// Items that were refused, ever.
        package var refused: Int { refusedBefore + (results[.refused] ?? 0) }
        /// Items that were settled in this process.
        package var done: Int { results.values.reduce(0, +) }
    }

    private struct State {
        var queue: ArraySlice<Int> = []
        var tally = Tally()
        var failure: (any Error)?
        /// What was in the way of the last inputs that came to an end, and of how many in a row.
        var obstacle: (what: RunError.Obstacle, count: Int)?
    }

    /// Inputs in a row with one obstacle after which no other is begun: a server that does not answer takes 15 s to be
    /// given up, until it is known (`SilentServers`).
    private static let mostAlike = 10

    private let plan: RunPlan
    private let part: Int
    private let worker: Worker
    private let file: PartFile
    private let root: String?
    private let log: EventLog
    private let items: [Int]
    /// Those of them that are taken one at a time, so that it is known which of them kills.
    private let killers: [Int]
    private let say: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// As much as a main thread has: decoders are written for that.
    private static let stackByteCount = 8 << 20

    /// - Parameters:
    ///   - plan: the run.
    ///   - part: which part of it, from 1.
    ///   - worker: answers.
    ///   - file: takes the lines.
    ///   - root: where relative inputs lie; nil for the working folder.
    ///   - log: takes an event for each input.
    ///   - say: takes a line for people about each input that is refused or cannot be had, from any thread.
    package init(
        _ plan: RunPlan, part: Int, worker: Worker, file: PartFile, root: String?, log: EventLog = .none,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.plan = plan
        self.part = part
        self.worker = worker
        self.file = file
        self.root = root
        self.log = log
        self.say = say
        let open = plan.places(ofPart: part).filter { !file.found.settled.contains($0) }
        // What was in hand when an earlier process ended comes last: it must not keep the others from being done.
        let suspects = file.suspects
        items = open.filter { !suspects.contains($0) } + open.filter { suspects.contains($0) }
        killers = items.filter { (file.found.deaths[$0]?.total ?? 0) >= AnalysisKilled.most - 1 }
    }

    /// Works until all items are done, `isStopRequested` says so, or the part or its bundle fails; closes the part if
    /// nothing is missing.
    ///
    /// - Returns: how it came out, and what ended it early.
    package func run(
        jobs: Int, isStopRequested: @escaping @Sendable () -> Bool
    ) -> (tally: Tally, failure: (any Error)?) {
        let alone = Set(killers)
        work(items.filter { !alone.contains($0) }, jobs: jobs, isStopRequested)
        work(killers, jobs: 1, isStopRequested)
        var (tally, failure) = state.withLock { ($0.tally, $0.failure) }
        tally.resumed = file.found.settled.count
        tally.refusedBefore = file.found.refused
        tally.remaining = items.count - tally.done
        if failure == nil, tally.remaining == 0, !file.found.isClosed {
            do { try file.finish() } catch { failure = error }
        }
        return (tally, failure)
    }

    private func work(_ items: [Int], jobs: Int, _ isStopRequested: @escaping @Sendable () -> Bool) {
        state.withLock { if $0.failure == nil { $0.queue = items[...] } }
        let group = DispatchGroup()
        for _ in 0..<min(jobs, items.count) {
            group.enter()
            let thread = Thread { [self] in
                while !isStopRequested(), let item = state.withLock({ $0.queue.popFirst() }) {
                    process(item, isStopRequested)
                }
                group.leave()
            }
            thread.stackSize = PartWork.stackByteCount
            thread.start()
        }
        group.wait()
    }

    private func process(_ item: Int, _ isStopRequested: @escaping @Sendable () -> Bool) {
        do {
            let deaths = file.found.deaths[item] ?? .init()
            let isGivenUp = worker.takesMissing && deaths.total >= AnalysisKilled.most
            if !isGivenUp { try file.begin(item) }
            let question = Worker.Question(plan, at: item, root: root)
            let result =
                isGivenUp
                ? try worker.convict(question, deaths: deaths.total)
                : try settle(item, question, deaths, isStopRequested)
            guard let result else { return try file.leave(item) }
            try file.append(result.line, of: item)
            state.withLock {
                $0.tally.results[result.outcome.conditionedResult, default: 0] += 1
                $0.obstacle = nil
            }
            log.recording(result.outcome, place: item + 1)
            if let refusal = result.outcome.refusal {
                say(OutputText.message("\(result.outcome.path): \(refusal.message)"))
            }
        } catch {
            // The bundle or the part itself: no other input would get further.
            try? file.leave(item)
            state.withLock { state in
                state.failure = state.failure ?? error
                state.queue = []
            }
        }
    }

    /// Seconds after which what killed a decoder would have killed this process, too, were it after the worker.
    private static let respite = 2.0

    /// The line of an input whose decoder was killed once too often; nil where it is to be tried again.
    private func verdict(
        _ item: Int, _ question: Worker.Question, _ deaths: PartFile.Deaths, _ isStopRequested: () -> Bool
    ) throws -> Worker.Result? {
        Thread.sleep(forTimeInterval: PartWork.respite)
        guard !isStopRequested() else { return nil }
        try file.noteDeath(item)
        let isConvicted =
            deaths.ofDecoder + 1 >= AnalysisKilled.most
            || worker.takesMissing && deaths.total + 1 >= AnalysisKilled.most
        return isConvicted ? try worker.convict(question, deaths: deaths.total + 1) : nil
    }

    /// Gives the part up for now where the last inputs failed alike: the others would, too.
    private func note(_ error: RunError?, _ state: inout State) {
        guard let error, let obstacle = error.obstacle else { return state.obstacle = nil }
        let count = state.obstacle?.what == obstacle ? (state.obstacle?.count ?? 0) + 1 : 1
        state.obstacle = (obstacle, count)
        guard count >= PartWork.mostAlike, !state.queue.isEmpty else { return }
        state.queue = []
        state.failure =
            state.failure
            ?? RunError(
                .inputOutput,
                "\(count) inputs in a row cannot be had for one reason, which is not theirs: part \(part) is given up "
                    + "for now; started again, it goes on")
    }

    /// What came of an item; nil where it cannot be had, which must not keep the others from being done.
    private func settle(
        _ item: Int, _ question: Worker.Question, _ deaths: PartFile.Deaths,
        _ isStopRequested: @escaping @Sendable () -> Bool
    ) throws -> Worker.Result? {
        let failure: any Error
        do {
            return try worker.work(question, isStopRequested: isStopRequested)
        } catch is Worker.Stopped {
            return nil
        } catch let error as BundleError {
            throw error
        } catch {
            failure = error
        }
        let known = failure as? RunError
        if known?.code == .killed {
            if let result = try verdict(item, question, deaths, isStopRequested) { return result }
            if isStopRequested() { return nil }
        }
        state.withLock { state in
            state.tally.lost += 1
            if known?.code != .unknownInput { state.tally.isOnlyUnknown = false }
            note(known, &state)
        }
        log.lost(place: item + 1)
        say(
            OutputText.message(
                "earmark: error: " + (known?.message ?? "'\(question.shownName)' cannot be analysed: \(failure)")))
        return nil
    }
}
