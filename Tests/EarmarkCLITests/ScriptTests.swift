import Foundation
import Testing

@Suite struct ScriptTests {
    @Test(arguments: [
        "init", "organisations", "settings", "meetings", "names", "times", "rosters", "clients", "tickets", "keys",
        "usage", "mistakes",
        "retention", "commitments", "bundles", "provision-envelopes", "provision-certificates", "provision-batch",
        "provision-simulate",
    ]) func scriptRuns(name: String) throws {
        let url = try #require(
            Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Scripts"))
        try ScriptRunner.run(String(decoding: try Data(contentsOf: url), as: UTF8.self))
    }

    /// A runner that accepts anything would make every script pass.
    @Test(arguments: [
        "$ earmark bogus", "[0] $ earmark bogus", "[65] $ earmark bogus", "[64] $ earmark --version",
        "$ earmark --version\n> 9.9.9", "$ earmark --version\n!> 0.", "[64] $ earmark bogus\n2> other",
        "$ earmark init --org X --json\njson schema == 2", "$ earmark init --org X --json\njson organisation.no == 1",
        "$ earmark init --org X\nmode store.db 644", "nonsense", "[warn] $ earmark --version",
    ]) func failingScriptsFail(text: String) {
        #expect(throws: ScriptRunner.Failure.self) { try ScriptRunner.run(text) }
    }
}
