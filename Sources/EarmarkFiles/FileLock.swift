import Foundation

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
    /// - Throws: `busy` if it was held for longer than `timeout`, `inputOutput`.
    package init(_ path: String) throws(FileError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, PrivateFile.mode)
        guard descriptor >= 0 else { throw PrivateFile.systemError("create lock file", path) }
        let deadline = ContinuousClock.now + .seconds(FileLock.timeout)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw PrivateFile.systemError("lock", path) }
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
}
