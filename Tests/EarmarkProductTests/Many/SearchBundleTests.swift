import Foundation
import ProgramSupport
import Testing

/// docs/many.md: a bundle of many meetings finds the one that a recording is of, as the store would.
@Suite struct SearchBundleTests {
    private static let nowhere = [
        "EARMARK_STORE": "/nonexistent/store.db", "HOME": "/nonexistent", "EARMARK_KEY_FILE": "",
    ]

    /// A copy of the board's store, which holds one more meeting, of last week.
    private func place() throws -> Workplace {
        let board = try Board.shared()
        let place = try board.workplace()
        try place.write("participant,email,device\nGina Gallo,gina@example.org,laptop\n", to: "others.csv")
        try place.succeed(
            "meeting", "create", "--title", "Last week", "--start", Board.time(board.startsAt - 7 * 86_400), "--roster",
            "others.csv")
        return place
    }

    private func work(_ place: Workplace, _ arguments: String...) throws -> ProcessRunner.Result {
        try place.run(
            ["work", "--bundle", "all.bundle", "--key", "all.bundle.key", "--effort", "fast"] + arguments,
            environment: Self.nowhere)
    }

    @Test func aWorkerFindsTheMeeting() throws {
        let board = try Board.shared()
        let place = try place()
        try place.succeed("bundle", "create", "--any-meeting", "-o", "all.bundle")
        let shown = try place.json("bundle", "show", "all.bundle", "--key", "all.bundle.key")["bundle"]
        #expect(shown["meetings"].int == 2 && shown["holds"].array.contains { $0.string == board.meeting })
        #expect(try place.succeed("bundle", "show", "all.bundle").contains("2, searched"))
        let line = try JSON(text: try work(place, board.bela).text)
        let direct = try place.answer(board.bela, "--any-meeting", "--effort", "fast")
        #expect(line["verdict"].string == "identified" && line["meeting"]["id"].string == board.meeting)
        #expect(line["sources"][0]["client"].string == board.clients["bela@example.org"])
        #expect(line["sources"][0]["email"].string == "")
        for name in ["candidates", "hypotheses", "requiredZ", "mostRequiredZ"] {
            #expect(line["tested"][name].double == direct["tested"][name].double, "\(name)")
        }
        #expect(line["search"]["meetings"].int == 2 && direct["search"]["meetings"].int == 2)
        #expect(
            line["sources"][0]["log10FalseAccusation"].double == direct["sources"][0]["log10FalseAccusation"].double)
    }

    /// `--since` and `--until` are the bundle's: a meeting of another time is not searched, and the line says between
    /// what.
    @Test func theTimeOfASearchIsTheBundles() throws {
        let board = try Board.shared()
        let place = try place()
        let (since, until) = (Board.time(board.startsAt - 8 * 86_400), Board.time(board.startsAt - 6 * 86_400))
        try place.succeed("bundle", "create", "--any-meeting", "--since", since, "--until", until, "-o", "all.bundle")
        let line = try JSON(text: try work(place, board.bela).text)
        #expect(line["verdict"].string == "not-found" && line["meeting"].isAbsent)
        #expect(line["search"]["meetings"].int == 1)
        #expect(line["search"]["since"].string == since && line["search"]["until"].string == until)
    }

    @Test func nobodyStatesATimeOfNoMeeting() throws {
        let board = try Board.shared()
        let place = try place()
        try place.succeed("bundle", "create", "--any-meeting", "-o", "all.bundle")
        let stated = try work(place, board.bela, "--played-at", "5m")
        #expect(stated.exitStatus == 30 || stated.exitStatus == 65)
        #expect(stated.errors.contains("name the meeting"))
        let triage = try work(place, board.bela, "--triage")
        #expect(triage.exitStatus == 64 && triage.errors.contains("--triage needs a known meeting"))
    }

    /// docs/many.md: the imported answer is that of the store, names and all.
    @Test func whatWasFoundIsTakenIn() throws {
        let board = try Board.shared()
        let place = try place()
        try place.succeed("bundle", "create", "--any-meeting", "-o", "all.bundle")
        try place.succeed("run", "plan", board.bela, "-o", "run.json", "--effort", "fast")
        let part = try place.run(
            [
                "work", "--bundle", "all.bundle", "--key", "all.bundle.key", "--plan", "run.json", "--part", "1", "-o",
                "p.ndjson",
            ], environment: Self.nowhere)
        #expect(part.exitStatus == 0, "\(part.errors)")
        try place.succeed("run", "merge", "run.json", "p.1-of-1.ndjson", "-o", "run.ndjson")
        #expect(try place.json("run", "import", "run.json", "run.ndjson")["imported"]["added"].int == 1)
        let list = try place.json("analysis", "list")["analyses"].array
        let stored = try place.json("analysis", "show", list.first?["id"].string ?? "")["analysis"]["report"]
        #expect(stored["meeting"]["title"].string == Board.title)
        #expect(stored["sources"][0]["email"].string == "bela@example.org")
    }
}
