import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// Twelve tasks from a bare folder to a signed report, with the mistakes of docs/errors.md, "The first hour", and the
/// way out of each; no identifier is copied.
@Suite struct FirstHourTests {
    private let person: Newcomer

    init() throws { person = try Newcomer() }

    @Test func twelveTasksAndTheirMistakesSucceedWithoutAnIdentifier() throws {
        try enrol()
        try issue()
        try mark()
        try analyse()
        try look()
        try tidy()
    }

    /// A store (1), and a meeting with its clients (2).
    private func enrol() throws {
        let slip = try person.type("earmark inti --org 'Example Ltd'")
        #expect(slip.isRefused(64, saying: "did you mean 'earmark init'?"), "\(slip)")
        try person.done("earmark init --org 'Example Ltd'")

        // A workbook begins as every ZIP file does.
        try person.place.write("PK\u{3}\u{4}\u{14}", to: "roster.xlsx")
        let workbook = try person.type("earmark meeting create --title Board --start now --roster roster.xlsx")
        #expect(workbook.isRefused(65, saying: ".xlsx", "CSV UTF-8"), "\(workbook)")
        let latin = Array("participant,email,device\nJ".utf8) + [0xF6] + Array("rg,j@example.org,laptop\n".utf8)
        try Data(latin).write(to: URL(fileURLWithPath: person.place.file("latin.csv")))
        let encoded = try person.type("earmark meeting create --title Board --start now --roster latin.csv")
        #expect(encoded.isRefused(65, saying: "row 2", "Windows-1252", "CSV UTF-8"), "\(encoded)")
        // What Excel writes as CSV where the comma is for decimals, and leaves below a table.
        try person.place.write(
            "participant;email;device\r\nAda Abbott;ada@example.org;laptop\r\n;;\r\n"
                + "Bela Berger;bela@example.org;laptop\r\nBela Berger;bela@example.org;phone\r\n;;\r\n",
            to: "roster.csv")
        let vague = try person.type("earmark meeting create --title Board --start 'next week' --roster roster.csv")
        #expect(
            vague.isRefused(64, saying: "2026-11-29T10:00+01:00", "'2026-11-29 10:00'", "'today 14:00'"), "\(vague)")
        let created = try person.type("earmark meeting create --title Board --start now --roster roster.csv")
        #expect(created.status == 0 && created.errors.contains("--start is understood as"), "\(created)")
    }

    /// A ticket for a client (3), and another one in good time (4).
    private func issue() throws {
        let twice = try person.type("earmark ticket issue --meeting board --client bela -o bela.ticket")
        #expect(twice.isRefused(65, saying: "bela@example.org/laptop", "bela@example.org/phone"), "\(twice)")
        try person.done("earmark ticket issue --meeting board --client bela@example.org/laptop -o bela.ticket")

        try person.done("earmark meeting create --title Later --start 'tomorrow 23:00' --roster roster.csv")
        try person.done("earmark ticket issue -m latest --client ada -o early.ticket")
        let early = try person.type("earmark filter --ticket early.ticket --rate 16000 --format s16le < roster.csv")
        #expect(early.isRefused(65, saying: "not valid before", "earmark meeting edit"), "\(early)")
        try person.done("earmark meeting edit later --start now --yes")
        try person.done("earmark ticket issue -m later --client ada -o late.ticket")
        try person.done("earmark ticket status late.ticket")
    }

    /// Audio that carries the client's mark (5), and a leak of it (6).
    private func mark() throws {
        let speech = SpeechLike.samples(seconds: Board.seconds, seed: 61)
        try Media.wav([speech], rate: 16_000).write(to: person.place.folder.url.appendingPathComponent("clean.wav"))
        let swapped = try person.type("earmark embed bela.ticket marked.wav --ticket clean.wav")
        #expect(swapped.isRefused(65, saying: "but audio", "earmark ticket issue"), "\(swapped)")
        try person.done("earmark embed clean.wav marked.wav --ticket bela.ticket")
        try FileManager.default.createDirectory(
            atPath: person.place.file("leaks"), withIntermediateDirectories: false)
        try person.place.ffmpeg(
            ["-i", person.place.file("marked.wav"), "-c:a", "aac", "-b:a", "96k"], to: "leaks/leak.m4a")
    }

    /// Who recorded it, with a report (7), which is as it was signed (8).
    private func analyse() throws {
        let address = try person.type("earmark analyze https://example.org/leak.m4a --meeting Board")
        #expect(address.isRefused(66, saying: "curl -L -o recording https://example.org/leak.m4a"), "\(address)")
        let answer = try person.done(
            "earmark analyze leaks/leak.m4a --meeting Board --report leak.html --progress json 2> progress")
        #expect(answer.contains("Bela Berger <bela@example.org>") && answer.contains("Report written to leak.html"))
        #expect(!answer.contains("\u{1B}"), "nothing for terminals where there is none")
        let lines = try person.place.text(of: "progress").split(separator: "\n").map { try JSON(text: $0)["progress"] }
        #expect(lines.first?["stage"].string == "analysing leak.m4a" && lines.first?["unit"].string == "s")
        #expect(lines.last?["isFinished"].bool == true && lines.last?["total"].isAbsent == false)
        #expect(try person.done("earmark report verify leak.html").contains("is as it was signed"))
    }

    /// What was found when (9), about which file (10), and all in a folder (11).
    private func look() throws {
        let list = StorePlace.rows(try person.done("earmark analyses list --verdict identified --who BELA"))
        #expect(list.count == 1 && list[0][2...3] == ["identified", "Bela Berger <bela@example.org>"], "\(list)")
        #expect(list[0][4].hasPrefix("10^-") && list[0][5] == "Board", "\(list)")
        #expect(try person.done("earmark analysis list --who ada --csv").split(separator: "\r\n").count == 1)
        let again = try person.done("cp leaks/leak.m4a other.m4a; earmark analysis find other.m4a")
        #expect(again.contains("leak.m4a") && !again.contains("other.m4a"))
        #expect(try person.type("earmark analysis find clean.wav").status == 66)
        // A file that was refused was looked at, too.
        #expect(try person.type("echo none > junk.mp3; earmark analyze junk.mp3 --meeting Board").status == 20)
        #expect(try person.done("earmark analysis find junk.mp3").contains("refused"))
        let folder = try person.type("earmark analyze leaks --meeting Board")
        #expect(folder.isRefused(74, saying: "earmark batch leaks --meeting Board --out results.ndjson"), "\(folder)")
        try person.done(person.advised("earmark batch", by: folder))
        #expect(try person.place.text(of: "results.ndjson").contains("identified"))
        try person.done("earmark report latest -o latest.json")
    }

    /// What was enrolled by mistake goes again (12).
    private func tidy() throws {
        let again = try person.type("earmark meeting create --title Board --start 'tomorrow 9:00'")
        #expect(again.status == 0)
        let both = try person.type("earmark client list -m board")
        #expect(both.isRefused(65, saying: "names several meetings", "(Board, "), "\(both)")
        let unasked = try person.type("earmark meeting delete latest")
        #expect(unasked.isRefused(65, saying: "(Board, ", "--yes"), "\(unasked)")
        try person.done("earmark meeting delete latest --yes")
        #expect(try person.done("earmark client list -m board").contains("ada@example.org"))
        try person.done("earmark audit verify && earmark store check")
    }
}
