import EarmarkProvisioning
import Foundation
import Testing

@Suite struct HostProcessTests {
    /// In a process of its own, for there is no way back.
    @Test func processCannotBeDumped() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit()
            guard !HostProcess.forbidsDumps, HostProcess.forbidDumps(), HostProcess.forbidsDumps,
                getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0, limit.rlim_cur == 0,
                limit.rlim_max == 0
            else { exit(1) }
            exit(0)
        }
    }

    /// Whoever hears of crashes, as Swift's crash reporter does, hears of none once there may be a secret.
    @Test func crashIsReportedToNobody() async {
        await #expect(processExitsWith: .signal(SIGSEGV)) {
            for fatal in [SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP] { signal(fatal) { _ in _exit(0) } }
            HostProcess.forbidDumps()
            raise(SIGSEGV)
        }
        await #expect(processExitsWith: .signal(SIGABRT)) {
            for fatal in [SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGTRAP] { signal(fatal) { _ in _exit(0) } }
            HostProcess.forbidDumps()
            // Not raise(): whoever runs the tests may have the signal blocked.
            abort()
        }
    }
}
