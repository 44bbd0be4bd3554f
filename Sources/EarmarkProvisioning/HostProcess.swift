internal import CProcess
import Foundation

/// What the operating system may show of this process.
public enum HostProcess {
    /// Forbids core files, reading this process's memory and reports of crashes, for as long as it runs.
    ///
    /// To be called before the first secret comes in. Debuggers and crash reporters of the same user are kept out too,
    /// those within the process among them: Swift's own prints what lies in memory. Root is not kept out.
    /// - Returns: whether the system agreed.
    @discardableResult public static func forbidDumps() -> Bool {
        for signal in fatalSignals where hasHandler(signal) { Foundation.signal(signal, SIG_DFL) }
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        let isLimited = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
        let isHidden = cprocess_forbid_dumps() == 0
        return isLimited && isHidden
    }

    /// Signals at which the runtime's crash reporter begins, if the environment turned it on.
    private static let fatalSignals = [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP]

    /// Whether something begins at `signal`; what is ignored stays so.
    private static func hasHandler(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return ![SIG_DFL, SIG_IGN].map { unsafeBitCast($0, to: Int.self) }.contains(handler)
    }

    /// Whether core files and reading this process's memory are forbidden.
    public static var forbidsDumps: Bool { cprocess_is_dumpable() == 0 }
}
