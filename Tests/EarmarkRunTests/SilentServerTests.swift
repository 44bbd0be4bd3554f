import EarmarkTestSupport
import Foundation
import Synchronization
import Testing

@testable import EarmarkRun

/// docs/many.md, Inputs on servers: a server that says nothing costs its waiting once, and one that says something
/// again is waited for as before.
@Suite struct SilentServerTests {
    private let folder: ScratchFolder
    private let fetcher: InputFetcher

    init() throws {
        folder = try ScratchFolder()
        fetcher = SilentServerTests.fetcher(folder, silence: .zero)
    }

    /// Waits that are long enough for this machine to answer itself, and short.
    private static func fetcher(_ folder: ScratchFolder, silence: Duration) -> InputFetcher {
        let waits = CurlRun.Waits(connection: 20, bytes: 2)
        return InputFetcher(
            folder: folder.path, maximumBytes: 1000, timeLimit: 600,
            patience: FetchPatience(tries: 3, pause: 0.01, usual: waits, brief: waits, silence: silence))
    }

    /// What is told of an input that cannot be had; nil if it was had.
    private func failure(_ fetcher: InputFetcher, _ server: LocalServer) throws -> RunError? {
        do throws(InputFailure) {
            try fetcher.fetch(server.url, isStopRequested: { false }).remove()
            return nil
        } catch {
            guard case .lost(let error, let refusal) = error else { throw error }
            // Another try may help: it is never refused for good, but as unreadable in the last try.
            #expect(refusal == nil)
            return error
        }
    }

    @Test func aServerThatAcceptsAndSaysNothingIsAskedOnceFromThenOn() throws {
        let server = try LocalServer(.mute)
        let first = try #require(try failure(fetcher, server))
        #expect(server.connections == 3)
        let second = try #require(try failure(fetcher, server))
        #expect(server.connections == 4)
        #expect(!first.message.contains("did not answer before"))
        #expect(second.message.contains("did not answer before, either, and was asked only once"))
        #expect(first.code == .inputOutput && second.code == .inputOutput)
        #expect(first.obstacle == second.obstacle)

        // Any status is an answer: it is waited for as at first, within this input, too.
        server.become(.busy)
        let third = try #require(try failure(fetcher, server))
        #expect(server.connections == 7)
        #expect(third.message.contains("503") && !third.message.contains("did not answer before"))
        server.become(.mute)
        let fourth = try #require(try failure(fetcher, server))
        #expect(server.connections == 10)
        #expect(!fourth.message.contains("did not answer before"))
        server.become(.answering)
        #expect(try failure(fetcher, server) == nil)
        #expect(server.connections == 11)
    }

    @Test func aServerThatRefusesConnectionsIsAskedOnceFromThenOn() throws {
        let server = try LocalServer(.refusing)
        let other = try LocalServer(.refusing)
        let first = try #require(try failure(fetcher, server))
        let second = try #require(try failure(fetcher, server))
        #expect(!first.message.contains("did not answer before"))
        #expect(second.message.contains("did not answer before"))
        #expect(first.obstacle == second.obstacle)
        // Of another port nothing is known.
        let others = try #require(try failure(fetcher, other))
        #expect(!others.message.contains("did not answer before"))

        server.become(.answering)
        #expect(try failure(fetcher, server) == nil)
    }

    /// A status is an answer, whichever it is.
    @Test func aServerThatSaysNoIsNotSilent() throws {
        let server = try LocalServer(.busy)
        for asked in [3, 6] {
            let error = try #require(try failure(fetcher, server))
            #expect(error.message.contains("503") && !error.message.contains("did not answer before"))
            #expect(server.connections == asked)
        }
    }

    /// What a server that starts again takes is no silence.
    @Test func aShortSilenceDoesNotCount() throws {
        let patient = SilentServerTests.fetcher(folder, silence: .seconds(3600))
        let server = try LocalServer(.refusing)
        for _ in 0..<2 {
            let error = try #require(try failure(patient, server))
            #expect(!error.message.contains("did not answer before"))
        }
    }

    @Test func silenceIsFromTheFirstToTheLastTimeThatWasAskedFor() {
        let servers = SilentServers(least: .seconds(120))
        let start = ContinuousClock.now
        servers.noteSilence(of: "https://a:443", from: start, to: start + .seconds(30))
        #expect(!servers.contains("https://a:443"))
        servers.noteSilence(of: "https://a:443", from: start + .seconds(100), to: start + .seconds(119))
        #expect(!servers.contains("https://a:443"))
        servers.noteSilence(of: "https://a:443", from: start + .seconds(119), to: start + .seconds(120))
        #expect(servers.contains("https://a:443"))
        #expect(!servers.contains("https://b:443"))
        servers.noteAnswer(of: "https://a:443")
        servers.noteSilence(of: "https://a:443", from: start + .seconds(200), to: start + .seconds(230))
        #expect(!servers.contains("https://a:443"))
    }

    @Test(arguments: [
        ("https://example.org/a", "https://example.org:443"),
        ("https://EXAMPLE.org:443/b?c:1", "https://example.org:443"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("https://me:1@example.org/", "https://example.org:443"),
        ("http://127.0.0.1/", "http://127.0.0.1:80"), ("http://[::1]/", "http://[::1]:80"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ])
    func serversAreToldApartBySchemeNameAndPort(url: String, origin: String) {
        #expect(RemoteInput.origin(url) == origin)
    }
}

/// A socket of this machine.
private final class LocalServer: Sendable {
    enum Manner { case refusing, mute, busy, answering }

    private struct State {
        var manner: Manner
        var held: [Int32] = []
        var connections = 0
        var isListening = false
    }

    private let descriptor: Int32
    private let state: Mutex<State>
    let url: String

    init(_ manner: Manner) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(bound)
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/recording.wav"
        state = Mutex(State(manner: manner))
        become(manner)
    }

    deinit {
        // Ends the wait for a connection, which closing does not.
        shutdown(descriptor, Int32(SHUT_RDWR))
        let held = state.withLock { $0.held }
        held.forEach { _ = close($0) }
        close(descriptor)
    }

    /// Connections that were made.
    var connections: Int { state.withLock { $0.connections } }

    /// Behaves so from now on.
    ///
    /// A socket that nobody listens at refuses.
    func become(_ manner: Manner) {
        let begins = state.withLock { state in
            state.manner = manner
            defer { state.isListening = manner != .refusing }
            return manner != .refusing && !state.isListening
        }
        guard begins else { return }
        listen(descriptor, 16)
        let descriptor = descriptor
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0, let self else { return }
                self.serve(connection)
            }
        }
    }

    private func serve(_ connection: Int32) {
        let manner = state.withLock { state in
            state.connections += 1
            if state.manner == .mute { state.held.append(connection) }
            return state.manner
        }
        guard manner != .mute else { return }
        var bytes = [UInt8](repeating: 0, count: 4096)
        _ = read(connection, &bytes, bytes.count)
        let status = manner == .busy ? "503 Busy" : "200 OK"
        let answer = Array("HTTP/1.1 \(status)\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".utf8)
        _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
        close(connection)
    }
}
