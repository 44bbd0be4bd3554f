import EarmarkAnswer
import EarmarkBatch
package import EarmarkBundle
import EarmarkFiles
package import EarmarkLog
package import EarmarkStore
import Foundation

/// A worker's part of a run from its beginning to what is said of it in the end.
package struct PartJob {
    private let plan: RunPlan
    private let part: Int
    private let path: String
    private let file: PartFile

    /// Opens the part.
    ///
    /// - Parameters:
    ///   - plan: the run.
    ///   - part: which part of it, from 1; nil for the one that the task of a job scheduler has.
    ///   - out: where parts go: NAME.ENDING for NAME.I-of-N.ENDING.
    ///   - bundle: the worker's.
    /// - Throws: `partUnusable`; as `PartFile`; `meetingUnnamed` where the bundle holds several meetings and the plan
    ///   names none.
    package init(_ plan: RunPlan, part: Int?, out: String, bundle: OpenBundle) throws {
        let environment = ProcessInfo.processInfo.environment
        guard let part = try part ?? ArrayPart.detected(in: environment, parts: plan.parts) else {
            throw RunError(.partUnusable, "which part? Say --part I, from 1 to \(plan.parts)")
        }
        guard let shard = Shard(index: part, count: plan.parts, origin: nil) else {
            throw RunError(.partUnusable, "--part must be 1 to \(plan.parts), as many as the plan has")
        }
        if !bundle.header.search, bundle.onlyMeeting == nil,
            let open = plan.items.first(where: { $0.meeting == nil && $0.refusal == nil })
        {
            throw BundleError(
                .meetingUnnamed,
                "bundle '\(bundle.header.bundle)' holds several meetings, and the plan names none for "
                    + "'\(RemoteInput.shown(open.input))'")
        }
        self.plan = plan
        self.part = part
        path = shard.path(out)
        file = try PartFile(path, plan: plan, part: part, signer: bundle.signer)
    }

    /// Takes note that this process was asked to end: what it has in hand is not to blame if it is killed now.
    package func noteStop() { file.leaveAll() }

    /// What is asked of a job.
    package struct Terms {
        /// Where relative inputs lie, a folder or URL; nil for the working folder.
        package var root: String?
        /// Files at a time.
        package var jobs: Int
        /// Where figures for Prometheus go; nil for nowhere.
        package var metrics: String?
        /// Tells the time.
        package var clock: Store.Clock
        /// Takes an event for each input.
        package var log: EventLog

        /// Bundles the parts.
        package init(
            root: String?, jobs: Int, metrics: String?, clock: @escaping Store.Clock, log: EventLog = .none
        ) {
            self.log = log
            self.root = root
            self.jobs = jobs
            self.metrics = metrics
            self.clock = clock
        }
    }

    /// Works through the part; figures are written, and a summary is said, however it ends.
    ///
    /// - Parameters:
    ///   - worker: answers.
    ///   - terms: what is asked.
    ///   - isStopRequested: whether to end early.
    ///   - say: takes lines for people, from any thread.
    /// - Throws: what ended it; `unknownInput` or `inputOutput` where inputs cannot be had, unless it was stopped.
    package func run(
        _ worker: Worker, _ terms: Terms, isStopRequested: @escaping @Sendable () -> Bool,
        say: @escaping @Sendable (String) -> Void
    ) throws -> PartWork.Tally {
        if let root = terms.root, RemoteInput.isOne(root), let problem = RemoteInput.problem(root) {
            throw RunError(.partUnusable, "--root \(problem)")
        }
        say("earmark: \(Confinement.text)")
        if file.found.isDamaged {
            say("earmark: warning: lines of '\(path)' were changed or damaged since: they are done again")
        }
        let work = PartWork(plan, part: part, worker: worker, file: file, root: terms.root, log: terms.log, say: say)
        let (tally, failure) = work.run(jobs: terms.jobs, isStopRequested: isStopRequested)
        say(
            "earmark: part \(part) of \(plan.parts) in '\(path)': \(Counted.text(tally.done, "input")) analysed, "
                + "\(tally.results[.refused] ?? 0) of them refused, \(tally.resumed) done before, "
                + "\(tally.remaining) left")
        try terms.metrics.map { try MetricsFile(part: part, tally, at: terms.clock()).write($0) }
        if let failure { throw failure }
        if tally.lost > 0, !isStopRequested() {
            throw RunError(
                tally.isOnlyUnknown ? .unknownInput : .inputOutput,
                "\(Counted.text(tally.lost, "input")) of part \(part) cannot be had; started again, it asks for them "
                    + "again, and with --missing-ok refuses them")
        }
        return tally
    }
}
