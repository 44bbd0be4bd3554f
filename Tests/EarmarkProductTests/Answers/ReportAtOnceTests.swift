import Foundation
import ProgramSupport
import Testing

/// `analyze --report` and its kin: no answer is lost for a file that cannot be written, and lines that are to be pasted
/// do what they say.
@Suite struct ReportAtOnceTests {
    private let board: Board
    private let place: Workplace

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
    }

    private var analysis: [String] { ["analyze", board.bela, "--meeting", board.meeting, "--effort", "fast"] }

    /// A folder that is not there is told before anything is analysed.
    @Test func whereNothingCanBeWrittenNothingIsBegun() throws {
        try place.write("", to: "file")
        for (path, words) in [
            ("no/leak.html", "there is no folder 'no'; make it: mkdir -p no"), ("file/leak.html", "cannot create"),
        ] {
            let report = try place.run(analysis + ["--report", path])
            #expect(report.exitStatus == 74 && report.text.isEmpty && report.errors.contains(words), "\(report)")
        }
        let metrics = try place.run(
            "batch", board.bela, "--meeting", board.meeting, "--out", "r.ndjson", "--metrics", "no/m.prom")
        #expect(metrics.exitStatus == 74 && metrics.errors.contains("mkdir -p no"), "\(metrics)")
        #expect(!FileManager.default.fileExists(atPath: place.file("r.ndjson")))
        #expect(try place.json("analysis", "list")["analyses"].array.isEmpty)
    }

    /// The answer is told before its report is made, and a report that fails says what makes it all the same.
    @Test func aReportThatFailsTakesNothingOfTheAnswer() throws {
        try FileManager.default.createDirectory(atPath: place.file("bin"), withIntermediateDirectories: true)
        let printer = try place.write("#!/bin/sh\necho no room >&2\nexit 3\n", to: "bin/chromium")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: printer)
        let failed = try place.run(
            analysis + ["--report", "leak.pdf", "--store", "store.db"], environment: ["PATH": place.file("bin")])
        let id = try #require(try place.json("analysis", "list")["analyses"][0]["id"].string)
        #expect(failed.exitStatus == 74 && failed.text.contains("\nStored as \(id) on "), "\(failed)")
        #expect(!failed.text.contains("Report written") && !failed.text.contains("Next: "))
        let line = "earmark report \(id) -o report.html --store store.db"
        #expect(failed.errors.contains("no room") && failed.errors.hasSuffix(": \(line)\n"), "\(failed.errors)")
        try place.succeed(line.split(separator: " ").dropFirst().map(String.init))
    }

    /// What is to be pasted names the store and organisation that were named.
    @Test func pastedLinesNameTheStore() throws {
        let places = ["--store", "./store.db", "--org", Board.organisation]
        let answer = try place.succeed(analysis + places)
        let line = try #require(answer.split(separator: "\n").last { $0.hasPrefix("Next: ") })
        #expect(line.hasPrefix("Next: earmark report a_") && line.hasSuffix(" -o report.html --store ./store.db"))
        let folder = try place.run(["analyze", ".", "--meeting", board.meeting] + places)
        #expect(
            folder.errors.hasSuffix(
                "earmark batch . --meeting \(board.meeting) --out results.ndjson --store ./store.db "
                    + "--org 'Example Ltd'\n"), "\(folder.errors)")
    }
}
