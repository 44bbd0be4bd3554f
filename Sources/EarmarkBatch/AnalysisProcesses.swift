package import EarmarkAnswer
import EarmarkFiles
import EarmarkMedia
package import EarmarkStore
import Foundation
import Synchronization

/// Analyses the files of a batch in processes that may die of one: the batch goes on.
///
/// A process takes one file at a time, so that it is known which one ended it, and serves until it does.
package final class AnalysisProcesses: BatchAnalyst {
    /// From the time limit, at which an analysis ends by itself, to that at which its process is ended, seconds.
    package static let grace = 60.0
    /// Seconds within which a process is ready: it opens the store, and for a search all meetings.
    private static let longestStart = 3_600.0

    private let executable: String
    private let words: [String]
    private let timeLimit: Double
    private let grace: Double
    private let clock: Store.Clock
    private let idle = Mutex<[Analyser]>([])

    /// A process and the socket to it.
    private struct Analyser: Sendable {
        let process: pid_t
        let socket: Int32
    }

    /// - Parameters:
    ///   - executable: the absolute path of a program that calls `AnalysisServer.run` when it is given `arguments`.
    ///   - timeLimit: how long the analysis of a file may take, seconds.
    ///   - grace: how much later its process is ended, seconds.
    ///   - clock: tells the time.
    ///   - arguments: as texts, see `FilePath`.
    package init(
        executable: String, timeLimit: Double, grace: Double = grace, clock: @escaping Store.Clock, arguments: [String]
    ) {
        self.grace = grace
        self.executable = executable
        words = arguments
        // The runtime would print, for a crash, what lies in memory: keys may.
        setenv("SWIFT_BACKTRACE", "enable=no", 0)
        self.timeLimit = timeLimit
        self.clock = clock
    }

    deinit { shutDown() }

    /// Ends the processes, and waits for them, so that their processor time counts as this one's.
    package func shutDown() {
        let all = idle.withLock { idle in
            defer { idle = [] }
            return idle
        }
        for analyser in all { close(analyser.socket) }
        for analyser in all { _ = ChildProcess.end(analyser.process) }
    }

    package func analyse(_ item: BatchItem, sha256: String) throws -> FileOutcome {
        let waiting = idle.withLock { $0.popLast() }
        let analyser = try waiting ?? start()
        let channel = AnalysisChannel(descriptor: analyser.socket)
        let reply: AnalysisReply
        do {
            try channel.send(AnalysisOrder(item, sha256: sha256))
            reply = try channel.receive(AnalysisReply.self, within: timeLimit + grace)
        } catch AnalysisChannel.Silence.tooLong {
            kill(analyser.process, SIGKILL)
            close(analyser.socket)
            _ = ChildProcess.end(analyser.process)
            let error = AnalysisDeadline.exceeded(timeLimit, path: item.path)
            return FileOutcome(item, date: clock().text, code: error.code.rawValue, message: error.message)
        } catch {
            close(analyser.socket)
            return try verdict(ChildProcess.end(analyser.process), on: item)
        }
        idle.withLock { $0.append(analyser) }
        switch reply {
        case .outcome(let outcome): return outcome
        case .killed(let process): throw AnalysisKilled(process: process)
        case .failed(let code, let message): throw AnalysisReply.error(code: code, message: message)
        case .ready: throw BatchError(.defect, "the process that analyses answers out of turn")
        }
    }

    private func start() throws -> Analyser {
        let ends: (ours: Int32, theirs: Int32)
        let process: pid_t
        do throws(SystemError) {
            ends = try ChildProcess.socketPair()
            defer { close(ends.theirs) }
            let words = words.map { FilePath.withCString($0) { strdup($0) } }
            defer { for word in words { free(word) } }
            process = try ChildProcess.start(
                executable, words: words.compactMap { $0 }, environment: nil, socket: ends.theirs, showsErrors: true)
        } catch {
            let reason = String(cString: strerror(error.code))
            throw BatchError(.inputOutput, "the process that analyses cannot be started: \(reason)")
        }
        let channel = AnalysisChannel(descriptor: ends.ours)
        do {
            guard case .ready = try channel.receive(AnalysisReply.self, within: AnalysisProcesses.longestStart) else {
                throw AnalysisChannel.Silence.ended
            }
        } catch {
            close(ends.ours)
            let status = ChildProcess.end(process)
            throw BatchError(.inputOutput, "the process that analyses did not begin (status \(status))")
        }
        return Analyser(process: process, socket: ends.ours)
    }

    /// What the end of the process says of the file that it had in hand.
    private func verdict(_ status: Int32, on item: BatchItem) throws -> FileOutcome {
        let how: String
        switch status & 0x7F {
        case SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2:
            throw AnalysisKilled(process: "the process that analysed it")
        case let signal where status > 0 && signal != 0: how = "crashed (\(String(cString: strsignal(signal))))"
        default: how = "ended"
        }
        return FileOutcome(
            item, date: clock().text, code: AnalysisKilled.code,
            message: "the process that analysed it \(how). It is not tried again with --resume; analyse it by itself.")
    }
}
