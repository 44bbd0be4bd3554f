/// Reads comma-separated values as RFC 4180 has them, strictly.
///
/// Records end with LF or CRLF; fields may be quoted, and only quoted fields may hold commas, quotes (doubled) and line
/// ends. Anything else that is irregular is refused with its place.
package struct CSVReader {
    /// A place that breaks the format.
    ///
    /// Rows and columns count from 1, as spreadsheets do.
    package struct Problem: Error, Equatable {
        package let row: Int
        package let column: Int
        package let text: String

        /// Bundles the parts.
        package init(row: Int, column: Int, text: String) {
            self.row = row
            self.column = column
            self.text = text
        }
    }

    private enum Byte {
        static let quote = UInt8(ascii: "\"")
        static let lineFeed = UInt8(ascii: "\n")
        static let carriageReturn = UInt8(ascii: "\r")
    }

    private let bytes: ArraySlice<UInt8>
    private let separator: UInt8
    private var position: Int
    private var row = 1
    private var column = 1

    private init(_ bytes: ArraySlice<UInt8>, separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
        position = bytes.startIndex
    }

    /// The records of `bytes`; a blank line is a record of one empty field.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, a byte-order mark allowed.
    ///   - separator: what stands between fields.
    package static func records(
        _ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ",")
    ) throws(Problem) -> [[String]] {
        try records(bytes, separator: separator) { String(validating: $0, as: UTF8.self) }
    }

    /// The records of `bytes`, whose fields `field` reads; nil from it is refused as no UTF-8.
    package static func records<Field>(
        _ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ","), field: ([UInt8]) -> Field?
    ) throws(Problem) -> [[Field]] {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw Problem(row: 1, column: 1, text: "the file is UTF-16; save it as UTF-8")
        }
        let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        var reader = CSVReader(bytes[(hasMark ? 3 : 0)...], separator: separator)
        var records: [[Field]] = []
        while reader.position < reader.bytes.endIndex { records.append(try reader.record(field)) }
        return records
    }

    private mutating func record<Field>(_ read: ([UInt8]) -> Field?) throws(Problem) -> [Field] {
        var fields: [Field] = []
        column = 1
        while true {
            guard let field = read(try field()) else { throw problem("is not UTF-8") }
            fields.append(field)
            guard position < bytes.endIndex else { return fields }
            let isComma = bytes[position] == separator
            // `field` stops at a comma or a line end only.
            position += bytes[position] == Byte.carriageReturn ? 2 : 1
            guard isComma else {
                row += 1
                return fields
            }
            column += 1
        }
    }

    private mutating func field() throws(Problem) -> [UInt8] {
        position < bytes.endIndex && bytes[position] == Byte.quote ? try quotedField() : try plainField()
    }

    private mutating func plainField() throws(Problem) -> [UInt8] {
        let start = position
        while !isAtFieldEnd {
            switch bytes[position] {
            case Byte.quote: throw problem("holds a quote; quote the whole field and double the quotes in it")
            case Byte.carriageReturn: throw problem("holds a carriage return without a line feed")
            default: position += 1
            }
        }
        return Array(bytes[start..<position])
    }

    private mutating func quotedField() throws(Problem) -> [UInt8] {
        var content: [UInt8] = []
        position += 1
        while true {
            guard position < bytes.endIndex else { throw problem("has an opening quote that is never closed") }
            let byte = bytes[position]
            position += 1
            if byte != Byte.quote {
                content.append(byte)
            } else if position < bytes.endIndex, bytes[position] == Byte.quote {
                content.append(byte)
                position += 1
            } else {
                guard isAtFieldEnd else { throw problem("has text after its closing quote") }
                return content
            }
        }
    }

    /// Whether a comma, a line end or the end of the file comes next.
    private var isAtFieldEnd: Bool {
        guard position < bytes.endIndex else { return true }
        switch bytes[position] {
        case separator, Byte.lineFeed: return true
        case Byte.carriageReturn: return position + 1 < bytes.endIndex && bytes[position + 1] == Byte.lineFeed
        default: return false
        }
    }

    private func problem(_ text: String) -> Problem { Problem(row: row, column: column, text: text) }
}
