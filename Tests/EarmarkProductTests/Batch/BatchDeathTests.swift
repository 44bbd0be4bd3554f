import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "What a file cannot do": a file on which the program dies is a refused line, and the others go on.
@Suite struct BatchDeathTests {
    /// A batch with a file that takes long and two that do not.
    private func place() throws -> BatchPlace {
        let batch = try BatchPlace("a.wav", "b.wav")
        try batch.place.ffmpeg(["-stream_loop", "40", "-i", try Board.shared().host, "-c", "copy"], to: "in/0.wav")
        return batch
    }

    private func start(_ batch: BatchPlace, effort: String, _ more: [String] = []) throws -> Process {
        let process = Process()
        process.executableURL = try ProcessRunner.executable
        process.arguments =
            ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--jobs", "1", "-q", "--allow-short"]
            + ["--effort", effort] + more
        process.currentDirectoryURL = batch.place.folder.url
        process.environment = batch.place.folder.environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Waits until `file` is in hand; the process that analyses it.
    private func analyser(of process: Process, _ file: String, _ batch: BatchPlace) throws -> pid_t {
        while process.isRunning {
            let list = (try? batch.place.text(of: "r.ndjson.list")) ?? ""
            if list.contains("{\"begun\":{\"meeting\":\"\(batch.first)\",\"path\":\"\(file)\"}}") { break }
            usleep(2_000)
        }
        while process.isRunning {
            // It is at work when it has a decoder.
            if let child = try children(of: process.processIdentifier).first, try !children(of: child).isEmpty {
                return child
            }
            usleep(2_000)
        }
        throw ProcessRunner.Failure(description: "the batch ended before '\(file)' was in hand")
    }

    private func children(of parent: pid_t) throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter { process in
            let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            // The name, in brackets, may hold anything.
            let fields = status.suffix(from: status.lastIndex(of: ")") ?? status.startIndex).split(separator: " ")
            return fields.count > 2 && fields[2] == "\(parent)"
        }
    }

    @Test(arguments: [SIGKILL, SIGSYS])
    func theBatchOutlivesItsAnalysis(signal: Int32) throws {
        let batch = try place()
        let process = try start(batch, effort: "exhaustive")
        kill(try analyser(of: process, "in/0.wav", batch), signal)
        process.end(within: 120)
        #expect(process.terminationReason == .exit && process.terminationStatus == 30)
        let lines = try batch.lines()
        try #require(lines.map(\.["path"].string) == ["in/0.wav", "in/a.wav", "in/b.wav"])
        #expect(
            lines.map { $0["refusal"]["code"].string ?? $0["verdict"].string } == [
                "killed-analysis", "not-found", "not-found",
            ])
        let words = signal == SIGKILL ? "was killed; if nobody did, memory ran out" : "crashed (Bad system call)"
        #expect(lines[0]["refusal"]["message"].string?.contains(words) == true)
        #expect(lines[0]["sha256"].string?.count == 64)
        // What killed its process once is not tried again, but told.
        let again = try batch.place.run(
            ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--resume", "--allow-short", "--json"]
                + ["--effort", "exhaustive"])
        #expect(again.exitStatus == 30)
        let summary = try JSON(text: again.text)["batch"]
        #expect(summary["resumed"].int == 3 && summary["results"]["refused"].int == 1)
        #expect(try batch.lines().count == 3)
    }

    @Test func whoeverKillsTheBatchConvictsNoFile() throws {
        let batch = try place()
        let process = try start(batch, effort: "fast")
        let child = try analyser(of: process, "in/0.wav", batch)
        kill(process.processIdentifier, SIGKILL)
        process.end(within: 120)
        // Nobody waits for what the child has in hand.
        for _ in 0..<500 where kill(child, 0) == 0 { usleep(10_000) }
        #expect(kill(child, 0) != 0)
        #expect(try batch.lines().isEmpty)
        #expect(try batch.batch(["in"], meeting: batch.first, ["--resume", "--jobs", "1"]).exitStatus == 0)
        // What was in hand comes last: if it was why, the others are done before it is tried again.
        let lines = try batch.lines()
        #expect(lines.map(\.["path"].string) == ["in/a.wav", "in/b.wav", "in/0.wav"])
        #expect(lines.allSatisfy { $0["verdict"].string == "not-found" })
        #expect(try batch.stored().count == 3)
    }

    @Test func aFileThatTakesTooLongIsRefused() throws {
        let batch = try BatchPlace("a.wav", "b.wav")
        // Half a day of noise, decoded again and again for changes of speed.
        try batch.write(Data(Bombs.movie(hours: 12, bytes: 8_000_000)), to: "in/0.mov")
        let process = try start(batch, effort: "normal", ["--time-limit", "2"])
        process.end(within: 120)
        #expect(process.terminationStatus == 30)
        let lines = try batch.lines()
        #expect(
            lines.map { $0["refusal"]["code"].string ?? $0["verdict"].string } == [
                "timeLimit", "not-found", "not-found",
            ])
        let one = try batch.place.run("analyze", "in/0.mov", "--meeting", batch.first, "--time-limit", "1")
        #expect(one.exitStatus == 27 && one.errors.contains("longer to analyse than the 1 s"))
        let wrong = try batch.place.run("analyze", "in/0.mov", "--meeting", batch.first, "--time-limit", "0")
        #expect(wrong.exitStatus == 64)
    }
}
