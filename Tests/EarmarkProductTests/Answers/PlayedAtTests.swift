import Foundation
import ProgramSupport
import Testing

/// docs/statistics.md, section 5c: a stated time of playing says what is tried first, and leaves nothing out.
@Suite struct PlayedAtTests {
    /// Whole seconds of `Board.start`.
    private static let start = 1_234
    /// How far off a statement may be if nothing is said of it, seconds.
    private static let within = 90

    /// The answer to a file of the board's, which says what was stated.
    private func answer(_ file: String, _ more: [String] = [], effort: String = "fast") throws -> JSON {
        let mixes = try Mixes.shared()
        let words = ["analyze", file, "--meeting", mixes.board.meeting, "--json", "--effort", effort]
        return try Printed(mixes.place, words + more).answer
    }

    /// What was tried and what it costs is what it would be without: only the order differs.
    @Test(arguments: ["fast", "normal", "exhaustive"]) func aStatementChangesNoPrice(effort: String) throws {
        let mixes = try Mixes.shared()
        let file = try mixes.write(mixes.mix([(1, .stranger), (0.2, .bela)]), to: "stated-\(effort).wav")
        let (with, without) = (
            try answer(file, ["--played-at", "20:34"], effort: effort), try answer(file, effort: effort)
        )
        let tested = [with, without].map { $0["tested"].value as? NSDictionary }
        #expect(tested[0] != nil && tested[0] == tested[1])
        for source in [with, without].map({ $0["sources"][0] }) {
            #expect(source["email"].string == "bela@example.org")
        }
        #expect(with["sources"][0]["z"].double == without["sources"][0]["z"].double)
    }

    /// Right, wrong by a little and by an hour, before the meeting, as a time of day: nobody is hidden, and the answer
    /// says what was stated.
    @Test func whateverIsStatedNobodyIsHidden() throws {
        let board = try Board.shared()
        for seconds in [Self.start, Self.start + 92, 5, 5_000, -900] {
            let answer = try answer(board.bela, ["--played-at=\(seconds)"])
            #expect(answer["sources"].emails == ["bela@example.org"], "\(seconds)")
            #expect(answer["playedAt"]["meetingSeconds"].int == seconds)
            #expect(answer["playedAt"]["withinSeconds"].int == Self.within)
            #expect(answer["playedAt"]["time"].string == Board.time(board.startsAt + seconds))
        }
        let time = try answer(
            board.bela, ["--played-at", Board.time(board.startsAt + 60), "--played-at-within", "95s"])
        #expect(time["playedAt"]["meetingSeconds"].int == 60 && time["playedAt"]["withinSeconds"].int == 95)
    }

    /// The board's speech as a client played it at another second of the meeting.
    private func played(by client: String, at seconds: Double) throws -> [Float] {
        let mixes = try Mixes.shared()
        let name = "\(client)-\(Int(seconds)).wav"
        try mixes.place.succeed(
            "embed", mixes.board.host, name, "--meeting", mixes.board.meeting, "--client", "\(client)@example.org",
            "--at", "\(seconds)")
        return try Mixes.samples(mixes.place.file(name))
    }

    /// A recording of two parts of the meeting: a statement about its beginning takes nothing from the rest, and calls
    /// none of it foreign.
    @Test func aCutIsNotForeign() throws {
        let mixes = try Mixes.shared()
        let early = try Mixes.samples(mixes.board.bela).prefix(16_000 * 60)
        let late = try played(by: "bela", at: 2_500).dropFirst(16_000 * 60)
        let file = try mixes.write(Array(early + late), to: "two-parts.wav")
        for stated in [[], ["--played-at", "20:34"], ["--played-at", "41:40"]] {
            let answer = try answer(file, stated, effort: "normal")
            let source = answer["sources"][0]
            #expect(answer["verdict"].string == "identified" && source["email"].string == "bela@example.org")
            #expect(source["content"]["state"].string != "contradicted")
            let heard = source["heard"].array.reduce(0.0) { $0 + ($1["to"].double ?? 0) - ($1["from"].double ?? 0) }
            #expect(heard > 90, "\(stated): \(heard) s")
        }
    }

    /// An echo of Bela's playout beside what Cara's client recorded, whose clock was two minutes off: a statement that
    /// is true of the echo alone accuses him no more than none does.
    @Test func aStatementAccusesNoEcho() throws {
        let mixes = try Mixes.shared()
        let host = try Mixes.samples(mixes.board.host)
        let ahead = try played(by: "cara", at: Board.start + 120)
        let echo = mixes.mix([(0.13, .bela)])
        let file = try mixes.write(
            host.indices.map { host[$0] + (ahead[$0] - host[$0]) + (echo[$0] - host[$0]) }, to: "echoed.wav")
        let plain = try answer(file, effort: "normal")
        try #require(plain["sources"][email: "cara@example.org"]["verdict"].string == "identified")
        #expect(plain["sources"][email: "bela@example.org"]["verdict"].string != "identified")
        for within in ["10s", "60s"] {
            let stated = try answer(
                file, ["--played-at", "\(Self.start)", "--played-at-within", within], effort: "normal")
            #expect(stated["sources"][email: "cara@example.org"]["verdict"].string == "identified", "\(within)")
            let bela = stated["sources"][email: "bela@example.org"]["verdict"].string
            #expect(bela == nil || bela == "trace", "\(within)")
        }
    }

    @Test func peopleAreToldTheCondition() throws {
        let mixes = try Mixes.shared()
        let words = ["analyze", mixes.board.bela, "--meeting", mixes.board.meeting, "--effort", "fast"]
        let text = try mixes.place.succeed(words + ["--played-at", "20:00", "--report", "stated.html"])
        let head = TextAnswer(text).lists.first
        #expect(head?["stated"]?.hasPrefix("played within 1m30s of 20m into the meeting, ") ?? false)
        #expect(text.contains("came first in the order of what was tried"))
        #expect(try mixes.place.text(of: "stated.html").contains("Stated time"))
        let outside = try mixes.place.run(words + ["--played-at", "26h"])
        #expect(outside.exitStatus == 65 && outside.errors.contains("25h after"))
        for wrong in [
            ["--played-at", "soon"], ["--played-at", "1:2"], ["--played-at", "5m", "--played-at-within", "9s"],
        ] {
            #expect(try mixes.place.run(words + wrong).exitStatus == 64, "\(wrong)")
        }
        let any = try mixes.place.run("analyze", mixes.board.bela, "--any-meeting", "--played-at", "5m")
        #expect(any.exitStatus == 64 && any.errors.contains("--meeting"))
    }

    /// docs/evidence.md, `playedAt`: what was stated decides the order, and its two forms are one time.
    @Test func evidenceStatesWhatWasStated() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let id =
            try place.answer(
                board.bela, "--meeting", board.meeting, "--effort", "fast", "--played-at", "20:00")["id"].string ?? ""
        try place.succeed("evidence", "export", id, "-o", "case.earmark")
        func result(_ package: String) throws -> ProcessRunner.Result {
            try place.run("evidence", "verify", package, board.bela, "--uncommitted")
        }
        let holds = try result("case.earmark")
        #expect(holds.exitStatus == 0 && holds.text.contains("as stated, within 1m30s of 20m into the meeting"))
        var members =
            try JSONSerialization.jsonObject(
                with: try Data(contentsOf: URL(fileURLWithPath: place.file("case.earmark")))) as? [String: Any] ?? [:]
        var stated = members["playedAt"] as? [String: Any] ?? [:]
        stated["time"] = Board.time(board.startsAt + 1_201)
        members["playedAt"] = stated
        let data = try JSONSerialization.data(withJSONObject: members)
        try data.write(to: URL(fileURLWithPath: place.file("bent.earmark")))
        #expect(try result("bent.earmark").exitStatus == 65)
    }
}
