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
    /// The result file.
    package let out: String

    private enum CodingKeys: String, CodingKey {
        case files, results, firstAnswers, resumed, remaining, hidden, out
    }

    /// Gathers a tally of `total` files whose lines are in the file at `path`; `hidden` entries were left out.
    package init(_ tally: BatchRunner.Tally, total: Int, path: String, hidden: Int = 0) {
        self.hidden = hidden > 0 ? hidden : nil
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
