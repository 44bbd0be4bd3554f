import EarmarkFiles

/// One client to enrol: a device of a participant.
public struct RosterEntry: Sendable, Equatable {
    /// The participant's name, 1 to 200 characters.
    public var participant: String
    /// The participant's e-mail; the same e-mail, in whatever case, is the same participant.
    public var email: String
    /// The device's name, 1 to 200 characters, unique for the participant.
    public var device: String
    /// What the endpoint is.
    public var kind: ClientKind
    /// Whether its microphone sends tagged audio, if it can mark at all.
    public var hasMicrophoneTag: Bool

    /// Bundles the parts; they are checked when they are enrolled.
    public init(
        participant: String, email: String, device: String, kind: ClientKind = .desktop, hasMicrophoneTag: Bool = true
    ) {
        self.participant = participant
        self.email = email
        self.device = device
        self.kind = kind
        self.hasMicrophoneTag = hasMicrophoneTag
    }

    var tagging: MicrophoneTagging { hasMicrophoneTag && kind.canCarryMark ? .always : .never }
}

/// Reads and checks rosters.
public enum Roster {
    /// Largest roster file that is read, in bytes: over 100,000 clients.
    public static let maximumByteCount = 16 << 20

    /// The columns of a roster file.
    enum Column: String, CaseIterable {
        case participant, email, device, kind, microphone

        var isOptional: Bool { self == .kind || self == .microphone }
    }

    /// What a roster looks like, as advice.
    private static let form =
        "the first row names the columns, such as participant,email,device, and each row below it a client"

    /// Reads a roster file.
    ///
    /// - Parameter bytes: CSV in UTF-8, separated by commas, semicolons or tabs, whose header names `participant`,
    ///   `email`, `device` and optionally `kind` and `microphone` (`on` or `off`: whether it sends tagged audio), in
    ///   any order; columns with nothing in them are left out.
    /// - Returns: the entries in the file's order, at least one.
    /// - Throws: `rosterInvalid`; the message names row (the header is row 1) and column of each problem.
    public static func parse(_ bytes: [UInt8]) throws(StoreError) -> [RosterEntry] {
        guard bytes.count <= maximumByteCount else {
            throw StoreError(.rosterInvalid, "the roster is larger than \(maximumByteCount) bytes")
        }
        if let problem = Spreadsheet.problem(bytes) { throw StoreError(.rosterInvalid, "the roster \(problem)") }
        let table: [Spreadsheet.Row<String>]
        do {
            table = try Spreadsheet.rows(bytes)
        } catch {
            throw RosterProblems.error([RosterProblem(row: error.row, column: "\(error.column)", text: error.text)])
        }
        guard let header = table.first else { throw StoreError(.rosterInvalid, "the roster is empty; \(form)") }
        let columns = try columns(header.fields, row: header.number)
        var problems: [RosterProblem] = []
        var entries: [RosterEntry] = []
        var rows: [Int] = []
        for record in table.dropFirst() {
            let row = record.number
            guard record.fields.count == columns.count else {
                let text = "the row has \(record.fields.count) fields where the header has \(columns.count)"
                problems.append(RosterProblem(row: row, column: nil, text: text))
                continue
            }
            entries.append(entry(record.fields, columns: columns, row: row, problems: &problems))
            rows.append(row)
        }
        problems += RosterCheck.problems(entries, rows: rows)
        guard problems.isEmpty else { throw RosterProblems.error(problems) }
        guard !entries.isEmpty else { throw StoreError(.rosterInvalid, "the roster has a header but no clients") }
        return entries
    }

    /// The columns; nil for one without a title, in which spreadsheets leave nothing behind.
    private static func columns(_ header: [String], row: Int) throws(StoreError) -> [Column?] {
        var columns: [Column?] = []
        var problems: [RosterProblem] = []
        for (index, field) in header.enumerated() {
            let column = RosterTitles.column(field)
            if let column, columns.contains(column) {
                problems.append(RosterProblem(row: row, column: column.rawValue, text: "appears twice"))
            } else if column == nil, !RosterTitles.isBlank(field) {
                problems.append(
                    RosterProblem(row: row, column: "\(index + 1)", text: RosterTitles.problem(field, form: form)))
            }
            columns.append(column)
        }
        // What is missing is there under another name, as a rule.
        if problems.isEmpty {
            problems = Column.allCases.filter { !$0.isOptional && !columns.contains($0) }.map {
                RosterProblem(row: row, column: $0.rawValue, text: "is missing from the header; \(form)")
            }
        }
        guard problems.isEmpty else { throw RosterProblems.error(problems) }
        return columns
    }

    private static func entry(
        _ record: [String], columns: [Column?], row: Int, problems: inout [RosterProblem]
    ) -> RosterEntry {
        var entry = RosterEntry(participant: "", email: "", device: "")
        for (index, (column, field)) in zip(columns, record).enumerated() {
            let value = FieldRules.trimmed(field)
            guard let column else {
                guard !value.isEmpty else { continue }
                let text = "has no title in the first row; \(form)"
                problems.append(RosterProblem(row: row, column: "\(index + 1)", text: text))
                continue
            }
            switch column {
            case .participant: entry.participant = value
            case .email: entry.email = value
            case .device: entry.device = value
            case .kind:
                guard !value.isEmpty else { continue }
                if let kind = ClientKind(rawValue: value.lowercased()) {
                    entry.kind = kind
                } else {
                    let known = ClientKind.allCases.map(\.rawValue).joined(separator: ", ")
                    problems.append(RosterProblem(row: row, column: column.rawValue, text: "is none of \(known)"))
                }
            case .microphone:
                switch value.lowercased() {
                case "", "on": entry.hasMicrophoneTag = true
                case "off": entry.hasMicrophoneTag = false
                default:
                    problems.append(
                        RosterProblem(row: row, column: column.rawValue, text: "is neither on nor off"))
                }
            }
        }
        return entry
    }

    /// A participant with its clients, ready to be stored.
    struct Participant {
        var name: String
        var email: String
        var clients: [(device: String, kind: ClientKind, tagging: MicrophoneTagging)]
    }

    /// Checks entries and groups them by participant, in order of first appearance.
    static func participants(_ entries: [RosterEntry]) throws(StoreError) -> [Participant] {
        let problems = RosterCheck.problems(entries, rows: nil)
        guard problems.isEmpty else { throw RosterProblems.error(problems) }
        var participants: [Participant] = []
        var places: [String: Int] = [:]
        for entry in entries {
            let folded = FieldRules.folded(entry.email)
            let place = places[folded] ?? participants.count
            if place == participants.count {
                participants.append(Participant(name: entry.participant, email: entry.email, clients: []))
                places[folded] = place
            }
            participants[place].clients.append((entry.device, entry.kind, entry.tagging))
        }
        return participants
    }
}
