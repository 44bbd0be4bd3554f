import EarmarkAnswer
package import EarmarkFiles
import EarmarkService
import EarmarkStore
import Foundation

extension RunImport {
    /// What came of it, as JSON.
    package struct Summary: Encodable, Equatable, Sendable {
        /// Digest of the run's plan.
        package let plan: String
        /// Analyses that were stored, refusals included.
        package let added: Int
        /// Those among them that are refusals, by code.
        package let refused: [String: Int]
        /// Analyses that an earlier import had stored.
        package let known: Int
        /// Inputs of the run.
        package let inputs: Int
        /// Analyses that were stored beside earlier ones of a bundle that was revoked.
        package let beside: Int
        /// Analyses that took the place of refusals that said nothing of the recording.
        package let replaced: Int
        /// Answers about meetings that were purged, which were left out.
        package let leftOut: Int
        /// Analyses that had been deleted, and are stored again.
        package let deletedBefore: [AnalysisID]

        init(_ count: ImportCount, leftOut: Int, of plan: RunPlan) {
            self.plan = plan.digest
            added = count.added
            refused = count.refused
            known = count.known
            inputs = plan.items.count
            beside = count.beside
            replaced = count.replaced
            self.leftOut = leftOut
            deletedBefore = count.deletedBefore
        }

        /// The same for people.
        package var text: String {
            let refusals = refused.values.reduce(0, +)
            let analyses = Counted.text(added - refusals, "analysis", plural: "analyses")
            let codes = refused.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
            return analyses + (refusals > 0 ? " and \(Counted.text(refusals, "refusal")) (\(codes))" : "")
                + " of \(Counted.text(inputs, "input")) stored, \(known) were already"
                + (beside > 0 ? "; \(beside) beside earlier ones of a bundle that was revoked" : "")
                + (replaced > 0 ? "; \(replaced) in the place of refusals that said nothing of the recording" : "")
                + (leftOut > 0 ? "; \(leftOut) of meetings that were purged left out" : "")
        }

        /// What whoever imports must know, in sentences.
        package var warnings: [String] {
            guard !deletedBefore.isEmpty else { return [] }
            let names = deletedBefore.prefix(Summary.named).map { "'\($0)'" }.joined(separator: ", ")
            let more = deletedBefore.count > Summary.named ? " and \(deletedBefore.count - Summary.named) more" : ""
            return ["analyses that had been deleted are stored again: \(names)\(more)"]
        }

        /// Analyses that a warning names.
        private static let named = 10
    }
}

extension AnalysisDraft {
    /// What came of the file, of which content, and who is named, in words that are equal where that is.
    var told: String {
        let content = sha256.map { " about \($0)" } ?? ""
        switch outcome {
        case .refusal(let code, _): return "'refused (\(code))'\(content)"
        case .verdict(let verdict):
            let sources = report.flatMap { try? JSONDecoder().decode(Answer.self, from: Data($0)) }?.sources ?? []
            let who = sources.sorted { $0.client.text < $1.client.text }.map {
                "\($0.verdict.rawValue) \($0.client) \($0.participant) <\($0.email)>"
            }
            let whom = who.isEmpty ? "" : " (\(who.joined(separator: ", ")))"
            return "'\(verdict.rawValue)'\(whom)\(content)"
        }
    }
}
