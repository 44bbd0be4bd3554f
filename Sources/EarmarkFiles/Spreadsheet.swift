/// Tables as spreadsheets save them: the one reader of every list that people give as CSV.
package enum Spreadsheet {
    /// A row that holds something, with its number, from 1, as spreadsheets count.
    package struct Row<Field> {
        package let number: Int
        package let fields: [Field]
    }

    /// The rows of a table that hold anything.
    ///
    /// Commas, semicolons or tabs separate the columns, as the first row has it or a first line `sep=;`, which is left
    /// out; so are rows without anything in them, as spreadsheets leave behind.
    /// - Parameters:
    ///   - bytes: UTF-8, a byte-order mark allowed.
    ///   - field: what to make of a cell's bytes; nil refuses it as no UTF-8.
    package static func rows<Field>(
        _ bytes: [UInt8], field: ([UInt8]) -> Field?
    ) throws(CSVReader.Problem) -> [Row<Field>] {
        let (separator, isDeclared) = separator(bytes)
        let records = try CSVReader.records(bytes, separator: separator) { bytes in
            field(bytes).map { (value: $0, isBlank: bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 }) }
        }
        return records.enumerated().dropFirst(isDeclared ? 1 : 0)
            .filter { !$1.allSatisfy(\.isBlank) }
            .map { Row(number: $0 + 1, fields: $1.map(\.value)) }
    }

    /// The same, with cells of text.
    package static func rows(_ bytes: [UInt8]) throws(CSVReader.Problem) -> [Row<String>] {
        try rows(bytes) { String(validating: $0, as: UTF8.self) }
    }

    /// How to save it, as advice.
    private static let saving =
        "save it as 'CSV UTF-8 (Comma delimited)' in Excel, or as 'Text CSV' in UTF-8 in LibreOffice"

    /// Why the bytes are no table of text, and how to save one; nil if they may be one.
    ///
    /// - Parameter isText: whether all of it must be UTF-8.
    package static func problem(_ bytes: [UInt8], isText: Bool = true) -> String? {
        let zip: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
        let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0]
        if bytes.starts(with: zip) { return "is a workbook (.xlsx or .ods), not CSV; \(saving)" }
        if bytes.starts(with: compound) { return "is a workbook (.xls), not CSV; \(saving)" }
        let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        if isText, !isWide, bytes.contains(0) { return "is no text; \(saving)" }
        if isText, !isWide, String(validating: bytes, as: UTF8.self) == nil {
            return "is not UTF-8 at row \(rowOfFirstProblem(bytes)), but perhaps Windows-1252, as Excel's 'CSV' is; "
                + saving
        }
        return nil
    }

    /// What separates the columns: what the first line declares (`sep=;`), else what the first row that holds anything
    /// has: a comma, else a semicolon or tab, as spreadsheets write where the comma is for decimals.
    ///
    /// - Returns: the separator, and whether the first line only declares it.
    package static func separator(_ bytes: [UInt8]) -> (separator: UInt8, isDeclared: Bool) {
        let comma = UInt8(ascii: ",")
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        let lines = content.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        if let first = lines.first, first.count == 5,
            String(decoding: first.prefix(4), as: UTF8.self).lowercased() == "sep=",
            let declared = first.last, separators.contains(declared), content.first == first.first
        {
            return (declared, true)
        }
        let row = lines.first { line in line.contains { $0 > UInt8(ascii: " ") && !separators.contains($0) } }
        guard let row, !row.contains(comma) else { return (comma, false) }
        return (separators.first(where: row.contains) ?? comma, false)
    }

    private static let separators = [",", ";", "\t"].map { UInt8(ascii: $0) }

    private static func rowOfFirstProblem(_ bytes: [UInt8]) -> Int {
        let rows = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return (rows.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }
}
