import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// `earmark analyze --help` and `earmark settings --help`: limits on recordings, at their boundaries, and what lifts
/// them.
@Suite struct LimitTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    /// A file of so many samples at 16 kHz, the board's speech.
    private func file(_ samples: Int) throws -> String {
        let all = try Mixes.samples(board.bela)
        try Media.wav([Array(all.prefix(samples))], rate: 16_000).write(
            to: URL(fileURLWithPath: place.file("\(samples).wav")))
        return place.file("\(samples).wav")
    }

    private func analyse(_ file: String, _ arguments: String...) throws -> Printed {
        try Printed(place, ["analyze", file, "--meeting", board.meeting, "--json", "--effort", "fast"] + arguments)
    }

    /// "more than 100 s of audio": a hundred seconds are refused, a sample more is analysed.
    @Test func moreThanAHundredSecondsAreNeeded() throws {
        let exact = try file(1_600_000)
        let refused = try analyse(exact)
        #expect(refused.exitStatus == 22)
        #expect(try refused.answer["refusal"]["code"].string == "tooShort")
        #expect(try refused.answer["refusal"]["message"].string?.contains("100 s") == true)
        #expect(try refused.answer.keys == ["date", "id", "path", "refusal"])
        #expect(try analyse(exact, "--allow-short").answer["verdict"].string == "identified")
        let more = try analyse(try file(1_600_001))
        #expect(more.exitStatus == 0)
        #expect(try more.answer["verdict"].string == "identified")
        // The same where the meeting is searched.
        let searched = try Printed(place, "analyze", exact, "--any-meeting", "--json")
        #expect(searched.exitStatus == 22)
        #expect(try Printed(place, "analyze", exact, "--any-meeting", "--allow-short", "--json").exitStatus == 0)
    }

    /// `min-seconds` "recordings must be longer than this"; `allow-short` lifts it, as the option does.
    @Test func theOrganisationSetsTheLeastLength() throws {
        let (exact, more) = (try file(80_000), try file(80_001))
        #expect(try analyse(more).exitStatus == 22)
        try place.succeed("settings", "set", "min-seconds", "5")
        let refused = try analyse(exact)
        #expect(refused.exitStatus == 22)
        #expect(try refused.answer["refusal"]["message"].string?.contains("more than 5 s are needed") == true)
        #expect(try analyse(more).exitStatus == 0)
        #expect(try analyse(exact, "--allow-short").exitStatus == 0)
        try place.succeed("settings", "set", "allow-short", "on")
        #expect(try analyse(exact).exitStatus == 0)
        #expect(try Printed(place, "analyze", exact, "--any-meeting", "--json").exitStatus == 0)
        try place.succeed("settings", "set", "allow-short", "off")
        #expect(try analyse(exact).exitStatus == 22)
    }

    /// `max-bytes` "largest file that is analysed": one of just that size is, one of a byte more is not.
    @Test func theOrganisationSetsTheLargestFile() throws {
        let path = try file(80_000)
        let content = try Data(contentsOf: URL(fileURLWithPath: path))
        let bytes = content.count
        // No reference is the recording itself.
        let other = place.file("other-\(bytes).wav")
        try (content.dropLast() + [1]).write(to: URL(fileURLWithPath: other))
        for (limit, status) in [(bytes - 1, Int32(21)), (bytes, 0), (bytes + 1, 0)] {
            try place.succeed("settings", "set", "max-bytes", "\(limit)")
            let printed = try analyse(path, "--allow-short")
            #expect(printed.exitStatus == status, "\(limit)")
            #expect(try printed.answer["refusal"]["code"].string == (status == 0 ? nil : "tooLarge"))
            let searched = try Printed(place, "analyze", path, "--any-meeting", "--allow-short", "--json")
            #expect(searched.exitStatus == status, "\(limit)")
            let reference = try Printed(
                place, "analyze", path, "--meeting", board.meeting, "--allow-short", "--reference", other)
            #expect(reference.exitStatus == status, "\(limit)")
        }
    }

    /// Two organisations in one store: each has settings of its own, and `--org` says whose meetings are meant.
    @Test func organisationsHaveLimitsAndBoundsOfTheirOwn() throws {
        let path = try file(80_000)
        try place.succeed("org", "add", "Labs")
        let roster = try place.write("participant,email,device\nGina,gina@example.org,laptop\n", to: "labs.csv")
        let labs = try place.json(
            "meeting", "create", "--title", "Labs", "--start", Board.time(board.startsAt), "--roster", roster, "--org",
            "Labs")["meeting"]["id"].string
        let meeting = try #require(labs)
        try place.succeed("settings", "set", "min-seconds", "1", "--org", "Labs")
        try place.succeed("settings", "set", "threshold", "1e-12", "--org", "Labs")
        let here = try analyse(path, "--allow-short").answer
        let there = try Printed(place, "analyze", path, "--meeting", meeting, "--json").answer
        #expect(here["tested"]["log10Threshold"].double == -9 && here["tested"]["candidates"].int == 4)
        #expect(there["tested"]["log10Threshold"].double == -12 && there["tested"]["candidates"].int == 1)
        #expect(try analyse(path).exitStatus == 22)
        // Nobody says whose meetings are searched.
        let ambiguous = try Printed(place, "analyze", path, "--any-meeting", "--json")
        #expect(ambiguous.exitStatus == 65 && ambiguous.text.isEmpty && ambiguous.errors.contains("--org"))
        let searched = try Printed(place, "analyze", path, "--any-meeting", "--org", "Labs", "--json").answer
        #expect(searched["search"]["meetings"].int == 1 && searched["tested"]["candidates"].int == 1)
        #expect(searched["tested"]["log10Threshold"].double == -12 && searched["verdict"].string == "not-found")
        let own = try Printed(
            place, "analyze", path, "--any-meeting", "--org", Board.organisation, "--json", "--allow-short"
        ).answer
        #expect(own["verdict"].string == "identified" && own["meeting"]["id"].string == board.meeting)
        // A meeting of the other organisation is none of this one's.
        #expect(try analyse(path, "--allow-short", "--org", "Labs").exitStatus == 66)
        #expect(try analyse(path, "--allow-short", "--org", Board.organisation).exitStatus == 0)
    }
}
