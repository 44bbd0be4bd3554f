package import ArgumentParser
import EarmarkFiles
package import EarmarkLog
import Synchronization

/// The log of a process that runs one command.
package enum ProcessLog {
    private static let began = ContinuousClock.now
    private static let opened = Mutex(EventLog.none)
    private static let hasEnded = Atomic(false)

    /// Where events go: nowhere before `begin`, or unless `EARMARK_LOG` says where.
    package static var events: EventLog { opened.withLock { $0 } }

    /// The command of `arguments`, a verb of `root`, begins.
    ///
    /// - Parameter reserved: files of the program's own, which are no log.
    /// - Throws: `CommandError` where the variable names no place; as `EventLog` where that cannot be written.
    package static func begin(
        _ arguments: some Collection<String>, root: any ParsableCommand.Type, version: String, isConfined: Bool,
        reserved: [String]
    ) throws {
        _ = began
        let text = FilePath.variable(LogDestination.variable) ?? ""
        guard !text.isEmpty else { return }
        guard let destination = LogDestination(text) else {
            throw CommandError(.usage, LogDestination.advice(against: text))
        }
        let verb = Invocation.verb(in: arguments, root: root)
        let log = try EventLog(destination, verb: verb, version: version, reserved: reserved)
        opened.withLock { $0 = log }
        try LastWords.keep { end(status: $0) }
        log.started(isConfined: isConfined)
    }

    /// It ends; whoever says so first is believed.
    package static func end(status: Int32) {
        guard !hasEnded.exchange(true, ordering: .relaxed) else { return }
        events.ended(status: status, seconds: (ContinuousClock.now - began) / .seconds(1))
    }
}
