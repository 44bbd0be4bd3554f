import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "Stopping and going on": whatever ends the process costs no more than the files in hand.
@Suite struct BatchInterruptionTests {
    private static let count = 60

    /// A batch that runs, with what it says in `err`.
    private func start(
        _ batch: BatchPlace, _ arguments: [String], environment: [String: String] = [:], ignoringHangUps: Bool = false
    ) throws -> Process {
        let process = Process()
        let program = try ProcessRunner.executable
        process.executableURL = ignoringHangUps ? URL(fileURLWithPath: "/bin/sh") : program
        let shell = ["-c", "trap '' HUP; exec \"$@\"", "sh", program.path]
        process.arguments = (ignoringHangUps ? shell : []) + arguments
        process.currentDirectoryURL = batch.place.folder.url
        process.environment = batch.place.folder.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        for name in ["out", "err"] { try batch.place.write("", to: name) }
        process.standardOutput = try FileHandle(forWritingTo: batch.place.folder.url.appendingPathComponent("out"))
        process.standardError = try FileHandle(forWritingTo: batch.place.folder.url.appendingPathComponent("err"))
        try process.run()
        return process
    }

    /// Waits until `condition` holds or the process has ended.
    private func wait(for process: Process, until condition: () throws -> Bool) throws {
        while process.isRunning, try !condition() { usleep(2_000) }
    }

    private func many() throws -> BatchPlace {
        let batch = try BatchPlace()
        for number in 0..<Self.count { try batch.add("in/\(number).wav", seed: number) }
        return batch
    }

    @Test(arguments: StoppingSignals.all)
    func oneSignalLetsTheFilesInHandFinish(signal: Int32) throws {
        let batch = try many()
        let arguments = ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--jobs", "2", "-q", "--json"]
        let process = try start(batch, arguments + BatchPlace.quick)
        try wait(for: process) { (try? batch.place.text(of: "r.ndjson").isEmpty) == false }
        kill(process.processIdentifier, signal)
        process.end(within: 120)
        #expect(process.terminationReason == .exit && process.terminationStatus == 128 + signal)
        let lines = try batch.lines()
        #expect(!lines.isEmpty && lines.count < Self.count)
        #expect(try batch.place.text(of: "err").contains("finishing the files in hand"))
        let summary = try JSON(text: try batch.place.text(of: "out"))["batch"]
        #expect(summary["remaining"].int == Self.count - lines.count && summary["files"].int == Self.count)
        #expect(summary["results"]["not-found"].int == lines.count)
        #expect(try batch.stored().count == lines.count, "the files in hand are written as well as stored")
        let rest = try batch.summary(["in"], meeting: batch.first, ["--resume"])
        #expect(rest["resumed"].int == lines.count && rest["remaining"].int == 0)
        let undisturbed = try BatchPlace()
        for number in 0..<3 { try undisturbed.add("in/\(number).wav", seed: number) }
        try undisturbed.batch(["in"], meeting: batch.first)
        #expect(try batch.lines().count == Self.count)
        #expect(Set(try batch.content()).isSuperset(of: try undisturbed.content()))
    }

    /// As behind `nohup`: the end of the terminal is none of the batch's.
    @Test func whatIgnoresHangUpsGoesOn() throws {
        let batch = try many()
        let process = try start(
            batch, ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "-q"] + BatchPlace.quick,
            ignoringHangUps: true)
        try wait(for: process) { (try? batch.place.text(of: "r.ndjson").isEmpty) == false }
        kill(process.processIdentifier, SIGHUP)
        process.end(within: 120)
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
        #expect(try batch.lines().count == Self.count)
    }

    @Test func theSecondSignalEndsAtOnce() throws {
        let batch = try BatchPlace("a.wav")
        // Twenty minutes, begun beside the first file, so that it is in hand when either signal comes.
        try batch.place.ffmpeg(
            ["-stream_loop", "10", "-i", try Board.shared().host, "-c", "copy"], to: "in/long.wav")
        let process = try start(
            batch,
            [
                "batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--jobs", "2", "--allow-short",
                "--effort", "exhaustive",
            ], environment: ["EARMARK_LOG": "./events.log"])
        try wait(for: process) { (try? batch.place.text(of: "r.ndjson").isEmpty) == false }
        kill(process.processIdentifier, SIGINT)
        try wait(for: process) { try batch.place.text(of: "err").contains("finishing the files in hand") }
        kill(process.processIdentifier, SIGTERM)
        process.end(within: 120)
        #expect(process.terminationReason == .exit && process.terminationStatus == 128 + SIGTERM)
        #expect(try batch.lines().map(\.["path"].string) == ["in/a.wav"])
        let last = try #require(try batch.place.text(of: "events.log").split(separator: "\n").last)
        let event = try JSON(text: String(last))
        #expect(event["event"].string == "ended" && event["status"].int == 128 + Int(SIGTERM))
    }

    @Test func killedBatchesGoOnFromTheirLastWholeLine() throws {
        let batch = try BatchPlace("a.wav", "b.wav", "c.wav")
        try batch.batch(["in"], out: "whole.ndjson", meeting: batch.first, ["--no-store"])
        try batch.batch(["in"], meeting: batch.first, ["--no-store", "--jobs", "1"])
        let text = try batch.place.text(of: "r.ndjson")
        let first = try #require(text.split(separator: "\n").first)
        // What a killed process may leave: a whole line and half of another.
        try batch.place.write(String(text.prefix(first.count + 200)), to: "r.ndjson")
        let summary = try batch.summary(["in"], meeting: batch.first, ["--resume", "--no-store"])
        #expect(summary["resumed"].int == 1)
        #expect(try batch.place.text(of: "r.ndjson").hasPrefix(first + "\n"))
        #expect(try batch.content() == batch.content("whole.ndjson"))
    }

    @Test func killedBatchesLoseNoLine() throws {
        let batch = try many()
        let arguments = ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "-q", "--resume"]
        var before = ""
        for lines in [1, 4, 9] {
            let process = try start(batch, arguments + BatchPlace.quick)
            try wait(for: process) {
                let text = (try? batch.place.text(of: "r.ndjson")) ?? ""
                return text.utf8.count { $0 == UInt8(ascii: "\n") } >= lines
            }
            kill(process.processIdentifier, SIGKILL)
            process.end(within: 120)
            let text = try batch.place.text(of: "r.ndjson")
            #expect(text.hasPrefix(before))
            before = text.hasSuffix("\n") ? text : String(text[...(text.lastIndex(of: "\n") ?? text.startIndex)])
        }
        #expect(try batch.batch(["in"], meeting: batch.first, ["--resume"]).exitStatus == 0)
        #expect(try batch.place.text(of: "r.ndjson").hasPrefix(before))
        #expect(Set(try batch.lines().compactMap(\.["path"].string)).count == Self.count)
        #expect(try batch.lines().count == Self.count)
        let identifiers = Set(try batch.stored().compactMap(\.["id"].string))
        #expect(Set(try batch.lines().compactMap(\.["id"].string)) == identifiers, "nothing was analysed twice")
    }

    @Test func foreignResultsAreNotGoneOnWith() throws {
        let batch = try BatchPlace("a.wav")
        for (text, words) in [
            ("{\"schema\":2}\n", "line 1"), ("name,verdict\n", "is there, and holds no results of a batch"),
        ] {
            try batch.place.write(text, to: "r.ndjson")
            let result = try batch.batch(["in"], meeting: batch.first, ["--resume"])
            #expect(result.exitStatus == 65 && result.errors.contains(words), "\(result.errors)")
            #expect(try batch.place.text(of: "r.ndjson") == text)
        }
    }

    @Test func oneBatchAtATimeWrites() throws {
        let batch = try BatchPlace("a.wav")
        try batch.batch(["in"], meeting: batch.first)
        let before = try batch.place.text(of: "r.ndjson")
        // As another batch holds it.
        let other = open(batch.place.file("r.ndjson"), O_RDWR)
        defer { close(other) }
        #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
        try batch.add("in/b.wav", seed: 5)
        let result = try batch.batch(["in"], meeting: batch.first, ["--resume"])
        #expect(result.exitStatus == 75 && result.errors.contains("another batch is writing to 'r.ndjson'"))
        #expect(try batch.place.text(of: "r.ndjson") == before)
    }
}
