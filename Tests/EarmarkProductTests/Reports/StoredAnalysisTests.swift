import Foundation
import ProgramSupport
import Testing

/// `earmark analysis`: list, show, note and delete, as their help has them.
@Suite struct StoredAnalysisTests {
    private let place: Workplace

    init() throws {
        place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
    }

    private func keep(_ date: Int, _ change: (inout SampleAnswer) -> Void = { _ in }) throws -> String {
        var sample = SampleAnswer()
        sample.date = date
        change(&sample)
        return try sample.keep(in: place)
    }

    private func meeting(_ organisation: String? = nil) throws -> String {
        let owner = organisation.map { ["--org", $0] } ?? []
        let made = try place.json(
            ["meeting", "create", "--title", "T", "--start", "2090-01-01T00:00Z", "--yes"] + owner)
        return made["meeting"]["id"].string ?? ""
    }

    @Test func theLatestComesFirst() throws {
        let middle = try keep(2_000)
        let late = try keep(3_000)
        let early = try keep(1_000)
        let again = try keep(2_000)
        let list = try place.json("analysis", "list")["analyses"].array
        #expect(list.map(\.["id"].string) == [late, again, middle, early])
        #expect(list[3]["date"].string == "1970-01-01T00:16:40Z")
        let lines = try place.succeed("analysis", "list").split(separator: "\n")
        #expect(lines.count == 5 && lines[1].hasPrefix(late) && lines[4].hasPrefix(early))
    }

    /// A limit counts the analyses that name who is looked for, not those before them.
    @Test func theLatestOfSomebodyIsFoundBehindOthers() throws {
        let early = try keep(1_000)
        _ = try keep(2_000) { $0.answer["sources"] = [SampleAnswer.bela] }
        let list = try place.json("analysis", "list", "--who", "ada", "-n", "1")["analyses"].array
        #expect(list.map(\.["id"].string) == [early])
    }

    @Test func theTableSaysWhatWasFound() throws {
        let id = try keep(2_000) {
            $0.answer["verdict"] = "inconclusive"
            $0.answer["name"] = "Case 12"
            $0["file"]["name"] = "leak.mp4"
        }
        let lines = try place.succeed("analysis", "list").split(separator: "\n").map {
            $0.components(separatedBy: "  ").map { $0.trimmingCharacters(in: [" "]) }.filter { !$0.isEmpty }
        }
        #expect(lines[0] == ["ANALYSIS", "DATE", "VERDICT", "WHO", "CHANCE", "MEETING", "FILE", "NAME"])
        // Nobody is named in a list who is not identified: this answer says that somebody is.
        let row = [
            id, "1970-01-01T00:33:20Z", "inconclusive", "Ada Abbott <ada@example.org>", "10^-23", "Quarter", "leak.mp4",
            "Case 12",
        ]
        #expect(lines[1] == row)
        let entry = try place.json("analysis", "list")["analyses"][0]
        #expect(entry["report"].isAbsent, "reports are for show and export")
        #expect(entry["verdict"].string == "inconclusive" && entry["meeting"].string == "m_aaaaaaaaaaaaaaaa")
    }

    @Test func aMeetingsAnalysesAreItsOwn() throws {
        let (one, other) = (try meeting(), try meeting())
        let (first, second) = (try keep(1_000), try keep(2_000))
        try StoreDatabase(place).plant(
            """
            UPDATE analyses SET meetingID = '\(one)' WHERE id = '\(first)';
            UPDATE analyses SET meetingID = '\(other)' WHERE id = '\(second)'
            """)
        for arguments in [["list", "--json"], ["export", "--format", "json"]] {
            let found = try JSON(text: place.succeed(["analysis"] + arguments + ["--meeting", one]))["analyses"].array
            #expect(found.map(\.["id"].string) == [first], "\(arguments)")
            #expect(try place.run(["analysis"] + arguments + ["--meeting", "m_nope"]).exitStatus == 66)
        }
        #expect(try place.json("analysis", "list")["analyses"].array.count == 2)
    }

    @Test func anOrganisationsAnalysesAreItsOwn() throws {
        let mine = try keep(1_000)
        try place.succeed("org", "add", "Other Ltd")
        for arguments in [["list", "--json"], ["export", "--format", "json"]] {
            func found(_ organisation: String) throws -> [String?] {
                let text = try place.succeed(["analysis"] + arguments + ["--org", organisation])
                return try JSON(text: text)["analyses"].array.map(\.["id"].string)
            }
            #expect(try found("Example Ltd") == [mine] && found("Other Ltd") == [])
        }
        #expect(try place.run("analysis", "list", "--org", "Nobody").exitStatus == 66)
    }

    @Test func showTellsWhatIsStored() throws {
        let id = try keep(2_000) {
            $0.answer["name"] = "Case 12"
            $0.answer["note"] = "first\nsecond"
        }
        let text = try place.succeed("analysis", "show", id)
        let rows = [
            ("analysis", id), ("date", "1970-01-01T00:33:20Z"), ("meeting", "m_aaaaaaaaaaaaaaaa"),
            ("file", "leak.mp4"), ("bytes", "1234567"), ("SHA-256", String(repeating: "a", count: 64)),
            ("result", "identified"), ("name", "Case 12"), ("note", "first"), ("version", "7.8.9"),
        ]
        let head = text.components(separatedBy: "\n\n")[0].split(separator: "\n").map(String.init)
        for (name, value) in rows {
            #expect(head.contains { $0.hasPrefix(name + " ") && $0.hasSuffix("  " + value) }, "\(name)")
        }
        #expect(text.contains("The recording carries the mark of: Ada."))
        #expect(try place.run("analysis", "show", "a_nope").exitStatus == 66)
    }

    @Test func refusalsAreShownWithTheirReason() throws {
        let id = try keep(2_000)
        try StoreDatabase(place).plant(
            """
            UPDATE analyses SET verdict = NULL, report = NULL, evidence = NULL, sha256 = NULL, byteCount = NULL,
            refusalCode = 'tooShort', refusalMessage = 'only 12 s' WHERE id = '\(id)'
            """)
        let text = try place.succeed("analysis", "show", id)
        #expect(text.contains("refused (tooShort)") && text.contains("only 12 s") && !text.contains("SHA-256"))
        let shown = try place.json("analysis", "show", id)["analysis"]
        #expect(shown["refusal"]["code"].string == "tooShort" && shown["refusal"]["message"].string == "only 12 s")
        for absent in ["verdict", "report", "sha256", "bytes"] { #expect(shown[absent].isAbsent, "\(absent)") }
        #expect(try place.succeed("analysis", "list").contains("refused (tooShort)"))
    }

    @Test func notesAreReplacedAndRemoved() throws {
        let (id, other) = (try keep(1_000), try keep(2_000) { $0.answer["note"] = "kept" })
        #expect(try place.json("analysis", "note", id, "one\ntwo")["analysis"]["note"].string == "one\ntwo")
        #expect(try place.json("analysis", "show", id)["analysis"]["note"].string == "one\ntwo")
        try place.succeed("analysis", "note", id, "")
        #expect(try place.json("analysis", "show", id)["analysis"]["note"].string == "")
        #expect(try place.json("analysis", "show", other)["analysis"]["note"].string == "kept")
        #expect(try place.run("analysis", "note", id, "bell\u{7}").exitStatus == 65)
        #expect(try place.run("analysis", "note", id, String(repeating: "x", count: 10_001)).exitStatus == 65)
        try place.succeed("analysis", "note", id, String(repeating: "x", count: 10_000))
        #expect(try place.run("analysis", "note", "a_nope", "x").exitStatus == 66)
    }

    @Test func whatIsDeletedIsGoneAlone() throws {
        let (id, other) = (try keep(1_000), try keep(2_000))
        #expect(try place.succeed("analysis", "delete", id, "--yes").hasPrefix("deleted '\(id)' (leak.mp4, "))
        #expect(try place.json("analysis", "list")["analyses"].array.map(\.["id"].string) == [other])
        for verb in ["show", "delete"] { #expect(try place.run("analysis", verb, id).exitStatus == 66, "\(verb)") }
        #expect(try place.run("report", id, "-o", "r.html").exitStatus == 66)
    }
}
