package import EarmarkAnswer

extension StoredAnswer {
    /// What whoever writes something from the answer must know before it leaves the store, in sentences.
    package var cautions: [String] {
        let named = Set(identified.map(\.client))
        let now = (history?.endpoints ?? []).filter { named.contains($0.client) }.flatMap(\.objections)
        let earlier = answer.contradictions.filter { old in !now.contains { $0.kind == old.kind } }
        let contradictions = (now.filter(\.kind.contradicts) + earlier).map(\.text)
        return [
            answer.workerText(revoked: bundleRevoked),
            contradictions.isEmpty
                ? nil : "the store's records disagree: \(contradictions.joined(separator: "; "))",
        ].compactMap { $0 }
    }
}

extension AnswerHistory.Entry {
    /// What came of it, what restricts that, and whether a worker came to it.
    var resultText: String {
        result + (condition.map { " (\($0))" } ?? "")
            + (bundle == nil ? "" : " (by a worker\(bundleRevoked == nil ? "" : ", bundle revoked"))")
    }
}
