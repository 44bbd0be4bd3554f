import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, `from`, `to` and `seconds`: places in a recording are those that a player shows.
@Suite struct RecordingPlaceTests {
    private static let start = Board.start

    /// Late sound, a hole in the time stamps, and a beginning that an edit list leaves out.
    private static let printed = Result { () -> String in
        let board = try Board.shared()
        let place = try board.workplace()
        func ffmpeg(_ arguments: String, to name: String) throws {
            try place.ffmpeg(arguments.split(separator: " ").map(String.init), to: name)
        }
        try ffmpeg(
            "-f lavfi -i color=size=64x64:rate=5:duration=140 -itsoffset 20 -i \(board.bela) -map 0 -map 1 -c:a aac",
            to: "late.mp4")
        try ffmpeg("-t 50 -i \(board.bela) -c:a aac", to: "one.m4a")
        try ffmpeg("-ss 70 -i \(board.bela) -c:a aac", to: "two.m4a")
        let list = try place.write("file one.m4a\nduration 70\nfile two.m4a\n", to: "list")
        try ffmpeg("-f concat -i \(list) -c copy -movflags frag_keyframe+empty_moov", to: "hole.mp4")
        // QuickTime's way of trimming: the first half minute stays in the file.
        try ffmpeg("-i \(board.bela) -c:a pcm_s16le", to: "whole.mov")
        var content = try RecordingFiles.bytes(place.file("whole.mov"))
        let edits = try #require(content.firstRange(of: Array("elst".utf8))).upperBound
        func put(_ value: UInt32, at offset: Int) {
            withUnsafeBytes(of: value.bigEndian) { content.replaceSubrange(offset..<offset + 4, with: $0) }
        }
        put(UInt32((Board.seconds - 30) * 1_000), at: edits + 8)
        put(30 * 16_000, at: edits + 12)
        try RecordingFiles.write(content, to: "trimmed.mov", in: place)
        let files = ["late.mp4", "hole.mp4", "trimmed.mov"]
        return try place.succeed(
            ["analyze"] + files + ["--meeting", board.meeting, "--effort", "fast", "--allow-short", "--json"])
    }

    private func heard(_ index: Int) throws -> (answer: JSON, spans: [JSON]) {
        let answer = try JSON(text: try Self.printed.get())["analyses"][index]
        #expect(answer["verdict"].string == "identified")
        return (answer, answer["sources"][0]["heard"].array)
    }

    /// Meeting time less place is that of the audio.
    private func offset(_ span: JSON) -> Double { (span["meetingFrom"].double ?? 0) - (span["from"].double ?? 0) }

    @Test func soundThatBeginsLateIsPlacedLate() throws {
        let (answer, spans) = try heard(0)
        #expect(abs((spans.first?["from"].double ?? 0) - 20) < 5)
        #expect(spans.allSatisfy { abs(offset($0) - (Self.start - 20)) < 0.2 })
        #expect(abs((answer["file"]["seconds"].double ?? 0) - 20 - Board.seconds) < 0.2)
    }

    /// What is told of content begins and ends with the sound, as what is told of the mark does.
    @Test func stretchesOfContentAreWhereAPlayerShowsThem() throws {
        let stretches = try heard(0).answer["sources"][0]["content"]["stretches"].array
        let first = try #require(stretches.first?["from"].double)
        let last = try #require(stretches.last?["to"].double)
        #expect(abs(first - 20) < 2 && abs(last - 20 - Board.seconds) < 5, "\(first) \(last)")
    }

    /// Of two tracks, one of which begins 20 s late, each is placed by its own beginning, whether the meeting is named
    /// or searched.
    @Test(arguments: [false, true]) func eachTrackIsPlacedByItself(isSearch: Bool) throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let host = ["-t", "50", "-i", board.host]
        let late = ["-itsoffset", "20", "-t", "50", "-i", board.bela]
        let early = ["-t", "50", "-i", board.bela]
        for (name, inputs) in [
            ("second.mov", host + late), ("first.mov", late + host),
            ("early.mov", early + ["-itsoffset", "20"] + host),
        ] {
            try place.ffmpeg(inputs + ["-map", "0", "-map", "1", "-c:a", "pcm_s16le"], to: name)
        }
        let files = ["second.mov", "first.mov", "early.mov"]
        let about = isSearch ? ["--any-meeting"] : ["--meeting", board.meeting]
        let answers = try place.json(["analyze"] + files + about + ["--effort", "fast", "--allow-short"])["analyses"]
        for (answer, start) in zip(answers.array, [20.0, 20, 0]) {
            #expect(answer["sources"].emails == ["bela@example.org"])
            let spans = answer["sources"][0]["heard"].array
            #expect(!spans.isEmpty && spans.allSatisfy { abs(offset($0) - (Self.start - start)) < 0.2 })
            #expect(spans.allSatisfy { ($0["from"].double ?? -1) > start - 0.2 })
            #expect(spans.allSatisfy { ($0["to"].double ?? 99) < start + 50.5 })
            let stretches = answer["sources"][0]["content"]["stretches"].array
            #expect(abs((stretches.first?["from"].double ?? -1) - start) < 2)
        }
    }

    @Test func whatFollowsAHoleIsWhereAPlayerShowsIt() throws {
        let (answer, spans) = try heard(1)
        #expect(spans.allSatisfy { abs(offset($0) - Self.start) < 0.2 })
        #expect(spans.contains { abs(($0["from"].double ?? 0) - 70) < 6 })
        #expect(!spans.contains { ($0["from"].double ?? 0) < 49 && ($0["to"].double ?? 0) > 71 })
        #expect(abs((answer["file"]["seconds"].double ?? 0) - Board.seconds) < 0.5)
    }

    /// A hole of two seconds in a leak that plays faster: behind it the meeting has gone on at its own speed.
    @Test func behindAHoleTheMeetingHasGoneOnAtItsSpeed() throws {
        let (board, rate) = (try Board.shared(), 1.05)
        let place = try board.workplace()
        try place.ffmpeg(["-i", board.bela, "-af", "atempo=\(rate)"], to: "fast.wav")
        try place.ffmpeg(["-t", "55", "-i", place.file("fast.wav"), "-c:a", "aac"], to: "one.m4a")
        try place.ffmpeg(["-ss", "57", "-i", place.file("fast.wav"), "-c:a", "aac"], to: "two.m4a")
        let list = try place.write("file one.m4a\nduration 57\nfile two.m4a\n", to: "list")
        try place.ffmpeg(
            ["-f", "concat", "-i", list, "-c", "copy", "-movflags", "frag_keyframe+empty_moov"], to: "hole.mp4")
        let source = try place.answer("hole.mp4", "--meeting", board.meeting, "--allow-short")["sources"][0]
        #expect(abs((source["rate"].double ?? 0) - rate) < 0.001)
        let spans = source["heard"].array
        #expect(spans.contains { ($0["from"].double ?? 0) > 56 } && spans.contains { ($0["from"].double ?? 99) < 20 })
        for span in spans {
            let foretold = Self.start + rate * (span["from"].double ?? 0)
            #expect(abs((span["meetingFrom"].double ?? 0) - foretold) < 0.3)
        }
    }

    @Test func whatAPlayerLeavesOutIsExaminedAndSaidToBeSo() throws {
        let (answer, spans) = try heard(2)
        let skipped = spans.filter { $0["isSkipped"].bool == true }
        #expect(!skipped.isEmpty && skipped.allSatisfy { $0["from"].double == 0 && $0["to"].double == 0 })
        #expect(skipped.contains { abs(($0["meetingFrom"].double ?? 0) - Self.start) < 6 })
        let shown = spans.filter { $0["isSkipped"].isAbsent }
        #expect(!shown.isEmpty && shown.allSatisfy { abs(offset($0) - (Self.start + 30)) < 0.2 })
        #expect(answer["warnings"].array.contains { $0.string?.hasPrefix("a player leaves out 30.0 s") == true })
        #expect(abs((answer["file"]["seconds"].double ?? 0) - (Board.seconds - 30)) < 0.3)
    }
}
