import EarmarkFiles
import Foundation

/// Tells anchors, each within its time.
enum AnchorTelling {
    /// Seconds that a program may take.
    private static let patience = 10.0

    /// Why an anchor could not be told; the text is for people.
    struct Failure: Error {
        let text: String
        /// Whether a program ran and said no.
        var isRefusal = false
    }

    /// Tells one anchor; what a time-stamping authority answers is kept.
    static func tell(_ anchor: Anchor, _ line: AnchorLine) throws {
        switch anchor.kind {
        case .file: try AnchorFile(path: anchor.path ?? "").append(line)
        case .command: _ = try run(anchor.words, input: Array((line.text + "\n").utf8))
        case .syslog: try log(line.text, socket: anchor.path ?? "")
        case .stamp:
            var stamped = line
            stamped.stamp = try stamp(line.digest, anchor)
            try AnchorFile(path: anchor.path ?? "").append(stamped)
        }
    }

    /// Asks a time-stamping authority for a stamp of `digest`, which must be an answer to this question, and by that
    /// authority if its certificate is at hand.
    private static func stamp(_ digest: [UInt8], _ anchor: Anchor) throws -> [UInt8] {
        let nonce = TimeStamp.nonce()
        let request = TimeStamp.request(digest, nonce: nonce)
        let response =
            try anchor.address.map { try runSystem("curl", curlArguments($0), input: request) }
            ?? run(anchor.words, input: request)
        let stamp = try TimeStamp(response)
        guard stamp.digest == digest else { throw Failure(text: "the authority stamped something else") }
        guard stamp.nonce == nonce else {
            throw Failure(text: "the authority's response is not to this request: its nonce is another")
        }
        if let authorities = anchor.authorities {
            guard try TimeStamp.verify(response, of: digest, authorities: authorities) else {
                throw Failure(text: "the stamp was not made by the authority whose certificate is '\(authorities)'")
            }
        }
        return response
    }

    /// Nothing of the user's own settings for curl (`-q`, which must come first), no other protocol than the address
    /// has, and less time than a program.
    private static func curlArguments(_ address: String) -> [String] {
        let isPlain = address.lowercased().hasPrefix("http://")
        return [
            "-q", "--silent", "--show-error", "--fail", "--proto", isPlain ? "=http" : "=https", "--max-time", "9",
            "--header", "Content-Type: application/timestamp-query", "--data-binary", "@-", "--", address,
        ]
    }

    // MARK: Programs

    /// Where the system's own programs are; what PATH or a variable says must not exchange them.
    private static let systemFolders = ["/usr/bin", "/bin", "/usr/local/bin"]
    /// Variables that change what curl and OpenSSL do.
    private static let steeringPrefixes = ["CURL_", "OPENSSL_", "SSLKEYLOGFILE"]

    /// Runs one of the system's own programs.
    static func runSystem(_ name: String, _ arguments: [String], input: [UInt8]) throws -> [UInt8] {
        guard let program = systemFolders.lazy.map({ "\($0)/\(name)" }).first(where: { isProgram($0) }) else {
            throw Failure(text: "there is no '\(name)' in \(systemFolders.joined(separator: ", "))")
        }
        let environment = ProcessInfo.processInfo.environment.filter { variable, _ in
            !steeringPrefixes.contains { variable.hasPrefix($0) }
        }
        return try run(program, arguments, input: input, environment)
    }

    /// Runs a program that the user named, with `input`; what it prints.
    private static func run(_ words: [String], input: [UInt8]) throws -> [UInt8] {
        guard let name = words.first, let program = find(name) else {
            throw Failure(text: "there is no program '\(words.first ?? "")'")
        }
        return try run(program, Array(words.dropFirst()), input: input, nil)
    }

    /// Files stand for pipes, so that a program that reads nothing does no harm.
    private static func run(
        _ program: String, _ arguments: [String], input: [UInt8], _ environment: [String: String]?
    ) throws -> [UInt8] {
        let (given, printed) = (try scratch(), try scratch())
        try given.write(contentsOf: Data(input))
        try given.seek(toOffset: 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        if let environment { process.environment = environment }
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
            throw Failure(text: "'\(program)' ended with status \(process.terminationStatus)", isRefusal: true)
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

    private static func isProgram(_ path: String) -> Bool { access(path, X_OK) == 0 }

    private static func find(_ name: String) -> String? {
        if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
        let folders = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return folders.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    // MARK: The system's log

    private static func log(_ text: String, socket path: String) throws {
        do throws(FileError) {
            try SystemLog(socket: path, facility: .authpriv).send(text, .notice, patience: patience)
        } catch {
            throw Failure(text: error.message)
        }
    }
}
