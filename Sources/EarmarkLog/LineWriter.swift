import Foundation
import Synchronization

/// Appends lines to an open file, pipe or device and never waits for long; thread-safe.
final class LineWriter: Sendable {
    /// What it writes to.
    enum Kind: Sendable {
        /// A plain file, and a descriptor that reads it, if there is one.
        case file(reader: Int32?)
        /// What may be slow to take anything, and cannot be looked at again.
        case stream
    }

    private struct State {
        /// Whether the last byte that was written ends no line.
        var isTorn = false
        /// Whether nobody took the last line in time; later ones do not wait until one is taken.
        var isStuck = false
    }

    /// Seconds for which a line may wait until it is taken, as long as the system's log has for two events.
    private static let patience = 1.0
    private static let newline = UInt8(ascii: "\n")

    private let descriptor: Int32
    private let kind: Kind
    private let state = Mutex(State())

    /// Takes over `descriptor`, and the one in `kind`.
    init(_ descriptor: Int32, kind: Kind) {
        self.descriptor = descriptor
        self.kind = kind
    }

    /// Whether it is where messages go, too.
    var isStandardError: Bool { descriptor == STDERR_FILENO }

    /// Appends `text` as a line; the reason if that is lost.
    ///
    /// One write, so that lines of several threads and processes stay whole; behind a line that was torn, by whichever
    /// process, it begins a new one.
    func write(_ text: String) -> String? {
        state.withLock { state in
            let bytes = Array(((endsWithinLine ?? state.isTorn ? "\n" : "") + text + "\n").utf8)
            let (count, failure) = append(bytes, patience: state.isStuck ? 0 : LineWriter.patience)
            if count > 0 { state.isTorn = bytes[count - 1] != LineWriter.newline }
            state.isStuck = failure == EAGAIN
            guard let failure else { return nil }
            return failure == EAGAIN ? "its reader does not read" : String(cString: strerror(failure))
        }
    }

    /// How many of `bytes` were written, and why not all.
    ///
    /// What a short write leaves is tried again: only then does the system say what is in the way.
    private func append(_ bytes: [UInt8], patience: Double) -> (count: Int, failure: Int32?) {
        let deadline = ContinuousClock.now + .seconds(patience)
        var count = 0
        while count < bytes.count {
            guard isReady(until: deadline) else { return (count, EAGAIN) }
            let rest = bytes[count...].prefix(mostBytes)
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                count += written
            } else if errno == EAGAIN {
                guard ContinuousClock.now < deadline else { return (count, EAGAIN) }
            } else if errno != EINTR {
                return (count, errno)
            }
        }
        return (count, nil)
    }

    /// Bytes of a write: of what may block no more than are sure to be taken once it is ready.
    private var mostBytes: Int {
        switch kind {
        case .file: Int.max
        case .stream: Int(PIPE_BUF)
        }
    }

    /// Whether a write would be taken, or fail, at once.
    private func isReady(until deadline: ContinuousClock.Instant) -> Bool {
        guard case .stream = kind else { return true }
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        while true {
            let left = max(.zero, deadline - ContinuousClock.now) / .milliseconds(1)
            let ready = poll(&entry, 1, Int32(left.rounded(.up)))
            // What cannot be waited for is written to: the write says why.
            guard ready < 0 && errno == EINTR else { return ready != 0 }
        }
    }

    /// Whether the file's last byte ends no line; nil of what cannot be looked at.
    private var endsWithinLine: Bool? {
        guard case .file(let reader?) = kind else { return nil }
        var status = stat()
        var last = LineWriter.newline
        guard fstat(reader, &status) == 0, status.st_size > 0 else { return false }
        return pread(reader, &last, 1, status.st_size - 1) == 1 && last != LineWriter.newline
    }
}
