import Foundation
import ProgramSupport
import Testing

/// docs/file-formats.md, "Rosters": names that show nothing are refused, wherever they come from; a name or note of an
/// analysis that shows nothing is none.
@Suite struct BlankNameTests {
    /// Spaces, a space that does not break, an ideographic one, none of any width, a blank of braille, a filler.
    private static let blanks = ["", " ", "  ", "\u{A0}", "\u{3000}", " \u{200B}", "\u{2800}", "\u{3164}"]

    private func refused(_ store: StorePlace, _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let result = try store.place.run(arguments)
        #expect(result.exitStatus == 65, "\(arguments)", sourceLocation: sourceLocation)
        #expect(result.errors.contains("is empty"), "\(arguments): \(result.errors)", sourceLocation: sourceLocation)
    }

    @Test(arguments: blanks) func nobodyAndNothingIsCalledSo(blank: String) throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        let clients = try store.clients(of: meeting)
        let start = Board.time(StorePlace.start)
        let client = ["client", "add", "--meeting", meeting, "--email", "new@example.org"]
        for (participant, device) in [(blank, "laptop"), ("Nora", blank)] {
            let result = try store.place.run(client + ["--participant", participant, "--device", device])
            let column = participant == blank ? "participant" : "device"
            #expect(result.exitStatus == 65 && result.errors.contains("column \(column): is empty"), "\(result.errors)")
        }
        try refused(store, "meeting", "create", "--title", blank, "--start", start)
        try refused(store, "meeting", "edit", meeting, "--title", blank)
        try refused(store, "org", "add", blank)
        try refused(store, "init", "--org", blank, "--store", "other.db")
        try refused(store, "retention", "hold", meeting, "--reason", blank)
        try store.place.write("participant,email,device\n\"\(blank)\",new@example.org,laptop\n", to: "blank.csv")
        try refused(store, "client", "add", "--meeting", meeting, "--roster", "blank.csv")
        #expect(try store.clients(of: meeting) == clients)
        #expect(try store.place.json("meeting", "list")["meetings"].array.count == 1)
        #expect(!FileManager.default.fileExists(atPath: store.place.file("other.db")))
    }

    /// What blanks surround is a name, and so is what is joined by a character that is not shown.
    @Test func namesWithBlanksAreNames() throws {
        let store = try StorePlace()
        let meeting = try store.enrol()
        for (index, name) in ["Nora Noll", "\u{A0}Nora", "No\u{200D}el"].enumerated() {
            try store.place.succeed(
                "client", "add", "--meeting", meeting, "--participant", name, "--email", "n\(index)@example.org",
                "--device", "laptop")
        }
    }

    @Test func analysesAreCalledNothing() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        let quick = ["--meeting", batch.first] + BatchPlace.quick
        try batch.place.succeed(["analyze", "in/a.wav", "--name", "  ", "--note", "\u{3000}"] + quick)
        func last() throws -> JSON { try batch.place.json("analysis", "show", "latest")["analysis"] }
        #expect(try last()["name"].string ?? "" == "" && last()["note"].string ?? "" == "")
        try batch.place.succeed("analysis", "note", "latest", "Case 1")
        #expect(try last()["note"].string == "Case 1")
        try batch.place.succeed("analysis", "note", "latest", " \n ")
        #expect(try last()["note"].string ?? "" == "")
        try batch.place.write("file,name,note\nin/b.wav,\" \",\u{A0}\n", to: "m.csv")
        try batch.batch(["m.csv"], meeting: batch.first, ["--name", "Case 2", "--note", "found"])
        let line = try batch.lines()[0]
        #expect(line["name"].string == "Case 2" && line["note"].string == "found", "a blank field is an empty one")
    }
}
