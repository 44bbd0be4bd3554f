public import EarmarkAnswer
import EarmarkFiles
public import EarmarkStore
import Foundation

extension StoredAnswer {
    /// What is stored of an analysis, as a report shows it.
    ///
    /// - Throws: `refused` for a refused file, `unreadableAnswer` if the stored answer cannot be read.
    public init(_ record: AnalysisRecord) throws(ServiceError) {
        if case .refusal(let code, _) = record.content.outcome {
            throw ServiceError(.refused, "analysis '\(record.id)' was refused (\(code)): there is nothing to report")
        }
        func read<Value: Decodable>(_ bytes: [UInt8]) throws(ServiceError) -> Value {
            do {
                return try JSONDecoder().decode(Value.self, from: Data(bytes))
            } catch {
                throw ServiceError(
                    .unreadableAnswer, "the stored answer of '\(record.id)' cannot be read by this version")
            }
        }
        guard let report = record.content.report else {
            throw ServiceError(.unreadableAnswer, "analysis '\(record.id)' has no stored answer")
        }
        self.init(
            id: record.id, date: record.createdAt.text, answer: try read(report),
            evidence: try record.content.evidence.map { bytes throws(ServiceError) in try read(bytes) })
    }
}
