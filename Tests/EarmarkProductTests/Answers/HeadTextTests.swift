import Foundation
import ProgramSupport
import Testing

/// What `earmark analyze` says to people beside its sources: the head of the answer, the unseen, and what
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
            head["searched"] == "4 candidates x 42 hypotheses, 256 further times, bound 10^-9, z of "
                + "\(needed[0]) to \(needed[1]) needed")
        let mark = try #require(head["meeting's mark"])
        #expect(mark.hasPrefix("present (10^-"))
        try text.expectBound(mark, atLeast: json["pilot"]["log10FalsePresence"].double, within: 1)
        let level = String(format: "%.1f", json["pilot"]["levelDecibels"].double ?? .nan)
        #expect(mark.hasSuffix("), \(level) dB relative to a fresh mark"))
        try text.expectBound(
            text.lists.last?["evidence"], atLeast: json["sources"][0]["log10FalseAccusation"].double)
        try check(text, against: json)
    }

    /// Those who cannot mark, and the statements; nobody is named who is not identified.
    private func check(_ text: TextAnswer, against json: JSON) throws {
        #expect(
            text.paragraphs.contains(
                "Endpoints that carry no mark and may have recorded unseen: 3 (sip, telephone, web)."))
        let all = text.paragraphs.joined(separator: "\n")
        for name in Board.rows.map(\.participant) where !name.hasPrefix("Bela") { #expect(!all.contains(name)) }
        let statements = json["statements"].array.compactMap(\.string).joined(separator: "\n")
        #expect(text.paragraphs.contains(statements))
        #expect(text.paragraphs.dropLast().last?.hasPrefix("Stored as a_") == true)
        #expect(text.paragraphs.last?.hasPrefix("Next: earmark report a_") == true)
        #expect(!text.paragraphs.contains { $0.hasPrefix("Warning") || $0.hasPrefix("Hint") })
    }

    /// Nothing is told of a client below the bound, however near it comes.
    @Test func whoFallsShortIsNotTold() throws {
        let mixes = try Mixes.shared()
        let place = try mixes.board.workplace()
        let file = place.file("short-of-it.wav")
        try Media.wav([mixes.mix([(1, .stranger), (0.2, .bela)])], rate: 16_000).write(to: URL(fileURLWithPath: file))
        try place.succeed("settings", "set", "threshold", "1e-70")
        let arguments = ["analyze", file, "--meeting", mixes.board.meeting, "--effort", "fast"]
        let json = try place.succeed(arguments + ["--json"])
        let text = try place.succeed(arguments)
        #expect(try JSON(text: json)["analyses"][0]["verdict"].string == "inconclusive")
        for output in [json, text] {
            #expect(!output.contains("bela@") && !output.contains("Bela"))
        }
        let head = TextAnswer(text).lists.first
        #expect(head?["searched"]?.contains("further times") == false)
        #expect(head?["searched"]?.contains("bound 10^-70, ") == true)
    }
}
