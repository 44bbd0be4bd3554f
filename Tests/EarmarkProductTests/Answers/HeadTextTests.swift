import Foundation
import ProgramSupport
import Testing

/// What `earmark analyze` says to people beside its sources: the head of the answer, the weaker, the unseen, and what
/// always holds.
@Suite struct HeadTextTests {
    /// A weak mark beside a stranger's strong one: presence and a bound that is not the least.
    @Test func everyLineAgreesWithTheJSON() throws {
        let mixes = try Mixes.shared()
        let file = try mixes.write(mixes.mix([(0.4, .stranger), (0.16, .bela)]), to: "head.wav")
        let json = try mixes.analyse(file).answer
        let arguments = ["analyze", file, "--meeting", mixes.board.meeting, "--note", "A note"]
        let text = TextAnswer(try mixes.place.succeed(arguments))
        let head = try #require(text.lists.first)
        #expect(text.paragraphs.first == json["summary"].string)
        #expect(head.map(\.key) == ["verdict", "file", "content", "SHA-256", "meeting", "searched", "meeting's mark"])
        #expect(head["verdict"] == json["verdict"].string && head["file"] == "head.wav")
        #expect(head["content"] == "wav, 0:01:50, \(json["file"]["bytes"].int ?? 0) bytes")
        #expect(head["SHA-256"] == json["file"]["sha256"].string)
        let start = Board.time(mixes.board.startsAt)
        #expect(head["meeting"] == "\(Board.title) (\(mixes.board.meeting)), \(start)")
        let needed = ["requiredZ", "mostRequiredZ"].map { String(format: "%.1f", json["tested"][$0].double ?? .nan) }
        #expect(
            head["searched"] == "4 candidates x 42 hypotheses, 256 further times, bound 1e-9, z of "
                + "\(needed[0]) to \(needed[1]) needed")
        let mark = try #require(head["meeting's mark"])
        #expect(mark.hasPrefix("present (1e-"))
        try text.expectBound(mark, atLeast: json["pilot"]["log10FalsePresence"].double, within: 1)
        let level = String(format: "%.1f", json["pilot"]["levelDecibels"].double ?? .nan)
        #expect(mark.hasSuffix("), \(level) dB relative to a fresh mark"))
        try text.expectBound(
            text.lists.last?["false accusation"], atLeast: json["sources"][0]["log10FalseAccusation"].double)
        try check(text, against: json)
    }

    /// The weaker candidates, those who cannot mark, and the statements.
    private func check(_ text: TextAnswer, against json: JSON) throws {
        let weaker = try #require(text.tables("WEAKER CANDIDATE").first)
        #expect(weaker.first == ["WEAKER CANDIDATE", "DEVICE", "Z", "BOUND"])
        #expect(weaker.dropFirst().map(\.first) == json["candidates"].array.map { $0["email"].string })
        for (row, candidate) in zip(weaker.dropFirst(), json["candidates"].array) {
            #expect(row[1] == candidate["device"].string)
            #expect(row[2] == String(format: "%.2f", candidate["z"].double ?? .nan))
            #expect((candidate["log10FalseAccusation"].double ?? -1) < 0 || row[3] == "none")
        }
        #expect(
            text.paragraphs.contains(
                "Endpoints that carry no mark and may have recorded unseen: Dario Demir (browser, web), "
                    + "Elif Eriksen (+49 30 0000000, telephone), Farid Fischer (desk phone, sip)."))
        let statements = json["statements"].array.compactMap(\.string).joined(separator: "\n")
        #expect(text.paragraphs.contains(statements))
        #expect(text.paragraphs.last?.hasPrefix("Stored as a_") == true)
        #expect(!text.paragraphs.contains { $0.hasPrefix("Warning") || $0.hasPrefix("Hint") })
    }

    /// A client below the bound that still shows something has that as its bound, never stronger than it is.
    @Test func whoFallsShortHasTheBoundThatTheyReach() throws {
        let mixes = try Mixes.shared()
        let place = try mixes.board.workplace()
        let file = place.file("short-of-it.wav")
        try Media.wav([mixes.mix([(1, .stranger), (0.2, .bela)])], rate: 16_000).write(to: URL(fileURLWithPath: file))
        try place.succeed("settings", "set", "threshold", "1e-70")
        let json = try place.answer(file, "--meeting", mixes.board.meeting, "--effort", "fast")
        let text = TextAnswer(
            try place.succeed("analyze", file, "--meeting", mixes.board.meeting, "--effort", "fast"))
        #expect(json["candidates"].emails.first == "bela@example.org")
        let bound = try #require(json["candidates"][0]["log10FalseAccusation"].double)
        let z = try #require(json["candidates"][0]["z"].double)
        let best = Price(channels: 1, alignments: 4, shares: 1).bound(z)
        #expect(bound > best - 1e-6 && bound < best + 1.5)
        try text.expectBound(text.tables("WEAKER CANDIDATE").first?[1][3], atLeast: bound)
        #expect(text.lists.first?["searched"]?.contains("further times") == false)
        #expect(text.lists.first?["searched"]?.contains("bound 1e-70, ") == true)
    }
}
