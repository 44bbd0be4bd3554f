import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkProvisioning
import EarmarkReport
import Foundation

/// The command `earmark provision session-types`.
struct ProvisionSessionTypes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session-types", abstract: "List the session types that are encrypted end to end.",
        discussion: """
            With a name, says whether it is one of them; the older type whose telephone access is not encrypted \
            ends with status 65.

              earmark provision session-types
              earmark provision session-types "Pro-End to End Encryption"
            """)

    @Argument(help: "Name of a session type.")
    var name: String?

    @OptionGroup var json: JSONFlag

    /// A type as JSON.
    struct Row: Encodable {
        let id: Int
        let name: String
    }

    func run() throws {
        var types = SessionType.all
        if let name {
            if SessionType.hasUnencryptedTelephony(name) {
                throw CommandError(
                    .invalidInput,
                    "'\(name)' is the older type, whose telephone access is not encrypted: take one with VOIPonly")
            }
            types = types.filter { $0.name.lowercased() == name.lowercased() }
            guard !types.isEmpty else {
                throw CommandError(.unknown, "no session type in the list is called '\(name)'")
            }
        }
        var table = Table("ID", "NAME")
        for type in types { table.add(String(type.id), type.name) }
        try json.print(["sessionTypes": types.map { Row(id: $0.id, name: $0.name) }], human: table.text)
    }
}

/// The command `earmark provision endpoints`.
struct ProvisionEndpoints: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoints", abstract: "List which devices and clients can join encrypted meetings.",
        discussion: """
            Room devices need RoomOS 10.6.1 or later.

              earmark provision endpoints
            """)

    @OptionGroup var json: JSONFlag

    /// A kind as JSON.
    struct Row: Encodable {
        let name: String
        let canJoin: Bool
    }

    func run() throws {
        var table = Table("KIND", "CAN JOIN")
        for kind in EndpointKind.all { table.add(kind.name, kind.canJoin ? "yes" : "no") }
        try json.print(
            ["endpoints": EndpointKind.all.map { Row(name: $0.name, canJoin: $0.canJoin) }], human: table.text)
    }
}

/// The command `earmark provision grant`.
struct ProvisionGrant: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Give users a session type, in the list that the site exports.",
        discussion: """
            Reads tab-delimited text in UTF-16LE as the site exports it, adds the type to the column MeetingPrivilege \
            where it is missing, and leaves every other cell as it is. The vendor's guide names both 652 and 1561 for \
            one purpose, so the type has no default: see 'provision session-types' and ask your site.

              earmark provision grant users.csv --type 652 --dry-run
              earmark provision grant users.csv --type 652 --user ada@example.org \\
                -o changed.csv
            """)

    @Argument(help: "The exported list.", completion: .file())
    var file: String

    @Option(help: ArgumentHelp("The session type's number.", valueName: "id"))
    var type: Int

    @Option(help: ArgumentHelp("Only this user, by mail address or name; may be repeated.", valueName: "user"))
    var user: [String] = []

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Where to write the new list; never overwritten.", valueName: "file"))
    var output: String?

    @Flag(name: [.customShort("n"), .long], help: "Only show what would change.")
    var dryRun = false

    @OptionGroup var json: JSONFlag

    /// Longest list, in bytes.
    private static let maximumByteCount = 256 << 20

    /// A change as JSON.
    struct Row: Encodable {
        let line: Int
        let user: String
        let before: String
        let after: String
    }

    mutating func validate() throws {
        if dryRun == (output != nil) { throw ValidationError("Give --output, or --dry-run.") }
    }

    func run() throws {
        var table = try UserTable(try SmallFile.read(file, maximumByteCount: ProvisionGrant.maximumByteCount))
        let changes = try table.grant(type, toUsers: user)
        if let output { try PrivateFile.create(output, bytes: table.serialized()) }
        let rows = changes.map { Row(line: $0.line, user: $0.user, before: $0.before, after: $0.after) }
        var text = Table("LINE", "USER", "BEFORE", "AFTER")
        for row in rows { text.add(String(row.line), row.user, row.before, row.after) }
        try json.print(
            ["changes": rows], human: rows.isEmpty ? "Nothing to change: all have the type already." : text.text)
    }
}
