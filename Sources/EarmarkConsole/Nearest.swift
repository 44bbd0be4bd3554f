/// Finds what a mistyped word may have meant.
package enum Nearest {
    /// The one of `words` that `word` differs least from, by letters that are missing, added, others or changed
    /// places with their neighbour; nil if none is within a third of its letters, or two.
    package static func match(_ word: String, in words: [String]) -> String? {
        let allowed = max(word.count < 4 ? 1 : 2, word.count / 3)
        return words.map { (word: $0, distance: distance(word.lowercased(), $0)) }
            .filter { $0.distance <= allowed || $0.word.hasPrefix(word.lowercased()) }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }

    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                let isSame = left[i] == right[j]
                var step = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (isSame ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    step = min(step, rows[i - 1][j - 1] + 1)
                }
                row.append(step)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
