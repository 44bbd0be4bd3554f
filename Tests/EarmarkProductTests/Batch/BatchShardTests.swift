import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "Job schedulers": which part of the files a job takes.
@Suite struct BatchShardTests {
    /// The files that a batch of ten would take, and what it says.
    private func part(
        _ environment: [String: String], _ arguments: [String] = [], out: String = "r.ndjson"
    ) throws -> (numbers: [Int], result: ProcessRunner.Result, out: String?) {
        let place = try Self.batch.get()
        let list = (1...10).map { "\($0)\n" }.joined()
        let result = try place.place.run(
            ["batch", "-", "--meeting", place.first, "--out", out, "--dry-run", "--json"] + arguments,
            input: Data(list.utf8), environment: environment)
        guard !result.text.isEmpty else { return ([], result, nil) }
        let plan = try JSON(text: result.text)["plan"]
        return (plan["files"].array.compactMap { $0["path"].string.flatMap { Int($0) } }, result, plan["out"].string)
    }

    private static let batch = Result { try BatchPlace() }

    @Test func everyNthFileIsTakenFromTheIth() throws {
        let third = try part([:], ["--shard", "3/4"])
        #expect(third.numbers == [3, 7] && third.out == "r.3-of-4.ndjson")
        #expect(try part([:], ["--shard", "1/4"]).numbers == [1, 5, 9])
        #expect(try part([:], ["--shard", "4/4"]).numbers == [4, 8])
        #expect(try part([:], ["--shard", "10/12"]).numbers == [10])
        #expect(try part([:], ["--shard", "11/12"]).numbers.isEmpty)
        let all = try part([:])
        #expect(all.numbers == Array(1...10) && all.out == "r.ndjson")
        #expect(all.result.errors.isEmpty, "no scheduler, no message")
    }

    @Test func partsWriteFilesOfTheirOwn() throws {
        #expect(try part([:], ["--shard", "2/3"], out: "a.b/r.ndjson").out == "a.b/r.2-of-3.ndjson")
        #expect(try part([:], ["--shard", "2/3"], out: "a.b/r").out == "a.b/r.2-of-3")
        #expect(try part([:], ["--shard", "2/3"], out: "a/.r").out == "a/.r.2-of-3")
    }

    @Test(arguments: ["0/4", "5/4", "1/0", "1", "1/2/3", "a/2", "1/b", "-1/2"])
    func argumentsOutOfRangeAreRefused(text: String) throws {
        #expect(try part([:], ["--shard=\(text)"]).result.exitStatus == 64)
    }

    private func slurm(
        _ id: Int?, from first: Int?, to last: Int? = nil, step: Int? = nil, count: Int?
    ) -> [String: String] {
        let values = ["ID": id, "MIN": first, "MAX": last, "STEP": step, "COUNT": count]
        return values.reduce(into: [:]) { all, value in
            if let number = value.value { all["SLURM_ARRAY_TASK_\(value.key)"] = String(number) }
        }
    }

    @Test func slurmArraysMayBeginAnywhereAndHaveSteps() throws {
        let simple = try part(slurm(2, from: 1, to: 8, step: 1, count: 8))
        #expect(simple.numbers == [2, 10] && simple.out == "r.2-of-8.ndjson")
        #expect(simple.result.errors.contains("Slurm array: part 2 of 8, results in 'r.2-of-8.ndjson'"))
        // sbatch --array=10-16:2
        #expect(try part(slurm(10, from: 10, to: 16, step: 2, count: 4)).numbers == [1, 5, 9])
        #expect(try part(slurm(14, from: 10, to: 16, step: 2, count: 4)).numbers == [3, 7])
        #expect(try part(slurm(16, from: 10, to: 16, step: 2, count: 4)).numbers == [4, 8])
        #expect(try part(slurm(0, from: 0, to: 2, count: 3)).numbers == [1, 4, 7, 10], "the step is 1 unless named")
        #expect(try part(slurm(5, from: 5, to: 5, step: 1, count: 1)).out == "r.ndjson")
    }

    @Test func slurmArraysThatDoNotAddUpAreRefused() throws {
        let environments = [
            // sbatch --array=1,3,4
            slurm(3, from: 1, to: 4, step: 1, count: 3), slurm(3, from: 1, to: 4, step: 1, count: nil),
            slurm(3, from: nil, to: 4, step: 1, count: 4), slurm(0, from: 1, to: 4, step: 1, count: 4),
            slurm(11, from: 10, to: 16, step: 2, count: 4), slurm(5, from: 1, to: 4, step: 1, count: 4),
        ]
        for environment in environments {
            #expect(try part(environment).result.exitStatus == 64, "\(environment)")
        }
    }

    @Test func podsNeedTheNumberOfParts() throws {
        let pod = try part(["JOB_COMPLETION_INDEX": "0", "EARMARK_SHARDS": "4"])
        #expect(pod.numbers == [1, 5, 9])
        #expect(pod.result.errors.contains("Kubernetes Indexed Job: part 1 of 4"))
        #expect(try part(["JOB_COMPLETION_INDEX": "3", "EARMARK_SHARDS": "4"]).numbers == [4, 8])
        let unknown = try part(["JOB_COMPLETION_INDEX": "0"])
        #expect(unknown.result.exitStatus == 64 && unknown.result.errors.contains("EARMARK_SHARDS"))
        for index in ["4", "-1", "x"] {
            let outside = try part(["JOB_COMPLETION_INDEX": index, "EARMARK_SHARDS": "4"])
            #expect(outside.result.exitStatus == 64)
        }
    }

    @Test func arraysOfAWSAreFound() throws {
        let child = try part(["AWS_BATCH_JOB_ARRAY_INDEX": "6", "AWS_BATCH_JOB_ARRAY_SIZE": "7"])
        #expect(child.numbers == [7] && child.out == "r.7-of-7.ndjson")
        #expect(child.result.errors.contains("AWS Batch array: part 7 of 7"))
        let unknown = try part(["AWS_BATCH_JOB_ARRAY_INDEX": "1"])
        #expect(unknown.result.exitStatus == 64 && unknown.result.errors.contains("AWS_BATCH_JOB_ARRAY_SIZE"))
        #expect(
            try part(["AWS_BATCH_JOB_ARRAY_INDEX": "7", "AWS_BATCH_JOB_ARRAY_SIZE": "7"]).result.exitStatus == 64)
    }

    @Test func theOptionGoesBeforeTheScheduler() throws {
        let pod = ["JOB_COMPLETION_INDEX": "0"]
        let all = try part(pod, ["--shard", "1/1"])
        #expect(all.numbers == Array(1...10) && all.out == "r.ndjson" && all.result.errors.isEmpty)
        #expect(try part(pod, ["--shard", "2/5"]).numbers == [2, 7])
    }

    @Test func partsJoinToTheWhole() throws {
        let batch = try BatchPlace("a.wav", "b.wav", "c.wav", "d.wav")
        try batch.batch(["in"], out: "whole.ndjson", meeting: batch.first)
        for part in 1...3 {
            try batch.batch(["in"], out: "p.ndjson", meeting: batch.first, ["--no-store", "--shard", "\(part)/3"])
        }
        #expect(try (1...3).map { try batch.lines("p.\($0)-of-3.ndjson").count } == [2, 1, 1])
        try batch.place.succeed(["batch", "merge"] + (1...3).map { "p.\($0)-of-3.ndjson" } + ["-o", "m.ndjson"])
        #expect(try batch.content("m.ndjson") == batch.content("whole.ndjson"))
    }
}
