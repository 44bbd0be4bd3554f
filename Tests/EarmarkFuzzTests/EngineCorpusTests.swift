import Foundation
import Testing

/// Replays what fuzzers found worth keeping, and inputs that once broke a rule.
@Suite struct EngineCorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Corpus")

    @Test(arguments: EngineFuzzTarget.allCases) func corpusIsTaken(target: EngineFuzzTarget) throws {
        let folder = Self.folder.appendingPathComponent(target.rawValue)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files { target.run([UInt8](try Data(contentsOf: file))) }
    }
}
