public import EarmarkFiles
public import EarmarkMark
import Foundation
import GRDB
import Synchronization

/// A meeting that recordings of unknown origin are compared with.
///
/// Holds secrets; the description shows none.
public struct SearchableMeeting: Sendable, Equatable {
    /// Identifier of the meeting.
    public let id: MeetingID
    /// The seeds that all its clients share.
    public let sharedSeeds: SharedSeeds
    /// Clients that can carry a mark, > 0.
    public let candidateCount: Int
}

/// What of an organisation can be searched.
public struct SearchableMeetings: Sendable, Equatable {
    /// Available meetings with clients that can carry a mark, by start.
    public var meetings: [SearchableMeeting] = []
    /// Meetings left out because their keys are split and the shares are not at hand.
    public var withoutShares = 0
    /// Meetings left out because the key file holds no key for them.
    public var withoutKey = 0

    /// Nothing yet.
    package init() {}

    /// Clients of all meetings that can carry a mark.
    public var candidateCount: Int { meetings.reduce(0) { $0 + $1.candidateCount } }
}

extension Store {
    /// The meetings of an organisation that a recording may be of: marked, within retention, with clients that can
    /// carry a mark.
    ///
    /// Opens the key of each, which takes some 50 us; those of purged, expired, foreign and unmarked meetings are not
    /// touched.
    ///
    /// - Parameters:
    ///   - organisationID: the organisation.
    ///   - since: if given, only meetings that ended after this.
    ///   - until: if given, only meetings that began before this.
    /// - Throws: an error of the key file, or `sealBroken`.
    public func searchableMeetings(
        in organisationID: OrganisationID, since: Timestamp? = nil, until: Timestamp? = nil
    ) throws(StoreError) -> SearchableMeetings {
        do throws(StoreError) {
            return try openMeetings(in: organisationID, since: since, until: until)
        } catch  where error.code == .sealBroken {
            // A rotation may have ended between reading the rows and reading the key file.
            return try openMeetings(in: organisationID, since: since, until: until)
        }
    }

    /// How many other meetings the organisation of this one has that could be analysed.
    public func countOtherMeetings(than meeting: Meeting) throws(StoreError) -> Int {
        try meetings(in: meeting.organisationID).count { $0.state == .available && $0.id != meeting.id }
    }

    private func openMeetings(
        in organisationID: OrganisationID, since: Timestamp?, until: Timestamp?
    ) throws(StoreError) -> SearchableMeetings {
        var result = SearchableMeetings()
        try openMeetings(
            in: organisationID, since: since, until: until,
            left: { isSplit in if isSplit { result.withoutShares += 1 } else { result.withoutKey += 1 } },
            opened: { meeting, key, count throws(StoreError) in
                result.meetings.append(
                    SearchableMeeting(id: meeting.id, sharedSeeds: key.sharedSeeds, candidateCount: count))
            })
        return result
    }

    /// Opens the keys of the meetings that can be searched, by start.
    ///
    /// - Parameters:
    ///   - organisationID: the organisation.
    ///   - since: if given, only meetings that ended after this.
    ///   - until: if given, only meetings that began before this.
    ///   - left: called for each that does not open: whether for want of shares.
    ///   - opened: called with each meeting, its key and how many of its clients can carry a mark.
    func openMeetings(
        in organisationID: OrganisationID, since: Timestamp?, until: Timestamp?, left: (Bool) -> Void,
        opened: (Meeting, MeetingKey, Int) throws(StoreError) -> Void
    ) throws(StoreError) {
        let chosen = try meetings(in: organisationID).filter { meeting in
            meeting.state == .available && (since.map { meeting.endsAt > $0 } ?? true)
                && (until.map { meeting.startsAt < $0 } ?? true)
        }
        try read(verifying: chosen.map { .roster($0.id) }, isWhole: true) { _ in }
        let rows = try sealedKeys(in: organisationID)
        let counts = try markableCounts(in: organisationID)
        let keys = try keyFile.read(storeID: storeID)
        let shares = sharesAtHand.withLock { $0 }
        for meeting in chosen.reversed() {
            guard let count = counts[meeting.id], let sealed = rows[meeting.id] else { continue }
            let held = shares[meeting.id] ?? [:]
            if meeting.isSplit, held.count < KeyShare.count {
                left(true)
            } else if let entry = keys.wrappingKeys[meeting.id] {
                let seal = try Self.seal(
                    keys, organisationID: organisationID, meetingID: meeting.id,
                    wrappingKey: KeyShare.combined(entry, Array(held.values)))
                try opened(meeting, try Self.open(sealed, seal, next: keys.nextKeys[organisationID]), count)
            } else {
                left(false)
            }
        }
    }

    private func sealedKeys(in organisationID: OrganisationID) throws(StoreError) -> [MeetingID: [UInt8]] {
        try read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT id, sealedKey FROM meetings WHERE organisationID = ?",
                arguments: [organisationID])
            var keys: [MeetingID: [UInt8]] = [:]
            while let row = try rows.next() {
                let bytes: Data = row["sealedKey"]
                keys[row["id"]] = [UInt8](bytes)
            }
            return keys
        }
    }

    /// Clients that can carry a mark, by meeting.
    private func markableCounts(in organisationID: OrganisationID) throws(StoreError) -> [MeetingID: Int] {
        try read { database in
            let kinds = ClientKind.allCases.filter(\.canCarryMark).map(\.rawValue)
            let marks = kinds.map { _ in "?" }.joined(separator: ", ")
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT meetings.id, count(*) AS clientCount FROM meetings
                    JOIN participants ON participants.meetingID = meetings.id
                    JOIN clients ON clients.participantID = participants.id
                    WHERE organisationID = ? AND clients.kind IN (\(marks)) GROUP BY meetings.id
                    """, arguments: StatementArguments([organisationID.text] + kinds))
            var counts: [MeetingID: Int] = [:]
            while let row = try rows.next() { counts[row["id"]] = row["clientCount"] }
            return counts
        }
    }
}
