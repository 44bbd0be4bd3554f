/// A value of a roster that breaks a rule.
struct RosterProblem: Equatable {
    /// Row in the file, the header being 1; nil for entries that come from no file.
    let row: Int?
    /// Name or number of the column; nil if the whole row is meant.
    let column: String?
    /// What is wrong, as a predicate of the column.
    let text: String

    var message: String {
        let place = [row.map { "row \($0)" }, column.map { "column \($0)" }].compactMap(\.self).joined(separator: ", ")
        return place.isEmpty ? text : "\(place): \(text)"
    }
}

/// Sums up what is wrong with a roster.
enum RosterProblems {
    /// Problems listed in one message; the rest are counted.
    static let maximumListed = 10

    static func error(_ problems: [RosterProblem]) -> StoreError {
        let sorted = problems.sorted { ($0.row ?? 0) < ($1.row ?? 0) }
        var lines = sorted.prefix(maximumListed).map { "roster \($0.message)" }
        if problems.count > maximumListed { lines.append("and \(problems.count - maximumListed) more problems") }
        return StoreError(.rosterInvalid, lines.joined(separator: "\n"))
    }
}

/// Checks the values of entries, each by itself and against those before.
enum RosterCheck {
    /// - Parameter rows: the row of each entry, or nil if they come from no file.
    static func problems(_ entries: [RosterEntry], rows: [Int]?) -> [RosterProblem] {
        var problems: [RosterProblem] = []
        var names: [String: (name: String, index: Int)] = [:]
        var devices: [[String]: Int] = [:]
        for (index, entry) in entries.enumerated() {
            func report(_ column: Roster.Column, _ text: String) {
                problems.append(RosterProblem(row: rows?[index], column: column.rawValue, text: text))
            }
            func place(_ index: Int) -> String { rows.map { "row \($0[index])" } ?? "another entry" }
            if let problem = FieldRules.problem(withName: entry.participant) { report(.participant, problem) }
            if let problem = FieldRules.problem(withEmail: entry.email) { report(.email, problem) }
            if let problem = FieldRules.problem(withName: entry.device) { report(.device, problem) }
            let email = FieldRules.folded(entry.email)
            if let first = names[email], first.name != entry.participant {
                report(.participant, "differs from \(place(first.index)), which has the same e-mail")
            } else if names[email] == nil {
                names[email] = (entry.participant, index)
            }
            let device = [email, FieldRules.folded(entry.device)]
            if let first = devices[device] {
                report(.device, "is the same e-mail and device as \(place(first))")
            } else {
                devices[device] = index
            }
        }
        return problems
    }
}
