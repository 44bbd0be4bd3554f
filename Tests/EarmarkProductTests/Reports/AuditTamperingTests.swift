import Foundation
import ProgramSupport
import Testing

/// docs/audit.md: `verify` finds any entry that was changed, taken out, put in or cut off by somebody who can write to
/// the database but has not the key file.
@Suite struct AuditTamperingTests {
    private static let filled = Result {
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        for threshold in ["1e-10", "1e-11", "1e-12"] { try place.succeed("settings", "set", "threshold", threshold) }
        return place
    }

    /// A copy of a store with four entries.
    private func copy() throws -> Workplace { try Workplace(copyOf: Self.filled.get().folder) }

    @Test func whatIsAsItWasIsFine() throws {
        let place = try copy()
        let check = try place.json("audit", "verify")
        #expect(check["entries"].int == 4 && check["problems"].array.isEmpty && check["purgedDetails"].int == 0)
        let links = try place.json("audit", "list")["entries"].array.compactMap(\.["link"].string)
        #expect(Set(links).count == 4 && links.allSatisfy { $0.count == 64 } && check["link"].string == links[0])
        let text = try place.succeed("audit", "verify")
        #expect(text == "4 entries, all as they were written; the details of 0 are purged\nlast link  4:\(links[0])\n")
    }

    @Test(arguments: [
        "UPDATE audit SET action = 'view' WHERE position = 3", "UPDATE audit SET at = at - 1 WHERE position = 2",
        "UPDATE audit SET id = 'e_aaaaaaaaaaaaaaaa' WHERE position = 4",
        "UPDATE audit SET commitment = zeroblob(32) WHERE position = 1",
        "UPDATE audit SET hash = zeroblob(32) WHERE position = 4", "DELETE FROM audit WHERE position = 1",
        "DELETE FROM audit WHERE position = 3", "DELETE FROM audit WHERE position = 4", "DELETE FROM audit",
        """
        UPDATE auditDetails SET details = CAST(replace(CAST(details AS TEXT), '-11', '-10') AS BLOB)
        WHERE entryID = (SELECT id FROM audit WHERE position = 3)
        """,
        "UPDATE auditDetails SET salt = zeroblob(32) WHERE entryID = (SELECT id FROM audit WHERE position = 2)",
        """
        UPDATE audit SET position = 9 WHERE position = 2; UPDATE audit SET position = 2 WHERE position = 3;
        UPDATE audit SET position = 3 WHERE position = 9
        """,
        """
        DELETE FROM audit WHERE position = 4;
        UPDATE auditHead SET count = 3, hash = (SELECT hash FROM audit WHERE position = 3)
        """,
        "DELETE FROM audit; UPDATE auditHead SET count = 0, hash = zeroblob(32)",
        "DELETE FROM auditHead", "UPDATE auditHead SET seal = zeroblob(32)",
        "DELETE FROM auditDetails; DELETE FROM audit; DELETE FROM auditHead",
        "DELETE FROM auditDetails WHERE entryID = (SELECT id FROM audit WHERE position = 2)",
        "UPDATE auditHead SET count = 3",
        """
        INSERT INTO audit (position, id, at, action, commitment, hash)
        SELECT 5, 'e_aaaaaaaaaaaaaaaa', at, action, commitment, hash FROM audit WHERE position = 4;
        UPDATE auditHead SET count = 5
        """,
    ]) func changesAreFound(statements: String) throws {
        let place = try copy()
        try StoreDatabase(place).execute(statements)
        let result = try place.run("audit", "verify", "--json")
        #expect(result.exitStatus == 65)
        #expect(try !JSON(data: result.output)["problems"].array.isEmpty)
        let text = try place.run("audit", "verify")
        #expect(text.exitStatus == 65 && text.text.contains("the log was tampered with"))
        #expect(!text.text.contains("all as they were written"))
    }

    /// The problem names the place, so that somebody can look.
    @Test func problemsNameTheEntry() throws {
        let place = try copy()
        try StoreDatabase(place).execute("DELETE FROM audit WHERE position IN (2, 3)")
        #expect(try place.run("audit", "verify").text.contains("entries 2 to 3 are missing"))
        let other = try copy()
        try StoreDatabase(other).execute("UPDATE audit SET action = 'view' WHERE position = 2")
        let problems = try JSON(data: other.run("audit", "verify", "--json").output)["problems"].array
        #expect(problems.map(\.string) == ["entry 2 was changed, or the one before it"])
        // What was cut is not sealed by the next command, which says so.
        let cut = try copy()
        try StoreDatabase(cut).execute(
            """
            DELETE FROM auditDetails WHERE entryID IN (SELECT id FROM audit WHERE position > 2);
            DELETE FROM audit WHERE position > 2;
            UPDATE auditHead SET count = 2, hash = (SELECT hash FROM audit WHERE position = 2)
            """)
        let next = try cut.run("settings", "set", "threshold", "1e-15")
        #expect(next.exitStatus == 78 && next.errors.contains("the audit log's length was changed"))
        #expect(try cut.run("audit", "verify").exitStatus == 65)
    }

    @Test func aNotedLinkFindsOlderCopies() throws {
        let place = try copy()
        func link() throws -> String {
            let check = try place.json("audit", "verify")
            return "\(check["entries"].int ?? 0):\(check["link"].string ?? "")"
        }
        let old = try link()
        // Database and keys together, which nothing but a noted link can tell.
        let backup = try Workplace(copyOf: place.folder)
        try place.succeed("settings", "set", "threshold", "1e-13")
        let new = try link()
        for noted in [old, new, new.uppercased()] { try place.succeed("audit", "verify", "--noted", noted) }
        #expect(try backup.run("audit", "verify", "--noted", old).exitStatus == 0)
        let put = try backup.run("audit", "verify", "--noted", new)
        #expect(put.exitStatus == 65 && put.text.contains("entry 5 is not the one that was noted"))
        // Another history of the same length.
        try backup.succeed("settings", "set", "threshold", "1e-14")
        #expect(try backup.run("audit", "verify", "--noted", new).exitStatus == 65)
        #expect(try place.run("audit", "verify", "--noted", "4:" + new.dropFirst(2)).exitStatus == 65)
        for unfit in ["5", "0:" + new.dropFirst(2), String(new.dropLast()), new + "0", "x:" + new.dropFirst(2)] {
            #expect(try place.run("audit", "verify", "--noted", unfit).exitStatus == 64, "\(unfit)")
        }
    }
}
