import EarmarkAnswer
import EarmarkService
import EarmarkStore
import Foundation
import Testing

@testable import EarmarkBatch

/// docs/batch.md, "What a file cannot do": what comes of a file on which its process ends.
///
/// In place of the program a shell: its end of the socket is descriptor 0.
@Suite struct AnalysisProcessTests {
    private static let item = BatchItem(path: "in/a.wav", meeting: "m_x", label: AnalysisLabel(name: "N", note: "n"))
    private static let ready = "echo '{\"ready\":{}}' >&0; read -r order; "

    private func processes(_ script: String, timeLimit: Double = 60, grace: Double = 60) -> AnalysisProcesses {
        AnalysisProcesses(
            executable: "/bin/bash", timeLimit: timeLimit, grace: grace, clock: Store.systemClock,
            arguments: ["-c", script])
    }

    private func refusal(_ processes: AnalysisProcesses) throws -> (code: String, message: String)? {
        try processes.analyse(Self.item, sha256: "").refusal.map { ($0.code, $0.message) }
    }

    @Test(arguments: [("ILL", "crashed (Illegal instruction)"), ("SYS", "crashed (Bad system call)")])
    func whoeverEndsTheProcessIsRefused(signal: String, words: String) throws {
        let refusal = try #require(try refusal(processes(Self.ready + "kill -\(signal) $$")))
        #expect(refusal.code == "killed-analysis" && refusal.message.contains(words), "\(refusal.message)")
    }

    @Test func anEndWithoutASignalIsARefusalToo() throws {
        #expect(try refusal(processes(Self.ready + "exit 3"))?.code == "killed-analysis")
    }

    /// No file sends these; SIGKILL is also what the system sends where memory runs out.
    @Test(arguments: ["KILL", "TERM", "USR1", "USR2"]) func whoeverIsKilledConvictsNobody(signal: String) throws {
        #expect(throws: AnalysisKilled.self) { _ = try refusal(processes(Self.ready + "kill -\(signal) $$")) }
    }

    /// Nor does whoever kills the decoder, of which the process tells.
    @Test func whoeseDecoderIsKilledConvictsNobody() throws {
        let told = "echo '{\"killed\":{\"how\":\"the process that decodes it\"}}' >&0; sleep 9"
        #expect(throws: AnalysisKilled.self) { _ = try refusal(processes(Self.ready + told)) }
    }

    @Test func noFileIsAskedAboutBeforeTheProcessIsReady() throws {
        #expect(throws: BatchError(.inputOutput, "")) { _ = try refusal(processes("exit 78")) }
        #expect(throws: BatchError(.inputOutput, "")) { _ = try refusal(processes("echo nonsense >&0; sleep 9")) }
    }

    @Test func whoeverDoesNotKeepTheTimeIsEnded() throws {
        // By itself it would end without a word, which is another refusal.
        let found = try refusal(processes(Self.ready + "exec sleep 30", timeLimit: 1, grace: 0))
        #expect(found?.code == "timeLimit" && found?.message.contains("than the 1 s") == true)
    }

    /// A process serves file after file, and what it says of the store ends the batch.
    @Test func answersAndFailuresComeThrough() throws {
        let answer =
            "{\"outcome\":{\"_0\":{\"path\":\"p\",\"date\":\"d\",\"refusal\":{\"code\":\"c\",\"message\":\"$$\"}}}}"
        let failure = "{\"failed\":{\"code\":\"store-busy\",\"message\":\"m\"}}"
        let quoted = { (text: String) in "echo \"" + text.replacingOccurrences(of: "\"", with: "\\\"") + "\" >&0; " }
        let processes = processes(
            Self.ready + quoted(answer) + "read -r order; " + quoted(answer) + "read -r order; " + quoted(failure))
        let first = try refusal(processes)
        #expect(try first?.code == "c" && refusal(processes)?.message == first?.message, "one process for both")
        #expect(throws: StoreError(.storeBusy, "")) { _ = try refusal(processes) }
    }
}
