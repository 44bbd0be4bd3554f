import Foundation
import Testing

/// docs/report.md, "What it says": what was searched, who carries no mark, the file, the program, what is not shown.
@Suite struct ReportSectionTests {
    private static let searched = "What was searched and paid for"
    private static let unmarked = "Endpoints that carry no mark"
    private static let recording = "The recording"
    private static let tool = "Tool and parameters"
    private static let plain = Result { try SampleAnswer().page() }

    private func value(_ name: String, _ title: String, _ change: (inout SampleAnswer) -> Void) throws -> String? {
        var sample = SampleAnswer()
        change(&sample)
        return try sample.page().value(name, in: title)
    }

    @Test func whatWasSearchedIsTold() throws {
        let page = try Self.plain.get()
        let rows = [
            ("Endpoints tried", "543"), ("Alignments for each", "21"), ("Further times for each", "128"),
            ("Placements for each, without the shared mark", "4096"), ("Effort", "exhaustive"),
            (
                "Evidence needed",
                "7.6 to 8.0 standard deviations, less the earlier an alignment stands in the order of the search"
            ),
            ("Meeting’s shared mark", "present (chance at most 10^−40), −2.3 dB relative to a fresh mark"),
        ]
        for (name, value) in rows { #expect(page.value(name, in: Self.searched) == value, "\(name)") }
        let limit = page.value("Limit to be met", in: Self.searched)
        #expect(limit?.hasPrefix("10^−9, decided by the organisation beforehand: in force since the org") == true)
        for absent in ["Reference", "Not judged", "Meetings searched", "Meetings left out"] {
            #expect(page.value(absent, in: Self.searched) == nil, "\(absent)")
        }
    }

    @Test func whatWasNotTriedIsNotTold() throws {
        var sample = SampleAnswer()
        for name in ["times", "placements", "mostRequiredZ"] { sample["tested"][name] = nil }
        sample["pilot"]["isPresent"] = false
        let page = try sample.page()
        #expect(page.value("Further times for each", in: Self.searched) == nil)
        #expect(page.value("Placements for each, without the shared mark", in: Self.searched) == nil)
        #expect(page.value("Evidence needed", in: Self.searched) == "7.6 standard deviations")
        #expect(page.value("Evidence", in: "The endpoint") == "11.4 standard deviations; 7.6 are needed")
        #expect(page.value("Meeting’s shared mark", in: Self.searched) == "not proven")
    }

    @Test func searchesTellTheirMeetingsAndThoseLeftOut() throws {
        var sample = SampleAnswer()
        sample.answer["search"] = ["meetings": 37, "withoutShares": 2, "withoutKey": 3]
        let page = try sample.page()
        #expect(page.value("Meetings searched", in: Self.searched) == "37")
        #expect(
            page.value("Meetings left out", in: Self.searched)
                == "2 meetings with split keys (name the shares with --share), 3 meetings whose keys are gone")
        let none = try value("Meetings left out", Self.searched) {
            $0.answer["search"] = ["meetings": 37, "withoutShares": 0, "withoutKey": 0]
        }
        #expect(none == nil)
    }

    @Test func aCleanCopyIsTold() throws {
        let excluded = ["client": "c_x", "participant": "Cara", "email": "cara@example.org", "device": "tablet"]
        for isJudged in [true, false] {
            var sample = SampleAnswer()
            sample.answer["reference"] = [
                "name": "minutes.wav", "sha256": "ff", "seconds": 50, "coverage": 0.876,
                "excluded": isJudged ? [] : [excluded],
            ]
            let page = try sample.page()
            let copy = "minutes.wav, in which 88 % of the recording was found, SHA-256 ff"
            #expect(page.value("Reference", in: Self.searched) == copy)
            let judged = "1 endpoint whose mark the reference carries itself"
            #expect(page.value("Not judged", in: Self.searched) == (isJudged ? nil : judged))
        }
    }

    @Test func endpointsWithoutAMarkHaveTheirSection() throws {
        var sample = SampleAnswer()
        sample.answer["unmarkable"] = ["telephone", "web"].map {
            ["client": "c_x", "participant": "P \($0)", "email": "p@example.org", "device": "D \($0)", "kind": $0]
        }
        let page = try sample.page()
        // How many of which kind; nobody is named.
        #expect(page.section(Self.unmarked).contains("may have recorded without leaving a trace: 2 (telephone, web)."))
        #expect(!page.html.contains("P telephone") && !page.html.contains("D web"))
        #expect(try !Self.plain.get().titles.contains(Self.unmarked))
    }

    @Test func theFileIsTold() throws {
        let page = try Self.plain.get()
        let rows = [
            ("File", "leak.mp4"), ("SHA-256", String(repeating: "a", count: 64)), ("Size", "1234567 bytes"),
            ("Type", "mp4"),
            ("Audio", "aac, 44100 Hz, 2 channels; opus, 48000 Hz, 1 channel, 2:03:04 long"), ("Damage", "none found"),
            ("Compared with meeting", "Quarter, 2026-03-01 09:00:00 UTC, m_aaaaaaaaaaaaaaaa"),
        ]
        for (name, value) in rows { #expect(page.value(name, in: Self.recording) == value, "\(name)") }
        #expect(page.value("Remarks", in: Self.recording) == nil)
        let remarks = try value("Remarks", Self.recording) { $0.answer["warnings"] = ["First.", "Second."] }
        #expect(remarks == "First.Second.")
    }

    @Test(arguments: [
        (3, false, "3 packets do not decode"), (0, true, "0 packets do not decode; the file ends early"),
        (1, true, "1 packets do not decode; the file ends early"),
    ]) func damageIsTold(packets: Int, isTruncated: Bool, text: String) throws {
        let damage = try value("Damage", Self.recording) {
            $0["file"]["corruptPackets"] = packets
            $0["file"]["isTruncated"] = isTruncated
        }
        #expect(damage == text)
    }

    @Test func theProgramAndItsParametersAreTold() throws {
        let page = try Self.plain.get()
        let rows = [
            ("Program", "earmark 7.8.9"), ("Executable SHA-256", String(repeating: "c", count: 64)),
            ("System", "System 5, riscv64"), ("Shortest recording", "more than 100 s"),
            ("Largest file", "500000000 bytes"),
        ]
        for (name, value) in rows { #expect(page.value(name, in: Self.tool) == value, "\(name)") }
        let any = try value("Shortest recording", Self.tool) {
            $0.evidence?["parameters"] = [
                "minimumSeconds": 100, "maximumBytes": 1, "allowShort": true, "effort": "fast", "retentionDays": 1,
            ]
        }
        #expect(any == "any")
    }

    @Test func theHeadSaysWhatAndWhen() throws {
        var sample = SampleAnswer()
        sample.answer["name"] = "Case 12"
        sample.answer["note"] = "Found on a site"
        let place = try Workplace()
        try place.succeed("init", "--org", "Other Ltd")
        let id = try sample.keep(in: place)
        let page = try ReportPage(of: id, in: place)
        let head = ReportPage.between("<body>", "<div", page.html).map(ReportPage.plain).joined()
        // What whoever ran the analysis wrote is not the report's own words.
        #expect(!head.contains("Case 12") && !head.contains("Found on a site"))
        let theirs = "(words of whoever ran the analysis, not of this examination)"
        #expect(page.value("Name given to it", in: "For the record") == "“Case 12” \(theirs)")
        #expect(page.value("Note on it", in: "For the record") == "“Found on a site” \(theirs)")
        // The organisation as it was when the file was analysed.
        #expect(head.contains("Example Ltd") && head.contains("Confidential"))
        #expect(head.contains("Report \(id), examined 2026-03-01 12:34:56 UTC"))
        let foot = ReportPage.between("<footer>", "</footer>", page.html).map(ReportPage.plain).joined()
        #expect(foot.contains(id) && foot.contains("earmark report verify FILE"))
        #expect(page.html.contains("<title>Earmark report \(id)</title>"))
        #expect(
            try ReportPage.between("<header>", "<div", Self.plain.get().html)[0].contains("subtitle\"></p") == false)
    }

    @Test func whatIsNotShownIsSaid() throws {
        let items = try Self.plain.get().items(in: "What this report does not show")
        #expect(items.prefix(2) == ["The answer names an endpoint.", "No voice is marked."])
        #expect(items.contains { $0.hasPrefix("An endpoint is a session of a device in one meeting.") })
        #expect(items.contains { $0.contains("keys can make any endpoint’s mark") })
    }

    /// A stored answer of before has scores of those who are not named; no output has them.
    @Test func ofThoseWhoAreNotNamedNothingIsTold() throws {
        var sample = SampleAnswer()
        sample.answer["candidates"] = [
            [
                "client": "c_cccccccccccccccc", "participant": "Cara Costa", "email": "cara@example.org",
                "device": "tablet", "log10FalseAccusation": -1.31, "z": 4.567,
            ]
        ]
        sample.evidence?["scores"] = [4.567, 11.37]
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        let id = try sample.keep(in: place)
        for form in ["html", "json"] { try place.succeed("report", id, "-o", "r.\(form)") }
        var texts = try ["r.html", "r.json"].map(place.text)
        texts.append(try place.succeed("analysis", "show", id))
        texts.append(try place.succeed("analysis", "show", id, "--json"))
        for form in ["csv", "json"] { texts.append(try place.succeed("analysis", "export", "--format", form, id)) }
        for text in texts { #expect(!text.contains("Cara") && !text.contains("cara@") && !text.contains("4.567")) }
    }

    @Test func sectionsStandInTheirOrder() throws {
        #expect(
            try Self.plain.get().titles == [
                "The endpoint", "What is weighed, and what the limit means", "How far from chance",
                "Evidence along the recording", Self.searched, "All stored analyses of this file and of this meeting",
                Self.recording, "What this report does not show", "For the record", Self.tool,
            ])
    }
}
