import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, "`file`", and `earmark analyze --help`: seven types, by content and not by name.
@Suite struct RecordingTypeTests {
    private struct Kind {
        var name: String
        var container: String
        var codec: String
        var channels = 1
        /// For ffmpeg, after the input.
        var options: String
    }

    private static let picture = "-f lavfi -i color=size=64x48:rate=1:duration=110"
    private static let kinds = [
        Kind(name: "one.wav", container: "aac", codec: "aac", options: "-c:a aac -b:a 64k -f adts"),
        Kind(name: "two.m4a", container: "mp3", codec: "mp3", options: "-c:a libmp3lame -b:a 64k -f mp3"),
        Kind(name: "three.avi", container: "m4a", codec: "alac", options: "-c:a alac -f ipod"),
        Kind(name: "four", container: "wav", codec: "pcm_s24le", channels: 2, options: "-ac 2 -c:a pcm_s24le -f wav"),
        Kind(name: "five.mov", container: "mp4", codec: "aac", options: picture + " -c:a aac -b:a 64k -f mp4"),
        Kind(name: "six.txt", container: "avi", codec: "mp3", options: picture + " -c:a libmp3lame -f avi"),
        Kind(name: "seven.mp3", container: "mov", codec: "pcm_s16le", options: picture + " -c:a pcm_s16le -f mov"),
    ]

    /// What the program prints of all of them.
    private static let printed = Result { () -> (Workplace, String) in
        let board = try Board.shared()
        let place = try board.workplace()
        for kind in kinds {
            try place.ffmpeg(["-i", board.bela] + kind.options.split(separator: " ").map(String.init), to: kind.name)
        }
        let options = ["--meeting", board.meeting, "--effort", "fast", "--json"]
        return (place, try place.succeed(["analyze"] + kinds.map(\.name) + options))
    }

    private func answers() throws -> [JSON] {
        let answers = try JSON(text: try Self.printed.get().1)["analyses"].array
        try #require(answers.count == Self.kinds.count)
        return answers
    }

    @Test func eachIsToldByItsContentAndNamesTheSource() throws {
        let board = try Board.shared()
        let place = try Self.printed.get().0
        for (kind, answer) in zip(Self.kinds, try answers()) {
            let file = answer["file"]
            #expect(answer["path"].string == kind.name)
            #expect(file["name"].string == kind.name)
            #expect(file["container"].string == kind.container, "\(kind.name)")
            #expect(file["bytes"].int == (try RecordingFiles.bytes(place.file(kind.name))).count)
            #expect(file["sha256"].string == (try RecordingFiles.sha256(place.file(kind.name))))
            #expect(answer["verdict"].string == "identified", "\(kind.name)")
            #expect(answer["sources"].array.map { $0["client"].string } == [board.clients["bela@example.org"]])
        }
    }

    @Test func tracksAreDescribed() throws {
        for (kind, answer) in zip(Self.kinds, try answers()) {
            let tracks = answer["file"]["tracks"].array
            try #require(tracks.count == 1)
            #expect(tracks[0]["index"].int == 0)
            #expect(tracks[0]["codec"].string == kind.codec)
            #expect(tracks[0]["sampleRate"].int == 16_000)
            #expect(tracks[0]["channels"].int == kind.channels)
            // Raw AAC states no length, and FFmpeg's guess from its bitrate is as good.
            if let declared = tracks[0]["declaredSeconds"].double, kind.container != "aac" {
                #expect(abs(declared - Board.seconds) < 0.5, "\(kind.name)")
            } else {
                #expect(kind.container == "aac")
            }
        }
    }

    @Test func wholeFilesAreNotCalledDamaged() throws {
        for (kind, answer) in zip(Self.kinds, try answers()) {
            let file = answer["file"]
            // Encoders put a frame or two in front and behind.
            let seconds = file["seconds"].double ?? 0
            #expect(seconds >= Board.seconds - 0.001 && seconds < Board.seconds + 0.25, "\(kind.name) \(seconds)")
            #expect(file["corruptPackets"].int == 0, "\(kind.name)")
            #expect(file["isTruncated"].bool == false, "\(kind.name)")
            #expect(answer["warnings"].array.isEmpty, "\(kind.name)")
        }
    }

    /// Places in the recording stay places in the meeting, whatever the codec puts in front.
    @Test func placesAreRight() throws {
        for (kind, answer) in zip(Self.kinds, try answers()) {
            let heard = answer["sources"][0]["heard"].array
            #expect(!heard.isEmpty)
            for span in heard {
                let offset = (span["meetingFrom"].double ?? 0) - (span["from"].double ?? 0)
                #expect(abs(offset - Board.start) < 0.2, "\(kind.name) \(offset)")
            }
        }
    }
}
