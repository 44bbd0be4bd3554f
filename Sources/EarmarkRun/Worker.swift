import EarmarkAnalysis
package import EarmarkAnswer
import EarmarkBatch
import EarmarkBundle
import EarmarkFiles
import EarmarkMedia
package import EarmarkService
package import EarmarkStore
import Foundation

/// Turns inputs into signed lines, with a bundle and nothing else.
package struct Worker: Sendable {
    private let analyst: BundleAnalyst
    private let clock: Store.Clock
    private let fetcher: InputFetcher
    /// Whether an input that cannot be had is refused for good.
    let takesMissing: Bool

    /// Removes what killed workers left in `folder`.
    ///
    /// - Parameters:
    ///   - analyst: analyses with the bundle.
    ///   - clock: tells the time.
    ///   - folder: where inputs lie while they are analysed that are no files.
    ///   - takesMissing: whether an input that cannot be had is refused for good.
    package init(_ analyst: BundleAnalyst, clock: @escaping Store.Clock, folder: String, takesMissing: Bool = false) {
        self.analyst = analyst
        self.clock = clock
        self.takesMissing = takesMissing
        fetcher = InputFetcher(
            folder: folder, maximumBytes: analyst.bundle.terms.settings.maximumBytes,
            timeLimit: analyst.options.timeLimit)
        InputFolder.removeLeftovers(in: folder)
    }

    /// Removes inputs that lie there, for a process that is about to end.
    package static func discardInputs() { InputFolder.removeAll() }

    /// Nobody waits for the answer any more.
    struct Stopped: Error {}

    /// What is asked about an input.
    package struct Question: Sendable {
        /// A path, `-` or an https URL.
        package var input: String
        /// How it is called in the line; nil for the input itself, a URL without what follows its path.
        package var shown: String?
        /// The meeting; nil for that of the bundle.
        package var meeting: String?
        /// Name and note.
        package var label: AnalysisLabel
        /// When its beginning was played, if that is known.
        package var playedAt: PlayedAt?
        /// What the plan knows of it.
        package var item: RunPlan.Item?
        /// Its place in a plan.
        package var place: WorkLine.Place?
        /// Why it is not even looked at; nil if it is.
        var refusal: FileOutcome.Refusal?

        /// How messages call the input.
        var shownName: String { shown ?? RemoteInput.shown(input) }

        /// A question about an input by itself.
        package init(
            _ input: String, shown: String? = nil, meeting: String? = nil, label: AnalysisLabel = .init(),
            playedAt: PlayedAt? = nil
        ) {
            self.playedAt = playedAt
            self.input = input
            self.shown = shown
            self.meeting = meeting
            self.label = label
        }

        /// A question of a plan.
        package init(_ plan: RunPlan, at place: Int, root: String?) {
            let item = plan.items[place]
            let input = RemoteInput.join(root, item.input)
            self.init(
                input ?? item.input, shown: RemoteInput.shown(item.input), meeting: item.meeting,
                label: AnalysisLabel(name: item.name ?? "", note: item.note ?? ""), playedAt: item.playedAt)
            self.item = item
            refusal =
                item.refusal
                ?? (input == nil ? .init(code: InputFetcher.urlRefused, message: "leads out of --root.") : nil)
            self.place = WorkLine.Place(plan: plan.digest, item: place)
        }
    }

    /// A line, and what came of the input.
    package struct Result: Sendable {
        /// Signed, its line feed included.
        package let line: [UInt8]
        /// The outcome in it.
        package let outcome: FileOutcome
    }

    /// Answers a question.
    ///
    /// - Parameters:
    ///   - question: the question.
    ///   - isStopRequested: whether nobody waits for an input that is fetched.
    /// - Throws: `RunError` where trying again may help: the input cannot be had, or what decodes it was killed
    ///   (`killed`); `BundleError` if the bundle does not hold (any more), or not of the meeting; `Stopped`.
    package func work(
        _ question: Question, isStopRequested: @escaping @Sendable () -> Bool = { false }
    ) throws -> Result {
        try analyst.bundle.header.requireValid(at: clock())
        guard let meeting = question.meeting ?? analyst.standing else {
            let held = analyst.bundle.meetings.prefix(Worker.shownMeetings).map(\.id.text).joined(separator: ", ")
            throw BundleError(
                .meetingUnnamed,
                "bundle '\(analyst.bundle.header.bundle)' holds several meetings: name one with --meeting; it holds "
                    + held + (analyst.bundle.meetings.count > Worker.shownMeetings ? " and others" : ""))
        }
        let shown = question.shownName
        if let refusal = question.refusal ?? unheld(meeting, question) {
            return try line(question, meeting, refused(shown, refusal), sha256: nil)
        }
        let input: InputFetcher.File
        let sha256: String
        do throws(InputFailure) {
            input = try fetcher.fetch(question.input, isStopRequested: isStopRequested)
            do throws(InputFailure) { sha256 = try digest(input.path) } catch {
                input.remove()
                throw error
            }
        } catch {
            let refusal = try refusal(error, shown)
            return try line(question, meeting, refused(shown, refusal), sha256: nil)
        }
        defer { input.remove() }
        if let problem = question.item?.problem(withDigest: sha256, path: input.path) {
            return try line(
                question, meeting, refused(shown, .init(code: Worker.changed, message: problem)), sha256: sha256)
        }
        let result: BundleAnalyst.Result
        do {
            result = try analyst.analyse(
                input.path, meeting: meeting, label: question.label, playedAt: question.playedAt, sha256: sha256)
        } catch let error as ServiceError where error.code == .timeOutside {
            // No other try changes that.
            return try line(
                question, meeting, refused(shown, .init(code: error.code.rawValue, message: error.message)),
                sha256: sha256)
        } catch let error as MediaError {
            // What stops a worker may end its decoders first.
            if isStopRequested() { throw Stopped() }
            let words = Worker.clause(error.message)
            // What is thrown and no killer's is this machine's doing.
            let failure: InputFailure = error.cause == .killer ? .lost(RunError(.killed, words)) : .ownFault(words)
            let refusal = try refusal(failure, shown)
            return try line(question, meeting, refused(shown, refusal), sha256: sha256)
        }
        return try line(
            question, meeting, result.outcome.shown(as: shown, insteadOf: input.path), sha256: sha256,
            evidence: result.evidence)
    }

    /// Meetings that a refusal names.
    private static let shownMeetings = 10

    /// The code of an input that is not the one that was planned.
    static let changed = "input-changed"
    /// The code of an input of a meeting that the bundle does not hold.
    static let notHeld = "meeting-not-held"

    /// A sentence without its end.
    private static func clause(_ sentence: String) -> String {
        sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }

    /// The line of an input that has had its process killed in `deaths` tries; it is not tried again.
    func convict(_ question: Question, deaths: Int) throws -> Result {
        let shown = question.shownName
        let refusal = FileOutcome.Refusal(
            code: AnalysisKilled.code,
            message: "its process was killed in each of \(deaths) tries; if nobody did, memory ran out. Analyse it by "
                + "itself.")
        let meeting = question.meeting ?? analyst.standing ?? ""
        return try line(question, meeting, refused(shown, refusal), sha256: nil)
    }

    private func digest(_ path: String) throws(InputFailure) -> String {
        if let problem = RunPlan.problem(withFile: path) { throw .refused(problem) }
        do {
            return try FileDigest.sha256(path: path)
        } catch let error as MediaError {
            let code: RunError.Code = error.code == .notFound ? .unknownInput : .inputOutput
            throw .lost(RunError(code, Worker.clause(error.message)))
        } catch {
            throw .lost(RunError(.inputOutput, "\(error)"))
        }
    }

    /// Whether a bundle has what a plan asks for.
    static func isHeld(_ meeting: String, by bundle: OpenBundle) -> Bool {
        bundle.holds(MeetingID(meeting)) || meeting == BundleAnalyst.standing(of: bundle)
    }

    /// The refusal of an item whose meeting the bundle does not hold: no other try changes that.
    private func unheld(_ meeting: String, _ question: Question) -> FileOutcome.Refusal? {
        guard question.place != nil, !Worker.isHeld(meeting, by: analyst.bundle) else { return nil }
        return .init(
            code: Worker.notHeld,
            message: "was not analysed: bundle '\(analyst.bundle.header.bundle)' does not hold meeting '\(meeting)'.")
    }

    /// The refusal that a failure is.
    ///
    /// - Throws: where another try may help.
    private func refusal(_ failure: InputFailure, _ shown: String) throws -> FileOutcome.Refusal {
        switch failure {
        case .refused(let refusal): return refusal
        case .stopped: throw Stopped()
        case .lost(let error, let refusal):
            // What lies in the way of others, too, and who kills, is no reason to refuse, even in the last try.
            guard takesMissing, error.code != .killed, error.obstacle != .machine else {
                throw RunError(error.code, "'\(shown)' cannot be had: \(error.message)", obstacle: error.obstacle)
            }
            let code = error.code == .unknownInput ? MediaError.Code.notFound : .unreadable
            return .init(code: refusal ?? code.rawValue, message: "cannot be had: \(error.message).")
        }
    }

    private func refused(_ path: String, _ refusal: FileOutcome.Refusal) -> FileOutcome {
        FileOutcome(path: path, id: nil, date: clock().text, refusal: refusal)
    }

    private func line(
        _ question: Question, _ meeting: String, _ outcome: FileOutcome, sha256: String?,
        evidence: [KeptEvidence] = []
    ) throws -> Result {
        let line = WorkLine(
            bundle: analyst.bundle.header.bundle, place: question.place, sha256: sha256,
            request: BatchRequest(
                meeting: meeting, effort: analyst.options.effort.rawValue, allowShort: analyst.options.allowShort,
                toolVersion: EarmarkVersion.current, triages: analyst.options.triages, playedAt: question.playedAt),
            outcome: outcome, evidence: evidence)
        return Result(line: try line.signed(analyst.bundle.signer), outcome: outcome)
    }
}

extension RunPlan.Item {
    /// Why a file is not the one that was planned; nil if it is.
    fileprivate func problem(withDigest digest: String, path: String) -> String? {
        if let sha256, sha256 != digest { return "the input is not the one that was planned: its SHA-256 is \(digest)" }
        guard let bytes, let size = FilePath.status(path).map({ Int64($0.st_size) }), size != bytes else { return nil }
        return "the input is not the one that was planned: it has \(size) bytes and not \(bytes)"
    }
}

extension FileOutcome {
    /// The outcome under the name that the input is shown as, wherever it lay while it was analysed.
    fileprivate func shown(as name: String, insteadOf path: String) -> FileOutcome {
        guard name != path else { return self }
        let refusal = refusal.map {
            Refusal(code: $0.code, message: FileOutcome.replacing(path, with: name, in: $0.message))
        }
        var outcome = FileOutcome(path: name, id: id, date: date, answer: answer, refusal: refusal)
        outcome.answer?.file.name = FilePath.lastPart(name)
        outcome.further = further?.map { $0.shown(as: name, insteadOf: path) }
        return outcome
    }

    /// `text` with `name` in place of `path`, by bytes: what combines with its end makes no other name of it.
    private static func replacing(_ path: String, with name: String, in text: String) -> String {
        let bytes = Array(text.utf8).split(separator: Array(path.utf8), omittingEmptySubsequences: false)
        return String(decoding: Array(bytes.joined(separator: Array(name.utf8))), as: UTF8.self)
    }
}
