import Foundation
import ProgramSupport
import Testing

/// docs/statistics.md, section 5c: a stated time of playing narrows what is searched, and what is paid for with it.
@Suite struct PlayedAtTests {
    /// Whole seconds of `Board.start`.
    private static let start = 1_234
    /// How far off a statement may be if nothing is said of it, seconds.
    private static let within = 90

    /// Meeting times of a line in a window of so many seconds either way.
    private func times(within seconds: Int) -> Int { 2 * Int(62.5 * Double(seconds)) / 1_024 + 1 }

    /// A strong pilot and a weak mark of Bela's: the bound is far from the smallest that is claimed.
    private func expect(_ arguments: [String], effort: String, _ price: Price, times: Int?, placements: Int?) throws {
        let mixes = try Mixes.shared()
        let file = try mixes.write(mixes.mix([(1, .stranger), (0.15, .bela)]), to: "stated.wav")
        let words = ["analyze", file, "--meeting", mixes.board.meeting, "--json", "--effort", effort] + arguments
        let answer = try Printed(mixes.place, words).answer
        let differences = price.differences(
            from: answer["tested"], effort: effort, times: times, placements: placements)
        #expect(differences.isEmpty, "\(differences)")
        let source = answer["sources"][0]
        let (z, bound) = (source["z"].double ?? .nan, source["log10FalseAccusation"].double ?? .nan)
        #expect(source["email"].string == "bela@example.org")
        #expect(bound > -77 && price.isBound(bound, of: z), "\(bound) for \(z)")
    }

    @Test func aWindowHasItsPrice() throws {
        let stated = ["--played-at", "20:34"]
        try expect(
            stated, effort: "normal", Price(channels: 2, alignments: 6 + 7 + 1, shares: 1), times: nil, placements: nil)
        try expect(
            stated, effort: "fast", Price(channels: 1, alignments: 1 + 2, shares: 1), times: nil, placements: nil)
        try expect(
            stated, effort: "exhaustive", Price(channels: 5, alignments: 12 + 12 + 3, shares: 2), times: nil,
            placements: 2 * Int(62.5 * 90) + 1)
        // A wider one has more times than are ranked: all beyond the first eight are paid for.
        try expect(
            stated + ["--played-at-within", "10m"], effort: "normal",
            Price(channels: 2, alignments: 14, shares: 2), times: 2 * (times(within: 600) - 8), placements: nil)
    }

    /// What lies in the window is found and what does not is not, to the second, whatever way it is stated.
    @Test func theWindowEndsWhereItIsStatedTo() throws {
        let mixes = try Mixes.shared()
        func verdict(_ stated: String, _ more: String...) throws -> JSON {
            let words = ["analyze", mixes.board.bela, "--meeting", mixes.board.meeting, "--json", "--effort", "fast"]
            return try Printed(mixes.place, words + ["--played-at=\(stated)"] + more).answer
        }
        for seconds in [Self.start - 89, Self.start + 90] {
            let answer = try verdict("\(seconds)")
            #expect(answer["sources"].emails == ["bela@example.org"], "\(seconds)")
            #expect(answer["playedAt"]["meetingSeconds"].int == seconds)
            #expect(answer["playedAt"]["withinSeconds"].int == Self.within)
            #expect(answer["playedAt"]["time"].string == Board.time(mixes.board.startsAt + seconds))
        }
        for seconds in [Self.start - 90, Self.start + 92] {
            let answer = try verdict("\(seconds)")
            #expect(answer["verdict"].string == "not-found" && answer["sources"].array.isEmpty, "\(seconds)")
            #expect(answer["summary"].string?.hasPrefix("Only meeting times within 1m30s of ") ?? false)
        }
        #expect(try verdict("19m", "--played-at-within", "95s")["sources"].emails == ["bela@example.org"])
        #expect(try verdict("0:20:34")["sources"].emails == ["bela@example.org"])
        #expect(try verdict("-15m")["verdict"].string == "not-found")
        let time = try verdict(Board.time(mixes.board.startsAt + Self.start + 60))
        #expect(time["playedAt"]["meetingSeconds"].int == Self.start + 60)
        #expect(time["sources"].emails == ["bela@example.org"])
    }

    /// Seconds of a recording are named where nothing else of the meeting has to be paid for, and not without.
    @Test func secondsAreNamedThatAreNotWithout() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let samples = Array(try Mixes.samples(board.bela)[16_000 * 20..<16_000 * 20 + 55_000])
        try Media.wav([samples], rate: 16_000).write(to: URL(fileURLWithPath: place.file("clip.wav")))
        func source(_ more: [String]) throws -> JSON {
            let words = ["analyze", "clip.wav", "--meeting", board.meeting, "--json", "--allow-short"]
            return try Printed(place, words + more).answer["sources"][0]
        }
        let stated = ["--played-at", "\(Self.start + 20 + 60)"]
        let (with, without) = (try source(stated), try source([]))
        let bounds = [with, without].compactMap { $0["log10FalseAccusation"].double }
        try #require(bounds.count == 2 && with["z"].double == without["z"].double, "the right time comes first in both")
        // K is 14 or 21, and α is divided by 2 without; no change of speed is looked for in so little.
        let expected =
            Price(channels: 1, alignments: 14, shares: 1).log10Paid(place: 1, round: 1)
            - Price(channels: 1, alignments: 21, shares: 2).log10Paid(place: 1, round: 1)
        #expect(abs(bounds[0] - bounds[1] - expected) < 1e-6)
        let between = pow(10, (bounds[0] + bounds[1]) / 2)
        try place.succeed("settings", "set", "threshold", "\(between)")
        #expect(try source(stated)["email"].string == "bela@example.org")
        #expect(try source([]).isAbsent)
    }

    @Test func peopleAreToldTheCondition() throws {
        let mixes = try Mixes.shared()
        let words = ["analyze", mixes.board.bela, "--meeting", mixes.board.meeting, "--effort", "fast"]
        let text = try mixes.place.succeed(words + ["--played-at", "20:00", "--report", "stated.html"])
        let head = TextAnswer(text).lists.first
        #expect(head?["stated"]?.hasPrefix("played within 1m30s of 20m into the meeting, ") ?? false)
        #expect(text.contains("a wrong one can hide a client, and accuse none."))
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

    /// docs/evidence.md, `playedAt`: the package is checked in the window, and another window breaks it.
    @Test func evidenceHoldsInItsWindow() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let id =
            try place.answer(
                board.bela, "--meeting", board.meeting, "--effort", "fast", "--played-at", "20:00")["id"].string ?? ""
        try place.succeed("evidence", "export", id, "-o", "case.earmark")
        let verify = ["evidence", "verify", board.bela, "--uncommitted"]
        func result(_ package: String) throws -> ProcessRunner.Result {
            try place.run([verify[0], verify[1], package, verify[2], verify[3]])
        }
        let holds = try result("case.earmark")
        #expect(holds.exitStatus == 0 && holds.text.contains("as stated, within 1m30s of 20m into the meeting"))
        var members =
            try JSONSerialization.jsonObject(
                with: try Data(contentsOf: URL(fileURLWithPath: place.file("case.earmark")))) as? [String: Any] ?? [:]
        members["playedAt"] = ["meetingSeconds": 900, "withinSeconds": 90, "time": Board.time(board.startsAt + 900)]
        let data = try JSONSerialization.data(withJSONObject: members)
        try data.write(to: URL(fileURLWithPath: place.file("bent.earmark")))
        #expect(try result("bent.earmark").exitStatus == 65)
        members["playedAt"] = nil
        try JSONSerialization.data(withJSONObject: members).write(to: URL(fileURLWithPath: place.file("bare.earmark")))
        #expect(try result("bare.earmark").text.contains("BROKEN  tried"), "another price than the whole meeting's")
    }
}
