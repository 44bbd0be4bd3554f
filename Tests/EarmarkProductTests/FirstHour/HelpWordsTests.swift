import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// What help promises of limits, forms and ends is there, and holds.
@Suite struct HelpWordsTests {
    private func help(_ verb: String...) throws -> String {
        try Workplace().succeed(verb + ["--help"]).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Section "What a file cannot do" of docs/batch.md has the two limits.
    @Test(arguments: ["analyze", "batch", "work"]) func timeLimitsAreTold(verb: String) throws {
        #expect(try help(verb).contains("else five hours, with exhaustive fifty."))
    }

    @Test func formsOfMeetingTimesAreTold() throws {
        let forms = "seconds such as 754.2, or 12:34.2, 1:02:30 or 45m"
        for verb in [["embed"], ["filter"], ["ticket", "status"]] {
            let text = try Workplace().succeed(verb + ["--help"])
            #expect(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(forms), "\(verb)")
        }
    }

    @Test func resumingTakesTheSameOptions() throws {
        #expect(try help("batch").contains("Go on with a result file, with the same options"))
        let batch = try BatchPlace("a.wav")
        try batch.batch(["in"], meeting: batch.first)
        #expect(try batch.batch(["in"], meeting: batch.first).errors.contains("give the same options and --resume"))
    }

    /// Statuses of `earmark filter`, and that what it refuses writes nothing.
    @Test func filterEndsAsItsHelpSays() throws {
        let text = try help("filter")
        for words in [
            "The exit status is 0 at the end of the input", "a last frame that is not whole passes as it is",
            "20 for what is no WAV, 26 for half a header, 65 for a ticket", "66 for none", "74: reading or writing",
        ] { #expect(text.contains(words), "\(words)") }
        let place = try MarkingPlace.shared()
        let folder = try place.workplace()
        let raw = ["--rate", "16000"]
        let sound = Data(repeating: 0x11, count: 4_001)
        try folder.write("no ticket", to: "unfit.ticket")
        let cases: [(ticket: String, arguments: [String], input: Data, status: Int32)] = [
            (place.ada, ["--at", "30"] + raw, sound, 0), (place.ada, ["--at", "40h"] + raw, sound, 65),
            ("unfit.ticket", ["--at", "30"] + raw, sound, 65), ("missing.ticket", ["--at", "30"] + raw, sound, 66),
            (place.ada, ["--at", "30", "--format", "wav"], sound, 20),
            (place.ada, ["--at", "30", "--format", "wav"], Data("RIFF".utf8), 26),
        ]
        for (ticket, arguments, input, status) in cases {
            let result = try folder.run(["filter", "--ticket", ticket] + arguments, input: input)
            #expect(result.exitStatus == status, "\(arguments): \(result.errors)")
            #expect(result.output.count == (status == 0 ? input.count : 0), "\(arguments)")
        }
    }
}
