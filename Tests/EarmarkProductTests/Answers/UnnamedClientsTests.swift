import Foundation
import ProgramSupport
import Testing

/// docs/statistics.md, section 11: no output depends on the seeds of clients who are not named.
@Suite struct UnnamedClientsTests {
    /// Two stores that hold the same meeting, and whose last two clients, of the same names, have other seeds.
    private struct Twins {
        let board: Board
        let places: [Workplace]
        /// Bela's recording with a mark of the first store's Xenia, far above chance and far below the bound of 1e-70.
        let file: String

        init() throws {
            board = try Board.shared()
            places = [try board.workplace(), try board.workplace()]
            for place in places {
                try place.succeed("settings", "set", "threshold", "1e-70")
                for name in ["Xenia", "Yann"] {
                    try place.succeed(
                        "client", "add", "--meeting", board.meeting, "--participant", name, "--email",
                        "\(name.lowercased())@example.org", "--device", "laptop")
                }
            }
            // In both, as reports count what was marked.
            for place in places {
                try place.succeed(
                    "embed", board.host, "xenia.wav", "--meeting", board.meeting, "--client", "xenia@example.org",
                    "--at", "\(Board.start)")
            }
            let (host, bela) = (try Mixes.samples(board.host), try Mixes.samples(board.bela))
            let xenia = try Mixes.samples(places[0].file("xenia.wav"))
            let mixed = host.indices.map { host[$0] + (bela[$0] - host[$0]) + 0.12 * (xenia[$0] - host[$0]) }
            for place in places {
                try Media.wav([mixed], rate: 16_000).write(to: URL(fileURLWithPath: place.file("leak.wav")))
            }
            file = "leak.wav"
        }

        /// What both stores say to a command, but for identifiers and times of their own.
        func outputs(_ arguments: String...) throws -> [String] {
            try places.map { Twins.settled(try $0.succeed(arguments)) }
        }

        static func settled(_ text: String) -> String {
            text.replacing(/a_[a-z2-7]{16}/, with: "a_0")
                // The style sheet has the analysis's identifier at the foot of each page.
                .replacing(/sha256-[A-Za-z0-9+\/=]+/, with: "HASH")
                // Each store signs with a key of its own.
                .replacing(/(Signed for key, SHA-256<\/dt><dd><code>)[0-9a-f]{64}/) { "\($0.1)KEY" }
                .replacing(/20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z| UTC)/, with: "TIME")
        }
    }

    @Test func otherSeedsOfTheUnnamedLeaveEveryByteAsItIs() throws {
        let twins = try Twins()
        let json = try twins.outputs("analyze", twins.file, "--json", "--meeting", twins.board.meeting)
        #expect(try JSON(text: json[0])["analyses"][0]["sources"].emails == ["bela@example.org"])
        #expect(json[0] == json[1] && !json[0].contains("xenia"))
        let text = try twins.outputs("analyze", twins.file, "--meeting", twins.board.meeting)
        #expect(text[0] == text[1])
        let ids = try twins.places.map { place in
            try place.json("analysis", "list")["analyses"].array.last?["id"].string ?? ""
        }
        for form in ["html", "json"] {
            for (place, id) in zip(twins.places, ids) { try place.succeed("report", id, "-o", "r.\(form)") }
            let reports = try twins.places.map { Twins.settled(try $0.text(of: "r.\(form)")) }
            let lines = reports.map { $0.split(separator: "\n") }
            for (one, other) in zip(lines[0], lines[1]) { #expect(one == other) }
            #expect(lines[0].count == lines[1].count && reports[0].contains("decoys"))
            #expect(!reports[0].contains("enia"))
        }
    }
}
