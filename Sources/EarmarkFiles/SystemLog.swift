import Foundation

/// The system's log, which syslog(3) writes to; that call itself could not say that nobody listens.
package struct SystemLog: Sendable {
    /// The socket at which the daemon of every Linux system listens.
    package static let usualSocket = "/dev/log"

    /// What a message is about, as RFC 5424, 6.2.1 has it: a facility.
    package enum Facility: Int, Sendable {
        /// System daemons.
        case daemon = 3
        /// What is private to those who look after security.
        case authpriv = 10
    }

    /// How grave a message is, of the same section.
    package enum Severity: Int, Sendable {
        case error = 3
        case warning = 4
        case notice = 5
        case informational = 6
        case debug = 7
    }

    private let path: String
    private let facility: Facility

    /// - Parameters:
    ///   - path: the socket; it is opened for each message, so that a daemon that is started anew is found.
    ///   - facility: what messages are about.
    package init(socket path: String = usualSocket, facility: Facility) {
        self.path = path
        self.facility = facility
    }

    /// Sends `text` as one message of this program; thread-safe.
    ///
    /// - Parameter patience: seconds that a daemon which does not read may take.
    /// - Throws: `inputOutput` if nobody took it.
    package func send(_ text: String, _ severity: Severity, patience: Double) throws(FileError) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw FileError(.inputOutput, "no socket can be made") }
        defer { close(descriptor) }
        var address = try address()
        let whole = Int(patience)
        var limit = timeval(tv_sec: whole, tv_usec: Int((patience - Double(whole)) * 1e6))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let priority = facility.rawValue * 8 + severity.rawValue
        let message = Array("<\(priority)>earmark: \(text)".utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0,
                    socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard sent == message.count else {
            throw FileError(.inputOutput, "nobody listens at '\(path)': \(String(cString: strerror(errno)))")
        }
    }

    /// Whether somebody listens is another question: a daemon may come later.
    ///
    /// - Throws: `inputOutput` if nobody can ever listen there, by its name or by what lies there.
    package func requireSocketName() throws(FileError) {
        _ = try address()
        guard let status = FilePath.status(path), status.st_mode & S_IFMT != S_IFSOCK else { return }
        throw FileError(.inputOutput, "'\(path)' is no socket")
    }

    private func address() throws(FileError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = FilePath.bytes(path)
        // Without a name it would be one outside of the file system.
        guard !bytes.isEmpty else { throw FileError(.inputOutput, "a socket needs a path") }
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw FileError(.inputOutput, "'\(path)' is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }
}
