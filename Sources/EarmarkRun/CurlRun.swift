import EarmarkFiles
import Foundation

/// Runs curl(1) once, and writes what it fetches.
///
/// What it fetches comes through a pipe: should this process be killed, curl ends with its next byte.
struct CurlRun {
    /// How it ended.
    struct End {
        /// Its exit status.
        var status: Int32
        /// The server's status; 0 if there was none.
        var response: Int
        /// What it says went wrong, without the URL's secrets; may be empty.
        var words: String
        /// Whether more came than is taken.
        var isTooLarge = false
    }

    /// How long a server is waited for, whole seconds.
    struct Waits: Sendable {
        /// Until it is connected.
        var connection: Int
        /// In which less than 1,000 bytes a second is a connection that broke.
        var bytes: Int
    }

    /// The URL, which `RemoteInput.problem` lets pass.
    let url: String
    /// The file that takes what comes.
    let descriptor: Int32
    /// Where the server's answer goes.
    let headers: String
    /// More is not taken.
    let maximumBytes: Int64
    /// Throws when it is to end.
    let check: () throws(InputFailure) -> Void

    private static let statusMark = "earmark-status="
    private static let chunkByteCount = 1 << 16
    /// Milliseconds after which `check` is asked again.
    private static let patience: Int32 = 200

    /// - Parameters:
    ///   - offset: bytes that are there.
    ///   - validator: what the server called the file that they are of; sent unless nothing is there.
    ///   - waits: how long the server is waited for.
    func run(from offset: Int64, validator: String?, _ waits: Waits) throws(InputFailure) -> End {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // No file of the user's is read; the URL, which may let one in, is no argument: others see those.
        process.arguments = ["curl", "-q", "--config", "-"]
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        do { try process.run() } catch { throw .ownFault("curl does not run") }
        // One that ends at once takes nothing, and its status says why.
        let config = Data(config(from: offset, validator: validator, waits))
        let isTold = (try? input.fileHandleForWriting.write(contentsOf: config)) != nil
        try? input.fileHandleForWriting.close()
        let isTooLarge: Bool
        do throws(InputFailure) {
            isTooLarge = try copy(output.fileHandleForReading.fileDescriptor, from: offset)
        } catch {
            CurlRun.end(process)
            process.waitUntilExit()
            throw error
        }
        if isTooLarge { CurlRun.end(process) }
        let said = String(decoding: (try? errors.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus != 127 else { throw .ownFault("there is no curl on PATH: install it") }
        guard isTooLarge || (isTold && process.terminationReason == .exit) else { throw .ownFault("curl was killed") }
        return end(process.terminationStatus, said, isTooLarge: isTooLarge)
    }

    /// By the signal that nobody ignores: this process may ignore others, and what it starts with it.
    private static func end(_ process: Process) { kill(process.processIdentifier, SIGKILL) }

    /// Writes what comes; whether more came than is taken.
    private func copy(_ source: Int32, from offset: Int64) throws(InputFailure) -> Bool {
        var chunk = [UInt8](repeating: 0, count: CurlRun.chunkByteCount)
        var total = offset
        while true {
            try check()
            var waiting = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, CurlRun.patience) > 0 else { continue }
            let count = read(source, &chunk, chunk.count)
            if count == 0 { return false }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw .ownFault("cannot read from curl: \(String(cString: strerror(errno)))")
            }
            try InputFetcher.write(chunk[..<count], to: descriptor)
            total += Int64(count)
            if total > maximumBytes { return true }
        }
    }

    // MARK: What curl is told

    private func config(from offset: Int64, validator: String?, _ waits: Waits) -> [UInt8] {
        var lines = [
            "silent", "show-error", "fail", "location", "globoff", "path-as-is", "max-redirs = 10",
            "proto = \"=http,https\"", "proto-redir = \"=https\"", "max-filesize = \(maximumBytes)",
            "connect-timeout = \(waits.connection)",
            // So that its next byte, and no later one, tells it that nobody reads any more.
            "no-buffer",
            "speed-limit = 1000", "speed-time = \(waits.bytes)",
            "write-out = \"%{stderr}\\n\(CurlRun.statusMark)%{http_code}\\n\"",
        ].map { Array($0.utf8) }
        lines.append(Array("url = ".utf8) + CurlRun.quoted(url.utf8))
        lines.append(Array("dump-header = ".utf8) + CurlRun.quoted(FilePath.bytes(headers)))
        if offset > 0, let validator {
            lines.append(Array("continue-at = \(offset)".utf8))
            lines.append(Array("header = ".utf8) + CurlRun.quoted("If-Range: \(validator)".utf8))
        }
        return Array(lines.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    }

    /// Between quotes of its configuration, byte by byte: nothing in it ends them or the line.
    private static func quoted(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var result = [UInt8(ascii: "\"")]
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "\n"): result += Array("\\n".utf8)
            case UInt8(ascii: "\r"): result += Array("\\r".utf8)
            default: result.append(byte)
            }
        }
        return result + [UInt8(ascii: "\"")]
    }

    // MARK: What curl says

    private func end(_ status: Int32, _ said: String, isTooLarge: Bool) -> End {
        var end = End(status: status, response: 0, words: "", isTooLarge: isTooLarge)
        for line in said.split(whereSeparator: \.isNewline) {
            if line.hasPrefix(CurlRun.statusMark) {
                end.response = Int(line.dropFirst(CurlRun.statusMark.count)) ?? 0
            } else if let found = line.firstMatch(of: /^curl: \(\d+\) (.+)$/) {
                end.words = cleaned(String(found.1))
            }
        }
        return end
    }

    /// Its words, unless they hold what may let somebody in.
    private func cleaned(_ words: String) -> String {
        let shown = RemoteInput.shown(url)
        let secrets = url.split(whereSeparator: { "?#@".contains($0) }).dropFirst(shown == url ? 1 : 0)
        let tells = shown != url && secrets.contains { $0.utf8.count > 3 && words.contains($0) && !shown.contains($0) }
        return tells ? "" : words
    }
}
