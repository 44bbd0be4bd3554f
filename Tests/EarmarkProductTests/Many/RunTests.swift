import Foundation
import ProgramSupport
import Testing

/// docs/many.md: what a run consists of is fixed, and what is not whole is not joined or taken in.
@Suite struct RunTests {
    private static let three = ["p.1-of-3.ndjson", "p.2-of-3.ndjson", "p.3-of-3.ndjson"]

    /// Seven inputs in three parts, done.
    private static let done = Result {
        let run = try RunPlace((1...7).map { "\($0).wav" }, parts: 3)
        for part in 1...3 { try run.part(part) }
        return run
    }

    @Test func theSameInputsMakeTheSamePlan() throws {
        let run = try RunPlace(["a.wav", "b.wav"], parts: 2)
        try run.plan(parts: 2, to: "again.json")
        #expect(try run.place.text(of: "run.json") == run.place.text(of: "again.json"))
        try run.plan(parts: 1, to: "other.json")
        #expect(try run.place.text(of: "run.json") != run.place.text(of: "other.json"))
    }

    /// The imported answers are those of a batch, but for where and when they were made.
    @Test func anImportedRunIsWhatABatchWouldHaveStored() throws {
        let run = try RunPlace(["a.wav", "b.wav", "c.wav"], parts: 2)
        try run.place.write("no audio", to: "in/junk.mp3")
        try run.plan(parts: 2, to: "whole.json")
        for part in 1...2 { #expect(try run.part(part, plan: "whole.json").exitStatus == 0) }
        let parts = ["p.1-of-2.ndjson", "p.2-of-2.ndjson"]
        try run.place.succeed(["run", "merge", "whole.json"] + parts + ["-o", "run.ndjson"])
        let imported = try run.place.json("run", "import", "whole.json", "run.ndjson")["imported"]
        #expect(imported["added"].int == 4)
        #expect(try run.place.json("run", "import", "whole.json", "run.ndjson")["imported"]["known"].int == 4)
        let entries = try run.place.json("audit", "list")["entries"].array.filter {
            $0["action"].string == "run-import"
        }
        #expect(entries.count == 1 && entries[0]["details"]["imported"].string == "\(run.batch.first)=4")
        let stored = try stored(run)
        for analysis in try run.batch.stored() {
            try run.place.succeed("analysis", "delete", analysis["id"].string ?? "", "--yes")
        }
        try run.batch.batch(["in"], meeting: run.batch.first)
        #expect(try self.stored(run) == stored)
        #expect(stored.count == 4)
    }

    /// docs/report.md: the limit is told with when it was decided for the bundle, whatever was decided since, and the
    /// examination is the worker's, not the import.
    @Test func theReportOfARunTellsTheWorkersTimes() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let before = Board.time(Int(Date().timeIntervalSince1970) - 1)
        try run.place.succeed("settings", "set", "threshold", "1e-12")
        #expect(try run.part(1).exitStatus == 0 && run.merge(["p.ndjson"]).exitStatus == 0)
        let later = try WrongClock.environment(days: 2)
        #expect(try run.place.run(["run", "import", "run.json", "run.ndjson"], environment: later).exitStatus == 0)
        let after = Board.time(Int(Date().timeIntervalSince1970) + 1)
        let analysis = try #require(try run.batch.stored().first)
        let id = try #require(analysis["id"].string)
        let page = try ReportPage(of: id, in: run.place)
        let limit = page.value("Limit to be met", in: "What was searched and paid for") ?? ""
        let decided = "10^−9, decided by the organisation beforehand: in force since the organisation was added"
        #expect(limit.hasPrefix(decided), "\(limit)")
        #expect(limit.contains("It is that of the sealed bundle b_"), "\(limit)")
        #expect(limit.contains("; since then it was set to 10^−12 on 20"), "\(limit)")
        #expect(page.text.contains(" by the clock of the worker, taken into the store 20"))
        try run.place.succeed("report", id, "-o", "r.json")
        let report = try JSON(text: run.place.text(of: "r.json"))["report"]
        let date = try #require(report["evidence"]["workerDate"].string)
        #expect(before <= date && date <= after && after < report["date"].string ?? "", "\(date)")
        #expect(report["history"]["decisions"].array.map { $0["isBefore"].bool } == [false])
        #expect(report["history"]["sealed"].string.map { $0 <= date } == true)
    }

    /// Stored answers by file, without the identifier, the date and the bundle.
    private func stored(_ run: RunPlace) throws -> [String] {
        try run.batch.stored().map { analysis in
            let shown = try run.place.json("analysis", "show", analysis["id"].string ?? "")["analysis"]
            var members = shown.value as? [String: Any] ?? [:]
            // A run's analyses keep the path.
            members["file"] = members["file"].map { "\($0)".split(separator: "/").last.map(String.init) ?? "" }
            for name in ["id", "date", "bundle"] { members[name] = nil }
            // That of a worker's refusal is the store's own.
            members["refusal"] = shown["refusal"]["code"].string
            var report = members["report"] as? [String: Any]
            report?["bundle"] = nil
            members["report"] = report
            let data = try JSONSerialization.data(withJSONObject: members, options: .sortedKeys)
            return String(decoding: data, as: UTF8.self)
        }.sorted()
    }

    @Test func aMissingPartIsNamedWithItsInputs() throws {
        let run = try RunTests.done.get()
        let result = try run.merge([RunTests.three[0], RunTests.three[2]], to: "missing.ndjson")
        #expect(result.exitStatus == 65)
        #expect(result.errors.contains("1 of 3 parts is missing: 2"))
        // Part 2 takes the second and the fifth of seven.
        #expect(result.errors.contains("2 of 7 inputs have no line: 'in/2.wav', 'in/5.wav'"))
        // A line for each that is missing.
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("earmark: error: ") }, "\(lines)")
        #expect(!FileManager.default.fileExists(atPath: run.place.file("missing.ndjson")))
        #expect(try run.place.run("run", "status", "run.json", RunTests.three[0]).exitStatus == 65)
    }

    /// Every way in which a part can be wrong is refused, and says so.
    @Test(arguments: [
        ("torn", "ends within a line"), ("unfinished", "no end record"), ("twice", "are both part 1"),
        ("gap", "not what its worker closed"), ("doubled", "two lines about"), ("moved", "not of its part"),
        ("foreign", "does not open with the plan's digest"), ("behind", "goes on behind its end"),
        ("garbage", "none of a run: line 3"), ("absent", "bad-absent.ndjson"),
    ]) func whatIsNotWholeIsNotJoined(damage: String, message: String) throws {
        let run = try RunTests.done.get()
        let lines = try run.lines(RunTests.three[0])
        var parts = ["bad-\(damage).ndjson", RunTests.three[1], RunTests.three[2]]
        let results = lines.indices.filter { lines[$0].contains("\"place\"") }
        var bad = lines
        switch damage {
        case "torn": break
        case "unfinished": bad.removeLast()
        case "twice": parts.append(RunTests.three[0])
        case "gap": bad.remove(at: results[1])
        case "doubled": bad.insert(bad[results[0]], at: results[1])
        case "moved": bad[results[0]] = try run.lines(RunTests.three[1]).first { $0.contains("\"place\"") } ?? ""
        case "garbage": bad[2] = "{\"place\":1e999}"
        case "foreign": bad[0] = bad[0].replacing(/"plan":"../, with: "\"plan\":\"zz")
        default: bad.append(lines[1])
        }
        try run.write(bad, to: parts[0])
        if damage == "torn" { try run.place.write(String(try run.place.text(of: parts[0]).dropLast(9)), to: parts[0]) }
        if damage == "absent" { try run.batch.remove(parts[0]) }
        // One damaged part hides no other problem.
        if damage != "twice" {
            let status = try run.place.run(["run", "status", "run.json"] + parts.dropLast())
            #expect(status.exitStatus == 65 && status.text.contains("missing") && status.errors.contains(message))
        }
        let result = try run.merge(parts, to: "\(damage).ndjson")
        #expect(result.exitStatus == 65 && result.errors.contains(message), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: run.place.file("\(damage).ndjson")))
    }

    /// A worker that was killed leaves half a line; started again it does what is missing, and nothing twice.
    @Test func aKilledPartGoesOn() throws {
        let run = try RunPlace((1...4).map { "\($0).wav" }, parts: 1)
        try run.part(1)
        let whole = try run.lines("p.ndjson")
        let results = whole.indices.filter { whole[$0].contains("\"place\"") }
        // The first line, the second begun, and half of its line.
        let left = whole[...results[0]].map { $0 + "\n" }.joined() + "{\"begins\":1}\n" + whole[results[1]].prefix(40)
        try run.place.write(left, to: "p.ndjson")
        #expect(try run.part(1).exitStatus == 0)
        let lines = try run.lines("p.ndjson")
        let items = lines.compactMap { try? JSON(text: $0)["place"]["item"].int }
        // What was in hand comes last.
        #expect(items == [0, 2, 3, 1])
        #expect(lines[results[0]] == whole[results[0]])
        #expect(try run.merge(["p.ndjson"]).exitStatus == 0)
        // A closed part stays as it is.
        #expect(try run.part(1).exitStatus == 0)
        #expect(try run.lines("p.ndjson") == lines)
    }

    /// Figures of a part that goes on count what an earlier process refused.
    @Test func figuresHoldEarlierRefusals() throws {
        let run = try RunPlace(["b.wav"], parts: 1)
        try run.place.write("no audio", to: "in/a.mp3")
        try run.plan(parts: 1, to: "two.json")
        try run.part(1, plan: "two.json")
        let lines = try run.lines("p.ndjson")
        let refused = try #require(lines.firstIndex { $0.contains("\"refusal\"") })
        try run.write(Array(lines[...refused]), to: "p.ndjson")
        let again = try run.work(
            ["--plan", "two.json", "--part", "1", "-o", "p.ndjson", "--refusals-ok", "--metrics", "m.prom"])
        #expect(again.exitStatus == 0, "\(again.errors)")
        let figures = try run.place.text(of: "m.prom").split(separator: "\n")
        for (result, count) in [("refused", 1), ("not-found", 1)] {
            let name = "earmark_work_files{part=\"1\",result=\"\(result)\"} "
            let values = figures.filter { $0.hasPrefix(name) }.map { Double($0.dropFirst(name.count)) }
            #expect(values == [Double(count)], "\(result)")
        }
    }

    /// Nothing in a folder is left out without a word, nor an input planned of a meeting that nobody can answer about.
    @Test func aPlanTellsWhatItLeavesOutAndDoesNotKnow() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.place.write("x", to: "in/.b.m4a")
        let told = try run.place.run("run", "plan", "in", "-o", "hidden.json")
        #expect(told.exitStatus == 0 && told.text.contains("; 1 hidden left out"), "\(told.text)")
        #expect(try run.place.json("run", "plan", "in", "-o", "again.json")["plan"]["hidden"].int == 1)
        let meeting = "m_aaaaaaaaaaaaaaaa"
        let foreign = try run.place.run("run", "plan", "in", "-m", meeting, "-o", "foreign.json")
        #expect(foreign.exitStatus == 0 && foreign.errors.contains("this store has no meeting '\(meeting)'"))
        let known = try run.place.run("run", "plan", "in", "-m", run.batch.first, "-o", "known.json")
        #expect(known.exitStatus == 0 && known.errors.isEmpty, "\(known.errors)")
        // Where there is no store, nobody knows.
        let nowhere = try run.place.run(
            ["run", "plan", "in", "-m", meeting, "-o", "nowhere.json"], environment: ["EARMARK_STORE": ""])
        #expect(nowhere.exitStatus == 0 && nowhere.errors.isEmpty, "\(nowhere.errors)")
    }

    /// docs/many.md, "The plan": one that was swapped is not taken for the one that was made.
    @Test func anImportIsOfTheExpectedPlan() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.part(1)
        try run.merge(["p.ndjson"])
        let digest = try #require(try run.place.json("run", "plan", "in", "-o", "b.json")["plan"]["digest"].string)
        let other = try run.place.run("run", "import", "run.json", "run.ndjson", "--expect", digest)
        #expect(other.exitStatus == 65 && other.errors.contains("not the one that is expected"), "\(other.errors)")
        #expect(try run.batch.stored().isEmpty)
        let own = try #require(
            try run.place.json("run", "status", "run.json", "p.ndjson")["run"]["plan"].string)
        let taken = try run.place.run("run", "import", "run.json", "run.ndjson", "--expect", own)
        #expect(taken.exitStatus == 0 && taken.text.hasPrefix("1 analysis of 1 input stored, 0 were already"))
    }

    @Test func tasksOfArraysTakeTheirParts() throws {
        let run = try RunPlace(["a.wav", "b.wav"], parts: 2)
        func work(_ variable: String, _ value: String) throws -> ProcessRunner.Result {
            try run.work(["--plan", "run.json", "-o", "q.ndjson"], environment: [variable: value])
        }
        #expect(try work("SLURM_ARRAY_TASK_ID", "2").exitStatus == 0)
        #expect(try run.lines("q.2-of-2.ndjson").count == 4)
        #expect(try work("JOB_COMPLETION_INDEX", "0").exitStatus == 0)
        #expect(try run.lines("q.1-of-2.ndjson").count == 4)
        #expect(try work("AWS_BATCH_JOB_ARRAY_INDEX", "2").exitStatus == 64)
        #expect(try work("SLURM_ARRAY_TASK_ID", "0").exitStatus == 64)
        #expect(try work("NOTHING", "").exitStatus == 64)
    }

    /// The reader of a report cannot ask who made the answer.
    @Test func aWorkersAnswerSaysSoWhereverItIsRead() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.part(1)
        try run.merge(["p.ndjson"])
        try run.place.succeed("run", "import", "run.json", "run.ndjson")
        let made = "made by a worker with the sealed bundle b_"
        #expect(try run.place.succeed("analysis", "show", "latest").contains(made))
        #expect(try run.place.succeed("analysis", "list").contains("not-found (by a worker)"))
        #expect(try run.place.json("analysis", "list")["analyses"][0]["bundle"].string?.hasPrefix("b_") ?? false)
        let report = try run.place.run("report", "latest", "-o", "r.html")
        #expect(report.exitStatus == 0 && report.errors.contains(made), "\(report.errors)")
        #expect(try run.place.text(of: "r.html").contains(made))
    }

    /// So that whoever hides a leak behind a refusal is seen, and what came of a lost bundle can be listed.
    @Test func aWorkersRefusalSaysSoAndWhatARevokedBundleLeft() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.place.write("no audio", to: "in/junk.mp3")
        try run.plan(parts: 1, to: "two.json")
        try run.part(1, plan: "two.json")
        try run.place.succeed("run", "merge", "two.json", "p.ndjson", "-o", "run.ndjson")
        try run.place.succeed("run", "import", "two.json", "run.ndjson")
        func listed(_ file: String) throws -> JSON {
            try #require(try run.batch.stored().first { $0["file"].string == "in/\(file)" })
        }
        let bundle = try #require(try listed("junk.mp3")["bundle"].string)
        #expect(try bundle.hasPrefix("b_") && listed("a.wav")["bundle"].string == bundle)
        let refused = try #require(try listed("junk.mp3")["id"].string)
        #expect(try run.place.succeed("analysis", "list").contains("refused (unsupportedType) (by a worker)"))
        #expect(try run.place.succeed("analysis", "show", refused).contains("(by a worker)"))
        #expect(try run.place.json("analysis", "show", refused)["analysis"]["bundle"].string == bundle)
        try run.place.succeed("bundle", "revoke", bundle)
        for file in ["a.wav", "junk.mp3"] {
            let time = try #require(try listed(file)["bundleRevoked"].string)
            let id = try #require(try listed(file)["id"].string)
            #expect(try run.place.json("analysis", "show", id)["analysis"]["bundleRevoked"].string == time)
            #expect(try run.place.succeed("analysis", "show", id).contains("(by a worker, bundle revoked)"))
            for list in [
                try run.place.succeed("analysis", "list", "--csv"),
                try run.place.succeed("analysis", "export", "--format", "csv"),
            ] {
                let rows = list.split(separator: "\r\n").map {
                    $0.split(separator: ",", omittingEmptySubsequences: false)
                }
                #expect(rows.first?.suffix(2) == ["bundle", "bundleRevoked"])
                let row = try #require(rows.first { $0.first == id[...] })
                #expect(row.suffix(2) == [bundle[...], time[...]])
            }
        }
        #expect(try run.place.succeed("analysis", "list").contains("not-found (by a worker, bundle revoked)"))
        let id = try #require(try listed("a.wav")["id"].string)
        let report = try run.place.run("report", id, "-o", "r.html")
        #expect(report.exitStatus == 0 && report.errors.contains("was revoked on 20"), "\(report.errors)")
        #expect(try ReportPage(of: id, in: run.place).text.contains("That bundle was revoked on 20"))
        try run.place.succeed("report", id, "-o", "r.json")
        let json = try JSON(text: try run.place.text(of: "r.json"))["report"]
        #expect(try json["bundleRevoked"].string == listed("a.wav")["bundleRevoked"].string)
        #expect(json["history"]["analyses"].array.map { $0["bundle"].string } == [bundle, bundle])
    }

    /// docs/many.md: what a worker answered is repeated where the store is, and not given out again as the store's.
    @Test func aBatchRepeatsWhatAWorkerAnswered() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.part(1)
        try run.merge(["p.ndjson"])
        try run.place.succeed("run", "import", "run.json", "run.ndjson")
        try run.place.succeed(
            ["batch", "in", "--meeting", run.batch.first, "-o", "again.ndjson", "--resume"] + BatchPlace.quick)
        let line = try JSON(text: try #require(try run.lines("again.ndjson").first))
        #expect(line["verdict"].string == "not-found" && line["bundle"].isAbsent)
        #expect(try run.batch.stored().map { $0["bundle"].isAbsent }.sorted { !$0 && $1 } == [false, true])
    }

    @Test func anInputThatChangedIsRefused() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.batch.add("in/a.wav", seed: 9, seconds: 4)
        #expect(try run.part(1).exitStatus == 0)
        #expect(try run.lines("p.ndjson").contains { $0.contains("\"input-changed\"") })
    }

    /// How hard is looked, at what and in which order, is fixed by the plan, and is what a worker's lines answer.
    @Test func aPlanHoldsWhatIsAsked() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        for (number, options) in [
            [], ["--triage"], ["--allow-short"], ["--effort", "fast"],
            ["--triage", "--allow-short", "--effort", "exhaustive"],
        ].enumerated() {
            let (plan, part) = ("asked\(number).json", "asked\(number).ndjson")
            try run.place.succeed(["run", "plan", "in", "-o", plan] + options)
            try run.work(["--plan", plan, "--part", "1", "-o", part, "--refusals-ok"])
            let planned = try JSON(text: run.place.text(of: plan))
            let lines = try run.lines(part).compactMap { try? JSON(text: $0) }
            let request = try #require(lines.first { !$0["request"].isAbsent })["request"]
            for asked in [planned, request] {
                let effort = options.contains("--effort") ? options.last : "normal"
                #expect(asked["effort"].string == effort, "\(options)")
                #expect(asked["allowShort"].bool == options.contains("--allow-short"), "\(options)")
                #expect(asked["triage"].bool ?? false == options.contains("--triage"), "\(options)")
            }
        }
    }
}
