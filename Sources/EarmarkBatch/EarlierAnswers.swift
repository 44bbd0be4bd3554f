import EarmarkAnswer
import EarmarkFiles
import EarmarkService
package import EarmarkStore
import Foundation

/// Answers that a killed batch stored and did not come to write down.
package struct EarlierAnswers: Sendable {
    let store: Store

    /// Looks in `store`, which must be whole: that is checked here, once, and not for every file.
    ///
    /// - Throws: `rowsAltered`.
    package init(store: Store) throws(StoreError) {
        self.store = store
        try store.requireWhole()
    }

    /// The stored answer to the same question about the same content, as `item`'s; nil if there is none.
    func outcome(for item: BatchItem, key: BatchKey) throws -> FileOutcome? {
        let records = try store.analyses(ofMeeting: MeetingID(item.meeting), sha256: key.sha256, isWhole: false)
        for record in records where record.content.toolVersion == key.request.toolVersion {
            guard let report = record.content.report,
                let answer = try? JSONDecoder().decode(Answer.self, from: Data(report)),
                answer.tested.effort == key.request.effort, answer.search == nil, answer.reference == nil,
                // A worker's is no answer of this store: a batch of the same files is how it is repeated.
                answer.bundle == nil,
                // Where stretches were wanted, an answer of the whole says as much and more.
                answer.triage == nil || key.request.triage ?? false,
                answer.playedAt == stated(key.request, of: answer),
                try holds(answer, of: record, allowShort: key.request.allowShort)
            else { continue }
            let outcome = FileOutcome(
                path: item.path, id: record.id, date: record.createdAt.text, answer: answer)
            return BatchLine(sha256: key.sha256, request: key.request, outcome: outcome).copied(to: item).outcome
        }
        return nil
    }

    /// When the request says that the recording was played, as an answer about its meeting has it.
    private func stated(_ request: BatchRequest, of answer: Answer) -> Answer.PlayedAt? {
        let start = answer.meeting.flatMap { Timestamp($0.start) }
        return request.playedAt.flatMap { stated in start.map { stated.resolved(start: $0) } }
    }

    /// Whether the organisation's settings would lead to the same answer today.
    private func holds(
        _ answer: Answer, of record: AnalysisRecord, allowShort: Bool
    ) throws(StoreError) -> Bool {
        guard let organisation = record.content.organisationID else { return false }
        let settings = try store.organisation(organisation).settings
        let isLongEnough = allowShort || settings.allowsShort || answer.readSeconds > settings.minimumSeconds
        return isLongEnough && answer.file.bytes <= settings.maximumBytes
            && answer.tested.log10Threshold == settings.log10Threshold
    }
}
