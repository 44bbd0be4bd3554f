import EarmarkStore
import Foundation

/// Answers that a killed batch stored and did not come to write down.
struct EarlierAnswers: Sendable {
    let store: Store

    /// The stored answer to the same question about the same content, as `item`'s; nil if there is none.
    func outcome(for item: BatchItem, key: BatchKey) throws -> FileOutcome? {
        let records = try store.analyses(ofMeeting: item.meeting, sha256: key.sha256)
        for record in records where record.content.toolVersion == key.request.toolVersion {
            guard let report = record.content.report,
                let answer = try? JSONDecoder().decode(AnswerView.self, from: Data(report)),
                answer.tested.effort == key.request.effort,
                answer.tested.log10Threshold == (try settings(record)?.log10Threshold)
            else { continue }
            let outcome = FileOutcome(
                path: item.path, id: record.id, date: UTCTime.text(record.createdAt), answer: answer)
            return BatchLine(sha256: key.sha256, request: key.request, outcome: outcome).copied(to: item).outcome
        }
        return nil
    }

    private func settings(_ record: AnalysisRecord) throws(StoreError) -> OrganisationSettings? {
        guard let organisation = record.content.organisationID else { return nil }
        return try store.organisation(organisation).settings
    }
}
