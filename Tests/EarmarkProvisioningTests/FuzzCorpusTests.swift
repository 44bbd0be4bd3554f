import Foundation
import ProvisioningFuzzing
import Testing

/// Replays what fuzzers found worth keeping, and inputs that once broke a rule.
@Suite struct FuzzCorpusTests {
    @Test(arguments: FuzzTarget.allCases) func corpusIsTaken(target: FuzzTarget) throws {
        let folder = try Vectors.url("corpus/\(target.rawValue)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 10)
        for file in files { target.run([UInt8](try Data(contentsOf: file))) }
    }

    /// Every byte of a good envelope changed, one at a time, in each of its bits: none opens.
    @Test func noChangedEnvelopeOpens() {
        for good in FuzzEnvelopes.good {
            #expect(FuzzEnvelopes.refusal(good) == nil)
            for index in good.indices {
                for bit in 0..<8 {
                    var text = good
                    text[index] ^= 1 << bit
                    #expect(FuzzEnvelopes.refusal(text) != nil)
                }
            }
        }
    }
}
