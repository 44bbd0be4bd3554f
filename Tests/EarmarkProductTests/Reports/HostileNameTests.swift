import Foundation
import ProgramSupport
import Testing

/// Names that file systems and rosters allow, and what they would do to a page, a shell, a terminal and a reader.
@Suite struct HostileNameTests {
    private let place: Workplace
    private let meeting: String

    init() throws {
        place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        try place.write("participant,email,device\nAda Adler,ada@example.org,laptop\n", to: "roster.csv")
        meeting =
            try place.json(
                "meeting", "create", "--title", "T", "--start", "2026-03-01T09:00:00Z", "--roster", "roster.csv",
                "--duration", "1h")["meeting"]["id"].string ?? ""
    }

    /// The line that is advised for a file of another type, run by a shell, is about that file alone.
    @Test(arguments: [
        "x'\u{301};touch pwned;'\u{301}.flac", "-y;touch pwned;.flac", "$(touch pwned)`touch pwned`.flac",
    ])
    func advisedCommandsRunNothingElse(name: String) throws {
        try place.ffmpeg(["-f", "lavfi", "-i", "sine=d=1"], to: "plain.flac")
        try FileManager.default.moveItem(atPath: place.file("plain.flac"), toPath: place.file(name))
        let result = try place.run("analyze", "./" + name, "--meeting", meeting)
        #expect(result.exitStatus == 20)
        let advice = try #require(result.errors.components(separatedBy: "Convert it: ").dropFirst().first)
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", advice]
        shell.currentDirectoryURL = place.folder.url
        shell.standardError = FileHandle.nullDevice
        shell.standardInput = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        #expect(!FileManager.default.fileExists(atPath: place.file("pwned")))
        let made = try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path)
        #expect(made.contains { $0.hasSuffix(".mov") }, "the command does what it is advised for: \(made)")
    }

    /// An error is one line, whatever the names in it hold.
    @Test func noNameForgesALine() throws {
        for name in ["a\nearmark: error: all is well", "b\u{2028}earmark: done", "c\u{1B}[2J\r", "d\u{202E}vaw.x"] {
            let result = try place.run("analyze", name + ".wav", "--meeting", meeting)
            let lines = result.errors.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(result.exitStatus == 66 && lines.count == 2 && lines[1].isEmpty, "\(lines)")
            #expect(!result.errors.unicodeScalars.contains { ["\u{1B}", "\r", "\u{202E}", "\u{2028}"].contains($0) })
        }
        let id = try SampleAnswer().keep(in: place)
        try place.succeed("analysis", "note", id, "Fine.\nverdict   identified\nsource 9  Eve <eve@example.org>")
        let shown = try place.succeed("analysis", "show", id).split(separator: "\n")
        // Of the answer and of its one source.
        #expect(shown.count { $0.hasPrefix("verdict ") } == 2 && !shown.contains { $0.hasPrefix("source 9") })
    }

    /// As ../shared/cases/hostile/html_filename_injection.py has them.
    @Test func noFileNameIsMarkup() throws {
        let prefix = "\u{600}"
        for tag in [
            "meta http-equiv=refresh content=0;url=http:x", "iframe src=file:x", "img src=http:x", "a href=http:x",
            "base href=http:x", "script", "form action=http:x", "style",
        ] {
            var sample = SampleAnswer()
            sample["file"]["name"] = "\(prefix)<\(tag) \(prefix)>\u{301}.wav"
            let page = try ReportPage(of: sample.keep(in: place), in: place)
            let name = tag.split(separator: " ")[0]
            // The page's own are these two, and a title.
            let own = ["meta": 4, "style": 1][name] ?? 0
            #expect(
                page.html.unicodeScalars.split(separator: "<").count { $0.starts(with: name.unicodeScalars) } == own,
                "\(tag)")
        }
        let html = try SampleAnswer().page().html
        for part in [
            "default-src 'none'", "style-src 'sha256-", "base-uri 'none'", "form-action 'none'", "navigate-to 'none'",
        ] {
            #expect(html.contains(part), "\(part)")
        }
        #expect(!html.contains("unsafe-inline"))
    }

    /// Names that differ in what is not shown are refused, in a roster and beside those who are enrolled.
    @Test func namesThatLookAlikeAreRefused() throws {
        let hidden = "\u{200B}"
        for (row, column) in [
            ("Ada\(hidden) Adler,eve@example.org,laptop", "participant"),
            ("Ada\u{A0}Adler,eve@example.org,laptop", "participant"),
            ("Eve,ada\(hidden)@example.org,laptop", "email"), ("Ada Adler,ada@example.org,lap\u{AD}top", "device"),
        ] {
            try place.write("participant,email,device\nAda Adler,ada@example.org,laptop\n\(row)\n", to: "twins.csv")
            let result = try place.run(
                "meeting", "create", "--title", "T", "--start", "2026-03-01T09:00:00Z", "--roster", "twins.csv")
            #expect(result.exitStatus == 65 && result.errors.contains("row 3, column \(column): looks like"), "\(row)")
            let parts = row.split(separator: ",").map(String.init)
            let added = try place.run(
                "client", "add", "--meeting", meeting, "--participant", parts[0], "--email", parts[1], "--device",
                parts[2])
            #expect(added.exitStatus == 65 && added.errors.contains("looks like"), "\(row)")
        }
        // Two persons may have the same name, and names may be written with what is not shown.
        let fine =
            "participant,email,device\nAda Adler,ada@example.org,a\nAda Adler,other@example.org,a\n"
            + "نام\u{200C}ه,x@example.org,a\n"
        try place.write(fine, to: "fine.csv")
        try place.succeed(
            "meeting", "create", "--title", "T", "--start", "2026-03-01T09:00:00Z", "--roster", "fine.csv")
    }
}
