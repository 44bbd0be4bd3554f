package import EarmarkAnswer
package import EarmarkFiles
import EarmarkMedia
package import EarmarkStore
import Foundation

/// A stored analysis as JSON and comma-separated values.
package struct AnalysisSummary: Encodable, Sendable {
    /// Why a file or meeting was refused.
    package struct Refusal: Encodable, Sendable {
        /// A stable code.
        package let code: String
        /// What is wrong, and what to do.
        package let message: String
    }

    /// Identifier of the analysis.
    package let id: String
    /// Identifier of the organisation; nil if none was chosen.
    package let organisation: String?
    /// The meeting as it was asked for.
    package let meeting: String
    /// Name of the file, without its folder.
    package let file: String
    /// SHA-256 of the file in hexadecimal; nil if it was refused before it was read whole.
    package let sha256: String?
    /// Bytes of the file; nil if that is not known.
    package let bytes: Int64?
    /// Raw value of the verdict; nil if the file was refused.
    package let verdict: String?
    /// What restricts the verdict, in words: `first answer`; nil if nothing does.
    package let condition: String?
    /// Why the file was refused; nil if it was not.
    package let refusal: Refusal?
    /// The name that the user gave to the analysis, may be empty.
    package let name: String
    /// The user's note, may be empty.
    package let note: String
    /// When it was stored, ISO 8601 in UTC.
    package let date: String
    /// Version of the program that analysed.
    package let toolVersion: String
    /// The sealed bundle with which a worker came to it; nil if that was done where the store is.
    package let bundle: String?
    /// When that bundle was revoked, ISO 8601 in UTC; nil if it was not.
    package let bundleRevoked: String?
    /// The answer as it is stored; nil if it was left out or there is none.
    package let report: JSONValue?

    /// Gathers what is stored of an analysis.
    ///
    /// - Parameters:
    ///   - record: the analysis.
    ///   - answer: its answer, which was read before.
    ///   - revoked: when bundles were revoked.
    ///   - withReport: whether the answer is part of it.
    /// - Throws: `unreadableAnswer` if the stored answer is not JSON.
    init(
        _ record: AnalysisRecord, answer: Answer?, revoked: [BundleID: Timestamp], withReport: Bool
    ) throws(ServiceError) {
        let content = record.content
        id = record.id.text
        organisation = content.organisationID?.text
        meeting = content.meetingReference
        file = content.fileName
        sha256 = content.sha256
        bytes = content.byteCount
        switch content.outcome {
        case .verdict(let value):
            verdict = value.rawValue
            refusal = nil
        case .refusal(let code, let message):
            verdict = nil
            refusal = Refusal(code: code, message: message)
        }
        condition = answer?.condition.text
        name = content.name
        note = content.note
        date = record.createdAt.text
        toolVersion = content.toolVersion
        let made = content.bundle
        bundle = made?.text
        bundleRevoked = made.flatMap { revoked[$0] }?.text
        report = withReport ? try content.report.map(AnalysisSummary.json) : nil
    }

    private static func json(_ report: [UInt8]) throws(ServiceError) -> JSONValue {
        do {
            let value = try JSONDecoder().decode(JSONValue.self, from: Data(report))
            guard case .object(var members) = value else { return value }
            // Answers of before tell scores of clients who are not named.
            members["candidates"] = nil
            return .object(members)
        } catch {
            throw ServiceError(.unreadableAnswer, "a stored report is not JSON: the store is damaged")
        }
    }

    /// The verdict with what restricts it, or how the analysis was refused, for people.
    ///
    /// A file that was not there has other words than its code's, which are nearly those of the verdict 'not-found'.
    package var result: String {
        if let verdict { return condition.map { "\(verdict) (\($0))" } ?? verdict }
        let code = refusal?.code ?? "unknown"
        return "refused (\(code == MediaError.Code.notFound.rawValue ? "no such file" : code))"
    }

    /// The same, and whether a worker came to it.
    package var resultText: String {
        bundle == nil ? result : "\(result) (by a worker\(bundleRevoked == nil ? "" : ", bundle revoked"))"
    }
}

extension Store {
    /// What is stored of analyses; `withReports`: with their answers.
    ///
    /// - Throws: `StoreError`; `ServiceError` as `AnalysisSummary`.
    package func summaries(_ records: [AnalysisRecord], withReports: Bool) throws -> [AnalysisSummary] {
        let revoked = try revocations()
        return try records.map {
            try AnalysisSummary($0, answer: $0.answer, revoked: revoked, withReport: withReports)
        }
    }

    /// The same of one.
    package func summary(_ record: AnalysisRecord, withReport: Bool = false) throws -> AnalysisSummary {
        try AnalysisSummary(record, answer: record.answer, revoked: revocations(), withReport: withReport)
    }
}

extension AnalysisRecord {
    /// The answer as it is stored; nil for a refusal, and where another version wrote it with other fields.
    package var answer: Answer? {
        content.report.flatMap { try? JSONDecoder().decode(Answer.self, from: Data($0)) }
    }
}
