import EarmarkAnswer
import EarmarkFiles
import EarmarkService
import EarmarkStore
import Foundation

/// A list of files with what is known of each, as CSV or as one JSON object a line.
enum Manifest {
    /// A row: a file, and what the row says of it.
    struct Row: Equatable {
        var file: String
        var meeting: String?
        var label = AnalysisLabel()
        /// When its beginning was played, as the row says it; nil if it does not.
        var playedAt: String?
        /// Why the file is not even looked at; nil if it is.
        var refusal: FileOutcome.Refusal?
    }

    /// The code of rows whose name or note nobody could store: that of the store.
    private static let unfit = StoreError.Code.valueInvalid.rawValue

    /// Largest manifest that is read, in bytes: a million files.
    static let maximumByteCount = 256 << 20

    private enum Column: String, CaseIterable {
        case file, meeting, name, note
        case playedAt = "played_at"
    }

    /// The columns that a row may have beside 'file'.
    private static let optional = "'meeting', 'name', 'note', 'played_at'"

    /// How the rows are written.
    enum Form {
        case csv, ndjson
        /// One path a line.
        case paths

        /// By the ending of a file's name; nil for what is no manifest.
        init?(path: String) {
            switch FilePath.ending(path) {
            case "csv": self = .csv
            case "ndjson", "jsonl": self = .ndjson
            default: return nil
            }
        }

        /// By the first line, for standard input.
        init(content: [UInt8]) {
            let first = content.prefix { $0 != UInt8(ascii: "\n") }
            let text = String(decoding: first, as: UTF8.self).trimmingCharacters(in: .whitespaces)
            let (separator, isDeclared) = Spreadsheet.separator(content)
            let fields = text.lowercased().split(separator: Character(Unicode.Scalar(separator)))
                .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            if text.hasPrefix("{") {
                self = .ndjson
            } else if isDeclared
                || fields.contains(Column.file.rawValue) && fields.allSatisfy({ Column(rawValue: $0) != nil })
            {
                self = .csv
            } else {
                self = .paths
            }
        }
    }

    /// Reads the rows in `bytes`; `source` names them in messages.
    ///
    /// A row whose name or note is unfit is refused by itself.
    static func parse(_ bytes: [UInt8], form: Form, source: String) throws(BatchError) -> [Row] {
        let rows =
            switch form {
            case .csv: try csv(bytes, source: source)
            case .ndjson: try ndjson(bytes, source: source)
            case .paths: try paths(bytes, source: source)
            }
        return rows.map { row in
            var row = row
            if let problem = AnalysisDraft.problem(withName: row.label.name, note: row.label.note) {
                // What cannot be stored is not shown either.
                row.label = AnalysisLabel()
                row.refusal = row.refusal ?? .init(code: unfit, message: "was not analysed: its row's \(problem).")
            }
            return row
        }
    }

    private static func csv(_ bytes: [UInt8], source: String) throws(BatchError) -> [Row] {
        if let problem = Spreadsheet.problem(bytes, isText: false) { throw refuse(source, problem) }
        let records: [Spreadsheet.Row<[UInt8]>]
        do {
            // Files may be called by bytes that are no UTF-8.
            records = try Spreadsheet.rows(bytes) { $0 }
        } catch {
            throw refuse(source, "row \(error.row), column \(error.column): \(error.text)")
        }
        guard let header = records.first else { throw refuse(source, "is empty") }
        let columns = try columns(header.fields, row: header.number, source: source)
        var rows: [Row] = []
        for record in records.dropFirst() {
            guard record.fields.count == columns.count else {
                throw refuse(
                    source,
                    "row \(record.number): has \(record.fields.count) fields where the header has \(columns.count)")
            }
            let row = row(zip(columns, record.fields))
            guard !row.file.isEmpty else { throw refuse(source, "row \(record.number): names no file") }
            rows.append(row)
        }
        return rows
    }

    private static func columns(
        _ header: [[UInt8]], row: Int, source: String
    ) throws(BatchError) -> [Column] {
        var columns: [Column] = []
        for field in header.map({ String(decoding: $0, as: UTF8.self) }) {
            let name = field.trimmingCharacters(in: .whitespaces).lowercased()
            guard let column = Column(rawValue: name), !columns.contains(column) else {
                throw refuse(
                    source,
                    "row \(row): '\(field)' is none of the columns file, meeting, name, note, played_at, or comes twice"
                )
            }
            columns.append(column)
        }
        guard columns.contains(.file) else { throw refuse(source, "row \(row): the column 'file' is missing") }
        return columns
    }

    /// A row of CSV: only files may be called by bytes that are no UTF-8.
    private static func row(_ fields: some Sequence<(Column, [UInt8])>) -> Row {
        var row = Row(file: "")
        for (column, bytes) in fields {
            guard column != .file else {
                row.file = FilePath.text(bytes)
                continue
            }
            guard let field = String(validating: bytes, as: UTF8.self) else {
                row.refusal = .init(
                    code: unfit, message: "was not analysed: its row's \(column.rawValue) is not UTF-8.")
                continue
            }
            switch column {
            case .file: break
            case .meeting: row.meeting = field.isEmpty ? nil : field
            case .name: row.label = AnalysisLabel(name: field, note: row.label.note)
            case .note: row.label = AnalysisLabel(name: row.label.name, note: field)
            case .playedAt: row.playedAt = field.isEmpty ? nil : field
            }
        }
        return row
    }

    private static func ndjson(_ bytes: [UInt8], source: String) throws(BatchError) -> [Row] {
        struct Line: Decodable {
            let file: String
            let meeting: String?
            let name: String?
            let note: String?
            let played_at: String?
        }
        let decoder = JSONDecoder()
        let known = Set(Column.allCases.map(\.rawValue))
        var rows: [Row] = []
        for (index, text) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard text.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
            let isText = String(validating: text, as: UTF8.self) != nil
            // Bytes that are no UTF-8 stand in a file's name as in all paths.
            let data = Data(isText ? Array(text) : FilePath.replacingIllFormed(text) { "\\" + FilePath.text([$0]) })
            guard let line = try? decoder.decode(Line.self, from: data), !line.file.isEmpty,
                let members = try? decoder.decode([String: JSONValue].self, from: data),
                known.isSuperset(of: members.keys)
            else {
                throw refuse(
                    source, "line \(index + 1): is not an object of 'file' and optionally \(optional)")
            }
            if let name = JSONMembers.repeated(in: Array(data)) {
                throw refuse(source, "line \(index + 1): '\(name)' comes twice")
            }
            var row = Row(
                file: line.file, meeting: line.meeting,
                label: AnalysisLabel(name: line.name ?? "", note: line.note ?? ""), playedAt: line.played_at)
            if !isText {
                // Anywhere else they are unfit: what stands there is another if they are left out.
                let rest = try? decoder.decode(Line.self, from: Data(FilePath.replacingIllFormed(text) { _ in "" }))
                if (rest?.meeting, rest?.name, rest?.note, rest?.played_at)
                    != (line.meeting, line.name, line.note, line.played_at)
                {
                    row = Row(file: line.file, meeting: rest?.meeting == line.meeting ? line.meeting : nil)
                    row.refusal = .init(code: unfit, message: "was not analysed: its row is not UTF-8.")
                }
            }
            rows.append(row)
        }
        return rows
    }

    private static func paths(_ bytes: [UInt8], source: String) throws(BatchError) -> [Row] {
        guard !bytes.contains(0) else {
            throw refuse(source, "is separated by NUL, as by 'find -print0'; list one path a line")
        }
        return paths(bytes)
    }

    private static func paths(_ bytes: [UInt8]) -> [Row] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let content = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            return content.isEmpty ? nil : Row(file: FilePath.text(content))
        }
    }

    private static func refuse(_ source: String, _ text: String) -> BatchError {
        BatchError(.invalidInput, "manifest '\(source)', \(text)")
    }
}
