import EarmarkFiles
import Foundation

/// Opens what events are appended to, and refuses what is no log.
///
/// The folder may be one that others write to: whatever they put in the log's place must neither stop the work nor be
/// written to.
enum LogFile {
    /// Mode of a file that is made for events: they name nobody, but tell who may read them what is worked on.
    private static let mode: mode_t = 0o600
    /// Bytes in which the first line of a log is looked for; a longer one, of a purge of many meetings, is believed.
    private static let beginningByteCount = 1 << 20
    /// What every event has and no other file of this program.
    private static let sign = Array(#""event":""#.utf8)

    /// Opens the file, pipe or device at `path`, which is made as a file if there is nothing.
    ///
    /// - Parameter reserved: files of the program's own.
    /// - Throws: `inputOutput`.
    static func open(_ path: String, reserved: [String]) throws(FileError) -> LineWriter {
        // By name, too: what is not there yet must not be made.
        let name = FilePath.canonical(path)
        guard !reserved.contains(where: { FilePath.canonical($0) == name }) else {
            throw refusal(path, Reason.reserved)
        }
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let descriptor = FilePath.open(path, flags, mode: mode)
        guard descriptor >= 0 else { throw refusal(path, reason(errno, path)) }
        do throws(FileError) {
            return try examined(descriptor, path, reserved)
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Takes what the process was started with at `number`.
    ///
    /// Whoever started it opened it, so that nothing is asked but whether it is a file of the program's own.
    static func inherited(_ number: Int32, reserved: [String]) throws(FileError) -> LineWriter {
        let path = "/dev/fd/\(number)"
        let descriptor = fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        guard descriptor >= 0 else { throw refusal(path, String(cString: strerror(errno))) }
        do throws(FileError) {
            guard fcntl(descriptor, F_GETFL) & O_ACCMODE != O_RDONLY else { throw refusal(path, Reason.readOnly) }
            guard let status = status(descriptor), !isReserved(status, reserved) else {
                throw refusal(path, Reason.reserved)
            }
        } catch {
            close(descriptor)
            throw error
        }
        return LineWriter(descriptor, kind: kind(of: descriptor))
    }

    /// What an open descriptor is, whose file is not looked at.
    static func kind(of descriptor: Int32) -> LineWriter.Kind {
        status(descriptor).map { $0.st_mode & S_IFMT } == S_IFREG ? .file(reader: nil) : .stream
    }

    // MARK: What it is

    private enum Reason {
        static let reserved = "it is a file of the store"
        static let readOnly = "it is open for reading only"
        static let link = "it is a link, and links are not followed; name what it leads to"
        static let unread = "nobody reads this pipe"
        static let socket = "it is a socket; write syslog:SOCKET"
        static let kind = "it is no file, pipe or terminal"
        static let unreadable = "it cannot be read, so that nobody knows whether it is a log"
        static let foreign = "it holds something else than events; name a new file"
    }

    private static func refusal(_ path: String, _ reason: String) -> FileError {
        FileError(.inputOutput, "\(LogDestination.variable): '\(path)' cannot be written: \(reason)")
    }

    /// Why opening failed with `code`.
    private static func reason(_ code: Int32, _ path: String) -> String {
        let kind = FilePath.entryStatus(path).map { $0.st_mode & S_IFMT }
        return switch (code, kind) {
        case (ELOOP, S_IFLNK): Reason.link
        case (ENXIO, S_IFIFO): Reason.unread
        case (ENXIO, S_IFSOCK): Reason.socket
        default: String(cString: strerror(code))
        }
    }

    private static func examined(
        _ descriptor: Int32, _ path: String, _ reserved: [String]
    ) throws(FileError) -> LineWriter {
        guard let status = status(descriptor) else { throw refusal(path, String(cString: strerror(errno))) }
        guard !isReserved(status, reserved) else { throw refusal(path, Reason.reserved) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        // Block devices have no end to append to: their first bytes would be overwritten.
        case S_IFIFO, S_IFCHR: return LineWriter(descriptor, kind: .stream)
        default: throw refusal(path, Reason.kind)
        }
        let reader = FilePath.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard reader >= 0 else { throw refusal(path, Reason.unreadable) }
        guard let other = Self.status(reader), isSame(other, status), holdsEvents(reader) else {
            close(reader)
            throw refusal(path, Reason.foreign)
        }
        return LineWriter(descriptor, kind: .file(reader: reader))
    }

    private static func status(_ descriptor: Int32) -> stat? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status : nil
    }

    private static func isSame(_ one: stat, _ other: stat) -> Bool {
        one.st_dev == other.st_dev && one.st_ino == other.st_ino
    }

    /// Whatever names and links it goes by.
    private static func isReserved(_ status: stat, _ reserved: [String]) -> Bool {
        reserved.contains { FilePath.status($0).map { isSame($0, status) } ?? false }
    }

    /// Whether a file is empty or begins as a log does; a first line that was torn may lack what every event has.
    private static func holdsEvents(_ reader: Int32) -> Bool {
        var beginning = [UInt8](repeating: 0, count: beginningByteCount)
        let count = pread(reader, &beginning, beginning.count, 0)
        guard count > 0 else { return count == 0 }
        let line = beginning[..<count].prefix { $0 != UInt8(ascii: "\n") }
        guard line.starts(with: #"{""#.utf8) else { return false }
        return line.last != UInt8(ascii: "}") || line.firstRange(of: sign) != nil
    }
}
