import Foundation
import ProgramSupport
import Testing

/// `earmark analysis export`: JSON with whole reports, CSV with a line for each analysis that no spreadsheet runs.
@Suite struct AnalysisExportTests {
    private let place: Workplace

    init() throws {
        place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
    }

    private static let columns = [
        "id", "date", "meeting", "file", "sha256", "bytes", "verdict", "refusalCode", "refusalMessage", "name", "note",
        "toolVersion", "meetingTitle", "who", "log10FalseAccusation", "condition", "bundle",
        "bundleRevoked",
    ]

    private func keep(_ name: String, _ note: String = "", date: Int = 1_000) throws -> String {
        var sample = SampleAnswer()
        sample.date = date
        sample.answer["name"] = name
        sample.answer["note"] = note
        return try sample.keep(in: place)
    }

    /// Fields of comma-separated values as RFC 4180 has them.
    private func fields(_ text: String) -> [[String]] {
        var rows: [[String]] = [[]]
        var field = ""
        var isQuoted = false
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "\"":
                if !isQuoted, index > 0, scalars[index - 1] == "\"" { field += "\"" }
                isQuoted.toggle()
            case "," where !isQuoted, "\n" where !isQuoted:
                rows[rows.count - 1].append(field.hasSuffix("\r") ? String(field.dropLast()) : field)
                field = ""
                if scalar == "\n" { rows.append([]) }
            default: field.unicodeScalars.append(scalar)
            }
        }
        return rows.dropLast()
    }

    private func export(_ arguments: String...) throws -> [[String]] {
        fields(try place.succeed(["analysis", "export", "--format", "csv"] + arguments))
    }

    @Test func everyColumnHasItsValue() throws {
        let id = try keep("Case 12", "from, \"there\"\nand here")
        let refused = try keep("x", date: 2_000)
        try StoreDatabase(place).plant(
            """
            UPDATE analyses SET verdict = NULL, report = NULL, evidence = NULL, sha256 = NULL, byteCount = NULL,
            refusalCode = 'tooShort', refusalMessage = 'only 12 s' WHERE id = '\(refused)'
            """)
        let sha = String(repeating: "a", count: 64)
        let rows = try export()
        #expect(rows.count == 3 && rows[0] == Self.columns)
        let meeting = "m_aaaaaaaaaaaaaaaa"
        #expect(
            rows[1] == [
                refused, "1970-01-01T00:33:20Z", meeting, "leak.mp4", "", "", "", "tooShort", "only 12 s", "x", "",
                "7.8.9", "", "", "", "", "", "",
            ])
        #expect(
            rows[2] == [
                id, "1970-01-01T00:16:40Z", meeting, "leak.mp4", sha, "1234567", "identified", "", "", "Case 12",
                "from, \"there\"\nand here", "7.8.9", "Quarter", "Ada Abbott <ada@example.org>", "-23.42", "",
                "", "",
            ])
        #expect(fields(try place.succeed("analysis", "list", "--csv")) == rows, "two CSVs of one thing")
        let text = try place.succeed("analysis", "export", "--format", "csv")
        #expect(text.components(separatedBy: "\r\n").count == 4 && text.hasSuffix("\r\n"))
    }

    /// Text that a spreadsheet would take for a formula gets an apostrophe in front.
    @Test(arguments: [
        "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\r\n=1", "=\u{200D}1+1", "=\u{338}1", "=", "=\"\u{301}",
        "-\u{301}2", "=a,\"b\"", " =1", "\u{200B}=1", "\u{600}=1", "\u{FF1D}1", "\u{2060}\u{FE62}1",
    ]) func formulasAreText(text: String) throws {
        _ = try keep(text, text)
        let row = try export()[1]
        for field in [row[9], row[10]] { #expect(Array(field.unicodeScalars) == Array("'\(text)".unicodeScalars)) }
    }

    @Test func whatIsNoFormulaStaysAsItIs() throws {
        for text in ["a=1", " a=1", "1-1", "'=1", "#1", "é", "\"=1\"", "a\"\u{301}b", "a,b", "a\nb", "a\rb"] {
            let id = try keep(text)
            #expect(try export(id)[1][9].unicodeScalars.elementsEqual(text.unicodeScalars), "\(text)")
        }
        // Only what must be quoted is.
        #expect(try place.succeed("analysis", "export", "--format", "csv").contains(",a=1,"))
    }

    @Test func chosenAnalysesComeInTheirOrder() throws {
        let ids = try ["a", "b", "c"].map { try keep($0) }
        #expect(try export(ids[2], ids[0]).dropFirst().map { $0[0] } == [ids[2], ids[0]])
        let list = try JSON(text: place.succeed("analysis", "export", "--format", "json", ids[1]))
        #expect(list["schema"].int == 1 && list["analyses"].array.map(\.["id"].string) == [ids[1]])
        #expect(list["analyses"][0]["report"]["verdict"].string == "identified")
        #expect(try place.run("analysis", "export", "--format", "csv", "a_nope").exitStatus == 66)
    }

    @Test func filesAreNewAndPrivate() throws {
        _ = try keep("a")
        for form in ["csv", "json"] {
            let printed = try place.succeed("analysis", "export", "--format", form)
            #expect(try place.succeed("analysis", "export", "--format", form, "-o", "out.\(form)").isEmpty)
            #expect(try place.text(of: "out.\(form)") == printed)
            let path = place.file("out.\(form)")
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            #expect(try place.run("analysis", "export", "--format", form, "-o", "out.\(form)").exitStatus == 73)
        }
        #expect(try place.run("analysis", "export", "--format", "xml").exitStatus == 64)
        #expect(try place.run("analysis", "export").exitStatus == 64)
    }

    /// Whole numbers, fractions, truth values and nested lists come out as they were stored.
    @Test func storedReportsKeepTheirValues() throws {
        let id = try keep("a")
        let stored = #"{"a":1,"b":-23.4,"c":true,"d":null,"e":[1,"x",{"f":0.5}],"g":9007199254740993,"h":""}"#
        try StoreDatabase(place).plant(
            "UPDATE analyses SET report = \(StoreDatabase.blob(Data(stored.utf8))) WHERE id = '\(id)'")
        let text = try place.succeed("analysis", "show", id, "--json")
        let report = try JSON(text: text)["analysis"]["report"]
        #expect(try report.value as? NSDictionary == JSON(text: stored).value as? NSDictionary)
        for line in ["\"a\" : 1,", "\"b\" : -23.4,", "\"c\" : true,", "\"d\" : null,", "\"g\" : 9007199254740993,"] {
            #expect(text.contains(line), "\(line)")
        }
        // A report of another version is shown as it is stored.
        #expect(try place.succeed("analysis", "show", id).contains("\"b\" : -23.4,"))
        try StoreDatabase(place).plant("UPDATE analyses SET report = x'00' WHERE id = '\(id)'")
        #expect(try place.run("analysis", "show", id).exitStatus == 78)
    }
}
