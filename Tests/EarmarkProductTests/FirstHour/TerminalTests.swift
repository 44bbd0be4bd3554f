import Foundation
import ProgramSupport
import Testing

/// What only a terminal gets, and streams that are not there.
@Suite struct TerminalTests {
    private let person: Newcomer
    private let board: Board

    init() throws {
        board = try Board.shared()
        person = try Newcomer()
        for name in try FileManager.default.contentsOfDirectory(atPath: board.folder.url.path)
        where name.hasPrefix("store.db") {
            try FileManager.default.copyItem(atPath: board.folder.file(name), toPath: person.place.file(name))
        }
    }

    /// What `line` prints on a terminal.
    private func terminal(_ line: String, _ setting: String = "") throws -> String {
        try person.done("TERM=xterm \(setting) script -qec \"\(line)\" /dev/null")
    }

    @Test func theTimeMapIsOneLineOnATerminal() throws {
        let line = "earmark analyze \(board.bela) --meeting Board --effort fast --progress none"
        func map(_ text: String) -> [Substring] {
            text.split(whereSeparator: \.isNewline).filter { $0.contains("heard  0:00") }
        }
        let coloured = map(try terminal(line))
        // The mark is in all of it, and most of it is heard.
        #expect(coloured.count == 1 && coloured[0].contains("\u{1B}[31m█"), "\(coloured)")
        let plain = map(try terminal(line, "NO_COLOR=1"))
        #expect(plain.count == 1 && !plain[0].contains("\u{1B}"), "\(plain)")
        #expect(plain[0].count { $0 == "█" } > 28 && plain[0].contains(" 1:50"), "\(plain)")
    }

    /// Standard error that is closed, or whose reader has gone, stops nothing, and no file takes its place.
    @Test func aClosedStandardErrorStopsNothing() throws {
        let embed = "earmark embed \(board.host) marked.wav --meeting Board --client bela --progress json"
        try person.done("\(embed) 2>&-")
        try person.done("{ \(embed) 2>&1 >/dev/null; echo $? > status; } | true; sleep 0.2; grep -qx 0 status")
        try person.done("earmark meeting create --title Closed --start now 2>&-")
        try person.done("earmark store check && earmark meeting show closed")
        // A closed standard output is no success.
        #expect(try person.type("earmark meeting list >&-").status == 74)
        let cut = try person.type("{ earmark --help; echo $? > status; } | true; grep -qxE '0|141' status")
        #expect(cut.status == 0 && cut.errors.isEmpty, "\(cut)")
    }

    /// Lines of JSON begin with nothing done and end with all of it; off a terminal nothing is told unasked.
    @Test func progressIsToldAsAsked() throws {
        let embed = "earmark embed \(board.host) marked.wav --meeting Board --client bela"
        #expect(try person.type(embed).errors.isEmpty)
        #expect(try person.type("\(embed) --progress none").errors.isEmpty)
        let lines = try person.type("\(embed) --progress json").errors.split(separator: "\n")
        let events = try lines.map { try JSON(text: $0)["progress"] }
        #expect(events.allSatisfy { $0["stage"].string == "marking" && $0["total"].double == Board.seconds })
        #expect(events.last?["done"].double == Board.seconds && events.last?["isFinished"].bool == true)
        #expect(events.dropLast().allSatisfy { $0["isFinished"].bool == false } && events.count > 1)
        for verb in ["store check", "meeting import many.ndjson"] {
            try person.place.write("{\"title\": \"Many\", \"start\": \"2026-03-02T09:00Z\"}\n", to: "many.ndjson")
            let result = try person.type("earmark \(verb) --progress json")
            let last = try JSON(text: try #require(result.errors.split(separator: "\n").last))["progress"]
            #expect(result.status == 0 && last["isFinished"].bool == true)
            #expect(last["done"].double == last["total"].double)
        }
    }

    /// What cannot be undone is asked about, and nothing but a yes is one.
    @Test func nothingButYesMeansYes() throws {
        let delete = "script -qec 'earmark meeting delete Other' /dev/null"
        try person.done("earmark meeting create --title Other --start now")
        for answer in ["\\n", "", "y\\n", "no\\n", "yes please\\n", "j\\n", "\\nyes\\n"] {
            let outcome = try person.type("printf '\(answer)' | \(delete)")
            #expect(outcome.status == 65 && outcome.output.contains("nothing was changed"), "\(answer): \(outcome)")
            #expect(outcome.output.contains("Go on? Type yes:"))
            try person.done("earmark meeting show Other")
        }
        try person.done("printf ' Yes \\n' | \(delete)")
        #expect(try person.type("earmark meeting show Other").status == 66)
    }
}
