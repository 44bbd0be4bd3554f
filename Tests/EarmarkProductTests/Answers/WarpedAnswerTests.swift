import Foundation
import Testing

/// README, "Speed, tempo and pitch"; docs/json-schema.md, `rate` and `pitch`: a recording that was changed is found,
/// and says how.
@Suite struct WarpedAnswerTests {
    /// Analyses Bela's recording after `filter`, which changes speed and pitch by these factors.
    private func check(_ name: String, filter: String, rate: Double, pitch: Double) throws {
        let mixes = try Mixes.shared()
        let file = try mixes.place.ffmpeg(["-i", mixes.board.bela, "-af", filter], to: name)
        let answer = try mixes.analyse(file).answer
        #expect(answer["verdict"].string == "identified", "\(name)")
        #expect(answer["sources"].emails == ["bela@example.org"])
        let source = answer["sources"][0]
        // Speed is found to 0.02 %, pitch to half a per cent.
        #expect(abs((source["rate"].double ?? .nan) - rate) < 0.0005, "\(name)")
        #expect(abs((source["pitch"].double ?? .nan) - pitch) < 0.005, "\(name)")
        let length = Board.seconds / rate
        #expect(abs((answer["file"]["seconds"].double ?? .nan) - length) < 0.1)
        // The stretch is all of the file, in the file's own seconds, and shows the meeting's seconds.
        #expect(source["heard"].array.count == 1)
        let heard = source["heard"][0]
        let from = try #require(heard["from"].double)
        let to = try #require(heard["to"].double)
        #expect(from < 1 && to > length - 4.1 && to <= length + 0.1, "\(name) \(from) \(to)")
        #expect(abs(try #require(heard["meetingFrom"].double) - (Board.start + from * rate)) < 0.06)
        #expect(abs(try #require(heard["meetingTo"].double) - (Board.start + to * rate)) < 0.2)
        #expect(abs(try #require(source["heardSeconds"].double) - (to - from)) < 1e-6)
        #expect((source["log10FalseAccusation"].double ?? 0) <= -9)
        let text = TextAnswer(try mixes.place.succeed("analyze", file, "--meeting", mixes.board.meeting))
        let words = String(
            format: "%.1f %% of the speed, %.1f %% of the pitch", 100 * (source["rate"].double ?? .nan),
            100 * (source["pitch"].double ?? .nan))
        #expect(text.lists.last?["speed and pitch"] == words)
    }

    @Test func aFasterLeakIsFound() throws { try check("faster.wav", filter: "atempo=1.05", rate: 1.05, pitch: 1) }

    @Test func aFasterAndHigherLeakIsFound() throws {
        try check("higher.wav", filter: "asetrate=16800,aresample=16000", rate: 1.05, pitch: 1.05)
    }

    @Test func aPitchedLeakIsFound() throws {
        try check("pitched.wav", filter: "asetrate=15360,aresample=16000,atempo=1.0416667", rate: 1, pitch: 0.96)
    }

    /// The change is looked for where there is most to hear: with an index that place is sought, else read up to.
    @Test(arguments: ["late.wav", "late.m4a", "late.aac"]) func aFasterLeakAfterMinutesOfSilence(name: String) throws {
        let mixes = try Mixes.shared()
        let silence = 200.0
        let file = try mixes.place.ffmpeg(
            ["-i", mixes.board.bela, "-af", "atempo=1.05,adelay=\(Int(silence * 1_000)):all=1"], to: name)
        let answer = try mixes.analyse(file).answer
        #expect(answer["verdict"].string == "identified" && answer["sources"].emails == ["bela@example.org"])
        #expect(abs((answer["sources"][0]["rate"].double ?? .nan) - 1.05) < 0.0005)
        let heard = answer["sources"][0]["heard"][0]
        let from = try #require(heard["from"].double)
        #expect(from > silence - 5 && from < silence + 5)
        #expect(abs(try #require(heard["meetingFrom"].double) - (Board.start + (from - silence) * 1.05)) < 0.1)
    }

    /// `--effort fast` "looks at one copy at the meeting's own speed".
    @Test func fastLooksAtTheMeetingsOwnSpeed() throws {
        let mixes = try Mixes.shared()
        let file = try mixes.place.ffmpeg(["-i", mixes.board.bela, "-af", "atempo=1.1"], to: "much-faster.wav")
        let answer = try mixes.analyse(file, "--effort", "fast", "--allow-short").answer
        #expect(answer["verdict"].string == "not-found" && answer["sources"].array.isEmpty)
    }
}
