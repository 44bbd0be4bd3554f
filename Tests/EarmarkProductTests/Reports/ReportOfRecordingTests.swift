import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// Reports of recordings that the program examined: they show that answer, and what is stored beside it.
@Suite struct ReportOfRecordingTests {
    /// A recording of Bela's client and, weaker, of Cara's; its answer and report.
    private struct Case {
        let place: Workplace
        let answer: JSON
        let page: ReportPage
        let report: JSON

        init() throws {
            let board = try Board.shared()
            place = try board.workplace()
            let mix = "[0]volume=0.8[a];[1]volume=0.2[b];[a][b]amix=inputs=2:normalize=0"
            try place.ffmpeg(["-i", board.bela, "-i", board.cara, "-filter_complex", mix], to: "both.wav")
            answer = try place.answer(
                place.file("both.wav"), "--meeting", board.meeting, "--name", "Case 12", "--note", "From the board")
            let id = answer["id"].string ?? ""
            page = try ReportPage(of: id, in: place)
            try place.succeed("report", id, "-o", "both.json")
            report = try JSON(text: place.text(of: "both.json"))["report"]
        }
    }

    nonisolated(unsafe) private static let made = Result { try Case() }

    @Test func bothSourcesAreReported() throws {
        let made = try Self.made.get()
        let sources = made.answer["sources"].array
        #expect(sources.count == 2 && made.page.titles.prefix(2) == ["Source 1", "Source 2"])
        for (index, source) in sources.enumerated() {
            let title = "Source \(index + 1)"
            func text(_ name: String) -> String { source[name].string ?? "?" }
            #expect(
                made.page.value("Participant", in: title) == "\(text("participant")) <\(text("email"))>")
            #expect(made.page.value("Device", in: title) == "\(text("device")) (\(text("kind")))")
            #expect(made.page.value("Client", in: title) == text("client"))
            let bound = Int((source["log10FalseAccusation"].double ?? 0).rounded(.up))
            #expect(made.page.value("Strength of evidence", in: title)?.hasPrefix("10^−\(-bound) at") == true)
            let times = source["heard"].array.compactMap(\.["playedAt"].string).map {
                $0.replacingOccurrences(of: "T", with: " ").replacingOccurrences(of: "Z", with: " UTC")
            }
            #expect(!times.isEmpty && made.page.rows(in: title).filter { $0.count == 5 }.map { $0[2] } == times)
        }
    }

    @Test func theWeakerBoundIsStated() throws {
        let made = try Self.made.get()
        let bounds = made.answer["sources"].array.compactMap { $0["log10FalseAccusation"].double?.rounded(.up) }
        let weakest = try #require(bounds.max())
        let words = [-9: "one in a billion", -12: "one in a trillion"]
        let text = words[Int(weakest)] ?? "one in 10^\(Int(-weakest))"
        #expect(bounds.count == 2 && bounds[0] < bounds[1])
        #expect(made.page.verdict[2].contains("comes from chance in at most \(text) examinations"))
        for name in ["Bela Berger (13 inch)", "Cara Costa (tablet)"] { #expect(made.page.verdict[1].contains(name)) }
    }

    @Test func clientsWithoutAMarkAndTheFileAreReported() throws {
        let made = try Self.made.get()
        #expect(made.page.section("Endpoints that carry no mark").contains(": 3 (sip, telephone, web)."))
        for row in Board.rows where !["Bela Berger", "Cara Costa"].contains(row.participant) {
            #expect(!made.page.html.contains(row.participant), "\(row.participant)")
        }
        let digest = made.answer["file"]["sha256"].string
        #expect(digest?.count == 64 && made.page.value("SHA-256", in: "The recording") == digest)
        #expect(made.page.value("Audio", in: "The recording") == "pcm_s16le, 16000 Hz, 1 channel, 0:01:50 long")
        #expect(made.page.value("Damage", in: "The recording") == "none found")
        #expect(made.page.text.contains("Case 12") && made.page.text.contains("From the board"))
        #expect(made.page.value("Endpoints tried", in: "What was searched and paid for") == "4")
    }

    /// docs/report.md, `.json`; json-schema.md, "Stored answers": the entry without `path`, `id` and `date`.
    @Test func theJSONReportIsTheStoredAnswer() throws {
        let made = try Self.made.get()
        let id = made.answer["id"].string ?? ""
        #expect(made.report.keys == ["answer", "date", "evidence", "history", "id"])
        #expect(made.report["id"].string == id && made.report["date"].string == made.answer["date"].string)
        var entry = try #require(made.answer.value as? [String: Any])
        for name in ["path", "id", "date", "made"] { entry[name] = nil }
        #expect(made.report["answer"].value as? NSDictionary == entry as NSDictionary)
        let shown = try made.place.json("analysis", "show", id)["analysis"]
        #expect(shown["report"].value as? NSDictionary == entry as NSDictionary)
        #expect(shown["id"].string == id && shown["date"].string == made.answer["date"].string)
        #expect(shown["name"].string == "Case 12" && shown["note"].string == "From the board")
        #expect(shown["file"].string == "both.wav" && shown["bytes"].int == made.answer["file"]["bytes"].int)
        let exported = try JSON(text: made.place.succeed("analysis", "export", "--format", "json", id))["analyses"][0]
        #expect(exported["report"].value as? NSDictionary == entry as NSDictionary)
    }

    /// docs/report.md, "What is stored": `decoys`, `sourceSteps`.
    @Test func theEvidenceIsThatOfTheSources() throws {
        let made = try Self.made.get()
        let evidence = made.report["evidence"]
        #expect(evidence["version"].int == 2 && evidence["organisation"].string == Board.organisation)
        #expect(evidence["scores"].isAbsent && evidence["sourcePlaces"].isAbsent)
        let decoys = evidence["decoys"]["counts"].array.compactMap(\.int)
        #expect(decoys.reduce(0, +) == 10_000 && decoys.count == 64)
        let highest = try #require(evidence["decoys"]["highest"].double)
        #expect(highest > 2.5 && highest < 7)
        for (index, source) in made.answer["sources"].array.enumerated() {
            let z = source["z"].double ?? 0
            let steps = evidence["sourceSteps"][index].array
            let sum = steps.reduce(0) { $0 + ($1["sum"].double ?? 0) }
            let energy = steps.reduce(0) { $0 + ($1["energy"].double ?? 0) }
            // The steps are those of the recording as it is, with the other source in it: a few standard deviations.
            #expect(abs(sum / energy.squareRoot() - z) < max(0.1 * z, 4))
            #expect(steps.allSatisfy { ($0["to"].double ?? 0) - ($0["from"].double ?? 0) < 6 } && steps.count >= 20)
        }
    }

    @Test func parametersAndBuildAreThoseOfTheExamination() throws {
        let made = try Self.made.get()
        let parameters = made.report["evidence"]["parameters"]
        // What README gives as the settings of a new organisation.
        #expect(parameters["minimumSeconds"].double == 100 && parameters["maximumBytes"].int == 500_000_000)
        #expect(parameters["allowShort"].bool == false && parameters["effort"].string == "normal")
        #expect(parameters["retentionDays"].int == 360)
        let build = made.report["evidence"]["build"]
        let version = made.answer["toolVersion"].string
        #expect(version != nil && build["version"].string == version)
        #expect(try made.place.succeed("--version").contains(version ?? "?"))
        let release = try String(contentsOfFile: "/etc/os-release", encoding: .utf8)
        #expect(release.contains("PRETTY_NAME=\"\(build["system"].string ?? "?")\"\n"))
        #expect(["x86_64", "arm64"].contains(build["architecture"].string ?? "?"))
        #expect(made.page.value("Executable SHA-256", in: "Tool and parameters") == build["executableSHA256"].string)
        #expect(try Self.digests().contains(build["executableSHA256"].string ?? "?"))
    }

    /// Digests of the program's files.
    private static func digests() throws -> String {
        let folder = try ProcessRunner.executable.deletingLastPathComponent()
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "sha256sum earmark*"]
        process.currentDirectoryURL = folder
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    @Test func madeAgainItIsTheSame() throws {
        let made = try Self.made.get()
        let id = made.answer["id"].string ?? ""
        try made.place.succeed("report", id, "-o", "again.html")
        #expect(try made.place.text(of: "again.html") == made.page.html)
        try made.place.succeed("report", id, "-o", "again.json")
        #expect(try made.place.text(of: "again.json") == made.place.text(of: "both.json"))
    }

    /// `analyze --report FILE --open`: the desktop's program is given the file's path, which is no option; where it
    /// does not open, that is said, and the report is there.
    @Test func theReportIsOpenedWhereverItLies() throws {
        let batch = try BatchPlace("a.wav")
        let place = batch.place
        try FileManager.default.createDirectory(atPath: place.file("bin"), withIntermediateDirectories: false)
        let path = place.file("bin") + ":" + (place.folder.environment["PATH"] ?? "")
        func open(_ name: String) throws -> ProcessRunner.Result {
            let arguments = ["analyze", "in/a.wav", "--meeting", batch.first, "--report=\(name)", "--open"]
            let result = try place.run(arguments + BatchPlace.quick, environment: ["PATH": path])
            #expect(result.exitStatus == 0, "\(result.errors)")
            return result
        }
        func install(_ end: String) throws {
            let program = try place.write("#!/bin/sh\nprintf '%s\\n' \"$@\" >opened\n\(end)\n", to: "bin/xdg-open")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        }
        try install("exit 0")
        let names = [
            ("r.html", "./r.html"), ("in/r.html", "./in/r.html"), (place.file("s.html"), place.file("s.html")),
            ("-x.html", "./-x.html"),
        ]
        for (name, told) in names {
            #expect(try open(name).errors.isEmpty)
            #expect(try place.text(of: "opened") == told + "\n")
        }
        try install("exit 4")
        #expect(try open("t.html").errors.contains("could not open 't.html'"))
        #expect(FileManager.default.fileExists(atPath: place.file("t.html")))
    }
}
