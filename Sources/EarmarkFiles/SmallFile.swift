import Glibc

/// Reads files that must be small.
package enum SmallFile {
    /// The content of the file at `path`.
    ///
    /// - Throws: `missing` if there is no file, `tooLarge` if it is larger than `maximumByteCount`.
    package static func read(_ path: String, maximumByteCount: Int) throws(FileError) -> [UInt8] {
        let descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw FileError(.missing, "there is no file '\(path)'") }
            throw PrivateFile.systemError("read", path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(maximumByteCount + 1, 1 << 16))
        while bytes.count <= maximumByteCount {
            let count = Glibc.read(descriptor, &chunk, min(chunk.count, maximumByteCount + 1 - bytes.count))
            if count == 0 { break }
            if count > 0 {
                bytes += chunk[..<count]
            } else if errno == EISDIR {
                throw FileError(.inputOutput, "'\(path)' is a folder, where a file is wanted")
            } else if errno != EINTR {
                throw PrivateFile.systemError("read", path)
            }
        }
        guard bytes.count <= maximumByteCount else {
            throw FileError(.tooLarge, "'\(path)' is larger than \(maximumByteCount) bytes")
        }
        return bytes
    }
}
