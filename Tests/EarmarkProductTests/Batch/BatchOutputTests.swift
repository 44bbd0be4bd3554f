import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "What comes out".
@Suite struct BatchOutputTests {
    @Test func everyFileHasALineWithWhatWasAsked() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        try batch.write(Data("no recording".utf8), to: "in/text")
        let result = try batch.batch(["in"], meeting: batch.first, ["--json", "--note", "n"])
        #expect(result.exitStatus == 30)
        let summary = try JSON(text: result.text)
        #expect(summary["schema"].int == 1)
        #expect(summary["batch"].keys == ["files", "out", "remaining", "results", "resumed"])
        #expect(summary["batch"]["files"].int == 3 && summary["batch"]["out"].string == "r.ndjson")
        #expect(summary["batch"]["resumed"].int == 0 && summary["batch"]["remaining"].int == 0)
        #expect(summary["batch"]["results"].keys == ["not-found", "refused"])
        #expect(summary["batch"]["results"]["not-found"].int == 2 && summary["batch"]["results"]["refused"].int == 1)
        let attributes = try FileManager.default.attributesOfItem(atPath: batch.place.file("r.ndjson"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let lines = try batch.lines()
        #expect(lines.count == 3)
        for line in lines {
            #expect(line["schema"].int == 1)
            #expect(line["request"].keys == ["allowShort", "effort", "meeting", "toolVersion"])
            #expect(line["request"]["meeting"].string == batch.first)
            #expect(line["request"]["effort"].string == "fast" && line["request"]["allowShort"].bool == true)
        }
        let refused = lines.last(about: "in/text")
        #expect(refused.keys == ["date", "id", "path", "refusal", "request", "schema", "sha256"])
        #expect(refused["refusal"]["code"].string == "unsupportedType")
        // The rest of a line is an entry of 'analyze --json'.
        let entry = try batch.place.answer(
            batch.place.file("in/a.wav"), "--meeting", batch.first, "--allow-short", "--effort", "fast", "--note", "n")
        let line = lines.last(about: "in/a.wav")
        #expect(line.keys == (entry.keys + ["request", "schema", "sha256"]).sorted())
        for member in ["tested", "file", "pilot", "summary", "note", "verdict", "meeting"] {
            #expect(line[member].value as? NSObject == entry[member].value as? NSObject, "\(member)")
        }
        #expect(line["sha256"].string == entry["file"]["sha256"].string)
    }

    /// Results name people: they go to a plain file that is closed to others, and to none that a link leads to.
    @Test func resultsGoToNoLinkAndAreClosedToOthers() throws {
        let batch = try BatchPlace("a.wav")
        let precious = try batch.place.write("precious", to: "precious.txt")
        for (name, target) in [("link.ndjson", "precious.txt"), ("dangling.ndjson", "nowhere")] {
            let link = batch.place.file(name)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
            for more in [[], ["--resume"]] {
                let result = try batch.batch(["in"], out: name, meeting: batch.first, more)
                #expect(result.exitStatus == 74 && result.errors.contains("is a link"), "\(name)")
            }
        }
        #expect(try String(contentsOfFile: precious, encoding: .utf8) == "precious")
        #expect(!FileManager.default.fileExists(atPath: batch.place.file("nowhere")))
        let open = try batch.place.write("", to: "open.ndjson")
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: open)
        #expect(try batch.batch(["in"], out: "open.ndjson", meeting: batch.first).exitStatus == 0)
        #expect(try FileManager.default.attributesOfItem(atPath: open)[.posixPermissions] as? Int == 0o600)
    }

    @Test func answersDoNotDependOnJobs() throws {
        let batch = try BatchPlace("a.wav", "b.wav", "c.wav", "d.wav")
        try batch.write(Data("no recording".utf8), to: "in/text")
        for jobs in ["1", "2", "7"] {
            try batch.batch(["in"], out: "\(jobs).ndjson", meeting: batch.first, ["--jobs", jobs])
        }
        #expect(try batch.lines("1.ndjson").map(\.["path"].string).last == "in/text", "one job keeps the order")
        #expect(try batch.content("2.ndjson") == batch.content("1.ndjson"))
        #expect(try batch.content("7.ndjson") == batch.content("1.ndjson"))
        for jobs in ["0", "1025", "-1"] {
            #expect(try batch.batch(["in"], out: "n", meeting: batch.first, ["--jobs=\(jobs)"]).exitStatus == 64)
        }
        #expect(try batch.batch(["in"], out: "n", meeting: batch.first, ["--jobs", "1024"]).exitStatus == 30)
        #expect(try batch.batch(["in"], out: "", meeting: batch.first).exitStatus == 64)
    }

    @Test func theStoreCanBeLeftOut() throws {
        let batch = try BatchPlace("a.wav")
        try batch.write(Data("no recording".utf8), to: "in/text")
        try batch.batch(["in"], meeting: batch.first, ["--no-store"])
        #expect(try batch.stored().isEmpty)
        let lines = try batch.lines()
        #expect(lines.count == 2 && lines.allSatisfy { $0["id"].isAbsent && $0["date"].string != nil })
        try batch.batch(["in"], out: "s.ndjson", meeting: batch.first)
        #expect(try batch.stored().count == 2)
        #expect(try batch.content("s.ndjson") == batch.content())
    }

    @Test func theRuleForShortFilesHolds() throws {
        let batch = try BatchPlace("a.wav")
        let arguments = ["batch", "in", "--meeting", batch.first, "--effort", "fast"]
        let refused = try batch.place.run(arguments + ["--out", "r.ndjson"])
        #expect(refused.exitStatus == 30)
        #expect(try batch.lines()[0]["refusal"]["code"].string == "tooShort")
        #expect(try batch.lines()[0]["request"]["allowShort"].bool == false)
        try batch.place.succeed("settings", "set", "allow-short", "on")
        #expect(try batch.place.run(arguments + ["--out", "s.ndjson"]).exitStatus == 0)
        #expect(try batch.lines("s.ndjson")[0]["request"]["allowShort"].bool == false, "what was asked, not granted")
    }

    @Test func progressIsALineForEachFile() throws {
        let batch = try BatchPlace("a.wav", "b\u{1B}[31m.wav")
        try batch.write(Data("no recording".utf8), to: "in/text")
        let result = try batch.batch(["in"], meeting: batch.first, ["--jobs", "1"])
        let lines = result.errors.split(separator: "\n").map(String.init)
        #expect(
            lines == [
                "1/3 in/a.wav: not-found", "2/3 in/b\u{FFFD}[31m.wav: not-found",
                "3/3 in/text: refused unsupportedType",
            ])
        let table = result.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(table.prefix(4) == ["files 3", "results 2 not-found, 1 refused", "written to r.ndjson", "refused:"])
        #expect(table.count == 5 && table[4].hasPrefix("in/text: is of an unknown type"), "\(table)")
        let again = try batch.batch(["in"], meeting: batch.first, ["--resume"])
        #expect(again.errors.isEmpty, "what was known is not told again: \(again.errors)")
        #expect(again.text.contains("known before  3"))
        let quiet = try batch.batch(["in"], out: "q.ndjson", meeting: batch.first, ["--quiet"])
        #expect(quiet.errors.isEmpty)
    }

    @Test func aBatchOfNothingIsDone() throws {
        let batch = try BatchPlace()
        let result = try batch.batch(["in"], meeting: batch.first)
        #expect(result.exitStatus == 0 && result.text.contains("results     none"))
        #expect(try batch.lines().isEmpty)
    }

    @Test func aWrongPlaceForResultsEndsTheBatch() throws {
        let batch = try BatchPlace("a.wav")
        #expect(try batch.batch(["in"], out: "absent/r.ndjson", meeting: batch.first).exitStatus == 74)
        #expect(try batch.batch(["in"], out: "in", meeting: batch.first).exitStatus == 74)
        let device = try batch.batch(["in"], out: "/dev/null", meeting: batch.first)
        #expect(device.exitStatus == 74 && device.errors.contains("not a plain file"))
        #expect(try batch.stored().isEmpty)
    }

    /// The disk fails on the way: no half line stays.
    @Test func aFullDiskEndsTheBatchWithWholeLines() throws {
        let batch = try BatchPlace("a.wav")
        // The process may write files of 1 MiB, in units of 512 bytes; the next line is longer than 600 bytes.
        let size = 1 << 20
        func line(_ path: String) -> String {
            """
            {"date":"2026-03-02T09:00:00Z","path":"\(path)","refusal":{"code":"notFound","message":"m"},\
            "request":{"allowShort":true,"effort":"fast","meeting":"m_1","toolVersion":"1"},"schema":1}

            """
        }
        let before = line(String(repeating: "x", count: size - 600 - line("").utf8.count))
        try batch.place.write(before, to: "r.ndjson")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let program = try ProcessRunner.executable.path
        process.arguments = [
            "-c",
            "trap '' XFSZ; ulimit -f \(size / 512); exec '\(program)' batch in --meeting \(batch.first) --out r.ndjson "
                + "--allow-short --effort fast --jobs 1 --resume -q 2>err",
        ]
        process.currentDirectoryURL = batch.place.folder.url
        process.environment = batch.place.folder.environment
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.end(within: 120)
        #expect(process.terminationReason == .exit && process.terminationStatus == 74)
        #expect(try batch.place.text(of: "err").contains("the disk is full"))
        #expect(try batch.place.text(of: "r.ndjson") == before)
        #expect(try batch.batch(["in"], meeting: batch.first, ["--resume"]).exitStatus == 0)
        #expect(try batch.lines().count == 2 && batch.stored().count == 1)
    }
}
