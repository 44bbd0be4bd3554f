public import ArgumentParser
public import EarmarkAnalysis
import EarmarkMedia
import EarmarkStore
import Foundation

extension Effort: ExpressibleByArgument {}

/// The command `earmark analyze`.
struct AnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Find out which client of a meeting recorded a leaked file.",
        discussion: """
            Takes AAC, MP3, M4A, WAV, MP4, AVI and MOV, judged by content: at most 500 MB and more than 100 s of \
            audio, unless the organisation's settings say otherwise. Every answer is stored; see 'earmark analysis'.

            The verdict is 'identified', 'trace' (a mark so weak that it may be cross-talk), 'inconclusive' (the \
            meeting's mark without a client's) or 'not-found'. Each is a completed analysis with exit status 0. A refused \
            file ends with 20 to 27: 20 type, 21 too large, 22 too short, 23 no audio track, 24 video only, 25 \
            encrypted, 26 truncated, 27 corrupt.

              earmark analyze leak.mp4 --meeting m_4xkq2v7rj3nw6t5a
              earmark analyze leak.mp3 --meeting m_4xkq2v7rj3nw6t5a --json --name "Case 12"
              earmark analyze *.m4a --meeting m_4xkq2v7rj3nw6t5a --effort exhaustive
            """)

    @Argument(help: ArgumentHelp("The recordings.", valueName: "file"), completion: .file())
    var files: [String]

    @Option(help: "The meeting that the recordings may be of.")
    var meeting: String

    @Option(help: "How hard to look: fast, normal or exhaustive.")
    var effort = Effort.normal

    @Option(help: "A name for the analysis.")
    var name = ""

    @Option(help: ArgumentHelp("A note to keep with it.", valueName: "text"))
    var note = ""

    @Flag(help: "Analyse recordings that are shorter than the organisation's limit, too.")
    var allowShort = false

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var json: JSONFlag

    func run() throws {
        let store = try storeOptions.open()
        let subject = try store.analysisSubject(meeting)
        let session = AnalysisSession(
            store: store, subject: subject, effort: effort, allowShort: allowShort, name: name, note: note)
        var outcomes: [FileOutcome] = []
        for (index, file) in files.enumerated() {
            let outcome = try session.analyse(file, label: files.count > 1 ? "\(index + 1)/\(files.count) " : "")
            outcomes.append(outcome)
            if let refusal = outcome.refusal { Output.error("\(file): \(refusal.message)") }
        }
        let text = outcomes.compactMap(\.text).joined(separator: "\n\n----\n\n")
        if json.isOn {
            try Output.json(["analyses": outcomes])
        } else if !text.isEmpty {
            try Output.result(text)
        }
        if let status = outcomes.compactMap(\.refusal).first?.exitStatus { throw ExitCode(status.rawValue) }
    }
}

/// What came of one file: an answer or a refusal.
struct FileOutcome: Encodable {
    /// Why a file was refused.
    struct Refusal: Encodable {
        let code: String
        let message: String
        let exitStatus: ExitStatus

        private enum CodingKeys: String, CodingKey {
            case code, message
        }
    }

    let path: String
    /// Identifier of the stored analysis.
    let id: String
    let date: String
    let answer: AnswerView?
    let refusal: Refusal?

    private enum CodingKeys: String, CodingKey {
        case path, id, date, refusal
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(path, forKey: .path)
        try container.encode(id, forKey: .id)
        try container.encode(date, forKey: .date)
        try container.encodeIfPresent(refusal, forKey: .refusal)
        try answer?.encode(to: encoder)
    }

    /// The answer for people; nil for a refusal, which went to standard error.
    var text: String? { answer.map { $0.text + "\n\nStored as \(id) on \(date)." } }
}

/// Analyses files of one meeting and stores every answer.
struct AnalysisSession {
    private let store: Store
    private let subject: AnalysisSubject
    private let effort: Effort
    private let name: String
    private let note: String
    private let markable: [Candidate]
    private let examiner: Examiner

    init(store: Store, subject: AnalysisSubject, effort: Effort, allowShort: Bool, name: String, note: String) {
        self.store = store
        self.subject = subject
        self.effort = effort
        self.name = name
        self.note = note
        let settings = subject.settings
        markable = subject.candidates.filter(\.isMarkable)
        examiner = Examiner(
            shared: subject.sharedSeeds, candidates: markable.map(\.identitySeed),
            log10Threshold: settings.log10Threshold,
            policy: RecordingPolicy(
                maximumBytes: settings.maximumBytes,
                minimumSeconds: allowShort || settings.allowsShort ? 0 : settings.minimumSeconds),
            effort: effort)
    }

    func analyse(_ path: String, label: String) throws -> FileOutcome {
        let progress = Progress("\(label)analysing \((path as NSString).lastPathComponent)", total: nil)
        defer { progress.finish() }
        do {
            let examination = try examiner.examine(path: path) { progress.update($0) }
            return try save(examination, path: path)
        } catch let error as MediaError {
            return try refuse(error, path: path)
        }
    }

    private func save(_ examination: Examination, path: String) throws -> FileOutcome {
        let answer = AnswerView(
            examination, path: path, subject: subject, markable: markable, effort: effort, name: name, note: note)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var draft = draft(path, .verdict(AnalysisVerdict(rawValue: answer.verdict) ?? .notFound))
        draft.sha256 = examination.sha256
        draft.byteCount = examination.byteCount
        draft.report = [UInt8](try encoder.encode(answer))
        let record = try store.saveAnalysis(draft)
        return FileOutcome(
            path: path, id: record.id, date: UTCTime.text(record.createdAt), answer: answer, refusal: nil)
    }

    private func refuse(_ error: MediaError, path: String) throws -> FileOutcome {
        let record = try store.saveAnalysis(
            draft(path, .refusal(code: error.code.rawValue, message: error.message)))
        return FileOutcome(
            path: path, id: record.id, date: UTCTime.text(record.createdAt), answer: nil,
            refusal: .init(code: error.code.rawValue, message: error.message, exitStatus: error.exitStatus))
    }

    private func draft(_ path: String, _ outcome: AnalysisOutcome) -> AnalysisDraft {
        AnalysisDraft(
            organisationID: subject.meeting.organisationID, meetingReference: subject.meeting.id,
            fileName: (path as NSString).lastPathComponent, outcome: outcome, name: name, note: note,
            toolVersion: Version.current)
    }
}
