public import EarmarkFiles
import Foundation
import GRDB

extension Store {
    // MARK: Legal holds

    /// Keeps a meeting or an analysis from being purged.
    ///
    /// While a meeting is held it can be analysed, whatever its age.
    /// - Parameters:
    ///   - subject: identifier of the meeting or analysis.
    ///   - reason: why, for those who come later.
    /// - Throws: `unknownMeeting`, `unknownAnalysis`, `valueInvalid`, or `duplicate` if it is held already.
    public func hold(_ subject: String, reason: String) throws(StoreError) -> LegalHold {
        try Self.validate(holdReason: reason)
        let now = clock()
        let isAnalysis = subject.hasPrefix(Identifier.Kind.analysis.rawValue + "_")
        let meetingID = isAnalysis ? try analysis(AnalysisID(subject)).meetingID : try meeting(MeetingID(subject)).id
        let event = AuditEvent(.hold, meeting: meetingID, ["subject": subject, "reason": reason])
        return try write(event, changing: [.store]) { database in
            guard try Self.holds(database)[subject] == nil else {
                throw StoreError(.duplicate, "'\(subject)' is on legal hold already")
            }
            try database.execute(
                sql: "INSERT INTO holds (subject, reason, heldAt) VALUES (?, ?, ?)", arguments: [subject, reason, now])
            return LegalHold(subject: subject, reason: reason, heldAt: now)
        }
    }

    /// Ends a legal hold; what is due is purged from then on.
    ///
    /// - Throws: `valueInvalid` if it is not held.
    public func release(_ subject: String) throws(StoreError) {
        try write(.init(.release, ["subject": subject]), changing: [.store]) { database in
            try database.execute(sql: "DELETE FROM holds WHERE subject = ?", arguments: [subject])
            guard database.changesCount == 1 else {
                throw StoreError(.valueInvalid, "'\(subject)' is not on legal hold", advice: .listHolds)
            }
        }
    }

    /// All legal holds, oldest first.
    public func holds() throws(StoreError) -> [LegalHold] {
        try read(verifying: [.store]) { database in
            try Self.holds(database).values.sorted { ($0.heldAt, $0.subject) < ($1.heldAt, $1.subject) }
        }
    }

    /// Whether a hold keeps an analysis, its own or its meeting's.
    public func isHeld(_ analysis: AnalysisRecord) throws(StoreError) -> Bool {
        try holds().contains { [analysis.id.text, analysis.content.meetingReference].contains($0.subject) }
    }

    static func holds(_ database: Database) throws -> [String: LegalHold] {
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM holds")
        return rows.reduce(into: [:]) { holds, row in
            let hold = LegalHold(subject: row["subject"], reason: row["reason"], heldAt: row["heldAt"])
            holds[hold.subject] = hold
        }
    }

    static func validate(holdReason reason: String) throws(StoreError) {
        let problem =
            FieldRules.isBlank(reason) ? "is empty" : FieldRules.problem(withNote: reason)
        if let problem { throw StoreError(.valueInvalid, "the reason for the hold \(problem)") }
    }

    // MARK: Status

    /// What is due, held and coming up in an organisation.
    public func retentionStatus(of organisationID: OrganisationID) throws(StoreError) -> RetentionStatus {
        let organisation = try organisation(organisationID)
        let now = clock()
        let meetings = try meetings(in: organisation.id)
        let expired = meetings.filter { now >= $0.expiresAt }
        return RetentionStatus(
            organisation: organisation, meetingCount: meetings.count, due: expired.filter { !$0.isHeld },
            held: expired.filter(\.isHeld), nextExpiry: meetings.map(\.expiresAt).filter { $0 > now }.min())
    }

    /// Meetings that would be due at once if the retention were `days`.
    public func meetingsDue(
        in organisationID: OrganisationID, ifRetentionWere days: Int64
    ) throws(StoreError) -> [Meeting] {
        let now = clock()
        return try meetings(in: organisationID).filter {
            !$0.isHeld && now >= $0.endsAt.adding(days: days)
        }
    }

    // MARK: Purging

    /// Purges every meeting that is due, in all organisations: its key first, then its rows, then their traces.
    ///
    /// Whether a meeting is due depends on the clock now and the meeting's own dates alone: a clock that was set back
    /// purges nothing early, and delays by no more than it was set back. One that is far ahead of the log purges
    /// nothing until it is confirmed.
    /// - Parameter organisationID: if given, only meetings of this organisation.
    /// - Throws: `clockAhead`.
    public func purgeDue(in organisationID: OrganisationID? = nil) throws(StoreError) -> PurgeResult {
        let due = try dueMeetings(in: organisationID)
        if !due.isEmpty { try requireCredibleClock() }
        let all = due + (try meetingsOfReleasedAnalyses(in: organisationID))
        guard !all.isEmpty else { return PurgeResult() }
        return try purge(all)
    }

    /// Identifiers of the meetings that are due.
    ///
    /// - Throws: `rowsAltered` if dates, retention or holds are not as they were sealed.
    func dueMeetings(in organisationID: OrganisationID? = nil) throws(StoreError) -> [MeetingID] {
        let now = clock()
        return try read { database, vouching in
            let due = try MeetingID.fetchAll(
                database,
                sql: """
                    SELECT meetings.id FROM meetings NOT INDEXED
                    JOIN organisations ON organisations.id = meetings.organisationID
                    WHERE startsAt + durationSeconds + retentionDays * \(Timestamp.secondsPerDay) <= ?1
                        AND meetings.id NOT IN (SELECT subject FROM holds)
                        AND (?2 IS NULL OR organisationID = ?2)
                    ORDER BY meetings.id
                    """, arguments: [now, organisationID])
            if !due.isEmpty { try vouching?.verify(.store, database) }
            for id in due { try vouching?.verify(.meeting(id), database) }
            return due
        }
    }

    /// Identifiers of purged meetings whose analyses a hold kept and keeps no longer.
    private func meetingsOfReleasedAnalyses(in organisationID: OrganisationID?) throws(StoreError) -> [MeetingID] {
        let references = try read { database in
            try MeetingID.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT meetingReference FROM analyses
                    WHERE meetingID IS NULL AND meetingReference GLOB 'm_*'
                        AND id NOT IN (SELECT subject FROM holds) AND (?1 IS NULL OR organisationID = ?1)
                    """, arguments: [organisationID])
        }
        guard !references.isEmpty else { return [] }
        let purged = try keyFile.read(storeID: storeID).purged
        return references.filter { purged[$0] != nil }
    }

    /// Purges these meetings, due or not.
    func purge(_ meetings: [MeetingID]) throws(StoreError) -> PurgeResult {
        let now = clock()
        // The intent is stored first: whatever ends the process, the next start finds it and goes on.
        let seals = try vouching().seals
        try write { database in
            for id in meetings {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO purges (meetingID, startedAt, seal) VALUES (?, ?, ?)",
                    arguments: [id, now, Data(seals.seal(ofPurge: id, at: now))])
            }
        }
        return try finishPurges()
    }

    /// Completes purges that were begun, by this process or by one that ended; nothing to do is quickly seen.
    @discardableResult
    func finishPurges() throws(StoreError) -> PurgeResult {
        let pending = try read { database in
            (
                meetings: try MeetingID.fetchAll(database, sql: "SELECT meetingID FROM purges ORDER BY meetingID"),
                isErasureDue: try Bool.fetchOne(database, sql: "SELECT erasureDue FROM store") ?? false
            )
        }
        guard !pending.meetings.isEmpty || pending.isErasureDue else { return PurgeResult() }
        if !pending.meetings.isEmpty { try verifyPurges() }
        var result = PurgeResult(meetings: pending.meetings)
        if !pending.meetings.isEmpty {
            try shred(pending.meetings)
            result.analysisCount = try removeRows(of: pending.meetings)
            result.bundlesOut = try bundlesOut(ofMeetings: pending.meetings).map(\.id)
        }
        try erase()
        return result
    }

    /// Refuses purges that somebody else than Earmark began.
    private func verifyPurges() throws(StoreError) {
        let seals = try vouching().seals
        try read { database in
            for row in try Row.fetchAll(database, sql: "SELECT * FROM purges") {
                let (id, seal): (MeetingID, Data?) = (row["meetingID"], row["seal"])
                guard seals.seal(ofPurge: id, at: row["startedAt"]) == seal.map({ [UInt8]($0) }) else {
                    throw StoreError(
                        .rowsAltered,
                        "a purge of meeting '\(id)' was put into the database by something else than "
                            + "Earmark: nothing is purged", advice: .restoreBackup)
                }
            }
        }
    }

    /// Deletes the meetings' keys for good, and remembers that they were.
    private func shred(_ meetings: [MeetingID]) throws(StoreError) {
        let now = clock()
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in
            for id in meetings {
                keys.wrappingKeys[id] = nil
                keys.purged[id] = keys.purged[id] ?? now
            }
        }
    }

    /// Deletes the meetings' rows and analyses, and notes that their traces must be erased, in one transaction.
    private func removeRows(of meetings: [MeetingID]) throws(StoreError) -> Int {
        try change { log in
            let database = log.database
            try log.touch(.store)
            let holds = try Self.holds(database)
            var count = 0
            for id in meetings {
                for scope in SealScope.all(of: id) { log.drop(scope) }
                let analyses = try AnalysisID.fetchAll(
                    database, sql: "SELECT id FROM analyses WHERE meetingID = ?1 OR meetingReference = ?1",
                    arguments: [id])
                for analysis in analyses {
                    if holds[analysis.text] == nil {
                        log.drop(.analysis(analysis))
                    } else {
                        // It stays, without its meeting; if it was changed it stays refused.
                        try? log.touch(.analysis(analysis))
                    }
                }
                try database.execute(
                    sql: """
                        DELETE FROM analyses WHERE (meetingID = ?1 OR meetingReference = ?1)
                            AND id NOT IN (SELECT subject FROM holds)
                        """, arguments: [id])
                count += database.changesCount
                try database.execute(sql: "DELETE FROM meetings WHERE id = ?", arguments: [id])
                try database.execute(sql: "DELETE FROM holds WHERE subject = ?", arguments: [id])
                try database.execute(sql: "DELETE FROM purges WHERE meetingID = ?", arguments: [id])
            }
            try database.execute(
                sql: "DELETE FROM holds WHERE subject GLOB 'a_*' AND subject NOT IN (SELECT id FROM analyses)")
            try database.execute(sql: "UPDATE store SET erasureDue = 1")
            try log.append(.init(.purge, ["meetings": meetings.map(\.text).joined(separator: " ")]))
            return count
        }
    }

    /// Rewrites the database without what was deleted and empties the write-ahead log.
    ///
    /// `secure_delete` overwrites deleted rows, but copies that moving rows between pages left may remain; only a
    /// rewrite is sure to leave none. Another process that reads an old snapshot, or a disk without room for the
    /// rewrite, delays this to the next start; `check` says so.
    private func erase() throws(StoreError) {
        do throws(StoreError) {
            try vacuum()
            try checkpoint()
            try write { try $0.execute(sql: "UPDATE store SET erasureDue = 0") }
            try checkpoint()
        } catch  where [.storeBusy, .storeFull].contains(error.code) {
            // What was overwritten moves into the database all the same, as far as there is room.
            try? checkpoint()
        }
    }
}
