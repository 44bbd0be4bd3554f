import EarmarkStore

extension RunImport {
    /// What becomes of an answer, or of the analysis that is there in its place, where both are not the same.
    ///
    /// A refusal that says nothing of the recording stands in nobody's way, whichever of them it is.
    static func judgement(of found: ImportedAnalysis, beside known: AnalysisRecord) -> ImportJudgement {
        guard known.content.told != found.draft.told, !found.draft.outcome.saysNothing else { return .isThere }
        return known.content.outcome.saysNothing ? .replaces : .contradicts
    }

    /// The same where it is stored: analyses may have come since the last look.
    static func judged(_ found: ImportedAnalysis, _ known: AnalysisRecord) throws -> ImportJudgement {
        let judgement = judgement(of: found, beside: known)
        var contradictions = Contradictions()
        if judgement == .contradicts { contradictions.add(found, beside: known) }
        if let refusal = refusal(of: contradictions) { throw refusal }
        return judgement
    }

    /// Contradictions that a refusal names.
    private static let shownContradictions = 5

    /// Refuses answers beside earlier ones in their place that say something else; the first of them are named.
    static func refusal(of contradictions: Contradictions) -> RunError? {
        guard contradictions.count > 0 else { return nil }
        var lines = contradictions.shown
        if contradictions.count > lines.count {
            lines.append("\(contradictions.count - lines.count) more lines say something else than the store")
        }
        lines.append(
            "nothing is taken in: analyse these files where the store is. Revoke the bundle that is not trusted "
                + "('earmark bundle revoke'), or delete the analyses that are wrong ('earmark analysis delete')")
        return RunError(.foreign, lines.joined(separator: "\n"))
    }

    /// Answers that say something else than the analyses in their places.
    struct Contradictions {
        fileprivate(set) var count = 0
        fileprivate var shown: [String] = []

        mutating func add(_ found: ImportedAnalysis, beside known: AnalysisRecord) {
            count += 1
            guard count <= RunImport.shownContradictions else { return }
            shown.append(
                "analysis '\(known.id)' about '\(known.content.fileName)', which an earlier import of this run stored, "
                    + "is \(known.content.told), and the line \(found.draft.told)")
        }
    }
}

extension AnalysisOutcome {
    /// Whether it is a refusal that says nothing of the recording that was planned: nobody had it.
    fileprivate var saysNothing: Bool {
        guard case .refusal(let code, _) = self else { return false }
        return RefusalWords.saysNothing(code)
    }
}
