import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "What is not whole": merging fails on it and names what is missing.
@Suite struct BatchWholeTests {
    private let batch: BatchPlace

    /// Parts 1 and 2 of a batch of four files that are no recordings: they need no analysis.
    init() throws {
        batch = try BatchPlace()
        for name in ["a", "b", "c", "d"] { try batch.write(Data("no recording \(name)".utf8), to: "in/\(name)") }
        for part in 1...2 { try run(part, of: 2) }
    }

    private func run(
        _ part: Int, of count: Int, out: String = "r.ndjson", meeting: String? = nil, _ more: String...
    ) throws {
        let shard = ["--shard", "\(part)/\(count)", "--no-store", "--resume", "--jobs", "1"]
        try batch.batch(["in"], out: out, meeting: meeting ?? batch.first, shard + more)
    }

    private func merge(_ files: String..., more: [String] = []) throws -> ProcessRunner.Result {
        try? batch.remove("m.ndjson")
        return try batch.place.run(["batch", "merge"] + files + ["-o", "m.ndjson", "--json"] + more)
    }

    private static let parts = ("r.1-of-2.ndjson", "r.2-of-2.ndjson")

    private func refusal(_ first: String = parts.0, _ second: String = parts.1) throws -> String {
        let result = try merge(first, second)
        #expect(result.exitStatus == 65)
        #expect(!FileManager.default.fileExists(atPath: batch.place.file("m.ndjson")))
        return result.errors
    }

    private func copy(_ name: String, to other: String) throws {
        try? batch.remove(other)
        try FileManager.default.copyItem(atPath: batch.place.file(name), toPath: batch.place.file(other))
    }

    @Test func wholeBatchesAreJoined() throws {
        let result = try merge(Self.parts.0, Self.parts.1)
        #expect(result.exitStatus == 0 && result.errors.isEmpty)
        let summary = try JSON(text: result.text)["batch"]
        #expect(summary["files"].int == 4 && summary["remaining"].int == 0)
    }

    @Test func filesWithoutALineAreNamedAndCounted() throws {
        let lines = try batch.place.text(of: Self.parts.1).split(separator: "\n")
        try batch.place.write(lines[0] + "\n", to: Self.parts.1)
        let refusal = try refusal()
        #expect(refusal.contains("'r.2-of-2.ndjson' is unfinished: 1 of its 2 files has no line, first 'in/d'"))
        let partial = try merge(Self.parts.0, Self.parts.1, more: ["--partial"])
        #expect(partial.exitStatus == 0 && partial.errors.contains("first 'in/d'"))
        let summary = try JSON(text: partial.text)["batch"]
        #expect(summary["files"].int == 4 && summary["remaining"].int == 1 && summary["results"]["refused"].int == 3)
        try run(2, of: 2)
        #expect(try merge(Self.parts.0, Self.parts.1).exitStatus == 0, "--resume mends it")
    }

    /// Lines of an earlier batch with other options stand in for none of this one, whose list says what is asked.
    @Test(arguments: [["--effort", "exhaustive"], ["--triage"]])
    func linesOfAnotherRequestAreNotOfTheBatch(options: [String]) throws {
        let lines = try batch.place.text(of: Self.parts.0)
        try batch.batch(
            ["in"], out: "r.ndjson", meeting: batch.first, ["--shard", "1/2", "--no-store", "--resume"] + options)
        // As if it had been killed before it wrote any.
        try batch.place.write(lines, to: Self.parts.0)
        #expect(try refusal().contains("'r.1-of-2.ndjson' is unfinished: 2 of its 2 files have no line, first 'in/a'"))
    }

    /// What is wrong is one line of text, all of it.
    @Test func severalProblemsAreOneLine() throws {
        let errors = try refusal(Self.parts.0, Self.parts.0)
        #expect(errors.split(separator: "\n").count == 1 && !errors.unicodeScalars.contains("\u{FFFD}"))
        #expect(errors.contains("are both part 1-of-2; 1 of 2 parts is missing (2-of-2)"), "\(errors)")
    }

    @Test func partsThatHoldNothingYetAreUnfinished() throws {
        try batch.place.write("", to: Self.parts.0)
        #expect(try refusal().contains("'r.1-of-2.ndjson' is unfinished: 2 of its 2 files have no line, first 'in/a'"))
    }

    @Test func tornLinesAreRefused() throws {
        let text = try batch.place.text(of: Self.parts.0)
        try batch.place.write(String(text.dropLast(5)), to: Self.parts.0)
        #expect(try refusal().contains("'r.1-of-2.ndjson' ends within a line"))
        let partial = try merge(Self.parts.0, Self.parts.1, more: ["--partial"])
        #expect(try JSON(text: partial.text)["batch"]["remaining"].int == 1)
        try batch.place.write(text + "{\"schema\":1,\"pa", to: "alone.ndjson")
        let alone = try merge("alone.ndjson")
        #expect(alone.exitStatus == 65 && alone.errors.contains("'alone.ndjson' ends within a line"))
    }

    /// A part is what its batch closed: no other word, and no line ends of another system.
    @Test(arguments: ["unsupportedType", "\n"]) func partsThatWereChangedAreRefused(what: String) throws {
        let text = try batch.place.text(of: Self.parts.0)
        try batch.place.write(text.replacing(what, with: what == "\n" ? "\r\n" : "corrupt"), to: Self.parts.0)
        #expect(try refusal().contains("'r.1-of-2.ndjson' is not what its batch closed"))
        try run(1, of: 2)
        #expect(try merge(Self.parts.0, Self.parts.1).exitStatus == 0, "--resume closes what is there")
    }

    @Test func partsThatComeTwiceAreRefused() throws {
        #expect(try refusal(Self.parts.0, Self.parts.0).contains("are both part 1-of-2"))
        try copy(Self.parts.0, to: Self.parts.1)
        #expect(try refusal().contains("'r.2-of-2.ndjson' is unfinished: 2 of its 2 files have no line, first 'in/b'"))
        try copy(Self.parts.0 + ".list", to: Self.parts.1 + ".list")
        let refusal = try refusal()
        #expect(refusal.contains("'r.2-of-2.ndjson' is part 1-of-2, whatever its name says"))
        #expect(refusal.contains("2-of-2)"), "and what is missing")
    }

    @Test func partsOfAnotherBatchAreRefused() throws {
        try batch.write(Data("no recording e".utf8), to: "in/e")
        try run(2, of: 2, out: "s.ndjson")
        #expect(try refusal(Self.parts.0, "s.2-of-2.ndjson").contains("are of different batches"))
        try batch.remove("in/e")
        try run(2, of: 2, out: "t.ndjson", "--effort", "exhaustive")
        #expect(try refusal(Self.parts.0, "t.2-of-2.ndjson").contains("are of different batches"))
        try run(2, of: 2, out: "u.ndjson", meeting: batch.second)
        #expect(try refusal(Self.parts.0, "u.2-of-2.ndjson").contains("are of different batches"))
        // What is asked includes when it was played.
        for (out, stated) in [("v.ndjson", "5m"), ("w.ndjson", "6m")] {
            try run(2, of: 2, out: out, "--played-at", stated)
        }
        #expect(try refusal(Self.parts.0, "v.2-of-2.ndjson").contains("are of different batches"))
        try run(1, of: 2, out: "v.ndjson", "--played-at", "5m")
        #expect(try merge("v.1-of-2.ndjson", "v.2-of-2.ndjson").exitStatus == 0)
        #expect(try refusal("v.1-of-2.ndjson", "w.2-of-2.ndjson").contains("are of different batches"))
        // Lines of another part within one that is whole.
        let joined = try batch.place.text(of: Self.parts.0) + batch.place.text(of: Self.parts.1)
        try batch.place.write(joined, to: Self.parts.0)
        #expect(try refusal().contains("'r.1-of-2.ndjson' holds lines that are not of its part, first that of 'in/b'"))
    }

    @Test func partsWhoseListIsMissingAreRefused() throws {
        try batch.remove(Self.parts.1 + ".list")
        #expect(try refusal().contains("'r.2-of-2.ndjson.list' is missing"))
        try batch.place.write("{}\n", to: Self.parts.1 + ".list")
        #expect(try refusal().contains("is no list of a batch"))
    }

    /// Each is whole by itself, whatever is joined with it.
    @Test func batchesThatWereNotSharedOutAreJoined() throws {
        for name in ["e", "f"] { try batch.write(Data("no recording \(name)".utf8), to: "more/\(name)") }
        for folder in ["in", "more"] {
            try batch.batch([folder], out: "\(folder).ndjson", meeting: batch.first, ["--no-store"])
        }
        let two = try merge("in.ndjson", "more.ndjson")
        #expect(two.exitStatus == 0 && two.errors.isEmpty, "\(two.errors)")
        #expect(try JSON(text: two.text)["batch"]["files"].int == 6)
        // Beside parts of a batch, too, and one of them twice.
        let all = try merge("more.ndjson", Self.parts.0, Self.parts.1, "more.ndjson")
        #expect(all.exitStatus == 0 && all.errors.isEmpty, "\(all.errors)")
        #expect(try JSON(text: all.text)["batch"]["files"].int == 6)
    }

    @Test func batchesThatWereNotSharedOutMustBeFinishedToo() throws {
        try batch.batch(["in"], out: "w.ndjson", meeting: batch.first, ["--no-store"])
        #expect(try merge("w.ndjson").exitStatus == 0)
        let lines = try batch.place.text(of: "w.ndjson").split(separator: "\n").dropLast()
        try batch.place.write(lines.joined(separator: "\n") + "\n", to: "w.ndjson")
        let result = try merge("w.ndjson")
        #expect(result.exitStatus == 65 && result.errors.contains("'w.ndjson' is unfinished: 1 of its 4 files"))
    }
}

/// docs/batch.md, "A task that is submitted again alone keeps its part".
@Suite struct BatchResubmissionTests {
    private let batch: BatchPlace

    init() throws {
        batch = try BatchPlace()
        for number in 1...9 { try batch.write(Data("no recording \(number)".utf8), to: "in/\(number)") }
    }

    /// The numbers of the files that a Slurm task takes, and the result file; what went wrong, if something did.
    private func task(
        _ id: Int, of numbers: [Int], step: Int = 1, dry: Bool = true, inputs: [String] = ["in"]
    ) throws -> (numbers: [Int], out: String?, result: ProcessRunner.Result) {
        let variables = ["ID": id, "MIN": numbers.min(), "MAX": numbers.max(), "STEP": step, "COUNT": numbers.count]
        let environment = variables.reduce(into: [String: String]()) { all, variable in
            all["SLURM_ARRAY_TASK_\(variable.key)"] = variable.value.map(String.init)
        }
        let arguments = ["--out", "r.ndjson", "--meeting", batch.first, "--resume", "--no-store", "--json"]
        let result = try batch.place.run(
            ["batch"] + inputs + arguments + (dry ? ["--dry-run"] : []), environment: environment)
        guard !result.text.isEmpty else { return ([], nil, result) }
        let plan = try JSON(text: result.text)["plan"]
        let found = plan["files"].array.compactMap { $0["path"].string.flatMap { Int($0.dropFirst(3)) } }
        return (found, plan["out"].string, result)
    }

    @Test func aTaskAloneKeepsItsPart() throws {
        // sbatch --array=10-16:2
        for id in [10, 12, 14, 16] { _ = try task(id, of: [10, 12, 14, 16], step: 2, dry: false) }
        let alone = try task(14, of: [14])
        #expect(alone.numbers == [3, 7] && alone.out == "r.3-of-4.ndjson")
        #expect(alone.result.errors.contains("submitted again: part 3 of 4"))
        #expect(try task(16, of: [12, 16], step: 4).out == "r.4-of-4.ndjson")
        #expect(try task(10, of: [10, 12, 16], step: 2).out == "r.1-of-4.ndjson", "gaps of different size")
        #expect(try task(12, of: [10, 12, 14, 16], step: 2).out == "r.2-of-4.ndjson")
        #expect(try task(1, of: [1]).out == "r.ndjson", "no task of that array")
        #expect(try task(11, of: [11]).out == "r.ndjson", "no task of that array")
        let larger = try task(12, of: [10, 11, 12, 13, 14])
        #expect(larger.out == "r.3-of-5.ndjson", "an array of more tasks is another one")
    }

    @Test func otherFilesAreNotTakenForThePart() throws {
        for id in 1...3 { _ = try task(id, of: [1, 2, 3], dry: false) }
        try batch.write(Data("no recording 10".utf8), to: "in/10")
        let changed = try task(2, of: [2])
        #expect(changed.result.exitStatus == 64)
        #expect(changed.result.errors.contains("parts of 3 lie there") && changed.result.errors.contains("--shard I/N"))
        #expect(try task(2, of: [1, 2, 3]).out == "r.2-of-3.ndjson", "the whole array again")
    }
}
