import Foundation
import ProgramSupport
import Testing

/// docs/statistics.md, "Expectation"; docs/json-schema.md, `expectedZ`: what a mark would have reached is told from
/// what noise and missing bands left, as a range that holds what it does reach, and silence proves nothing below it.
@Suite struct ExpectationTests {
    private struct Loss: Sendable, CustomTestStringConvertible {
        var name: String
        var arguments: [String]
        /// Whether a mark could be missed in it, as the range must say.
        var canHide: Bool
        var testDescription: String { name }
    }

    private static let noise = "anoisesrc=r=16000:c=white:seed=7:d=\(Int(Board.seconds))"
    private static func mixed(_ level: Double) -> [String] {
        ["-f", "lavfi", "-i", noise + ":a=\(level)", "-filter_complex", "amix=inputs=2:duration=first:normalize=0"]
    }
    private static let telephone = ["-ar", "8000", "-ac", "1", "-c:a"]
    /// What is done to a recording of speech at an RMS level of about 0.06.
    private static let losses = [
        Loss(name: "whole.wav", arguments: ["-c:a", "pcm_s16le"], canHide: false),
        Loss(name: "aac.m4a", arguments: ["-c:a", "aac", "-b:a", "64k"], canHide: false),
        Loss(name: "hiss.wav", arguments: mixed(0.02), canHide: true),
        Loss(name: "buried.wav", arguments: mixed(0.3), canHide: true),
        Loss(
            name: "dull.wav", arguments: ["-af", (0..<8).map { _ in "lowpass=f=800" }.joined(separator: ",")],
            canHide: true),
        Loss(name: "g723.wav", arguments: telephone + ["g723_1", "-b:a", "6300"], canHide: true),
        Loss(name: "gsm.wav", arguments: telephone + ["libgsm_ms"], canHide: true),
    ]

    @Test(arguments: losses)
    private func theRangeHoldsWhatAMarkReaches(loss: Loss) throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let file = try place.ffmpeg(["-i", board.bela] + loss.arguments, to: loss.name)
        let answer = try place.answer(file, "--meeting", board.meeting, "--allow-short")
        let pilot = answer["pilot"]
        let least = try #require(pilot["leastExpectedZ"].double)
        let middle = try #require(pilot["expectedZ"].double)
        let most = try #require(pilot["mostExpectedZ"].double)
        let needed = try #require(answer["tested"]["mostRequiredZ"].double)
        #expect(least < middle && middle < most)
        #expect((least < needed) == loss.canHide)
        if let z = answer["sources"][0]["z"].double {
            #expect(least < z && z < most && middle < 3 * z, "\(z) in \(least)...\(most)")
        } else {
            #expect(least < needed)
        }
        guard loss.canHide, answer["verdict"].string == "not-found" else { return }
        #expect(answer["summary"].string?.hasPrefix("A mark could have been missed here: in ") == true)
        #expect(answer["summary"].string?.hasSuffix("This meeting's mark was not found.") == true)
    }

    /// What is said first of a recording without a mark, in JSON, text and report.
    @Test func aMarkThatCouldHaveBeenMissedComesFirst() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let file = try place.ffmpeg(["-i", board.host] + ExpectationTests.mixed(0.3), to: "buried.wav")
        let text = try place.succeed("analyze", file, "--meeting", board.meeting)
        #expect(TextAnswer(text).paragraphs.contains { $0.contains("A mark could have been missed here: in ") })
    }
}
