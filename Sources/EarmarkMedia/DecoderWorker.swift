internal import CProcess
internal import Foundation
import Glibc
import Synchronization

/// Where decoders come from that run in processes of their own.
///
/// A decoder of dozens of formats is the part most likely to break on a hostile file. In a process that can do nothing
/// but read that one file and deliver samples, it takes neither keys nor the rest of a batch with it. Any thread may
/// use it.
public final class DecoderWorker: Sendable {
    private let executable: String
    private let arguments: [String]
    /// Seconds without a byte after which a decoder is given up.
    let longestSilence: Int
    private let server = Mutex<Server?>(nil)

    /// A running `DecoderServer`.
    private struct Server {
        var process: pid_t
        var socket: Int32
    }

    /// Names a program, by its absolute path, that calls `DecoderServer.run` when it is given `arguments`.
    ///
    /// It is started when first needed and ends with this object, or with this process.
    public convenience init(executable: String, arguments: [String]) {
        self.init(executable: executable, arguments: arguments, longestSilence: WorkerMessage.longestSilence)
    }

    /// As above; a decoder that says nothing for `longestSilence` seconds is given up.
    init(executable: String, arguments: [String], longestSilence: Int) {
        self.executable = executable
        self.arguments = arguments
        self.longestSilence = longestSilence
    }

    deinit { shutDown() }

    /// Ends the server, if there is one, and waits for it, so that its processor time counts as this process's.
    public func shutDown() { server.withLock { DecoderWorker.stop(&$0) } }

    /// Starts a decoder for an open file; `socket` is its end of the socket to it.
    ///
    /// - Throws: an errno.
    func start(socket: Int32, file: Int32) throws(SystemError) -> Decoder {
        let order = DecoderServer.Order(kind: DecoderServer.Order.Kind.start.rawValue)
        let wasThere = server.withLock { $0 != nil }
        let started: (answer: Int32, server: pid_t)
        do throws(SystemError) {
            started = try ask(order, (socket, file), of: nil)
        } catch {
            // A server that answered before was killed meanwhile.
            guard wasThere, error.code == EPIPE || error.code == ECONNRESET else { throw error }
            started = try ask(order, (socket, file), of: nil)
        }
        guard started.answer > 0 else { throw SystemError(code: -started.answer) }
        return Decoder(process: started.answer, server: started.server)
    }

    /// Ends a decoder; its status or a `DecoderServer.Order.Outcome`, nil if its server is gone, and the decoder with
    /// it.
    func end(_ decoder: Decoder) -> Int32? {
        let order = DecoderServer.Order(kind: DecoderServer.Order.Kind.end.rawValue, process: decoder.process)
        return try? ask(order, (-1, -1), of: decoder.server).answer
    }

    /// A decoder and the server that forked it.
    struct Decoder {
        var process: pid_t
        var server: pid_t
    }

    /// Asks the server, which is started first unless it must be the one that is process `of`.
    private func ask(
        _ order: DecoderServer.Order, _ descriptors: (Int32, Int32), of process: pid_t?
    ) throws(SystemError) -> (answer: Int32, server: pid_t) {
        let result: Result<(answer: Int32, server: pid_t), SystemError> = server.withLock { server in
            do throws(SystemError) {
                if let process, server?.process != process { throw SystemError(code: ESRCH) }
                let running: Server
                if let server { running = server } else { running = try launch() }
                server = running
                return .success((try DecoderWorker.ask(order, descriptors, running), running.process))
            } catch {
                // Whatever broke, the next decoder gets a new server.
                if error.code != ESRCH { DecoderWorker.stop(&server) }
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func ask(
        _ order: DecoderServer.Order, _ descriptors: (Int32, Int32), _ server: Server
    ) throws(SystemError) -> Int32 {
        var order = order
        var answer: Int32 = 0
        var none: (Int32, Int32) = (-1, -1)
        var code = cprocess_send(
            server.socket, &order, MemoryLayout<DecoderServer.Order>.size, descriptors.0, descriptors.1)
        if code == 0 {
            code = cprocess_receive(server.socket, &answer, MemoryLayout<Int32>.size, &none.0, &none.1)
        }
        guard code == 0 else { throw SystemError(code: code) }
        return answer
    }

    private static func stop(_ server: inout Server?) {
        guard let running = server else { return }
        server = nil
        // Without a program it ends by itself.
        close(running.socket)
        _ = DecoderServer.outlive(running.process)
    }

    private func launch() throws(SystemError) -> Server {
        let ends = try ChildProcess.socketPair()
        defer { close(ends.theirs) }
        do throws(SystemError) {
            return Server(process: try spawn(socket: ends.theirs), socket: ends.ours)
        } catch {
            close(ends.ours)
            throw error
        }
    }

    private func spawn(socket: Int32) throws(SystemError) -> pid_t {
        let words = arguments.compactMap { strdup($0) }
        defer { for word in words { free(word) } }
        return try ChildProcess.start(
            executable, words: words, environment: DecoderWorker.environment(), socket: socket, showsErrors: false)
    }

    /// What the dynamic linker may need of the environment; the rest, credentials of other programs among it, is none
    /// of a decoder's business.
    private static func environment() -> [String] {
        let name = "LD_LIBRARY_PATH"
        return ProcessInfo.processInfo.environment[name].map { ["\(name)=\($0)"] } ?? []
    }
}
