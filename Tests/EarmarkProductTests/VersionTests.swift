import Foundation
import ProgramSupport
import Testing

@Suite struct VersionTests {
    /// README, docs/report.md: an answer names the version that made it.
    @Test func theProgramSaysItsVersion() throws {
        let folder = try TemporaryFolder()
        let result = try ProcessRunner.run(["--version"], folder: folder.url, environment: folder.environment)
        #expect(result.exitStatus == 0 && result.errors.isEmpty)
        #expect(result.text.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }
}
