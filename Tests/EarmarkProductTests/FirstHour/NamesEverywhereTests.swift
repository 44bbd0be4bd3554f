import Foundation
import ProgramSupport
import Testing

/// docs/file-formats.md, "Names": every verb that takes a meeting, client, analysis or bundle takes its names.
@Suite struct NamesEverywhereTests {
    private let place: Workplace
    private let board: Board

    init() throws {
        board = try Board.shared()
        place = try board.workplace()
        try place.succeed("analyze", board.bela, "--meeting", "boa", "--effort", "fast")
    }

    /// Command lines that name things by beginnings, whatever case, and `latest`; whole names where those are needed.
    private static let lines = [
        "meeting show boa", "meeting edit BOARD --title Board", "meeting show latest", "client list -m boa",
        "client add -m boa --participant Zoe --email zoe@example.org --device x", "client join -m boa --client zo",
        "client leave -m boa --client ZOE@example.org", "client microphone off -m boa --client zoe/x",
        "client remove zoe -m board --yes", "ticket issue -m boa --client bel -o bela.ticket",
        "ticket issue -m latest --client cara@example.org/tab -o cara.ticket", "ticket list -m boa",
        "ticket revocations -m boa",
        "embed HOST marked.wav -m boa --client bel", "analyze BELA -m boa --effort fast",
        "batch BELA -m boa --out lines.ndjson --effort fast -q", "run plan BELA -m boa -o run.json",
        "bundle create -m boa -m latest -o case.bundle", "bundle verify case.bundle", "bundle revoke latest",
        "bundle revoke b_", "bundle revoke case.bundle", "report latest -o report.html", "report a_ -o report.json",
        "analysis show latest", "analysis show a_", "analysis note latest noted", "analysis list -m boa",
        "analysis export latest -m boa --format csv", "commitment create -m boa", "commitment show -m boa",
        "commitment verify -m boa", "evidence export latest --client bel -o case.earmark",
        "calibrate BELA -m boa --decoys 1000", "retention hold board --reason x", "retention release Board",
        "retention hold a_ --reason x", "retention release a_", "analysis delete latest --yes",
        "meeting delete board --yes",
    ]

    @Test func everyVerbTakesNames() throws {
        // Those of bundles would stand for what is deleted; keep one analysis of each kind that a beginning means.
        for line in Self.lines {
            let words = line.split(separator: " ").map { word in
                word == "HOST" ? board.host : word == "BELA" ? board.bela : String(word)
            }
            if line.hasPrefix("report a_") || line.hasSuffix("show a_") || line.contains("e a_")
                || line.contains("d a_")
            {
                try keepOneAnalysis()
            }
            let result = try place.run(words)
            #expect(result.exitStatus == 0, "\(line): \(result.errors)")
        }
        #expect(try place.json("meetings")["meetings"].array.isEmpty)
    }

    /// Deletes all analyses but the last one.
    private func keepOneAnalysis() throws {
        for analysis in try place.json("analyses")["analyses"].array.dropFirst() {
            try place.succeed("analysis", "delete", analysis["id"].string ?? "", "--yes")
        }
    }

    /// No verb that takes one of them is left out above, but for workers, who know no titles.
    @Test func noVerbIsLeftOut() throws {
        for verb in try Verbs().all where verb.path != ["work"] && verb.path.first != "provision" {
            for kind in ["meeting", "client", "analysis", "bundle", "subject"] where verb.takes(kind) {
                // Verbs with a default are called by its group.
                let shown = ["run", "make"].contains(verb.path.last) ? Array(verb.path.dropLast()) : verb.path
                let line = shown.joined(separator: " ") + " "
                #expect(Self.lines.contains { $0.hasPrefix(line) }, "\(line)takes a \(kind)")
            }
        }
    }

    /// The title of a meeting counts in the organisation that is named.
    @Test func namesAreThoseOfTheOrganisation() throws {
        try place.succeed("org", "add", "Other Ltd")
        try place.succeed("meeting", "create", "--title", "Board", "--start", "now", "--org", "Other")
        let refused = try place.run("batch", board.bela, "-m", "Board", "--out", "both.ndjson")
        #expect(refused.exitStatus == 65 && refused.errors.contains("several meetings"), "\(refused.errors)")
        try place.succeed("bundle", "create", "-m", "Board", "--org", "Example", "-o", "own.bundle")
        try place.succeed(
            "batch", board.bela, "-m", "Board", "--org", "Example", "--out", "own.ndjson", "--effort", "fast", "-q")
        #expect(try place.text(of: "own.ndjson").contains(board.meeting))
    }

    /// A worker knows identifiers alone, whole or by their beginning, and says which ones there are.
    @Test func workersTakeBeginningsOfIdentifiers() throws {
        try place.succeed("meeting", "create", "--title", "Second", "--start", "now")
        try place.succeed("bundle", "create", "-m", "Board", "-m", "Second", "-o", "two.bundle")
        let work = ["work", board.bela, "--bundle", "two.bundle", "--key", "two.bundle.key", "--effort", "fast"]
        let second = try place.json("meeting", "show", "second")["meeting"]["id"].string ?? ""
        let beginnings = (3...18).map { String(board.meeting.prefix($0)) }
        let own = try #require(beginnings.first { !second.hasPrefix($0) })
        let line = try JSON(text: try place.succeed(work + ["-m", own.uppercased()]))
        #expect(line["meeting"].string ?? line["request"]["meeting"].string == board.meeting, "\(line)")
        for (name, words) in [("Board", "knows no titles"), ("m_", "one meeting alone")] {
            let refused = try place.run(work + ["-m", name])
            #expect(refused.exitStatus == 65 && refused.errors.contains(words), "\(refused.errors)")
            #expect(refused.errors.contains(board.meeting) && refused.errors.contains(second))
        }
        // A plan holds what the store makes of a title; where there is no store, that is said.
        try place.succeed("run", "plan", board.bela, "-m", "boa", "-o", "run.json")
        #expect(try place.text(of: "run.json").contains(board.meeting))
        let alone = try Workplace()
        let refused = try alone.run(
            ["run", "plan", board.bela, "-m", "Board", "-o", "run.json"],
            environment: ["EARMARK_STORE": "", "HOME": alone.folder.url.path])
        #expect(refused.exitStatus == 65 && refused.errors.contains("plan where the store is"), "\(refused.errors)")
    }
}
