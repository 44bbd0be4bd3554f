internal import EarmarkFiles
import Glibc

/// Read-only random access to one open regular file.
///
/// Every reader works on the same open file, so replacing the name at the path between two passes changes nothing.
/// Sendable because the descriptor never changes and `pread` keeps no position.
final class ByteSource: Sendable {
    let path: String
    /// Size when opened, in bytes; what is appended later is not read.
    let fileSize: Int64
    /// Bytes that are read as if they followed the file.
    private let tail: [UInt8]
    /// Whose descriptor it is, if another's.
    private let owner: ByteSource?
    /// The open file.
    let descriptor: Int32
    /// When it was last changed as it was opened; nil if that cannot be told.
    private let stamp: Stamp?

    /// What changes with a file's content.
    private struct Stamp: Equatable {
        let size: Int64
        let times: [Int]

        init?(_ descriptor: Int32) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { return nil }
            size = Int64(status.st_size)
            times = [
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
            ]
        }
    }

    convenience init(path: String) throws(MediaError) {
        // A path with NUL would be cut there and name another file.
        guard !path.utf8.contains(0) else {
            throw MediaError(.notFound, "the path contains a NUL character.", path: "(invalid path)")
        }
        // To open a device may do something, and a socket cannot be opened.
        if let entry = FilePath.status(path), entry.st_mode & S_IFMT != S_IFREG {
            throw MediaError(
                .unreadable, FilePath.isFolder(path) ? "is a folder." : "is not a regular file.", path: path)
        }
        // O_NONBLOCK: opening a FIFO must not wait for a writer.
        let descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == ENOENT || reason == ENOTDIR {
                let other = "; standard input is not read here, but by 'earmark filter', and 'earmark batch' for lists"
                if let target = FilePath.target(ofLink: path) {
                    throw MediaError(.notFound, "is a link to '\(target)', which is not there.", path: path)
                }
                throw MediaError(.notFound, "no such file\(path == "-" ? other : "").", path: path)
            }
            throw MediaError(.unreadable, "cannot be opened: \(systemMessage(reason)).", path: path)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw MediaError(
                .unreadable, FilePath.isFolder(path) ? "is a folder." : "is not a regular file.", path: path)
        }
        self.init(descriptor: descriptor, size: Int64(status.st_size), path: path)
    }

    /// Takes over a file of `size` bytes that was opened as `path`.
    init(descriptor: Int32, size: Int64, path: String) {
        self.path = path
        self.descriptor = descriptor
        fileSize = size
        tail = []
        owner = nil
        stamp = Stamp(descriptor)
    }

    private init(_ owner: ByteSource, followedBy tail: [UInt8]) {
        path = owner.path
        descriptor = owner.descriptor
        fileSize = owner.fileSize
        stamp = owner.stamp
        self.tail = tail
        self.owner = owner
    }

    /// Bytes that can be read, those behind the file among them.
    var size: Int64 { fileSize + Int64(tail.count) }

    /// The same file, as if `tail` followed it.
    func followed(by tail: [UInt8]) -> ByteSource { ByteSource(self, followedBy: tail) }

    /// Throws `unreadable` if the file was written to since it was opened: what was read of it may be of two files.
    func requireUnchanged() throws(MediaError) {
        guard stamp != Stamp(descriptor) else { return }
        throw MediaError(.unreadable, "changed while it was read. Analyse it when it is complete.", path: path)
    }

    deinit {
        if owner == nil { close(descriptor) }
    }

    /// Reads at most `buffer.count` bytes at `offset`; 0 at the end, negative `errno` on failure.
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard offset >= 0, offset < size, let base = buffer.baseAddress else { return 0 }
        guard offset < fileSize else {
            let rest = tail[Int(offset - fileSize)...].prefix(buffer.count)
            buffer.copyBytes(from: rest)
            return rest.count
        }
        let wanted = Int(min(Int64(buffer.count), fileSize - offset))
        while true {
            let count = pread(descriptor, base, wanted, off_t(offset))
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// The bytes from `offset` on, at most `count`, fewer at the end of the file or on a read error.
    func bytes(at offset: Int64, count: Int) -> [UInt8] {
        guard offset >= 0, offset < size, count > 0 else { return [] }
        let wanted = Int(min(Int64(count), size - offset))
        return [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let count = read(at: offset + Int64(filled), into: rest)
                guard count > 0 else { break }
                filled += count
            }
        }
    }
}

/// The operating system's words for an `errno`.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
