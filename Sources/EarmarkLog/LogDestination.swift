import EarmarkFiles
import Foundation

/// Where events go, as the environment variable `EARMARK_LOG` says.
package enum LogDestination: Equatable, Sendable {
    /// Standard error, a line of JSON for each event: what container runtimes and systemd collect.
    case standardError
    /// The system's log, at its socket.
    case syslog(socket: String)
    /// A file that lines of JSON are appended to.
    case file(path: String)

    /// The variable.
    package static let variable = "EARMARK_LOG"

    /// Reads `stderr`, `syslog`, `syslog:SOCKET` or a path; nil for the empty text.
    package init?(_ text: String) {
        switch text {
        case "": return nil
        case "stderr": self = .standardError
        case "syslog": self = .syslog(socket: SystemLog.usualSocket)
        case let text where text.hasPrefix("syslog:"): self = .syslog(socket: String(text.dropFirst("syslog:".count)))
        default: self = .file(path: text)
        }
    }

    /// Mode of a file that is made for events: they name nobody, but tell who may read them what is worked on.
    private static let mode: mode_t = 0o640

    /// Opens it.
    ///
    /// - Throws: `inputOutput`, with the variable in the message.
    func opened() throws(FileError) -> LogSink {
        switch self {
        case .standardError: return LogSink(descriptor: STDERR_FILENO)
        case .syslog(let socket):
            let log = SystemLog(socket: socket, facility: .daemon)
            return LogSink(log: log)
        case .file(let path):
            let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY
            let descriptor = FilePath.open(path, flags, mode: LogDestination.mode)
            guard descriptor >= 0 else {
                throw FileError(
                    .inputOutput,
                    "\(LogDestination.variable): '\(path)' cannot be written: \(String(cString: strerror(errno)))")
            }
            return LogSink(descriptor: descriptor)
        }
    }
}
