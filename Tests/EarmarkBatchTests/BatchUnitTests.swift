import EarmarkAnswer
import EarmarkService
import EarmarkStore
import Foundation
import ProgramSupport
import Testing

@testable import EarmarkBatch
@testable import EarmarkCLI

@Suite struct ShardTests {
    @Test func partsHoldEveryFileOnce() throws {
        let shards = try (1...3).map { try #require(Shard(index: $0, count: 3, origin: nil)) }
        for place in 0..<10 { #expect(shards.filter { $0.contains(place: place) }.count == 1) }
    }

    @Test func argumentsOutOfRangeAreRefused() {
        #expect(Shard(argument: "1/1") == .whole)
        #expect(Shard(argument: "8/8")?.index == 8)
        for text in ["0/8", "9/8", "1/0", "1", "1/2/3", "a/2", "-1/2", ""] { #expect(Shard(argument: text) == nil) }
    }

    private func detected(_ environment: [String: String]) throws -> Shard? {
        try Shard.detected(in: environment, out: "/nonexistent/r.ndjson", list: "")
    }

    @Test func schedulersAreFoundByTheirVariables() throws {
        #expect(try detected([:]) == nil)
        // sbatch --array=10-16:2
        let slurm = [
            "SLURM_ARRAY_TASK_ID": "14", "SLURM_ARRAY_TASK_MIN": "10", "SLURM_ARRAY_TASK_MAX": "16",
            "SLURM_ARRAY_TASK_STEP": "2", "SLURM_ARRAY_TASK_COUNT": "4",
        ]
        let third = try #require(try detected(slurm))
        #expect(third.index == 3 && third.count == 4)
        let pod = try #require(try detected(["JOB_COMPLETION_INDEX": "0", "EARMARK_SHARDS": "5"]))
        #expect(pod.index == 1 && pod.count == 5)
        let child = try detected(["AWS_BATCH_JOB_ARRAY_INDEX": "6", "AWS_BATCH_JOB_ARRAY_SIZE": "7"])
        #expect(child?.index == 7 && child?.count == 7)
    }

    @Test func contradictoryVariablesAreRefused() {
        // A pod that does not know how many there are must not take everything.
        let environments = [
            ["JOB_COMPLETION_INDEX": "0"], ["JOB_COMPLETION_INDEX": "5", "EARMARK_SHARDS": "5"],
            ["AWS_BATCH_JOB_ARRAY_INDEX": "1"],
            // sbatch --array=1,3,4: gaps of different size.
            [
                "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_MIN": "1", "SLURM_ARRAY_TASK_MAX": "4",
                "SLURM_ARRAY_TASK_STEP": "1", "SLURM_ARRAY_TASK_COUNT": "3",
            ],
        ]
        for environment in environments {
            #expect(throws: BatchError.self) { try detected(environment) }
        }
    }

    @Test func resultFilesCarryThePart() throws {
        let shard = try #require(Shard(index: 3, count: 8, origin: nil))
        #expect(shard.path("a.b/results.ndjson") == "a.b/results.3-of-8.ndjson")
        #expect(shard.path("a.b/results") == "a.b/results.3-of-8")
        #expect(Shard.whole.path("results.ndjson") == "results.ndjson")
    }
}

@Suite struct ManifestTests {
    private func parse(_ text: String, _ form: Manifest.Form) throws -> [Manifest.Row] {
        try Manifest.parse(Array(text.utf8), form: form, source: "m")
    }

    @Test func csvColumnsComeInAnyOrder() throws {
        let rows = try parse("note,File,meeting,name\r\n\"a, b\",x.mp4,m_1,Case\r\n,y.mp4,,\r\n", .csv)
        #expect(
            rows == [
                .init(file: "x.mp4", meeting: "m_1", label: .init(name: "Case", note: "a, b")),
                .init(file: "y.mp4", meeting: nil),
            ])
    }

    @Test func jsonLinesHoldTheSame() throws {
        let rows = try parse(
            "{\"file\":\"x \\n.mp4\",\"meeting\":\"m_1\",\"name\":\"Case\"}\n\n{\"file\":\"y\"}", .ndjson)
        #expect(
            rows == [
                .init(file: "x \n.mp4", meeting: "m_1", label: .init(name: "Case")), .init(file: "y", meeting: nil),
            ])
    }

    @Test(arguments: [
        "file,meting\nx,m_1\n", "meeting\nm_1\n", "file,file\nx,y\n", "file,name\n,x\n", "file,name\nx\n",
        "file\n\"x\n", "",
    ])
    func faultyCSVIsRefused(text: String) {
        #expect(throws: BatchError.self) { try parse(text, .csv) }
    }

    @Test(arguments: [
        "{\"file\":1}", "{\"meeting\":\"m\"}", "[]", "{\"file\":\"x\",\"meting\":\"m\"}", "{\"file\":\"\"}", "x",
    ])
    func faultyJSONIsRefused(text: String) {
        #expect(throws: BatchError.self) { try parse(text, .ndjson) }
    }

    @Test func standardInputIsJudgedByItsFirstLine() {
        func form(_ text: String) -> Manifest.Form { .init(content: Array(text.utf8)) }
        #expect(form("{\"file\":\"x\"}\n") == .ndjson)
        #expect(form("meeting, file\n") == .csv)
        #expect(form("a/file\nb\n") == .paths)
        #expect(form("file,of,mine.mp4\n") == .paths)
    }

    @Test func pathsMayEndInCarriageReturns() throws {
        #expect(try parse("a b.mp4\r\n\nc\n", .paths).map(\.file) == ["a b.mp4", "c"])
    }
}

@Suite struct BatchInputTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in [
            "b.mp4", "a.wav", ".hidden", "sub/c.txt", "sub/.x/d.mp4", "r.ndjson", "r.1-of-2.ndjson", "s.db", "s.db-wal",
        ] {
            let url = folder.url.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: url)
        }
        try FileManager.default.createSymbolicLink(
            atPath: path("loop"), withDestinationPath: folder.url.path)
        try FileManager.default.createSymbolicLink(atPath: path("link.mp4"), withDestinationPath: path("b.mp4"))
    }

    private func path(_ name: String) -> String { folder.url.appendingPathComponent(name).path }

    private func names(_ arguments: [String], include: [String] = [], meeting: String? = "m_1") throws -> [String] {
        let own = OwnFiles(
            store: StoreLocation(store: path("s.db")), results: path("r.ndjson"), metrics: nil,
            shard: Shard(index: 1, count: 2, origin: nil), environment: [:])
        let input = BatchInput(meeting: meeting, label: .init(), include: include, own: own)
        return try input.find(arguments).items.map { String($0.path.dropFirst(folder.url.path.count + 1)) }
    }

    @Test func foldersAreSearchedForEverythingButOwnFiles() throws {
        #expect(try names([folder.url.path]) == ["a.wav", "b.mp4", "link.mp4", "sub/c.txt"])
        #expect(try names([folder.url.path], include: ["*.MP4"]) == ["b.mp4", "link.mp4"])
    }

    @Test func patternsAndRepetitionsGiveEachFileOnce() throws {
        #expect(try names([path("*.mp4"), path("b.mp4"), path("su[b]")]) == ["b.mp4", "link.mp4", "sub/c.txt"])
        #expect(throws: BatchError.self) { try names([path("*.flac")]) }
        #expect(throws: BatchError.self) { try names([path("absent.mp4")]) }
    }

    @Test func manifestsNameFilesFromTheirFolder() throws {
        try Data("file,meeting\nc.txt,m_2\nabsent.mp4,\n".utf8).write(to: URL(fileURLWithPath: path("sub/m.csv")))
        #expect(try names([path("sub/m.csv")]) == ["sub/c.txt", "sub/absent.mp4"])
        #expect(throws: BatchError.self, "a file without a meeting") { try names([path("sub/m.csv")], meeting: nil) }
    }
}

@Suite struct ResultFileTests {
    private func line(_ path: String) -> BatchLine {
        let request = BatchRequest(meeting: "m_1", effort: "normal", allowShort: false, toolVersion: "1")
        let outcome = FileOutcome(
            path: path, id: nil, date: "2026-01-01T00:00:00Z", refusal: .init(code: "corrupt", message: "m"))
        return BatchLine(sha256: String(repeating: "a", count: 64), request: request, outcome: outcome)
    }

    @Test func tornLinesAreCutOff() throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("r.ndjson").path
        do {
            let file = try ResultFile.open(path, resumes: false)
            try file.append(line("one"))
            try file.append(line("two"))
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try (whole + Data("{\"schema\":1,\"pa".utf8)).write(to: URL(fileURLWithPath: path))
        let file = try ResultFile.open(path, resumes: true)
        var found: [(String, Int64)] = []
        try file.readLines { found.append(($0.outcome.path, $1)) }
        #expect(found.map(\.0) == ["one", "two"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
        #expect(try file.line(at: found[1].1).outcome.path == "two")
        #expect(try file.append(line("three")) == Int64(whole.count))
    }

    @Test func filesAreOpenToOneBatchAndNotOverwritten() throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("r.ndjson").path
        do {
            let file = try ResultFile.open(path, resumes: false)
            #expect(throws: BatchError.self) { try ResultFile.open(path, resumes: true) }
            try file.append(line("one"))
        }
        #expect(throws: BatchError.self) { try ResultFile.open(path, resumes: false) }
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    }

    @Test func foreignLinesAreRefusedByNumber() throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("r.ndjson").path
        let good = try line("one").serialized()
        try Data(good + Array("{\"schema\":2}\n".utf8)).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: BatchError.self) { try ResultLines.read(path) { _, _ in } }
        #expect(error?.message.contains("line 2") == true)
    }
}
