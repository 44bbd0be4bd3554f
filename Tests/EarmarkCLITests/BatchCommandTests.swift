import EarmarkFiles
import EarmarkStore
import Foundation
import ProgramSupport
import Testing

@Suite struct BatchCommandTests {
    private let folder: TemporaryFolder
    private let meeting: String
    /// Files of the folder `in`: ten recordings, one of them twice, and two that are none.
    private static let fileCount = 13

    init() throws {
        folder = try TemporaryFolder()
        let location = StoreLocation(store: folder.url.appendingPathComponent("store.db").path)
        let store = try Store.create(at: location, organisationName: "Example Ltd")
        let roster = [RosterEntry(participant: "P", email: "p@example.org", device: "d")]
        let start = Store.systemClock()
        meeting = try store.createMeeting(
            .init(title: "T", startsAt: start), roster: roster, in: try store.organisation().id
        ).id.text
        let input = folder.url.appendingPathComponent("in")
        try FileManager.default.createDirectory(at: input, withIntermediateDirectories: true)
        for index in 0..<10 {
            try wave(seed: UInt64(index + 1)).write(to: input.appendingPathComponent("r\(index).wav"))
        }
        try wave(seed: 1).write(to: input.appendingPathComponent("same.wav"))
        try Data("no recording".utf8).write(to: input.appendingPathComponent("text.wav"))
        try Data(wave(seed: 1).prefix(30)).write(to: input.appendingPathComponent("torn.wav"))
    }

    /// Three seconds of noise at 8 kHz, 16 bits, one channel.
    private func wave(seed: UInt64) -> Data {
        var state = seed
        let samples = (0..<24_000).map { _ -> Float in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 50) / 32_768
        }
        return Media.wav([samples], rate: 8_000)
    }

    private func run(_ arguments: String...) throws -> ProcessRunner.Result {
        try ProcessRunner.run(arguments, folder: folder.url, environment: folder.environment)
    }

    private func batch(_ out: String, _ more: String...) throws -> ProcessRunner.Result {
        let arguments = ["batch", "in", "--meeting", meeting, "--out", out, "--allow-short", "--effort", "fast"]
        return try ProcessRunner.run(arguments + more, folder: folder.url, environment: folder.environment)
    }

    /// Lines as objects without what differs from run to run, sorted by path.
    private func lines(_ name: String) throws -> [[String: Any]] {
        let text = try String(contentsOf: folder.url.appendingPathComponent(name), encoding: .utf8)
        try #require(text.hasSuffix("\n"))
        return try text.split(separator: "\n").map { line in
            var object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            object["id"] = nil
            object["made"] = nil
            object["date"] = nil
            return object
        }.sorted { "\($0["path"] ?? "")" < "\($1["path"] ?? "")" }
    }

    private func texts(_ name: String) throws -> [String] {
        try lines(name).map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0, options: .sortedKeys), as: UTF8.self)
        }
    }

    @Test func everyFileHasALineWhateverTheJobs() throws {
        let one = try batch("one.ndjson", "--jobs", "1")
        #expect(one.exitStatus == 30, "two files are refused")
        #expect(one.text.contains("11 not-found, 2 refused"))
        #expect(try batch("many.ndjson", "--jobs", "5").exitStatus == 30)
        let results = try lines("one.ndjson")
        #expect(results.count == Self.fileCount)
        #expect(Set(results.compactMap { $0["path"] as? String }).count == Self.fileCount)
        #expect(results.allSatisfy { $0["schema"] as? Int == 1 && ($0["sha256"] as? String)?.count == 64 })
        #expect(
            results.compactMap { ($0["refusal"] as? [String: Any])?["code"] as? String }.sorted()
                == ["truncated", "unsupportedType"])
        #expect(try texts("one.ndjson") == texts("many.ndjson"))
    }

    @Test func sameContentIsAnalysedOnce() throws {
        _ = try batch("r.ndjson")
        let text = try String(contentsOf: folder.url.appendingPathComponent("r.ndjson"), encoding: .utf8)
        let objects = try text.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        let identifiers = objects.filter { ["in/r0.wav", "in/same.wav"].contains($0["path"] as? String) }
            .compactMap { $0["id"] as? String }
        #expect(identifiers.count == 2 && Set(identifiers).count == 1)
        let stored = try run("analysis", "list", "--json").output
        let list = try #require(try JSONSerialization.jsonObject(with: stored) as? [String: Any])
        #expect((list["analyses"] as? [Any])?.count == Self.fileCount - 1)
    }

    @Test func resumingAddsOnlyWhatIsNew() throws {
        _ = try batch("r.ndjson")
        let before = try Data(contentsOf: folder.url.appendingPathComponent("r.ndjson"))
        #expect(try batch("r.ndjson").exitStatus == 73, "results are not overwritten")
        let again = try batch("r.ndjson", "--resume")
        #expect(again.exitStatus == 30 && again.text.contains("known before  13"))
        #expect(try Data(contentsOf: folder.url.appendingPathComponent("r.ndjson")) == before)
        try wave(seed: 99).write(to: folder.url.appendingPathComponent("in/r3.wav"))
        _ = try batch("r.ndjson", "--resume")
        #expect(try lines("r.ndjson").filter { $0["path"] as? String == "in/r3.wav" }.count == 2, "changed content")
        #expect(try batch("r.ndjson", "--resume", "--effort", "normal").text.contains("known before") == false)
    }

    @Test func killedBatchesLoseNothingThatWasWritten() throws {
        _ = try batch("whole.ndjson")
        let expected = try texts("whole.ndjson")
        var known = 0
        var kills = 0
        for attempt in 0..<200 {
            let process = Process()
            process.executableURL = try ProcessRunner.executable
            process.arguments = [
                "batch", "in", "--meeting", meeting, "--out", "k.ndjson", "--allow-short", "--effort", "fast",
                "--resume",
                "--jobs", "2", "-q",
            ]
            process.currentDirectoryURL = folder.url
            process.environment = folder.environment
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // Longer with each attempt, so that some die before their first line and the last ones end.
            usleep(UInt32.random(in: 0...UInt32(8_000 + 4_000 * attempt)))
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let path = folder.url.appendingPathComponent("k.ndjson")
            let written = ((try? Data(contentsOf: path)) ?? Data()).filter { $0 == UInt8(ascii: "\n") }.count
            #expect(written >= known, "lines are lost")
            known = written
            if process.terminationReason == .exit { break }
            kills += 1
        }
        #expect(kills > 0)
        #expect(try batch("k.ndjson", "--resume").exitStatus == 30)
        #expect(try texts("k.ndjson") == expected)
    }

    @Test func shardsJoinToTheWhole() throws {
        _ = try batch("whole.ndjson")
        for index in 1...3 { _ = try batch("part.ndjson", "--shard", "\(index)/3") }
        #expect(
            try run("batch", "merge", "part.1-of-3.ndjson", "part.3-of-3.ndjson", "-o", "m.ndjson").exitStatus == 65)
        let parts = (1...3).map { "part.\($0)-of-3.ndjson" }
        let merge = ["batch", "merge"] + parts + ["-o", "m.ndjson"]
        let result = try ProcessRunner.run(merge, folder: folder.url, environment: folder.environment)
        #expect(result.exitStatus == 0)
        #expect(try texts("m.ndjson") == texts("whole.ndjson"))
    }

    @Test func manifestsNameMeetingsAndWords() throws {
        let manifest =
            "file,meeting,name,note\nin/r1.wav,\(meeting),Case 1,n\nin/r2.wav,m_nope,,\nin/absent.wav,\(meeting),,\n"
        try Data(manifest.utf8).write(to: folder.url.appendingPathComponent("m.csv"))
        #expect(try run("batch", "m.csv", "--out", "r.ndjson", "--allow-short", "--effort", "fast").exitStatus == 30)
        let results = try lines("r.ndjson")
        let refusals = results.map { ($0["refusal"] as? [String: Any])?["code"] as? String }
        #expect(refusals == ["notFound", nil, "unknown-meeting"])
        #expect(results[1]["name"] as? String == "Case 1" && results[1]["note"] as? String == "n")
        // What may have passed is asked again, and said again only if it has.
        #expect(
            try run("batch", "m.csv", "--out", "r.ndjson", "--allow-short", "--effort", "fast", "--resume").exitStatus
                == 30)
        #expect(try lines("r.ndjson").count == 3)
    }

    @Test func dryRunsTouchNothing() throws {
        let result = try batch("r.ndjson", "--dry-run")
        #expect(result.exitStatus == 0 && result.text.contains("in/r1.wav") && result.text.contains("13 files"))
        #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("r.ndjson").path))
        #expect(try run("batch", "in", "--meeting", "m_nope", "--out", "r.ndjson").exitStatus == 66)
        #expect(try run("batch", "in", "--out", "r.ndjson").exitStatus == 65)
        #expect(try batch("r.ndjson", "--jobs", "0").exitStatus == 64)
        #expect(try batch("r.ndjson", "--shard", "4/3").exitStatus == 64)
    }

    @Test func arrayJobsTakeTheirPart() throws {
        var environment = folder.environment
        environment["AWS_BATCH_JOB_ARRAY_INDEX"] = "1"
        environment["AWS_BATCH_JOB_ARRAY_SIZE"] = "4"
        let arguments = ["batch", "in", "--meeting", meeting, "--out", "a.ndjson", "--allow-short", "--effort", "fast"]
        let result = try ProcessRunner.run(arguments, folder: folder.url, environment: environment)
        #expect(result.errors.contains("AWS Batch array: part 2 of 4"))
        #expect(try lines("a.2-of-4.ndjson").count == 3)
    }
}
