import Foundation
import ProgramSupport
import Testing

/// docs/retention.md.
@Suite struct RetentionVerbTests {
    private static let early = StorePlace.start - 10 * StorePlace.day

    @Test func statusSaysWhatIsDueHeldAndNext() throws {
        let store = try StorePlace()
        let place = store.place
        try place.succeed("org", "add", "Other")
        // Nothing is enrolled that is due, unless it is held.
        let due = try store.enrol(
            start: StorePlace.start - 400 * StorePlace.day, "--org", "Other", "--hold", "Case 12")
        let next = try store.enrol(start: Self.early, "--org", "Other")
        _ = try store.enrol(start: StorePlace.start, "--org", "Other")
        let mine = try store.enrol("--org", "Example Ltd")
        let status = try place.json("retention", "status", "--org", "Other")["retention"]
        #expect(status["days"].int == 360 && status["meetings"].int == 3)
        #expect(status["due"].array.isEmpty && status["held"].array.map(\.string) == [due])
        #expect(status["next"].string == Board.time(Self.early + 7_200 + 360 * StorePlace.day))
        #expect(status["holds"].array.map { $0["subject"].string } == [due])
        #expect(status["holds"][0]["reason"].string == "Case 12" && !status["holds"][0]["since"].isAbsent)
        let text = try place.succeed("retention", "status", "--org", "Other")
        let values = StorePlace.values(text)
        #expect(values["retention"] == "360 days after the planned end" && values["meetings"] == "3")
        #expect(values["due"] == "none" && values["kept for a hold"] == due)
        #expect(StorePlace.rows(text).last?.first == due && StorePlace.rows(text).last?.last == "Case 12")
        let other = try place.json("retention", "status", "--org", "Example Ltd")["retention"]
        #expect(other["meetings"].int == 1 && other["held"].array.isEmpty)
        // Released, it is due; `status` and a dry run only say so.
        try place.succeed("retention", "release", due, "--yes")
        let released = try place.json("retention", "status", "--org", "Other")["retention"]
        #expect(released["due"].array.map(\.string) == [due] && released["held"].array.isEmpty)
        #expect(StorePlace.values(try place.succeed("retention", "status", "--org", "Other"))["due"] == due)
        #expect(try place.json("retention", "purge", "--dry-run")["due"].array.map(\.string) == [due])
        #expect(try place.succeed("retention", "purge", "--dry-run").hasPrefix("\(due)  Board, due since "))
        let purged = try place.json("retention", "purge")
        #expect(purged["purged"].array.map(\.string) == [due] && purged["analyses"].int == 0)
        #expect(try place.succeed("retention", "purge", "--dry-run") == "nothing is due\n")
        #expect(try place.succeed("retention", "purge") == "purged 0 meetings and 0 analyses\n")
        for kept in [next, mine] { #expect(try store.status("meeting", "show", kept) == 0) }
        #expect(try store.status("meeting", "show", due) == 11)
    }

    /// Refused if meetings would go at once, those on hold not counted; the limit is the planned end plus the days.
    @Test(arguments: [["retention", "set"], ["settings", "set", "retention"]])
    func shorteningCountsWhatWouldGo(verb: [String]) throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol(start: Self.early, "--duration", "1h")
        _ = try store.enrol()
        // It ended ten days ago less the hour that it lasted, give or take the hour that tests may take.
        #expect(try place.run(verb + ["11"]).exitStatus == 0)
        let refused = try place.run(verb + ["9"])
        #expect(refused.exitStatus == 65 && refused.errors.contains("1 meeting would be purged"))
        #expect(try place.succeed("settings", "get", "retention") == "11\n")
        // More days never need leave.
        #expect(try place.run(verb + ["12"]).exitStatus == 0)
        try place.succeed("retention", "hold", meeting, "--reason", "Case 12")
        #expect(try place.run(verb + ["9"]).exitStatus == 0)
        #expect(try store.status("meeting", "show", meeting) == 0)
        try place.succeed(verb + ["12"])
        try place.succeed("retention", "release", meeting, "--yes")
        #expect(try place.run(verb + ["9", "--yes"]).exitStatus == 0)
        let result = try place.run("meeting", "list", "--json")
        #expect(result.errors == "earmark: purged 1 meeting whose retention has run out\n")
        #expect(try JSON(data: result.output)["meetings"].array.count == 1)
    }

    /// Only those verbs purge that open the store to work with it: what watches it takes nothing away.
    @Test func whatWatchesAStorePurgesNothing() throws {
        let store = try StorePlace()
        let place = store.place
        let due = try store.enrol(start: Self.early)
        try place.succeed("retention", "set", "0", "--yes")
        for verb in [
            "store metrics", "store metrics --output m.prom", "store check", "retention status",
            "retention purge --dry-run", "audit verify",
        ] {
            let result = try place.run(verb.split(separator: " ").map(String.init))
            #expect(result.exitStatus == 0 && !result.errors.contains("purged"), "\(verb): \(result.errors)")
        }
        for figures in [try place.succeed("store", "metrics"), try place.text(of: "m.prom")] {
            let due = figures.split(separator: "\n").filter { $0.hasPrefix("earmark_store_meetings_due ") }
            #expect(due.map { Double($0.split(separator: " ")[1]) } == [1], "\(due)")
        }
        #expect(try place.json("retention", "purge")["purged"].array.map(\.string) == [due])
    }

    /// Whichever command comes first: which bundles carry on what was purged is told, to people and in the log.
    @Test func everyPurgeTellsWhichBundlesAreOut() throws {
        let store = try StorePlace()
        let place = store.place
        let due = try store.enrol(start: Self.early)
        try place.succeed("bundle", "create", "--meeting", due, "-o", "case.bundle")
        let bundle = try place.json("bundle", "list")["bundles"][0]["id"].string ?? ""
        try place.succeed("retention", "set", "0", "--yes")
        let list = try place.run(["meeting", "list"], environment: ["EARMARK_LOG": "stderr"])
        #expect(list.errors.contains("warning: bundle '\(bundle)' holds seeds of what was purged"), "\(list.errors)")
        let events = try list.errors.split(separator: "\n").filter { $0.hasPrefix("{") }.map { try JSON(text: $0) }
        let purged = events.filter { $0["event"].string == "purged" }
        #expect(purged.map { $0["meetings"].array.map(\.string) } == [[due]])
        #expect(purged.map { $0["bundlesOut"].array.map(\.string) } == [[bundle]])
    }

    /// "Afterwards no byte … of names, e-mail addresses, titles and devices is left in any file of the store".
    @Test func nothingOfAPurgedMeetingIsLeft() throws {
        let store = try StorePlace()
        let place = store.place
        try place.succeed("org", "add", "Other")
        let rows = (0..<40).map { "Zwillingsfeder,z\($0)@zwillingsfeder.example,Quarzuhr,desktop\n" }.joined()
        try place.write("participant,email,device,kind\n" + rows, to: "roster.csv")
        let gone = try store.enrol(start: Self.early, "--org", "Other", "--host", "host@umlagerung.example")
        let client = try store.clients(of: gone)[0]
        try place.succeed("ticket", "issue", "--meeting", gone, "--all", "--out-dir", "tickets")
        try place.succeed("client", "join", "--meeting", gone, "--client", client)
        try place.write("participant,email,device\nAda,ada@kept.example,laptop\n", to: "roster.csv")
        let kept = try store.enrol(start: Self.early, "--org", "Example Ltd")
        try place.write("no recording", to: "umlagerung.txt")
        #expect(try store.status("analyze", "umlagerung.txt", "--meeting", gone) == 20)
        #expect(try store.status("analyze", "umlagerung.txt", "--meeting", kept, "--name", "stays") == 20)
        let texts = ["Zwillingsfeder", "zwillingsfeder.example", "Quarzuhr", "host@umlagerung.example", client]
        #expect(try store.found(texts) == texts)
        try place.succeed("retention", "set", "0", "--yes", "--org", "Other")
        let purged = try place.json("retention", "purge")
        #expect(purged["purged"].array.map(\.string) == [gone] && purged["analyses"].int == 1)
        #expect(try store.found(texts).isEmpty)
        #expect(try store.found(["ada@kept.example", "stays"]).count == 2)
        #expect(try place.json("analysis", "list")["analyses"].array.map { $0["meeting"].string } == [kept])
        #expect(try place.json("store", "check")["problems"].array.isEmpty)
        #expect(try place.json("meeting", "show", kept)["clients"].array.count == 1)
    }

    /// A hold on an analysis keeps it when its meeting goes, and no longer than it holds.
    @Test func heldAnalysesOutliveTheirMeetingUntilReleased() throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol(start: Self.early)
        try place.write("no recording", to: "a.txt")
        for _ in 0..<2 { #expect(try store.status("analyze", "a.txt", "--meeting", meeting) == 20) }
        let ids = try place.json("analysis", "list")["analyses"].array.compactMap { $0["id"].string }
        try place.succeed("retention", "hold", ids[0], "--reason", "Case 12")
        try place.succeed("retention", "set", "0", "--yes")
        #expect(try place.json("retention", "purge")["analyses"].int == 1)
        #expect(try place.json("analysis", "list")["analyses"].array.map { $0["id"].string } == [ids[0]])
        #expect(try place.json("retention", "status")["retention"]["holds"][0]["subject"].string == ids[0])
        try place.succeed("retention", "release", ids[0], "--yes")
        #expect(try place.json("retention", "purge")["analyses"].int == 1)
        #expect(try place.json("analysis", "list")["analyses"].array.isEmpty)
        #expect(try store.status("retention", "hold", ids[0], "--reason", "x") == 66)
        #expect(try store.status("retention", "release", ids[0]) == 66)
    }

    /// Of what only a hold keeps, because its meeting is gone, nobody loses anything unasked.
    @Test func theLastThatIsLeftOfAMeetingIsAskedAbout() throws {
        let store = try StorePlace()
        let place = store.place
        let meeting = try store.enrol(start: Self.early)
        try place.write("no recording", to: "a.txt")
        #expect(try store.status("analyze", "a.txt", "--meeting", meeting) == 20)
        let id = try #require(try place.json("analysis", "list")["analyses"][0]["id"].string)
        try place.succeed("retention", "hold", id, "--reason", "Case 12")
        try place.succeed("retention", "set", "0", "--yes")
        #expect(try place.json("retention", "purge")["purged"].array.map(\.string) == [meeting])
        let unasked = try place.run("retention", "release", id)
        #expect(unasked.exitStatus == 65 && unasked.errors.contains("is due"), "\(unasked.errors)")
        #expect(try place.json("analysis", "list")["analyses"].array.map { $0["id"].string } == [id])
    }

    /// Answers of a search go with the meeting that they name.
    @Test func answersOfASearchGoWithTheirMeeting() throws {
        let store = try StorePlace()
        let meeting = try store.enrol(start: Self.early)
        let place = store.place
        let host = try Board.shared().host
        try place.succeed(
            "embed", host, "leak.wav", "--meeting", meeting, "--client", "bela@example.org", "--at", "300")
        let answer = try place.json("analyze", "leak.wav", "--any-meeting")["analyses"][0]
        #expect(answer["verdict"].string == "identified")
        let stored = try place.json("analysis", "list")["analyses"].array
        #expect(stored.map { $0["meeting"].string } == [meeting])
        try place.succeed("retention", "set", "0", "--yes")
        #expect(try place.json("retention", "purge")["analyses"].int == 1)
        #expect(try place.json("analysis", "list")["analyses"].array.isEmpty)
        #expect(try store.found(["bela@example.org", "Bela Berger"]).isEmpty)
    }
}
