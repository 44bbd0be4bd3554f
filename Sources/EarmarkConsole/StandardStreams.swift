import Foundation
import Glibc

/// The three streams that a process is started with.
package enum StandardStreams {
    /// Makes sure that no file which is opened later takes the place of a stream that was closed, and that a reader who
    /// goes away, or a file that may not grow, ends nothing but what is written to it.
    ///
    /// What is written to a closed standard output still fails; what goes to a closed standard error goes nowhere.
    package static func secure() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        for (descriptor, flags) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
        where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free descriptor is the one that is missing: those below it are open by now.
            _ = open("/dev/null", flags)
        }
    }

    /// Whether standard output was closed from the start, and what stands in its place takes nothing.
    private static var isOutputClosed: Bool { fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE == O_RDONLY }

    /// Writes all of `bytes` to standard output; the reason if that fails.
    ///
    /// Ends the process as SIGPIPE does where the reader went away, as `head` does.
    static func write(_ bytes: some ContiguousBytes) -> String? {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EPIPE {
                    ProcessLog.end(status: 128 + SIGPIPE)
                    signal(SIGPIPE, SIG_DFL)
                    raise(SIGPIPE)
                } else if errno != EINTR {
                    return isOutputClosed ? "standard output is closed" : String(cString: strerror(errno))
                }
            }
            return nil
        }
    }
}
