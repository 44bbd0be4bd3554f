import Foundation
import Testing

/// `earmark analysis show`: the stored answer for people at a terminal, with every figure that the JSON has.
@Suite struct StoredTextTests {
    private static let two = Result { try text(SampleAnswer.ofTwo()) }

    private static func text(_ sample: SampleAnswer) throws -> String {
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        return try place.succeed("analysis", "show", sample.keep(in: place))
    }

    /// Cells of the line that begins with `name`, in the block that begins with `block`.
    private func value(_ name: String, _ text: String, block: String? = nil) -> String? {
        let start = block.flatMap { text.range(of: $0) }?.lowerBound ?? text.startIndex
        let line = text[start...].split(separator: "\n").first { $0.hasPrefix(name + "  ") }
        return line.map { $0.dropFirst(name.count).trimmingCharacters(in: [" "]) }
    }

    private func cells(_ line: Substring) -> [String] {
        line.components(separatedBy: "  ").map { $0.trimmingCharacters(in: [" "]) }.filter { !$0.isEmpty }
    }

    @Test func sourcesHaveTheirFigures() throws {
        let text = try Self.two.get()
        let first = [
            ("source 1", "Ada Abbott <ada@example.org>, laptop (desktop)"), ("client", "c_aaaaaaaaaaaaaaaa"),
            ("verdict", "identified"), ("evidence", "by chance at most 10^-23.4; the method's limit is 10^-9"),
            ("strength", "-1.3 dB relative to the meeting's pilot"), ("level", "+0.8 dB relative to a fresh mark"),
            ("heard for", "0:01:40"),
        ]
        for (name, value) in first { #expect(self.value(name, text, block: "source 1") == value, "\(name)") }
        let second = [
            ("source 2", "Bela Berger <bela@example.org>, 13 inch (mobile)"), ("client", "c_bbbbbbbbbbbbbbbb"),
            ("speed and pitch", "105.3 % of the speed, 94.9 % of the pitch"), ("heard for", "1:02:05"),
        ]
        for (name, value) in second { #expect(self.value(name, text, block: "source 2") == value, "\(name)") }
        // The unmoved source says nothing of speed, the other nothing of a strength that was not measured.
        #expect(text.components(separatedBy: "speed and pitch").count == 2)
        #expect(text.components(separatedBy: "\nstrength").count == 2)
    }

    /// A bound of 10^-9.87 is printed as one that holds.
    @Test func boundsArePrintedNoStrongerThanProven() throws {
        let text = try Self.two.get()
        let bound = value("evidence", text, block: "source 2")?.components(separatedBy: ";").first?
            .components(separatedBy: "10^").last
        let exponent = try #require(bound.flatMap { Double($0) })
        #expect(exponent >= -9.87 && exponent < -9.75)
    }

    @Test func stretchesHaveTheirTimes() throws {
        let lines = try Self.two.get().split(separator: "\n")
        let rows = lines.filter { $0.contains(" s ") && $0.contains("Z ") }.map { cells($0).prefix(5) }
        #expect(
            rows == [
                ["0:00:03", "0:01:44", "1:00:05", "2026-03-01T10:00:05Z", "0.013 s"],
                ["0:00:00", "0:00:59", "-0:01:01", "2026-03-01T08:58:58Z", "0.250 s"],
                ["1:00:00", "2:01:05", "10:00:00", "2026-03-01T19:00:00Z", "1.500 s"],
            ])
        let evidence = lines.filter { $0.contains(" s ") && $0.contains("Z ") }.compactMap { cells($0).last }
        #expect(evidence.prefix(2) == ["11.4", "5.0"])
        #expect(lines.contains { cells($0) == ["FROM", "TO", "MEETING TIME", "PLAYED AT", "UNCERTAINTY", "Z"] })
    }

    @Test func theHeadSaysWhatWasExaminedAndPaid() throws {
        let text = try Self.two.get()
        let block = "verdict  "
        let rows = [
            ("verdict", "identified"), ("file", "leak.mp4"), ("content", "mp4, 2:03:04, 1234567 bytes"),
            ("meeting", "Quarter (m_aaaaaaaaaaaaaaaa), 2026-03-01T09:00:00Z"),
            (
                "searched",
                "543 candidates x 21 hypotheses, 128 further times, 4096 placements, bound 10^-9, "
                    + "z of 7.6 to 8.0 needed"
            ),
        ]
        for (name, value) in rows { #expect(self.value(name, text, block: block) == value, "\(name)") }
        let mark = value("meeting's mark", text, block: block)
        #expect(
            mark?.hasSuffix(", -2.3 dB relative to a fresh mark") == true && mark?.hasPrefix("present (10^-40)") == true
        )
    }

    /// json-schema.md, `triage`: where nothing but stretches was read, each verdict says so, and how long a mark was
    /// heard is of what was read.
    @Test func aFirstAnswerSaysSoBesideEachVerdict() throws {
        var sample = SampleAnswer()
        sample.answer["triage"] = [
            "isAnswer": true, "seconds": 180,
            "stretches": [["track": 0, "from": 0, "to": 90], ["track": 0, "from": 3_000, "to": 3_090]],
        ]
        let text = try Self.text(sample)
        #expect(value("result", text) == "identified (first answer)")
        for block in ["verdict  ", "source 1"] {
            #expect(value("verdict", text, block: block) == "identified (first answer)", "\(block)")
        }
        #expect(value("heard for", text) == "0:01:40 of the 0:03:00 that were read, of 2:03:04 in all")
    }

    @Test func searchesWarningsAndHintsAreTold() throws {
        var sample = SampleAnswer.ofNobody("not-found")
        sample.answer["meeting"] = nil
        sample.answer["search"] = ["meetings": 37, "withoutShares": 2, "withoutKey": 3]
        sample.answer["warnings"] = ["Odd."]
        sample.answer["hint"] = "Try another."
        sample["pilot"]["isPresent"] = false
        sample.answer["unmarkable"] = [
            ["client": "c", "participant": "Dario", "email": "e", "device": "browser", "kind": "web"],
            ["client": "c", "participant": "Elif", "email": "e", "device": "home", "kind": "telephone"],
        ]
        let text = try Self.text(sample)
        let head = "verdict  "
        #expect(value("meeting", text, block: head) == "none of those that were searched")
        #expect(value("searched", text, block: head)?.hasPrefix("37 meetings with 543 candidates x 21") == true)
        #expect(
            value("left out", text, block: head)
                == "2 meetings with split keys (name the shares with --share), 3 meetings whose keys are gone")
        #expect(value("meeting's mark", text, block: head) == "not proven")
        #expect(text.contains("may have recorded unseen: 2 (telephone, web)."))
        #expect(text.contains("Warning: Odd.") && text.contains("Hint: Try another."))
        #expect(text.contains("The answer names an endpoint.\nNo voice is marked."))
    }

    @Test func aTraceSaysWhy() throws {
        var sample = SampleAnswer()
        let echo: [String: Any] = ["verdict": "trace", "reason": "As weak as an echo."]
        sample.answer["verdict"] = "trace"
        sample.answer["sources"] = [SampleAnswer.ada.merging(echo) { $1 }]
        let text = try Self.text(sample)
        #expect(value("verdict", text, block: "source 1") == "trace" && text.contains("\n\nAs weak as an echo.\n\n"))
        #expect(!text.contains("Warning:") && !text.contains("Hint:") && !text.contains("recorded unseen"))
        // Nobody is named for a trace who was not asked for.
        #expect(!text.contains("Ada Abbott") && !text.contains("ada@example.org") && !text.contains("laptop"))
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        let named = try place.succeed("analysis", "show", sample.keep(in: place), "--name-traces")
        #expect(value("source 1", named) == "Ada Abbott <ada@example.org>, laptop (desktop)")
    }
}
