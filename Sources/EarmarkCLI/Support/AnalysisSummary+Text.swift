import EarmarkAnswer
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import Foundation

extension AnalysisSummary {
    /// The analysis for people, with its answer.
    func text(namesTraces: Bool = false) -> String {
        let head = Table.list([
            "analysis": id, "date": date, "meeting": meeting, "file": file, "bytes": bytes.map { String($0) },
            "SHA-256": sha256, "result": result, "reason": refusal?.message, "name": name.isEmpty ? nil : name,
            "note": note.isEmpty ? nil : note, "version": toolVersion,
        ])
        guard let report, let body = report.text else { return head }
        // A report of another version, whose fields differ, is shown as it is stored.
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(body.utf8))
        return head + "\n\n" + Output.printable(answer?.text(namesTraces: namesTraces) ?? body)
    }

    /// The verdict, or how the analysis was refused.
    private var result: String { verdict ?? "refused (\(refusal?.code ?? "unknown"))" }
}
