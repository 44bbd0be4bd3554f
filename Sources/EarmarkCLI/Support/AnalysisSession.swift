import EarmarkAnalysis
import EarmarkMedia
import EarmarkStore
import Foundation

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
struct AnalysisSession {
    private let store: Store
    private let subject: AnalysisSubject
    private let effort: Effort
    private let allowShort: Bool
    private let keepsAnswers: Bool
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
    init(store: Store, subject: AnalysisSubject, effort: Effort, allowShort: Bool, keepsAnswers: Bool = true) {
        self.store = store
        self.subject = subject
        self.effort = effort
        self.allowShort = allowShort || subject.settings.allowsShort
        self.keepsAnswers = keepsAnswers
        let settings = subject.settings
        markable = subject.candidates.filter(\.isMarkable)
        examiner = Examiner(
            shared: subject.sharedSeeds, candidates: markable.map(\.identitySeed),
            log10Threshold: settings.log10Threshold,
            policy: RecordingPolicy(
                maximumBytes: settings.maximumBytes,
                minimumSeconds: self.allowShort ? 0 : settings.minimumSeconds),
            effort: effort, expectedSeconds: Double(subject.durationSeconds))
    }

    /// Analyses one file; a refused file is an outcome, too.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - words: name and note of the analysis.
    ///   - sha256: the file's digest if it is known, which refusals keep.
    ///   - progress: called now and then with the seconds decoded so far.
    /// - Throws: `StoreError` if the answer cannot be stored.
    func analyse(
        _ path: String, words: AnalysisWords, sha256: String? = nil, progress: (@Sendable (Double) -> Void)? = nil
    ) throws -> FileOutcome {
        do {
            return try save(try examiner.examine(path: path, progress: progress), path: path, words: words)
        } catch let error as MediaError {
            return try refuse(error, path: path, words: words, sha256: sha256)
        }
    }

    private func save(_ examination: Examination, path: String, words: AnalysisWords) throws -> FileOutcome {
        let answer = AnswerView(
            examination, path: path, subject: subject, markable: markable, effort: effort, name: words.name,
            note: words.note)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var draft = draft(path, .verdict(AnalysisVerdict(rawValue: answer.verdict) ?? .notFound), words)
        draft.sha256 = examination.sha256
        draft.byteCount = examination.byteCount
        draft.report = [UInt8](try encoder.encode(answer))
        draft.evidence = [UInt8](try encoder.encode(try evidence(examination)))
        let (id, date) = try keep(draft)
        return FileOutcome(path: path, id: id, date: date, answer: answer)
    }

    private func evidence(_ examination: Examination) throws(StoreError) -> AnalysisEvidence {
        let settings = subject.settings
        return AnalysisEvidence(
            examination.detection, subject: subject,
            organisation: try store.organisation(subject.meeting.organisationID).name,
            parameters: .init(
                minimumSeconds: settings.minimumSeconds, maximumBytes: settings.maximumBytes, allowShort: allowShort,
                effort: effort.rawValue, retentionDays: settings.retentionDays),
            build: .current)
    }

    private func refuse(
        _ error: MediaError, path: String, words: AnalysisWords, sha256: String?
    ) throws -> FileOutcome {
        var draft = draft(path, .refusal(code: error.code.rawValue, message: error.message), words)
        draft.sha256 = sha256
        let (id, date) = try keep(draft)
        return FileOutcome(
            path: path, id: id, date: date,
            refusal: .init(code: error.code.rawValue, message: error.message, exitStatus: error.exitStatus))
    }

    /// Stores the draft if answers are kept; its identifier and date.
    private func keep(_ draft: AnalysisDraft) throws(StoreError) -> (id: String?, date: String) {
        guard keepsAnswers else { return (nil, UTCTime.text(Store.systemClock())) }
        let record = try store.saveAnalysis(draft)
        return (record.id, UTCTime.text(record.createdAt))
    }

    private func draft(_ path: String, _ outcome: AnalysisOutcome, _ words: AnalysisWords) -> AnalysisDraft {
        AnalysisDraft(
            organisationID: subject.meeting.organisationID, meetingReference: subject.meeting.id,
            fileName: (path as NSString).lastPathComponent, outcome: outcome, name: words.name, note: words.note,
            toolVersion: Version.current)
    }
}
