import Foundation
import ProgramSupport
import Testing

/// docs/audit.md.
@Suite struct AuditVerbTests {
    private func entries(_ store: StorePlace) throws -> [JSON] {
        try store.place.json("audit", "list")["entries"].array.reversed()
    }

    /// "Whatever changes the store, and every view, export and report of an analysis, adds an entry".
    @Test func everyVerbIsLogged() throws {
        let store = try StorePlace()
        let place = store.place
        var expected = ["organisation-add"]
        func run(_ action: String, _ arguments: String...) throws {
            expected.append(action)
            let result = try place.run(arguments)
            #expect(result.exitStatus == 0 || action == "analyse", "\(arguments): \(result.errors)")
        }
        let meeting = try store.enrol()
        expected.append("meeting-create")
        try run(
            "clients-add", "client", "add", "--meeting", meeting, "--participant", "C", "--email", "c@example.org",
            "--device", "d")
        try run("client-join", "client", "join", "--meeting", meeting, "--client", "c@example.org")
        try run("client-leave", "client", "leave", "--meeting", meeting, "--client", "c@example.org")
        try run("tickets-issue", "ticket", "issue", "--meeting", meeting, "--client", "c@example.org", "-o", "c.ticket")
        try run("ticket-revoke", "ticket", "revoke", "c.ticket")
        try run("settings-change", "settings", "set", "max-bytes", "5000")
        try run("settings-change", "retention", "set", "361")
        try run("settings-change", "org", "domain", "add", "example.org")
        try run("organisation-add", "org", "add", "Other")
        try run("commit", "commitment", "create", "--meeting", meeting)
        try place.write("no recording", to: "a.txt")
        try run("analyse", "analyze", "a.txt", "--meeting", meeting)
        let analysis = try place.json("analysis", "list")["analyses"][0]["id"].string ?? ""
        try run("view", "analysis", "show", analysis)
        try run("analysis-note", "analysis", "note", analysis, "seen")
        try run("export", "analysis", "export", "--format", "csv")
        try run("hold", "retention", "hold", meeting, "--reason", "Case 12")
        try run("release", "retention", "release", meeting)
        try run("analysis-delete", "analysis", "delete", analysis, "--yes")
        try run("backup", "store", "backup", "b.db")
        try run("key-backup", "key", "backup", "b.key")
        try run("key-rotate", "key", "rotate", "--org", "Other")
        try FileManager.default.removeItem(atPath: place.file("store.db.key"))
        try run("key-restore", "key", "restore", "b.key")
        try run("restore", "store", "restore", "b.db", "--key-copy", "b.key", "--yes")
        // A restored backup does not shorten the log.
        let kept = expected
        let entries = try entries(store)
        #expect(entries.map { $0["action"].string } == kept)
        #expect(entries.map { $0["position"].int } == Array(1...kept.count))
        #expect(entries.allSatisfy { $0["details"]["actor"].string == NSUserName() })
        #expect(entries.allSatisfy { $0["details"]["host"].string == ProcessInfo.processInfo.hostName })
        #expect(entries[1]["details"]["meeting"].string == meeting && entries[1]["details"]["clients"].string == "4")
        #expect(Set(entries.compactMap { $0["link"].string }).count == kept.count)
        #expect(try store.status("audit", "verify") == 0)
    }

    /// Who looked at whose names and addresses is told; without keys lists are shown all the same.
    @Test func looksAtPeopleAreLogged() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        let looks = [
            ["client", "list", "--meeting", meeting], ["meeting", "show", meeting],
            ["ticket", "list", "--meeting", meeting],
        ]
        for arguments in looks { try store.place.succeed(arguments) }
        let views = try entries(store).dropFirst(2)
        #expect(views.map { $0["action"].string } == ["view", "view", "view"])
        #expect(views.map { $0["details"]["what"].string } == ["clients", "clients", "tickets"])
        #expect(views.allSatisfy { $0["details"]["meeting"].string == meeting && !$0["details"]["host"].isAbsent })
        let none = ["EARMARK_KEY_FILE": store.place.file("none.key")]
        for arguments in looks { #expect(try store.place.run(arguments, environment: none).exitStatus == 0) }
        #expect(try entries(store).count == 5)
    }

    @Test func whatOnlyReadsOrFailsIsNotLogged() throws {
        let store = try StorePlace()
        _ = try store.enrol()
        for arguments in [
            ["meeting", "list"], ["meeting", "show", "m_nope"], ["client", "list", "--meeting", "m_nope"],
            ["settings", "get"], ["retention", "status"], ["retention", "purge"], ["store", "check"],
            ["settings", "set", "retention", "99999"], ["ticket", "revoke", "t_nope"], ["audit", "verify"],
        ] { _ = try store.place.run(arguments) }
        #expect(try entries(store).map { $0["action"].string } == ["organisation-add", "meeting-create"])
    }

    @Test func theLogIsVerifiedAndListed() throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol(start: StorePlace.start - 10 * StorePlace.day)
        let verified = try place.json("audit", "verify")
        #expect(verified["entries"].int == 2 && verified["purgedDetails"].int == 0)
        #expect(verified["problems"].array.isEmpty)
        let link = verified["link"].string ?? ""
        #expect(try entries(store).last?["link"].string == link)
        let text = try place.succeed("audit", "verify")
        #expect(text == "2 entries, all as they were written; the details of 0 are purged\nlast link  2:\(link)\n")
        let rows = StorePlace.rows(try place.succeed("audit", "list", "--limit", "1"))
        #expect(rows.count == 1 && rows[0][0] == "2" && rows[0][2] == "meeting-create")
        #expect(rows[0][3] == "\(NSUserName())@\(ProcessInfo.processInfo.hostName)")
        #expect(rows[0][4] == "clients=4 meeting=\(meeting)")
        // Noted elsewhere, it is found again; another link or place is not.
        #expect(try store.status("audit", "verify", "--noted", "2:\(link)") == 0)
        #expect(try store.status("audit", "verify", "--noted", "1:\(link)") == 65)
        #expect(try store.status("audit", "verify", "--noted", "3:\(link)") == 65)
        #expect(try store.status("audit", "verify", "--noted", "0:\(link)") == 64)
        #expect(try store.status("audit", "verify", "--noted", "2:\(link.dropLast())") == 64)
        // Details go with the meeting, the chain stays.
        try place.succeed("retention", "set", "0", "--yes")
        try place.succeed("retention", "purge")
        let after = try place.json("audit", "verify", "--noted", "2:\(link)")
        #expect(after["entries"].int == 4 && after["purgedDetails"].int == 1 && after["problems"].array.isEmpty)
        #expect(try place.succeed("audit", "list").contains("(purged)"))
        #expect(try entries(store)[1]["details"].isAbsent)
    }

    /// Somebody who can write to the database changes what an entry says.
    @Test func tamperingIsFound() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        let url = URL(fileURLWithPath: store.place.file("store.db"))
        var data = try Data(contentsOf: url)
        let range = try #require(data.range(of: Data("meeting-create".utf8)))
        data.replaceSubrange(range, with: Data("meeting-erasee".utf8))
        try data.write(to: url)
        let result = try store.place.run("audit", "verify", "--json")
        #expect(result.exitStatus == 65)
        let problems = try JSON(data: result.output)["problems"].array.compactMap(\.string)
        #expect(problems == ["entry 2 was changed, or the one before it"])
        #expect(try store.place.run("audit", "verify").text.contains("the log was tampered with"))
        // What must be logged is not done: nothing is added to a log whose end was edited.
        #expect(try store.status("meeting", "list") == 0 && store.status("meeting", "show", meeting) == 78)
    }

    /// "Commitments": good when clients are added, not for another meeting's root.
    @Test func commitmentsHoldAndBreak() throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol()
        let other = try store.enrol()
        #expect(try store.status("commitment", "verify", "--meeting", meeting) == 66)
        let first = try place.json("commitment", "create", "--meeting", meeting)["commitment"]
        #expect(first["clients"].int == 3 && first["meeting"].string == meeting && !first["made"].isAbsent)
        let root = first["root"].string ?? ""
        #expect(root.wholeMatch(of: /[0-9a-f]{64}/) != nil)
        try place.succeed(
            "client", "add", "--meeting", meeting, "--participant", "C", "--email", "c@example.org", "--device", "d")
        #expect(try place.json("commitment", "show", "--meeting", meeting)["commitment"]["root"].string == root)
        let renewed = try place.json("commitment", "show", "--meeting", meeting, "--renew")["commitment"]
        #expect(renewed["clients"].int == 4 && renewed["root"].string != root)
        let all = try place.json("commitment", "verify", "--meeting", meeting)
        #expect(all["holding"].array.map { $0["clients"].int } == [3, 4] && all["broken"].array.isEmpty)
        let one = try place.succeed("commitment", "verify", "--meeting", meeting, "--root", root.uppercased())
        #expect(one.hasPrefix("\(root) holds for 3 clients, made "))
        for (subject, wrong) in [(other, root), (meeting, String(root.reversed()))] {
            let result = try place.run("commitment", "verify", "--meeting", subject, "--root", wrong, "--json")
            #expect(result.exitStatus == 65)
            #expect(try JSON(data: result.output)["broken"].array.map(\.string) == [wrong])
        }
        #expect(try store.status("commitment", "show", "--meeting", "m_nope") == 66)
    }
}
