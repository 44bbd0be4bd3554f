import Foundation
import Testing

/// docs/report.md, "What it says": each endpoint that is named, with all that is known of it.
@Suite struct ReportSourceTests {
    private static let two = Result { try SampleAnswer.ofTwo().page() }
    private static let needed = "7.6 to 8.0"

    @Test func aLoneSourceHasAllItsRows() throws {
        let page = try SampleAnswer().page()
        let rows = [
            ("Participant", "Ada Abbott <ada@example.org>"), ("Device", "laptop (desktop)"),
            ("Client", "c_aaaaaaaaaaaaaaaa"), ("Conclusion", "identified"),
            (
                "Strength of evidence",
                "10^−23 at most by chance, over everybody and everything that was tried; the limit is 10^−9"
            ),
            ("Evidence", "11.4 standard deviations; \(Self.needed) are needed"),
            ("Strength", "−1.3 dB relative to the meeting’s shared mark; 0 is a full mark"),
            (
                "Level",
                "0.8 dB relative to a fresh mark in audio of this quality (of which itself up to 4 dB more are read), "
                    + "at least −1.9 dB"
            ),
            ("Heard for", "0:01:40 of 2:03:04"), ("Speed and pitch", "unchanged"),
        ]
        for (name, value) in rows { #expect(page.value(name, in: "The endpoint") == value, "\(name)") }
        #expect(page.value("Why a trace", in: "The endpoint") == nil)
        let stretch = [
            "0:00:03 – 0:01:44", "1:00:05 – 1:01:45", "2026-03-01 10:00:05 UTC", "± 0.013 s", "11.4",
        ]
        #expect(page.rows(in: "The endpoint") == [stretch])
    }

    @Test func eachOfSeveralHasASectionOfItsOwn() throws {
        let page = try Self.two.get()
        #expect(page.titles.prefix(2) == ["Source 1", "Source 2"])
        #expect(page.value("Participant", in: "Source 1") == "Ada Abbott <ada@example.org>")
        #expect(page.value("Participant", in: "Source 2") == "Bela Berger <bela@example.org>")
        #expect(page.value("Device", in: "Source 2") == "13 inch (mobile)")
        #expect(page.value("Evidence", in: "Source 2") == "8.9 standard deviations; \(Self.needed) are needed")
        #expect(page.value("Strength of evidence", in: "Source 1")?.hasPrefix("10^−23 at most") == true)
        #expect(page.value("Heard for", in: "Source 2") == "1:02:05 of 2:03:04")
        // Meeting seconds in a second of the recording, and the factor on its frequencies: json-schema.md.
        #expect(page.value("Speed and pitch", in: "Source 2") == "105.3 % and 94.9 %, undone")
        for absent in ["Strength", "Level"] { #expect(page.value(absent, in: "Source 2") == nil) }
    }

    /// A bound of 1e-9.87 is none of 1e-10: a limit is rounded up, or it would be none.
    @Test func limitsAreRoundedToTheirWeakerSide() throws {
        #expect(try Self.two.get().value("Strength of evidence", in: "Source 2")?.hasPrefix("10^−9 at") == true)
        for (exponent, text) in [(-9.0, "10^−9"), (-9.01, "10^−9"), (-8.99, "10^−8")] {
            var sample = SampleAnswer()
            sample.answer["sources"] = [SampleAnswer.ada.merging(["log10FalseAccusation": exponent]) { $1 }]
            let limit = try sample.page().value("Strength of evidence", in: "The endpoint")
            #expect(limit?.hasPrefix(text + " at most") == true, "\(exponent)")
        }
    }

    @Test func stretchesAreThoseOfTheRecordingAndOfTheMeeting() throws {
        let early = ["0:00:00 – 0:00:59", "−0:01:01 – 0:00:01", "2026-03-01 08:58:58 UTC", "± 0.250 s", "5.0"]
        let late = ["1:00:00 – 2:01:05", "10:00:00 – 11:04:18", "2026-03-01 19:00:00 UTC", "± 1.500 s", "0.0"]
        #expect(try Self.two.get().rows(in: "Source 2") == [early, late])
    }

    @Test(arguments: [24, 25]) func longListsOfStretchesSayHowManyAreLeftOut(count: Int) throws {
        var source = SampleAnswer.ada
        let stretch = (source["heard"] as? [[String: Any]])?.first ?? [:]
        source["heard"] = (0..<count).map { stretch.merging(["from": $0, "to": $0 + 1]) { $1 } }
        var sample = SampleAnswer()
        sample.answer["sources"] = [source]
        let page = try sample.page()
        #expect(page.rows(in: "The endpoint").count == 24)
        #expect(page.rows(in: "The endpoint").last?.first == "0:00:23 – 0:00:24")
        #expect(page.text.contains("1 further stretch is in the JSON") == (count == 25))
    }

    @Test func aTraceSaysThatItAccusesNobody() throws {
        var sample = SampleAnswer()
        let echo: [String: Any] = ["verdict": "trace", "reason": "As weak as an echo."]
        sample.answer["verdict"] = "trace"
        sample.answer["sources"] = [SampleAnswer.ada.merging(echo) { $1 }]
        let page = try sample.page()
        #expect(page.value("Conclusion", in: "The endpoint") == "trace: possibly through an open microphone")
        #expect(page.value("Why a trace", in: "The endpoint") == "As weak as an echo.")
        #expect(page.verdict[0] == "Trace only: nobody is named")
        #expect(page.verdict[1].contains("“Quarter”") && page.verdict[1].contains("does not show who recorded"))
        #expect(page.verdict[2] == "No accusation can rest on this report.")
        // Nobody is named who is not identified, unless that is asked for.
        #expect(!page.html.contains("Ada") && !page.html.contains("ada@") && !page.html.contains("c_aaaaaaaaaaaaaaaa"))
        #expect(page.value("Participant", in: "The endpoint") == "not named: a trace accuses nobody")
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        try place.succeed("report", try sample.keep(in: place), "-o", "named.html", "--name-traces")
        let named = ReportPage(html: try place.text(of: "named.html"))
        #expect(named.value("Participant", in: "The endpoint") == "Ada Abbott <ada@example.org>")
        #expect(named.value("No accusation", in: "The endpoint")?.hasPrefix("This is no accusation") == true)
    }

    /// Neither who left a trace beside somebody who is identified is named, nor through whose microphone it came: not
    /// in tables, nor at figures, nor among the other ways.
    @Test(arguments: [true, false]) func tracesAndTheirMicrophonesAreNamedNowhere(isAlone: Bool) throws {
        var sample = isAlone ? SampleAnswer() : SampleAnswer.ofTwo()
        let echo: [String: Any] = [
            "verdict": "trace", "reason": "An echo.", "participant": "Bela Berger", "email": "bela@example.org",
            "device": "13 inch", "client": "c_bbbbbbbbbbbbbbbb",
            "microphone": [
                "state": "heard", "client": "c_cccccccccccccccc", "participant": "Cara Costa", "delaySeconds": 0.1,
            ] as [String: Any],
        ]
        let trace = SampleAnswer.ada.merging(echo) { $1 }
        sample.answer["sources"] = isAlone ? [trace] : [SampleAnswer.ada, trace]
        sample.answer["verdict"] = isAlone ? "trace" : "identified"
        let hidden = ["Bela", "bela@", "13 inch", "c_bbbbbbbbbbbbbbbb", "Cara", "c_cccccccccccccccc"]
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        let id = try sample.keep(in: place)
        let page = try ReportPage(of: id, in: place)
        for text in hidden { #expect(!page.html.contains(text), "\(text)") }
        #expect(page.text.contains("another endpoint's microphone"))
        #expect(page.html.contains("Ada Abbott") == !isAlone)
        try place.succeed("report", id, "-o", "named.html", "--name-traces")
        let named = try place.text(of: "named.html")
        for text in hidden.dropLast() { #expect(named.contains(text), "\(text)") }
        #expect(named.contains("the microphone of Cara Costa"))
    }

    /// A mark that was copied onto this audio accuses nobody either.
    @Test func aDetachedMarkNamesNobody() throws {
        var sample = SampleAnswer()
        sample.answer["verdict"] = "detached"
        let copied: [String: Any] = [
            "verdict": "detached", "reason": "Copied.",
            "content": [
                "state": "contradicted", "log10Bound": 0, "z": 0.1, "expectedZ": 20, "stretches": [] as [Any],
            ] as [String: Any],
        ]
        sample.answer["sources"] = [SampleAnswer.ada.merging(copied) { $1 }]
        let page = try sample.page()
        #expect(page.value("Participant", in: "The endpoint") == "not named: a detached mark accuses nobody")
        #expect(page.verdict[0] == "Detached mark: nobody is named" && !page.html.contains("Ada"))
        #expect(page.text.contains("the mark does not agree with what this audio was doing when it was put there"))
    }

    /// json-schema.md, `triage`: of a recording with two tracks a minute that was read on both is one minute of it, and
    /// where all of it was read stretches count for nothing.
    @Test(arguments: [true, false]) func whatWasReadIsTimeOfTheRecording(isAnswer: Bool) throws {
        func stretch(_ track: Int, _ from: Int, _ to: Int) -> [String: Any] {
            ["track": track, "from": from, "to": to]
        }
        var sample = SampleAnswer()
        // 450 to 540 s on both tracks, one of which was read in part, and 3,000 to 3,150 s in two that overlap.
        sample.answer["triage"] = [
            "isAnswer": isAnswer, "seconds": 390,
            "stretches": [
                stretch(0, 3_000, 3_090), stretch(0, 450, 540), stretch(1, 480, 510), stretch(1, 450, 540),
                stretch(1, 3_060, 3_150),
            ],
        ]
        let page = try sample.page()
        let heard = "0:01:40 of " + (isAnswer ? "the 0:04:00 that were read, of 2:03:04 in all" : "2:03:04")
        #expect(page.value("Heard for", in: "The endpoint") == heard)
        let condition = isAnswer ? " (first answer)" : ""
        #expect(page.value("Conclusion", in: "The endpoint") == "identified\(condition)")
        // The first lines of the first page.
        #expect(page.verdict[0] == "Endpoint identified\(condition)")
        let share = "4.0 of the 123.1 minutes that the file says it has were read"
        #expect(page.verdict[1].hasPrefix(isAnswer ? "A first answer: \(share);" : "The recording carries"))
        #expect(page.text.contains("A first answer") == isAnswer)
        let ways = page.rows(in: "What is weighed, and what the limit means")
        #expect(
            ways.first?.last
                == (isAnswer ? "only \(share), and what the rest shows is open" : "nothing in the recording"))
        #expect(ways.last?[1].hasPrefix("the mark was heard for \(heard); ") == true)
    }

    /// What speaks against an echo or a copy was looked for in stretches alone, and what was found beside it stays.
    @Test(arguments: [true, false]) func findingsOfStretchesAreTheirs(isAnswer: Bool) throws {
        var sample = SampleAnswer()
        let stretches: [[String: Any]] = [
            ["from": 0, "to": 60, "state": "confirmed"], ["from": 60, "to": 80, "state": "contradicted"],
        ]
        let found: [String: Any] = [
            "microphone": ["state": "absent"],
            "content": [
                "state": "confirmed", "log10Bound": -20, "z": 9, "expectedZ": 12, "stretches": stretches,
            ] as [String: Any],
        ]
        sample.answer["sources"] = [SampleAnswer.ada.merging(found) { $1 }]
        sample.answer["triage"] = [
            "isAnswer": isAnswer, "seconds": 180,
            "stretches": [["track": 0, "from": 0, "to": 90], ["track": 0, "from": 3_000, "to": 3_090]],
        ]
        let ways = try sample.page().rows(in: "What is weighed, and what the limit means")
        let edited = "in parts of the recording the mark is missing or does not fit (other audio, or cuts)"
        let unread = "; only 3.0 of the 123.1 minutes that the file says it has were read"
        #expect(ways[0][2].hasPrefix(edited + (isAnswer ? unread : "")) && ways[0][2].contains(unread) == isAnswer)
        let place = isAnswer ? ", in what was read" : ""
        #expect(ways[2][2] == "the tag of its microphone would stand beside an echo, and does not\(place)")
        let reshaped = "; audio that was reshaped to agree is not told from it"
        #expect(ways[3][2] == "the mark agrees with what this audio was doing when it was put there\(place)\(reshaped)")
    }

    /// A table that ends early says so: what it leaves out may be what is contradicted.
    @Test func tablesSayWhereTheyEnd() throws {
        var sample = SampleAnswer()
        let stretches: [[String: Any]] = (0..<26).map {
            [
                "from": $0 * 60, "to": $0 * 60 + 60,
                "state": $0 == 25 ? "contradicted" : $0 % 2 == 0 ? "confirmed" : "open",
            ]
        }
        let content: [String: Any] = [
            "state": "confirmed", "log10Bound": -20, "z": 9, "expectedZ": 12, "stretches": stretches,
        ]
        sample.answer["sources"] = [SampleAnswer.ada.merging(["content": content]) { $1 }]
        let span = (SampleAnswer.ada["heard"] as? [[String: Any]])?.first ?? [:]
        sample.answer["talkers"] = [
            [
                "client": "c_bbbbbbbbbbbbbbbb", "participant": "Bela Berger", "email": "bela@example.org",
                "device": "13 inch", "log10Chance": -12, "z": 9, "heard": [[String: Any]](repeating: span, count: 25),
            ] as [String: Any]
        ]
        let page = try sample.page()
        let rest = "2 further stretches are in the JSON form of this report, 1 of them contradicted."
        #expect(page.section("The endpoint").contains(rest))
        #expect(page.section("Who talked").contains("1 further stretch is in the JSON form of this report."))
        #expect(page.text.contains("Microphones and talkers that tags name are apart from that"))
        #expect(try !SampleAnswer().page().text.contains("Microphones and talkers"))
    }

    /// Speed or pitch alone is a change, too.
    @Test(arguments: [(0.95, 1.0, "95.0 % and 100.0 %"), (1.0, 1.06, "100.0 % and 106.0 %")])
    func changesOfOneKindAreTold(rate: Double, pitch: Double, text: String) throws {
        var sample = SampleAnswer()
        sample.answer["sources"] = [SampleAnswer.ada.merging(["rate": rate, "pitch": pitch]) { $1 }]
        #expect(try sample.page().value("Speed and pitch", in: "The endpoint") == text + ", undone")
    }
}
