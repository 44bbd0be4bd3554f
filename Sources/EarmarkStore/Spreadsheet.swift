/// What spreadsheets make of a table when it is not saved as CSV in UTF-8.
enum Spreadsheet {
    /// How to save it, as advice.
    private static let saving =
        "save it as 'CSV UTF-8 (Comma delimited)' in Excel, or as 'Text CSV' in UTF-8 in LibreOffice"

    /// Why the bytes are no table of text, and how to save one; nil if they may be one.
    static func problem(_ bytes: [UInt8]) -> String? {
        let zip: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
        let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0]
        if bytes.starts(with: zip) { return "is a workbook (.xlsx or .ods), not CSV; \(saving)" }
        if bytes.starts(with: compound) { return "is a workbook (.xls), not CSV; \(saving)" }
        let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        if !isWide, String(validating: bytes, as: UTF8.self) == nil {
            return "is not UTF-8 at row \(rowOfFirstProblem(bytes)), but perhaps Windows-1252, as Excel's 'CSV' is; "
                + saving
        }
        return nil
    }

    /// What separates the columns of the first row that holds anything: a comma if it has one, else a semicolon or
    /// tab if it has one, as spreadsheets write where the comma is for decimals.
    static func separator(_ bytes: [UInt8]) -> UInt8 {
        let comma = UInt8(ascii: ",")
        let lines = bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let row = lines.first { line in line.contains { $0 > UInt8(ascii: " ") && !separators.contains($0) } }
        guard let row, !row.contains(comma) else { return comma }
        return separators.first(where: row.contains) ?? comma
    }

    private static let separators = [",", ";", "\t"].map { UInt8(ascii: $0) }

    private static func rowOfFirstProblem(_ bytes: [UInt8]) -> Int {
        let rows = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return (rows.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }
}
