import EarmarkAnswer

/// What a batch did, as JSON.
package struct BatchSummary: Encodable, Equatable, Sendable {
    /// Files of the batch.
    package let files: Int
    /// Files by the name of what came of them.
    package let results: [String: Int]
    /// The same with what restricts an answer, for people.
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
        case files, results, resumed, remaining, hidden, out
    }

    /// Gathers a tally of `total` files whose lines are in the file at `path`; `hidden` entries were left out.
    package init(_ tally: BatchRunner.Tally, total: Int, path: String, hidden: Int = 0) {
        self.hidden = hidden > 0 ? hidden : nil
        files = total
        results = tally.results.reduce(into: [:]) { $0[$1.key.name] = $1.value }
        labels = tally.labels
        resumed = tally.resumed
        remaining = tally.remaining
        out = path
    }

    /// Gathers what was joined to the file at `path`.
    package init(_ merge: BatchMerge, path: String) {
        var tally = BatchRunner.Tally(results: merge.results)
        tally.labels = merge.labels
        tally.remaining = merge.remaining
        self.init(tally, total: merge.count + merge.remaining, path: path)
    }
}
