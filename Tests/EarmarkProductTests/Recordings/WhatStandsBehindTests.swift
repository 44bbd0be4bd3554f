import Foundation
import ProgramSupport
import Testing

/// docs/errors.md, "Recordings": a file is too short only where all of it was read.
@Suite struct WhatStandsBehindTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    private func refusal(_ content: [UInt8], _ name: String) throws -> (status: Int32, message: String) {
        try RecordingFiles.write(content, to: name, in: place)
        let result = try place.run("analyze", name, "--meeting", board.meeting, "--json")
        return (result.exitStatus, try JSON(text: result.text)["analyses"][0]["refusal"]["message"].string ?? "")
    }

    private func coded(_ path: String, _ name: String, _ more: [String] = []) throws -> [UInt8] {
        try RecordingFiles.bytes(try place.ffmpeg(["-i", path] + more + ["-b:a", "64k"], to: name))
    }

    @Test(arguments: ["wav", "m4a", "mp3"]) func aShortBeginningHidesNothing(ending: String) throws {
        let short = try coded(board.host, "60.\(ending)", ["-t", "60"])
        let marked = try coded(board.bela, "b.m4a")
        let (status, message) = try refusal(short + marked, "short.\(ending)")
        #expect(status == 27, "\(message)")
        #expect(message.hasPrefix("the audio lasts 60"), "\(message)")
        #expect(message.contains("not all of the file was read"), "\(message)")
        #expect(message.contains("Take that out, and analyse it by itself"))
        let (alone, words) = try refusal(short, "alone.\(ending)")
        #expect(alone == 22 && words.contains("Analyse a longer part"), "\(words)")
    }

    /// A second file behind a first: where it begins, and the command that takes it out, which is then analysed.
    @Test func theCommandTakesItOut() throws {
        let clean = try coded(board.host, "a.m4a")
        try RecordingFiles.write(clean + (try coded(board.bela, "b.m4a")), to: "both.m4a", in: place)
        let answer = try place.answer("both.m4a", ["--meeting", board.meeting, "--effort", "fast"])
        let reason = try #require(answer["file"]["unexamined"][0]["reason"].string)
        #expect(reason.contains("(tail -c +\(clean.count + 1))"), "\(reason)")
    }

    @Test func soundBehindAFilmWithoutIsTold() throws {
        let film = try RecordingFiles.bytes(
            try place.ffmpeg(["-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=3"], to: "film.mp4"))
        let (status, message) = try refusal(film + (try coded(board.bela, "b.mp3")), "both.mp4")
        #expect(status == 27 && message.contains("bytes behind its last box belong to no track"), "\(message)")
        #expect(try refusal(film, "alone.mp4").status == 24)
    }

    /// 55 s of 110 s: a longer part would not help, a complete copy does.
    @Test(arguments: ["wav", "m4a", "avi"]) func halfACopyEndsEarly(ending: String) throws {
        let options = ending == "m4a" ? ["-movflags", "+faststart"] : []
        let whole = try coded(board.host, "whole.\(ending)", options)
        let (status, message) = try refusal(Array(whole.prefix(whole.count / 2)), "half.\(ending)")
        #expect(status == 26 && message.contains("the file ends early"), "\(message)")
        #expect(message.contains("Get a complete copy"), "\(message)")
        let head = try refusal(Array(try RecordingFiles.bytes(board.host).prefix(46)), "head.wav")
        #expect(head.status == 26, "\(head.message)")
    }

    /// 8,000 bytes a second: 490 MB are 17 hours, as the head says.
    @Test func moreThan16HoursAreRefusedByTheHead() throws {
        var head = Array("RIFF".utf8) + Self.little(490_000_036, 4) + Array("WAVEfmt ".utf8) + Self.little(16, 4)
        for (value, size) in [(1, 2), (1, 2), (8_000, 4), (8_000, 4), (1, 2), (8, 2)] {
            head += Self.little(value, size)
        }
        head += Array("data".utf8) + Self.little(490_000_000, 4)
        let path = try RecordingFiles.write(head, to: "long.wav", in: place)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.truncate(atOffset: 490_000_044)
        try handle.close()
        let result = try place.run("analyze", "long.wav", "--meeting", board.meeting, "--progress", "json")
        #expect(result.exitStatus == 21 && result.errors.contains("more than 16 hours"), "\(result.errors)")
        #expect(result.errors.contains("-f segment -segment_time 36000 long-%d.wav"), "\(result.errors)")
        #expect(!result.errors.contains("{"), "no audio was decoded for it: \(result.errors)")
    }

    private static func little(_ value: Int, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    @Test func silenceIsCalledSilence() throws {
        for source in ["anullsrc=r=16000:cl=mono", "sine=frequency=440:sample_rate=16000"] {
            try place.ffmpeg(["-f", "lavfi", "-i", source, "-t", "110"], to: "silent.wav")
            let answer = try place.answer("silent.wav", ["--meeting", board.meeting, "--effort", "fast"])
            #expect(answer["verdict"].string == "not-found")
            let words = "The recording is silent, or has no sound that could carry a mark (a steady tone carries none)."
            #expect(answer["summary"].string == words)
        }
        #expect(try place.succeed("analysis", "list").contains("not-found (no sound for a mark)"))
    }
}
