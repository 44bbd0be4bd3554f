import ArgumentParser
import EarmarkFiles
import EarmarkReport
import EarmarkStore
import Foundation

/// The command `earmark audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show and check the log of what was done to the store.",
        subcommands: [List.self, Verify.self, Accept.self])

    /// The command `earmark audit list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what was done, latest first.",
            discussion: """
                  earmark audit list --limit 20
                  earmark audit list --json
                """)

        @Option(help: "Entries at most.")
        var limit: Int?

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
        }

        func run() throws {
            let entries = try storeOptions.open().auditEntries(limit: limit).map(AuditEntryView.init)
            try json.print(["entries": entries], human: AuditEntryView.table(entries))
        }
    }

    /// The command `earmark audit verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that no entry was changed, taken out or cut off.",
            discussion: """
                The exit status is 0 if all is well, 65 otherwise. Note the last link it prints, or publish it, from \
                time to time: --noted then also finds a store that was put back to an older state as a whole.

                  earmark audit verify
                  earmark audit verify --noted 17:9f2c…
                """)

        @Option(help: ArgumentHelp("An entry's place and link as noted earlier.", valueName: "place:link"))
        var noted: String?

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        private func parsedNote() throws -> (position: Int64, hash: String)? {
            guard let noted else { return nil }
            let parts = noted.split(separator: ":")
            guard parts.count == 2, let position = Int64(parts[0]), position > 0, parts[1].count == 64 else {
                throw CommandError(.usage, "--noted must be PLACE:LINK as 'earmark audit verify' prints it")
            }
            return (position, String(parts[1]))
        }

        func run() throws {
            let result = try storeOptions.openAsItIs().verifyAudit(noted: try parsedNote())
            let last = "last link  \(result.count):\(result.head)"
            let verdict =
                result.problems.isEmpty
                ? "\(result.count) entries, all as they were written; the details of \(result.purgedDetails) are purged"
                : "the log was tampered with"
            try json.print(
                [
                    "entries": result.count, "link": result.head, "purgedDetails": result.purgedDetails,
                    "problems": result.problems,
                ], human: (result.problems + [verdict, last]).joined(separator: "\n"))
            if !result.problems.isEmpty { throw ExitCode(ExitStatus.invalidInput.rawValue) }
        }
    }
}

extension AuditCommand {
    /// The command `earmark audit accept`.
    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go on with the log where the database's ends, though more was written.",
            discussion: """
                For a database that was put back by hand, or a key file without the file beside it that remembers the \
                log's length. The log then says what is missing.

                  earmark audit accept --reason "disk replaced, backup of 2026-03-02"
                """)

        @Option(help: "Why, for those who come later.")
        var reason: String

        @OptionGroup var storeOptions: StoreOptions

        func run() throws { try storeOptions.openAsItIs().acceptHead(reason: reason) }
    }
}

/// An entry of the audit log as JSON.
struct AuditEntryView: Encodable {
    let position: Int64
    let id: String
    let date: String
    let action: String
    let link: String
    let details: [String: String]?

    init(_ entry: AuditEntry) {
        position = entry.position
        id = entry.id
        date = entry.at.text
        action = entry.action
        link = entry.hash
        details = entry.details
    }

    /// Entries for people.
    static func table(_ entries: [AuditEntryView]) -> String {
        var table = Table("PLACE", "DATE", "ACTION", "WHO", "DETAILS")
        for entry in entries {
            let details = (entry.details ?? [:]).filter { $0.key != "actor" }.sorted { $0.key < $1.key }
            let text = details.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            table.add(
                String(entry.position), entry.date, entry.action, entry.details?["actor"] ?? "-",
                entry.details == nil ? "(purged)" : text)
        }
        return table.text
    }
}
