import Foundation
import ProgramSupport
import Testing

/// docs/audit.md, "Commitments": they hold for the clients and seeds of before the meeting, and for no others.
@Suite struct CommitmentHoldTests {
    private let place: Workplace
    private let meeting: String

    init() throws {
        place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        let clients = ["web,web", "ada,desktop", "bela,mobile", "cara,room"].map { text in
            let parts = text.split(separator: ",")
            return "\(parts[0]),\(parts[0])@example.org,device,\(parts[1])\n"
        }
        try place.write("participant,email,device,kind\n" + clients.joined(), to: "roster.csv")
        let made = try place.json(
            "meeting", "create", "--title", "T", "--start", "2090-01-01T00:00Z", "--yes", "--roster", "roster.csv")
        meeting = made["meeting"]["id"].string ?? ""
    }

    private func show(_ options: String...) throws -> JSON {
        let verb = try place.run("commitment", "show", "--meeting", meeting).exitStatus == 66 ? "create" : "show"
        return try place.json(["commitment", verb, "--meeting", meeting] + options)["commitment"]
    }

    private func verify(_ options: String..., status: Int32) throws -> JSON {
        let result = try place.run(["commitment", "verify", "--meeting", meeting, "--json"] + options)
        #expect(result.exitStatus == status, "\(options) \(result.errors)")
        return JSON(try? JSON(data: result.output).value)
    }

    private func add(_ name: String, _ kind: String) throws {
        try place.succeed(
            "client", "add", "--meeting", meeting, "--participant", name, "--email", "\(name)@example.org", "--device",
            "device", "--kind", kind)
    }

    @Test func aCommitmentIsMadeOnceAndHolds() throws {
        #expect(try verify(status: 66).isAbsent)
        let first = try show()
        // The web client carries no mark.
        #expect(first["clients"].int == 3 && first["meeting"].string == meeting && first["root"].string?.count == 64)
        #expect(try show()["root"].string == first["root"].string)
        let root = first["root"].string ?? ""
        for answer in [try verify(status: 0), try verify("--root", root, status: 0)] {
            #expect(answer["holding"].array.map(\.["root"].string) == [root] && answer["broken"].array.isEmpty)
            #expect(answer["holding"][0]["clients"].int == 3)
        }
        _ = try verify("--root", root.uppercased(), status: 0)
        let text = try place.succeed("commitment", "verify", "--meeting", meeting)
        #expect(text.hasPrefix("\(root) holds for 3 clients, made 20"))
        let shown = try place.succeed("commitment", "show", "--meeting", meeting)
        #expect(shown.contains(root) && shown.split(separator: "\n").contains { $0.hasSuffix("  3") })
    }

    @Test func anotherRootDoesNotHold() throws {
        let root = try show()["root"].string ?? ""
        let other = String(root.dropLast()) + (root.hasSuffix("0") ? "1" : "0")
        let answer = try verify("--root", other, status: 65)
        #expect(answer["holding"].array.isEmpty && answer["broken"].array.map(\.string) == [other])
        let result = try place.run("commitment", "verify", "--meeting", meeting, "--root", other)
        #expect(result.exitStatus == 65 && result.text.contains("\(other) does NOT hold"))
    }

    /// It stays good when clients are added, and `show --renew` makes another that covers them.
    @Test func laterClientsDoNotBreakIt() throws {
        let old = try show()["root"].string
        try add("dora", "desktop")
        try add("elif", "telephone")
        #expect(try show()["root"].string == old)
        let new = try show("--renew")
        #expect(new["clients"].int == 4 && new["root"].string != old)
        #expect(try show()["root"].string == new["root"].string)
        let holding = try verify(status: 0)["holding"].array
        #expect(holding.map(\.["root"].string) == [old, new["root"].string])
        #expect(holding.map(\.["clients"].int) == [3, 4])
    }

    /// A seed is derived from the client's identifier: another identifier is another seed.
    @Test func anExchangedSeedBreaksIt() throws {
        let root = try show()["root"].string ?? ""
        try StoreDatabase(place).plant(
            """
            CREATE TEMP TABLE old AS SELECT position, id FROM clients WHERE kind IN ('desktop', 'mobile');
            UPDATE clients SET id = 'x' || position WHERE kind IN ('desktop', 'mobile');
            UPDATE clients SET id = (SELECT id FROM old WHERE old.position <> clients.position)
            WHERE kind IN ('desktop', 'mobile')
            """)
        let answer = try verify(status: 65)
        #expect(answer["holding"].array.isEmpty && answer["broken"].array.map(\.string) == [root])
    }

    @Test(arguments: [
        "DELETE FROM clients WHERE kind = 'room'", "UPDATE clients SET id = 'c_aaaaaaaaaaaaaaaa' WHERE kind = 'room'",
        "UPDATE clients SET kind = 'web' WHERE kind = 'desktop'", "UPDATE clients SET kind = 'room' WHERE kind = 'web'",
        "UPDATE commitments SET salt = zeroblob(32)", "UPDATE commitments SET clientCount = 2",
        "UPDATE commitments SET clientCount = 4",
    ]) func aChangedRosterBreaksIt(statement: String) throws {
        _ = try show()
        try StoreDatabase(place).plant(statement)
        #expect(try verify(status: 65)["broken"].array.count == 1)
    }

    /// RFC 6962, section 2.1: of two stored commitments only the one that no longer fits is broken.
    @Test func oneOfTwoMayBreak() throws {
        let old = try show()["root"].string
        try add("dora", "desktop")
        let new = try show("--renew")["root"].string
        try StoreDatabase(place).plant(
            "UPDATE clients SET kind = 'web' WHERE position = (SELECT max(position) FROM clients)")
        let answer = try verify(status: 65)
        #expect(answer["holding"].array.map(\.["root"].string) == [old])
        #expect(answer["broken"].array.map(\.string) == [new])
    }

    @Test func meetingsWithoutMarksHaveNone() throws {
        let made = try place.json("meeting", "create", "--title", "E", "--start", "2090-01-01T00:00Z", "--yes")
        let empty = made["meeting"]["id"].string ?? ""
        #expect(try place.run("commitment", "create", "--meeting", empty).exitStatus == 65)
        #expect(try place.run("commitment", "show", "--meeting", "m_nope").exitStatus == 66)
        #expect(try place.run("commitment", "verify", "--meeting", "m_nope").exitStatus == 66)
    }
}
