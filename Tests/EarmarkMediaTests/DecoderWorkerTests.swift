import CProcess
import Foundation
import Testing

@testable import EarmarkMedia

/// Decoding in a process without rights.
@Suite struct DecoderWorkerTests {
    /// Decoders of the program that the build puts beside the tests.
    static func worker(longestSilence: Int = WorkerMessage.longestSilence) throws -> DecoderWorker {
        let tests = try #require(Bundle.main.executableURL)
        let executable = tests.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("earmark")
        try #require(FileManager.default.isExecutableFile(atPath: executable.path))
        return DecoderWorker(executable: executable.path, arguments: ["serve-decoders"], longestSilence: longestSilence)
    }

    private static func samples(_ decoder: RecordingDecoder, track: Int = 0) throws -> ([[Float]], DecodeSummary) {
        var channels: [[Float]] = []
        let summary = try decoder.decode(track: track, sampleRate: 16_000) { block in
            if channels.isEmpty { channels = Array(repeating: [], count: block.channelCount) }
            for channel in 0..<block.channelCount { channels[channel] += block[channel: channel] }
        }
        return (channels, summary)
    }

    @Test func deliversWhatThisProcessWould() throws {
        let folder = try TemporaryFolder()
        let worker = try DecoderWorkerTests.worker()
        let stereo = "-f lavfi -i aevalsrc=sin(3000*t)|0.3*sin(2000*t):d=3:s=44100"
        for (name, arguments) in [
            ("a.wav", Source.tone()), ("b.mp3", stereo), ("c.m4a", stereo), ("d.aac", Source.tone()),
            ("e.avi", Source.film()),
            ("f.mov", Source.tone() + " " + stereo + " -map 0 -map 1"), ("g.mp4", Source.film()),
        ] {
            let path = try folder.ffmpeg(arguments, to: name)
            let mine = try RecordingDecoder(path: path)
            let theirs = try RecordingDecoder(path: path, worker: worker)
            #expect(mine.tracks == theirs.tracks && mine.container == theirs.container)
            for track in mine.tracks.indices {
                let (expected, summary) = try DecoderWorkerTests.samples(mine, track: track)
                // Twice: a decoder is used again.
                for _ in 0..<2 {
                    let (channels, other) = try DecoderWorkerTests.samples(theirs, track: track)
                    #expect(channels == expected && other == summary, "\(name)")
                }
            }
        }
    }

    @Test func reportsTheSameErrors() throws {
        let folder = try TemporaryFolder()
        let worker = try DecoderWorkerTests.worker()
        let whole = try bytes(of: try folder.ffmpeg(Source.film(), to: "whole.mp4"))
        let inputs = [
            try folder.write(Array(whole.prefix(whole.count / 2)), as: "cut.mp4"),
            try folder.write(Array("no recording at all".utf8), as: "text.wav"),
            try folder.ffmpeg(Source.picture(), to: "silent.mp4"), folder.file("absent.mp3"),
        ]
        for path in inputs {
            let mine = try #require(throws: MediaError.self) { _ = try RecordingDecoder(path: path) }
            let theirs = try #require(throws: MediaError.self) { _ = try RecordingDecoder(path: path, worker: worker) }
            #expect(mine.code == theirs.code && mine.description == theirs.description)
        }
    }

    @Test func tracksDecodeAtTheSameTime() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(seconds: 20), to: "a.m4a")
        let decoder = try RecordingDecoder(path: path, worker: try DecoderWorkerTests.worker())
        let expected = try DecoderWorkerTests.samples(decoder).0
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { try DecoderWorkerTests.samples(decoder).0 == expected } }
            for try await isSame in group { #expect(isSame) }
        }
    }

    @Test func whatTheBodyThrowsEndsTheDecodeAlone() throws {
        struct Enough: Error {}
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(seconds: 30), to: "a.m4a")
        let decoder = try RecordingDecoder(path: path, worker: try DecoderWorkerTests.worker())
        #expect(throws: Enough.self) { _ = try decoder.decode(track: 0) { _ in throw Enough() } }
        #expect(try DecoderWorkerTests.samples(decoder) == DecoderWorkerTests.samples(RecordingDecoder(path: path)))
    }

    @Test(arguments: [
        (SIGSEGV, MediaError.Code.corrupt, "crash"), (SIGABRT, .corrupt, "crash"), (SIGXCPU, .corrupt, "busy"),
        (SIGKILL, .unreadable, "killed"),
    ])
    func aDecoderThatDiesTakesNothingWithIt(_ signal: Int32, _ code: MediaError.Code, _ word: String) throws {
        let folder = try TemporaryFolder()
        // Longer than what fits into the socket, so that the decoder is still at work when it dies.
        let path = try folder.ffmpeg(Source.tone(seconds: 300), to: "a.wav")
        let worker = try DecoderWorkerTests.worker()
        let process = try WorkerProcess(worker, try ByteSource(path: path))
        let error = try #require(throws: MediaError.self) {
            _ = try process.decode(track: 0, sampleRate: 48_000, channels: 0..<1) { _ in
                kill(process.link.decoder.process, signal)
            }
        }
        #expect(error.code == code && error.message.contains(word) && error.path == path, "\(error)")
        #expect(try DecoderWorkerTests.samples(try RecordingDecoder(path: path, worker: worker)).1.corruptPackets == 0)
    }

    @Test func aDecoderThatFallsSilentIsGivenUp() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(seconds: 300), to: "a.wav")
        let process = try WorkerProcess(
            try DecoderWorkerTests.worker(longestSilence: 1), try ByteSource(path: path))
        let error = #expect(throws: MediaError.self) {
            _ = try process.decode(track: 0, sampleRate: 48_000, channels: 0..<1) { _ in
                kill(process.link.decoder.process, SIGSTOP)
            }
        }
        #expect(error?.code == .corrupt && process.link.isOver)
        #expect(kill(process.link.decoder.process, 0) != 0, "it is killed")
    }

    @Test func aServerThatDiesIsReplaced() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(), to: "a.wav")
        let worker = try DecoderWorkerTests.worker()
        let process = try WorkerProcess(worker, try ByteSource(path: path))
        kill(process.link.decoder.server, SIGKILL)
        // Its decoders do not outlive it.
        while kill(process.link.decoder.process, 0) == 0 {
            let state = try? String(contentsOfFile: "/proc/\(process.link.decoder.process)/stat", encoding: .utf8)
            if state?.contains(") Z ") ?? true { break }
            usleep(1_000)
        }
        let error = #expect(throws: MediaError.self) {
            _ = try process.decode(track: 0, sampleRate: 48_000, channels: 0..<1) { _ in }
        }
        #expect(error?.code == .unreadable)
        // The next one comes from a new server at once.
        #expect(try DecoderWorkerTests.samples(try RecordingDecoder(path: path, worker: worker)).0[0].count == 48_000)
    }

    /// docs/many.md, "A run": a server that is killed between two recordings costs neither of them anything.
    @Test func aServerThatDiesBetweenTwoFilesIsNoFaultOfTheSecond() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(), to: "a.wav")
        let worker = try DecoderWorkerTests.worker()
        let server = try WorkerProcess(worker, try ByteSource(path: path)).link.decoder.server
        kill(server, SIGKILL)
        // Until then it may still answer.
        while let state = try? String(contentsOfFile: "/proc/\(server)/stat", encoding: .utf8),
            !state.contains(") Z ")
        {
            usleep(1_000)
        }
        #expect(try DecoderWorkerTests.samples(try RecordingDecoder(path: path, worker: worker)).0[0].count == 48_000)
    }

    @Test func aProgramThatServesNoDecodersIsNamed() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(), to: "a.wav")
        for program in ["/bin/false", "/no/such/program"] {
            let error = try #require(throws: MediaError.self) {
                _ = try RecordingDecoder(path: path, worker: DecoderWorker(executable: program, arguments: []))
            }
            #expect(error.code == .unreadable && error.message.contains("cannot be started"), "\(error)")
        }
    }

    @Test func decodersAreConfinedAndSeeNothingElse() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(), to: "a.wav")
        // Open while the decoder is started, and none of its business.
        let secret = try #require(FileHandle(forReadingAtPath: path))
        let process = try WorkerProcess(try DecoderWorkerTests.worker(), try ByteSource(path: path))
        let status = try String(contentsOfFile: "/proc/\(process.link.decoder.process)/status", encoding: .utf8)
        #expect(status.contains("Seccomp:\t2") && status.contains("NoNewPrivs:\t1"))
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.link.decoder.process)/fd") {
            #expect(Set(open).isSubset(of: ["0", "1", "2", "3"]), "\(open)")
        }
        try secret.close()
    }

    @Test func theFilterLeavesComputingOnly() throws {
        let child = cprocess_fork()
        if child == 0 {
            guard cprocess_confine() == 0 else { _exit(1) }
            if open("/dev/null", O_RDONLY) >= 0 { _exit(2) }
            if socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) >= 0 { _exit(3) }
            if cprocess_fork() >= 0 { _exit(4) }
            if mmap(nil, 4_096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED { _exit(5) }
            if mmap(nil, 4_096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED { _exit(6) }
            if kill(getppid(), 0) == 0 { _exit(7) }
            _exit(0)
        }
        var status: Int32 = -1
        #expect(waitpid(child, &status, 0) == child && status == 0, "ended with \(status >> 8)")
    }
}

/// What a hostile decoder may answer.
@Suite struct DecoderTalkTests {
    /// A talk whose answers are `bytes`, followed by the end.
    private static func talk<Result>(_ bytes: [UInt8], _ body: (DecoderTalk) throws -> Result) throws -> Result {
        let ends = try ChildProcess.socketPair()
        defer { close(ends.ours) }
        // Apart, since not all fit into the socket at once; who refuses an answer does not read on.
        Thread {
            try? WorkerChannel(descriptor: ends.theirs).sendAll(bytes)
            shutdown(ends.theirs, Int32(SHUT_WR))
            var order = [UInt8](repeating: 0, count: 4_096)
            while recv(ends.theirs, &order, order.count, 0) > 0 {}
            close(ends.theirs)
        }.start()
        return try body(DecoderTalk(channel: WorkerChannel(descriptor: ends.ours), path: "file"))
    }

    private static func message(
        _ kind: WorkerMessage.Kind, _ body: [UInt8], count: Int? = nil, channels: UInt32 = 0
    ) -> [UInt8] {
        [kind.rawValue, UInt32(count ?? body.count), channels].withUnsafeBytes(Array.init) + body
    }

    private static func block(_ channels: UInt32, _ samples: [Float]) -> [UInt8] {
        message(.block, samples.withUnsafeBytes(Array.init), channels: channels)
    }

    private static func summary(
        frames: Int64, rate: Int = 16_000, channels: Int = 1, corruptPackets: Int = 0
    ) throws -> [UInt8] {
        let summary = DecodeSummary(
            decodedFrames: frames, sampleRate: rate, channels: channels, corruptPackets: corruptPackets,
            isTruncated: false, warnings: [])
        return message(.summary, Array(try JSONEncoder().encode(summary)))
    }

    private static func decode(_ bytes: [UInt8], channels: Int = 1) throws -> [Float] {
        var samples: [Float] = []
        _ = try talk(bytes) { talk in
            try talk.decode(track: 0, channels: 0..<channels, sampleRate: 16_000) { block in
                for channel in 0..<block.channelCount { samples += block[channel: channel] }
            }
        }
        return samples
    }

    /// Nothing that a decoder says leads to advice that weakens what confines it, and no refusal is without a reason.
    @Test(arguments: [
        "set EARMARK_DECODER=unconfined to do without", "Earmark is out of date: see http://x.example", "", " \n",
        "this system cannot confine it", "run it with sudo", "Install its libraries libavformat.so.59",
    ]) func aDecoderGivesNoAdvice(words: String) throws {
        for code in MediaError.Code.allCases {
            let failure = try JSONEncoder().encode(WorkerFailure(code: code, message: words))
            let error = #expect(throws: MediaError.self) {
                _ = try DecoderTalkTests.decode(DecoderTalkTests.message(.failure, Array(failure)))
            }
            let message = (error?.message ?? "").lowercased()
            #expect(message.contains("reason"))
            for word in ["earmark", "confine", "sudo", "install", "http"] { #expect(!message.contains(word)) }
            #expect(![.notFound, .tooShort, .writeFailed].contains(error?.code))
        }
    }

    @Test func sensibleAnswersArrive() throws {
        let blocks = DecoderTalkTests.block(2, [1, 2, 3, 4]) + DecoderTalkTests.block(2, [5, 6])
        let answer = blocks + (try DecoderTalkTests.summary(frames: 3, channels: 2))
        #expect(try DecoderTalkTests.decode(answer, channels: 2) == [1, 2, 3, 4, 5, 6])
        let failure = try JSONEncoder().encode(WorkerFailure(code: .truncated, message: "ends early."))
        let error = try #require(throws: MediaError.self) {
            _ = try DecoderTalkTests.decode(DecoderTalkTests.message(.failure, Array(failure)))
        }
        #expect(error.code == .truncated && error.message == "ends early." && error.path == "file")
    }

    @Test func textsAreNoOrdersToTerminals() throws {
        let failure = WorkerFailure(
            code: .corrupt, message: "b\u{1B}]0;title\u{7}\u{202E}ad\n" + String(repeating: "x", count: 5_000))
        let bytes = DecoderTalkTests.message(.failure, Array(try JSONEncoder().encode(failure)))
        let error = try #require(throws: MediaError.self) { _ = try DecoderTalkTests.decode(bytes) }
        #expect(error.message.hasPrefix("b?]0;title??ad?xxx") && error.message.count == 5_015)
    }

    @Test func senselessAnswersAreRefused() throws {
        let good = DecoderTalkTests.block(1, [0, 0])
        let cases: [[UInt8]] = [
            DecoderTalkTests.block(0, [0]), DecoderTalkTests.block(9, .init(repeating: 0, count: 9)),
            DecoderTalkTests.block(2, [0, 0]), DecoderTalkTests.block(1, []), DecoderTalkTests.block(1, [.nan]),
            DecoderTalkTests.block(1, [.infinity]), DecoderTalkTests.block(1, [2e9]),
            // Another number of channels amid the track.
            good + DecoderTalkTests.block(2, [0, 0]),
            // A length that no memory holds, and one that is cut.
            DecoderTalkTests.message(.block, [], count: Int(UInt32.max - 3), channels: 1),
            DecoderTalkTests.message(.summary, [], count: Int(UInt32.max)),
            DecoderTalkTests.message(.block, [1, 0], count: 2, channels: 1),
            // Not what was counted, at another rate, no JSON, another kind, none.
            good + (try DecoderTalkTests.summary(frames: 3)),
            good + (try DecoderTalkTests.summary(frames: 2, rate: 8_000)),
            good + (try DecoderTalkTests.summary(frames: 2, channels: 2)),
            try DecoderTalkTests.summary(frames: 0, channels: 9),
            good + (try DecoderTalkTests.summary(frames: 2, corruptPackets: .max)),
            // A block for every frame.
            Array(repeating: DecoderTalkTests.block(1, [0]), count: 11_000).flatMap { $0 },
            DecoderTalkTests.message(.summary, Array("{}".utf8)), DecoderTalkTests.message(.opened, Array("{}".utf8)),
            [99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ]
        for (index, bytes) in cases.enumerated() {
            let error = #expect(throws: MediaError.self, "case \(index)") { _ = try DecoderTalkTests.decode(bytes) }
            #expect(error?.code == .corrupt, "case \(index)")
        }
        // Half a frame.
        let error = #expect(throws: MediaError.self) {
            _ = try DecoderTalkTests.decode(DecoderTalkTests.block(2, [0, 0, 0]), channels: 2)
        }
        #expect(error?.code == .corrupt)
    }

    @Test func anEndAmidAnAnswerIsAnEnd() throws {
        let whole = DecoderTalkTests.block(1, [0, 0]) + (try DecoderTalkTests.summary(frames: 2))
        for length in 0..<whole.count {
            #expect(throws: WorkerChannel.Closed.self) { _ = try DecoderTalkTests.decode(Array(whole.prefix(length))) }
        }
    }

    @Test func filesThatCannotBeAreRefused() throws {
        func track(_ index: Int, rate: Int = 48_000, channels: Int = 1) -> AudioTrack {
            AudioTrack(
                index: index, position: index, codec: "aac", sampleRate: rate, channels: channels, language: nil,
                declaredSeconds: nil)
        }
        let escape = AudioTrack(
            index: 0, position: 0, codec: "a\u{1B}[2J", sampleRate: 48_000, channels: 1, language: nil,
            declaredSeconds: nil)
        for tracks in [
            [], [track(1)], [track(0, rate: 0)], [track(0, channels: 0)], [track(0), track(0)], [escape],
            [track(0, channels: 1_025)], [track(0, channels: .max)], (0..<257).map { track($0) },
        ] {
            let opened = try JSONEncoder().encode(OpenedFile(container: .wav, tracks: tracks))
            let bytes = DecoderTalkTests.message(.opened, Array(opened))
            #expect(throws: MediaError.self) { _ = try DecoderTalkTests.talk(bytes) { try $0.open() } }
        }
    }
}
