import EarmarkAnalysis
package import EarmarkAnswer
package import EarmarkBatch
import EarmarkFiles
import EarmarkMedia
import EarmarkService
import EarmarkStore
import Foundation

/// What a run consists of, fixed before anything is analysed: its inputs, what is asked, and how many parts there are.
///
/// The same inputs make the same bytes. The digest of the file is the run's name: parts and lines carry it.
package struct RunPlan: Codable, Equatable, Sendable {
    /// One input.
    package struct Item: Codable, Equatable, Sendable {
        /// A path, or an https URL.
        package let input: String
        /// The meeting that it may be of; nil for that of the bundle.
        package let meeting: String?
        /// Name of the analysis; nil for none.
        package let name: String?
        /// Note of the analysis; nil for none.
        package let note: String?
        /// When its beginning was played; nil if that is not known.
        package let playedAt: PlayedAt?
        /// Bytes; nil if that is not known.
        package let bytes: Int64?
        /// SHA-256, 64 lower-case hexadecimal digits; nil if that is not known.
        package let sha256: String?
        /// Why it is not even looked at; nil if it is.
        package let refusal: FileOutcome.Refusal?
    }

    private static let currentSchema = 1
    /// Largest plan that is read, bytes: some millions of inputs.
    private static let maximumByteCount = 1 << 30
    /// Most parts.
    package static let mostParts = 100_000

    private let schema: Int
    /// How hard is looked.
    package let effort: Effort
    /// Whether recordings below the organisation's limit are analysed, too.
    package let allowShort: Bool
    /// Whether stretches of long recordings are looked at first; nil if not.
    package let triage: Bool?
    /// Number of parts.
    package let parts: Int
    /// The inputs, in order.
    package let items: [Item]
    /// SHA-256 of the file, 64 lower-case hexadecimal digits; empty before it was written or read.
    package private(set) var digest = ""

    private enum CodingKeys: String, CodingKey {
        case schema, effort, allowShort, triage, parts, items
    }

    /// Plans what a batch found.
    ///
    /// - Parameters:
    ///   - found: the items; `noMeeting` stands for those of the bundle.
    ///   - parts: number of parts, > 0; where there are fewer items, some of them are empty.
    ///   - effort: how hard is looked.
    ///   - allowShort: whether short recordings are taken.
    ///   - triages: whether stretches of long recordings are looked at first.
    ///   - digests: whether every file is read for its digest.
    package init(
        _ found: [BatchItem], noMeeting: String, parts: Int, effort: Effort, allowShort: Bool, triages: Bool = false,
        digests: Bool
    ) {
        triage = triages ? true : nil
        schema = RunPlan.currentSchema
        self.effort = effort
        self.allowShort = allowShort
        self.parts = parts
        items = found.map { item in
            let isRemote = RemoteInput.isOne(item.path)
            return Item(
                input: item.path, meeting: item.meeting == noMeeting ? nil : item.meeting,
                name: item.label.name.isEmpty ? nil : item.label.name,
                note: item.label.note.isEmpty ? nil : item.label.note, playedAt: item.playedAt,
                bytes: isRemote ? nil : FilePath.status(item.path).map { Int64($0.st_size) },
                sha256: digests && !isRemote ? try? FileDigest.sha256(path: item.path) : nil,
                refusal: item.refusal ?? (isRemote ? nil : RunPlan.problem(withFile: item.path)))
        }
    }

    /// The refusal of what is no plain file, which no time mends; nil for a file, and where nothing is.
    static func problem(withFile path: String) -> FileOutcome.Refusal? {
        guard let kind = FilePath.status(path).map({ $0.st_mode & S_IFMT }), kind != S_IFREG else { return nil }
        return .init(
            code: MediaError.Code.unreadable.rawValue,
            message: kind == S_IFDIR ? "is a folder." : "is no plain file: read a pipe by standard input, -.")
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: `malformed`, `unknownInput`, `inputOutput`.
    package init(path: String) throws(RunError) {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try SmallFile.read(path, maximumByteCount: RunPlan.maximumByteCount)
        } catch {
            let isMissing = error.code == .missing || FilePath.isBarred(path)
            throw isMissing ? RunError(.planMissing, error.message) : RunError(error)
        }
        guard let plan = try? JSONDecoder().decode(RunPlan.self, from: Data(bytes)),
            plan.schema == RunPlan.currentSchema, (1...RunPlan.mostParts).contains(plan.parts)
        else { throw RunError(.malformed, "'\(path)' is no plan of a run, or one of a later version") }
        self = plan
        digest = FileDigest.sha256(of: bytes)
        try validate()
    }

    /// Refuses another plan than the one that was made, if its digest is known.
    ///
    /// - Throws: `foreign`; `partUnusable` for what is no whole digest, which every plan would differ from.
    package func require(digest expected: String?) throws(RunError) {
        guard let expected = expected?.lowercased(), expected != digest else { return }
        guard expected.utf8.count == digest.utf8.count, Hexadecimal.bytes(Array(expected.utf8)) != nil else {
            throw RunError(
                .partUnusable,
                "--expect takes the whole digest that 'run plan' printed, \(digest.utf8.count) hexadecimal digits")
        }
        throw RunError(
            .foreign,
            "the plan is not the one that is expected: its digest is \(digest), so it was replaced or changed")
    }

    /// Refuses what no worker can take, or no store.
    private func validate() throws(RunError) {
        for item in items where item.refusal == nil {
            func refuse(_ problem: String) -> RunError {
                RunError(.malformed, "the input '\(RemoteInput.shown(item.input))' cannot be planned: \(problem)")
            }
            if item.input.isEmpty || item.input == "-" { throw refuse("it names no file") }
            if RemoteInput.isOne(item.input), let problem = RemoteInput.problem(item.input) { throw refuse(problem) }
            if let problem = AnalysisDraft.problem(withName: item.name ?? "", note: item.note ?? "") {
                throw refuse("its \(problem)")
            }
            let kinds = [RunPlan.meetingPrefix, RunPlan.searchPrefix]
            if let meeting = item.meeting, !kinds.contains(where: { meeting.utf8.starts(with: $0.utf8) }) {
                throw refuse(
                    "'\(meeting)' is no meeting's identifier, and workers know no titles: plan where the store is, "
                        + "or write the identifier that 'earmark meeting list' shows there")
            }
        }
    }

    /// What is told where stretches are planned, and a bundle knows no meeting.
    package static let triageNeedsMeetings =
        "the plan asks for stretches first (run plan --triage), which a bundle of any meeting cannot: take a bundle "
        + "made with --meeting, or plan without --triage"

    private static let meetingPrefix = "m_"
    /// What stands for all meetings of a search.
    private static let searchPrefix = "any"

    /// What of the plan this machine cannot vouch for, a line each; empty where all inputs are there.
    package func warnings(digests: Bool) -> [String] {
        let local = items.filter { $0.refusal == nil && !RemoteInput.isOne($0.input) }
        let absent = local.filter { $0.bytes == nil }
        let unread = digests ? local.filter { $0.bytes != nil && $0.sha256 == nil } : []
        func counted(_ items: [Item], _ one: String, _ several: String) -> String {
            "\(Counted.text(items.count, "input")) \(items.count == 1 ? one : several)"
        }
        func list(_ items: [Item]) -> String {
            let names = items.prefix(RunPlan.named).map { "'\($0.input)'" }.joined(separator: ", ")
            return items.count > RunPlan.named ? "\(names) and \(items.count - RunPlan.named) more" : names
        }
        let remote = Dictionary(grouping: items.filter { RemoteInput.isOne($0.input) }) { RemoteInput.shown($0.input) }
        let alike = remote.values.filter { Set($0.map(\.input)).count > 1 }.flatMap { $0 }
        var warnings: [String] = []
        if !alike.isEmpty {
            warnings.append(
                "\(counted(alike, "differs", "differ")) from others by what follows '?' alone, which lines leave out")
        }
        if !absent.isEmpty {
            warnings.append("\(counted(absent, "is", "are")) not here, so nothing is noted of them: \(list(absent))")
        }
        if !unread.isEmpty {
            warnings.append("\(counted(unread, "has", "have")) no digest, since they cannot be read: \(list(unread))")
        }
        return warnings
    }

    /// Inputs that a warning names.
    private static let named = 10

    /// Writes the plan to a new file, an input a line; the plan with its digest.
    ///
    /// - Throws: `malformed`, `inputOutput`.
    package func create(_ path: String) throws -> RunPlan {
        try validate()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var text = "{\"schema\":\(schema),\"effort\":\"\(effort.rawValue)\",\"allowShort\":\(allowShort),"
        if triage ?? false { text += "\"triage\":true," }
        text += "\"parts\":\(parts),\"items\":["
        var bytes = Array(text.utf8)
        for (place, item) in items.enumerated() {
            bytes += Array((place > 0 ? ",\n" : "\n").utf8) + Array(try encoder.encode(item))
        }
        bytes += Array("\n]}\n".utf8)
        try PrivateFile.create(path, bytes: bytes)
        var plan = self
        plan.digest = FileDigest.sha256(of: bytes)
        return plan
    }

    /// Places of the items that part `part`, from 1, takes: every `parts`-th.
    package func places(ofPart part: Int) -> StrideTo<Int> { stride(from: part - 1, to: items.count, by: parts) }

    /// Items that part `part`, from 1, takes.
    package func count(ofPart part: Int) -> Int { (items.count - part + parts) / parts }

    /// The part that takes the item at `place`, from 1.
    package func part(ofItem place: Int) -> Int { place % parts + 1 }
}

extension RunError {
    /// The same failure of a file.
    init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .missing: .unknownInput
            case .exists, .exposed, .unfit, .tooLarge: .malformed
            case .busy: .busy
            case .inputOutput: .inputOutput
            }
        self.init(code, error.message)
    }
}
