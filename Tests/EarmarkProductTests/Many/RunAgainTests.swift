import Foundation
import ProgramSupport
import Testing

/// docs/many.md, A run: what is done again, and what those are told who must do something.
@Suite struct RunAgainTests {
    /// A run that was closed without an input is asked again, and its answer takes the refusal's place.
    @Test func anInputThatWasMissingIsAskedForAgain() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let names = Data("in/a.wav\nin/b.wav\n".utf8)
        let plan = try run.place.run(["run", "plan", "-", "-o", "two.json"] + BatchPlace.quick, input: names)
        #expect(plan.exitStatus == 0, "\(plan.errors)")
        let part = ["--plan", "two.json", "--part", "1", "-o", "p.ndjson", "--refusals-ok"]
        #expect(try run.work(part + ["--missing-ok"]).exitStatus == 0)
        func importing(_ name: String) throws -> JSON {
            try run.place.succeed("run", "merge", "two.json", "p.ndjson", "-o", name)
            return try run.place.json("run", "import", "two.json", name)["imported"]
        }
        #expect(try importing("first.ndjson")["refused"]["notFound"].int == 1)
        try run.batch.add("in/b.wav", seed: 2)
        try run.batch.remove("p.ndjson")
        #expect(try run.work(part).exitStatus == 0)
        let second = try importing("second.ndjson")
        #expect(second["replaced"].int == 1 && second["added"].int == 1 && second["known"].int == 1)
        let stored = try run.batch.stored()
        #expect(stored.compactMap { $0["verdict"].string } == ["not-found", "not-found"])
        // Which input it is about is known by the whole of its path.
        #expect(Set(stored.compactMap { $0["file"].string }) == ["in/a.wav", "in/b.wav"])
        // What was taken in first says nothing against it.
        let again = try run.place.json("run", "import", "two.json", "first.ndjson")["imported"]
        #expect(again["known"].int == 2 && again["added"].int == 0)
        #expect(try run.place.run("audit", "verify").exitStatus == 0)
        #expect(try run.place.run("store", "check").exitStatus == 0)
    }

    /// A part that was changed is not closed, whatever its end says, and heals where it is started again.
    @Test func aChangedPartIsStartedAgain() throws {
        let run = try RunPlace(["a.wav", "b.wav"], parts: 1)
        try run.part(1)
        let lines = try run.lines("p.ndjson")
        try run.write(lines.map { $0.replacing("\"not-found\"", with: "\"identified\"") }, to: "p.ndjson")
        let table = try run.place.run("run", "status", "run.json", "p.ndjson")
        #expect(table.exitStatus == 65 && table.text.contains("damaged") && !table.text.contains("closed"))
        #expect(table.errors.contains("start part 1 again"), "\(table.errors)")
        let status = try JSON(text: run.place.run("run", "status", "run.json", "p.ndjson", "--json").text)["run"]
        #expect(status["parts"][0]["isClosed"].bool == false)
        #expect(try run.part(1).exitStatus == 0)
        #expect(try run.place.run("run", "status", "run.json", "p.ndjson").exitStatus == 0)
        // One that goes on behind its end, too.
        try run.write(try run.lines("p.ndjson") + [lines[1]], to: "p.ndjson")
        let behind = try JSON(text: run.place.run("run", "status", "run.json", "p.ndjson", "--json").text)["run"]
        #expect(behind["parts"][0]["isClosed"].bool == false)
    }

    /// What the plan says, no option says otherwise.
    @Test(arguments: [["--effort", "exhaustive"], ["--allow-short"], ["--triage"], ["--effort", "fast"]])
    func aPlanTakesNoOptions(option: [String]) throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let result = try run.work(["--plan", "run.json", "--part", "1", "-o", "p.ndjson"] + option)
        #expect(result.exitStatus == 64 && result.errors.contains("a plan says them itself"), "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: run.place.file("p.ndjson")))
    }

    @Test func whoMustDoSomethingIsToldWhat() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.part(1)
        let part = try run.place.run("run", "import", "run.json", "p.ndjson")
        #expect(part.exitStatus == 65 && part.errors.contains("earmark run merge"), "\(part.errors)")
        try run.merge(["p.ndjson"])
        let digest = try run.place.json("run", "status", "run.json", "p.ndjson")["run"]["plan"].string ?? ""
        let short = try run.place.run("run", "import", "run.json", "run.ndjson", "--expect", "\(digest.prefix(20))")
        #expect(short.exitStatus == 64 && short.errors.contains("64 hexadecimal digits"), "\(short.errors)")
        #expect(!short.errors.contains("replaced"))
        // The store is here, and does not have it.
        try run.place.write("file,meeting\nin/a.wav,Nix\n", to: "cases.csv")
        let nix = try run.place.run("run", "plan", "cases.csv", "-o", "nix.json")
        #expect(nix.exitStatus == 66 && nix.errors.contains("no meeting has the identifier or title 'Nix'"))
        // Not an option that was given is in the way, but the bundle.
        try run.place.succeed("bundle", "create", "--any-meeting", "-o", "any.bundle")
        try run.place.succeed("run", "plan", "in", "--triage", "-m", run.batch.first, "-o", "triage.json")
        let any = [
            "work", "--bundle", "any.bundle", "--key", "any.bundle.key", "--plan", "triage.json", "--part", "1", "-o",
            "t.ndjson",
        ]
        let triage = try run.place.run(any)
        #expect(triage.exitStatus == 64 && triage.errors.contains("take a bundle made with --meeting"))
        try run.place.succeed(
            "bundle", "create", "--meeting", run.batch.first, "--meeting", run.batch.second, "-o", "two.bundle")
        let two = try run.place.run("work", "--bundle", "two.bundle", "--key", "two.bundle.key", "in/a.wav")
        #expect(two.exitStatus == 64 && two.errors.contains("name one with --meeting"), "\(two.errors)")
        #expect(two.errors.contains(run.batch.first) && two.errors.contains(run.batch.second), "\(two.errors)")
    }

    /// A bundle that was damaged is copied again; one that may not be used is made anew.
    @Test func aDamagedBundleIsToldFromOneThatIsOver() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let path = URL(fileURLWithPath: run.place.file("case.bundle"))
        let whole = try Data(contentsOf: path)
        var bytes = whole
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: path)
        for more in [[], ["--key", "case.bundle.key"]] {
            let result = try run.place.run(["bundle", "verify", "case.bundle"] + more)
            #expect(result.exitStatus == 65 && result.errors.contains("copy it again"), "\(result.errors)")
        }
        let work = try run.work(["in/a.wav"])
        #expect(work.exitStatus == 65 && work.errors.contains("copy it again"), "\(work.errors)")
        try whole.write(to: path)
        try run.place.succeed("bundle", "create", "--meeting", run.batch.first, "-o", "b.bundle")
        let other = try run.place.run("bundle", "verify", "case.bundle", "--key", "b.bundle.key")
        #expect(other.exitStatus == 65 && !other.errors.contains("copy it again"), "\(other.errors)")
        try run.place.succeed("bundle", "revoke", "case.bundle")
        #expect(try run.place.run("bundle", "verify", "case.bundle").exitStatus == 11)
    }

    /// As 'work', a batch ends as its scheduler wants it.
    @Test func refusalsOfABatchEndAsAsked() throws {
        let batch = try BatchPlace()
        try batch.place.write("no audio", to: "junk.mp3")
        #expect(try batch.batch(["junk.mp3"], meeting: batch.first).exitStatus == 30)
        #expect(
            try batch.batch(["junk.mp3"], out: "s.ndjson", meeting: batch.first, ["--refusals-ok"]).exitStatus == 0)
    }
}
