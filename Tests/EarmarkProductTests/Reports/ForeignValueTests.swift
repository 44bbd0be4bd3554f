import Foundation
import ProgramSupport
import Testing

/// docs/audit.md, "Rows that the keys vouch for": a value of another type than Earmark writes, which SQLite keeps where
/// the rules of a table are taken off for a moment, is refused like any other change.
@Suite struct ForeignValueTests {
    /// Columns whose values are read, by table.
    private static let columns = [
        "store": ["id", "createdAt"],
        "organisations": [
            "id", "name", "createdAt", "watermarking", "retentionDays", "maximumBytes", "minimumSeconds",
            "log10Threshold", "allowsShort",
        ],
        "domains": ["domain", "organisationID"],
        "meetings": [
            "id", "organisationID", "title", "startsAt", "durationSeconds", "hostEmail", "watermark", "createdAt",
            "sealedKey", "split", "microphoneTags",
        ],
        "participants": ["id", "meetingID", "name", "email"],
        "clients": ["id", "participantID", "device", "kind", "tagsFrom", "tagHeardAt"],
        "presences": ["clientID", "joinedAt", "leftAt"],
        "tickets": ["id", "clientID", "issuedAt", "revokedAt"],
        "commitments": ["meetingID", "createdAt", "salt", "clientCount", "root"],
        "analyses": [
            "id", "organisationID", "meetingID", "meetingReference", "fileName", "sha256", "byteCount", "verdict",
            "refusalCode", "refusalMessage", "name", "note", "createdAt", "toolVersion", "report", "evidence",
        ],
        "holds": ["subject", "reason", "heldAt"],
        "audit": ["position", "id", "at", "action", "commitment", "hash", "meetingID"],
        "auditDetails": ["entryID", "meetingID", "salt", "details"],
        "auditHead": ["count", "hash", "seal", "state"],
        // A key of the table takes no NULL, which the first column gets.
        "seals": ["seal", "scope"],
        "bundles": [
            "id", "organisationID", "search", "meetings", "createdAt", "expiresAt", "revokedAt", "recipient",
            "workerKey", "sha256",
        ],
    ]

    /// A store with rows in all of these, and the identifier of its meeting.
    private static let filled = Result {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol()
        try place.succeed("org", "domain", "add", "example.org")
        try place.succeed("client", "join", "--meeting", meeting, "--client", "bela@example.org")
        try place.succeed("ticket", "issue", "--meeting", meeting, "--client", "bela@example.org", "-o", "b.ticket")
        try place.succeed("commitment", "create", "--meeting", meeting)
        try place.succeed("bundle", "create", "--meeting", meeting, "-o", "a.bundle")
        try place.write("no recording", to: "a.txt")
        _ = try place.run("analyze", "a.txt", "--meeting", meeting)
        try place.succeed("retention", "hold", meeting, "--reason", "Case 12")
        return (place: place, meeting: meeting)
    }

    /// Verbs that read much of every table.
    private static func verbs(_ meeting: String) -> [[String]] {
        [
            ["store", "check"], ["audit", "verify"], ["audit", "list"], ["retention", "status"], ["bundle", "list"],
            ["meeting", "show", meeting], ["analysis", "list"],
        ]
    }

    /// Puts a value into a column of the last row, with the rules of its table taken off and put back.
    private func put(_ value: String, into column: String, of table: String, _ place: Workplace) throws {
        let database = StoreDatabase(place)
        let loose = """
            replace(replace(replace(replace(sql, ' NOT NULL', ''), ') STRICT, WITHOUT ROWID', ') WITHOUT ROWID'),
                ') STRICT', ')'), ' TEXT PRIMARY KEY', ' TEXT PRIMARY KEY')
            """
        try database.execute(
            """
            CREATE TABLE kept AS SELECT name, sql FROM sqlite_master WHERE name = '\(table)';
            PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = \(loose) WHERE name = '\(table)'
            """)
        let row = table == "seals" ? "scope = 'store'" : "rowid = (SELECT max(rowid) FROM \(table))"
        try database.execute(
            """
            PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;
            UPDATE \(table) SET \(column) = \(value) WHERE \(row)
            """)
        try database.execute(
            """
            PRAGMA writable_schema = ON;
            UPDATE sqlite_master SET sql = (SELECT sql FROM kept) WHERE name = '\(table)';
            """)
        try database.execute("DROP TABLE kept")
    }

    @Test(arguments: columns.keys.sorted()) func noValueStopsTheProgram(table: String) throws {
        let (origin, meeting) = (try Self.filled.get().place, try Self.filled.get().meeting)
        for (index, column) in (Self.columns[table] ?? []).enumerated() {
            let place = try Workplace(copyOf: origin.folder)
            // Neither of the two is what any of the columns holds, but for NULL where that may stand.
            let value = index % 3 == 0 ? "NULL" : index % 3 == 1 ? "1e308" : "x'ff'"
            let isRowIdentifier = table == "audit" && column == "position"
            try put(isRowIdentifier ? "99" : value, into: column, of: table, place)
            for verb in Self.verbs(meeting) {
                let status = try place.run(verb).exitStatus
                #expect([0, 65, 66, 78].contains(status), "\(table).\(column) = \(value): \(verb): \(status)")
            }
        }
    }

    /// One number where text was, in a row that every accusation reads first.
    @Test(arguments: ["count", "hash", "seal", "state"]) func theLogsEndIsRefused(column: String) throws {
        for value in ["1e308", "NULL"] {
            let place = try Workplace(copyOf: Self.filled.get().place.folder)
            try put(value, into: column, of: "auditHead", place)
            #expect(try place.run("store", "check").exitStatus == 78)
            #expect(try place.run("audit", "verify").exitStatus != 0)
        }
    }
}
