import Foundation
import ProgramSupport
import Testing

/// docs/json-schema.md, "`refusal`", and docs/file-formats.md, "Exit statuses": every refusal has its status, code and
/// words.
@Suite struct RecordingRefusalTests {
    private typealias Maker = @Sendable (Workplace, String) throws -> Void

    private struct Refused: Sendable {
        var name: String
        var status: Int32
        var code: String
        var words: [String]
        /// Makes the file of this name.
        var make: Maker
    }

    private static func ffmpeg(_ arguments: String) -> Maker {
        { try $0.ffmpeg(arguments.split(separator: " ").map(String.init), to: $1) }
    }

    private static func text(_ text: String) -> Maker { { try $0.write(text, to: $1) } }

    /// The file of `arguments`, with its bytes changed.
    private static func changed(
        _ arguments: String, _ change: @escaping @Sendable (inout [UInt8]) throws -> Void
    ) -> Maker {
        { place, name in
            try place.ffmpeg(arguments.split(separator: " ").map(String.init), to: name)
            var content = try RecordingFiles.bytes(place.file(name))
            try change(&content)
            try RecordingFiles.write(content, to: name, in: place)
        }
    }

    private static func place(of text: String, in content: [UInt8]) throws -> Int {
        try #require(content.firstRange(of: Array(text.utf8))).lowerBound
    }

    private static let tone = "-f lavfi -i sine=frequency=440:duration=3:sample_rate=16000"
    private static let picture = "-f lavfi -i color=size=64x48:rate=5:duration=3"

    private static let all = [
        Refused(
            name: "talk.flac", status: 20, code: "unsupportedType",
            words: ["is FLAC, which is not accepted", "ffmpeg -i talk.flac -map 0:a -c:a pcm_s16le talk.mov"],
            make: ffmpeg(tone)),
        Refused(
            name: "-it's.mov", status: 20, code: "unsupportedType",
            words: ["is Ogg", "ffmpeg -i './-it'\\''s.mov' -map 0:a -c:a pcm_s16le './-it'\\''s-converted.mov'"],
            make: text("OggS, in words\n")),
        Refused(
            name: "t.mp3", status: 22, code: "tooShort", words: ["lasts 3", "100 s are needed"], make: ffmpeg(tone)),
        Refused(
            name: "titles.mp4", status: 23, code: "noAudio", words: ["holds no audio track"],
            make: { place, name in
                try place.write("1\n00:00:00,000 --> 00:00:02,000\nHello\n", to: "titles.srt")
                try place.ffmpeg(["-i", place.file("titles.srt"), "-c:s", "mov_text"], to: name)
            }),
        Refused(
            name: "v.mp4", status: 24, code: "videoOnly", words: ["holds video but no audio track"],
            make: ffmpeg(picture)),
        Refused(name: "v.avi", status: 24, code: "videoOnly", words: ["no audio track"], make: ffmpeg(picture)),
        Refused(
            name: "bought.m4a", status: 25, code: "encrypted", words: ["encrypted (drms)", "without copy protection"],
            make: changed(tone) { content in
                let entry = try place(of: "mp4a", in: content)
                content.replaceSubrange(entry..<entry + 4, with: Array("drms".utf8))
            }),
        Refused(
            name: "cut.mp4", status: 26, code: "truncated", words: ["index (moov box) is missing", "complete copy"],
            make: changed(tone) { content in content.removeSubrange((try place(of: "moov", in: content) - 4)...) }),
        Refused(
            name: "cut.wav", status: 26, code: "truncated", words: ["ends before its data"],
            make: changed(tone + " -bitexact") { $0.removeSubrange(40...) }),
        Refused(name: "empty.mp3", status: 27, code: "corrupt", words: ["empty (0 bytes)"], make: text("")),
        Refused(
            name: "noise.m4a", status: 27, code: "corrupt", words: ["nothing in its audio decodes"],
            make: changed(tone + " -c:a alac") { content in
                let media = try place(of: "mdat", in: content) + 4
                for byte in media..<(try place(of: "moov", in: content) - 4) { content[byte] = 0xFF }
            }),
        Refused(name: "none.wav", status: 66, code: "notFound", words: ["no such file"], make: { _, _ in }),
        Refused(
            name: "folder", status: 74, code: "unreadable", words: ["is a folder"],
            make: { place, name in
                try FileManager.default.createDirectory(
                    atPath: place.file(name), withIntermediateDirectories: false)
            }),
    ]

    @Test(arguments: all.indices) func eachRefusalHasItsStatusCodeAndWords(index: Int) throws {
        let refused = Self.all[index]
        let board = try Board.shared()
        let place = try board.workplace()
        try refused.make(place, refused.name)
        // A name that begins with a hyphen comes behind the end of options.
        let result = try place.run("analyze", "--meeting", board.meeting, "--json", "--", refused.name)
        #expect(result.exitStatus == refused.status, "\(result.errors)")
        let answer = try JSON(text: result.text)["analyses"][0]
        #expect(answer["path"].string == refused.name)
        #expect(answer["refusal"]["code"].string == refused.code)
        let message = try #require(answer["refusal"]["message"].string)
        for word in refused.words { #expect(message.contains(word), "\(message)") }
        #expect(answer["verdict"].isAbsent && answer["sources"].isAbsent && answer["file"].isAbsent)
        #expect(result.errors.contains("earmark: error: "))
        #expect(result.errors.contains(message.dropLast()), "\(result.errors)")
    }

    /// Words that no decoder is believed may well be in a recording's own name or its folder's.
    @Test(arguments: [
        "earmark-talk.ogg", "install.ogg", "sudo talk.ogg", "earmark/a.ogg", "it's earmark/a.ogg", "confine/sudoku.wav",
        "https:/install/earmark", "-earmark.mp3",
    ]) func recordingsMayBearAnyName(name: String) throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let folder = (place.file(name) as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try place.write("OggS, in words\n", to: name)
        let result = try place.run("analyze", "--meeting", board.meeting, "--", name)
        #expect(result.exitStatus == 20 && result.errors.contains("is Ogg"), "\(result.errors)")
        #expect(result.errors.contains(" Convert it: ffmpeg -i "), "\(result.errors)")
    }

    /// "the status is that of the first refusal …; the other files are analysed all the same".
    @Test func theFirstRefusalIsTheStatus() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        try place.write("words", to: "words.wav")
        try place.write("", to: "empty.wav")
        for (names, status) in [(["empty.wav", "words.wav"], Int32(27)), (["words.wav", "empty.wav"], 20)] {
            let result = try place.run(["analyze", "--meeting", board.meeting, "--json"] + names)
            #expect(result.exitStatus == status)
            #expect(try JSON(text: result.text)["analyses"].array.map { $0["path"].string } == names)
        }
    }
}
