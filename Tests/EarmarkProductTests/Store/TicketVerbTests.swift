import Foundation
import ProgramSupport
import Testing

/// docs/file-formats.md, "Tickets": valid from a quarter of an hour before the meeting's start until 24 hours after it.
@Suite struct TicketVerbTests {
    private struct Fixture {
        let store: StorePlace
        let meeting: String
        let clients: [String]

        init() throws {
            store = try StorePlace("--retention", "36500")
            meeting = try store.enrol()
            clients = try store.clients(of: meeting)
            try store.place.succeed(
                "ticket", "issue", "--meeting", meeting, "--client", "bela@example.org", "-o", "bela.ticket")
        }
    }

    private static let made = Result { try Fixture() }
    private var fixture: Fixture { get throws { try Self.made.get() } }

    private func judged(_ arguments: String...) throws -> (result: ProcessRunner.Result, ticket: JSON) {
        let result = try fixture.store.place.run(["ticket", "status", "bela.ticket", "--json"] + arguments)
        return (result, try JSON(data: result.output)["ticket"])
    }

    @Test(arguments: [
        (-901.0, "notYetValid"), (-900.5, "notYetValid"), (-900, "valid"), (0, "valid"), (86_400, "valid"),
        (86_400.9, "valid"), (86_401, "expired"),
    ]) func validityEndsAtTheSecond(at: Double, state: String) throws {
        let (result, ticket) = try judged("--at=\(at)")
        #expect(ticket["state"].string == state)
        #expect(result.exitStatus == (state == "valid" ? 0 : 65))
        #expect(result.errors.isEmpty == (state == "valid"))
        #expect(ticket["judgedAt"].string == Board.time(StorePlace.start + Int(at.rounded(.down))))
        #expect(ticket["notBefore"].string == Board.time(StorePlace.start - 900))
        #expect(ticket["notAfter"].string == Board.time(StorePlace.start + 86_400))
        #expect(try ticket["meeting"].string == fixture.meeting)
        #expect(try ticket["client"].string == fixture.clients[3])
    }

    @Test(arguments: [
        ("--at=-901", "not valid yet at", -901), ("--at=60", "valid at", 60),
        ("--at=86401", "no longer valid at", 86_401),
    ]) func theStatusIsSaidInWords(option: String, words: String, offset: Int) throws {
        let result = try fixture.store.place.run("ticket", "status", "bela.ticket", option)
        let values = StorePlace.values(result.text)
        let start = StorePlace.start
        #expect(values["status"] == "\(words) \(Board.time(start + offset))")
        #expect(values["start"] == Board.time(start) && values["valid from"] == Board.time(start - 900))
        #expect(values["valid to"] == Board.time(start + 86_400))
        #expect(values["participant"] == "Bela Berger" && values["e-mail"] == "bela@example.org")
        #expect(values["device"] == "13 inch" && values["revoked"] == "no")
        #expect(try values["meeting"] == fixture.meeting && values["client"] == fixture.clients[3])
    }

    /// Without `--at` the clock judges.
    @Test func theClockJudges() throws {
        let store = try StorePlace("--retention", "36500")
        let now = Int(Date().timeIntervalSince1970)
        for (start, state) in [
            (now - 86_400 - 600, "expired"), (now - 86_400 + 600, "valid"), (now + 300, "valid"),
            (now + 1_500, "notYetValid"),
        ] {
            let meeting = try store.enrol(start: start)
            let file = "\(state)\(start).ticket"
            try store.place.succeed(
                "ticket", "issue", "--meeting", meeting, "--client", "bela@example.org", "-o", file)
            let result = try store.place.run("ticket", "status", file, "--json")
            #expect(try JSON(data: result.output)["ticket"]["state"].string == state)
            #expect(result.exitStatus == (state == "valid" ? 0 : 65))
            // `filter` with the clock follows the same rule.
            let filtered = try store.place.run("filter", "--ticket", file, "--rate", "48000")
            #expect(filtered.exitStatus == (state == "valid" ? 0 : 65))
        }
    }

    @Test func revokedTicketsAreRevokedWhateverTheTime() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        let issued = try store.place.json("ticket", "issue", "--meeting", meeting, "--all", "--out-dir", "tickets")
        let files = issued["tickets"].array.compactMap { $0["file"].string }
        let ids = issued["tickets"].array.compactMap { $0["id"].string }
        #expect(files.count == 3)
        let revoked = try store.place.json("ticket", "revoke", files[1])["ticket"]
        #expect(revoked["id"].string == ids[1] && revoked["device"].string == "phone")
        #expect(revoked["participant"].string == "Ada Abbott" && !revoked["revoked"].isAbsent)
        for at in ["--at=60", "--at=99999"] {
            let result = try store.place.run("ticket", "status", files[1], at, "--json")
            #expect(result.exitStatus == 65)
            #expect(try JSON(data: result.output)["ticket"]["state"].string == "revoked")
        }
        #expect(try store.place.run("ticket", "status", files[1], "--at=60").text.hasPrefix("status  "))
        #expect(try store.status("ticket", "status", files[0], "--at=60") == 0)
        // The list for places without the store.
        let list = try store.place.succeed("ticket", "revocations", "--meeting", meeting)
        #expect(list.split(separator: "\n").filter { !$0.hasPrefix("#") } == [Substring(ids[1])])
        try store.place.write(list, to: "revoked.txt")
        let away = ["EARMARK_STORE": store.place.file("none.db")]
        for (file, status) in [(files[1], 65), (files[0], 0)] {
            let arguments = ["ticket", "status", file, "--at=60", "--revocations", "revoked.txt"]
            try FileManager.default.createDirectory(atPath: store.place.file("home"), withIntermediateDirectories: true)
            let environment = ["EARMARK_STORE": "", "HOME": store.place.file("home")]
            #expect(try store.place.run(arguments, environment: environment).exitStatus == Int32(status))
            let filter = [
                "filter", "--ticket", file, "--at=60", "--rate", "48000", "--revocations", "revoked.txt",
            ]
            #expect(try store.place.run(filter, environment: away).exitStatus == Int32(status))
        }
        let rows = StorePlace.rows(try store.place.succeed("ticket", "list", "--meeting", meeting))
        #expect(rows.map { $0.last == "-" } == [true, false, true])
        #expect(rows.map(\.first) == ids.map { $0 })
    }

    /// `--all` leaves out who cannot mark; files are named by client and private.
    @Test func ticketsForAll() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        let clients = try store.clients(of: meeting)
        let issued = try store.place.json("ticket", "issue", "--meeting", meeting, "--all", "--out-dir", "tickets")
        #expect(issued["tickets"].array.compactMap { $0["client"].string } == Array(clients[1...]))
        for (ticket, client) in zip(issued["tickets"].array, clients[1...]) {
            let file = "tickets/\(client).ticket"
            #expect(ticket["file"].string == file && ticket["meeting"].string == meeting)
            let attributes = try FileManager.default.attributesOfItem(atPath: store.place.file(file))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try store.place.json("ticket", "show", file)["ticket"]["client"].string == client)
        }
        // A file in the way stops all before any ticket is recorded.
        #expect(try store.status("ticket", "issue", "--meeting", meeting, "--all", "--out-dir", "tickets") == 73)
        try store.place.write("x", to: "other.ticket")
        #expect(
            try store.status("ticket", "issue", "--meeting", meeting, "--client", clients[1], "-o", "other.ticket")
                == 73)
        #expect(try store.place.json("ticket", "list", "--meeting", meeting)["tickets"].array.count == 3)
        #expect(try store.status("ticket", "issue", "--meeting", meeting, "--client", clients[0], "-o", "d.t") == 13)
        #expect(
            try store.status("ticket", "issue", "--meeting", meeting, "--client", "ada@example.org", "-o", "a.t") == 65)
    }

    /// The beginning of one ticket's identifier is its name; of what several begin with none is revoked.
    @Test func ticketsAreNamedByTheirBeginning() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        let issued = try store.place.json("ticket", "issue", "--meeting", meeting, "--all", "--out-dir", "tickets")
        let ids = issued["tickets"].array.compactMap { $0["id"].string }
        func revoked() throws -> [Bool] {
            let tickets = try store.place.json("ticket", "list", "--meeting", meeting)["tickets"].array
            return tickets.map { !$0["revoked"].isAbsent }
        }
        let several = try store.place.run("ticket", "revoke", "t_")
        #expect(several.exitStatus == 65 && several.errors.contains("several tickets"), "\(several.errors)")
        #expect(ids.count == 3 && ids.allSatisfy { several.errors.contains($0) })
        #expect(try revoked() == [false, false, false])
        let beginnings = (3...28).map { String(ids[0].prefix($0)) }
        let own = try #require(beginnings.first { beginning in ids.count { $0.hasPrefix(beginning) } == 1 })
        let one = try store.place.json("ticket", "revoke", own)["ticket"]
        #expect(one["id"].string == ids[0])
        #expect(try revoked() == [true, false, false])
        #expect(try store.status("ticket", "revoke", "t_0") == 66, "no identifier has that digit")
    }
}
