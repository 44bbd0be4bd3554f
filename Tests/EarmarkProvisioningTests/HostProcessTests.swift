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
}
