import Foundation
import ProgramSupport
import Testing

/// Names come from rosters and files of others: nothing of them is markup in a report, or steers a terminal.
@Suite struct ReportEscapeTests {
    private static let markup = "<b>&\"'\u{1B}[31m"
    private static let escaped = "&lt;b&gt;&amp;&quot;&#39;\u{FFFD}[31m"

    /// Words that decide what is shown, and so stay as they are.
    private static let kept = ["verdict", "identified", "trace"]

    /// `value` with markup behind each text, preceded by where it stands.
    private static func planted(_ value: Any, _ place: String) -> Any {
        if let object = value as? [String: Any] {
            return Dictionary(uniqueKeysWithValues: object.map { ($0, planted($1, "\(place)-\($0)")) })
        }
        if let array = value as? [Any] {
            return array.enumerated().map { planted($0.element, "\(place)-\($0.offset)") }
        }
        guard value is String, !place.hasSuffix("-verdict") else { return value }
        return place + markup
    }

    private static func hostile(_ verdict: String = "identified") -> SampleAnswer {
        var sample = verdict == "identified" ? SampleAnswer.ofTwo() : SampleAnswer.ofNobody(verdict)
        sample.answer["verdict"] = verdict
        sample.answer["name"] = "n"
        sample.answer["note"] = "n"
        sample.answer["warnings"] = ["w"]
        sample.answer["unmarkable"] = [
            ["client": "c", "participant": "p", "email": "e", "device": "d", "kind": "web"]
        ]
        let excluded = ["client": "c", "participant": "p", "email": "e", "device": "d"]
        sample.answer["reference"] = [
            "name": "r", "sha256": "f", "seconds": 5, "coverage": 0.5, "excluded": [excluded],
        ]
        sample.answer["sources"] = (sample.answer["sources"] as? [[String: Any]])?.map {
            $0.merging(["reason": "r"]) { $1 }
        }
        sample.answer = planted(sample.answer, "a") as? [String: Any] ?? [:]
        sample.evidence = planted(sample.evidence ?? [:], "e") as? [String: Any]
        return sample
    }

    @Test func nothingFromOutsideIsMarkup() throws {
        let html = try Self.hostile().page().html
        for forbidden in ["<b>", "&\"", "\u{1B}"] { #expect(!html.contains(forbidden), "\(forbidden)") }
        let source = ["participant", "email", "device", "kind", "client", "reason", "heard-0-playedAt"]
        let shown =
            source.map { "a-sources-0-\($0)" } + source.map { "a-sources-1-\($0)" }
            + ["a-unmarkable-0-kind"]
            + ["name", "sha256", "container", "tracks-0-codec", "tracks-1-codec"].map { "a-file-\($0)" }
            + ["title", "id", "start"].map { "a-meeting-\($0)" }
            + ["a-reference-name"]
            + ["a-tested-effort", "a-warnings-0", "a-statements-0", "a-statements-1", "a-name", "a-note"]
            + ["a-toolVersion", "e-organisation"]
            + ["executableSHA256", "system", "architecture"].map { "e-build-\($0)" }
        for place in shown {
            // People's times have no T and Z; these stand for a time here.
            #expect(html.contains(place + Self.escaped), "\(place)")
        }
    }

    /// Each place by itself: in the headline, the propositions, the plots, the title and the table.
    @Test func everyMentionOfANameIsEscaped() throws {
        let html = try Self.hostile().page().html
        for place in ["a-sources-0-participant", "a-sources-0-device", "a-meeting-title", "a-toolVersion"] {
            let mentions = html.components(separatedBy: place).dropFirst()
            #expect(mentions.count >= 2, "\(place)")
            for mention in mentions { #expect(mention.hasPrefix(Self.escaped), "\(place)") }
        }
    }

    @Test(arguments: ["trace", "inconclusive", "not-found"])
    func headlinesOfOtherVerdictsAreEscaped(verdict: String) throws {
        let page = try Self.hostile(verdict).page()
        #expect(!page.html.contains("<b>") && page.verdict[1].contains("a-meeting-title<b>&\"'"))
    }

    /// A sign that an accent joins is a sign to a browser, though another character to people.
    @Test func accentsHideNoMarkup() throws {
        var sample = SampleAnswer()
        sample.answer["name"] = "<\u{338}b>\u{338}\"\u{301}&\u{301}'\u{301}"
        let html = try sample.page().html
        let escaped = "&lt;\u{338}b&gt;\u{338}&quot;\u{301}&amp;\u{301}&#39;\u{301}"
        #expect(Data(html.utf8).range(of: Data(escaped.utf8)) != nil)
    }

    @Test func terminalsAreNotSteered() throws {
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        let id = try Self.hostile().keep(in: place)
        for arguments in [["analysis", "show", id], ["analysis", "list"], ["analysis", "note", id, "x"]] {
            let text = try place.succeed(arguments)
            #expect(!text.contains("\u{1B}"), "\(arguments)")
            #expect(text.contains("<b>&\"'\u{FFFD}[31m"), "\(arguments)")
        }
        // A file's name that the log keeps is shown, too.
        try place.succeed("report", id, "-o", "x\u{1B}[31m.html")
        let log = try place.succeed("audit", "list")
        #expect(!log.contains("\u{1B}") && log.contains("x\u{FFFD}[31m.html"))
        let failure = try place.run("report", id, "-o", "x\u{1B}[31m.html")
        #expect(failure.exitStatus == 73)
        #expect(!failure.errors.contains("\u{1B}") && failure.errors.contains("x\u{FFFD}[31m.html"))
    }

    /// A line feed or tab in a cell would make a row that nobody wrote.
    @Test func cellsOfTablesStayInTheirRow() throws {
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        var sample = SampleAnswer()
        sample.answer["name"] = "one\ntwo\tthree"
        try sample.keep(in: place)
        let text = try place.succeed("analysis", "list")
        #expect(text.split(separator: "\n").count == 2 && text.contains("one two three"))
    }
}
