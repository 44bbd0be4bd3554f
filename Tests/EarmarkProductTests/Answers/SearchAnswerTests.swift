import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, `search` and `further`, statistics.md, section 5a, and `earmark analyze --help`: recordings
/// whose meeting is not known.
@Suite struct SearchAnswerTests {
    /// The board's meeting among others: one that is marked, too, and four that cannot be searched.
    private struct Case: Sendable {
        let place: Workplace
        let other: String
        let split: String
        let bela: Printed
        let unmarked: Printed
        let stranger: Printed
        let both: Printed
    }

    private static let made = Result { try SearchAnswerTests.make() }
    /// The other meetings begin ten hours before the board's, which lasts two hours.
    private static let earlier = 36_000

    private static func make() throws -> Case {
        let mixes = try Mixes.shared()
        let board = mixes.board
        let place = try board.workplace()
        let roster = try place.write(
            "participant,email,device,kind\nHugo,hugo@example.org,browser,web\nGina,gina@example.org,laptop,desktop\n",
            to: "other.csv")
        func create(_ title: String, _ arguments: String...) throws -> String {
            try place.json(
                [
                    "meeting", "create", "--title", title, "--start", Board.time(board.startsAt - earlier), "--roster",
                    roster,
                ] + arguments)["meeting"]["id"].string ?? ""
        }
        let other = try create("Other")
        let split = try create("Split", "--split-keys", place.file("a.share"), "--split-keys", place.file("b.share"))
        let lost = try create("Lost")
        _ = try create("Silent", "--watermark", "off")
        let keys = try place.text(of: "store.db.key").split(separator: "\n").filter { !$0.contains(lost) }
        try place.write(keys.joined(separator: "\n").replacing(/,\n *}/) { _ in "\n}" }, to: "store.db.key")
        try place.succeed("embed", board.host, "other.wav", "--meeting", other, "--client", "gina@example.org")
        let both = mixes.mix([(0.4, .bela)]) + (try Mixes.samples(place.file("other.wav")))
        for (name, samples) in [("both.wav", both), ("stranger.wav", mixes.mix([(1, .stranger)]))] {
            try Media.wav([samples], rate: 16_000).write(to: URL(fileURLWithPath: place.file(name)))
        }
        func search(_ file: String) throws -> Printed {
            try Printed(place, "analyze", file, "--any-meeting", "--json", "--name", "Case 3")
        }
        return Case(
            place: place, other: other, split: split, bela: try search(board.bela), unmarked: try search(board.host),
            stranger: try search("stranger.wav"), both: try search("both.wav"))
    }

    private let made: Case
    private let board: Board

    init() throws {
        made = try SearchAnswerTests.made.get()
        board = try Board.shared()
    }

    /// "N counts the candidates of all meetings that are compared"; no further times, and the bound is not divided.
    @Test func allCandidatesArePaidFor() throws {
        for printed in [made.bela, made.unmarked, made.stranger, made.both] {
            let price = Price(candidates: 5, channels: 2, shares: 1)
            #expect(price.differences(from: try printed.answer["tested"], times: nil).isEmpty)
            let search = try printed.answer["search"]
            #expect(search["meetings"].int == 2 && search["withoutShares"].int == 1 && search["withoutKey"].int == 1)
            #expect(search["since"].isAbsent && search["until"].isAbsent)
            #expect(printed.exitStatus == 0)
        }
    }

    /// The meeting is found, and in it the client: by the roster, of which some cannot mark.
    @Test func theMeetingAndItsClientAreFound() throws {
        let answer = try made.bela.answer
        #expect(answer["verdict"].string == "identified" && answer["further"].isAbsent && answer["hint"].isAbsent)
        #expect(answer["meeting"]["id"].string == board.meeting && answer["meeting"]["title"].string == Board.title)
        #expect(answer["meeting"]["start"].string == Board.time(board.startsAt))
        let source = answer["sources"][0]
        #expect(answer["sources"].array.count == 1 && source["email"].string == "bela@example.org")
        #expect(source["client"].string == board.clients["bela@example.org"])
        let heard = source["heard"][0]
        let from = try #require(heard["meetingFrom"].double)
        #expect(abs(from - (heard["from"].double ?? .nan) - Board.start) < 0.02)
        #expect(heard["playedAt"].string == Board.time(board.startsAt + Int(from.rounded(.down))))
        #expect(answer["unmarkable"].emails == ["dario@example.org", "elif@example.org", "farid@example.org"])
        // It is stored as one of that meeting, and as it was printed.
        let record = try made.place.json("analysis", "show", answer["id"].string ?? "")["analysis"]
        #expect(record["meeting"].string == board.meeting && record["name"].string == "Case 3")
        let stored = record["report"]
        #expect(stored["search"]["meetings"].int == 2 && stored["sources"].emails == ["bela@example.org"])
        let listed = try made.place.json("analysis", "list", "--meeting", board.meeting)["analyses"].array
        #expect(listed.contains { $0["id"].string == answer["id"].string })
    }

    /// `meeting` is "absent if a search found none"; nobody is a candidate then.
    @Test func unmarkedSpeechIsOfNoMeeting() throws {
        let answer = try made.unmarked.answer
        #expect(answer["verdict"].string == "not-found" && answer["meeting"].isAbsent && answer["further"].isAbsent)
        for key in ["sources", "unmarkable"] {
            #expect(answer[key].array.isEmpty && !answer[key].isAbsent)
        }
        #expect(
            answer["summary"].string?.hasPrefix(
                "Not all meetings were searched: 2 were left out, and the recording may be of one of them. The mark of "
                    + "none of 2 meetings was found. ") == true)
        #expect((answer["pilot"]["expectedZ"].double ?? 0) > 20)
        let text = TextAnswer(try made.place.succeed("analyze", board.host, "--any-meeting"))
        let head = try #require(text.lists.first)
        #expect(head["meeting"] == "none of those that were searched")
        #expect(
            head["left out"]
                == "1 meeting with split keys (name the shares with --share), 1 meeting whose keys are gone")
        #expect(head["searched"]?.hasPrefix("2 meetings with 5 candidates x 42 hypotheses, bound 10^-9, z of ") == true)
        #expect(head["meeting's mark"] == "not proven")
    }

    /// A meeting whose mark is proven present is found, even if nobody can be named.
    @Test func aMeetingWithoutANameIsFound() throws {
        let answer = try made.stranger.answer
        #expect(answer["verdict"].string == "inconclusive" && answer["meeting"]["id"].string == board.meeting)
        #expect(answer["sources"].array.isEmpty && answer["pilot"]["isPresent"].bool == true)
        #expect(answer["unmarkable"].array.count == 3)
    }

    /// `further`: "an entry like this one for each further meeting that the file shows", the strongest first.
    @Test func bothMeetingsOfAFileAreFound() throws {
        let answer = try made.both.answer
        #expect(answer["meeting"]["id"].string == made.other && answer["sources"].emails == ["gina@example.org"])
        #expect(answer["unmarkable"].emails == ["hugo@example.org"])
        #expect(answer["further"].array.count == 1)
        let second = answer["further"][0]
        #expect(second["meeting"]["id"].string == board.meeting && second["sources"].emails == ["bela@example.org"])
        #expect(second["path"].string == "both.wav" && second["id"].string != answer["id"].string)
        #expect(second["search"]["meetings"].int == 2 && second["further"].isAbsent)
        #expect((second["sources"][0]["heard"][0]["to"].double ?? .nan) < Board.seconds + 5)
        #expect((answer["sources"][0]["heard"][0]["from"].double ?? .nan) > Board.seconds - 5)
        for (entry, meeting) in [(answer, made.other), (second, board.meeting)] {
            let record = try made.place.json("analysis", "show", entry["id"].string ?? "")["analysis"]
            #expect(record["meeting"].string == meeting)
        }
        let text = try made.place.succeed("analyze", "both.wav", "--any-meeting")
        let paragraphs = TextAnswer(text).paragraphs
        #expect(paragraphs.first == "The recording shows 2 meetings, the strongest first.")
        #expect(paragraphs.filter { $0.hasPrefix("Stored as a_") }.count == 2)
        let meetings = TextAnswer(text).lists.compactMap { $0["meeting"] }
        #expect(meetings.first?.contains(made.other) == true && meetings.last?.contains(board.meeting) == true)
    }

    /// statistics.md, section 11: who is named in a search stands beside decoys of the meeting that was found, as
    /// elsewhere; where nobody is named there are none.
    @Test func whoIsFoundStandsBesideDecoys() throws {
        let both = try made.both.answer
        let named = [try made.bela.answer, both, both["further"][0]]
        for (index, answer) in (named + [try made.stranger.answer, try made.unmarked.answer]).enumerated() {
            try made.place.succeed("report", answer["id"].string ?? "", "-o", "decoys-\(index).html")
            let text = ReportPage(html: try made.place.text(of: "decoys-\(index).html")).text
            #expect(text.contains("10000 decoys, made-up endpoints") == (index < named.count), "\(index)")
            #expect(!text.contains("drew no decoys"), "\(index)")
        }
    }

    /// `--since`: "only meetings that ended after this"; `--until`: "only meetings that began before this".
    @Test func timesChooseTheMeetings() throws {
        let (start, end) = (board.startsAt, board.startsAt + 7_200)
        let early = start - SearchAnswerTests.earlier
        for (arguments, meetings, found) in [
            (["--since", Board.time(early + 7_199)], 2, true), (["--since", Board.time(early + 7_200)], 1, true),
            (["--since", Board.time(end - 1)], 1, true), (["--since", Board.time(end)], 0, false),
            (["--until", Board.time(start)], 1, false), (["--until", Board.time(start + 1)], 2, true),
            (["--since", Board.time(early - 9), "--until", Board.time(early + 1)], 1, false),
            (["--until", Board.time(early)], 0, false),
        ] {
            let printed = try Printed(
                made.place, ["analyze", board.bela, "--any-meeting", "--effort", "fast", "--json"] + arguments)
            guard meetings > 0 else {
                #expect(printed.exitStatus == 66 && printed.text.isEmpty, "\(arguments)")
                #expect(printed.errors.contains("in the given time"))
                continue
            }
            let answer = try printed.answer
            #expect(answer["search"]["meetings"].int == meetings, "\(arguments)")
            #expect(answer["verdict"].string == (found ? "identified" : "not-found"), "\(arguments)")
            for (option, key) in [("--since", "since"), ("--until", "until")] {
                let place = arguments.firstIndex(of: option)
                #expect(answer["search"][key].string == place.map { arguments[$0 + 1] })
            }
            if !found {
                let record = try made.place.json("analysis", "show", answer["id"].string ?? "")["analysis"]
                let words = ["any"] + arguments.map { $0.replacing("--", with: "") }
                #expect(record["meeting"].string == words.joined(separator: " "))
            }
        }
    }

    /// A meeting whose tickets mark, but which a setting or a mistyped host leaves out, is told before "not found".
    @Test func meetingsWithTicketsAreNotLeftOutInSilence() throws {
        let place = try board.workplace()
        let roster = try place.write(
            "participant,email,device,kind\nHugo,hugo@example.org,browser,web\nGina,gina@example.org,laptop,desktop\n",
            to: "other.csv")
        try place.succeed(
            "meeting", "create", "--title", "Other", "--start", Board.time(board.startsAt), "--roster", roster)
        let search = ["analyze", board.bela, "--any-meeting", "--effort", "fast"]
        #expect(try Printed(place, search + ["--json"]).answer["search"]["withoutMark"].isAbsent)
        try place.succeed("ticket", "issue", "--meeting", board.meeting, "--all", "--out-dir", "tickets")
        try place.succeed("meeting", "edit", board.meeting, "--watermark", "off", "--yes")
        let answer = try Printed(place, search + ["--json"]).answer
        #expect(answer["search"]["meetings"].int == 1 && answer["search"]["withoutMark"].int == 1)
        #expect(answer["verdict"].string == "not-found")
        let begins = "Not all meetings were searched: 1 was left out, and the recording may be of it."
        #expect(answer["summary"].string?.hasPrefix(begins) == true)
        let text = try Printed(place, search).text
        #expect(text.hasPrefix(begins) && text.contains("1 meeting not to be marked or of other hosts"))
    }

    /// With its shares, a meeting with split keys is searched like the others, and can be named; without, 78.
    @Test func sharesOpenAMeeting() throws {
        let shares = ["--share", "a.share", "--share", "b.share"]
        let search = ["analyze", board.bela, "--any-meeting", "--effort", "fast", "--json"]
        let answer = try Printed(made.place, search + shares).answer["search"]
        #expect(answer["meetings"].int == 3 && answer["withoutShares"].int == 0 && answer["withoutKey"].int == 1)
        let one = try Printed(made.place, search + ["--share", "a.share"]).answer["search"]
        #expect(one["meetings"].int == 2 && one["withoutShares"].int == 1)
        let known = ["analyze", board.bela, "--meeting", made.split, "--effort", "fast", "--json"]
        #expect(try Printed(made.place, known).exitStatus == 78)
        #expect(try Printed(made.place, known + shares).answer["verdict"].string == "not-found")
    }
}
