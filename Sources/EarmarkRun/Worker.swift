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

    /// - Parameters:
    ///   - analyst: analyses with the bundle.
    ///   - clock: tells the time.
    ///   - folder: where inputs lie while they are analysed that are no files.
    package init(_ analyst: BundleAnalyst, clock: @escaping Store.Clock, folder: String) {
        self.analyst = analyst
        self.clock = clock
        fetcher = InputFetcher(folder: folder, maximumBytes: analyst.bundle.terms.settings.maximumBytes)
    }

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
        /// What the plan knows of it.
        package var item: RunPlan.Item?
        /// Its place in a plan.
        package var place: WorkLine.Place?

        /// A question about an input by itself.
        package init(_ input: String, shown: String? = nil, meeting: String? = nil, label: AnalysisLabel = .init()) {
            self.input = input
            self.shown = shown
            self.meeting = meeting
            self.label = label
        }

        /// A question of a plan.
        package init(_ plan: RunPlan, at place: Int, root: String?) {
            let item = plan.items[place]
            self.init(
                RemoteInput.join(root, item.input), shown: RemoteInput.shown(item.input), meeting: item.meeting,
                label: AnalysisLabel(name: item.name ?? "", note: item.note ?? ""))
            self.item = item
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
    /// - Throws: `RunError` where trying again may help: the input cannot be had; `BundleError` if the bundle does not
    ///   hold (any more), or not of the meeting.
    package func work(_ question: Question) throws -> Result {
        try analyst.bundle.header.requireValid(at: clock())
        guard let meeting = question.meeting ?? analyst.standing else {
            throw BundleError(
                .nothingHeld, "bundle '\(analyst.bundle.header.bundle)' holds several meetings: name one")
        }
        let shown = question.shown ?? RemoteInput.shown(question.input)
        if let refusal = question.item?.refusal {
            return try line(question, meeting, refused(shown, refusal), sha256: nil)
        }
        let input = try fetcher.fetch(question.input, shown: shown)
        defer { input.remove() }
        let sha256 = try digest(input.path)
        if let problem = question.item?.problem(withDigest: sha256, path: input.path) {
            return try line(
                question, meeting, refused(shown, .init(code: Worker.changed, message: problem)), sha256: sha256)
        }
        let result = try analyst.analyse(input.path, meeting: meeting, label: question.label, sha256: sha256)
        return try line(
            question, meeting, result.outcome.shown(as: shown, insteadOf: input.path), sha256: sha256,
            evidence: result.evidence)
    }

    /// The code of an input that is not the one that was planned.
    static let changed = "input-changed"

    private func digest(_ path: String) throws -> String {
        do {
            return try FileDigest.sha256(path: path)
        } catch let error as MediaError {
            throw RunError(error.code == .notFound ? .unknownInput : .inputOutput, error.message)
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
                toolVersion: EarmarkVersion.current),
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
            Refusal(code: $0.code, message: $0.message.replacing(path, with: name))
        }
        var outcome = FileOutcome(path: name, id: id, date: date, answer: answer, refusal: refusal)
        outcome.answer?.file.name = FilePath.lastPart(name)
        outcome.further = further?.map { $0.shown(as: name, insteadOf: path) }
        return outcome
    }
}
