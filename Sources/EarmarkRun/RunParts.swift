import Crypto
import EarmarkFiles
import EarmarkOutput
import Foundation

/// Reads the parts of a run and judges whether they are all of it, whole, each once, and of one plan.
///
/// Memory grows by some bytes an item, and not with what lines hold.
package struct RunParts: Sendable {
    /// Items of which a problem lists the names.
    private static let listed = 100

    /// Where a line stands.
    struct Line: Sendable {
        let file: Int32
        let count: Int32
        let offset: Int64
    }

    /// How a part stands.
    package struct State: Encodable, Equatable, Sendable {
        /// Which part, from 1.
        package let part: Int
        /// The file; nil if it is missing.
        package let path: String?
        /// Items of the part.
        package let items: Int
        /// Items with a line.
        package fileprivate(set) var lines = 0
        /// Whether the part was closed.
        package fileprivate(set) var isClosed = false
        /// Whether something in it does not hold.
        fileprivate var isDamaged = false

        private enum CodingKeys: String, CodingKey { case part, path, items, lines, isClosed }

        /// The state in a word.
        package var word: String {
            guard path != nil else { return "missing" }
            return isClosed ? "closed" : isDamaged ? "damaged" : "unfinished"
        }
    }

    /// The plan.
    package let plan: RunPlan
    /// The files, in the order in which they were given.
    let files: [String]
    /// The line of each item; nil for a missing one.
    private(set) var lines: [Line?]
    /// All parts, in order.
    package private(set) var states: [State]
    /// What is wrong, a line for each problem; empty if nothing is.
    package private(set) var problems: [String] = []
    /// Items without a line.
    package var missing: [Int] { lines.indices.filter { lines[$0] == nil } }
    /// Files by what came of them: verdicts by name, or `refused`.
    package private(set) var results: [String: Int] = [:]
    /// Those that were refused, by code.
    package private(set) var refusals: [String: Int] = [:]
    /// How many of those answers are of a few stretches alone.
    package private(set) var firstAnswers = 0
    /// How the problems are called together.
    private var code = RunError.Code.unfinished

    /// Whether the files are read once more.
    private let isReadAgain: Bool

    /// Reads the parts in `files`, plain ones if they are read once more; what cannot be read is a problem.
    package init(_ files: [String], of plan: RunPlan, isReadAgain: Bool = false) {
        self.plan = plan
        self.isReadAgain = isReadAgain
        self.files = files
        lines = Array(repeating: nil, count: plan.items.count)
        states = (1...plan.parts).map {
            State(part: $0, path: nil, items: plan.count(ofPart: $0))
        }
        for index in files.indices {
            do { try read(index) } catch { report(.foreign, (error as? RunError)?.message ?? "\(error)") }
        }
        judge()
    }

    /// The error that refuses what is not whole; nil if it is.
    package var refusal: RunError? {
        problems.isEmpty ? nil : RunError(code, problems.joined(separator: "\n"))
    }

    private mutating func read(_ index: Int) throws {
        let path = files[index]
        var part: Int?
        var isForeign = false
        var closing: PartRecord.Closing.Body?
        var hash = SHA256()
        var (number, isBehind) = (0, false)
        let end = try RunLines.read(path, isReadAgain: isReadAgain) { bytes, offset in
            guard !isForeign, !isBehind else { return }
            number += 1
            defer { hash.update(data: bytes + [UInt8(ascii: "\n")]) }
            if closing != nil {
                isBehind = true
                damage(part)
                return report(.foreign, "'\(path)' goes on behind its end: \(RunParts.cure(part))")
            }
            guard let record = try? JSONDecoder().decode(PartRecord.Seen.self, from: Data(bytes)) else {
                isForeign = offset == 0
                damage(part)
                return report(.foreign, "'\(path)' holds a line that is none of a run: line \(number)")
            }
            if offset == 0 {
                part = open(record.opens, path)
                isForeign = part == nil
            } else if let closes = record.closes {
                closing = closes
                judge(closes, part ?? 0, digest: Hexadecimal.text(hash.finalize()), path)
            } else if !record.isOfTheWay, let part {
                let line = Line(file: Int32(index), count: Int32(clamping: bytes.count), offset: offset)
                add(record, part, line, path)
            }
        }
        if end.offset == 0 { report(.unfinished, "'\(path)' holds nothing: it was not begun, or not copied whole") }
        if end.isTorn { report(.unfinished, "'\(path)' ends within a line: it was not finished, or not copied whole") }
        guard let part, !isForeign else { return }
        states[part - 1].isClosed = closing != nil && !end.isTorn && !states[part - 1].isDamaged
        if closing == nil {
            report(.unfinished, "'\(path)', part \(part), was not finished: it has no end record; start it again")
        }
    }

    /// Takes note that what lies there of a part is not what its worker wrote.
    private mutating func damage(_ part: Int?) { if let part { states[part - 1].isDamaged = true } }

    /// What to do about a part that is damaged.
    private static func cure(_ part: Int?) -> String {
        "copy it again, or start \(part.map { "part \($0)" } ?? "the part") again with this file"
    }

    /// The part that a file opens as; nil if it is none of this run.
    private mutating func open(_ opening: PartRecord.Opening.Body?, _ path: String) -> Int? {
        guard let opening, opening.plan == plan.digest, opening.parts == plan.parts,
            (1...plan.parts).contains(opening.part)
        else {
            report(.foreign, "'\(path)' is no part of this run: it does not open with the plan's digest")
            return nil
        }
        let state = states[opening.part - 1]
        if let other = state.path {
            report(.foreign, "'\(other)' and '\(path)' are both part \(opening.part)")
            return nil
        }
        states[opening.part - 1] = State(part: opening.part, path: path, items: state.items)
        return opening.part
    }

    private mutating func add(_ record: PartRecord.Seen, _ part: Int, _ line: Line, _ path: String) {
        guard let place = record.place, place.plan == plan.digest, plan.items.indices.contains(place.item),
            plan.part(ofItem: place.item) == part
        else {
            damage(part)
            return report(.foreign, "'\(path)' holds a line that is not of its part, of '\(record.path ?? "?")'")
        }
        guard lines[place.item] == nil else {
            let name = RemoteInput.shown(plan.items[place.item].input)
            damage(part)
            return report(.foreign, "'\(path)' holds two lines about '\(name)'")
        }
        lines[place.item] = line
        states[part - 1].lines += 1
        results[record.refusal == nil ? record.verdict ?? "?" : "refused", default: 0] += 1
        if let refusal = record.refusal { refusals[refusal.code, default: 0] += 1 }
        if record.triage?.isAnswer ?? false { firstAnswers += 1 }
    }

    private mutating func judge(_ closing: PartRecord.Closing.Body, _ part: Int, digest: String, _ path: String) {
        guard closing.plan == plan.digest, closing.part == part else {
            damage(part)
            return report(.foreign, "'\(path)' ends as a part of another run, or as another part")
        }
        if closing.sha256 != digest || closing.lines != states[part - 1].lines {
            damage(part)
            report(
                .foreign,
                "'\(path)' is not what its worker closed: it was changed, or not copied whole; \(RunParts.cure(part))")
        }
    }

    /// What is missing, all parts together.
    private mutating func judge() {
        let absent = states.filter { $0.path == nil }
        if !absent.isEmpty {
            report(
                .unfinished,
                "\(absent.count) of \(plan.parts) parts \(absent.count == 1 ? "is" : "are") missing: "
                    + RunParts.list(absent.map { String($0.part) }))
        }
        let missing = missing
        if !missing.isEmpty {
            report(
                .unfinished,
                "\(missing.count) of \(plan.items.count) inputs \(missing.count == 1 ? "has" : "have") no line: "
                    + RunParts.list(missing.map { "'\(RemoteInput.shown(plan.items[$0].input))'" }))
        }
    }

    /// How large the run is.
    package var size: String {
        "\(Counted.text(plan.items.count, "input")) of \(Counted.text(plan.parts, "part"))"
    }

    /// `text` with how many inputs were refused, and why, below it.
    package func shown(_ text: String) -> String { refusalText.map { "\(text)\n\($0)" } ?? text }

    /// How many inputs were refused, and why; nil if none was.
    private var refusalText: String? {
        guard !refusals.isEmpty else { return nil }
        let count = refusals.values.reduce(0, +)
        let codes = refusals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        return OutputText.message(
            "\(count) of \(Counted.text(plan.items.count, "input")) refused: \(codes.joined(separator: ", "))")
    }

    private static func list(_ words: [String]) -> String {
        let more = words.count > listed ? ", and \(words.count - listed) more" : ""
        return words.prefix(listed).joined(separator: ", ") + more
    }

    private mutating func report(_ code: RunError.Code, _ text: String) {
        if code == .foreign { self.code = code }
        // One line each, whatever the names in it hold.
        problems.append(OutputText.message(text))
    }
}
