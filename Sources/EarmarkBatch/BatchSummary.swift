import EarmarkAnswer
import EarmarkFiles

/// What a batch did, as JSON.
package struct BatchSummary: Encodable, Equatable, Sendable {
    /// Files of the batch.
    package let files: Int
    /// Files by the name of what came of them.
    package let results: [String: Int]
    /// Files whose answer is a first answer, which `results` count, too; nil if there are none.
    package let firstAnswers: Int?
    /// Files by what came of them with what restricts that, for people.
    package let labels: [String: Int]
    /// Files whose line was there already.
    package let resumed: Int
    /// Files that were not reached.
    package let remaining: Int
    /// Hidden entries of folders, which were left out; nil if there were none.
    package let hidden: Int?
    /// Files of the store, and such as the batch writes, which were left out; nil if there were none.
    package let own: [String]?
    /// Links to folders that were searched, and files that `--include` does not take, which were left out; nil if there
    /// were none.
    package let links: Int?
    package let excluded: Int?
    /// Files that were refused, and those about which somebody is named, in the order of their paths, for people.
    package let refused: [BatchRunner.Noted]
    package let named: [BatchRunner.Noted]
    /// The result file.
    package let out: String

    private enum CodingKeys: String, CodingKey {
        case files, results, firstAnswers, resumed, remaining, hidden, own, links, excluded, out
    }

    /// Gathers a tally of `total` files whose lines are in the file at `path`.
    package init(_ tally: BatchRunner.Tally, total: Int, path: String, leftOut: BatchInput.LeftOut = .init()) {
        hidden = leftOut.hidden > 0 ? leftOut.hidden : nil
        own = leftOut.own.isEmpty ? nil : leftOut.own
        links = leftOut.links > 0 ? leftOut.links : nil
        excluded = leftOut.excluded > 0 ? leftOut.excluded : nil
        refused = tally.refused.sorted { FilePath.precedes($0.path, $1.path) }
        named = tally.named.sorted { FilePath.precedes($0.path, $1.path) }
        files = total
        results = tally.results.reduce(into: [:]) { $0[$1.key.result.name, default: 0] += $1.value }
        let first = tally.results.filter { $0.key.condition.contains(.firstAnswer) }.values.reduce(0, +)
        firstAnswers = first > 0 ? first : nil
        labels = tally.results.reduce(into: [:]) { $0[$1.key.label] = $1.value }
        resumed = tally.resumed
        remaining = tally.remaining
        out = path
    }

    /// Gathers what was joined to the file at `path`.
    package init(_ merge: BatchMerge, path: String) {
        var tally = BatchRunner.Tally(results: merge.results)
        tally.remaining = merge.remaining
        self.init(tally, total: merge.count + merge.remaining, path: path)
    }
}

extension BatchInput {
    /// Own files that are named to people; results in many parts are as many.
    private static let named = 5

    /// What was left out, for people; nil if nothing was.
    fileprivate static func text(hidden: Int?, own: [String]?, links: Int?, excluded: Int?) -> String? {
        let names = own.map { own in
            own.prefix(named).map { "'\($0)'" }.joined(separator: ", ")
                + (own.count > named ? " and \(own.count - named) more" : "")
        }
        let parts = [
            hidden.map { "\($0) hidden" }, excluded.map { "\($0) not taken by --include" },
            links.map { Counted.text($0, "link") + " to folders that were searched" },
            names.map { "\($0) (the store's or the batch's own)" },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }
}

extension BatchSummary {
    /// What was left out, for people; nil if nothing was.
    package var leftOut: String? { BatchInput.text(hidden: hidden, own: own, links: links, excluded: excluded) }

    /// Headed lists of the files about which somebody is named, and of those that were refused, line by line.
    package var notes: [String] {
        BatchSummary.lines("named", named, of: labels.filter { $0.key.hasPrefix("identified") }.values.reduce(0, +))
            + BatchSummary.lines("refused", refused, of: results[FileResult.refused.name] ?? 0)
    }

    private static func lines(_ head: String, _ noted: [BatchRunner.Noted], of count: Int) -> [String] {
        guard !noted.isEmpty else { return [] }
        let more = count > noted.count ? ["  and \(count - noted.count) more, whose lines are in the result file"] : []
        return ["\(head):"] + noted.map { "  \($0.path): \($0.words)" } + more
    }
}

extension BatchPlan {
    /// The result file and, on a line of its own, what is left out, for people.
    package var tail: String { out + (leftOut.map { "\nleft out: \($0)" } ?? "") }

    private var leftOut: String? { BatchInput.text(hidden: hidden, own: own, links: links, excluded: excluded) }
}
