import Foundation
import ProgramSupport
import Testing

/// `earmark analyze --help` and docs/json-schema.md, "Exit status" and `refusal`.
@Suite struct StatusTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    /// Files that are refused, with the code and the exit status that the documents name.
    private func refused() throws -> [(name: String, code: String, status: Int32)] {
        func part(_ name: String, of other: String, _ edit: (inout Data) -> Void) throws {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: place.file(other)))
            edit(&bytes)
            try bytes.write(to: URL(fileURLWithPath: place.file(name)))
        }
        try place.write("no recording", to: "text.wav")
        try place.write("1\n00:00:00,000 --> 00:00:02,000\nHello\n", to: "titles.srt")
        let sound = ["-f", "lavfi", "-i", "sine=duration=2"]
        try place.ffmpeg(["-f", "lavfi", "-i", "testsrc=s=64x64:d=1"], to: "picture.mp4")
        try place.ffmpeg(["-i", place.file("titles.srt"), "-c:s", "mov_text"], to: "titles.mp4")
        try place.ffmpeg(sound, to: "sound.m4a")
        try place.ffmpeg(sound, to: "short.wav")
        let key = "00112233445566778899aabbccddeeff"
        try place.ffmpeg(
            sound + ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key],
            to: "locked.mp4")
        try part("cut.m4a", of: "sound.m4a") { bytes in
            if let index = bytes.firstRange(of: Data("moov".utf8)) { bytes = bytes.prefix(index.lowerBound - 4) }
        }
        try FileManager.default.createDirectory(
            atPath: place.file("folder.wav"), withIntermediateDirectories: false)
        try Data().write(to: URL(fileURLWithPath: place.file("empty.wav")))
        return [
            ("text.wav", "unsupportedType", 20), ("short.wav", "tooShort", 22), ("titles.mp4", "noAudio", 23),
            ("picture.mp4", "videoOnly", 24), ("locked.mp4", "encrypted", 25), ("cut.m4a", "truncated", 26),
            ("empty.wav", "corrupt", 27), ("missing.wav", "notFound", 66), ("folder.wav", "unreadable", 74),
        ]
    }

    /// Every refusal has its code and its status; the reason goes to standard error, and standard output has the entry.
    @Test func everyRefusalHasItsStatus() throws {
        for (name, code, status) in try refused() {
            let json = try Printed(place, "analyze", name, "--meeting", board.meeting, "--json", "--name", "Case 7")
            #expect(json.exitStatus == status, "\(name)")
            let answer = try json.answer
            // What could not be opened is no analysis.
            let isRead = !["missing.wav", "folder.wav"].contains(name)
            let keys = isRead ? ["date", "id", "path", "refusal"] : ["date", "path", "refusal"]
            #expect(answer.keys == keys && answer["path"].string == name)
            #expect(answer["refusal"].keys == ["code", "message"] && answer["refusal"]["code"].string == code)
            let message = try #require(answer["refusal"]["message"].string)
            let advice =
                name == "folder.wav"
                ? "; to analyse all in a folder: earmark batch folder.wav --meeting \(board.meeting) --out "
                    + "results.ndjson"
                : ""
            // Where advice follows, the sentence goes on.
            let words = advice.isEmpty ? message : String(message.dropLast())
            #expect(!message.isEmpty && json.errors == "earmark: error: \(name): \(words)\(advice)\n")
            if isRead {
                // It is stored, too, as it was asked for.
                let stored = try place.json("analysis", "show", answer["id"].string ?? "")["analysis"]
                #expect(stored["refusal"]["code"].string == code && stored["refusal"]["message"].string == message)
                #expect(stored["file"].string == name && stored["meeting"].string == board.meeting)
                #expect(stored["verdict"].isAbsent && stored["name"].string == "Case 7")
            }
            let text = try Printed(place, "analyze", name, "--meeting", board.meeting)
            #expect(text.exitStatus == status && text.text.isEmpty && text.errors == json.errors)
        }
    }

    /// A path that leads to no file is told, and is neither stored nor logged nor counted; what was opened is.
    @Test func whatIsNoFileIsNoAnalysis() throws {
        let place = try board.workplace()
        func analyses() throws -> [Int] {
            let logged = try place.json("audit", "list")["entries"].array.filter { $0["action"].string == "analyse" }
            return [try place.json("analysis", "list")["analyses"].array.count, logged.count]
        }
        let before = try analyses()
        for subject in [["--meeting", board.meeting], ["--any-meeting"]] {
            for (path, status) in [("missing.wav", Int32(66)), ("", 66), (".", 74)] {
                let printed = try Printed(place, ["analyze", path, "--json"] + subject)
                #expect(printed.exitStatus == status, "'\(path)'")
                #expect(try printed.answer.keys == ["date", "path", "refusal"], "'\(path)'")
            }
            #expect(try analyses() == before)
        }
        try place.write("no recording", to: "text.wav")
        #expect(try Printed(place, "analyze", "text.wav", "--meeting", board.meeting).exitStatus == 20)
        #expect(try analyses() == before.map { $0 + 1 })
    }

    /// The status is that of the first refusal; the other files are analysed all the same.
    @Test func theFirstRefusalDecides() throws {
        try place.write("no recording", to: "text.wav")
        let short = try place.ffmpeg(["-i", board.bela, "-t", "5", "-c", "copy"], to: "short.wav")
        try FileManager.default.copyItem(atPath: board.bela, toPath: place.file("whole.wav"))
        #expect(short == place.file("short.wav"))
        for (files, status) in [
            (["short.wav", "text.wav", "whole.wav"], Int32(22)), (["whole.wav", "text.wav", "short.wav"], 20),
        ] {
            let arguments = ["analyze"] + files + ["--meeting", board.meeting, "--effort", "fast"]
            let json = try Printed(place, arguments + ["--json"])
            #expect(json.exitStatus == status)
            let entries = try json.json["analyses"].array
            #expect(entries.map { $0["path"].string } == files)
            #expect(entries.filter { $0["verdict"].string == "identified" }.map { $0["path"].string } == ["whole.wav"])
            let lines = json.errors.split(separator: "\n")
            #expect(lines.count == 2)
            for (line, file) in zip(lines, files.filter { $0 != "whole.wav" }) {
                #expect(line.hasPrefix("earmark: error: \(file): "))
            }
        }
    }

    /// Several answers for people are set apart, in the order of the command line; each says where it is stored.
    @Test func severalAnswersAreSetApart() throws {
        for (name, from) in [("one.wav", board.bela), ("two.wav", board.cara)] {
            try FileManager.default.copyItem(atPath: from, toPath: place.file(name))
        }
        let printed = try Printed(
            place, "analyze", "one.wav", "missing.wav", "two.wav", "--meeting", board.meeting, "--effort", "fast")
        #expect(printed.exitStatus == 66 && printed.errors.hasPrefix("earmark: error: missing.wav: "))
        let parts = printed.text.components(separatedBy: "\n\n----\n\n")
        #expect(parts.count == 2)
        let stored = try place.json("analysis", "list")["analyses"].array
        for (part, name) in zip(parts, ["one.wav", "two.wav"]) {
            let record = try #require(stored.first { $0["file"].string == name })
            let last = TextAnswer(part).paragraphs.last { $0.hasPrefix("Stored as ") }
            let stored = "Stored as \(record["id"].string ?? "") on \(record["date"].string ?? "").\nAnalysis "
            #expect(last?.hasPrefix(stored) == true, "\(last ?? "")")
            #expect(TextAnswer(part).lists.first?["file"] == name)
        }
    }

    /// What makes no command ends with 64, says so on standard error, and stores nothing.
    @Test func whatMakesNoCommandIsRefused() throws {
        let meeting = ["--meeting", board.meeting]
        let wrong: [[String]] = [
            [], meeting + ["--any-meeting"], ["--any-meeting", "--reference", board.host],
            meeting + ["--since", "2026-01-01T00:00Z"], meeting + ["--until", "2026-01-01T00:00Z"],
            ["--any-meeting", "--since", "2026-01-01T00:00Z", "--until", "2026-01-01T00:00Z"],
            ["--any-meeting", "--since", "2026-01-02T00:00Z", "--until", "2026-01-01T00:00Z"],
            ["--any-meeting", "--since", "eventually"], meeting + ["--effort", "hard"], meeting + ["--fast"],
        ]
        for arguments in wrong {
            let printed = try Printed(place, ["analyze", board.bela] + arguments)
            #expect(printed.exitStatus == 64, "\(arguments)")
            #expect(printed.text.isEmpty && printed.errors.hasPrefix("earmark: error: "), "\(arguments)")
        }
        #expect(try Printed(place, ["analyze"] + meeting).exitStatus == 64)
        #expect(try place.json("analysis", "list")["analyses"].array.isEmpty)
    }

    /// What does not exist ends with 66; a store or key that is missing with 78, an exposed one with 77; a meeting that
    /// is not marked with 12.
    @Test func whatIsMissingIsRefused() throws {
        func status(_ arguments: String..., environment: [String: String] = [:]) throws -> Int32 {
            let result = try place.run(["analyze", board.bela, "--json"] + arguments, environment: environment)
            #expect(result.text.isEmpty && result.errors.hasPrefix("earmark: "))
            return result.exitStatus
        }
        #expect(try status("--meeting", "m_aaaaaaaaaaaaaaaa") == 66)
        #expect(try status("--meeting", board.meeting, "--reference", place.file("none.wav")) == 66)
        #expect(try status("--any-meeting", "--org", "Nobody") == 66)
        #expect(try status("--any-meeting", "--until", "2020-01-01T00:00Z") == 66)
        let empty = ["EARMARK_STORE": place.file("none.db")]
        #expect(try status("--meeting", board.meeting, environment: empty) == 78)
        let silent = try place.json(
            "meeting", "create", "--title", "Silent", "--start", Board.time(board.startsAt), "--watermark", "off")
        #expect(try status("--meeting", silent["meeting"]["id"].string ?? "") == 12)
        let keys = place.file("store.db.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: keys)
        #expect(try status("--meeting", board.meeting) == 77)
        try FileManager.default.removeItem(atPath: keys)
        #expect(try status("--meeting", board.meeting) == 78)
    }
}
