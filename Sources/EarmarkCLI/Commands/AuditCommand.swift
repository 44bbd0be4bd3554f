import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show and check the log of what was done to the store.",
        subcommands: [List.self, Verify.self, Anchors.self, Accept.self])

    /// The command `earmark audit list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what was done, latest first.",
            discussion: """
                  earmark audit list --limit 20
                  earmark audit list --json
                """)

        @OptionGroup var limit: LimitOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let entries = try storeOptions.open().auditEntries(limit: limit.limit).map(AuditEntryView.init)
            try json.print(["entries": entries], human: AuditEntryView.table(entries))
        }
    }

    /// The command `earmark audit verify`.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that no entry was changed, taken out or cut off.",
            discussion: """
                The exit status is 0 if all is well, 65 otherwise, and 65 or 74 where a file that is named here cannot \
                be compared. A store that was put back to an older state as a \
                whole, keys included, is found by its anchors ('earmark audit anchor'), whose files are compared, by \
                --anchor with a file of lines that an anchor was told, or by --noted with the last link that this \
                printed. With --ca the signatures of time stamps are checked, by OpenSSL.

                  earmark audit verify
                  earmark audit verify --anchor /mnt/worm/earmark.anchor --ca tsa.pem
                  earmark audit verify --noted \\
                    17:9f2c6b1e0d5a48c7b3f60142d9e8a7c5061b7d3e92f4a8c6051e7b9d2f3a4c68
                """)

        @Option(help: ArgumentHelp("An entry's place and link as noted earlier.", valueName: "place:link"))
        var noted: String?

        @Option(help: ArgumentHelp("A file of lines that an anchor was told; may be repeated.", valueName: "file"))
        var anchor: [String] = []

        @Option(help: ArgumentHelp("Certificates of time-stamping authorities, PEM.", valueName: "file"))
        var ca: String?

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
            let result = try storeOptions.openAsItIs().verifyAudit(
                noted: try parsedNote(), anchors: anchor, authorities: ca)
            let last = "last link  \(result.count):\(result.head)"
            let verdict =
                result.problems.isEmpty
                ? "\(Counted.text(result.count, "entry", plural: "entries")), all as they were written; the details of "
                    + "\(result.purgedDetails) are purged"
                : result.isOnlyUncompared
                    ? "the log holds by itself, and was not compared with all that its anchors were told"
                    : "the log was tampered with"
            try json.print(
                [
                    "entries": result.count, "link": result.head, "purgedDetails": result.purgedDetails,
                    "problems": result.problems, "remarks": result.remarks, "anchored": result.anchored,
                ], human: (result.problems + result.remarks + [verdict, last]).joined(separator: "\n"))
            if !result.problems.isEmpty { throw ExitCode(ExitStatus.invalidInput.rawValue) }
        }
    }
}

extension AuditCommand {
    /// The command `earmark audit anchor`.
    struct Anchors: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "anchor", abstract: "Tell a place outside of the store how far the log reaches.",
            discussion: """
                After each entry, and for each commitment. Shows the anchors that are set; with one of the options it \
                adds one, with --off it removes them all. An anchor that fails stops nothing; it is said on standard \
                error, in the log and by 'earmark audit verify'.

                  earmark audit anchor --file /mnt/worm/earmark.anchor
                  earmark audit anchor --syslog
                  earmark audit anchor --command /usr/local/bin/publish --command --quietly
                  earmark audit anchor --stamp https://tsa.example.org/tsr --keep stamps.txt
                """)

        @Option(help: ArgumentHelp("A file that a line is added to.", valueName: "file"))
        var file: String?

        @Flag(help: "The system's log.")
        var syslog = false

        @Option(help: ArgumentHelp("The socket of the system's log.", valueName: "path"))
        var socket = "/dev/log"

        @Option(
            parsing: .unconditionalSingleValue,
            help: ArgumentHelp(
                "A program that gets the line on standard input; again for each of its arguments.", valueName: "word"))
        var command: [String] = []

        @Option(
            parsing: .unconditionalSingleValue,
            help: ArgumentHelp(
                "A time-stamping authority (RFC 3161): its address, or a program that reads a request and writes the "
                    + "response, and again for each of its arguments.", valueName: "address"))
        var stamp: [String] = []

        @Option(help: ArgumentHelp("Where its responses are kept.", valueName: "file"))
        var keep: String?

        @Option(
            help: ArgumentHelp(
                "Its certificates, PEM: each stamp is checked as it comes. Needed where its address is not https.",
                valueName: "file"))
        var ca: String?

        @Flag(help: "Remove all anchors.")
        var off = false

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            if stamp.isEmpty != (keep == nil) { throw ValidationError("--stamp and --keep go together.") }
            if stamp.isEmpty, ca != nil { throw ValidationError("--ca belongs to --stamp.") }
        }

        func run() throws {
            let store = try storeOptions.open()
            let added =
                [file.map { Anchor.file($0) }, syslog ? .syslog(socket) : nil].compactMap { $0 }
                + (command.isEmpty ? [] : [.command(command)])
                + (keep.map { [.stamp(stamp, keptIn: $0, authorities: ca)] } ?? [])
            if off || !added.isEmpty { try store.setAnchors((off ? [] : try store.anchors()) + added) }
            let texts = try store.anchors().map(\.text)
            let text = texts.isEmpty ? "no anchor is set" : texts.joined(separator: "\n")
            try json.print(["anchors": texts], human: text)
        }
    }

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
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.openAsItIs()
            try store.acceptHead(reason: reason)
            let last = try store.auditEntries(limit: 1).map(AuditEntryView.init)
            try json.print(
                ["entries": last], human: "the log goes on after entry \(last.first?.position ?? 0), which says why")
        }
    }
}
