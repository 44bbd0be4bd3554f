import Foundation
import ProgramSupport
import Testing

/// docs/many.md, "A run": parts that go on, under which bundle, and where they lie.
@Suite struct RunPartTests {
    private static func arguments(_ bundle: String, _ out: String = "p.ndjson", plan: String = "run.json") -> [String] {
        ["work", "--bundle", bundle, "--key", bundle + ".key", "--plan", plan, "-o", out, "--refusals-ok"]
    }

    /// A run that outlasts its bundle goes on with a new one, and the store takes the lines of both.
    @Test func anotherBundleGoesOnWithAPart() throws {
        let run = try RunPlace(["1.wav", "2.wav", "3.wav"], parts: 1)
        try run.part(1)
        let whole = try run.lines("p.ndjson")
        let first = try #require(whole.firstIndex { $0.contains("\"place\"") })
        try run.write(Array(whole[...first]), to: "p.ndjson")
        try run.place.succeed("bundle", "create", "--meeting", run.batch.first, "-o", "new.bundle")
        let result = try run.place.run(Self.arguments("new.bundle") + ["--part", "1"])
        #expect(result.exitStatus == 0 && result.errors.contains("began 'p.ndjson'"), "\(result.errors)")
        let lines = try run.lines("p.ndjson")
        #expect(lines[first] == whole[first], "nothing is done twice")
        let bundles = try lines.compactMap { line in
            let line = try JSON(text: line)
            return line["place"].isAbsent ? nil : line["bundle"].string
        }
        #expect(bundles.count == 3 && Set(bundles).count == 2 && bundles[1] == bundles[2])
        // The first one finds it closed, too.
        #expect(try run.part(1).exitStatus == 0)
        #expect(try run.lines("p.ndjson") == lines)
        #expect(try run.merge(["p.ndjson"]).exitStatus == 0)
        #expect(try run.place.json("run", "import", "run.json", "run.ndjson")["imported"]["added"].int == 3)
    }

    /// A closed part ends at once, whatever became of its bundle since, and refusals in it are not forgotten.
    @Test func aClosedPartNeedsNoBundleThatHolds() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.place.write("no audio", to: "in/b.mp3")
        try run.plan(parts: 1, to: "two.json")
        try run.part(1, plan: "two.json")
        let late = try WrongClock.environment(days: 4)
        let arguments = Self.arguments("case.bundle", plan: "two.json") + ["--part", "1"]
        let again = try run.place.run(arguments, environment: late)
        #expect(again.exitStatus == 0, "\(again.errors)")
        #expect(try run.place.run(Array(arguments.dropLast(3)) + ["--part", "1"], environment: late).exitStatus == 30)
        let open = try run.place.run(Self.arguments("case.bundle", "q.ndjson") + ["--part", "1"], environment: late)
        #expect(open.exitStatus == 11, "\(open.errors)")
        #expect(!FileManager.default.fileExists(atPath: run.place.file("q.ndjson")))
        let other = try run.place.run(Self.arguments("case.bundle") + ["--part", "1"])
        #expect(other.exitStatus == 65 && other.errors.contains("remove that one"), "\(other.errors)")
    }

    /// The parts that were asked for are there, some of them empty: an array of that size ends well.
    @Test func thereAreAsManyPartsAsAskedFor() throws {
        let run = try RunPlace(["a.wav", "b.wav"], parts: 4)
        let parts = try (0..<4).map { index in
            let index = ["JOB_COMPLETION_INDEX": "\(index)"]
            let result = try run.work(["--plan", "run.json", "-o", "p.ndjson"], environment: index)
            #expect(result.exitStatus == 0, "\(result.errors)")
            return "p.\((Int(index.values.first ?? "") ?? 0) + 1)-of-4.ndjson"
        }
        #expect(try run.place.run(["run", "status", "run.json"] + parts).exitStatus == 0)
        let missing = try run.merge(Array(parts.dropLast()))
        #expect(missing.exitStatus == 65 && missing.errors.contains("1 of 4 parts is missing: 4"), "\(missing.errors)")
        #expect(try run.merge(parts).exitStatus == 0)
        #expect(try run.place.json("run", "import", "run.json", "run.ndjson")["imported"]["added"].int == 2)
    }

    /// What the bundle has no meeting for is told before anything is analysed; the last try refuses it.
    @Test func aBundleWithoutAMeetingOfThePlanBeginsNothing() throws {
        let run = try RunPlace(["a.wav", "b.wav"], parts: 1)
        try run.place.write(
            "file,meeting\nin/a.wav,\(run.batch.first)\nin/b.wav,\(run.batch.second)\n", to: "cases.csv")
        try run.place.succeed(["run", "plan", "cases.csv", "-o", "both.json"] + BatchPlace.quick)
        let arguments = Self.arguments("case.bundle", plan: "both.json") + ["--part", "1"]
        let result = try run.place.run(arguments)
        let words = "does not hold meeting '\(run.batch.second)'"
        #expect(result.exitStatus == 65 && result.errors.contains(words), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: run.place.file("p.ndjson")))
        #expect(try run.place.run(arguments + ["--missing-ok"]).exitStatus == 0)
        let status = try run.place.json("run", "status", "both.json", "p.ndjson")["run"]
        #expect(status["refusals"]["meeting-not-held"].int == 1 && status["results"]["not-found"].int == 1)
    }

    /// A part goes to a plain file, and to the one that its task has.
    @Test func aPartThatCannotBeIsToldAtOnce() throws {
        let run = try RunPlace(["a.wav", "b.wav"], parts: 2)
        for out in ["-", "/dev/stdout", "/dev/null"] {
            let result = try run.place.run(Self.arguments("case.bundle", out) + ["--part", "1"])
            #expect(result.exitStatus == 64 && result.errors.contains("is no file"), "\(out): \(result.errors)")
        }
        func tasks(_ slurm: String, _ index: String) throws -> ProcessRunner.Result {
            try run.work(
                ["--plan", "run.json", "-o", "p.ndjson"],
                environment: ["SLURM_ARRAY_TASK_ID": slurm, "JOB_COMPLETION_INDEX": index])
        }
        let both = try tasks("1", "1")
        #expect(both.exitStatus == 64 && both.errors.contains("say --part I"), "\(both.errors)")
        // They agree.
        #expect(try tasks("2", "1").exitStatus == 0)
        let root = ["--part", "1", "--root", "http://example.org/cases"]
        #expect(try run.place.run(Self.arguments("case.bundle", "r.ndjson") + root).exitStatus == 64)
    }

    /// A pipe cannot be read twice, nor a folder at all: that is known when the run is planned.
    @Test func whatIsNoFileIsPlannedAsRefused() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        #expect(mkfifo(run.place.file("pipe"), 0o600) == 0)
        try run.place.succeed("run", "plan", "pipe", "-o", "pipe.json")
        let arguments = Self.arguments("case.bundle", plan: "pipe.json") + ["--part", "1"]
        #expect(try run.place.run(arguments).exitStatus == 0)
        let status = try run.place.json("run", "status", "pipe.json", "p.ndjson")["run"]
        #expect(status["refusals"]["unreadable"].int == 1)
    }

    @Test func aRunWithoutItsEndSaysSo() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.part(1)
        try run.merge(["p.ndjson"])
        try run.write(Array(try run.lines("run.ndjson").dropLast()), to: "cut.ndjson")
        let result = try run.place.run("run", "import", "run.json", "cut.ndjson")
        #expect(result.exitStatus == 65 && result.errors.contains("end record is missing"), "\(result.errors)")
    }

    /// Lines call a URL by what precedes its query: where that makes two alike, the plan says so.
    @Test func urlsThatLinesCannotTellApartAreCounted() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let urls = ["https://example.org/get?id=1", "https://example.org/get?id=2", "https://example.org/a?sig=3"]
        let result = try run.place.run(["run", "plan"] + urls + ["-o", "urls.json"])
        #expect(result.errors.contains("2 inputs differ from others by what follows '?' alone"), "\(result.errors)")
    }
}
