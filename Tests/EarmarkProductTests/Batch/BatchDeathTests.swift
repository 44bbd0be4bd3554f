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

    @Test(arguments: [SIGKILL, SIGSYS])
    func theBatchOutlivesItsAnalysis(signal: Int32) throws {
        let batch = try place()
        let process = try batch.start(effort: "exhaustive")
        // Who crashes is convicted by that; who is killed only by the third time, the others being done before.
        var last: pid_t = 0
        for _ in 0..<(signal == SIGKILL ? 3 : 1) {
            var child = last
            while child == last { child = try batch.analyser(of: process, "in/0.wav") }
            kill(child, signal)
            last = child
        }
        process.end(within: 120)
        #expect(process.terminationReason == .exit && process.terminationStatus == 30)
        let lines = try batch.lines()
        let paths = ["in/a.wav", "in/b.wav"]
        let order = signal == SIGKILL ? paths + ["in/0.wav"] : ["in/0.wav"] + paths
        try #require(lines.map(\.["path"].string) == order)
        #expect(
            lines.map { $0["refusal"]["code"].string ?? $0["verdict"].string }
                == order.map { $0 == "in/0.wav" ? "killed-analysis" : "not-found" })
        let line = try #require(lines.first { $0["path"].string == "in/0.wav" })
        let words = signal == SIGKILL ? "was killed 3 times; if nobody did, memory" : "crashed (Bad system call)"
        #expect(line["refusal"]["message"].string?.contains(words) == true)
        #expect(line["sha256"].string?.count == 64)
        // What killed its process once is not tried again, but told.
        let again = try batch.place.run(
            ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--resume", "--allow-short", "--json"]
                + ["--effort", "exhaustive"])
        #expect(again.exitStatus == 30)
        let summary = try JSON(text: again.text)["batch"]
        #expect(summary["resumed"].int == 3 && summary["results"]["refused"].int == 1)
        #expect(try batch.lines().count == 3)
    }

    /// A decoder that somebody kills is no file's doing, either: it is decoded again.
    @Test func aKilledDecoderIsReplaced() throws {
        let batch = try place()
        let process = try batch.start(effort: "fast")
        let child = try batch.analyser(of: process, "in/0.wav")
        for server in try batch.children(of: child) {
            var decoders: [pid_t] = []
            while process.isRunning, decoders.isEmpty { decoders = try batch.children(of: server, atWorkFor: 5) }
            for decoder in decoders { kill(decoder, SIGKILL) }
        }
        process.end(within: 120)
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        #expect(try batch.lines().map(\.["verdict"].string) == ["not-found", "not-found", "not-found"])
        #expect(try batch.stored().count == 3, "nothing is stored of the first try")
    }

    @Test func whoeverKillsTheBatchConvictsNoFile() throws {
        let batch = try place()
        let process = try batch.start(effort: "fast")
        let child = try batch.analyser(of: process, "in/0.wav")
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
        let process = try batch.start(effort: "normal", ["--time-limit", "2"])
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
