import EarmarkAnswer
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
package import EarmarkService
package import EarmarkStore
import Foundation

extension AnalysisRecord {
    /// Identifier, file, date and what came of it, so that whoever is told of it can see which one it is.
    package var mention: String {
        let result =
            switch content.outcome {
            case .verdict(let verdict): (answer?.condition ?? []).label(verdict.rawValue)
            case .refusal: "refused"
            }
        return "'\(id)' (\(content.fileName), \(LocalTime.text(createdAt)), \(result))"
    }
}

extension AnalysisSummary {
    /// The analysis for people, with its answer.
    package func text(namesTraces: Bool = false) -> String {
        let head = Table.list([
            "analysis": id, "date": date, "meeting": meeting, "file": file, "bytes": bytes.map { String($0) },
            "SHA-256": sha256, "result": resultText, "reason": refusal?.message,
            "bundle": bundle.map { $0 + (bundleRevoked.map { ", revoked \($0)" } ?? "") },
            "name": name.isEmpty ? nil : name,
            "note": note.isEmpty ? nil : note, "version": toolVersion,
        ])
        guard let report, let body = report.text else { return head }
        // A report of another version, whose fields differ, is shown as it is stored.
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(body.utf8))
        let shown = answer?.text(namesTraces: namesTraces, bundleRevoked: bundleRevoked)
        return head + "\n\n" + Output.printable(shown ?? body)
    }
}
