import EarmarkAnalysis
import EarmarkDetect
import EarmarkMedia
import EarmarkStore
import Foundation

/// Analyses files, one after another or several at once.
protocol FileAnalyst: Sendable {
    /// Analyses one file; a refused file is an outcome, too.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - words: name and note of the analysis.
    ///   - sha256: the file's digest if it is known, which refusals keep.
    ///   - progress: called now and then with what is being done.
    /// - Throws: `StoreError` if the answer cannot be stored.
    func analyse(
        _ path: String, words: AnalysisWords, sha256: String?, progress: (@Sendable (MeetingSearch.Stage) -> Void)?
    ) throws -> FileOutcome
}

/// What is asked about every file of a session, and where the answers go.
struct AnswerKeeper {
    let store: Store
    let organisation: Organisation
    /// The meeting, or what stands for a search; refusals are kept under it.
    let reference: String
    let effort: Effort
    let allowShort: Bool
    let keepsAnswers: Bool

    /// `allowShort`: whether recordings below the organisation's limit are analysed, whatever its settings say.
    init(
        store: Store, organisation: Organisation, reference: String, effort: Effort, allowShort: Bool,
        keepsAnswers: Bool
    ) {
        self.store = store
        self.organisation = organisation
        self.reference = reference
        self.effort = effort
        self.allowShort = allowShort || organisation.settings.allowsShort
        self.keepsAnswers = keepsAnswers
    }

    /// Limits on files.
    var policy: RecordingPolicy {
        RecordingPolicy(
            maximumBytes: organisation.settings.maximumBytes,
            minimumSeconds: allowShort ? 0 : organisation.settings.minimumSeconds)
    }

    /// Stores an answer with its evidence; `meeting` is what it is about, nil if no meeting was found.
    func save(
        _ answer: AnswerView, _ detection: Detection, meeting: Meeting?, path: String, words: AnalysisWords
    ) throws -> FileOutcome {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let outcome = AnalysisOutcome.verdict(AnalysisVerdict(rawValue: answer.verdict) ?? .notFound)
        var draft = draft(path, outcome, words, reference: meeting?.id ?? reference)
        draft.sha256 = answer.file.sha256
        draft.byteCount = answer.file.bytes
        draft.report = [UInt8](try encoder.encode(answer))
        draft.evidence = [UInt8](try encoder.encode(evidence(detection, meeting)))
        let (id, date) = try keep(draft)
        return FileOutcome(path: path, id: id, date: date, answer: answer)
    }

    /// Stores that a file was refused.
    func refuse(
        _ error: MediaError, path: String, words: AnalysisWords, sha256: String?
    ) throws -> FileOutcome {
        let outcome = AnalysisOutcome.refusal(code: error.code.rawValue, message: error.message)
        var draft = draft(path, outcome, words, reference: reference)
        draft.sha256 = sha256
        let (id, date) = try keep(draft)
        return FileOutcome(
            path: path, id: id, date: date,
            refusal: .init(code: error.code.rawValue, message: error.message, exitStatus: error.exitStatus))
    }

    private func evidence(_ detection: Detection, _ meeting: Meeting?) -> AnalysisEvidence {
        let settings = organisation.settings
        return AnalysisEvidence(
            detection, meetingDurationSeconds: meeting?.durationSeconds ?? 0, organisation: organisation.name,
            parameters: .init(
                minimumSeconds: settings.minimumSeconds, maximumBytes: settings.maximumBytes, allowShort: allowShort,
                effort: effort.rawValue, retentionDays: settings.retentionDays),
            build: .current)
    }

    /// Stores the draft if answers are kept; its identifier and date.
    private func keep(_ draft: AnalysisDraft) throws(StoreError) -> (id: String?, date: String) {
        guard keepsAnswers else { return (nil, UTCTime.text(Store.systemClock())) }
        let record = try store.saveAnalysis(draft)
        return (record.id, UTCTime.text(record.createdAt))
    }

    private func draft(
        _ path: String, _ outcome: AnalysisOutcome, _ words: AnalysisWords, reference: String
    ) -> AnalysisDraft {
        AnalysisDraft(
            organisationID: organisation.id, meetingReference: reference,
            fileName: (path as NSString).lastPathComponent, outcome: outcome, name: words.name, note: words.note,
            toolVersion: Version.current)
    }
}
