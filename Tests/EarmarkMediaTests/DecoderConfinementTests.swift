import CProcess
import Foundation
import Glibc
import Testing

@testable import EarmarkMedia

/// What a decoder process may do, and what happens when it ends; docs/threat-model.md, "Hostile files".
@Suite struct DecoderConfinementTests {
    /// A worker whose processes carry a word of their own among their arguments, and what of them runs.
    private struct Tagged {
        let tag = "test-" + UUID().uuidString
        let worker: DecoderWorker

        init() throws {
            let tests = try #require(Bundle.main.executableURL)
            let program = tests.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("earmark")
            worker = DecoderWorker(executable: program.path, arguments: ["serve-decoders", tag])
        }

        /// Parents by process.
        private func processes() -> [pid_t: pid_t] {
            let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            var found: [pid_t: pid_t] = [:]
            for process in all.compactMap({ pid_t($0) }) {
                guard let words = FileManager.default.contents(atPath: "/proc/\(process)/cmdline"),
                    String(decoding: words, as: UTF8.self).contains(tag),
                    let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
                    let line = status.split(separator: "\n").first(where: { $0.hasPrefix("PPid:") })
                else { continue }
                found[process] = line.split(separator: "\t").last.flatMap { pid_t($0) }
            }
            return found
        }

        var decoders: [pid_t] {
            let found = processes()
            return found.filter { found[$0.value] != nil }.map(\.key)
        }
    }

    private func limits(_ process: pid_t) throws -> [String: [String]] {
        let text = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
        return Dictionary(
            text.split(separator: "\n").map { line in
                (
                    line.prefix(25).trimmingCharacters(in: .whitespaces),
                    line.dropFirst(25).split(separator: " ").prefix(2).map(String.init)
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    @Test func limitsAreThoseOfTheThreatModel() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone() + " -bitexact", to: "a.wav")
        let small = try WorkerProcess(try DecoderWorkerTests.worker(), try ByteSource(path: path))
        let found = try limits(small.link.decoder.process)
        #expect(found["Max address space"] == ["\(4 << 30)", "\(4 << 30)"])
        // Four hours, and ten seconds to say why.
        #expect(found["Max cpu time"] == ["14400", "14410"])
        let status = try String(contentsOfFile: "/proc/\(small.link.decoder.process)/status", encoding: .utf8)
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            #expect(status.contains("\(set):\t0000000000000000\n") || getuid() != 0 && set == "CapBnd", "\(set)")
        }
        #expect(found["Max core file size"] == ["0", "0"])
        #expect(found["Max file size"] == ["0", "0"])
    }

    @Test func theServerHasNothingOfTheEnvironmentButLibraries() throws {
        setenv("EARMARK_TEST_SECRET", "swordfish", 1)
        let folder = try TemporaryFolder()
        let process = try WorkerProcess(
            try DecoderWorkerTests.worker(), try ByteSource(path: try folder.ffmpeg(Source.tone(), to: "a.wav")))
        let server = process.link.decoder.server
        let data = try #require(FileManager.default.contents(atPath: "/proc/\(server)/environ"))
        let names = String(decoding: data, as: UTF8.self).split(separator: "\0").map { $0.prefix { $0 != "=" } }
        #expect(!names.contains("EARMARK_TEST_SECRET") && !names.contains("HOME") && !names.contains("PATH"))
        for number in [server, process.link.decoder.process] {
            let name = try String(contentsOfFile: "/proc/\(number)/comm", encoding: .utf8)
            #expect(name == "earmark-decoder\n")
        }
    }

    /// "If it crashes …, no other decoder is risked on it": the file would be fine, but nobody knows.
    @Test func afterACrashNoOtherDecoderIsRiskedOnTheFile() throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg(Source.tone(seconds: 300), to: "a.wav")
        for (signal, isFatal) in [(SIGSEGV, true), (SIGXCPU, true), (SIGKILL, false)] {
            let tagged = try Tagged()
            let recording = try RecordingDecoder(path: path, worker: tagged.worker)
            #expect(tagged.decoders.count == 1)
            let first = try #require(
                failure {
                    _ = try recording.decode(track: 0) { _ in for decoder in tagged.decoders { kill(decoder, signal) } }
                })
            let second = failure { _ = try recording.decode(track: 0, sampleRate: 8_000, channels: 0..<1) { _ in } }
            #expect((second != nil) == isFatal, "\(signal)")
            #expect(isFatal ? second?.message == first.message : first.code == .unreadable)
            #expect(tagged.decoders.count == (isFatal ? 0 : 1))
        }
    }

    /// A decoder that is asked for nonsense ends; what the program asks in the wrong order is answered.
    @Test func nonsenseEndsADecoder() throws {
        let folder = try TemporaryFolder()
        let source = try ByteSource(path: try folder.ffmpeg(Source.tone(), to: "a.wav"))
        for bytes in [
            [UInt8](repeating: 9, count: 12), [1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8),
            [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 1, 0, 16, 0, 0, 0, 0, 0],
        ] {
            let link = try WorkerLink(try DecoderWorkerTests.worker(), source)
            let error = #expect(throws: MediaError.self) {
                try link.use { channel in
                    try channel.sendAll(bytes)
                    _ = try channel.receiveHead()
                }
            }
            // EX_PROTOCOL
            #expect(error?.code == .unreadable && error?.message.contains("status 76") == true)
        }
        let link = try WorkerLink(try DecoderWorkerTests.worker(), source)
        let error = failure {
            _ = try link.use { channel in
                try DecoderTalk(channel: channel, path: "a")
                    .decode(track: 0, channels: 0..<1, sampleRate: 8_000) { _ in }
            }
        }
        #expect(error?.code == .outOfRange && error?.message == "was not opened.")
        let late = try WorkerProcess(try DecoderWorkerTests.worker(), source)
        let unknown = failureCode {
            _ = try late.link.use { channel in
                try DecoderTalk(channel: channel, path: "a")
                    .decode(track: 2, channels: 0..<1, sampleRate: 8_000) { _ in }
            }
        }
        #expect(unknown == .outOfRange)
        #expect(try late.decode(track: 0, sampleRate: 8_000, channels: 0..<1) { _ in }.decodedFrames == 24_000)
    }

    @Test func aServerEndsItsOwnDecodersOnly() throws {
        let folder = try TemporaryFolder()
        let worker = try DecoderWorkerTests.worker()
        let source = try ByteSource(path: try folder.ffmpeg(Source.tone(), to: "a.wav"))
        let process = try WorkerProcess(worker, source)
        let server = process.link.decoder.server
        #expect(worker.end(.init(process: getpid(), server: server)) == -2)
        #expect(worker.end(.init(process: process.link.decoder.process, server: server + 1)) == nil)
        #expect(kill(process.link.decoder.process, 0) == 0)
    }

    /// Where the system has no filters, a file is refused; who insists gets the process without the filter, and its
    /// limits.
    ///
    /// `perl` sets a filter that forbids further ones, and becomes the server.
    @Test func withoutFiltersNothingIsDecodedUnlessAsked() throws {
        #if arch(x86_64)
            let (prctl, architecture) = (157, "0xC000003E")
        #else
            let (prctl, architecture) = (167, "0xC00000B7")
        #endif
        let script = """
            sub op { pack("S C C L", @_) }
            my $f = op(0x20, 0, 0, 4) . op(0x15, 0, 4, \(architecture)) . op(0x20, 0, 0, 0) . op(0x15, 0, 2, \(prctl))
                . op(0x20, 0, 0, 16) . op(0x15, 1, 0, 22) . op(0x06, 0, 0, 0x7fff0000) . op(0x06, 0, 0, 0x00050001);
            my $p = pack("S x6 P", length($f) / 8, $f);
            syscall(\(prctl), 38, 1, 0, 0, 0) == 0 or exit 101;
            syscall(\(prctl), 22, 2, $p) == 0 or exit 102;
            exec @ARGV or exit 103;
            """
        let tests = try #require(Bundle.main.executableURL).resolvingSymlinksInPath().deletingLastPathComponent()
        let words = ["-e", script, tests.appendingPathComponent("earmark").path, "serve-decoders"]
        let folder = try TemporaryFolder()
        let source = try ByteSource(path: try folder.ffmpeg(Source.tone(), to: "a.wav"))
        let strict = DecoderWorker(executable: "/usr/bin/perl", arguments: words)
        let error = #expect(throws: MediaError.self) { _ = try WorkerProcess(strict, source) }
        #expect(
            error?.code == .unreadable && error?.message.contains("seccomp") == true, "\(String(describing: error))")
        let lax = DecoderWorker(executable: "/usr/bin/perl", arguments: words + ["--unconfined"])
        let process = try WorkerProcess(lax, source)
        #expect(try process.decode(track: 0, sampleRate: 8_000, channels: 0..<1) { _ in }.decodedFrames == 24_000)
        #expect(try limits(process.link.decoder.process)["Max cpu time"] == ["14400", "14410"])
    }

    // MARK: System calls

    /// Runs `body` in a child process that is confined, and in it nothing but system calls; its exit status.
    private func confined(_ body: () -> Int32) -> Int32 {
        let child = cprocess_fork()
        if child == 0 {
            guard cprocess_confine() == 0 else { _exit(100) }
            _exit(body())
        }
        var status: Int32 = -1
        guard waitpid(child, &status, 0) == child else { return -1 }
        return status & 0x7F == 0 ? status >> 8 : -status
    }

    @Test func whatADecoderNeedsIsAllowed() throws {
        let folder = try TemporaryFolder()
        let file = open(try folder.write([1, 2, 3], as: "a"), O_RDONLY)
        let ends = try ChildProcess.socketPair()
        defer { for descriptor in [file, ends.ours, ends.theirs] { close(descriptor) } }
        let status = confined {
            var byte: UInt8 = 0
            if pread(file, &byte, 1, 1) != 1 || byte != 2 { return 1 }
            if lseek(file, 0, SEEK_SET) != 0 || read(file, &byte, 1) != 1 { return 2 }
            if send(ends.ours, &byte, 1, Int32(MSG_NOSIGNAL)) != 1 { return 3 }
            if recv(ends.theirs, &byte, 1, 0) != 1 || byte != 1 { return 4 }
            if write(ends.ours, &byte, 1) != 1 || close(file) != 0 { return 5 }
            guard let page = mmap(nil, 8_192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), page != MAP_FAILED
            else { return 6 }
            if mprotect(page, 4_096, PROT_READ | PROT_WRITE) != 0 || madvise(page, 4_096, MADV_DONTNEED) != 0 {
                return 7
            }
            if munmap(page, 8_192) != 0 { return 8 }
            if sched_yield() != 0 || getpid() <= 0 { return 9 }
            return 0
        }
        #expect(status == 0)
    }

    @Test func allElseIsForbidden() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write([1, 2, 3], as: "a")
        let file = open(path, O_RDWR)
        let ends = try ChildProcess.socketPair()
        defer { for descriptor in [file, ends.ours, ends.theirs] { close(descriptor) } }
        let status = path.withCString { path in
            confined {
                var byte: UInt8 = 0
                var pair: [Int32] = [0, 0]
                if open(path, O_WRONLY | O_CREAT, 0o600) >= 0 || unlink(path) == 0 || chmod(path, 0) == 0 { return 1 }
                if mkdir(path, 0o700) == 0 || rename(path, path) == 0 || access(path, 0) == 0 { return 2 }
                if ftruncate(file, 0) == 0 || pwrite(file, &byte, 1, 0) >= 0 || dup(file) >= 0 { return 3 }
                if socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 || pipe(&pair) == 0 { return 4 }
                if send(ends.ours, &byte, 1, Int32(MSG_NOSIGNAL | MSG_OOB)) >= 0 { return 5 }
                if send(ends.ours, &byte, 1, 0) >= 0 { return 6 }
                if recv(ends.theirs, &byte, 1, Int32(MSG_DONTWAIT)) >= 0 || errno != EPERM { return 7 }
                guard let page = mmap(nil, 4_096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), page != MAP_FAILED
                else { return 8 }
                if mprotect(page, 4_096, PROT_READ | PROT_EXEC) == 0 { return 9 }
                if mmap(nil, 4_096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) != MAP_FAILED { return 10 }
                if kill(getpid(), 0) == 0 || raise(SIGCONT) == 0 || setuid(getuid()) == 0 { return 11 }
                if execv(path, [nil]) == 0 { return 12 }
                if cprocess_limit(Int32(RLIMIT_CPU.rawValue), 1, 1) == 0 || cprocess_set_name("x") == 0 { return 13 }
                return 0
            }
        }
        #expect(status == 0)
        #expect(try bytes(of: path) == [1, 2, 3])
    }
}
