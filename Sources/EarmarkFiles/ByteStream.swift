import Glibc
import Synchronization

/// Standard input to standard output, until the input ends, nobody reads any more, or the user asks to stop.
package struct ByteStream: ~Copyable {
    /// Bytes taken at a time: no more than lie ready, so nothing is held back.
    private static let chunkBytes = 1 << 16

    private var buffer = [UInt8](repeating: 0, count: ByteStream.chunkBytes)

    /// A pipe that becomes readable when a signal asks for the end: a signal just before a read would be lost in it.
    private static let wakeUp = Atomic<Int32>(-1)
    private let stopped: Int32

    /// Takes over SIGINT, SIGTERM and SIGPIPE.
    package init() throws(FileError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw FileError(.inputOutput, "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        stopped = ends[0]
        ByteStream.wakeUp.store(ends[1], ordering: .relaxed)
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                var byte: UInt8 = 0
                _ = Glibc.write(ByteStream.wakeUp.load(ordering: .relaxed), &byte, 1)
            }
        }
    }

    /// Appends what lies ready, at least a byte; false at the end.
    package mutating func read(into bytes: inout [UInt8]) throws(FileError) -> Bool {
        guard waitForInput() else { return false }
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count > 0 {
                bytes += buffer[..<count]
                return true
            }
            if count == 0 { return false }
            if errno != EINTR && errno != EAGAIN {
                throw FileError(.inputOutput, "cannot read standard input: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// False when asked to stop.
    private func waitForInput() -> Bool {
        var inputs = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stopped, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&inputs, 2, -1) < 0 && errno == EINTR {}
        return inputs[1].revents == 0
    }

    /// Writes all of `bytes`; false if nobody reads any more.
    package func write(_ bytes: ArraySlice<UInt8>) throws(FileError) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EPIPE {
                return false
            } else if errno == EAGAIN {
                var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&output, 1, -1)
            } else if errno != EINTR {
                throw FileError(.inputOutput, "cannot write standard output: \(String(cString: strerror(errno)))")
            }
        }
        return true
    }
}
