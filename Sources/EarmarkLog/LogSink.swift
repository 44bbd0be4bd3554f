import EarmarkFiles
import Foundation
import Synchronization

/// Takes finished events; thread-safe.
///
/// What cannot be written is lost, and the work goes on: a log is no reason to stop.
final class LogSink: Sendable {
    private enum Kind: Sendable {
        case descriptor(Int32)
        case system(SystemLog)
    }

    /// Seconds for which an event may wait for the system's log.
    private static let patience = 0.5

    private let kind: Kind
    /// Whether somebody was told that events are lost.
    private let hasFailed = Atomic(false)

    init(descriptor: Int32) { kind = .descriptor(descriptor) }

    init(log: SystemLog) { kind = .system(log) }

    /// Takes one event: one write, so that lines of several threads and processes stay whole.
    func write(_ text: String, _ severity: SystemLog.Severity) {
        switch kind {
        case .descriptor(let descriptor):
            let bytes = Array((text + "\n").utf8)
            if Glibc.write(descriptor, bytes, bytes.count) != bytes.count {
                complain(String(cString: strerror(errno)), unless: descriptor == STDERR_FILENO)
            }
        case .system(let log):
            do throws(FileError) {
                try log.send(text, severity, patience: LogSink.patience)
            } catch {
                complain(error.message, unless: false)
            }
        }
    }

    private func complain(_ reason: String, unless isStandardError: Bool) {
        guard !isStandardError, !hasFailed.exchange(true, ordering: .relaxed) else { return }
        let text = "earmark: warning: events of \(LogDestination.variable) are lost: \(reason)\n"
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
