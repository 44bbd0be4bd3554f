import EarmarkTestSupport
import Foundation
import Testing

/// README and statistics.md, section 4: every channel and every track of a leak is examined, and damage is told.
@Suite struct ChannelAnswerTests {
    /// The second channel alone carries the mark, 14 dB below loud other sound in the first.
    @Test func aMarkOnOneSideIsFound() throws {
        let mixes = try Mixes.shared()
        let loud = SpeechLike.samples(seconds: Board.seconds, seed: 7)
        let quiet = mixes.mix([(1, .bela)]).map { $0 * 0.2 }
        for (name, left, right) in [("right.wav", loud, quiet), ("left.wav", quiet, loud)] {
            let answer = try mixes.analyse(try mixes.write(left, right, to: name)).answer
            #expect(answer["verdict"].string == "identified", "\(name)")
            #expect(answer["sources"].emails == ["bela@example.org"])
            // As strong as in a file of its own: it was found where the other side is not.
            #expect((answer["sources"][0]["levelDecibels"].double ?? -99) > -3)
            #expect((answer["sources"][0]["z"].double ?? 0) > 40)
            #expect(answer["file"]["tracks"][0]["channels"].int == 2)
        }
    }

    /// A pair in antiphase cancels in its sum; each channel has the mark.
    @Test func channelsInAntiphaseDoNotHideTheMark() throws {
        let mixes = try Mixes.shared()
        let samples = mixes.mix([(1, .bela)])
        let answer = try mixes.analyse(try mixes.write(samples, samples.map { -$0 }, to: "antiphase.wav")).answer
        #expect(answer["verdict"].string == "identified" && answer["sources"].emails == ["bela@example.org"])
    }

    /// Two tracks by two clients, the marked one last: both are named, and every track is described.
    @Test func everyTrackIsExamined() throws {
        let mixes = try Mixes.shared()
        let place = mixes.place
        try place.ffmpeg(
            [
                "-i", mixes.board.cara, "-i", mixes.board.bela, "-map", "0", "-map", "1", "-metadata:s:a:1",
                "language=deu", "-c:a", "aac", "-b:a", "64k", "-t", "104",
            ], to: "tracks.m4a")
        let answer = try mixes.analyse("tracks.m4a").answer
        #expect(answer["verdict"].string == "identified")
        #expect(Set(answer["sources"].emails) == ["bela@example.org", "cara@example.org"])
        #expect(answer["file"]["container"].string == "m4a")
        let tracks = answer["file"]["tracks"].array
        #expect(tracks.map { $0["codec"].string } == ["aac", "aac"])
        #expect(tracks.map { $0["language"].string } == [nil, "deu"])
        #expect(tracks.map { $0["sampleRate"].int } == [16_000, 16_000])
        #expect(abs((answer["file"]["seconds"].double ?? .nan) - 104) < 0.3)
    }

    /// `isTruncated`, `corruptPackets` and `warnings` tell of damage, and the text does.
    @Test func damageIsTold() throws {
        let mixes = try Mixes.shared()
        let place = mixes.place
        let whole = try Data(contentsOf: URL(fileURLWithPath: mixes.board.bela))
        // 4 s of the promised samples are missing.
        try whole.dropLast(4 * 32_000).write(to: URL(fileURLWithPath: place.file("cut.wav")))
        let cut = try mixes.analyse("cut.wav").answer
        #expect(cut["verdict"].string == "identified" && cut["file"]["isTruncated"].bool == true)
        #expect(cut["file"]["seconds"].double == Board.seconds - 4)
        #expect(cut["file"]["bytes"].int == whole.count - 4 * 32_000)
        try place.ffmpeg(["-i", mixes.board.bela, "-c:a", "aac", "-b:a", "64k", "-f", "adts"], to: "whole.aac")
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: place.file("whole.aac"))))
        for start in stride(from: bytes.count / 2, to: bytes.count / 2 + 20_000, by: 1_000) {
            for index in start..<start + 60 { bytes[index] = 0x5A }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: place.file("holed.aac")))
        let holed = try mixes.analyse("holed.aac").answer
        #expect(holed["verdict"].string == "identified" && holed["sources"].emails == ["bela@example.org"])
        #expect((holed["file"]["corruptPackets"].int ?? 0) > 0)
        #expect(holed["file"]["container"].string == "aac")
        // Three samples that are no numbers.
        try place.ffmpeg(["-i", mixes.board.bela, "-c:a", "pcm_f32le"], to: "float.wav")
        var floats = try Data(contentsOf: URL(fileURLWithPath: place.file("float.wav")))
        let samples = try #require(floats.firstRange(of: Data("data".utf8))).upperBound + 4
        for index in 1...3 {
            let start = samples + index * 400_000
            floats.replaceSubrange(start..<start + 4, with: [0, 0, 0xC0, 0x7F] as [UInt8])
        }
        try floats.write(to: URL(fileURLWithPath: place.file("nan.wav")))
        let warned = try mixes.analyse("nan.wav").answer
        let warning = "3 samples were no numbers or beyond all scales, and were clipped"
        #expect(warned["verdict"].string == "identified" && warned["warnings"].array.map(\.string) == [warning])
        let text = TextAnswer(try place.succeed("analyze", "nan.wav", "--meeting", mixes.board.meeting))
        #expect(text.paragraphs.contains("Warning: \(warning)"))
    }

    /// 9 minutes: long recordings are looked at with short lists (statistics.md, section 5), and name the same client.
    @Test func longRecordingsNameTheirClient() throws {
        let mixes = try Mixes.shared()
        let board = mixes.board
        let speech = SpeechLike.samples(seconds: 560, rate: 16_000, seed: 9)
        try mixes.write(speech, to: "long-host.wav")
        try mixes.place.succeed(
            "embed", "long-host.wav", "long.wav", "--meeting", board.meeting, "--client", "cara@example.org",
            "--at=-100.25")
        let answer = try mixes.analyse("long.wav").answer
        #expect(answer["verdict"].string == "identified" && answer["sources"].emails == ["cara@example.org"])
        #expect(Price(channels: 2).differences(from: answer["tested"], times: 256).isEmpty)
        let heard = answer["sources"][0]["heard"][0]
        // "negative before that": the first sample was played before the meeting began.
        let from = try #require(heard["meetingFrom"].double)
        #expect(abs(from - (heard["from"].double ?? .nan) + 100.25) < 0.03)
        #expect(heard["playedAt"].string == Board.time(board.startsAt + Int(from.rounded(.down))))
        #expect((answer["sources"][0]["heardSeconds"].double ?? 0) > 550)
        let text = TextAnswer(try mixes.place.succeed("analyze", "long.wav", "--meeting", board.meeting))
        #expect(text.tables("FROM").first?.dropFirst().first?[2] == "-" + TextAnswer.clock(-from))
        #expect(text.lists.first?["content"]?.contains("0:09:20") == true)
    }
}
