import Foundation
import ProgramSupport
import Testing

/// docs/many.md, Events: where events go, what they are never written to, and what does not stop the work.
@Suite struct EventLogPlacesTests {
    private static let work = ["init", "--org", "Example Ltd"]
    private static let lost = "events of EARMARK_LOG are lost"

    private static func events(_ text: some StringProtocol) throws -> [JSON] {
        try text.split(separator: "\n").map { try JSON(text: String($0)) }
    }

    private static func isThere(_ name: String, _ place: Workplace) -> Bool {
        (try? FileManager.default.attributesOfItem(atPath: place.file(name))) != nil
    }

    private static func run(_ arguments: [String], log: String, _ place: Workplace) throws -> ProcessRunner.Result {
        try place.run(arguments, environment: ["EARMARK_LOG": log])
    }

    /// Runs a script of sh in which $EARMARK is the program, which is stopped (124) if it hangs.
    private static func shell(_ script: String, _ place: Workplace) throws -> (status: Int32, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = place.folder.url
        let program = "timeout 120 \(try ProcessRunner.executable.path)"
        process.environment = place.folder.environment.merging(["EARMARK": program]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try place.write("", to: "errors")
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: place.file("errors")))
        try process.run()
        process.end(within: 600)
        return (process.terminationStatus, try place.text(of: "errors"))
    }

    // MARK: Pipes and devices

    @Test func aPipeThatNobodyReadsEndsTheCommandFirst() throws {
        let place = try Workplace()
        let result = try Self.shell("mkfifo pipe; EARMARK_LOG=./pipe $EARMARK init --org Example", place)
        #expect(result.status == 74 && result.errors.contains("nobody reads this pipe"), "\(result)")
        #expect(!Self.isThere("store.db", place))
    }

    @Test func aReaderThatSleepsStopsNothing() throws {
        let place = try Workplace()
        try #require(mkfifo(place.file("pipe"), 0o600) == 0)
        let reader = open(place.file("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let filler = open(place.file("pipe"), O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        defer { for end in [reader, filler] { close(end) } }
        var bytes = [UInt8](repeating: 0, count: 4096)
        while write(filler, bytes, bytes.count) > 0 {}
        let result = try Self.shell("EARMARK_LOG=./pipe $EARMARK init --org Example", place)
        #expect(result.status == 0, "\(result)")
        #expect(result.errors.components(separatedBy: Self.lost).count == 2)
        #expect(Self.isThere("store.db", place))
        // It wakes up.
        while read(reader, &bytes, bytes.count) > 0 {}
        let next = try Self.shell("EARMARK_LOG=./pipe $EARMARK --version", place)
        #expect(next.status == 0 && next.errors.isEmpty)
        let count = read(reader, &bytes, bytes.count)
        try #require(count > 0)
        let events = try Self.events(String(decoding: bytes[..<count], as: UTF8.self))
        #expect(events.map { $0["event"].string } == ["started", "ended"])
    }

    @Test func devicesAreWrittenToAndFoldersAreNot() throws {
        let place = try Workplace()
        let nothing = try Self.run(["--version"], log: "/dev/null", place)
        #expect(nothing.exitStatus == 0 && nothing.errors.isEmpty)
        let full = try Self.run(["--version"], log: "/dev/full", place)
        #expect(full.exitStatus == 0 && full.errors.contains("\(Self.lost): No space left on device"))
        #expect(full.errors.components(separatedBy: Self.lost).count == 2)
        let folder = try Self.run(["--version"], log: "./", place)
        #expect(folder.exitStatus == 74 && folder.errors.contains("EARMARK_LOG: './' cannot be written"))
    }

    // MARK: What is no log

    @Test func filesOfTheStoreAreNoLog() throws {
        let place = try Workplace()
        try place.succeed(Self.work)
        let own = try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path)
            .filter { $0.hasPrefix("store.db") }
        #expect(Set(own).isSuperset(of: ["store.db", "store.db.key", "store.db.key.head"]))
        let lock = try #require(own.first { $0.hasSuffix(".lock") })
        try FileManager.default.linkItem(atPath: place.file(lock), toPath: place.file("other-name"))
        try FileManager.default.copyItem(atPath: place.file("store.db.key"), toPath: place.file("key-copy"))
        for name in own + ["other-name", "key-copy"] {
            let before = try place.text(of: name)
            let result = try Self.run(["meeting", "list"], log: "./\(name)", place)
            #expect(result.exitStatus == 74, "\(name)")
            #expect(result.errors.contains("EARMARK_LOG: './\(name)' cannot be written"), "\(name): \(result.errors)")
            #expect(try place.text(of: name) == before, "\(name)")
        }
    }

    /// A store that is made finds none of its places taken by its own log.
    @Test(arguments: [["--store", "new.db"], ["--store=new.db"]])
    func filesThatAStoreWillHaveAreNoLog(option: [String]) throws {
        let place = try Workplace()
        for name in ["new.db", "new.db-wal", "new.db.key", "new.db.key.head", "store.db.key"] {
            let result = try Self.run(Self.work + option, log: "./\(name)", place)
            #expect(result.exitStatus == 74 && result.errors.contains("it is a file of the store"), "\(name)")
            #expect(!Self.isThere(name, place), "\(name)")
        }
        #expect(try Self.run(Self.work + option, log: "./events.log", place).exitStatus == 0)
    }

    @Test func filesOfTheUserAreNoLog() throws {
        let place = try Workplace()
        let contents = [
            "leak.wav": "RIFF....WAVEfmt ", "results.ndjson": #"{"path":"a.wav","result":"identified"}"# + "\n",
            "plan.json": "{\n  \"event\": 1\n}\n", "notes.txt": "\n",
        ]
        for (name, content) in contents {
            try place.write(content, to: name)
            let result = try Self.run(Self.work, log: "./\(name)", place)
            #expect(result.exitStatus == 74 && result.errors.contains("something else than events"), "\(name)")
            #expect(try place.text(of: name) == content)
        }
        #expect(!Self.isThere("store.db", place))
    }

    @Test func linksAreNotFollowed() throws {
        let place = try Workplace()
        try FileManager.default.createSymbolicLink(atPath: place.file("link"), withDestinationPath: "target")
        for isLog in [false, true] {
            let result = try Self.run(["--version"], log: "./link", place)
            #expect(result.exitStatus == 74 && result.errors.contains("'./link' cannot be written: it is a link"))
            #expect(Self.isThere("target", place) == isLog)
            try Self.expectEvents(try Self.run(["--version"], log: "./target", place), in: place.text(of: "target"))
        }
    }

    private static func expectEvents(_ result: ProcessRunner.Result, in text: String) throws {
        #expect(result.exitStatus == 0)
        #expect(try events(text).suffix(2).map { $0["event"].string } == ["started", "ended"])
    }

    /// These are links, too, to what the command was started with.
    @Test func streamsAreKnownByTheirNames() throws {
        let place = try Workplace()
        let result = try Self.run(["--version"], log: "/dev/stderr", place)
        try Self.expectEvents(result, in: result.errors)
        #expect(try Self.shell("EARMARK_LOG=/dev/fd/3 $EARMARK --version 3>>three", place).status == 0)
        #expect(try Self.events(place.text(of: "three")).map { $0["event"].string } == ["started", "ended"])
        #expect(try Self.shell("EARMARK_LOG=/dev/fd/3 $EARMARK --version 3<three", place).status == 74)
    }

    @Test func aFileIsMadeForItsOwnerAlone() throws {
        let place = try Workplace()
        #expect(try Self.shell("umask 0; EARMARK_LOG=./events.log $EARMARK --version", place).status == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: place.file("events.log"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    // MARK: Torn lines

    @Test func aTornLineSwallowsNoOther() throws {
        let place = try Workplace()
        // A little less than the 512 bytes of a block of sh: the next line reaches beyond.
        let before = String(repeating: #"{"decoders":"confined","event":"started","level":"info"}"# + "\n", count: 8)
        try place.write(before, to: "events.log")
        let torn = try Self.shell("ulimit -f 1; EARMARK_LOG=./events.log $EARMARK --version", place)
        #expect(torn.status == 0 && torn.errors.contains("\(Self.lost): File too large"), "\(torn)")
        let rest = try place.text(of: "events.log").dropFirst(before.count)
        #expect(!rest.isEmpty && !rest.contains("\n"), "one line is torn, and nothing is written behind it")
        let result = try Self.run(["--version"], log: "./events.log", place)
        #expect(result.exitStatus == 0 && result.errors.isEmpty)
        let text = try place.text(of: "events.log")
        #expect(text.hasPrefix(before + rest + "\n"))
        try Self.expectEvents(result, in: String(text.dropFirst(before.count + rest.count)))
    }

    // MARK: Signals

    @Test(arguments: StoppingSignals.all)
    func aSignalIsTold(signal: Int32) throws {
        let place = try Workplace()
        try place.succeed(Self.work)
        let process = Process()
        process.executableURL = try ProcessRunner.executable
        process.arguments = ["batch", "-", "--any-meeting", "--out", "r.ndjson"]
        process.currentDirectoryURL = place.folder.url
        process.environment = place.folder.environment.merging(["EARMARK_LOG": "./events.log"]) { $1 }
        // A list that does not end.
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, (try? place.text(of: "events.log").contains("started")) != true { usleep(2_000) }
        kill(process.processIdentifier, signal)
        process.end(within: 120)
        withExtendedLifetime(input) {}
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == signal)
        let events = try Self.events(place.text(of: "events.log"))
        #expect(events.map { $0["event"].string } == ["started", "ended"])
        // As shells tell of a process that a signal ended.
        #expect(events.last?["status"].int == 128 + Int(signal) && events.last?["level"].string == "error")
    }

    // MARK: What names no place

    @Test func namesThatAreNoSocketsEndTheCommandFirst() throws {
        let place = try Workplace()
        try place.write("", to: "file")
        for name in ["", String(repeating: "a", count: 150), place.file("file")] {
            let result = try Self.run(Self.work, log: "syslog:\(name)", place)
            #expect(result.exitStatus == 74 && result.errors.contains("EARMARK_LOG: "), "\(name)")
        }
        #expect(!Self.isThere("store.db", place))
    }

    @Test(arguments: ["SYSLOG", "stdout", "events.log"])
    func wordsThatAreNoneEndTheCommandFirst(word: String) throws {
        let place = try Workplace()
        let result = try Self.run(Self.work, log: word, place)
        #expect(result.exitStatus == 64)
        for known in ["stderr", "syslog", "syslog:SOCKET", "'./\(word)'"] { #expect(result.errors.contains(known)) }
        #expect(!Self.isThere(word, place) && !Self.isThere("store.db", place))
    }
}
