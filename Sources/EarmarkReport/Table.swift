import EarmarkOutput

/// Text in aligned columns.
package struct Table {
    private var rows: [[String]]

    /// A table with these column titles.
    package init(_ titles: String...) { rows = [titles] }

    /// Adds a row with a cell for each column; line ends in cells become spaces.
    package mutating func add(_ cells: String...) {
        rows.append(Table.cells(cells))
    }

    /// The rows below their titles, columns two spaces apart.
    package var text: String { Table.aligned(rows) }

    /// Lines of `name  value`, the values aligned; absent values are left out.
    ///
    /// A value of several lines continues below its beginning, so that none of its lines passes for one of the list.
    package static func list(_ pairs: KeyValuePairs<String, String?>) -> String {
        aligned(
            pairs.flatMap { name, value in
                guard let value else { return [[String]]() }
                let lines = value.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
                    OutputText.field(oneLine(String(String.UnicodeScalarView($0))))
                }
                return lines.enumerated().map { [$0.offset == 0 ? name : "", $0.element] }
            })
    }

    /// Line ends and tabs as spaces.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\n" || $0 == "\t" ? " " : $0 }))
    }

    fileprivate static func cells(_ cells: [String]) -> [String] { cells.map { OutputText.field(oneLine($0)) } }

    fileprivate static let gap = 2

    private static func aligned(_ rows: [[String]]) -> String {
        let widths = rows.reduce(into: [Int]()) { widths, row in
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { line($0, widths) }.joined(separator: "\n")
    }

    fileprivate static func line(_ row: [String], _ widths: [Int]) -> String {
        row.enumerated().map { column, cell in
            column == row.count - 1
                ? cell : cell + String(repeating: " ", count: max(0, widths[column] - cell.count) + gap)
        }.joined()
    }
}

/// A table of any length, whose rows are gone through twice and not kept: first measured, then written.
package struct LongTable {
    private let titles: [String]
    private var widths: [Int]

    /// A table with these column titles.
    package init(_ titles: String...) {
        self.titles = titles
        widths = titles.map(\.count)
    }

    /// Takes note of how wide the cells of a row are.
    package mutating func measure(_ cells: [String]) {
        for (column, cell) in Table.cells(cells).enumerated() { widths[column] = max(widths[column], cell.count) }
    }

    /// The line with the titles, and its end.
    package var header: String { Table.line(titles, widths) + "\n" }

    /// The line of a row, and its end.
    package func line(_ cells: [String]) -> String { Table.line(Table.cells(cells), widths) + "\n" }
}
