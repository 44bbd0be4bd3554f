import EarmarkFiles
import Foundation

/// Has an input as a file: what comes from standard input or a server lies in a folder for as long as it is analysed.
struct InputFetcher: Sendable {
    /// Where such files lie.
    let folder: String
    /// Larger inputs are not fetched to their end: the analysis refuses them by their size.
    let maximumBytes: Int64

    /// Times that a server is asked again in a row without a byte having come.
    private static let patience = 5
    /// Seconds before it is asked again.
    private static let pause = 1.0
    /// Bytes that are read at a time.
    private static let chunkByteCount = 1 << 20

    /// An input as a file.
    struct File {
        let path: String
        fileprivate let folder: String?

        /// Removes what was made for it.
        func remove() {
            guard let folder else { return }
            FilePath.remove(path)
            FilePath.withCString(folder) { _ = rmdir($0) }
        }
    }

    /// - Throws: `unknownInput`, `inputRefused`, `inputOutput`.
    func fetch(_ input: String, shown: String) throws(RunError) -> File {
        guard input == "-" || RemoteInput.isOne(input) else { return File(path: input, folder: nil) }
        let file = try temporary(shown)
        do throws(RunError) {
            if input == "-" { try spool(to: file.path) } else { try download(input, shown: shown, to: file.path) }
        } catch {
            file.remove()
            throw error
        }
        return file
    }

    /// An empty file of the input's name in a folder of its own, for nobody else.
    private func temporary(_ shown: String) throws(RunError) -> File {
        let place = FilePath.join(folder, "earmark-\(String(UInt64.random(in: .min ... .max), radix: 36))")
        guard FilePath.withCString(place, { mkdir($0, 0o700) }) == 0 else {
            throw RunError(.inputOutput, "cannot make the folder '\(place)': \(String(cString: strerror(errno)))")
        }
        let name = FilePath.lastPart(shown)
        let file = File(path: FilePath.join(place, name.isEmpty || name == "-" ? "input" : name), folder: place)
        do throws(FileError) {
            try PrivateFile.create(file.path, bytes: [], isDurable: false)
        } catch {
            file.remove()
            throw RunError(error)
        }
        return file
    }

    private func spool(to path: String) throws(RunError) {
        let descriptor = FilePath.open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RunError(.inputOutput, "cannot write '\(path)'") }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: InputFetcher.chunkByteCount)
        var total: Int64 = 0
        while total <= maximumBytes {
            let count = read(STDIN_FILENO, &chunk, chunk.count)
            if count == 0 { return }
            if count < 0 {
                if errno == EINTR { continue }
                throw RunError(.inputOutput, "cannot read standard input: \(String(cString: strerror(errno)))")
            }
            guard chunk.withUnsafeBytes({ write(descriptor, $0.baseAddress, count) }) == count else {
                throw RunError(.inputOutput, "cannot write '\(path)': \(String(cString: strerror(errno)))")
            }
            total += Int64(count)
        }
    }

    // MARK: Servers

    /// Fetches by curl(1), which goes on from the last byte that came for as long as any come.
    private func download(_ url: String, shown: String, to path: String) throws(RunError) {
        guard RemoteInput.isAllowed(url) else {
            throw RunError(.inputRefused, "'\(shown)' is not fetched: only https is")
        }
        var silent = 0
        while true {
            let before = size(path)
            let end = try curl(url, shown: shown, to: path)
            if end.status == 0 { return }
            if size(path) > maximumBytes { return }
            // 22: the server says no; 416 says that there is no more.
            if end.status == 22 {
                guard end.response != "416" || before == 0 else { return }
                guard let code = Int(end.response), code >= 500 || code == 408 || code == 429 else {
                    throw RunError(
                        .inputRefused, "the server does not give '\(shown)': status \(end.response)")
                }
            }
            silent = size(path) > before ? 0 : silent + 1
            guard silent < InputFetcher.patience else {
                throw RunError(.inputOutput, "'\(shown)' cannot be fetched: curl ends with status \(end.status)")
            }
            Thread.sleep(forTimeInterval: InputFetcher.pause)
        }
    }

    private func size(_ path: String) -> Int64 { FilePath.status(path).map { Int64($0.st_size) } ?? 0 }

    /// Runs curl once; its exit status, and the server's.
    private func curl(
        _ url: String, shown: String, to path: String
    ) throws(RunError) -> (status: Int32, response: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // The URL, which may let one in, is no argument: those are seen by others on the machine.
        process.arguments = ["curl", "--config", "-"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        let quoted = { (text: String) in
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "") + "\""
        }
        let lines = [
            "url = \(quoted(url))", "output = \(quoted(path))", "continue-at = -", "fail", "silent", "location",
            "globoff", "proto = \"=http,https\"", "proto-redir = \"=https\"", "max-filesize = \(maximumBytes + 1)",
            "connect-timeout = 30", "speed-limit = 1", "speed-time = 60", "write-out = \"%{http_code}\"",
        ]
        do {
            try process.run()
            try input.fileHandleForWriting.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
            try input.fileHandleForWriting.close()
            let response = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            guard process.terminationStatus != 127 else {
                throw RunError(.inputOutput, "'\(shown)' cannot be fetched: install curl")
            }
            return (process.terminationStatus, String(decoding: response, as: UTF8.self))
        } catch let error as RunError {
            throw error
        } catch {
            throw RunError(.inputOutput, "'\(shown)' cannot be fetched: curl does not run")
        }
    }
}
