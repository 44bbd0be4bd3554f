public import EarmarkAnalysis
public import EarmarkAnswer
import EarmarkDetect
import EarmarkFiles
import EarmarkMedia
import EarmarkStore

/// Analyses files of one meeting and stores every answer.
///
/// Immutable; several threads may analyse different files at once.
public struct AnalysisSession: FileAnalyst {
    private var keeper: AnswerKeeper
    private let source: any MeetingSource
    private let subject: AnalysisSubject
    private let markable: [SeededClient]
    private let examiner: Examiner
    private let reference: Reference?

    /// Prepares the examination of a meeting's recordings.
    ///
    /// - Parameters:
    ///   - store: where answers are kept.
    ///   - context: what the service depends on.
    ///   - subject: the meeting.
    ///   - options: how files are analysed.
    ///   - reference: a reference of the meeting and who is named in it.
    init(
        store: Store, context: ServiceContext, subject: AnalysisSubject, options: AnalysisOptions,
        reference: Reference? = nil
    ) throws(StoreError) {
        // Before any work, and before an answer is kept that would not be told.
        try store.requireWholeLog()
        let keeper = AnswerKeeper(
            store: store, context: context, organisation: try store.organisation(subject.meeting.organisationID),
            reference: subject.meeting.id.text, options: options)
        self.init(keeper, source: store, subject: subject, reference: reference)
    }

    /// The same for answers that `keeper` takes, of a meeting that `source` holds.
    init(
        _ keeper: AnswerKeeper, source: any MeetingSource, subject: AnalysisSubject, reference: Reference? = nil
    ) {
        self.keeper = keeper
        self.source = source
        let (context, options) = (keeper.context, keeper.options)
        self.subject = subject
        self.reference = reference
        let all = subject.candidates.filter(\.isMarkable)
        let excluded = Set(reference?.clients.map(\.clientID) ?? [])
        markable = all.filter { !excluded.contains($0.clientID) }
        examiner = Examiner(
            shared: subject.sharedSeeds, candidates: markable.map(\.identitySeed), tags: markable.map(\.tag),
            log10Threshold: subject.settings.log10Threshold, policy: keeper.policy, effort: options.effort,
            expectedSeconds: Double(subject.durationSeconds), reference: reference?.recording,
            paidCandidates: all.count, findsTalkers: options.findsTalkers,
            decoySeed: subject.decoySeed, triages: options.triages, worker: context.decoder)
    }

    /// The same session, whose answers go to `collector`.
    func collecting(in collector: AnswerCollector) -> AnalysisSession {
        var session = self
        session.keeper.collector = collector
        return session
    }

    /// That an answer which names nobody did not judge everybody.
    private static func notJudged(_ count: Int) -> String {
        count == 1
            ? " One endpoint was not judged, as the reference carries its mark itself."
            : " \(count) endpoints were not judged, as the reference carries their marks itself."
    }

    /// A reference of the meeting, and the clients whose marks it carries itself: they cannot be judged by it.
    struct Reference {
        let recording: MeetingReference
        let clients: [SeededClient]

        /// Decodes the file at `path` and looks for marks in it.
        ///
        /// - Throws: `MediaError` if it is refused.
        init(path: String, subject: AnalysisSubject, store: Store, context: ServiceContext) throws {
            recording = try MeetingReference(
                path: path, maximumBytes: subject.settings.maximumBytes, worker: context.decoder)
            let markable = subject.candidates.filter(\.isMarkable)
            let examiner = Examiner(
                shared: subject.sharedSeeds, candidates: markable.map(\.identitySeed),
                log10Threshold: subject.settings.log10Threshold,
                policy: RecordingPolicy(maximumBytes: subject.settings.maximumBytes, minimumSeconds: 0),
                expectedSeconds: Double(subject.durationSeconds), worker: context.decoder)
            // Whoever is named in it is told, so it is an analysis like any other, and counts as one.
            try store.record(
                .init(.analyse, meeting: subject.meeting.id, ["sha256": recording.sha256, "file": recording.name]))
            clients = try examiner.examine(path: path).detection.sources.map { markable[$0.candidate] }
        }
    }

    /// Analyses one file and stores the answer; see `FileAnalyst`.
    public func analyse(
        _ path: String, label: AnalysisLabel, playedAt: PlayedAt? = nil, sha256: String? = nil,
        progress: (@Sendable (MeetingSearch.Stage) -> Void)? = nil
    ) throws -> FileOutcome {
        let stated = playedAt?.resolved(start: subject.meeting.startsAt)
        let window = try stated.map { stated throws(ServiceError) in try stated.window() }
        do {
            let examination = try examiner.examine(
                path: path, window: window,
                progress: progress.map { report in { @Sendable in report(.decoding($0, of: $1)) } })
            guard examination.sha256 != reference?.recording.sha256 else {
                throw StoreError(
                    .valueInvalid, "'\(path)' is the reference itself (the same SHA-256): name another one")
            }
            var answer = Answer(
                examination, path: path, of: .init(subject: subject, markable: markable),
                settings: subject.settings, effort: keeper.options.effort, label: label, playedAt: stated)
            answer.reference = reference.map { .init($0, coverage: examination.referenceCoverage ?? 0) }
            if answer.verdict == .inconclusive, let reference, !reference.clients.isEmpty {
                answer.summary += Self.notJudged(reference.clients.count)
            }
            if keeper.options.findsTalkers {
                // Tags are copied with the mark: those who talked where it was copied from said nothing here.
                answer.talkers =
                    answer.verdict == .detached
                    ? []
                    : examination.detection.talkers.map {
                        Answer.Talker($0, markable[$0.candidate], start: subject.meeting.startsAt)
                    }
            }
            answer.hint = try hint(answer.verdict)
            return try keeper.save(
                answer, examination, meeting: subject.meeting, path: path, label: label)
        } catch let error as MediaError {
            return try keeper.refuse(error, path: path, label: label, sha256: sha256)
        } catch let overrun as SearchBudget.Overrun {
            throw ServiceError(.defect, "'\(path)': \(overrun)")
        }
    }

    /// What else to try where nothing of the meeting was found.
    private func hint(_ verdict: Verdict) throws(StoreError) -> String? {
        switch verdict {
        case .identified, .trace, .detached, .inconclusive: return nil
        case .incomplete, .notFound:
            guard try source.hasOthers(than: subject.meeting) else { return nil }
            return keeper.context.word(.otherMeetings)
        }
    }
}
