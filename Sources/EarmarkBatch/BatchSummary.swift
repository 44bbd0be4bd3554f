import EarmarkAnswer

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
    /// The result file.
    package let out: String

    private enum CodingKeys: String, CodingKey {
        case files, results, firstAnswers, resumed, remaining, hidden, own, out
    }

    /// Gathers a tally of `total` files whose lines are in the file at `path`.
    package init(_ tally: BatchRunner.Tally, total: Int, path: String, leftOut: BatchInput.LeftOut = .init()) {
        hidden = leftOut.hidden > 0 ? leftOut.hidden : nil
        own = leftOut.own.isEmpty ? nil : leftOut.own
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
    fileprivate static func text(hidden: Int?, own: [String]?) -> String? {
        let names = own.map { own in
            own.prefix(named).map { "'\($0)'" }.joined(separator: ", ")
                + (own.count > named ? " and \(own.count - named) more" : "")
        }
        let parts = [hidden.map { "\($0) hidden" }, names.map { "\($0) (the store's or the batch's own)" }]
        return hidden == nil && own == nil ? nil : parts.compactMap(\.self).joined(separator: "; ")
    }
}

extension BatchSummary {
    /// What was left out, for people; nil if nothing was.
    package var leftOut: String? { BatchInput.text(hidden: hidden, own: own) }
}

extension BatchPlan {
    /// The result file and, on a line of its own, what is left out, for people.
    package var tail: String { out + (BatchInput.text(hidden: hidden, own: own).map { "\nleft out: \($0)" } ?? "") }
}
