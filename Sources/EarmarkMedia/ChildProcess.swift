internal import CProcess
internal import Foundation
import Glibc

/// What the operating system refused.
package struct SystemError: Error {
    /// An errno.
    package var code: Int32
}

/// Starts programs that are talked to over a socket.
package enum ChildProcess {
    /// Where a program finds its end of the socket: in place of standard input.
    package static let socketDescriptor: Int32 = 0

    /// A stream socket's two ends, which no program started later inherits.
    package static func socketPair() throws(SystemError) -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SystemError(code: errno)
        }
        return (ends[0], ends[1])
    }

    /// Starts a program in a process group of its own: Ctrl-C on the terminal lets a batch finish what it has in hand.
    ///
    /// - Parameters:
    ///   - executable: its absolute path.
    ///   - words: its arguments after its name, as the system has them.
    ///   - environment: all of its variables; nil for those of this process.
    ///   - socket: its end of the socket.
    ///   - showsErrors: whether its standard error is this process's; else it has none.
    package static func start(
        _ executable: String, words: [UnsafeMutablePointer<CChar>], environment: [String]?, socket: Int32,
        showsErrors: Bool
    ) throws(SystemError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_adddup2(&actions, socket, socketDescriptor)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        if !showsErrors { posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) }
        cprocess_close_from(&actions, 3)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // Who ignores SIGCHLD learns no status, and a launcher may pass that on.
        var usual = sigset_t()
        sigemptyset(&usual)
        for signal in [SIGCHLD, SIGXCPU, SIGSEGV, SIGABRT] { sigaddset(&usual, signal) }
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let name = strdup("earmark")
        let variables = environment.map { $0.map { strdup($0) } + [nil] }
        defer {
            free(name)
            for text in variables ?? [] { free(text) }
        }
        var process: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [name] + words + [nil]
        let code =
            variables.map { posix_spawn(&process, executable, &actions, &attributes, arguments, $0) }
            ?? posix_spawn(&process, executable, &actions, &attributes, arguments, environ)
        guard code == 0 else { throw SystemError(code: code) }
        return process
    }

    /// Waits for a process that nobody talks to any more, and ends it if it does not; its status, or less than 0 where
    /// that is not known.
    package static func end(_ process: Int32) -> Int32 { DecoderServer.outlive(process) }

    /// Leaves it to the program that started this process when it ends: that hangs up.
    ///
    /// Schedulers and systemd ask every process of a job to end. A decoder that obeyed would look as if its file had
    /// ended it, while the program finishes what it has in hand.
    package static func outliveStops() {
        for number in [SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
    }

    /// Where memory runs out, the system ends this process, and those that it starts, before the one that started it.
    package static func volunteer() {
        let file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        _ = "500".withCString { write(file, $0, 3) }
        close(file)
    }
}
