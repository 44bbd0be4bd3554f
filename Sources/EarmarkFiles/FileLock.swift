import Foundation
import Glibc

/// A lock that one process or thread at a time holds, on a file that stays behind, empty.
///
/// A process that dies releases it, too. Not `Sendable`: it is released where it was taken.
package final class FileLock {
    /// How long to wait for another holder, in seconds; the same as the database's busy timeout.
    package static let timeout = 10.0
    /// Pause between two attempts, in microseconds: a fraction of what one holder needs for its fsyncs.
    private static let pause: useconds_t = 2_000

    private var descriptor: Int32

    /// Takes the lock on the file at `path`, which is made if it is missing.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - timeout: seconds to wait for another holder.
    /// - Throws: `busy` if it was held for longer than `timeout`, `inputOutput`.
    package init(_ path: String, timeout: Double = FileLock.timeout) throws(FileError) {
        descriptor = FilePath.open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode: PrivateFile.mode)
        guard descriptor >= 0 else { throw PrivateFile.systemError("create lock file", path) }
        let deadline = ContinuousClock.now + .seconds(timeout)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw FileError(.inputOutput, "cannot lock '\(path)': \(FileLock.reason(errno))")
            }
            guard ContinuousClock.now < deadline else {
                throw FileError(.busy, "another process holds '\(path)'; try again")
            }
            usleep(FileLock.pause)
        }
    }

    deinit { release() }

    /// Lets others take it; a second call does nothing.
    package func release() {
        guard descriptor >= 0 else { return }
        // Closing releases the lock.
        close(descriptor)
        descriptor = -1
    }

    // MARK: File systems without locks

    /// Why the lock that failed with `code` cannot be had, ever.
    package static func reason(_ code: Int32) -> String {
        "its file system cannot lock files, as some network file systems cannot (\(String(cString: strerror(code)))); "
            + "use a local disk"
    }

    /// SQLite's codes that waiting may not mend.
    private enum SQLite {
        static let busy: Int32 = 5
        /// A lock could not be let go, taken for reading, looked at, or taken.
        static let locks: [Int32] = [8, 9, 14, 15].map { 10 | $0 << 8 }
        static let sharedMemory: [Int32] = [18, 19, 20, 21].map { 10 | $0 << 8 }
    }

    /// Why a database at `path`, of which SQLite says `code`, will never do there; nil if it may.
    package static func reasonAgainst(databaseAt path: String, _ code: Int32) -> String? {
        if SQLite.sharedMemory.contains(code) {
            // A disk that is full has no room for it either.
            guard !isFull(beside: path) else { return nil }
            return "its file system has no memory that processes share, as network file systems have not; "
                + "use a local disk"
        }
        return code & 0xFF == SQLite.busy || SQLite.locks.contains(code) ? reasonAgainstLocks(beside: path) : nil
    }

    /// Whether a database at `path`, of which SQLite says `code`, lies on a disk without room for what processes share.
    package static func isFull(databaseAt path: String, _ code: Int32) -> Bool {
        SQLite.sharedMemory.contains(code) && isFull(beside: path)
    }

    /// What SQLite shares at least, bytes.
    private static let leastSharedMemory = 32_768

    /// Tries to write so much to a file beside `path`: quotas are told by nothing else.
    private static func isFull(beside path: String) -> Bool {
        let probe = path + ".probe-" + String(UInt64.random(in: .min ... .max), radix: 36)
        let descriptor = FilePath.open(probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode: PrivateFile.mode)
        guard descriptor >= 0 else { return [ENOSPC, EDQUOT].contains(errno) }
        defer {
            close(descriptor)
            FilePath.remove(probe)
        }
        let bytes = [UInt8](repeating: 0, count: leastSharedMemory)
        let count = write(descriptor, bytes, bytes.count)
        return count < 0 ? [ENOSPC, EDQUOT].contains(errno) : count < bytes.count
    }

    /// Tries a lock on a file beside `path`: to close the file itself would take this process's locks on it away.
    private static func reasonAgainstLocks(beside path: String) -> String? {
        let probe = path + ".probe-" + String(UInt64.random(in: .min ... .max), radix: 36)
        let descriptor = FilePath.open(probe, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode: PrivateFile.mode)
        guard descriptor >= 0 else { return nil }
        defer {
            close(descriptor)
            FilePath.remove(probe)
        }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        guard fcntl(descriptor, F_SETLK, &lock) != 0, errno != EAGAIN, errno != EACCES, errno != EINTR else {
            return nil
        }
        return reason(errno)
    }
}
