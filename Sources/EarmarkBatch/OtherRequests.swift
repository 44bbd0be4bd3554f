package import EarmarkService

extension BatchLedger {
    /// What a batch that goes on with a result file should tell first: that all of its lines answer other requests than
    /// those of `items`, how many they are, and in which options they differ; nil if there is nothing to tell.
    ///
    /// Another request is analysed anew, as documented; whoever only forgot an option would pay for all of it twice.
    package func warning(about items: [BatchItem], _ options: AnalysisOptions) -> String? {
        let wanted = Set(items.map { BatchRequest($0, options) })
        let count = earlier.values.reduce(0, +)
        guard count > 0, !wanted.isEmpty, wanted.isDisjoint(with: earlier.keys) else { return nil }
        let differences = BatchRequest.differences(of: Set(earlier.keys), from: wanted)
        let words = differences.isEmpty ? "" : " (\(differences.joined(separator: ", ")))"
        return (count == 1 ? "the only line of '\(path)' answers" : "all \(count) lines of '\(path)' answer")
            + " another request\(words): files are analysed anew; to go on with that batch, give its options again"
    }
}

extension BatchRequest {
    /// How the options of `others` read where none of them is one of `wanted`.
    static func differences(of others: Set<BatchRequest>, from wanted: Set<BatchRequest>) -> [String] {
        func words<Value: Hashable>(_ member: (BatchRequest) -> Value, _ say: (Value?) -> String) -> String? {
            let values = Set(others.map(member))
            guard values.isDisjoint(with: wanted.map(member)) else { return nil }
            return say(values.count == 1 ? values.first : nil)
        }
        return [
            words(\.meeting) { $0.map { "meeting \($0)" } ?? "other meetings" },
            words(\.effort) { $0.map { "--effort \($0)" } ?? "another --effort" },
            words(\.allowShort) { $0 == true ? "--allow-short" : "without --allow-short" },
            words(\.triage) { $0 == true ? "--triage" : "without --triage" },
            words(\.playedAt) { _ in "another --played-at" },
            words(\.toolVersion) { $0.map { "version \($0)" } ?? "other versions" },
        ].compactMap(\.self)
    }
}
