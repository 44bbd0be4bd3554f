import Foundation
import ProgramSupport
import Testing

/// batch.md, "Long recordings": nothing that a file claims of itself stands in for reading it.
@Suite struct TriageClaimTests {
    /// Changes the 32 bits that stand `offset` bytes behind the first `name`.
    private func patch(_ path: String, _ name: [String], _ offset: Int, _ value: UInt32, to copy: String) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let found = name.compactMap { bytes.firstRange(of: Array($0.utf8)) }.first
        let start = try #require(found).lowerBound + offset
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32(index))) }
        try Data(bytes).write(to: URL(fileURLWithPath: copy))
    }

    /// The organisation's least length is asked of what was decoded, not of what an index says.
    @Test func theLeastLengthIsHeld() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let file = try place.ffmpeg(["-i", place.file("bela.wav"), "-c:a", "aac", "-b:a", "48k"], to: "long.m4a")
        try place.succeed("settings", "set", "min-seconds", "1310")
        let answer = try long.answer(file, in: place)
        #expect(LongBoard.isReadWhole(answer, because: "as the organisation asks"))
        try place.succeed("settings", "set", "min-seconds", "1330")
        let refused = try place.run("analyze", file, "--meeting", long.board.meeting, "--triage")
        #expect(refused.exitStatus == 22, "\(refused.errors)")
        // The bytes of PCM say how long it is.
        try place.succeed("settings", "set", "min-seconds", "1310")
        #expect(try long.answer(place.file("bela.wav"), in: place)["triage"]["isAnswer"].bool == true)
    }

    /// A header of MP3 says twelve times as many frames as follow.
    @Test func framesOfMP3AreCounted() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let short = try place.ffmpeg(["-i", long.board.bela, "-b:a", "32k"], to: "short.mp3")
        let frames = UInt32(Board.seconds * 16_000 / 576)
        try patch(short, ["Info", "Xing"], 8, 12 * frames, to: place.file("lie.mp3"))
        #expect(LongBoard.isReadWhole(try long.answer("lie.mp3", in: place), because: "less than 20 minutes"))
        try place.succeed("settings", "set", "min-seconds", "115")
        #expect(try place.run("analyze", "lie.mp3", "-m", long.board.meeting, "--triage").exitStatus == 22)
    }

    /// Places in MP3 of one bit rate are right to a second; with another rate for every frame they are not known.
    @Test func placesInMP3AreRightOrUnsaid() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let constant = try place.ffmpeg(["-i", place.file("bela.wav"), "-b:a", "32k"], to: "constant.mp3")
        let answer = try long.answer(constant, in: place)
        #expect(answer["triage"]["isAnswer"].bool == true)
        for span in answer["sources"][0]["heard"].array {
            let start = (span["meetingFrom"].double ?? 0) - (span["from"].double ?? 0)
            #expect(abs(start - Board.start) < 1, "\(start)")
        }
        let quality = try place.ffmpeg(["-i", place.file("bela.wav"), "-q:a", "5"], to: "variable.mp3")
        #expect(LongBoard.isReadWhole(try long.answer(quality, in: place), because: "not all alike"))
    }

    /// What the sum of two channels shows of who recorded may be what is left where they cancel.
    @Test func channelsThatDifferAreAllRead() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        func answer(_ right: String, to name: String) throws -> JSON {
            let filter = "pan=stereo|c0=c0|c1=\(right)"
            return try long.answer(
                try place.ffmpeg(["-i", place.file("bela.wav"), "-af", filter], to: name), in: place)
        }
        #expect(try answer("c0", to: "alike.wav")["triage"]["isAnswer"].bool == true)
        #expect(LongBoard.isReadWhole(try answer("0.7*c0", to: "apart.wav"), because: "its channels differ"))
    }

    /// An edit list that shows five of twenty-two minutes: what nobody hears is not read first.
    @Test func whatNoPlayerShowsIsNotReadFirst() throws {
        let long = try LongBoard.shared()
        let place = try long.workplace("bela.wav")
        let file = try place.ffmpeg(["-i", place.file("bela.wav"), "-c:a", "aac", "-b:a", "48k"], to: "whole.m4a")
        #expect(try long.answer(file, in: place)["triage"]["isAnswer"].bool == true)
        // The first entry's length, in thousandths of a second.
        try patch(file, ["elst"], 12, 300_000, to: place.file("edited.m4a"))
        #expect(LongBoard.isReadWhole(try long.answer("edited.m4a", in: place), because: "edit list"))
    }
}
