import Foundation

/// The signals that ask a program to end.
enum StoppingSignals {
    /// SIGHUP, too, unless these tests outlive their terminal: what they start then ignores it.
    static let all = [SIGINT, SIGTERM] + (hangUpIsIgnored ? [] : [SIGHUP])

    private static var hangUpIsIgnored: Bool {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
