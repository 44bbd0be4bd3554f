import EarmarkFiles
import Foundation
import Synchronization

/// A folder for one input that is no file, open to nobody else and locked for as long as its process lives.
final class InputFolder: Sendable {
    private static let prefix = "earmark-input-"
    /// Times that a folder is made anew, should another process take it for one that was left.
    private static let attempts = 8
    /// Folders of this process.
    private static let live = Mutex<Set<String>>([])

    private let path: String
    private let descriptor: Int32

    /// Where the input lies: always called the same, since names come from outside.
    var input: String { FilePath.join(path, Entry.input.rawValue) }
    /// Where a server's answer lies beside it.
    var headers: String { FilePath.join(path, Entry.headers.rawValue) }

    private enum Entry: String, CaseIterable {
        case input, headers
    }

    /// Makes one in `folder`.
    ///
    /// - Throws: `inputOutput`.
    init(in folder: String) throws(RunError) {
        for _ in 0..<InputFolder.attempts {
            let name = InputFolder.prefix + String(UInt64.random(in: .min ... .max), radix: 36)
            let place = FilePath.join(folder, name)
            guard FilePath.withCString(place, { mkdir($0, 0o700) }) == 0 else {
                throw RunError(.inputOutput, "cannot make the folder '\(place)': \(String(cString: strerror(errno)))")
            }
            guard let locked = InputFolder.locked(place, needsLock: false) else { continue }
            (path, descriptor) = (place, locked)
            InputFolder.live.withLock { _ = $0.insert(place) }
            return
        }
        throw RunError(.inputOutput, "cannot make a folder in '\(folder)': others take it away")
    }

    /// Removes it with what it holds.
    func remove() {
        InputFolder.remove(path)
        close(descriptor)
        InputFolder.live.withLock { _ = $0.remove(path) }
    }

    /// Removes all of this process, which is about to end.
    static func removeAll() {
        live.withLock { folders in
            for folder in folders { remove(folder) }
        }
    }

    /// Removes what processes left in `folder` that were killed: recordings of a confidential meeting.
    static func removeLeftovers(in folder: String) {
        for name in (try? FilePath.entries(folder)) ?? [] where name.utf8.starts(with: prefix.utf8) {
            let place = FilePath.join(folder, name)
            guard !live.withLock({ $0.contains(place) }), let descriptor = locked(place, needsLock: true) else {
                continue
            }
            remove(place)
            close(descriptor)
        }
    }

    /// The folder of ours at `place`, locked; nil if another process has it.
    ///
    /// `needsLock`: whether a file system that knows no locks will not do.
    private static func locked(_ place: String, needsLock: Bool) -> Int32? {
        let descriptor = FilePath.open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(), status.st_nlink > 0,
            flock(descriptor, LOCK_EX | LOCK_NB) == 0 || (!needsLock && errno != EWOULDBLOCK),
            FilePath.entryStatus(place)?.st_ino == status.st_ino
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func remove(_ place: String) {
        for entry in Entry.allCases { FilePath.remove(FilePath.join(place, entry.rawValue)) }
        FilePath.withCString(place) { _ = rmdir($0) }
    }
}
