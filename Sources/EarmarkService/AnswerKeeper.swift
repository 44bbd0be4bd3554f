import EarmarkAnalysis
package import EarmarkAnswer
import EarmarkDetect
package import EarmarkFiles
import EarmarkMedia
import EarmarkStore
import Foundation
import Synchronization

/// What is asked about every file of a session, and where the answers go.
struct AnswerKeeper {
    /// Where answers are kept; nil for a worker without a store.
    let store: Store?
    /// Takes what would be kept, where there is no store.
    var collector: AnswerCollector?
    let context: ServiceContext
    let organisation: Organisation
    /// The meeting, or what stands for a search; refusals are kept under it.
    let reference: String
    /// How files are analysed; short ones are allowed where the organisation allows them, too.
    let options: AnalysisOptions

    init(
        store: Store?, context: ServiceContext, organisation: Organisation, reference: String, options: AnalysisOptions
    ) {
        self.store = store
        self.context = context
        self.organisation = organisation
        self.reference = reference
        var options = options
        options.allowShort = options.allowShort || organisation.settings.allowsShort
        self.options = options
    }

    /// Limits on files.
    var policy: RecordingPolicy {
        RecordingPolicy(
            maximumBytes: organisation.settings.maximumBytes,
            minimumSeconds: options.allowShort ? 0 : organisation.settings.minimumSeconds,
            longestAnalysis: options.timeLimit)
    }

    /// Stores an answer with its evidence; `meeting` is what it is about, nil if no meeting was found.
    func save(
        _ answer: Answer, _ examination: Examination, meeting: Meeting?, path: String, label: AnalysisLabel
    ) throws -> FileOutcome {
        var answer = try store.map { try answer.weighed(against: $0, at: context.clock()) } ?? answer
        let detection = examination.detection
        for (index, source) in detection.sources.enumerated() where answer.sources.indices.contains(index) {
            answer.sources[index].foundIn = examination.places[source.candidate].flatMap { place in
                place.channel == nil && answer.file.tracks.count <= 1
                    ? nil : .init(track: place.track, channel: place.channel)
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var draft = draft(path, .verdict(answer.verdict), label, reference: meeting?.id.text ?? reference)
        draft.sha256 = answer.file.sha256
        draft.byteCount = answer.file.bytes
        draft.report = [UInt8](try encoder.encode(answer))
        let order = detection.sources.map(\.candidate)
        let places = order.map { candidate in examination.places[candidate]?.naming(order) }
        draft.evidence = [UInt8](
            try encoder.encode(KeptEvidence(evidence: evidence(detection, meeting), places: places)))
        let (id, date) = try keep(draft)
        if options.keepsAnswers { try store?.noteTags(heardFrom: answer.taggingClients, in: id) }
        return FileOutcome(path: path, id: id, date: date, answer: answer, made: try made(meeting?.id))
    }

    /// Stores that a file was refused; what is no file, or could not be opened, is told and no analysis.
    ///
    /// - Throws: `error` where it is no word on the file, and the caller may try again.
    func refuse(
        _ error: MediaError, path: String, label: AnalysisLabel, sha256: String?
    ) throws -> FileOutcome {
        switch error.cause {
        case .killer where options.leavesKills: throw error
        case .machine where collector != nil: throw error
        case .file, .killer, .machine: break
        }
        let refusal = FileOutcome.Refusal(code: error.code.rawValue, message: error.message)
        guard sha256 != nil || error.code.isDecidedByContent || FilePath.isReadable(path) else {
            return FileOutcome(path: path, id: nil, date: context.clock().text, refusal: refusal)
        }
        var draft = draft(
            path, .refusal(code: error.code.rawValue, message: error.message), label, reference: reference)
        // So that whoever has the file finds what became of it; what is too large is not read for that.
        let isKnownByContent = error.code.isDecidedByContent && error.code != .tooLarge
        draft.sha256 = sha256 ?? (isKnownByContent ? try? FileDigest.sha256(path: path) : nil)
        let (id, date) = try keep(draft)
        return FileOutcome(path: path, id: id, date: date, refusal: refusal)
    }

    /// How many analyses have been made; nil where the answer is not kept.
    private func made(_ meeting: MeetingID?) throws(StoreError) -> AnalysesMade? {
        guard options.keepsAnswers, let store else { return nil }
        return AnalysesMade(try store.analysisCounts(ofMeeting: meeting), ofMeeting: meeting != nil)
    }

    private func evidence(_ detection: Detection, _ meeting: Meeting?) -> AnswerEvidence {
        let settings = organisation.settings
        return AnswerEvidence(
            detection, meetingDurationSeconds: meeting?.durationSeconds ?? 0, organisation: organisation.name,
            parameters: .init(
                minimumSeconds: settings.minimumSeconds, maximumBytes: settings.maximumBytes,
                allowShort: options.allowShort, effort: options.effort.rawValue,
                retentionDays: settings.retentionDays),
            build: context.build())
    }

    /// Stores the draft if answers are kept, else logs that there was one; its identifier and date.
    private func keep(_ draft: AnalysisDraft) throws(StoreError) -> (id: AnalysisID?, date: String) {
        collector?.add(draft)
        guard options.keepsAnswers, let store else {
            try store?.noteUnstored(draft)
            return (nil, context.clock().text)
        }
        let record = try store.saveAnalysis(draft)
        return (record.id, record.createdAt.text)
    }

    private func draft(
        _ path: String, _ outcome: AnalysisOutcome, _ label: AnalysisLabel, reference: String
    ) -> AnalysisDraft {
        AnalysisDraft(
            organisationID: organisation.id, meetingReference: reference,
            fileName: FilePath.lastPart(path), outcome: outcome, name: label.name, note: label.note,
            toolVersion: EarmarkVersion.current)
    }
}

/// Answers with their evidence as a store would keep them.
///
/// Any thread may use it.
final class AnswerCollector: Sendable {
    private let kept = Mutex<[AnalysisDraft]>([])

    /// Takes an answer.
    func add(_ draft: AnalysisDraft) { kept.withLock { $0.append(draft) } }

    /// All that came, in order.
    var drafts: [AnalysisDraft] { kept.withLock { $0 } }
}

extension Answer {
    /// Clients whose microphones' tags were heard.
    package var taggingClients: [ClientID] {
        sources.compactMap(\.microphone?.client) + (talkers ?? []).map(\.client)
    }
}
