import Foundation
import ProgramSupport
import Testing

/// docs/threat-model.md, "Recordings": a hole behind every few frames is a claim that costs a line with a common tool,
/// and what plays the file may show none: the audio is examined in one piece as well.
@Suite struct HoleTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
        // 0.27 s behind every ten frames of 64 ms.
        try place.ffmpeg(["-i", board.bela, "-c:a", "aac"], to: "plain.m4a")
        try place.ffmpeg(
            ["-i", place.file("plain.m4a"), "-c", "copy", "-bsf:a", "setts=ts=TS+floor(N/10)*4320"], to: "holes.m4a")
    }

    private func answer(_ name: String, _ about: [String]? = nil) throws -> JSON {
        let about = about ?? ["--meeting", board.meeting]
        return try place.json(["analyze", name, "--effort", "fast"] + about)["analyses"][0]
    }

    @Test func audioFullOfHolesIsExaminedInOnePieceAsWell() throws {
        let answer = try answer("holes.m4a")
        #expect(answer["verdict"].string == "identified", "\(answer)")
        #expect(answer["sources"].emails == ["bela@example.org"])
        // 110 s in 1,719 frames: 171 holes.
        #expect(abs((answer["file"]["seconds"].double ?? 0) - Board.seconds - 171 * 0.27) < 1)
        #expect(answer["warnings"].description.contains("the audio was examined in one piece as well"))
        // Both ways of reading it are paid for: two channels, where the file without holes has one.
        let plain = try self.answer("plain.m4a")
        #expect(plain["verdict"].string == "identified" && !plain["warnings"].description.contains("one piece"))
        for (answer, channels) in [(answer, 2), (plain, 1)] {
            let price = Price(channels: channels, alignments: 4, shares: 1)
            #expect(price.differences(from: answer["tested"], effort: "fast", times: nil) == [])
        }
    }

    /// A sum, two channels that differ and a warp, each way (docs/statistics.md, 4); the bound is that of all of it.
    @Test func bothWaysAreTriedAndPaidForChannelByChannel() throws {
        let mixes = try Mixes.shared()
        let marked = mixes.mix([(1, .stranger), (0.2, .bela)])
        try mixes.write(marked, Array(mixes.mix([]).reversed()), to: "two-channels.wav")
        try mixes.place.ffmpeg(
            ["-i", mixes.place.file("two-channels.wav"), "-c:a", "aac", "-b:a", "192k"], to: "two-channels.m4a")
        try mixes.place.ffmpeg(
            [
                "-i", mixes.place.file("two-channels.m4a"), "-c", "copy", "-bsf:a",
                "setts=ts=TS+floor(N/10)*4320",
            ], to: "two-channels-holes.m4a")
        let answer = try mixes.analyse("two-channels-holes.m4a").answer
        #expect(answer["warnings"].description.contains("the audio was examined in one piece as well"))
        let price = Price(channels: 2 * (1 + 2 + 1))
        #expect(price.differences(from: answer["tested"], times: 8 * 128) == [])
        let source = answer["sources"][0]
        #expect(source["email"].string == "bela@example.org")
        let (z, bound) = (try #require(source["z"].double), try #require(source["log10FalseAccusation"].double))
        #expect(bound > -77 && price.isBound(bound, of: z), "\(bound) for \(z)")
    }

    /// Places are those that a player shows, and the meeting runs on at its own speed between the holes.
    @Test func placesAreThoseWithTheHoles() throws {
        let heard = try answer("holes.m4a")["sources"][0]["heard"].array
        let last = heard.compactMap(\.["to"].double).max() ?? 0
        #expect(abs(last - Board.seconds - 171 * 0.27) < 5, "\(last)")
        #expect(abs((heard.first?["meetingFrom"].double ?? 0) - Board.start) < 2)
    }

    @Test func whereItIsNotExaminedInOnePieceThatIsTold() throws {
        try place.ffmpeg(["-t", "20", "-i", board.host, "-c:a", "aac"], to: "other.m4a")
        try place.ffmpeg(
            [
                "-i", place.file("other.m4a"), "-i", place.file("holes.m4a"), "-map", "0", "-map", "1", "-c", "copy",
            ], to: "two.m4a")
        let answer = try answer("two.m4a")
        #expect(answer["verdict"].string == "incomplete", "\(answer)")
        let reasons = answer["file"]["unexamined"].array.compactMap(\.["reason"].string)
        #expect(reasons.contains { $0.contains("was not examined in one piece as well") }, "\(reasons)")
    }

    @Test func aSearchOfAllMeetingsExaminesItInOnePieceAsWell() throws {
        let answer = try answer("holes.m4a", ["--any-meeting"])
        #expect(answer["verdict"].string == "identified", "\(answer)")
        #expect(answer["sources"].emails == ["bela@example.org"])
    }

    /// A player shows the same minute twice: the recording is two minutes long.
    @Test func whatIsShownTwiceCountsTwice() throws {
        var file = try BoxFile(try place.ffmpeg(["-i", board.bela, "-c:a", "pcm_s16le"], to: "whole.mov"))
        let entry = Bombs.number(60_000) + Bombs.number(10 * 16_000) + Bombs.number(0x1_0000)
        try file.replace(
            "moov/trak/edts/elst", by: Bombs.box("elst", Bombs.number(0), Bombs.number(2), entry, entry))
        try RecordingFiles.write(file.bytes, to: "twice.mov", in: place)
        let answer = try answer("twice.mov")
        #expect(abs((answer["file"]["seconds"].double ?? 0) - 120) < 0.2)
        #expect(answer["warnings"].description.contains("a player shows 60.0 s of the audio more than once"))
    }
}
