package import EarmarkAnswer
package import EarmarkBatch
package import EarmarkBundle
package import EarmarkFiles
package import EarmarkService
import Foundation

/// What came of one input, as a worker signs it: a line of `batch` results without names, and what a store keeps
/// beside an answer.
package struct WorkLine: Codable, Sendable {
    /// Which item of which plan it is about.
    package struct Place: Codable, Equatable, Sendable {
        /// Digest of the plan.
        package let plan: String
        /// The item, from 0.
        package let item: Int
    }

    private static let currentSchema = 1

    /// The bundle whose key signed it.
    package let bundle: BundleID
    /// Nil for a line by itself.
    package let place: Place?
    /// Digest of the input; nil if it was not read.
    package let sha256: String?
    /// What was asked.
    package let request: BatchRequest
    /// What came of it, without names.
    package let outcome: FileOutcome
    /// The outcome's evidence, then that of its further answers; empty for a refusal.
    package let evidence: [KeptEvidence]

    private enum CodingKeys: String, CodingKey {
        case schema, bundle, place, sha256, request, evidence
    }

    init(
        bundle: BundleID, place: Place?, sha256: String?, request: BatchRequest, outcome: FileOutcome,
        evidence: [KeptEvidence]
    ) {
        self.bundle = bundle
        self.place = place
        self.sha256 = sha256
        self.request = request
        self.outcome = outcome
        self.evidence = evidence
    }

    /// Reads what `encode` writes.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard try container.decode(Int.self, forKey: .schema) == WorkLine.currentSchema else {
            throw DecodingError.dataCorruptedError(
                forKey: .schema, in: container, debugDescription: "a later version's")
        }
        bundle = try container.decode(BundleID.self, forKey: .bundle)
        place = try container.decodeIfPresent(Place.self, forKey: .place)
        sha256 = try container.decodeIfPresent(String.self, forKey: .sha256)
        request = try container.decode(BatchRequest.self, forKey: .request)
        evidence = try container.decode([KeptEvidence].self, forKey: .evidence)
        outcome = try FileOutcome(from: decoder)
    }

    /// Writes the outcome's members beside those of the line.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(WorkLine.currentSchema, forKey: .schema)
        try container.encode(bundle, forKey: .bundle)
        try container.encodeIfPresent(place, forKey: .place)
        try container.encodeIfPresent(sha256, forKey: .sha256)
        try container.encode(request, forKey: .request)
        try container.encode(evidence, forKey: .evidence)
        try outcome.encode(to: encoder)
    }

    /// The line's bytes, signed, its line feed included.
    package func signed(_ signer: LineSigner) throws -> [UInt8] {
        try SignedJSON.line(self, signer)
    }
}

/// JSON objects as signed lines.
enum SignedJSON {
    static func line(_ value: some Encodable, _ signer: LineSigner) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try signer.signed(Array(try encoder.encode(value))) + [UInt8(ascii: "\n")]
    }
}
