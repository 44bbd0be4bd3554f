import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, `verdict`, `summary`, `hint` and `pilot`: answers that name nobody, and the bound that decides.
@Suite struct VerdictAnswerTests {
    private static let unmarked = Result {
        let board = try Board.shared()
        let place = try board.workplace()
        return (place: place, printed: try Printed(place, "analyze", board.host, "--meeting", board.meeting, "--json"))
    }

    /// `not-found`: "`summary` says what could have been found", and which evidence is enough on every alignment.
    @Test func unmarkedSpeechIsNotFound() throws {
        let (place, printed) = try VerdictAnswerTests.unmarked.get()
        let answer = try printed.answer
        #expect(printed.exitStatus == 0)
        #expect(answer["verdict"].string == "not-found" && answer["sources"].array.isEmpty)
        #expect(answer["pilot"]["isPresent"].bool == false)
        #expect((answer["pilot"]["log10FalsePresence"].double ?? -99) > -9)
        let expected = try #require(answer["pilot"]["expectedZ"].double)
        let needed = try #require(answer["tested"]["mostRequiredZ"].double)
        let least = try #require(answer["pilot"]["leastExpectedZ"].double)
        let most = try #require(answer["pilot"]["mostExpectedZ"].double)
        #expect(needed < least && least < expected && expected < most)
        #expect(
            answer["summary"].string
                == "This meeting's mark was not found. In this audio a full mark would have reached "
                + String(format: "about %.1f standard deviations (%.1f to %.1f in ", expected, least, most)
                + String(format: "nine of ten known recordings like it), and %.1f are needed.", needed))
        // There is no other meeting to look in.
        #expect(answer["unmarkable"].array.count == 3)
        #expect(answer["hint"].isAbsent)
        let text = TextAnswer(
            try place.succeed("analyze", try Board.shared().host, "--meeting", try Board.shared().meeting))
        #expect(text.lists.first?["meeting's mark"] == "not proven")
        #expect(!text.paragraphs.contains { $0.hasPrefix("Hint") })
    }

    /// `hint`: "for instance that the recording may be of another meeting", if there is another that could be searched.
    @Test func anotherMeetingIsHintedAt() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let short = try place.ffmpeg(["-i", board.host, "-t", "20", "-c", "copy"], to: "short.wav")
        let marked = try place.ffmpeg(["-i", board.bela, "-t", "20", "-c", "copy"], to: "marked.wav")
        try place.succeed("org", "add", "Labs")
        func create(_ title: String, _ organisation: String) throws {
            try place.succeed(
                "meeting", "create", "--title", title, "--start", Board.time(board.startsAt), "--org", organisation)
        }
        func hint(_ file: String) throws -> String? {
            try place.answer(file, "--meeting", board.meeting, "--allow-short")["hint"].string
        }
        // A meeting of another organisation is none that this one could search.
        try create("Elsewhere", "Labs")
        #expect(try hint(short) == nil)
        try create("Other", Board.organisation)
        #expect(try hint(short)?.contains("--any-meeting") == true)
        #expect(try hint(marked) == nil)
        let text = try place.succeed("analyze", short, "--meeting", board.meeting, "--allow-short")
        #expect(TextAnswer(text).paragraphs.contains { $0.hasPrefix("Hint: The recording may be of another meeting") })
    }

    /// `mostExpectedZ` "below `tested.mostRequiredZ` the recording is too poor or too short to tell", at most the root
    /// of the number of identity cells: 0.15 s hold 2.3 chips of 17.5 such cells, whose root is 6.4.
    @Test func aMomentIsTooShortToTell() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let file = try place.ffmpeg(["-i", board.bela, "-t", "0.15"], to: "moment.wav")
        let answer = try place.answer(file, "--meeting", board.meeting, "--allow-short")
        #expect(answer["verdict"].string == "not-found")
        let expected = try #require(answer["pilot"]["expectedZ"].double)
        let needed = try #require(answer["tested"]["mostRequiredZ"].double)
        #expect(expected < needed && expected <= 6.6)
        let summary = try #require(answer["summary"].string)
        #expect(
            summary.hasPrefix(
                "A mark could have been missed here: in audio this poor or short even a full mark would have reached "
                    + String(format: "only about %.1f standard deviations", expected)))
        #expect(summary.contains(String(format: "and %.1f are needed.", needed)))
        #expect(summary.hasSuffix("This meeting's mark was not found."))
    }

    /// The verdict `inconclusive` needs presence at "the same α" (statistics.md, section 7), and the bound itself is
    /// enough.
    @Test func presenceIsProvenAtTheBoundItself() throws {
        let mixes = try Mixes.shared()
        let place = try mixes.board.workplace()
        let file = place.file("stranger.wav")
        try Media.wav([mixes.mix([(0.3, .stranger)])], rate: 16_000).write(to: URL(fileURLWithPath: file))
        func print(_ threshold: Double) throws -> String {
            try place.succeed("settings", "set", "threshold", "\(threshold)")
            return try place.succeed("analyze", file, "--meeting", mixes.board.meeting, "--json")
        }
        func answer(_ threshold: Double) throws -> JSON { try JSON(text: try print(threshold))["analyses"][0] }
        let printed = try print(1e-9)
        let first = try JSON(text: printed)["analyses"][0]
        #expect(first["verdict"].string == "inconclusive" && first["sources"].array.isEmpty)
        #expect(
            first["summary"].string == "The recording is of this meeting, but no enrolled client reaches the bound. "
                + "No conclusion.")
        #expect(first["pilot"]["isPresent"].bool == true && first["hint"].isAbsent)
        // The digits themselves: parsers of JSON may be off in the last.
        let digits = try #require(printed.firstMatch(of: /"log10FalsePresence" : (-[0-9.]+)/)).1
        let presence = try #require(Double(digits))
        #expect(presence < -9 && presence > -69)
        // Many numbers have this logarithm.
        var exact = pow(10, presence)
        for _ in 0..<1_000 where log10(exact) < presence { exact = exact.nextUp }
        for _ in 0..<1_000 where log10(exact) > presence { exact = exact.nextDown }
        try #require(log10(exact) == presence)
        let met = try answer(exact)
        #expect(met["verdict"].string == "inconclusive" && met["pilot"]["isPresent"].bool == true)
        #expect(met["tested"]["log10Threshold"].double == met["pilot"]["log10FalsePresence"].double)
        let missed = try answer(exact * 0.999)
        #expect(missed["verdict"].string == "not-found" && missed["pilot"]["isPresent"].bool == false)
    }

    /// `earmark settings set threshold`: an answer names somebody only at the bound that the organisation asks for.
    @Test func theOrganisationsBoundDecides() throws {
        let mixes = try Mixes.shared()
        let place = try mixes.board.workplace()
        let file = place.file("weak.wav")
        // z is about 12 with any keys: above the 8 or so that the loosest bounds need, below the 16.3 of 1e-60.
        try Media.wav([mixes.mix([(1, .stranger), (0.19, .bela)])], rate: 16_000).write(to: URL(fileURLWithPath: file))
        // With a second meeting, so that a search is one among several.
        try place.succeed(
            "meeting", "create", "--title", "Other", "--start", Board.time(mixes.board.startsAt), "--roster",
            try place.write("participant,email,device\nGina,gina@example.org,laptop\n", to: "other.csv"))
        for (value, log10Threshold) in [("1e-60", -60.0), ("5e-4", log10(5e-4)), ("-12", -12)] {
            try place.succeed("settings", "set", "threshold", "--", value)
            for (search, shares) in [(["--meeting", mixes.board.meeting], 2), (["--any-meeting"], 1)] {
                let answer = try place.json(["analyze", file] + search)["analyses"][0]
                let isMet = log10Threshold > -60
                #expect(answer["sources"].emails == (isMet ? ["bela@example.org"] : []), "\(value) \(search)")
                // What is held of a mark that weak, chance decides; that it is one, the bound.
                let verdict = answer["verdict"].string
                #expect(isMet ? ["trace", "identified"].contains(verdict) : verdict == "inconclusive")
                let price = Price(candidates: shares == 2 ? 4 : 5, channels: 2, shares: shares)
                let differences = price.differences(
                    from: answer["tested"], times: shares == 2 ? 256 : nil, log10Threshold: log10Threshold)
                #expect(differences.isEmpty, "\(value) \(search)")
            }
        }
        try place.succeed("settings", "set", "threshold", "2e-9")
        let text = TextAnswer(try place.succeed("analyze", file, "--meeting", mixes.board.meeting))
        try text.expectBound(text.lists.first?["searched"], atLeast: log10(2e-9))
    }
}
