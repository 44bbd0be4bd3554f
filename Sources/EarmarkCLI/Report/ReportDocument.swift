import EarmarkStore
import Foundation

/// All that a report shows: nothing but what is stored with the analysis, so that it can be made again bit for bit.
struct ReportDocument: Encodable {
    let id: String
    let date: String
    let answer: AnswerView
    /// Nil for analyses of versions that did not keep it.
    let evidence: AnalysisEvidence?

    /// - Throws: `invalidInput` for a refused file, `configuration` if the stored answer cannot be read.
    init(_ record: AnalysisRecord) throws(CommandError) {
        id = record.id
        date = UTCTime.text(record.createdAt)
        if case .refusal(let code, _) = record.content.outcome {
            throw CommandError(
                .invalidInput, "analysis '\(record.id)' was refused (\(code)): there is nothing to report")
        }
        func read<Value: Decodable>(_ bytes: [UInt8]) throws(CommandError) -> Value {
            do {
                return try JSONDecoder().decode(Value.self, from: Data(bytes))
            } catch {
                throw CommandError(.configuration, "the stored answer of '\(record.id)' cannot be read by this version")
            }
        }
        guard let report = record.content.report else {
            throw CommandError(.configuration, "analysis '\(record.id)' has no stored answer")
        }
        answer = try read(report)
        evidence = try record.content.evidence.map { bytes throws(CommandError) in try read(bytes) }
    }

    /// The sources that the recording's verdict rests on.
    var identified: [AnswerView.Source] { answer.sources.filter { $0.verdict == "identified" } }
}
