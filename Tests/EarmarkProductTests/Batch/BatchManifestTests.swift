import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "A manifest has the members": files with what is known of each.
@Suite struct BatchManifestTests {
    /// The answers' lines by path.
    private func answers(_ batch: BatchPlace, _ inputs: [String], _ more: [String] = []) throws -> [String: JSON] {
        let result = try batch.batch(inputs, more)
        try #require(result.exitStatus == 0, "\(result.errors)")
        return Dictionary(try batch.lines().map { ($0["path"].string ?? "", $0) }, uniquingKeysWith: { $1 })
    }

    /// What `lines` say of meeting, name and note.
    private func expect(_ line: JSON?, _ meeting: String, _ name: String, _ note: String) {
        #expect(line?["request"]["meeting"].string == meeting && line?["meeting"]["id"].string == meeting)
        #expect(line?["name"].string == name)
        #expect(line?["note"].string == note)
    }

    @Test func rowsOfCSVNameMeetingAndWords() throws {
        let batch = try BatchPlace("a.wav", "b, c.wav", "d.wav")
        let rows = [
            "Note,meeting, FILE ,name", "\"n, \"\"1\"\"\",\(batch.first),a.wav,Case 1", ",,\"b, c.wav\",", "",
            "n3,\(batch.second),\(batch.place.file("in/d.wav")),",
        ]
        try batch.write(Data(rows.joined(separator: "\r\n").utf8), to: "in/m.CSV")
        let lines = try answers(
            batch, ["in/m.CSV"], ["--meeting", batch.second, "--name", "Other", "--note", "else"])
        #expect(lines.count == 3)
        // Relative paths begin at the manifest's folder; options stand in for what a row leaves out.
        expect(lines["in/a.wav"], batch.first, "Case 1", "n, \"1\"")
        expect(lines["in/b, c.wav"], batch.second, "Other", "else")
        expect(lines[batch.place.file("in/d.wav")], batch.second, "Other", "n3")
    }

    @Test func linesOfJSONHoldTheSame() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        let rows = [
            "{\"file\":\"in/a.wav\",\"meeting\":\"\(batch.first)\",\"name\":\"Case 1\",\"note\":\"n\"}", "",
            "{\"file\":\"in/b.wav\",\"name\":null}",
        ]
        for name in ["m.ndjson", "m.jsonl"] {
            try batch.place.write(rows.joined(separator: "\n"), to: name)
            let lines = try answers(batch, [name], ["--meeting", batch.second, "--name", "Other"])
            expect(lines["in/a.wav"], batch.first, "Case 1", "n")
            expect(lines["in/b.wav"], batch.second, "Other", "")
            try batch.remove("r.ndjson")
        }
    }

    /// Faulty manifests with what the message must say.
    private static let faulty: [(name: String, text: String, says: String)] = [
        ("m.csv", "file,meting\na.wav,m\n", "'meting'"), ("m.csv", "meeting\nm\n", "'file' is missing"),
        ("m.csv", "file,file\na.wav,b.wav\n", "twice"), ("m.csv", "file,name\na.wav,\n,x\n", "row 3"),
        ("m.csv", "file,name\na.wav,\nb.wav\n", "row 3"), ("m.csv", "file\n\"a.wav\n", "row 2"),
        ("m.csv", "", "empty"), ("m.ndjson", "{\"file\":\"a.wav\"}\n\n{\"file\":1}\n", "line 3"),
        ("m.ndjson", "{\"file\":\"a.wav\"}\n{\"meeting\":\"m\"}\n", "line 2"),
        ("m.ndjson", "{\"file\":\"a.wav\",\"time\":\"1\"}\n", "line 1"), ("m.ndjson", "{\"file\":\"\"}\n", "line 1"),
        ("m.ndjson", "{\"file\":\"a.wav\",\"name\":\"{\\\":\",\"file\":\"b.wav\"}\n", "'file' comes twice"),
        ("m.ndjson", "a.wav\n", "line 1"),
    ]

    @Test func faultyManifestsAreRefusedWithTheirLine() throws {
        let batch = try BatchPlace("a.wav")
        for (name, text, says) in Self.faulty {
            try batch.place.write(text, to: name)
            let result = try batch.batch([name], meeting: batch.first)
            #expect(result.exitStatus == 65, "\(text)")
            #expect(result.errors.contains("manifest '\(name)'") && result.errors.contains(says), "\(result.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: batch.place.file("r.ndjson")))
    }

    @Test func standardInputHoldsPathsOrAManifest() throws {
        let batch = try BatchPlace("a b.wav", "c.wav", "file,name.wav")
        let both = ["in/a b.wav", "in/c.wav"]
        let inputs = [
            "in/a b.wav\n\nin/c.wav": both, "in/a b.wav\r\nin/c.wav\r\n": both,
            "name, FILE\nCase,in/a b.wav\n,in/c.wav\n": both,
            // As spreadsheets save it where the comma is for decimals, with what they leave below a table.
            "file;name\r\nin/a b.wav;Case\r\nin/c.wav;\r\n;\r\n": both,
            "sep=;\r\nfile;name\r\nin/a b.wav;Case\r\nin/c.wav;\r\n": both,
            // As Excel saves it, and with the other separators that may be declared.
            "\u{FEFF}sep=;\r\nfile;name\r\nin/a b.wav;Case\r\nin/c.wav;\r\n": both,
            "\u{FEFF}SEP=\t\r\nname\tfile\r\n\tin/a b.wav\r\n\tin/c.wav\r\n": both,
            "\u{FEFF}sep=,\nfile,name\nin/a b.wav,\nin/c.wav,\n": both,
            "{\"file\":\"in/a b.wav\"}\n{\"file\":\"in/c.wav\"}\n": both,
            "  {\"file\":\"in/c.wav\"}\n": ["in/c.wav"], "in/file,name.wav\n": ["in/file,name.wav"],
        ]
        for (text, expected) in inputs {
            let result = try batch.place.run(
                ["batch", "-", "--meeting", batch.first, "--out", "r.ndjson", "--dry-run", "--json"],
                input: Data(text.utf8))
            let files = try JSON(text: result.text)["plan"]["files"].array
            #expect(files.compactMap(\.["path"].string) == expected, "\(text)")
        }
        let zeros = try batch.place.run(
            ["batch", "-", "--meeting", batch.first, "--out", "r.ndjson", "--dry-run"],
            input: Data("in/a b.wav\0in/c.wav\0".utf8))
        #expect(zeros.exitStatus == 65 && zeros.errors.contains("separated by NUL"), "\(zeros.errors)")
    }

    @Test func bytesThatAreNoTextNameFiles() throws {
        let batch = try BatchPlace("a.wav")
        let list = Data("in/a.wav\n".utf8) + [0xFF, 0xFE]
        _ = try batch.place.run(
            ["batch", "-", "--meeting", batch.first, "--out", "r.ndjson", "--jobs", "1"] + BatchPlace.quick,
            input: list)
        #expect(try batch.lines().map(\.["path"].string) == ["in/a.wav", "\\xFF\\xFE"])
        let manifest = Data("file,name\nin/a.wav,".utf8) + [0xE4] + Data("\n".utf8) + [0xE4] + Data(",Case\n".utf8)
        try batch.write(manifest, to: "m.csv")
        try batch.batch(["m.csv"], out: "s.ndjson", meeting: batch.first, ["--jobs", "1"])
        let lines = try batch.lines("s.ndjson")
        #expect(lines.map(\.["path"].string) == ["in/a.wav", "\\xE4"])
        #expect(lines.map(\.["refusal"]["code"].string) == ["value-invalid", "notFound"])
        #expect(lines[0]["refusal"]["message"].string?.contains("name is not UTF-8") == true)
    }

    @Test func bytesThatAreNoTextInJSONAreOneLine() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        func row(_ before: String, _ after: String) -> Data { Data(before.utf8) + [0xE4] + Data(after.utf8) }
        let note = row("{\"file\":\"in/a.wav\",\"note\":\"F", "\"}\n")
        let meeting = row("{\"file\":\"in/c.wav\",\"meeting\":\"", "\"}\n")
        let file = row("{\"meeting\":\"\(batch.first)\",\"file\":\"in/", "\\u0041.wav\",\"name\":\"x\"}\n")
        let whole = Data("{\"file\":\"in/b.wav\",\"meeting\":\"\(batch.first)\"}\n".utf8)
        try batch.write(note + meeting + file + whole, to: "m.ndjson")
        #expect(try batch.batch(["m.ndjson"], ["--jobs", "1"]).exitStatus == 30)
        let lines = try batch.lines()
        #expect(lines.map(\.["path"].string) == ["in/a.wav", "in/c.wav", "in/\\xE4A.wav", "in/b.wav"])
        let codes = lines.map { $0["refusal"]["code"].string ?? $0["verdict"].string }
        #expect(codes == ["value-invalid", "value-invalid", "notFound", "not-found"])
        #expect(lines[0]["refusal"]["message"].string == "was not analysed: its row is not UTF-8.")
    }

    /// A name cannot make a line of its own of progress, nor of a report.
    @Test func namesWithLineFeedsAreOneLineOfProgress() throws {
        let batch = try BatchPlace("a\nb.wav", "c\u{2028}\r2/2 d.wav")
        let result = try batch.batch(["in"], meeting: batch.first)
        let progress = result.errors.split(whereSeparator: \.isNewline)
        #expect(progress.count == 2 && progress.allSatisfy { $0.hasSuffix(": not-found") }, "\(result.errors)")
    }

    @Test func aRowWithAnUnfitNameIsOneRefusedLine() throws {
        let batch = try BatchPlace("1.wav", "2.wav", "3.wav", "4.wav")
        let long = String(repeating: "n", count: 201)
        let rows = "in/1.wav,one,\nin/2.wav,\"two\u{202E}\",\nin/3.wav,\(long),\nin/4.wav,four,\u{1B}[31m\n"
        try batch.place.write("file,name,note\n" + rows, to: "m.csv")
        let result = try batch.batch(["m.csv"], meeting: batch.first, ["--jobs", "1"])
        #expect(result.exitStatus == 30)
        let lines = try batch.lines()
        #expect(lines.map(\.["verdict"].string) == ["not-found", nil, nil, nil])
        let messages = lines.compactMap(\.["refusal"]["message"].string)
        #expect(messages.map { $0.contains("name holds a control character") } == [true, false, false])
        #expect(messages.map { $0.contains("name is longer than 200 characters") } == [false, true, false])
        #expect(messages.map { $0.contains("note holds a control character") } == [false, false, true])
        try batch.batch(["m.csv"], meeting: batch.first, ["--resume"])
        #expect(try batch.lines().count == 4, "what was said is not said again")
        try batch.place.write("file,name\nin/2.wav,two\n", to: "m.csv")
        #expect(try batch.batch(["m.csv"], meeting: batch.first, ["--resume"]).exitStatus == 0, "a row that is mended")
        let option = try batch.batch(["in"], out: "o.ndjson", meeting: batch.first, ["--name", long])
        #expect(option.exitStatus == 65 && option.errors.contains("name is longer"))
    }
}
