import EarmarkFiles
import Glibc

/// A file of result lines that only grows, one whole line at a time.
///
/// Each line is one `write` in append mode, then saved to disk: whatever ends the process leaves whole lines, and at
/// most one torn one at the end, which the next run cuts off. Sendable because the descriptor never changes.
package final class ResultFile: Sendable {
    /// Mode of new result files: they name people.
    private static let mode: mode_t = 0o600

    package let path: String
    private let descriptor: Int32

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens the file for this process alone.
    ///
    /// - Parameters:
    ///   - path: the file, made if it is missing.
    ///   - resumes: whether it may hold lines already.
    /// - Throws: `resultsExist` if it holds lines and that was not expected, `listExists`, `resultsBusy` if another
    ///   batch has it open.
    package static func open(_ path: String, resumes: Bool) throws(BatchError) -> ResultFile {
        try PartList.requirePlace(besides: path)
        let descriptor = FilePath.open(
            path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode: mode)
        guard descriptor >= 0 else {
            if errno == ELOOP {
                throw BatchError(
                    .inputOutput, "'\(path)' is a link: results, which name people, go to plain files only")
            }
            throw BatchError(.inputOutput, "cannot open '\(path)': \(PrivateFile.reason(errno, creating: path))")
        }
        let file = ResultFile(path: path, descriptor: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else {
                throw BatchError(.inputOutput, "cannot lock '\(path)': \(FileLock.reason(errno))")
            }
            throw BatchError(.resultsBusy, "another batch is writing to '\(path)'")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw BatchError(.inputOutput, "'\(path)' is not a plain file")
        }
        guard status.st_size == 0 || holdsLines(descriptor) else {
            throw BatchError(
                .invalidInput, "'\(path)' is there, and holds no results of a batch: give results another name")
        }
        guard resumes || status.st_size == 0 else {
            throw BatchError(.resultsExist, "'\(path)' holds results already")
        }
        // A file that was there before may be open to others.
        guard status.st_mode & 0o777 == mode || fchmod(descriptor, mode) == 0 else {
            throw systemError("close to others", path)
        }
        return file
    }

    /// Whether a file begins as lines of results do, which are objects.
    private static func holdsLines(_ descriptor: Int32) -> Bool {
        var first: UInt8 = 0
        return pread(descriptor, &first, 1, 0) == 1 && first == UInt8(ascii: "{")
    }

    /// Calls `body` with each whole line and where it begins, then cuts off what a killed process left after the last.
    func readLines(_ body: (BatchLine, Int64) -> Void) throws(BatchError) {
        let end = try ResultLines.read(path) { line, offset throws(BatchError) in body(line, offset) }
        guard ftruncate(descriptor, off_t(end.offset)) == 0 else { throw ResultFile.systemError("cut", path) }
    }

    /// Adds a line, which survives a crash of the machine once this returns.
    ///
    /// One thread at a time.
    /// - Returns: where the line begins.
    @discardableResult
    func append(_ line: BatchLine) throws(BatchError) -> Int64 {
        let bytes = try line.serialized()
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ResultFile.systemError("examine", path) }
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else {
            let error = count < 0 ? ResultFile.systemError("write", path) : ResultFile.full(path)
            // Half a line must not join the next one.
            ftruncate(descriptor, status.st_size)
            throw error
        }
        guard fsync(descriptor) == 0 else { throw ResultFile.systemError("save", path) }
        return Int64(status.st_size)
    }

    /// The line that begins at `offset`.
    func line(at offset: Int64) throws(BatchError) -> BatchLine {
        try BatchLine.parse(try ResultLines.line(descriptor, at: offset, path: path), number: 0, path: path)
    }

    private static func full(_ path: String) -> BatchError {
        BatchError(.inputOutput, "cannot write '\(path)': the disk is full")
    }

    static func systemError(_ verb: String, _ path: String) -> BatchError {
        BatchError(.inputOutput, "cannot \(verb) '\(path)': \(String(cString: strerror(errno)))")
    }
}

/// Reads result files line by line, whatever their size.
enum ResultLines {
    private static let chunkByteCount = 1 << 20
    /// Bytes that are read at a time where one line is wanted.
    private static let lineByteCount = 1 << 14

    /// The line that begins at `offset`, without its line feed.
    static func line(_ descriptor: Int32, at offset: Int64, path: String) throws(BatchError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: lineByteCount)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(offset) + off_t(bytes.count))
            guard count > 0 else { throw ResultFile.systemError("read", path) }
            if let end = chunk[..<count].firstIndex(of: UInt8(ascii: "\n")) { return bytes + chunk[..<end] }
            bytes += chunk[..<count]
        }
    }

    /// The end of what was read.
    struct End {
        /// Bytes up to the end of the last whole line.
        let offset: Int64
        /// Whether half a line follows.
        let isTorn: Bool
    }

    /// Calls `body` with each whole line of the file at `path` and where the line begins.
    ///
    /// - Throws: `unknownInput`, `inputOutput`, `invalidInput` for a line that is none of a batch's, and what `body`
    ///   throws.
    @discardableResult
    static func read(
        _ path: String, _ body: (BatchLine, Int64) throws(BatchError) -> Void
    ) throws(BatchError) -> End {
        let descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let error = ResultFile.systemError("read", path)
            throw errno == ENOENT ? BatchError(.unknownInput, error.message) : error
        }
        defer { close(descriptor) }
        var pending: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkByteCount)
        var number = 0
        var end: Int64 = 0
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 || errno == EINTR else { throw ResultFile.systemError("read", path) }
            if count == 0 { return End(offset: end, isTorn: !pending.isEmpty) }
            var rest = chunk[..<max(0, count)]
            while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                pending += rest[..<newline]
                number += 1
                try body(try BatchLine.parse(pending, number: number, path: path), end)
                end += Int64(pending.count) + 1
                pending.removeAll(keepingCapacity: true)
                rest = rest[(newline + 1)...]
            }
            pending += rest
        }
    }
}
