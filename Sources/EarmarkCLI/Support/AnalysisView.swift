import EarmarkAnswer
import EarmarkFiles
import EarmarkReport
import EarmarkStore
import Foundation

/// A stored analysis as JSON.
struct AnalysisView: Encodable {
    /// Why a file or meeting was refused.
    struct Refusal: Encodable {
        let code: String
        let message: String
    }

    let id: String
    let organisation: String?
    /// The meeting as it was asked for.
    let meeting: String
    let file: String
    let sha256: String?
    let bytes: Int64?
    let verdict: String?
    let refusal: Refusal?
    let name: String
    let note: String
    let date: String
    let toolVersion: String
    let report: JSONValue?

    init(_ record: AnalysisRecord, withReport: Bool) throws(CommandError) {
        let content = record.content
        id = record.id
        organisation = content.organisationID
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
        name = content.name
        note = content.note
        date = UTCTime.text(record.createdAt)
        toolVersion = content.toolVersion
        report = withReport ? try content.report.map(AnalysisView.json) : nil
    }

    private static func json(_ report: [UInt8]) throws(CommandError) -> JSONValue {
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(report))
        } catch {
            throw CommandError(.configuration, "a stored report is not JSON: the store is damaged")
        }
    }

    /// Analyses for people.
    static func table(_ analyses: [AnalysisView]) -> String {
        var table = Table("ANALYSIS", "DATE", "MEETING", "RESULT", "FILE", "NAME")
        for analysis in analyses {
            table.add(
                analysis.id, analysis.date, analysis.meeting, analysis.result, analysis.file,
                analysis.name.isEmpty ? "-" : analysis.name)
        }
        return table.text
    }

    /// The analysis for people, with its report as JSON.
    var text: String {
        let head = Table.list([
            "analysis": id, "date": date, "meeting": meeting, "file": file, "bytes": bytes.map { String($0) },
            "SHA-256": sha256, "result": result, "reason": refusal?.message, "name": name.isEmpty ? nil : name,
            "note": note.isEmpty ? nil : note, "version": toolVersion,
        ])
        guard let report, let body = report.text else { return head }
        // A report of another version, whose fields differ, is shown as it is stored.
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(body.utf8))
        return head + "\n\n" + Output.printable(answer?.text ?? body)
    }

    /// The verdict, or how the analysis was refused.
    private var result: String { verdict ?? "refused (\(refusal?.code ?? "unknown"))" }

    /// Analyses as comma-separated values with a header, lines ending in CRLF (RFC 4180).
    static func csv(_ analyses: [AnalysisView]) -> String {
        let header = [
            "id", "date", "meeting", "file", "sha256", "bytes", "verdict", "refusalCode", "refusalMessage", "name",
            "note", "toolVersion",
        ]
        let rows = analyses.map { analysis in
            [
                analysis.id, analysis.date, analysis.meeting, analysis.file, analysis.sha256 ?? "",
                analysis.bytes.map { String($0) } ?? "", analysis.verdict ?? "", analysis.refusal?.code ?? "",
                analysis.refusal?.message ?? "", analysis.name, analysis.note, analysis.toolVersion,
            ]
        }
        return CSVText.rows([header] + rows)
    }
}
