import EarmarkFiles
import Foundation

/// Tells anchors, each within its time.
enum AnchorTelling {
    /// Seconds that a program may take.
    private static let patience = 10.0

    /// Why an anchor could not be told; the text is for people.
    struct Failure: Error {
        let text: String
    }

    /// Tells one anchor; what a time-stamping authority answers is kept.
    static func tell(_ anchor: Anchor, _ line: AnchorLine) throws {
        switch anchor.kind {
        case .file: try AnchorFile(path: anchor.path ?? "").append(line)
        case .command: _ = try run(anchor.words, input: Array((line.text + "\n").utf8))
        case .syslog: try log(line.text, socket: anchor.path ?? "")
        case .stamp:
            var stamped = line
            stamped.stamp = try stamp(line.digest, anchor.words)
            try AnchorFile(path: anchor.path ?? "").append(stamped)
        }
    }

    /// Asks a time-stamping authority for a stamp of `digest`.
    private static func stamp(_ digest: [UInt8], _ words: [String]) throws -> [UInt8] {
        var words = words
        if let address = words.first, words.count == 1, address.contains("://") {
            words = [
                "curl", "--silent", "--show-error", "--fail", "--proto", "=http,https", "--max-time", "9",
                "--header", "Content-Type: application/timestamp-query", "--data-binary", "@-", "--", address,
            ]
        }
        let response = try run(words, input: TimeStamp.request(digest, nonce: .random(in: 0 ... .max)))
        guard try TimeStamp(response).digest == digest else {
            throw Failure(text: "the authority stamped something else")
        }
        return response
    }

    // MARK: Programs

    /// Runs a program with `input`; what it prints.
    ///
    /// Files stand for pipes, so that a program that reads nothing does no
    /// harm.
    static func run(_ words: [String], input: [UInt8]) throws -> [UInt8] {
        guard let name = words.first, let program = find(name) else {
            throw Failure(text: "there is no program '\(words.first ?? "")'")
        }
        let (given, printed) = (try scratch(), try scratch())
        try given.write(contentsOf: Data(input))
        try given.seek(toOffset: 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = Array(words.dropFirst())
        process.standardInput = given
        process.standardOutput = printed
        process.standardError = FileHandle.nullDevice
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do { try process.run() } catch { throw Failure(text: "'\(program)' cannot be started") }
        guard ended.wait(timeout: .now() + patience) == .success else {
            kill(process.processIdentifier, SIGKILL)
            throw Failure(text: "'\(program)' took longer than \(Int(patience)) s")
        }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw Failure(text: "'\(program)' ended with status \(process.terminationStatus)")
        }
        try printed.seek(toOffset: 0)
        return [UInt8](try printed.readToEnd() ?? Data())
    }

    /// A file that has no name.
    private static func scratch() throws -> FileHandle {
        guard let file = tmpfile() else { throw Failure(text: "there is no room for temporary files") }
        let descriptor = dup(fileno(file))
        fclose(file)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func find(_ name: String) -> String? {
        if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return folders.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    // MARK: The system's log

    /// Facility `authpriv`, severity `notice`.
    private static let priority = 10 * 8 + 5

    /// Sends a line as a datagram, as syslog(3) does; that call itself could not say that nobody listens.
    private static func log(_ text: String, socket path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(text: "no socket can be made") }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(text: "'\(path)' is too long for a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        var limit = timeval(tv_sec: Int(patience), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let message = Array("<\(priority)>earmark: \(text)".utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(
                    descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0,
                    socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard sent == message.count else {
            throw Failure(text: "nobody listens at '\(path)': \(String(cString: strerror(errno)))")
        }
    }
}
