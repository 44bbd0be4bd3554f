import EarmarkFiles
import Foundation

/// Where events go, as the environment variable `EARMARK_LOG` says.
package enum LogDestination: Equatable, Sendable {
    /// Standard error, a line of JSON for each event: what container runtimes and systemd collect.
    case standardError
    /// What the process was started with at this number, `/dev/fd/N`.
    case descriptor(Int32)
    /// The system's log, at its socket.
    case syslog(socket: String)
    /// A file, pipe or device that lines of JSON are appended to.
    case file(path: String)

    /// The variable.
    package static let variable = "EARMARK_LOG"

    /// Reads `stderr`, `syslog`, `syslog:SOCKET` or a path.
    ///
    /// Nil for a word that is none of these and has no slash, which is a slip more often than a file.
    package init?(_ text: String) {
        switch text {
        case "stderr": self = .standardError
        case "syslog": self = .syslog(socket: SystemLog.usualSocket)
        case let text where text.hasPrefix("syslog:"): self = .syslog(socket: String(text.dropFirst("syslog:".count)))
        case let text where text.contains("/"): self = LogDestination.stream(text) ?? .file(path: text)
        default: return nil
        }
    }

    /// What is wrong with a text that is no destination, and what may have been meant.
    package static func advice(against text: String) -> String {
        "\(variable): '\(text)' is none of stderr, syslog and syslog:SOCKET, and no path; a file in this folder is "
            + "'./\(text)'"
    }

    /// The names of streams that a process has already: links for those who open them, and links are not followed.
    private static func stream(_ path: String) -> LogDestination? {
        switch path {
        case "/dev/stderr": return .standardError
        case "/dev/stdout": return .descriptor(STDOUT_FILENO)
        default:
            let number = ["/dev/fd/", "/proc/self/fd/"].first(where: path.hasPrefix).flatMap {
                Int32(path.dropFirst($0.count))
            }
            return number.map { $0 == STDERR_FILENO ? .standardError : .descriptor($0) }
        }
    }

    /// Opens it.
    ///
    /// - Parameter reserved: files of the program's own, which are no log whatever they hold.
    /// - Throws: `inputOutput`, with the variable in the message.
    func opened(reserved: [String]) throws(FileError) -> LogSink {
        switch self {
        case .standardError: return LogSink(LineWriter(STDERR_FILENO, kind: LogFile.kind(of: STDERR_FILENO)))
        case .descriptor(let number): return LogSink(try LogFile.inherited(number, reserved: reserved))
        case .syslog(let socket):
            let log = SystemLog(socket: socket, facility: .daemon)
            do throws(FileError) {
                try log.requireSocketName()
            } catch {
                throw FileError(error.code, "\(LogDestination.variable): \(error.message)")
            }
            return LogSink(log)
        case .file(let path): return LogSink(try LogFile.open(path, reserved: reserved))
        }
    }
}
