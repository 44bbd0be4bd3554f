import Foundation
import ProgramSupport
import Testing

/// statistics.md, section 4b: every stretch that was read must show the same, clearly, and none lies where somebody
/// could have foreseen it.
@Suite struct TriageAgreementTests {
    private func starts(_ answer: JSON) -> [Double] {
        answer["triage"]["stretches"].array.compactMap { $0["from"].double }
    }

    /// Two halves of one recording, the second `with` another recorder or another strength.
    private func halves(_ first: String, _ second: String, in place: Workplace) throws -> String {
        let half = "\(LongBoard.seconds / 2)"
        return try place.ffmpeg(
            [
                "-i", first, "-i", second, "-filter_complex",
                "[0]atrim=end=\(half)[a];[1]atrim=start=\(half),asetpts=PTS-STARTPTS[b];[a][b]concat=n=2:v=0:a=1",
            ], to: "halves.wav")
    }

    /// Whoever recorded one half is not named for both: all is read, and both are named.
    @Test func stretchesThatShowOthersAreNoAnswer() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav", "cara.wav")
        let answer = try long.answer(try halves(place.file("bela.wav"), place.file("cara.wav"), in: place), in: place)
        #expect(answer["triage"]["isAnswer"].bool == false)
        #expect(Set(answer["sources"].emails) == ["bela@example.org", "cara@example.org"])
    }

    /// Two tracks, two recorders: each track has its stretch in every round.
    @Test func everyTrackIsRead() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav", "cara.wav")
        func tracks(_ second: String) throws -> String {
            try place.ffmpeg(
                [
                    "-i", place.file("bela.wav"), "-i", place.file(second), "-map", "0:a", "-map", "1:a", "-c:a", "aac",
                    "-b:a", "48k",
                ], to: "tracks-\(second).mp4")
        }
        let two = try long.answer(try tracks("cara.wav"), in: place)
        #expect(two["triage"]["isAnswer"].bool == false)
        #expect(Set(two["sources"].emails) == ["bela@example.org", "cara@example.org"])
        let same = try long.answer(try tracks("bela.wav"), in: place)
        #expect(same["triage"]["isAnswer"].bool == true && same["sources"].emails == ["bela@example.org"])
        // One round is enough where the first stretches of the two tracks happen to lie far apart.
        let read = same["triage"]["stretches"].array.map { $0["track"].int }
        #expect(read == [0, 1] || read == [0, 0, 1, 1])
    }

    /// The places are the same with a store and with a bundle, other for another file and other for another meeting.
    @Test func placesAreASecretOfTheMeeting() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let known = starts(try long.answer(place.file("bela.wav"), in: place))
        try place.succeed("bundle", "create", "--meeting", long.board.meeting, "-o", "case.bundle")
        let line = try place.succeed(
            "work", "--bundle", "case.bundle", "--key", "case.bundle.key", "--effort", "fast", "--triage", "bela.wav")
        #expect(starts(try JSON(text: line)) == known && known.count == 2)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: place.file("bela.wav")))
        bytes.append(Data("LIST".utf8) + Data([4, 0, 0, 0]) + Data("INFO".utf8))
        try bytes.write(to: URL(fileURLWithPath: place.file("longer.wav")))
        let longer = starts(try long.answer(place.file("longer.wav"), in: place))
        #expect(longer.count == 2 && Set(longer).isDisjoint(with: known))
        let other = try place.json(
            "meeting", "create", "--title", "Other", "--start", Board.time(long.board.startsAt), "--roster",
            try place.write("participant,email,device\nAda Abbott,ada@example.org,laptop\n", to: "other.csv"))
        let elsewhere = try place.answer(
            place.file("bela.wav"),
            ["--meeting", try #require(other["meeting"]["id"].string), "--effort", "fast", "--triage"])
        #expect(starts(elsewhere).count == 4 && Set(starts(elsewhere)).isDisjoint(with: known))
    }
}
