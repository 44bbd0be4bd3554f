import EarmarkFiles
import Foundation
import Synchronization

/// What files held when they were last read whole, so that going on does not read every byte again.
///
/// A file is taken to hold what it held where size, both times, inode and device stand. Any thread may use it.
final class ReadFiles: Sendable {
    /// What tells that a file was not written to.
    struct Stamp: Codable, Equatable {
        let bytes: Int64
        /// When it was written, nanoseconds since 1970.
        let modified: Int64
        /// When it or what is said of it was changed, the same.
        let changed: Int64
        let inode: UInt64
        let device: UInt64

        /// Seconds for which a file must have been left alone: times of some file systems are as coarse as this.
        private static let rest: Int64 = 2
        private static let second: Int64 = 1_000_000_000

        /// The stamp of the plain file at `path`; nil for another thing, and for one that was changed just now.
        init?(_ path: String) {
            guard let status = FilePath.status(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
            func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) * Stamp.second + Int64(time.tv_nsec) }
            bytes = Int64(status.st_size)
            modified = nanoseconds(status.st_mtim)
            changed = nanoseconds(status.st_ctim)
            inode = UInt64(status.st_ino)
            device = UInt64(status.st_dev)
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            guard max(modified, changed) + Stamp.rest * Stamp.second < nanoseconds(now) else { return nil }
        }
    }

    /// A line of the journal.
    struct Entry: Codable, Equatable {
        /// What was read.
        struct Reading: Codable, Equatable {
            let path: String
            let sha256: String
            let stamp: Stamp
        }

        let read: Reading
    }

    private let known: Mutex<[PathKey: Entry.Reading]>

    /// Starts from what an earlier process noted.
    init(_ entries: [Entry]) {
        known = Mutex(entries.reduce(into: [:]) { $0[PathKey($1.read.path)] = $1.read })
    }

    /// What is noted of these paths, in their order.
    func entries(of paths: some Sequence<String>) -> [Entry] {
        known.withLock { known in paths.compactMap { known[PathKey($0)].map(Entry.init) } }
    }

    /// The digest of the file at `path`; nil where it must be read.
    func digest(of path: String) -> String? {
        guard let reading = known.withLock({ $0[PathKey(path)] }), Stamp(path) == reading.stamp else { return nil }
        return reading.sha256
    }
}
