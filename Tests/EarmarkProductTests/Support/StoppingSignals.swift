import Foundation

/// The signals that ask a program to end.
enum StoppingSignals {
    /// Those that these tests do not ignore, and with them what they start: SIGHUP behind nohup, SIGINT in a shell's
    /// background.
    static let all = [SIGINT, SIGTERM, SIGHUP].filter { !isIgnored($0) }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
