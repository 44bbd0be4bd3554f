import EarmarkFiles
import Foundation
import Synchronization

/// Takes finished events; thread-safe.
///
/// What cannot be written is lost, and the work goes on: a log is no reason to stop.
final class LogSink: Sendable {
    private enum Kind: Sendable {
        case lines(LineWriter)
        case system(SystemLog)
    }

    /// Seconds for which an event may wait for the system's log.
    private static let patience = 0.5

    private let kind: Kind
    /// Whether somebody was told that events are lost.
    private let hasFailed = Atomic(false)

    init(_ lines: LineWriter) { kind = .lines(lines) }

    init(_ log: SystemLog) { kind = .system(log) }

    /// Takes one event.
    func write(_ text: String, _ severity: SystemLog.Severity) {
        switch kind {
        case .lines(let lines):
            guard let reason = lines.write(text), !lines.isStandardError else { return }
            complain(reason)
        case .system(let log):
            do throws(FileError) {
                try log.send(text, severity, patience: LogSink.patience)
            } catch {
                complain(error.message)
            }
        }
    }

    private func complain(_ reason: String) {
        guard !hasFailed.exchange(true, ordering: .relaxed) else { return }
        let text = "earmark: warning: events of \(LogDestination.variable) are lost: \(reason)\n"
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
