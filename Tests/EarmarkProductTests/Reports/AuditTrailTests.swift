import Foundation
import ProgramSupport
import Testing

/// docs/audit.md, "The audit log": each action has its entry with who and what, and `verify` finds what was changed.
@Suite struct AuditTrailTests {
    private let place: Workplace
    private let meeting: String

    init() throws {
        place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        try place.write("participant,email,device\nAda,ada@example.org,laptop\n", to: "roster.csv")
        meeting = try Self.create("2090-01-01T00:00Z", in: place)
    }

    private static func create(_ start: String, in place: Workplace, _ options: String...) throws -> String {
        let made = try place.json(
            ["meeting", "create", "--title", "T", "--start", start, "--roster", "roster.csv", "--yes"] + options)
        return made["meeting"]["id"].string ?? ""
    }

    /// The entries that `arguments` add, first one first: actions with their details.
    private func added(_ arguments: String..., status: Int32 = 0) throws -> [(action: String, details: JSON)] {
        let before = try place.json("audit", "list")["entries"][0]["position"].int ?? 0
        let result = try place.run(arguments)
        #expect(result.exitStatus == status, "\(arguments): \(result.errors)")
        return try place.json("audit", "list")["entries"].array.reversed()
            .filter { ($0["position"].int ?? 0) > before }.map { ($0["action"].string ?? "", $0["details"]) }
    }

    /// That `arguments` add one entry with these details, beside who did it.
    private func expect(
        _ action: String, _ details: [String: String], from arguments: [String], status: Int32 = 0,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let before = try place.json("audit", "list")["entries"][0]["position"].int ?? 0
        let result = try place.run(arguments)
        #expect(result.exitStatus == status, "\(arguments): \(result.errors)", sourceLocation: location)
        let entries = try place.json("audit", "list")["entries"].array
        let entry = try #require(entries.first, sourceLocation: location)
        #expect(entry["position"].int == before + 1, "\(arguments)", sourceLocation: location)
        #expect(entry["action"].string == action, sourceLocation: location)
        let told = entry["details"].value as? [String: String] ?? [:]
        for (name, value) in details { #expect(told[name] == value, "\(action) \(name)", sourceLocation: location) }
        #expect(told["actor"] == NSUserName(), "\(action)", sourceLocation: location)
    }

    private func identifier(_ arguments: String..., path: [String]) throws -> String {
        path.reduce(try place.json(arguments)) { $0[$1] }.string ?? ""
    }

    @Test func meetingsClientsAndTicketsAreLogged() throws {
        let first = try place.json("audit", "list")["entries"].array.reversed().map(\.["action"].string)
        #expect(first == ["organisation-add", "meeting-create"])
        let created = try place.json("audit", "list")["entries"][0]["details"]
        #expect(created["meeting"].string == meeting && created["clients"].string == "1")
        let owner = try identifier("org", "add", "Other Ltd", path: ["organisation", "id"])
        let other = try place.json("audit", "list")["entries"][0]
        #expect(other["action"].string == "organisation-add" && other["details"]["name"].string == "Other Ltd")
        #expect(owner.isEmpty || other["details"]["organisation"].string == owner)
        try expect(
            "clients-add", ["meeting": meeting, "clients": "1"],
            from: [
                "client", "add", "--meeting", meeting,
                "--participant", "Bela", "--email", "bela@example.org", "--device", "phone",
            ])
        let client = try place.json("client", "list", "--meeting", meeting)["clients"][0]["id"].string ?? ""
        let who = ["meeting": meeting, "client": client]
        let verbs = ["--meeting", meeting, "--client", client, "--at"]
        try expect("client-join", who, from: ["client", "join"] + verbs + ["2090-01-01T00:00Z"])
        try expect("client-leave", who, from: ["client", "leave"] + verbs + ["2090-01-01T01:00Z"])
        try expect(
            "tickets-issue", ["meeting": meeting],
            from: [
                "ticket", "issue", "--meeting", meeting, "--client",
                "ada@example.org", "-o", "ada.ticket",
            ])
        let ticket = try place.json("ticket", "list", "--meeting", meeting)["tickets"][0]["id"].string ?? ""
        try expect("ticket-revoke", ["meeting": meeting, "ticket": ticket], from: ["ticket", "revoke", "ada.ticket"])
        try expect("commit", ["meeting": meeting], from: ["commitment", "create", "--meeting", meeting])
        let root = try place.json("commitment", "show", "--meeting", meeting)["commitment"]["root"].string
        let last = try place.json("audit", "list")["entries"][0]
        #expect(last["action"].string == "commit" && last["details"]["root"].string == root, "made once, logged once")
    }

    /// Whoever marks with the store's keys can make anybody's mark, and an answer need not be kept to name somebody.
    @Test func marksAndAnswersThatAreNotKeptAreLogged() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        func last() throws -> JSON { try place.json("audit", "list")["entries"][0] }
        try place.succeed("embed", board.host, "x.wav", "--meeting", board.meeting, "--client", "ada@example.org")
        #expect(try last()["action"].string == "mark" && last()["details"]["meeting"].string == board.meeting)
        #expect(try last()["details"]["client"].string?.hasPrefix("c_") == true)
        try place.succeed(
            "batch", board.host, "--meeting", board.meeting, "--effort", "fast", "--no-store", "--out", "r.ndjson")
        let answer = try last()
        #expect(answer["action"].string == "analyse-unstored")
        #expect(answer["details"]["meeting"].string == board.meeting)
        #expect(answer["details"]["sha256"].string?.count == 64)
        let kept = try place.answer(board.host, ["--meeting", board.meeting, "--effort", "fast"])
        #expect(kept["made"]["ofMeeting"].int == 2)
    }

    @Test func settingsHoldsAndPurgesAreLogged() throws {
        try expect(
            "settings-change", ["log10Threshold": "-12.0", "watermarking": "on", "allowShort": "off"],
            from: ["settings", "set", "threshold", "1e-12"])
        try expect("settings-change", ["domain": "example.org"], from: ["org", "domain", "add", "example.org"])
        try expect(
            "hold", ["meeting": meeting, "subject": meeting, "reason": "Case 12"],
            from: ["retention", "hold", meeting, "--reason", "Case 12"])
        try expect("release", ["subject": meeting], from: ["retention", "release", meeting])
        // Whoever opens the store next purges it.
        let old = try Self.create("2020-01-01T00:00Z", in: place, "--hold", "to be released")
        try place.succeed("retention", "release", old, "--yes")
        let purge = try place.json("audit", "list")["entries"][0]
        #expect(purge["action"].string == "purge" && purge["details"]["meetings"].string == old)
        #expect(purge["details"]["actor"].string == NSUserName())
        let entries = try place.json("audit", "list")["entries"].array
        // What was logged of the meeting is gone with it, the entries are not.
        #expect(entries.filter { $0["details"]["meeting"].string == old }.isEmpty)
        #expect(entries.filter { $0["details"].isAbsent }.map(\.["action"].string) == ["meeting-create"])
        #expect(try place.succeed("audit", "list").contains("(purged)"))
        let check = try place.json("audit", "verify")
        #expect(check["purgedDetails"].int == 1 && check["problems"].array.isEmpty)
        #expect(try place.succeed("audit", "verify").contains("the details of 1 are purged"))
    }

    @Test func backupsAndKeysAreLogged() throws {
        try expect("backup", ["file": "b.db"], from: ["store", "backup", "b.db"])
        try expect("key-backup", ["file": "b.key"], from: ["key", "backup", "b.key"])
        try expect("key-rotate", ["meetings": "1"], from: ["key", "rotate"])
        try FileManager.default.removeItem(atPath: place.file("store.db.key"))
        try expect("key-restore", ["file": "b.key", "keys": "2"], from: ["key", "restore", "b.key"])
        let restored = try Workplace()
        try restored.succeed("init", "--org", "Example Ltd")
        try restored.succeed("store", "backup", "b.db")
        try restored.succeed("store", "restore", "b.db", "--yes")
        let entry = try restored.json("audit", "list")["entries"][0]
        #expect(entry["action"].string == "restore" && entry["details"]["file"].string == "b.db")
    }

    @Test func analysesAndWhoLooksAtThemAreLogged() throws {
        try place.write("no audio", to: "leak.wav")
        try expect(
            "analyse", ["meeting": meeting, "file": "leak.wav"], from: ["analyze", "leak.wav", "--meeting", meeting],
            status: 20)
        let refused = try place.json("analysis", "list")["analyses"][0]["id"].string ?? ""
        #expect(try place.json("audit", "list")["entries"][0]["details"]["analysis"].string == refused)
        let sample = try SampleAnswer().keep(in: place)
        try StoreDatabase(place).plant("UPDATE analyses SET meetingID = '\(meeting)' WHERE id = '\(sample)'")
        let one = ["analysis": sample, "meeting": meeting]
        try expect("view", one, from: ["analysis", "show", sample])
        try expect(
            "report", one.merging(["file": "r.html"]) { $1 }, from: ["report", sample, "-o", "r.html"])
        try expect("analysis-note", one, from: ["analysis", "note", sample, "x"])
        let both = "\(sample) \(refused)"
        try expect("export", ["analyses": both], from: ["analysis", "export", "--format", "csv", sample, refused])
        try expect("analysis-delete", one, from: ["analysis", "delete", sample, "--yes"])
        // Lists tell nothing of an answer.
        #expect(try added("analysis", "list").isEmpty)
        #expect(try added("report", "a_nope", "-o", "n.html", status: 66).isEmpty)
        #expect(try added("analysis", "show", "a_nope", status: 66).isEmpty)
    }

    @Test func theListIsLimitedLatestFirst() throws {
        let all = try place.json("audit", "list")["entries"].array
        #expect(all.map(\.["position"].int) == [2, 1])
        let one = try place.json("audit", "list", "--limit", "1")["entries"].array
        #expect(one.map(\.["link"].string) == [all[0]["link"].string])
        #expect(try place.run("audit", "list", "--limit", "0").exitStatus == 64)
        let lines = try place.succeed("audit", "list").split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("PLACE  DATE") && lines[1].hasPrefix("2 "))
        let who = "\(NSUserName())@\(ProcessInfo.processInfo.hostName)"
        #expect(lines[1].contains(" \(who)  ") && lines[1].contains("clients=1 meeting=\(meeting)"))
        #expect(!lines[1].contains("actor="))
        let date = try #require(all[0]["date"].string.flatMap { ISO8601DateFormatter().date(from: $0) })
        #expect(abs(date.timeIntervalSinceNow) < 600)
    }
}
