import Foundation
import ProgramSupport
import Testing

/// docs/many.md, Events: what happens, as lines of JSON without personal data.
@Suite struct EventLogTests {
    private static let secrets = ["Budget", "ada@example.org", "leak.wav", "hearing", "in/", ".wav"]

    private static func events(_ text: String) throws -> [JSON] {
        try text.split(separator: "\n").map { try JSON(text: String($0)) }
    }

    private static func expectNoPersonalData(_ text: String) {
        for secret in secrets { #expect(!text.contains(secret), "\(secret) in \(text)") }
    }

    @Test func aBatchTellsEachRecording() throws {
        let batch = try BatchPlace()
        try batch.add("in/one.wav", seed: 1)
        try batch.place.write("no audio", to: "in/junk.wav")
        let result = try batch.place.run(
            ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--jobs", "1", "-q", "--note", "hearing"]
                + BatchPlace.quick,
            environment: ["EARMARK_LOG": "./events.log"])
        #expect(result.exitStatus == 30)
        #expect(!result.errors.contains("{"))
        let text = try batch.place.text(of: "events.log")
        Self.expectNoPersonalData(text)
        let events = try Self.events(text)
        #expect(events.map { $0["event"].string } == ["started", "recording", "recording", "ended"])
        #expect(events.allSatisfy { $0["verb"].string == "batch" && $0["pid"].int ?? 0 > 1 })
        #expect(
            events.allSatisfy {
                ($0["time"].string ?? "").wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/) != nil
            })
        #expect(events[0]["decoders"].string == "confined")
        let refused = try #require(events.first { $0["result"].string == "refused" })
        #expect(refused["refusal"].string == "unsupportedType" && refused["level"].string == "warning")
        let analysed = try #require(events.first { $0["event"].string == "recording" && $0["refusal"].isAbsent })
        let stored = try batch.stored()
        let told = [refused, analysed].flatMap { $0["analyses"].array.map(\.string) }
        #expect(told.count == 2 && Set(told) == Set(stored.map { $0["id"].string }))
        #expect(analysed["meetings"].array.map(\.string) == [batch.first])
        #expect(analysed["sha256"].string?.count == 64 && analysed["condition"].isAbsent)
        #expect(Set([refused, analysed].map { $0["place"].int }) == [1, 2])
        #expect(events[3]["status"].int == 30 && events[3]["level"].string == "error")
        // What is there already is no event.
        _ = try batch.place.run(
            ["batch", "in", "--meeting", batch.first, "--out", "r.ndjson", "--resume", "-q"] + BatchPlace.quick,
            environment: ["EARMARK_LOG": "./again.log"])
        let again = try Self.events(try batch.place.text(of: "again.log"))
        #expect(again.map { $0["event"].string } == ["started", "ended"])
    }

    @Test func aWorkerTellsPlacesOfThePlan() throws {
        let run = try RunPlace(["1.wav", "2.wav", "3.wav"], parts: 2)
        try FileManager.default.removeItem(atPath: run.place.file("in/3.wav"))
        let result = try run.work(
            ["--plan", "run.json", "--part", "1", "-o", "p.ndjson"], environment: ["EARMARK_LOG": "stderr"])
        #expect(result.exitStatus == 66)
        let lines = result.errors.split(separator: "\n").filter { $0.hasPrefix("{") }.joined(separator: "\n")
        Self.expectNoPersonalData(lines)
        let events = try Self.events(lines)
        #expect(events.map { $0["event"].string } == ["started", "recording", "lost", "ended"])
        #expect(events.map { $0["place"].int } == [nil, 1, 3, nil])
        #expect(events.allSatisfy { $0["verb"].string == "work" })
        #expect(events[3]["status"].int == 66)
    }

    @Test func aPurgeIsToldByIdentifier() throws {
        let place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        let meeting = try place.json("meeting", "create", "--title", "Budget", "--start", "now")["meeting"]["id"].string
        let result = try place.run(
            ["meeting", "delete", meeting ?? "", "--yes"], environment: ["EARMARK_LOG": "./events.log"])
        #expect(result.exitStatus == 0)
        let text = try place.text(of: "events.log")
        Self.expectNoPersonalData(text)
        let events = try Self.events(text)
        #expect(events.map { $0["event"].string } == ["started", "purged", "ended"])
        #expect(events[1]["meetings"].array.map(\.string) == [meeting])
        #expect(events.allSatisfy { $0["verb"].string == "meeting delete" })
    }

    /// Words that are no verb may be anything, a person's name among them.
    @Test func wordsOfTheUserAreNoVerb() throws {
        let place = try Workplace()
        for arguments in [["meeting", "Budget"], ["Budget"], ["meeting", "show", "Budget"]] {
            let result = try place.run(arguments, environment: ["EARMARK_LOG": "./events.log"])
            #expect(result.exitStatus != 0)
        }
        let text = try place.text(of: "events.log")
        Self.expectNoPersonalData(text)
        #expect(try Self.events(text).count { $0["event"].string == "started" } == 3, "each is added to the others")
    }

    @Test func aLogThatCannotBeOpenedEndsTheCommandFirst() throws {
        let place = try Workplace()
        let result = try place.run(
            ["init", "--org", "Example Ltd"], environment: ["EARMARK_LOG": "missing/events.log"])
        #expect(result.exitStatus == 74)
        #expect(result.errors.contains("EARMARK_LOG: 'missing/events.log' cannot be written"))
        #expect(!FileManager.default.fileExists(atPath: place.file("store.db")))
    }

    /// The daemon went away: the work is done, and said once to have no witness.
    @Test func aDeafSystemLogStopsNothing() throws {
        let place = try Workplace()
        let result = try place.run(
            ["init", "--org", "Example Ltd"], environment: ["EARMARK_LOG": "syslog:\(place.file("nobody"))"])
        #expect(result.exitStatus == 0)
        #expect(result.errors.components(separatedBy: "events of EARMARK_LOG are lost").count == 2)
        #expect(FileManager.default.fileExists(atPath: place.file("store.db")))
    }

    @Test func theSystemsLogGetsEvents() throws {
        let place = try Workplace()
        let listener = Process()
        listener.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        listener.currentDirectoryURL = place.folder.url
        listener.arguments = [
            "python3", "-c",
            """
            import socket
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.settimeout(60); s.bind('log')
            open('got', 'wb').write(s.recv(4096) + b'\\n' + s.recv(4096))
            """,
        ]
        try listener.run()
        while !FileManager.default.fileExists(atPath: place.file("log")) { usleep(10_000) }
        _ = try place.run(
            ["init", "--org", "Example Ltd"], environment: ["EARMARK_LOG": "syslog:\(place.file("log"))"])
        listener.waitUntilExit()
        let lines = try place.text(of: "got").split(separator: "\n")
        // RFC 5424, 6.2.1: facility 3 (daemon) times 8 and severity 6 (informational).
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasPrefix("<30>earmark: {") })
        let events = try Self.events(lines.map { $0.dropFirst("<30>earmark: ".count) }.joined(separator: "\n"))
        #expect(events.map { $0["event"].string } == ["started", "ended"])
    }
}
