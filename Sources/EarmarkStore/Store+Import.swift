package import EarmarkFiles
import Foundation
import GRDB

/// What an import did.
package struct ImportCount: Equatable, Sendable {
    /// The detail of the audit entry that tells analyses by meeting.
    static let detail = "imported"
    /// What stands there for analyses that found no meeting.
    private static let nowhere = "-"

    /// Analyses that were stored.
    package fileprivate(set) var added = 0
    /// Analyses that an earlier import had stored.
    package fileprivate(set) var known = 0
    fileprivate var meetings: [String: Int] = [:]

    /// Nothing yet.
    init() {}

    /// The meetings with what each got, as the audit log keeps it.
    fileprivate var text: String {
        meetings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    fileprivate mutating func add(_ meeting: MeetingID?) {
        added += 1
        meetings[meeting?.text ?? Self.nowhere, default: 0] += 1
    }
}

extension Store {
    /// The identifier of the analysis that a signed line stands for: the same line is the same analysis, however often
    /// it is imported.
    package static func analysisID(ofLine digest: [UInt8]) -> AnalysisID {
        AnalysisID(Identifier.text(.analysis, bytes: Array(digest.prefix(Identifier.byteCount))))
    }

    /// Stores analyses that were made elsewhere, all of them or, if anything is refused, none, with one audit entry.
    ///
    /// - Parameters:
    ///   - run: digest of the run's plan, for the audit log.
    ///   - next: the next analysis, nil at the end; asked within the transaction, one at a time.
    /// - Throws: `meetingExpired` for one of a meeting that was purged, `unknownMeeting`, `valueInvalid`, and what
    ///   `next` throws.
    package func importAnalyses(
        ofRun run: String, _ next: () throws -> (id: AnalysisID, draft: AnalysisDraft)?
    ) throws -> ImportCount {
        var failure: (any Error)?
        do {
            return try change { log in
                let keys = try keyFile.read(storeID: storeID)
                var count = ImportCount()
                while true {
                    let item: (id: AnalysisID, draft: AnalysisDraft)?
                    do { item = try next() } catch {
                        // The caller's own errors pass unchanged.
                        failure = error
                        throw error
                    }
                    guard let (id, draft) = item else { break }
                    try draft.validate()
                    let isKnown = try Bool.fetchOne(
                        log.database, sql: "SELECT EXISTS (SELECT 1 FROM analyses WHERE id = ?)", arguments: [id])
                    if isKnown ?? false {
                        count.known += 1
                        continue
                    }
                    let meeting = try Self.meeting(of: draft, keys, log.database)
                    try log.touch(.analysis(id))
                    try Self.insert(draft, id: id, meetingID: meeting, now: log.now, log.database)
                    count.add(meeting)
                }
                let details = ["plan": run, "analyses": "\(count.added)", ImportCount.detail: count.text]
                if count.added > 0 { try log.append(.init(.runImport, details)) }
                return count
            }
        } catch {
            throw failure ?? error
        }
    }

    private static func meeting(
        of draft: AnalysisDraft, _ keys: KeyFile, _ database: Database
    ) throws -> MeetingID? {
        let id = MeetingID(draft.meetingReference)
        if keys.purged[id] != nil {
            throw StoreError(.meetingExpired, "meeting '\(id)' was purged: nothing of it is taken in")
        }
        let stored = try MeetingID.fetchOne(
            database, sql: "SELECT id FROM meetings WHERE id = ?", arguments: [id])
        if stored == nil, id.text.hasPrefix(Identifier.Kind.meeting.rawValue + "_") {
            throw StoreError(
                .unknownMeeting, "there is no meeting '\(id)' in this store: nothing of it is taken in")
        }
        return stored
    }
}
