import EarmarkFiles
import Foundation
import Synchronization

/// What is done before SIGINT, SIGTERM or SIGHUP ends the process.
///
/// A verb that takes these signals over, as a batch does, ends by itself and says so itself.
enum LastWords {
    /// A pipe that takes the signal's number to where more may be done than in a handler.
    private static let wakeUp = Atomic<Int32>(-1)

    /// Has `body` called with the exit status that shells give for the signal, before that ends the process.
    ///
    /// To be called once; signals that are ignored stay so. Handlers, unlike these, are not handed on to programs that
    /// this one starts.
    ///
    /// - Throws: `inputOutput`.
    static func keep(_ body: @escaping @Sendable (_ status: Int32) -> Void) throws(FileError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw FileError(.inputOutput, "cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wakeUp.store(ends[1], ordering: .relaxed)
        let listener = ends[0]
        Thread {
            var number: UInt8 = 0
            while read(listener, &number, 1) < 0 && errno == EINTR {}
            body(128 + Int32(number))
            end(by: Int32(number))
        }.start()
        for number in [SIGINT, SIGTERM, SIGHUP] where endsProcess(number) {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(LastWords.wakeUp.load(ordering: .relaxed), &byte, 1)
            }
        }
    }

    /// Ends the process as the signal would have.
    private static func end(by number: Int32) {
        signal(number, SIG_DFL)
        // Threads of Dispatch block signals, and those that they start have that from them.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        raise(number)
    }

    /// Whether nothing else is to be done at a signal.
    private static func endsProcess(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_DFL, to: Int.self)
    }
}
