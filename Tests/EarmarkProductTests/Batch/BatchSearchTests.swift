import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "Meetings that are not known", and answers that name somebody.
@Suite struct BatchSearchTests {
    /// The shared meeting and another one, marked recordings of each and of both.
    private struct Search: Sendable {
        static let made = Result { try Search() }

        let place: Workplace
        let board: Board
        let other: String
        let since: String
        let until: String
        /// The results of an unbounded search, and how it ended.
        let text: String
        let result: ProcessRunner.Result

        init() throws {
            board = try Board.shared()
            place = try board.workplace()
            since = Board.time(board.startsAt - 3 * 86_400 - 60)
            until = Board.time(board.startsAt - 86_400)
            try place.write("participant,email,device\nGina Green,gina@example.org,laptop\n", to: "other.csv")
            let created = try place.json(
                "meeting", "create", "--title", "Other", "--start", Board.time(board.startsAt - 3 * 86_400), "--roster",
                "other.csv")
            other = created["meeting"]["id"].string ?? ""
            try FileManager.default.createDirectory(atPath: place.file("in"), withIntermediateDirectories: true)
            try place.succeed(
                "embed", board.host, "other.wav", "--meeting", other, "--client", "gina@example.org", "--at", "60")
            try Media.ffmpeg(
                ["-i", board.bela, "-i", place.file("other.wav"), "-filter_complex", "concat=n=2:v=0:a=1"],
                to: place.file("in/both.wav"))
            try FileManager.default.copyItem(atPath: place.file("in/both.wav"), toPath: place.file("in/same.wav"))
            try place.write("file,name,note\nin/both.wav,Case 1,n1\nin/same.wav,Case 2,n2\n", to: "m.csv")
            result = try place.run("batch", "m.csv", "--any-meeting", "--out", "r.ndjson", "--jobs", "1")
            text = try place.text(of: "r.ndjson")
        }

        func lines() throws -> [JSON] { try text.split(separator: "\n").map { try JSON(text: $0) } }
    }

    @Test func progressNamesWhoIsIdentified() throws {
        let lines = try Search.made.get().result.errors.split(separator: "\n")
        #expect(lines.count == 2)
        for (line, name) in zip(lines, ["both", "same"]) {
            #expect(line.contains("in/\(name).wav: identified "))
            #expect(line.hasSuffix(" bela@example.org") || line.hasSuffix(" gina@example.org"), "\(line)")
        }
    }

    @Test func oneLineHoldsAllMeetingsOfAFile() throws {
        let search = try Search.made.get()
        #expect(search.result.exitStatus == 0)
        #expect(try search.lines().map(\.["path"].string) == ["in/both.wav", "in/same.wav"])
        for line in try search.lines() {
            #expect(line["request"]["meeting"].string == "any")
            #expect(line["verdict"].string == "identified" && line["search"]["meetings"].int == 2)
            let entries = [line] + line["further"].array
            #expect(entries.count == 2)
            #expect(Set(entries.compactMap(\.["meeting"]["id"].string)) == [search.board.meeting, search.other])
            let emails = entries.flatMap { $0["sources"].array.compactMap(\.["email"].string) }
            #expect(Set(emails) == ["bela@example.org", "gina@example.org"])
        }
        #expect(search.result.errors.contains("1/2 in/both.wav: identified "))
    }

    @Test func copiesCarryTheirOwnWordsInEveryMeeting() throws {
        let search = try Search.made.get()
        for (line, name, words) in zip3(
            try search.lines(), ["both.wav", "same.wav"], [("Case 1", "n1"), ("Case 2", "n2")])
        {
            for entry in [line] + line["further"].array {
                #expect(entry["path"].string == "in/\(name)" && entry["file"]["name"].string == name)
                #expect(entry["name"].string == words.0 && entry["note"].string == words.1)
            }
        }
        let lines = try search.lines()
        let first = lines[0], second = lines[1]
        #expect(first["id"].string == second["id"].string)
        #expect(first["further"][0]["id"].string == second["further"][0]["id"].string)
        #expect(first["id"].string != first["further"][0]["id"].string)
    }

    private func zip3<A, B, C>(_ a: [A], _ b: [B], _ c: [C]) -> [(A, B, C)] {
        zip(zip(a, b), c).map { ($0.0, $0.1, $1) }
    }

    @Test func theTimeNarrowsTheSearch() throws {
        let search = try Search.made.get()
        let place = search.place
        try FileManager.default.createDirectory(atPath: place.file("short"), withIntermediateDirectories: true)
        try BatchPlace.wave(seed: 3).write(to: URL(fileURLWithPath: place.file("short/a.wav")))
        func line(_ arguments: [String], out: String) throws -> JSON {
            try place.succeed(["batch", "short", "--out", out] + BatchPlace.quick + arguments)
            return try JSON(text: try place.text(of: out))
        }
        let early = try line(["--any-meeting", "--until", search.until], out: "u.ndjson")
        #expect(early["request"]["meeting"].string == "any until \(search.until)")
        #expect(early["search"]["meetings"].int == 1 && early["search"]["until"].string == search.until)
        let both = try line(
            ["--any-meeting", "--since", search.since, "--until", search.until], out: "b.ndjson")
        #expect(both["request"]["meeting"].string == "any since \(search.since) until \(search.until)")
        let late = try line(["--any-meeting", "--since", search.until], out: "s.ndjson")
        #expect(late["request"]["meeting"].string == "any since \(search.until)")
        #expect(late["search"]["meetings"].int == 1 && late["search"]["since"].string == search.until)
        #expect(late["meeting"].isAbsent)
        // Rows that name a meeting are not searched for.
        try place.write("file,meeting\nshort/a.wav,\(search.other)\nshort/a.wav,\n", to: "some.csv")
        try place.succeed(
            ["batch", "some.csv", "--any-meeting", "--out", "some.ndjson", "--jobs", "1"] + BatchPlace.quick)
        let some = try place.text(of: "some.ndjson").split(separator: "\n").map { try JSON(text: $0) }
        #expect(some.map(\.["request"]["meeting"].string) == [search.other, "any"])
        #expect(some.map { $0["search"].isAbsent } == [true, false])
        #expect(some[0]["meeting"]["id"].string == search.other)
        let none = try place.run(
            ["batch", "short", "--any-meeting", "--since", "2031-01-01T00:00Z", "--out", "n.ndjson"])
        #expect(none.exitStatus == 66 && none.errors.contains("no meeting to search"))
    }

    @Test func interruptedSearchesBeginAgain() throws {
        let batch = try BatchPlace("a.wav")
        for count in 1...2 {
            try batch.batch(["in"], ["--any-meeting", "--resume"])
            #expect(try batch.stored().count == count)
            #expect(try batch.lines()[0]["search"]["meetings"].int == 2)
            try batch.place.write("", to: "r.ndjson")
        }
    }

    /// An answer of a search pays for all meetings: it is none to the question about one.
    @Test func answersOfASearchAreNotTakenForAMeetings() throws {
        let search = try Search.made.get()
        let place = try search.board.workplace()
        try place.succeed("analyze", search.board.bela, "--any-meeting")
        try place.write("file\n\(search.board.bela)\n", to: "m.csv")
        try place.succeed("batch", "m.csv", "--meeting", search.board.meeting, "--out", "r.ndjson", "--resume")
        let line = try JSON(text: try place.text(of: "r.ndjson"))
        #expect(line["search"].isAbsent && line["sources"][0]["email"].string == "bela@example.org")
        #expect(try place.json("analysis", "list")["analyses"].array.count == 2)
    }

    @Test func theOrganisationsBoundIsAskedFor() throws {
        let search = try Search.made.get()
        let place = try search.board.workplace()
        try place.succeed("settings", "set", "threshold", "1e-20")
        try BatchPlace.wave(seed: 3).write(to: URL(fileURLWithPath: place.file("a.wav")))
        for about in [["--any-meeting"], ["--meeting", search.board.meeting]] {
            try place.succeed(["batch", "a.wav", "--out", "\(about.count).ndjson"] + BatchPlace.quick + about)
            let line = try JSON(text: try place.text(of: "\(about.count).ndjson"))
            #expect(line["tested"]["log10Threshold"].double == -20)
            // Noise alone reaches z = 8 with a chance of 6e-16: no proof of 1e-20 is content with that.
            #expect((line["tested"]["requiredZ"].double ?? 0) > 8)
        }
    }
}
