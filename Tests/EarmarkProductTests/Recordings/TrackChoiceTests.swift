import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, `tracks` and `seconds`: all tracks and all channels of a recording are examined.
@Suite struct TrackChoiceTests {
    private func sources(_ answer: JSON) -> [String?] { answer["sources"].array.map { $0["email"].string } }

    /// A recorder that keeps every side in a track of its own.
    @Test func theSecondTrackNamesToo() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let options = "-map 0 -map 1 -c:a aac -b:a 64k -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu"
        try place.ffmpeg(
            ["-t", "102", "-i", board.host, "-i", board.bela]
                + options.split(separator: " ").map(String.init), to: "two.mp4")
        let answer = try place.answer("two.mp4", "--meeting", board.meeting, "--effort", "fast")
        let tracks = answer["file"]["tracks"].array
        #expect(tracks.map { $0["index"].int } == [0, 1])
        #expect(tracks.map { $0["language"].string } == ["eng", "deu"])
        #expect(sources(answer) == ["bela@example.org"])
        let found = answer["sources"][0]["foundIn"]
        #expect(found["track"].int == 1 && found["channel"].isAbsent)
        // The longest track counts: the first has 102 s.
        let seconds = answer["file"]["seconds"].double ?? 0
        #expect(seconds >= Board.seconds - 0.001 && seconds < Board.seconds + 0.25)
    }

    /// One side loud, the other so quiet that a mix of both hides it.
    @Test func theQuietSecondChannelNamesToo() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        var noise = NoiseSource(seed: 77)
        let quiet = try RecordingFiles.samples(board.bela).map { $0 * 0.03 }
        let loud = noise.white(quiet.count, deviation: 0.3)
        try Media.wav([loud, quiet], rate: 16_000).write(to: URL(fileURLWithPath: place.file("sides.wav")))
        let answer = try place.answer("sides.wav", "--meeting", board.meeting)
        #expect(answer["file"]["tracks"][0]["channels"].int == 2)
        #expect(sources(answer) == ["bela@example.org"])
        // Whoever reads the answer may hear the loud side alone.
        #expect(answer["sources"][0]["foundIn"]["channel"].int == 1)
        let text = try place.succeed("analyze", "sides.wav", "--meeting", board.meeting)
        #expect(text.contains("channel 2 of 2; what else the recording holds may be other audio"))
        try place.succeed("report", answer["id"].string ?? "", "-o", "sides.html")
        #expect(try place.text(of: "sides.html").contains("channel 2 of 2;"))
        let plain = try place.answer(board.bela, "--meeting", board.meeting)
        #expect(plain["sources"][0]["foundIn"].isAbsent)
    }
}
