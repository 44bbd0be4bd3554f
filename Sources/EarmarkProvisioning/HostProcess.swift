internal import CProcess
import Foundation

/// What the operating system may show of this process.
public enum HostProcess {
    /// Forbids core files and reading this process's memory, for as long as it runs.
    ///
    /// To be called before the first secret comes in. Debuggers and crash reporters of the same user are kept out too;
    /// root is not.
    /// - Returns: whether the system agreed.
    @discardableResult public static func forbidDumps() -> Bool {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        let isLimited = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
        let isHidden = cprocess_forbid_dumps() == 0
        return isLimited && isHidden
    }

    /// Whether core files and reading this process's memory are forbidden.
    public static var forbidsDumps: Bool { cprocess_is_dumpable() == 0 }
}
