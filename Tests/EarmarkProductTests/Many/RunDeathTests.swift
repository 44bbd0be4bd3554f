import Foundation
import ProgramSupport
import Testing

/// docs/many.md, "A run": what kills is held against a file only when it happens again and again.
@Suite struct RunDeathTests {
    /// A bundle, and a plan of a recording that takes seconds; with `exhaustive`, minutes.
    private func place(_ effort: String = "normal") throws -> RunPlace {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.place.ffmpeg(["-stream_loop", "30", "-i", try Board.shared().host, "-c", "copy"], to: "long.wav")
        try run.place.succeed("run", "plan", "long.wav", "--effort", effort, "-o", "long.json")
        return run
    }

    /// Starts a worker, and waits until it decodes; the decoders, and what started them.
    private func start(_ run: RunPlace) throws -> (worker: Process, decoders: [pid_t], server: pid_t) {
        let worker = Process()
        worker.executableURL = try ProcessRunner.executable
        worker.arguments = [
            "work", "--bundle", "case.bundle", "--key", "case.bundle.key", "--plan", "long.json", "--part", "1", "-o",
            "p.ndjson", "--refusals-ok",
        ]
        worker.currentDirectoryURL = run.place.folder.url
        worker.environment = run.place.folder.environment
        worker.standardInput = FileHandle.nullDevice
        worker.standardOutput = FileHandle.nullDevice
        worker.standardError = FileHandle.nullDevice
        try worker.run()
        while worker.isRunning {
            if let server = try run.batch.children(of: worker.processIdentifier).first {
                // Before the first decoder a process tries whether it can be confined, and ends.
                let decoders = try run.batch.children(of: server, atWorkFor: 5)
                if !decoders.isEmpty { return (worker, decoders, server) }
            }
            usleep(2_000)
        }
        throw ProcessRunner.Failure(description: "the worker ended before it decoded")
    }

    private func outcomes(_ run: RunPlace) throws -> [String] {
        try run.lines("p.ndjson").compactMap { line in
            let line = try JSON(text: line)
            return line["refusal"]["code"].string ?? line["verdict"].string
        }
    }

    /// As Slurm and systemd do, which ask every process of a job to end: what is in hand is finished all the same.
    @Test func whoIsAskedToEndFinishesWhatIsInHand() throws {
        let run = try place()
        let (worker, decoders, server) = try start(run)
        for signal in [SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGUSR2] {
            for process in decoders + [server] { kill(process, signal) }
        }
        kill(worker.processIdentifier, SIGTERM)
        worker.end(within: 120)
        #expect(worker.terminationReason == .exit && worker.terminationStatus == 0)
        #expect(try outcomes(run) == ["not-found"])
    }

    /// Twice it is lost, and the part stays open; in the third try it is refused, and the part closes.
    @Test func aKilledDecoderIsHeldAgainstNoFileBeforeTheThirdTime() throws {
        let run = try place("exhaustive")
        for (status, due) in [(74, []), (74, []), (0, ["killed-analysis"])] {
            let (worker, decoders, _) = try start(run)
            for decoder in decoders { kill(decoder, SIGKILL) }
            worker.end(within: 120)
            #expect(worker.terminationReason == .exit && worker.terminationStatus == status)
            #expect(try outcomes(run) == due)
        }
        let whole = try run.place.run("run", "status", "long.json", "p.ndjson")
        #expect(whole.exitStatus == 0 && whole.text.contains("1 of 1 input refused: 1 killed-analysis"), "\(whole)")
    }

    /// A worker that ends with its decoder tells of nothing: it was after both.
    @Test func whoKillsTheWorkerTooConvictsNobody() throws {
        let run = try place("exhaustive")
        let (worker, decoders, server) = try start(run)
        for decoder in decoders { kill(decoder, SIGKILL) }
        kill(server, SIGKILL)
        usleep(50_000)
        kill(worker.processIdentifier, SIGKILL)
        worker.end(within: 120)
        #expect(try !run.place.text(of: "p.ndjson").contains("killed"))
    }

    /// What was in hand when its worker was killed three times is passed over in the last try alone; what was in hand
    /// of a worker that had been asked to end is not counted.
    @Test func whatKillsItsWorkerIsGivenUpInTheLastTry() throws {
        let run = try RunPlace(["a.wav", "b.wav"], parts: 1)
        try run.part(1)
        let opening = try #require(try run.lines("p.ndjson").first)
        let last = ["--plan", "run.json", "--part", "1", "-o", "p.ndjson", "--refusals-ok", "--missing-ok"]
        let (begun, left) = (#"{"begins":0}"#, #"{"leaves":0}"#)
        let cases: [(records: [String], more: [String], due: [String])] = [
            ([begun, begun, begun], ["--missing-ok"], ["not-found", "killed-analysis"]),
            ([begun, begun, begun], [], ["not-found", "not-found"]),
            ([begun, begun], ["--missing-ok"], ["not-found", "not-found"]),
            ([begun, left, begun, left, begun, left], ["--missing-ok"], ["not-found", "not-found"]),
        ]
        for (records, more, due) in cases {
            try run.write([opening] + records, to: "p.ndjson")
            let result = try run.work(last.dropLast() + more)
            #expect(result.exitStatus == 0, "\(result.errors)")
            #expect(try outcomes(run) == due, "\(records) \(more)")
        }
    }
}
