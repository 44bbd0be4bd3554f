public import EarmarkFiles
import GRDB
import Synchronization

extension Store {
    // MARK: What is due

    /// What opening the store purged, or why it could not.
    public var openingPurge: OpeningPurge { opening.withLock { $0 } }

    /// Purges it as the store is opened.
    func purgeWhatIsDue() {
        var result = OpeningPurge()
        do throws(StoreError) {
            result = OpeningPurge(try purgeWhatShows())
        } catch {
            // Without the key file much else can be done; what cannot says so itself.
            result.failure = error
        }
        opening.withLock { $0 = result }
    }

    /// Purges every meeting that is due, in all organisations: its key first, then its rows, then their traces.
    ///
    /// Whether a meeting is due depends on the clock now and the meeting's own dates alone: a clock that was set back
    /// purges nothing early, and delays by no more than it was set back. One that is far ahead of the log purges
    /// nothing until it is confirmed.
    ///
    /// All dates are verified: rows that somebody changed could keep a meeting for ever.
    /// - Parameter organisationID: if given, only meetings of this organisation.
    /// - Throws: `clockAhead`; `rowsAltered` for what is not as it was sealed: it stays, the rest is purged.
    public func purgeDue(in organisationID: OrganisationID? = nil) throws(StoreError) -> PurgeResult {
        let result = try purgeWhatShows(in: organisationID, lost: lostMeetingsDue())
        do throws(StoreError) {
            if let refusal = result.refusal { throw refusal }
            try read(isWhole: true) { database, vouching in
                guard let vouching else { return }
                try vouching.verify(.store, database)
                for id in try MeetingID.fetchAll(database, sql: "SELECT id FROM meetings") {
                    try vouching.verify(.meeting(id), database)
                }
            }
        } catch {
            let count = result.meetings.count
            guard count > 0 else { throw error }
            let others = count == 1 ? "1 other meeting was purged" : "\(count) other meetings were purged"
            throw StoreError(error.code, "\(error.message); \(others)", advice: error.advice)
        }
        return result
    }

    /// The same, but only what the rows show as due is verified; what it refuses is part of the result.
    func purgeWhatShows(
        in organisationID: OrganisationID? = nil, lost: [MeetingID] = []
    ) throws(StoreError) -> PurgeResult {
        let due = try dueMeetings(in: organisationID) + lost
        if !due.isEmpty { try requireCredibleClock() }
        let (released, refusal) = try meetingsOfReleasedAnalyses(in: organisationID)
        var result = PurgeResult()
        if !(due + released).isEmpty {
            let (gone, now) = (Set(released + lost), clock())
            result = try purge(due + released) { id, database in
                try gone.contains(id) || !Self.due(id, in: organisationID, at: now, database).isEmpty
            }
        }
        result.refusal = result.refusal ?? refusal
        return result
    }

    /// Identifiers of the meetings that are due.
    ///
    /// - Throws: `rowsAltered` if retention or holds are not as they were sealed.
    func dueMeetings(in organisationID: OrganisationID? = nil) throws(StoreError) -> [MeetingID] {
        let now = clock()
        return try read { database, vouching in
            let due = try Self.due(in: organisationID, at: now, database)
            if !due.isEmpty { try vouching?.verify(.store, database) }
            return due
        }
    }

    private static func due(
        _ meeting: MeetingID? = nil, in organisationID: OrganisationID?, at now: Timestamp, _ database: Database
    ) throws -> [MeetingID] {
        try MeetingID.fetchAll(
            database,
            sql: """
                SELECT meetings.id FROM meetings NOT INDEXED
                JOIN organisations ON organisations.id = meetings.organisationID
                WHERE startsAt + durationSeconds + retentionDays * \(Timestamp.secondsPerDay) <= ?1
                    AND meetings.id NOT IN (SELECT subject FROM holds)
                    AND (?2 IS NULL OR organisationID = ?2) AND (?3 IS NULL OR meetings.id = ?3)
                ORDER BY meetings.id
                """, arguments: [now, organisationID, meeting])
    }

    /// Meetings that a restored backup lacked and that are due by now: their keys go with what is left of them.
    private func lostMeetingsDue() throws(StoreError) -> [MeetingID] {
        let now = clock()
        let lost = ((try? keyFile.read(storeID: storeID))?.lost ?? [:]).filter { $0.value <= now }.keys.sorted()
        guard !lost.isEmpty else { return [] }
        return try read { database in
            let holds = try Self.holds(database)
            return try lost.filter { try holds[$0.text] == nil && !database.has("meetings", $0.text) }
        }
    }

    /// Identifiers of purged meetings whose analyses a hold kept and keeps no longer, and why some are refused.
    private func meetingsOfReleasedAnalyses(
        in organisationID: OrganisationID?
    ) throws(StoreError) -> ([MeetingID], StoreError?) {
        let rows = try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT id, meetingReference FROM analyses
                    WHERE meetingID IS NULL AND meetingReference GLOB 'm_*'
                        AND id NOT IN (SELECT subject FROM holds) AND (?1 IS NULL OR organisationID = ?1)
                    """, arguments: [organisationID])
        }
        guard !rows.isEmpty else { return ([], nil) }
        let purged = try keyFile.read(storeID: storeID).purged
        let references = Set(rows.compactMap { $0.value("meetingReference") as MeetingID? })
            .filter { purged[$0] != nil }
        guard !references.isEmpty else { return ([], nil) }
        return try read { database, vouching in
            var altered: StoreError?
            var kept: Set<MeetingID> = []
            for row in rows {
                guard let reference: MeetingID = row.value("meetingReference"), references.contains(reference) else {
                    continue
                }
                do { try vouching?.verify(.analysis(row.get("id")), database) } catch let error as StoreError {
                    altered = altered ?? error
                    kept.insert(reference)
                }
            }
            return (references.subtracting(kept).sorted(), altered)
        }
    }
}
