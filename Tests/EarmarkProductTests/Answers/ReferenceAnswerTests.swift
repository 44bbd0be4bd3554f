import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, `reference`, and statistics.md, section 5b: another recording of the meeting.
@Suite struct ReferenceAnswerTests {
    /// A reference helps: more of the same mark is seen, and everybody can be named.
    @Test func aReferenceHelps() throws {
        let mixes = try Mixes.shared()
        let file = try mixes.write(mixes.mix([(0.5, .bela)]), to: "half.wav")
        let without = try mixes.analyse(file).answer
        let with = try mixes.analyse(file, "--reference", mixes.board.host).answer
        #expect(with["sources"].emails == ["bela@example.org"] && with["verdict"].string == "identified")
        #expect((with["sources"][0]["z"].double ?? 0) > 1.3 * (without["sources"][0]["z"].double ?? .nan))
        #expect(Price(channels: 3).differences(from: with["tested"], times: 3 * 128).isEmpty)
        let reference = with["reference"]
        #expect(without["reference"].isAbsent)
        #expect(reference.keys == ["coverage", "excluded", "name", "seconds", "sha256"])
        #expect(reference["name"].string == "host.wav" && reference["seconds"].double == Board.seconds)
        #expect(reference["excluded"].array.isEmpty)
        #expect((reference["coverage"].double ?? 0) > 0.9 && (reference["coverage"].double ?? 2) <= 1)
        let copy = try mixes.analyse(mixes.board.host, "--effort", "fast").answer
        #expect(reference["sha256"].string == copy["file"]["sha256"].string)
    }

    /// "`coverage`, the share (0 to 1) of the recording that was found in it"; a copy may be as short as it likes.
    @Test func coverageIsTheShareOfTheRecording() throws {
        let mixes = try Mixes.shared()
        let half = try mixes.place.ffmpeg(["-i", mixes.board.host, "-t", "55"], to: "half-host.wav")
        let answer = try mixes.analyse(mixes.board.bela, "--reference", half).answer
        #expect(answer["reference"]["seconds"].double == 55)
        #expect(abs((answer["reference"]["coverage"].double ?? .nan) - 0.5) < 0.15)
        #expect(answer["sources"].emails == ["bela@example.org"])
        let text = TextAnswer(
            try mixes.place.succeed(
                "analyze", mixes.board.bela, "--meeting", mixes.board.meeting, "--reference", half))
        let percent = String(format: "%.0f", 100 * (answer["reference"]["coverage"].double ?? .nan))
        #expect(text.lists.first?["reference"] == "half-host.wav, in which \(percent) % of the recording was found")
        #expect(text.lists.first?["not judged"] == nil)
    }

    /// Section 5b: clients who are named in the copy are no candidates, N still counts them, and the answer says so.
    @Test func whoIsHeardInTheCopyIsNotJudged() throws {
        let mixes = try Mixes.shared()
        let board = mixes.board
        let file = try mixes.write(mixes.mix([(0.5, .bela), (0.5, .cara)]), to: "pair.wav")
        let answer = try mixes.analyse(file, "--reference", board.cara).answer
        #expect(answer["sources"].emails == ["bela@example.org"] && answer["verdict"].string == "identified")
        #expect(answer["sources"][0]["client"].string == board.clients["bela@example.org"])
        #expect(Price(channels: 3).differences(from: answer["tested"], times: 3 * 128).isEmpty)
        let excluded = answer["reference"]["excluded"]
        #expect(excluded.emails == ["cara@example.org"])
        #expect(excluded[0]["client"].string == board.clients["cara@example.org"])
        #expect(excluded[0]["participant"].string == "Cara Costa" && excluded[0]["device"].string == "tablet")
        // Nobody else has a mark in Cara's own recording: it is of the meeting, and names nobody.
        let softer = try mixes.write(mixes.mix([(0.9, .cara)]), to: "softer.wav")
        let own = try mixes.analyse(softer, "--reference", board.cara).answer
        #expect(own["verdict"].string == "inconclusive" && own["sources"].array.isEmpty)
        let text = TextAnswer(
            try mixes.place.succeed(
                "analyze", softer, "--meeting", board.meeting, "--reference", board.cara))
        let words = "1 endpoint whose mark the reference carries itself"
        #expect(text.lists.first?["not judged"] == words)
        #expect(text.paragraphs.first?.hasPrefix("The recording is of this meeting, but no enrolled client") == true)
        #expect(
            text.paragraphs.first?.hasSuffix("One endpoint was not judged, as the reference carries its mark itself.")
                == true)
        // By itself nobody could be judged.
        let same = try mixes.place.run("analyze", board.cara, "--meeting", board.meeting, "--reference", board.cara)
        #expect(same.exitStatus == 65 && same.errors.contains("is the reference itself"))
    }
}
