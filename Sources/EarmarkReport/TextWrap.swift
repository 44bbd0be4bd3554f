/// Breaks lines of results for a terminal, so that what belongs to a column stays in it.
package enum TextWrap {
    /// Narrower than this, a column is no longer readable, and lines stay for the terminal to break.
    private static let least = 30

    /// `text` with lines of at most `width` columns where they are sentences, or values of a list.
    ///
    /// Rows of tables, which have several gaps, stay whole: broken, they would be no table.
    package static func text(_ text: String, width: Int) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { wrapped(String($0), width: width) }
            .joined(separator: "\n")
    }

    private static func wrapped(_ line: String, width: Int) -> String {
        guard line.count > width else { return line }
        let indent = valueColumn(line)
        guard let indent, width - indent >= least else { return line }
        let head = String(line.prefix(indent))
        var rows: [String] = []
        var row = ""
        for word in line.dropFirst(indent).split(separator: " ") {
            if !row.isEmpty, indent + row.count + 1 + word.count > width {
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
