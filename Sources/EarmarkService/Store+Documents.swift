public import EarmarkAnswer
import EarmarkFiles
public import EarmarkStore
import Foundation

extension AnalysesMade {
    /// What the audit log counts.
    init(_ counts: AnalysisCounts, ofMeeting: Bool) {
        self.init(ofMeeting: ofMeeting ? counts.meeting : nil, inStore: counts.store)
    }
}

extension Store {
    /// A stored analysis as a report shows it, with all that was made of the same file and meeting.
    ///
    /// - Throws: `StoreError`; `ServiceError` `refused` for a refused file, `unreadableAnswer` if the stored answer
    ///   cannot be read.
    public func document(_ record: AnalysisRecord) throws -> StoredAnswer {
        let stored = try StoredAnswer(record)
        let revoked = try revocations()
        let sha256 = stored.answer.file.sha256
        // The store has the latest first, those of a second in their order, too.
        var records: [AnalysisRecord] = try analyses(sha256: sha256).reversed()
        if let meeting = record.meetingID {
            records += try analyses(ofMeeting: meeting).reversed().filter { $0.content.sha256 != sha256 }
        }
        let entries = records.enumerated().sorted {
            ($0.element.createdAt, $0.offset) < ($1.element.createdAt, $1.offset)
        }.map { AnswerHistory.Entry($0.element, beside: record, revoked) }
        // Once: all that is told of it is of one moment.
        let log = try logHistory()
        let start = try record.meetingID.map { id throws(StoreError) in try meeting(id).startsAt }
        let earliest = records.map(\.createdAt).min().map { min($0, record.createdAt) } ?? record.createdAt
        let limits = log.limits(of: record, earliest: earliest, bundle: stored.answer.bundle)
        let seen = records.filter { $0.content.sha256 == sha256 }.map(\.createdAt) + [record.createdAt]
        let firstSeen = seen.min().map { min($0, limits.firstAnalysis ?? $0) } ?? record.createdAt
        let decisions = limits.changes.map {
            AnswerHistory.Decision(
                date: $0.at.text, log10Threshold: $0.log10Threshold, isAfterFirstLook: $0.isAfterFirstLook,
                isBefore: $0.isBefore)
        }
        return StoredAnswer(
            id: stored.id, date: stored.date, answer: stored.answer, evidence: stored.evidence,
            history: AnswerHistory(
                made: AnalysesMade(log.analysisCounts(until: record), ofMeeting: start != nil), analyses: entries,
                firstSeen: firstSeen.text, firstLook: min(limits.firstLook ?? earliest, earliest).text,
                decisions: decisions, sealed: limits.sealed?.text,
                changes: (start.map { log.recordsChanges(until: record, start: $0) } ?? [])
                    .map(AnswerHistory.Change.init),
                laterChanges: (start.map { log.recordsChanges(after: record, start: $0) } ?? [])
                    .map(AnswerHistory.Change.init),
                differences: try differences(of: stored, record),
                endpoints: try stored.identified.compactMap { try endpoint($0, record, log) }),
            bundleRevoked: record.content.bundle.flatMap { revoked[$0] }?.text)
    }

    /// What the store has of an endpoint that an answer names; nil if the meeting or the endpoint is gone.
    private func endpoint(
        _ source: Answer.Source, _ record: AnalysisRecord, _ log: LogHistory
    ) throws(StoreError) -> AnswerHistory.Endpoint? {
        guard let meeting = record.meetingID,
            let found = try records(of: source.client, inMeeting: meeting, log, until: record)
        else { return nil }
        return AnswerHistory.Endpoint(
            client: source.client, ticketsIssued: found.tickets.count,
            ticketsRevoked: found.tickets.count { $0.revokedAt != nil }, marked: found.marks.count,
            objections: found.objections(to: source, at: record.createdAt))
    }

    /// In what the store's records differ by now from what an answer says of its meeting and of those who are named.
    func differences(of stored: StoredAnswer, _ record: AnalysisRecord) throws(StoreError) -> [String] {
        guard let then = stored.answer.meeting, let id = record.meetingID else { return [] }
        let meeting = try meeting(id)
        var found: [String] = []
        if meeting.title != then.title {
            found.append("the meeting's title was '\(then.title)', and is '\(meeting.title)' now")
        }
        if meeting.startsAt.text != then.start {
            found.append("the meeting's start was \(then.start), and is \(meeting.startsAt.text) now")
        }
        if let length = stored.evidence?.meetingDurationSeconds, length != 0, length != meeting.durationSeconds {
            found.append("the meeting's length was \(length) s, and is \(meeting.durationSeconds) s now")
        }
        let clients = try clients(ofMeeting: id)
        for source in stored.identified {
            guard let client = clients.first(where: { $0.id == source.client }) else {
                found.append("\(source.client), who is named, is not in the roster any more")
                continue
            }
            let now = (client.participant, client.email, client.device)
            if now != (source.participant, source.email, source.device) {
                found.append("what the roster says of \(source.client), who is named, is something else now")
            }
        }
        return found
    }
}

extension AnswerHistory.Change {
    fileprivate init(_ change: RecordsChange) {
        self.init(
            action: change.action.rawValue, entries: change.count, first: change.first.text, last: change.last.text,
            isAfterStart: change.isAfterStart, clockBehindSeconds: change.clockBehindSeconds)
    }
}

extension AnswerHistory.Entry {
    fileprivate init(_ record: AnalysisRecord, beside other: AnalysisRecord, _ revoked: [BundleID: Timestamp]) {
        let result: FileResult
        switch record.content.outcome {
        case .verdict(let verdict): result = .verdict(verdict)
        case .refusal: result = .refused
        }
        let answer = record.answer
        self.init(
            id: record.id, date: record.createdAt.text, file: record.content.fileName,
            isSameFile: record.content.sha256 == other.content.sha256,
            isSameMeeting: other.meetingID != nil && record.meetingID == other.meetingID, result: result.name,
            log10Threshold: answer?.tested.log10Threshold, condition: answer?.condition.text,
            bundle: record.content.bundle?.text, bundleRevoked: record.content.bundle.flatMap { revoked[$0] }?.text)
    }
}
