package import EarmarkFiles
import Foundation
import GRDB

/// An analysis that was made elsewhere.
package struct ImportedAnalysis: Sendable {
    /// The identifier by which it is known again.
    package let id: AnalysisID
    /// The one that it gets where another of that identifier is there, of a bundle that was revoked.
    package let beside: AnalysisID
    /// What is stored.
    package let draft: AnalysisDraft

    /// Bundles the parts.
    package init(id: AnalysisID, beside: AnalysisID, draft: AnalysisDraft) {
        self.id = id
        self.beside = beside
        self.draft = draft
    }
}

/// What becomes of an analysis that was made elsewhere where another is there in its place.
package enum ImportJudgement: Sendable {
    /// Nothing: what is there says the same, or more.
    case isThere
    /// It takes the place of the other, which says nothing of the recording.
    case replaces
    /// It says something else, and is not taken.
    case contradicts
}

/// What an import did.
package struct ImportCount: Equatable, Sendable {
    /// The detail of the audit entry that tells analyses by meeting.
    static let detail = "imported"
    /// What stands there for analyses that found no meeting.
    private static let nowhere = "-"

    /// Analyses that were stored.
    package private(set) var added = 0
    /// Those among them that are refusals, by code.
    package private(set) var refused: [String: Int] = [:]
    /// Those among them that stand beside an earlier one of a bundle that was revoked.
    package private(set) var beside = 0
    /// Those among them that took the place of a refusal that said nothing of the recording.
    package private(set) var replaced = 0
    /// The identifiers of those among them that had been deleted.
    package private(set) var deletedBefore: [AnalysisID] = []
    /// Analyses that an earlier import had stored.
    package fileprivate(set) var known = 0
    private var meetings: [String: Int] = [:]
    private var bundles: [String: Int] = [:]

    /// Nothing yet.
    package init() {}

    /// What the audit log keeps of an import: the meetings with what each got, and the bundles.
    fileprivate var details: [String: String] {
        func text(_ counts: [String: Int]) -> String {
            counts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        }
        var details = ["analyses": "\(added)", Self.detail: text(meetings), "bundles": text(bundles)]
        if !refused.isEmpty { details["refused"] = text(refused) }
        if beside > 0 { details["beside"] = "\(beside)" }
        if replaced > 0 { details["replaced"] = "\(replaced)" }
        if !deletedBefore.isEmpty { details["deletedBefore"] = "\(deletedBefore.count)" }
        return details
    }

    fileprivate mutating func add(
        _ item: ImportedAnalysis, as id: AnalysisID, _ meeting: MeetingID?, wasDeleted: Bool, isReplacing: Bool
    ) {
        added += 1
        if isReplacing { replaced += 1 }
        if id == item.beside { beside += 1 }
        if wasDeleted { deletedBefore.append(id) }
        if case .refusal(let code, _) = item.draft.outcome { refused[code, default: 0] += 1 }
        meetings[meeting?.text ?? Self.nowhere, default: 0] += 1
        bundles[item.draft.bundle?.text ?? Self.nowhere, default: 0] += 1
    }

    /// Adds what a later part of the same import did.
    package mutating func add(_ other: ImportCount) {
        added += other.added
        beside += other.beside
        replaced += other.replaced
        known += other.known
        deletedBefore += other.deletedBefore
        refused.merge(other.refused, uniquingKeysWith: +)
        meetings.merge(other.meetings, uniquingKeysWith: +)
        bundles.merge(other.bundles, uniquingKeysWith: +)
    }
}

extension Store {
    /// What an import asks about while it goes on.
    package struct ImportSource {
        /// Bundles of which nothing is taken; asked when a transaction begins.
        package let revoked: () throws -> Set<BundleID>
        /// The next analysis, nil at the end; asked within the transaction, one at a time.
        package let next: () throws -> ImportedAnalysis?
        /// Judges an analysis beside the one that is there; throws for one that contradicts it.
        package let judge: (ImportedAnalysis, AnalysisRecord) throws -> ImportJudgement
        /// Analyses that were deleted.
        package let deleted: Set<AnalysisID>
        /// Analyses that are left out, for the audit log.
        package let leftOut: () -> Int

        /// Bundles the parts.
        package init(
            revoked: @escaping () throws -> Set<BundleID>, next: @escaping () throws -> ImportedAnalysis?,
            judge: @escaping (ImportedAnalysis, AnalysisRecord) throws -> ImportJudgement, deleted: Set<AnalysisID>,
            leftOut: @escaping () -> Int
        ) {
            self.revoked = revoked
            self.next = next
            self.judge = judge
            self.deleted = deleted
            self.leftOut = leftOut
        }
    }

    /// The identifier of the analysis that a signed line stands for: the same line is the same analysis, however often
    /// it is imported.
    package static func analysisID(ofLine digest: [UInt8]) -> AnalysisID {
        AnalysisID(Identifier.text(.analysis, bytes: Array(digest.prefix(Identifier.byteCount))))
    }

    /// The analysis that is there in the place of one that was made elsewhere; nil if there is none.
    package func analysis(
        inPlaceOf item: ImportedAnalysis, revoked: Set<BundleID>
    ) throws(StoreError) -> AnalysisRecord? {
        try read { try Self.place(of: item, revoked, $0).known }
    }

    /// Stores some of the analyses that were made elsewhere, all of these or, if one is refused, none, with one audit
    /// entry.
    ///
    /// - Parameters:
    ///   - run: digest of the run's plan, for the audit log.
    ///   - limit: how many are looked at, at most.
    ///   - source: where they come from.
    /// - Returns: what was done; nil behind the last.
    /// - Throws: `meetingExpired` for one of a meeting that was purged, `unknownMeeting`, `valueInvalid`, and what
    ///   `source` throws.
    package func importAnalyses(
        ofRun run: String, limit: Int, from source: ImportSource
    ) throws -> (count: ImportCount, isAtEnd: Bool) {
        var failure: (any Error)?
        /// The caller's own errors pass unchanged.
        func passing<Value>(_ body: () throws -> Value) throws -> Value {
            do { return try body() } catch {
                failure = error
                throw error
            }
        }
        do {
            return try change { log in
                let keys = try keyFile.read(storeID: storeID)
                let revoked = try passing(source.revoked)
                var (count, isAtEnd) = (ImportCount(), false)
                for _ in 0..<limit {
                    guard let item = try passing(source.next) else {
                        isAtEnd = true
                        break
                    }
                    try item.draft.validate()
                    let (id, known) = try Self.place(of: item, revoked, log.database)
                    if let known, try passing({ try source.judge(item, known) }) != .replaces {
                        count.known += 1
                        continue
                    }
                    let meeting = try Self.meeting(of: item.draft, keys, log.database)
                    try log.touch(.analysis(id))
                    let draft = try known.map { try Self.replacement(of: $0, by: item.draft, log) } ?? item.draft
                    try Self.insert(draft, id: id, meetingID: meeting, now: log.now, log.database)
                    let wasDeleted = known == nil && source.deleted.contains(id)
                    count.add(item, as: id, meeting, wasDeleted: wasDeleted, isReplacing: known != nil)
                }
                var details = count.details
                details["plan"] = run
                if isAtEnd, source.leftOut() > 0 { details["leftOut"] = "\(source.leftOut())" }
                if count.added > 0 || details["leftOut"] != nil { try log.append(.init(.runImport, details)) }
                return (count, isAtEnd)
            }
        } catch {
            throw failure ?? error
        }
    }

    /// Takes out an analysis whose place another takes, with the note that somebody may have written to it.
    private static func replacement(
        of known: AnalysisRecord, by draft: AnalysisDraft, _ log: LogWriter
    ) throws -> AnalysisDraft {
        // Holds are looked at, which must be as they were sealed.
        try log.touch(.store)
        try requireNoHold(on: known, log.database)
        try log.database.execute(sql: "DELETE FROM analyses WHERE id = ?", arguments: [known.id])
        var draft = draft
        if !known.content.note.isEmpty { draft.note = known.content.note }
        return draft
    }

    /// Where an analysis goes, and the one that is there.
    private static func place(
        of item: ImportedAnalysis, _ revoked: Set<BundleID>, _ database: Database
    ) throws -> (id: AnalysisID, known: AnalysisRecord?) {
        let first = try analysisIfThere(item.id, database)
        guard let bundle = first?.content.bundle, revoked.contains(bundle) else { return (item.id, first) }
        return (item.beside, try analysisIfThere(item.beside, database))
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
