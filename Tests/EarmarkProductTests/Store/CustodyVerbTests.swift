import Foundation
import ProgramSupport
import Testing

/// docs/retention.md, "Backups" and "Rotation".
@Suite struct CustodyVerbTests {
    private func mode(_ store: StorePlace, _ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: store.place.file(name))[.posixPermissions] as? Int
    }

    private func opens(_ store: StorePlace, _ meeting: String, _ environment: [String: String] = [:]) throws -> Bool {
        let arguments = ["ticket", "issue", "--meeting", meeting, "--client", "bela@example.org", "-o"]
        let result = try store.place.run(arguments + ["\(UUID().uuidString).ticket"], environment: environment)
        return result.exitStatus == 0
    }

    @Test func backupsBringBackWhatTheyHold() throws {
        let store = try StorePlace()
        let place = store.place
        let early = try store.enrol()
        #expect(try place.json("store", "backup", "b.db")["written"].string == "b.db")
        #expect(try place.json("key", "backup", "b.key")["written"].string == "b.key")
        for name in ["b.db", "b.key", "store.db", "store.db.key"] { #expect(try mode(store, name) == 0o600) }
        #expect(try store.status("store", "backup", "b.db") == 73 && store.status("key", "backup", "b.key") == 73)
        let late = try store.enrol()
        let restored = try place.json("store", "restore", "b.db", "--yes")
        #expect(restored["restored"].string == "b.db" && restored["problems"].array.isEmpty)
        #expect(restored["purged"].array.isEmpty)
        #expect(try store.status("meeting", "show", late) == 66)
        #expect(try opens(store, early))
        let check = try place.json("store", "check")
        #expect(check["meetings"].int == 1 && check["problems"].array.isEmpty)
        #expect(check["remarks"].array.count == 1, "the later meeting's key is spare")
        let names = try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path)
        #expect(!names.contains { $0.contains(".restore-") || $0.contains(".new-") })
        // Nothing comes from a store of somebody else, or from damage.
        let other = try StorePlace()
        try other.place.succeed("store", "backup", "other.db")
        #expect(try store.status("store", "restore", other.place.file("other.db")) == 78)
        #expect(try store.status("key", "restore", other.place.file("store.db.key")) == 78)
        #expect(try store.status("store", "restore", "none.db") == 78)
        try place.write("no database", to: "x.db")
        #expect(try store.status("store", "restore", "x.db") == 78)
        #expect(try opens(store, early))
    }

    @Test func lostKeysAreFoundAndComeBack() throws {
        let store = try StorePlace()
        let place = store.place
        let first = try store.enrol()
        try place.succeed("key", "backup", "early.key")
        let second = try store.enrol()
        try place.succeed("key", "backup", "late.key")
        try FileManager.default.removeItem(atPath: place.file("store.db.key"))
        try FileManager.default.copyItem(atPath: place.file("early.key"), toPath: place.file("store.db.key"))
        let check = try place.run("store", "check", "--json")
        #expect(check.exitStatus == 78)
        let problems = try JSON(data: check.output)["problems"].array.compactMap(\.string)
        #expect(problems.count == 1 && problems[0].contains(second))
        #expect(try JSON(data: check.output)["meetings"].int == 1)
        #expect(try place.run("store", "check").text.contains("the store is not well; the keys of 1 meeting open"))
        #expect(try opens(store, first) && !opens(store, second))
        #expect(try place.json("key", "restore", "late.key")["restored"].int == 1)
        #expect(try opens(store, second))
        #expect(try place.succeed("store", "check") == "the store is well; the keys of 2 meetings open\n")
        let again = try place.run("key", "restore", "late.key")
        #expect(again.exitStatus == 65 && again.errors.contains("nothing came back"))
        // The key file is gone as a whole.
        try FileManager.default.removeItem(atPath: place.file("store.db.key"))
        #expect(try store.status("key", "restore", "late.key") == 0)
        #expect(try mode(store, "store.db.key") == 0o600)
        #expect(try opens(store, first) && opens(store, second))
    }

    @Test func exposedKeyFilesAreRefused() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        let path = store.place.file("store.db.key")
        for (mode, status) in [(0o640, 77), (0o604, 77), (0o400, 0), (0o600, 0)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let arguments = ["commitment", "create", "--renew", "--meeting", meeting]
            let result = try store.place.run(arguments)
            #expect(result.exitStatus == Int32(status), "\(result.errors)")
        }
    }

    @Test func rotationIsOfOneOrganisation() throws {
        let store = try StorePlace()
        let place = store.place
        try place.succeed("org", "add", "Other")
        let mine = try store.enrol("--org", "Example Ltd")
        let theirs = try ["a", "b"].map { _ in try store.enrol("--org", "Other") }
        try place.succeed(
            "ticket", "issue", "--meeting", theirs[0], "--client", "bela@example.org", "-o", "before.ticket")
        try place.succeed("key", "backup", "old.key")
        #expect(try store.status("key", "rotate") == 65, "which of the two?")
        #expect(try place.json("key", "rotate", "--org", "Other")["sealed"].int == 2)
        for meeting in [mine] + theirs { #expect(try opens(store, meeting)) }
        let old = ["EARMARK_KEY_FILE": place.file("old.key")]
        try FileManager.default.copyItem(
            atPath: place.file("store.db.key.head"), toPath: place.file("old.key.head"))
        #expect(try opens(store, mine, old) && !opens(store, theirs[0], old) && !opens(store, theirs[1], old))
        #expect(try place.json("store", "check")["meetings"].int == 3)
        // Marks, seeds and tickets do not change: all but identifier and checksum of a new ticket is the old.
        try place.succeed(
            "ticket", "issue", "--meeting", theirs[0], "--client", "bela@example.org", "-o", "after.ticket")
        let tickets = try ["before", "after"].map {
            try Data(contentsOf: URL(fileURLWithPath: place.file("\($0).ticket")))
        }
        #expect(tickets[0].dropFirst(30).dropLast(4) == tickets[1].dropFirst(30).dropLast(4))
        #expect(tickets[0][14..<30] != tickets[1][14..<30])
    }

    /// docs/audit.md, "Keys that need two persons".
    @Test func splitKeysNeedBothPersons() throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol("--split-keys", "a.share", "--split-keys", "b.share")
        let other = try store.enrol("--split-keys", "c.share", "--split-keys", "d.share")
        #expect(try mode(store, "a.share") == 0o600 && mode(store, "b.share") == 0o600)
        func show(_ shares: String...) throws -> Int32 {
            let arguments = ["commitment", "create", "--renew", "--meeting", meeting]
            return try place.run(arguments + shares.flatMap { ["--share", $0] }).exitStatus
        }
        #expect(try show() == 78 && show("a.share") == 78 && show("b.share") == 78)
        #expect(try show("a.share", "a.share") == 78)
        #expect(try show("c.share", "d.share") == 78 && show("a.share", "d.share") == 78)
        #expect(try show("b.share", "a.share") == 0)
        let (first, second) = try (JSON(text: place.text(of: "a.share")), JSON(text: place.text(of: "b.share")))
        #expect(first["format"].string == "earmark-share" && first["version"].int == 1)
        #expect(first["number"].int == 1 && second["number"].int == 2 && first["meeting"].string == meeting)
        for share in [first, second] { #expect(Data(base64Encoded: share["share"].string ?? "")?.count == 32) }
        #expect(first["share"].string != second["share"].string)
        // A share of another meeting under this one's name opens nothing.
        let forged = try place.text(of: "c.share").replacing(other, with: meeting)
        let path = try place.write(forged, to: "forged.share")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(try show("forged.share", "b.share") == 77, "open to others")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(try show("forged.share", "b.share") == 78)
        let check = try place.json("store", "check")
        #expect(check["meetings"].int == 0 && check["problems"].array.isEmpty && check["remarks"].array.count == 1)
    }

    /// A meeting whose shares nobody has would be lost.
    @Test func withoutBothSharesNothingIsEnrolled() throws {
        let store = try StorePlace()
        let place = store.place
        let arguments = [
            "meeting", "create", "--title", "Board", "--start", "2090-01-01T00:00Z", "--yes", "--split-keys",
        ]
        try place.write("", to: "there")
        for (second, status) in [("missing/b.share", Int32(74)), ("there", 73), ("./a.share", 73)] {
            let result = try place.run(arguments + ["a.share", "--split-keys", second])
            #expect(result.exitStatus == status, "\(second): \(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: place.file("a.share")), "\(second)")
        }
        #expect(try place.json("meeting", "list")["meetings"].array.isEmpty)
        #expect(try place.text(of: "there").isEmpty)
        // Nor are shares left of a meeting that was refused.
        #expect(try place.run(arguments + ["a.share", "--split-keys", "b.share", "--host", "x"]).exitStatus == 65)
        #expect(!FileManager.default.fileExists(atPath: place.file("a.share")))
    }

    /// Who looks at people is logged; where that cannot be it is refused, or without any keys at least said.
    @Test func looksThatCannotBeLoggedAreNotSilent() throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol()
        let path = place.file("store.db.key")
        let list = ["client", "list", "--meeting", meeting]
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let exposed = try place.run(list)
        #expect(exposed.exitStatus == 77 && exposed.text.isEmpty)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let missing = try place.run(list, environment: ["EARMARK_KEY_FILE": place.file("none")])
        #expect(missing.exitStatus == 0 && missing.errors.contains("that somebody looked is not logged"))
        let junk = try place.write("{}", to: "junk.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: junk)
        #expect(try place.run(list, environment: ["EARMARK_KEY_FILE": junk]).exitStatus == 78)
    }

    /// Without `--yes` it is said what is in the store now and not in the backup, but for what a hold keeps.
    @Test func restoringSaysWhatWouldGo() throws {
        let store = try StorePlace()
        let place = store.place
        try place.succeed("store", "backup", "b.db")
        let held = try store.enrol("--hold", "Case 12")
        let time = Board.time(StorePlace.start + 60)
        let lost = try place.json("meeting", "create", "--title", "Lost", "--start", time)["meeting"]["id"].string ?? ""
        try place.write("no recording", to: "a.txt")
        for meeting in [held, lost, lost] { #expect(try store.status("analyze", "a.txt", "--meeting", meeting) == 20) }
        let kept = try place.json("analysis", "list")["analyses"][0]["id"].string ?? ""
        try place.succeed("retention", "hold", kept, "--reason", "Case 13")
        for name in ["Gone", "Stays"] { try place.succeed("org", "add", name) }
        try place.succeed(
            "meeting", "create", "--org", "Stays", "--title", "There", "--start", time, "--hold", "Case 14")
        let asked = try place.run("store", "restore", "b.db")
        #expect(asked.exitStatus == 65)
        let lot =
            "be lost: what belongs to Gone; 1 meeting (Lost, \(time)), 1 analysis, and every other change since 20"
        #expect(asked.errors.contains(lot), "\(asked.errors)")
        #expect(try place.json("org", "list")["organisations"].array.count == 3, "nothing changed")
        // What was said goes, and nothing else: a hold on an analysis keeps it without its meeting.
        try place.succeed("store", "restore", "b.db", "--yes")
        let organisations = try place.json("org", "list")["organisations"].array
        #expect(organisations.map(\.["name"].string) == ["Example Ltd", "Stays"])
        let meetings = try place.json("meeting", "list", "--org", "Example Ltd")["meetings"].array
        #expect(meetings.map(\.["id"].string) == [held])
        let analyses = try place.json("analysis", "list")["analyses"].array
        #expect(analyses.map(\.["meeting"].string) == [lost, held] && analyses[0]["id"].string == kept)
        #expect(try store.status("analysis", "delete", kept, "--yes") == 73, "it is on hold")
        for verb in [["store", "check"], ["audit", "verify"]] { #expect(try place.run(verb).exitStatus == 0) }
    }

    /// A hold keeps an analysis of an organisation that the backup does not know, and the organisation with it.
    @Test func aHeldAnalysisKeepsItsOrganisation() throws {
        let store = try StorePlace()
        let place = store.place
        try place.succeed("store", "backup", "b.db")
        try place.succeed("org", "add", "Other")
        let meeting = try store.enrol("--org", "Other")
        try place.write("no recording", to: "a.txt")
        #expect(try store.status("analyze", "a.txt", "--meeting", meeting) == 20)
        let id = try place.json("analysis", "list")["analyses"][0]["id"].string ?? ""
        try place.succeed("retention", "hold", id, "--reason", "Case 12")
        let asked = try place.run("store", "restore", "b.db").errors
        #expect(asked.contains("be lost: 1 meeting (Board, ") && asked.contains("), 0 analyses, "), "\(asked)")
        try place.succeed("store", "restore", "b.db", "--yes")
        #expect(try place.json("analysis", "list")["analyses"].array.map(\.["id"].string) == [id])
        #expect(try place.json("org", "list")["organisations"].array.count == 2)
        #expect(try store.status("store", "check") == 0)
    }

    /// "If what is there now does not verify, nothing of it is kept": a log that had gone on since is no obstacle.
    @Test func theWayBackEndsBeforeTheLogDid() throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol()
        try place.succeed("store", "backup", "b.db")
        for count in 1...3 { try place.succeed("settings", "set", "max-bytes", "\(5_000 + count)") }
        try StoreDatabase(place).execute("UPDATE participants SET name = 'Eve'")
        let list = ["client", "list", "--meeting", meeting, "--json"]
        #expect(try place.run(list).exitStatus == 78)
        try place.succeed("store", "restore", "b.db", "--yes")
        // From then on all goes on as ever.
        try place.succeed("settings", "set", "min-seconds", "50")
        let names = try JSON(text: place.succeed(list))["clients"].array.map { $0["participant"].string?.prefix(3) }
        #expect(names == ["Dar", "Ada", "Ada", "Bel"])
        #expect(try opens(store, meeting))
        let last = try place.json("audit", "list")["entries"].array.first { $0["action"].string == "restore" }
        #expect(last?["details"]["replaced"].string?.contains("was changed") == true)
        for verb in [["store", "check"], ["audit", "verify"]] { #expect(try place.run(verb).exitStatus == 0) }
    }

    /// The log goes on as far as its links are as they were written.
    ///
    /// Where that is less than what is remembered beside the keys, the restore is what counts (docs/retention.md,
    /// "Backups"), and no later command is refused for it.
    @Test(arguments: [
        "DELETE FROM audit WHERE position > (SELECT MAX(position) - 5 FROM audit)",
        "UPDATE audit SET hash = zeroblob(32) WHERE position = (SELECT MAX(position) - 5 FROM audit)",
    ]) func theWayBackFromADamagedLogIsShorter(damage: String) throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol()
        try place.succeed("store", "backup", "b.db")
        for count in 1...8 { try place.succeed("settings", "set", "max-bytes", "\(5_000 + count)") }
        let length = try place.json("audit", "list")["entries"].array.count
        try StoreDatabase(place).execute(damage)
        #expect(try store.status("audit", "verify") == 65)
        try place.succeed("store", "restore", "b.db", "--yes")
        try place.succeed("settings", "set", "min-seconds", "50")
        // Five entries are lost at least; the restore and the setting, with what they look at, are new.
        let entries = try place.json("audit", "list")["entries"].array
        #expect(entries.count < length + 2, "\(entries.count) after \(length)")
        #expect(entries.contains { $0["action"].string == "restore" && !$0["details"]["replaced"].isAbsent })
        #expect(try opens(store, meeting))
        for verb in [["store", "check"], ["audit", "verify"]] { #expect(try place.run(verb).exitStatus == 0) }
    }

    /// Where the store cannot be made nothing of it stays, so that the next try finds nothing in its way.
    ///
    /// Names of files have 255 bytes at most: the last two are too long by themselves, the others with what SQLite
    /// adds to them.
    @Test(arguments: [252, 255, 256, 300]) func aStoreThatCannotBeMadeLeavesNoKey(length: Int) throws {
        let place = try Workplace()
        let keys = ["EARMARK_KEY_FILE": place.file("keys.key")]
        let long = keys.merging(["EARMARK_STORE": place.file(String(repeating: "x", count: length))]) { $1 }
        let failed = try place.run(["init", "--org", "Example Ltd"], environment: long)
        #expect(failed.exitStatus == 74, "\(failed.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path).isEmpty)
        #expect(try place.run(["init", "--org", "Example Ltd"], environment: keys).exitStatus == 0)
    }
}
