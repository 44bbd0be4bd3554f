import EarmarkOutput
import Foundation

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
    /// - Parameters:
    ///   - entries: what is to be enrolled.
    ///   - rows: the row of each entry, or nil if they come from no file.
    ///   - known: who is enrolled in the meeting already.
    static func problems(
        _ entries: [RosterEntry], rows: [Int]?, known: [RosterEntry] = []
    ) -> [RosterProblem] {
        var problems: [RosterProblem] = []
        var names: [String: (name: String, index: Int)] = [:]
        var devices: [[String]: Int] = [:]
        var looks = Lookalikes(known)
        for (index, entry) in entries.enumerated() {
            func report(_ column: Roster.Column, _ text: String) {
                problems.append(RosterProblem(row: rows?[index], column: column.rawValue, text: text))
            }
            func place(_ index: Int) -> String { rows.map { "row \($0[index])" } ?? "another entry" }
            if let problem = FieldRules.problem(withName: entry.participant) { report(.participant, problem) }
            if let problem = FieldRules.problem(withEmail: entry.email) { report(.email, problem) }
            if let problem = FieldRules.problem(withName: entry.device) { report(.device, problem) }
            for (column, other) in looks.take(entry) {
                report(column, "looks like '\(other)', and differs in characters that are not shown")
            }
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

/// Finds names, e-mails and devices that read alike and are not the same.
private struct Lookalikes {
    /// What was seen, by how it reads.
    private var names: [String: String] = [:]
    private var emails: [String: String] = [:]
    private var devices: [[String]: String] = [:]

    init(_ known: [RosterEntry]) {
        for entry in known { _ = take(entry) }
    }

    /// Takes note of an entry; the columns in which it reads like another, with what that shows.
    mutating func take(_ entry: RosterEntry) -> [(column: Roster.Column, other: String)] {
        var found: [(column: Roster.Column, other: String)] = []
        let email = FieldRules.folded(entry.email)
        if let other = Self.note(entry.participant, at: Self.look(entry.participant), in: &names) {
            found.append((.participant, other))
        }
        if let other = Self.note(email, at: Self.look(email), in: &emails) { found.append((.email, other)) }
        let place = [Self.look(email), Self.look(entry.device).lowercased()]
        if let other = Self.note(FieldRules.folded(entry.device), at: place, in: &devices) {
            found.append((.device, other))
        }
        return found
    }

    private static func look(_ text: String) -> String { text.visible.precomposedStringWithCanonicalMapping }

    /// What stood at `key`, if it was another text, as it is shown.
    private static func note<Key: Hashable>(_ text: String, at key: Key, in seen: inout [Key: String]) -> String? {
        let known = seen[key]
        seen[key] = known ?? text
        // Texts that are composed in two ways are equal, as they are to readers.
        return known.flatMap { $0 == text ? nil : $0.visible }
    }
}
