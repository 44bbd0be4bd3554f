/// Finds what a mistyped word may have meant.
package enum Nearest {
    /// The one of `words` that `word` differs least from, by letters that are missing, added or others; nil if none is
    /// within a third of its letters, or two: letters that change places count as two.
    package static func match(_ word: String, in words: [String]) -> String? {
        let allowed = max(word.count < 4 ? 1 : 2, word.count / 3)
        return words.map { (word: $0, distance: distance(word.lowercased(), $0)) }
            .filter { $0.distance <= allowed || $0.word.hasPrefix(word.lowercased()) }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }

    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left), Array(right))
        var row = Array(0...right.count)
        for (i, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let step = min(row[j] + 1, row[j + 1] + 1, diagonal + (character == other ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = step
            }
        }
        return row[right.count]
    }
}
