import EarmarkAnalysis
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

    /// Prepares the examination of a meeting's recordings.
    ///
    /// - Parameters:
    ///   - store: where answers are kept.
    ///   - subject: the meeting.
    ///   - effort: how hard to look.
    ///   - allowShort: whether recordings below the organisation's limit are analysed, too.
    ///   - keepsAnswers: whether answers are stored.
    init(
        store: Store, subject: AnalysisSubject, effort: Effort, allowShort: Bool, keepsAnswers: Bool = true
    ) throws(StoreError) {
        keeper = AnswerKeeper(
            store: store, organisation: try store.organisation(subject.meeting.organisationID),
            reference: subject.meeting.id, effort: effort, allowShort: allowShort, keepsAnswers: keepsAnswers)
        self.subject = subject
        markable = subject.candidates.filter(\.isMarkable)
        examiner = Examiner(
            shared: subject.sharedSeeds, candidates: markable.map(\.identitySeed),
            log10Threshold: subject.settings.log10Threshold, policy: keeper.policy, effort: effort,
            expectedSeconds: Double(subject.durationSeconds))
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
