import EarmarkAnswer
import EarmarkFiles
import EarmarkMedia
import EarmarkService
import Foundation

/// One line of a result file: what `analyze --json` prints for a file, and what was asked.
package struct BatchLine: Codable, Sendable {
    /// Digest of the file; nil if it could not be read.
    let sha256: String?
    let request: BatchRequest
    var outcome: FileOutcome

    private enum CodingKeys: String, CodingKey {
        case schema, sha256, request
    }

    init(sha256: String?, request: BatchRequest, outcome: FileOutcome) {
        self.sha256 = sha256
        self.request = request
        self.outcome = outcome
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let schema = try container.decode(Int.self, forKey: .schema)
        guard schema == Answer.schema else {
            throw DecodingError.dataCorruptedError(
                forKey: .schema, in: container, debugDescription: "schema \(schema) is not \(Answer.schema)")
        }
        sha256 = try container.decodeIfPresent(String.self, forKey: .sha256)
        request = try container.decode(BatchRequest.self, forKey: .request)
        outcome = try FileOutcome(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Answer.schema, forKey: .schema)
        try container.encodeIfPresent(sha256, forKey: .sha256)
        try container.encode(request, forKey: .request)
        try outcome.encode(to: encoder)
    }

    /// Content and request; nil for a file that could not be read.
    var key: BatchKey? { sha256.map { BatchKey(sha256: $0, request: request) } }

    /// The same answer for another file of the same content.
    func copied(to item: BatchItem) -> BatchLine {
        var line = self
        line.outcome = BatchLine.copied(outcome, to: item)
        return line
    }

    private static func copied(_ outcome: FileOutcome, to item: BatchItem) -> FileOutcome {
        var outcome = outcome
        if let refusal = outcome.refusal {
            let message = ConversionAdvice.message(refusal.message, of: outcome.path, for: item.path)
            outcome.refusal = .init(code: refusal.code, message: message)
        }
        outcome.path = item.path
        outcome.answer?.file.name = FilePath.lastPart(item.path)
        outcome.answer?.name = item.label.name
        outcome.answer?.note = item.label.note
        outcome.further = outcome.further?.map { copied($0, to: item) }
        return outcome
    }

    /// The line's bytes, its end included.
    func serialized() throws(BatchError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        } catch {
            throw BatchError(.defect, "the result for '\(outcome.path)' cannot be written as JSON")
        }
    }

    /// Reads line `number` of the file at `path`.
    static func parse(_ bytes: some Sequence<UInt8>, number: Int, path: String) throws(BatchError) -> BatchLine {
        do {
            return try JSONDecoder().decode(BatchLine.self, from: Data(bytes))
        } catch {
            throw BatchError(.invalidInput, "'\(path)', line \(number): is not a line of 'earmark batch' results")
        }
    }
}
