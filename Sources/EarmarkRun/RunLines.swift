import EarmarkFiles
import Foundation

/// Reads parts and runs line by line, whatever their size.
enum RunLines {
    private static let chunkByteCount = 1 << 20

    /// The end of what was read.
    struct End {
        /// Bytes up to the end of the last whole line.
        let offset: Int64
        /// Whether half a line follows.
        let isTorn: Bool
    }

    /// Calls `body` with each whole line, without its line feed, and where it begins.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - isReadAgain: whether it must be a plain file, which can be read once more.
    ///   - body: takes a line, and where it begins.
    /// - Throws: `unknownInput`, `inputOutput`, `malformed` for what cannot be read again, and what `body` throws.
    @discardableResult
    static func read(
        _ path: String, isReadAgain: Bool = false, _ body: ([UInt8], Int64) throws -> Void
    ) throws -> End {
        let descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code: RunError.Code = errno == ENOENT ? .unknownInput : .inputOutput
            throw RunError(code, "cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard !isReadAgain || (fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG) else {
            throw RunError(.malformed, "'\(path)' is no plain file: it is read twice, so save it as one first")
        }
        var pending: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkByteCount)
        var end: Int64 = 0
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count >= 0 || errno == EINTR else {
                throw RunError(.inputOutput, "cannot read '\(path)': \(String(cString: strerror(errno)))")
            }
            if count == 0 { return End(offset: end, isTorn: !pending.isEmpty) }
            var rest = chunk[..<max(0, count)]
            while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                pending += rest[..<newline]
                try body(pending, end)
                end += Int64(pending.count) + 1
                pending.removeAll(keepingCapacity: true)
                rest = rest[(newline + 1)...]
            }
            pending += rest
        }
    }

    /// The line of `count` bytes that begins at `offset`.
    static func line(_ descriptor: Int32, at offset: Int64, count: Int, path: String) throws(RunError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard pread(descriptor, &bytes, count, off_t(offset)) == count else {
            throw RunError(.inputOutput, "cannot read '\(path)' again: it changed meanwhile")
        }
        return bytes
    }
}
