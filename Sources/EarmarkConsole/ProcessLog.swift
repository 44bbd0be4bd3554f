package import ArgumentParser
package import EarmarkFiles
package import EarmarkLog
import Synchronization

/// The log of a process that runs one command.
package enum ProcessLog {
    private static let began = ContinuousClock.now
    private static let opened = Mutex(EventLog.none)

    /// Where events go: nowhere before `begin`, or unless `EARMARK_LOG` says where.
    package static var events: EventLog { opened.withLock { $0 } }

    /// The command of `arguments`, a verb of `root`, begins.
    ///
    /// - Throws: as `EventLog`, where the variable names a place that cannot be written.
    package static func begin(
        _ arguments: some Collection<String>, root: any ParsableCommand.Type, version: String, isConfined: Bool
    ) throws(FileError) {
        _ = began
        let destination = FilePath.variable(LogDestination.variable).flatMap(LogDestination.init)
        let log = try EventLog(destination, verb: Invocation.verb(in: arguments, root: root), version: version)
        opened.withLock { $0 = log }
        log.started(isConfined: isConfined)
    }

    /// It ends.
    package static func end(status: Int32) {
        events.ended(status: status, seconds: (ContinuousClock.now - began) / .seconds(1))
    }
}
