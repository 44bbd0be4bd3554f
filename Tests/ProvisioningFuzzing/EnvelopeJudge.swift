import EarmarkProvisioning
import Foundation

/// Judges envelopes for a script that compares with other programs: a line in, a line out.
package enum EnvelopeJudge {
    /// The answer to one line.
    ///
    /// `good N` gives the Nth good envelope; any other line is an envelope in base64, so that it may hold every byte,
    /// and is answered with `accepted` or the error.
    package static func answer(_ line: String) -> String {
        if line.hasPrefix("good "), let index = Int(line.dropFirst(5)), FuzzEnvelopes.good.indices.contains(index) {
            return String(decoding: FuzzEnvelopes.good[index], as: UTF8.self)
        }
        guard let text = Data(base64Encoded: line) else { return "malformed" }
        return FuzzEnvelopes.refusal([UInt8](text))?.rawValue ?? "accepted"
    }
}
