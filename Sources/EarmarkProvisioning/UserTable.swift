/// The list of users that the vendor's site exports: tab-delimited, UTF-16LE with a byte order mark.
///
/// Every cell and line end that is not changed is written as it was read, whatever it is.
public struct UserTable: Sendable {
    /// A user whose privileges were changed.
    public struct Change: Equatable, Sendable {
        /// The line, counted from 1 with the heading.
        public let line: Int
        /// The user's name or address, where there is a column for it; else the first cell.
        public let user: String
        /// The cell before and after.
        public let before: String
        /// The cell as it is now.
        public let after: String
    }

    private var lines: [Line]
    private let column: Int
    private let nameColumns: [Int]
    private let encoding: Encoding

    private enum Encoding {
        case utf16, utf8
    }

    private struct Line {
        var cells: [String]
        let end: String
    }

    private static let privilegeColumn = "meetingprivilege"
    private static let nameHeadings = ["email", "username", "userid"]
    private static let utf16Mark: [UInt8] = [0xFF, 0xFE]
    private static let utf8Mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// Largest number of a session type that is taken for one.
    private static let maximumID = 999_999

    /// Reads an exported list.
    ///
    /// UTF-8 with a byte order mark is read too, as editors make it; `serialized` writes UTF-16LE in any case.
    /// - Throws: `badTable`.
    public init(_ bytes: [UInt8]) throws(ProvisioningError) {
        let text: String?
        if bytes.starts(with: UserTable.utf16Mark) {
            encoding = .utf16
            text = UserTable.decode(bytes.dropFirst(UserTable.utf16Mark.count))
        } else if bytes.starts(with: UserTable.utf8Mark) {
            encoding = .utf8
            text = String(validating: bytes.dropFirst(UserTable.utf8Mark.count), as: UTF8.self)
        } else {
            throw ProvisioningError(
                .badTable,
                "the list has no byte order mark; export it anew, it is tab-delimited Unicode text (UTF-16LE)")
        }
        guard let text else {
            throw ProvisioningError(.badTable, "the list is not the Unicode text that its mark says")
        }
        lines = UserTable.lines(text)
        let headings = (lines.first?.cells ?? []).map { UserTable.unquoted($0).lowercased() }
        let columns = headings.indices.filter { headings[$0] == UserTable.privilegeColumn }
        guard let column = columns.first, columns.count == 1 else {
            throw ProvisioningError(
                .badTable, "the heading has \(columns.isEmpty ? "no" : "more than one") column 'MeetingPrivilege'")
        }
        self.column = column
        nameColumns = UserTable.nameHeadings.compactMap { headings.firstIndex(of: $0) }
    }

    /// Adds a session type to the users that `includes` chooses by their cells under `Email`, `UserName` or `UserID`.
    ///
    /// - Returns: what was changed; users who have the type already are left alone.
    /// - Throws: `badTable` if a line has no cell for privileges or something else than numbers in it.
    public mutating func grant(
        _ id: Int, to includes: (_ names: [String]) -> Bool = { _ in true }
    ) throws(ProvisioningError) -> [Change] {
        guard (1...UserTable.maximumID).contains(id) else {
            throw ProvisioningError(.badTable, "a session type is a number from 1 to \(UserTable.maximumID)")
        }
        var changes: [Change] = []
        for index in lines.indices.dropFirst() where lines[index].cells != [""] {
            let cells = lines[index].cells
            guard cells.count > column else {
                throw ProvisioningError(.badTable, "line \(index + 1) is shorter than the heading")
            }
            let names = nameColumns.filter { $0 < cells.count }.map { UserTable.unquoted(cells[$0]) }
            guard includes(names) else { continue }
            let before = cells[column]
            guard let ids = UserTable.ids(before) else {
                throw ProvisioningError(
                    .badTable, "line \(index + 1) has under 'MeetingPrivilege' something else than numbers with commas")
            }
            if ids.contains(id) { continue }
            lines[index].cells[column] = UserTable.adding(id, to: before)
            changes.append(
                Change(
                    line: index + 1, user: names.first { !$0.isEmpty } ?? UserTable.unquoted(cells[0]),
                    before: UserTable.unquoted(before), after: UserTable.unquoted(lines[index].cells[column])))
        }
        return changes
    }

    /// Adds a session type to the named users, or to all if none is named.
    ///
    /// - Parameters:
    ///   - id: the session type's number.
    ///   - users: mail addresses or names, in whatever case.
    /// - Returns: what was changed; users who have the type already are left alone.
    /// - Throws: `ProvisioningError` as above, or `IntakeError` `missing` for users that the list does not have.
    package mutating func grant(_ id: Int, toUsers users: [String]) throws -> [Change] {
        var missing = Set(users.map { $0.lowercased() })
        let wanted = missing
        let changes = try grant(id) { names in
            let found = wanted.intersection(names.map { $0.lowercased() })
            missing.subtract(found)
            return wanted.isEmpty || !found.isEmpty
        }
        guard missing.isEmpty else {
            throw IntakeError(
                .missing, "the list has no user \(missing.sorted().map { "'\($0)'" }.joined(separator: ", "))")
        }
        return changes
    }

    /// The list as the vendor's site imports it: UTF-16LE with a byte order mark.
    public func serialized() -> [UInt8] {
        let text = lines.map { $0.cells.joined(separator: "\t") + $0.end }.joined()
        return UserTable.utf16Mark + text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.count.isMultiple(of: 2) else { return nil }
        let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map {
            UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
        }
        return String(validating: units, as: UTF16.self)
    }

    /// Lines with their ends; quotes keep tabs and line ends within a cell.
    private static func lines(_ text: String) -> [Line] {
        var lines: [Line] = []
        var cells: [String] = []
        var cell = String.UnicodeScalarView()
        var isQuoted = false
        let scalars = Array(text.unicodeScalars)
        var index = 0
        func finish(_ end: String) {
            lines.append(Line(cells: cells + [String(cell)], end: end))
            cells = []
            cell = String.UnicodeScalarView()
        }
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == "\"", isQuoted || cell.isEmpty { isQuoted.toggle() }
            if isQuoted {
                cell.append(scalar)
            } else if scalar == "\t" {
                cells.append(String(cell))
                cell = String.UnicodeScalarView()
            } else if scalar == "\r", index < scalars.count, scalars[index] == "\n" {
                index += 1
                finish("\r\n")
            } else if scalar == "\n" {
                finish("\n")
            } else {
                cell.append(scalar)
            }
        }
        if !cells.isEmpty || !cell.isEmpty { finish("") }
        return lines
    }

    private static func unquoted(_ cell: String) -> String {
        guard cell.count >= 2, cell.hasPrefix("\""), cell.hasSuffix("\"") else { return cell }
        return String(cell.dropFirst().dropLast()).replacing("\"\"", with: "\"")
    }

    /// The numbers of a cell; nil if it holds anything else.
    private static func ids(_ cell: String) -> [Int]? {
        let text = unquoted(cell)
        guard !text.allSatisfy({ $0 == " " }) else { return [] }
        var ids: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let digits = part.filter { $0 != " " }
            guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let id = Int(digits) else {
                return nil
            }
            ids.append(id)
        }
        return ids
    }

    /// The cell with one number more, its quotes kept.
    private static func adding(_ id: Int, to cell: String) -> String {
        let text = unquoted(cell)
        let isBlank = text.allSatisfy { $0 == " " }
        let added = isBlank ? String(id) : "\(text),\(id)"
        return cell == text ? added : "\"\(added)\""
    }
}
