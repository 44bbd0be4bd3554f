import EarmarkAnswer
import EarmarkBatch
package import EarmarkBundle
package import EarmarkFiles
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
    ///   - takesMissing: whether inputs of meetings that the bundle does not hold are refused, one by one.
    ///   - now: the time.
    /// - Throws: `partUnusable`; as `PartFile`; unless the part is closed, `expired` and what else the bundle says,
    ///   `meetingUnnamed` where the bundle holds several meetings and the plan names none, and `foreign` where it does
    ///   not hold one that the plan names.
    package init(
        _ plan: RunPlan, part: Int?, out: String, bundle: OpenBundle, takesMissing: Bool = false, at now: Timestamp
    ) throws {
        let environment = ProcessInfo.processInfo.environment
        guard let part = try part ?? ArrayPart.detected(in: environment, parts: plan.parts) else {
            throw RunError(.partUnusable, "which part? Say --part I, from 1 to \(plan.parts)")
        }
        guard let shard = Shard(index: part, count: plan.parts, origin: nil) else {
            throw RunError(.partUnusable, "--part must be 1 to \(plan.parts), as many as the plan has")
        }
        self.plan = plan
        self.part = part
        path = try PartJob.path(shard, out)
        file = try PartFile(path, plan: plan, part: part, signer: bundle.signer) { found in
            guard !found.isClosed else { return }
            try bundle.header.requireValid(at: now)
            let open = plan.places(ofPart: part).filter { !found.settled.contains($0) }.map { plan.items[$0] }
            try PartJob.requireMeetings(of: open, bundle, takesMissing: takesMissing)
        }
    }

    /// Where a part goes: to a plain file, which is not standard output.
    private static func path(_ shard: Shard, _ out: String) throws(RunError) -> String {
        let kind = FilePath.status(out).map { $0.st_mode & S_IFMT }
        let isStream = out == "-" || ["/dev/std", "/dev/fd/"].contains { out.utf8.starts(with: $0.utf8) }
        guard !isStream, kind == nil || kind == S_IFREG || shard.count > 1 && kind == S_IFDIR else {
            throw RunError(
                .partUnusable, "--out '\(out)' is no file: a part is gone on with, so it goes to a plain file")
        }
        return shard.path(out)
    }

    /// Refuses, before anything is analysed, what the bundle has no meeting for.
    private static func requireMeetings(
        of items: [RunPlan.Item], _ bundle: OpenBundle, takesMissing: Bool
    ) throws {
        let asked = items.filter { $0.refusal == nil }
        if !bundle.header.search, bundle.onlyMeeting == nil, let open = asked.first(where: { $0.meeting == nil }) {
            throw BundleError(
                .meetingUnnamed,
                "bundle '\(bundle.header.bundle)' holds several meetings, and the plan names none for "
                    + "'\(RemoteInput.shown(open.input))'")
        }
        let absent = Set(asked.compactMap(\.meeting)).filter { !Worker.isHeld($0, by: bundle) }.sorted()
        guard let first = absent.first, !takesMissing else { return }
        let more = absent.count > 1 ? ", nor \(absent.count - 1) more" : ""
        throw RunError(
            .foreign,
            "bundle '\(bundle.header.bundle)' does not hold meeting '\(first)'\(more), which the plan asks for: take a "
                + "bundle of all its meetings; with --missing-ok their inputs are refused")
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
        /// Files beside the part that the worker reads: no figures go there.
        package var files: [String]
        /// Tells the time.
        package var clock: Store.Clock
        /// Takes an event for each input.
        package var log: EventLog

        /// Bundles the parts.
        package init(
            root: String?, jobs: Int, metrics: String?, files: [String], clock: @escaping Store.Clock,
            log: EventLog = .none
        ) {
            self.files = files
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
    /// - Throws: what ended it; `unknownInput` or `inputOutput` where inputs cannot be had, unless it was stopped;
    ///   before anything is begun, `FileError` where figures cannot go where they are to.
    package func run(
        _ worker: Worker, _ terms: Terms, isStopRequested: @escaping @Sendable () -> Bool,
        say: @escaping @Sendable (String) -> Void
    ) throws -> PartWork.Tally {
        if let root = terms.root, RemoteInput.isOne(root), let problem = RemoteInput.problem(root) {
            throw RunError(.partUnusable, "--root \(problem)")
        }
        let figures = try terms.metrics.map { path throws(FileError) in
            try MetricsTarget(path, besides: terms.files + [self.path])
        }
        say("earmark: \(Confinement.text)")
        if let other = file.found.other { say("earmark: a worker of bundle '\(other)' began '\(path)'") }
        if file.found.isDamaged {
            say("earmark: warning: lines of '\(path)' were changed or damaged since: they are done again")
        }
        let work = PartWork(plan, part: part, worker: worker, file: file, root: terms.root, log: terms.log, say: say)
        let (tally, failure) = work.run(jobs: terms.jobs, isStopRequested: isStopRequested)
        say(
            "earmark: part \(part) of \(plan.parts) in '\(path)': \(Counted.text(tally.done, "input")) analysed, "
                + "\(tally.results[.refused] ?? 0) of them refused, \(tally.resumed) done before, "
                + "\(tally.remaining) left")
        figures?.write(MetricsFile(part: part, tally, at: terms.clock()), warning: say)
        if let failure { throw failure }
        if tally.lost > 0, !isStopRequested() {
            throw RunError(
                tally.isOnlyUnknown ? .unknownInput : .inputOutput,
                "\(Counted.text(tally.lost, "input")) of part \(part) cannot be had; started again, it asks for them "
                    + "again" + (worker.takesMissing ? "" : ", and with --missing-ok refuses them"))
        }
        return tally
    }
}
