/// Breaks lines of results for a terminal, so that what belongs to a column stays in it.
package enum TextWrap {
    /// Narrower than this, a column is no longer readable: what does not fit goes below, a little further in.
    private static let least = 20
    /// How much further in.
    private static let hanging = 2

    /// `text` with lines of at most `width` columns where they are sentences, or values of a list.
    ///
    /// Rows of tables, which have several gaps, stay whole: broken, they would be no table.
    package static func text(_ text: String, width: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { wrapped(String($0), width: width) }
            .joined(separator: "\n")
    }

    private static func wrapped(_ line: String, width: Int) -> String {
        guard line.count > width else { return line }
        guard let column = valueColumn(line) else { return line }
        let isNarrow = column > 0 && width - column < least
        // Where a column has no room, its name is a word like others.
        let indent = isNarrow ? hanging : column
        let head = isNarrow ? "" : String(line.prefix(column))
        var rows: [String] = []
        var row = ""
        for word in line.dropFirst(head.count).split(separator: " ") {
            let start = isNarrow && rows.isEmpty ? 0 : indent
            if !row.isEmpty, start + row.count + 1 + word.count > width {
                rows.append(row)
                row = ""
            }
            row += row.isEmpty ? String(word) : " " + word
        }
        rows.append(row)
        let blanks = String(repeating: " ", count: indent)
        return rows.enumerated().map { ($0.offset == 0 ? head : blanks) + $0.element }.joined(separator: "\n")
    }

    /// Where the value of a list begins, 0 for a sentence; nil for a row of a table.
    private static func valueColumn(_ line: String) -> Int? {
        var column = 0
        var gaps: [Int] = []
        var blanks = 0
        for character in line {
            if character != " " {
                if blanks > 1 { gaps.append(column) }
                blanks = 0
            } else {
                blanks += 1
            }
            column += 1
        }
        return gaps.count > 1 ? nil : gaps.first ?? 0
    }
}
