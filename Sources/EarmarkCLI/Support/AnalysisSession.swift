import EarmarkAnalysis
import EarmarkDetect
import EarmarkMedia
import EarmarkStore

/// What the user calls an analysis.
struct AnalysisWords: Equatable {
    /// A name, may be empty.
    var name = ""
    /// A note, may be empty.
    var note = ""
}

/// Analyses files of one meeting and stores every answer.
///
/// Immutable; several threads may analyse different files at once.
struct AnalysisSession: FileAnalyst {
    private let keeper: AnswerKeeper
    private let subject: AnalysisSubject
    private let markable: [Candidate]
    private let examiner: Examiner
    private let reference: Reference?

    /// Prepares the examination of a meeting's recordings.
    ///
    /// - Parameters:
    ///   - store: where answers are kept.
    ///   - subject: the meeting.
    ///   - effort: how hard to look.
    ///   - allowShort: whether recordings below the organisation's limit are analysed, too.
    ///   - keepsAnswers: whether answers are stored.
    ///   - reference: a clean copy of the meeting and who is named in it.
    init(
        store: Store, subject: AnalysisSubject, effort: Effort, allowShort: Bool, keepsAnswers: Bool = true,
        reference: Reference? = nil
    ) throws(StoreError) {
        keeper = AnswerKeeper(
            store: store, organisation: try store.organisation(subject.meeting.organisationID),
            reference: subject.meeting.id, effort: effort, allowShort: allowShort, keepsAnswers: keepsAnswers)
        self.subject = subject
        self.reference = reference
        let all = subject.candidates.filter(\.isMarkable)
        let excluded = Set(reference?.clients.map(\.clientID) ?? [])
        markable = all.filter { !excluded.contains($0.clientID) }
        examiner = Examiner(
            shared: subject.sharedSeeds, candidates: markable.map(\.identitySeed),
            log10Threshold: subject.settings.log10Threshold, policy: keeper.policy, effort: effort,
            expectedSeconds: Double(subject.durationSeconds), reference: reference?.recording,
            paidCandidates: all.count,
            worker: Earmark.decoders)
    }

    /// A clean copy of the meeting, and the clients whose marks it carries itself: they cannot be judged by it.
    struct Reference {
        let recording: MeetingReference
        let clients: [Candidate]

        /// Decodes the file at `path` and looks for marks in it.
        ///
        /// - Throws: `MediaError` if it is refused.
        init(path: String, subject: AnalysisSubject) throws {
            recording = try MeetingReference(
                path: path, maximumBytes: subject.settings.maximumBytes, worker: Earmark.decoders)
            let markable = subject.candidates.filter(\.isMarkable)
            let examiner = Examiner(
                shared: subject.sharedSeeds, candidates: markable.map(\.identitySeed),
                log10Threshold: subject.settings.log10Threshold,
                policy: RecordingPolicy(maximumBytes: subject.settings.maximumBytes, minimumSeconds: 0),
                expectedSeconds: Double(subject.durationSeconds), worker: Earmark.decoders)
            clients = try examiner.examine(path: path).detection.sources.map { markable[$0.candidate] }
        }
    }

    func analyse(
        _ path: String, words: AnalysisWords, sha256: String? = nil,
        progress: (@Sendable (MeetingSearch.Stage) -> Void)? = nil
    ) throws -> FileOutcome {
        do {
            let examination = try examiner.examine(
                path: path,
                progress: progress.map { report in { @Sendable (seconds: Double) in report(.decoding(seconds)) } })
            var answer = AnswerView(
                examination, path: path, of: .init(subject: subject, markable: markable),
                settings: subject.settings, effort: keeper.effort, words: words)
            answer.reference = reference.map { .init($0, coverage: examination.referenceCoverage ?? 0) }
            answer.hint = try hint(answer)
            return try keeper.save(
                answer, examination.detection, meeting: subject.meeting, path: path, words: words)
        } catch let error as MediaError {
            return try keeper.refuse(error, path: path, words: words, sha256: sha256)
        }
    }

    /// What else to try where nothing of the meeting was found.
    private func hint(_ answer: AnswerView) throws(StoreError) -> String? {
        guard answer.verdict == Verdict.notFound.rawValue,
            try keeper.store.countOtherMeetings(than: subject.meeting) > 0
        else { return nil }
        return "The recording may be of another meeting: --any-meeting instead of --meeting searches all that the "
            + "organisation still holds."
    }
}
