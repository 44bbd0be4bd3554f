import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "What comes out": what a batch says at its end.
@Suite struct BatchEndTests {
    @Test func whatWasRefusedIsSaidWithTheReason() throws {
        let batch = try BatchPlace("a.wav")
        try batch.write(Data("minutes of the meeting\n".utf8), to: "in/text")
        let text = try batch.batch(["in"], meeting: batch.first, ["-q"]).text
        #expect(text.contains("\nrefused:\n  in/text: is text, not a recording."), "\(text)")
        #expect(text.contains("(unsupportedType)") && !text.contains("named:"), "\(text)")
        #expect(try batch.batch(["in/a.wav"], out: "b.ndjson", meeting: batch.first).text.contains("refused") == false)
        for number in 0..<40 { try batch.write(Data("minutes \(number) of a meeting\n".utf8), to: "in/t\(number)") }
        let long = try batch.batch(["in"], out: "c.ndjson", meeting: batch.first, ["-q"]).text
        #expect(long.components(separatedBy: "is text").count - 1 == 30, "\(long)")
        #expect(long.contains("\n  and 11 more, whose lines are in the result file"), "\(long)")
    }

    /// Bela's recording stands behind Cara's: to name Cara is right, and half of the answer.
    @Test func whoIsNamedAndThatNotAllWasExaminedIsSaid() throws {
        let board = try Board.shared()
        let place = try board.workplace()
        let parts = try [board.cara, board.bela].map { path in
            try RecordingFiles.bytes(try place.ffmpeg(["-i", path, "-b:a", "64k"], to: "x.m4a"))
        }
        try RecordingFiles.write(parts[0] + parts[1], to: "both.m4a", in: place)
        let result = try place.run(
            "batch", "both.m4a", "--meeting", board.meeting, "--out", "r.ndjson", "--effort", "fast")
        #expect(result.exitStatus == 0)
        #expect(result.errors.contains("both.m4a: identified (not all examined) cara@example.org"), "\(result.errors)")
        #expect(result.text.contains("1 identified (not all examined)"), "\(result.text)")
        #expect(result.text.contains("\nnamed:\n  both.m4a: identified (not all examined) cara@example.org"))
        #expect(try place.succeed("analysis", "list").contains("identified (not all examined)"))
    }

    @Test func patternsFollowNoLinksToFolders() throws {
        let batch = try BatchPlace("a.wav", "sub/b.wav")
        try batch.add("elsewhere/c.wav", seed: 9)
        for (name, target) in [("ext", "../elsewhere"), ("up", ".."), ("loop", ".")] {
            try FileManager.default.createSymbolicLink(
                atPath: batch.place.file("in/\(name)"), withDestinationPath: target)
        }
        for pattern in ["in/*", "in/**", "*/*"] {
            let (plan, status) = try batch.plan([pattern, "--meeting", batch.first])
            #expect(status == 30)
            let files = plan["files"].array.filter { $0["path"].string?.hasPrefix("in/") == true }
            #expect(
                files.filter { $0["problem"].isAbsent }.map(\.["path"].string) == ["in/a.wav", "in/sub/b.wav"],
                "\(pattern): \(files)")
            let links = files.filter { $0["problem"].string?.contains("only where it is named itself") == true }
            #expect(links.map(\.["path"].string) == ["in/ext", "in/loop", "in/up"], "\(pattern): \(files)")
        }
        #expect(try batch.paths("in/*/*.wav").contains("in/sub/b.wav"))
        #expect(try !batch.paths("in/*/*.wav").contains("in/ext/c.wav"))
        // Who names a link means it.
        #expect(try batch.paths("in/ext/*") == ["in/ext/c.wav"])
        #expect(try batch.paths("in/ext") == ["in/ext/c.wav"])
    }

    @Test func whatIsLeftOutIsCounted() throws {
        let batch = try BatchPlace("a.wav", "b.txt", "c.txt", ".hidden")
        try FileManager.default.createSymbolicLink(atPath: batch.place.file("in/loop"), withDestinationPath: ".")
        let text = try batch.batch(["in"], meeting: batch.first, ["--include", "*.wav"]).text
        let words = "left out    1 hidden; 2 not taken by --include; 1 link to folders that were searched"
        #expect(text.contains(words), "\(text)")
        let summary = try batch.summary(["in"], out: "s.ndjson", meeting: batch.first, ["--include", "*.wav"])
        #expect(summary["excluded"].int == 2 && summary["links"].int == 1 && summary["hidden"].int == 1)
        let (plan, _) = try batch.plan(["in", "--meeting", batch.first, "--include", "*.wav"])
        #expect(plan["excluded"].int == 2 && plan["links"].int == 1)
    }

    @Test func resultsGoToFilesOfTheirOwn() throws {
        let batch = try BatchPlace("a.wav")
        #expect(try batch.batch(["in"], out: "-", meeting: batch.first).exitStatus == 64)
        let recording = try batch.batch(["in"], out: "in/a.wav", meeting: batch.first)
        #expect(recording.exitStatus == 65 && recording.errors.contains("holds no results of a batch"))
        #expect(!recording.errors.contains("--resume"))
        // A list of the same name and five letters more stands beside results, and for a moment one with eighteen more.
        let names = [232, 233, 255].map { String(repeating: "r", count: $0) }
        #expect(try batch.batch(["in"], out: names[0], meeting: batch.first).exitStatus == 0)
        for name in names.dropFirst() {
            let result = try batch.batch(["in"], out: name, meeting: batch.first)
            #expect(result.exitStatus == 74 && result.errors.contains("232 bytes are the most"), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: batch.place.file(name)))
        }
    }
}
