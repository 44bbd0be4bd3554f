import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, `objections`: what the store has that speaks for whoever is named stands beside the name.
@Suite struct ObjectionTests {
    private static let weighing = "What is weighed, and what the limit means"

    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    private func kinds(_ answer: JSON) -> [String?] {
        answer["sources"][0]["objections"].array.map { $0["kind"].string }
    }

    /// A meeting that begins in two days; the mark is of its second 1,234, and of a client whose ticket was revoked and
    /// who was there an hour later.
    @Test func allThatSpeaksForWhoeverIsNamedIsTold() throws {
        let start = board.startsAt + 2 * 86_400
        try place.write(
            "participant,email,device\nAda Abbott,ada@example.org,laptop\nBela Berger,bela@example.org,13 inch\n",
            to: "roster.csv")
        let meeting =
            try place.json(
                "meeting", "create", "--title", "Later", "--start", Board.time(start), "--roster", "roster.csv",
                "--microphone-tags", "off")["meeting"]["id"].string ?? ""
        let bela = ["--meeting", meeting, "--client", "bela@example.org"]
        try place.succeed(["embed", board.host, "later.wav", "--at", "\(Board.start)"] + bela)
        // Somebody else's marks are none of Bela's.
        try place.succeed("embed", board.host, "x.wav", "--meeting", meeting, "--client", "ada@example.org")
        try place.succeed(["ticket", "issue", "-o", "bela.ticket"] + bela)
        let ticket = try place.json("ticket", "list", "--meeting", meeting)["tickets"][0]["id"].string ?? ""
        try place.succeed("ticket", "revoke", ticket)
        // Times are of whole seconds.
        Thread.sleep(forTimeInterval: 1.1)
        try place.succeed(["client", "join", "--at", Board.time(start + 3_600)] + bela)
        try place.succeed(["client", "leave", "--at", Board.time(start + 4_200)] + bela)
        let answer = try place.answer("later.wav", "--meeting", meeting)
        #expect(answer["verdict"].string == "identified" && answer["sources"].emails == ["bela@example.org"])
        #expect(kinds(answer) == ["ticket-revoked", "not-present", "played-later", "marked-here"])
        let summary = answer["summary"].string ?? ""
        #expect(summary.contains("The store's records disagree: ticket \(ticket) of this endpoint was revoked on 20"))
        let played = answer["sources"][0]["heard"][0]["playedAt"].string ?? ""
        let id = answer["id"].string ?? ""
        let text = try place.succeed("analysis", "show", id)
        for words in [
            "before this recording was examined: its marks may be another's",
            "this endpoint was not in the meeting at \(played), when it would have played what was heard",
            "by the mark's clock this would be played at \(played), after it was examined (20",
            "audio was marked as this endpoint with the store's keys once, on 20",
        ] { #expect(text.contains(words), "\(words)\n\(text)") }
        #expect(text.contains(/result +identified \(records disagree\)\n/))
        #expect(try place.succeed("analysis", "list").contains("identified (records disagree)"))
        let page = try ReportPage(of: id, in: place)
        #expect(page.verdict[0] == "Endpoint identified (records disagree)")
        #expect(page.verdict[2].hasPrefix("The store’s records disagree: ticket \(ticket)"))
        let ways = page.rows(in: Self.weighing)
        for words in ["was revoked on 20", "was not in the meeting at 20", "would be played at 20"] {
            #expect(ways[0][2].contains(words) && ways[4][1].contains(words), "\(ways)")
        }
        #expect(ways[4][1].contains("with the store's keys once, on 20") && !ways[0][2].contains("once, on"))
        let records =
            "1 ticket of this endpoint (1 revoked), and that audio was marked as it with the store’s keys 1 time"
        #expect(ways[4][2].contains(records), "\(ways[4][2])")
        #expect(!page.text.contains("nothing that was found") && !page.text.contains("nothing in a recording can"))
    }

    /// A mark that a ticket made, of a client that was there: nothing is against it, until the ticket is revoked.
    @Test func nothingIsToldWhereThereIsNothing() throws {
        let ada = ["--meeting", board.meeting, "--client", "ada@example.org"]
        try place.succeed(["ticket", "issue", "-o", "ada.ticket"] + ada)
        try place.succeed("embed", board.host, "ada.wav", "--ticket", "ada.ticket", "--at", "\(Board.start)")
        try place.succeed(["client", "join", "--at", Board.time(board.startsAt)] + ada)
        let answer = try place.answer("ada.wav", "--meeting", board.meeting)
        #expect(answer["verdict"].string == "identified" && answer["sources"][0]["objections"].isAbsent)
        #expect(answer["summary"].string?.contains("disagree") == false)
        let id = answer["id"].string ?? ""
        let clean = try ReportPage(of: id, in: place)
        #expect(clean.verdict[0] == "Endpoint identified")
        let ways = clean.rows(in: Self.weighing)
        #expect(ways[0][2] == "nothing in the recording, nor in the records of tickets and presences")
        #expect(ways[4][1].hasPrefix("nothing in the records, nor in when it was played;"))
        #expect(ways[4][2].contains("(0 revoked), and that audio was marked as it with the store’s keys 0 times"))
        // Presences of others are known, and none of Bela's.
        let bela = try place.answer(board.bela, "--meeting", board.meeting)
        #expect(kinds(bela) == ["not-present", "marked-here"])
        #expect(bela["sources"][0]["objections"][0]["text"].string?.hasPrefix("no presence of this endpoint") == true)
        let ticket = try place.json("ticket", "list", "--meeting", board.meeting)["tickets"][0]["id"].string ?? ""
        // Times are of whole seconds.
        Thread.sleep(forTimeInterval: 1.1)
        try place.succeed("ticket", "revoke", ticket)
        let written = try place.run("report", id, "-o", "later.html")
        #expect(written.exitStatus == 0)
        #expect(written.errors.contains("warning: the store's records disagree: ticket \(ticket)"), "\(written.errors)")
        let later = ReportPage(html: try place.text(of: "later.html"))
        #expect(later.verdict[0] == "Endpoint identified (records disagree)")
        #expect(later.verdict[2].contains("after this recording was examined"))
        #expect(later.value("Objections", in: "The endpoint")?.hasPrefix("ticket \(ticket)") == true)
    }
}
