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
    /// Meetings left out that are not to be marked, or are another's, though tickets were issued for them.
    public var withoutMark = 0

    /// Nothing yet.
    package init() {}

    /// Clients of all meetings that can carry a mark.
    public var candidateCount: Int { meetings.reduce(0) { $0 + $1.candidateCount } }

    mutating func add(_ reason: LeftOut) {
        switch reason {
        case .withoutShares: withoutShares += 1
        case .withoutKey: withoutKey += 1
        case .withoutMark: withoutMark += 1
        }
    }
}

/// Why a meeting is left out of a search.
enum LeftOut {
    /// Its keys are split and the shares are not at hand.
    case withoutShares
    /// The key file holds no key for it.
    case withoutKey
    /// It is not to be marked, or another's, and tickets were issued for it all the same: a setting was changed, or a
    /// host's domain is mistyped.
    case withoutMark
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
            left: { result.add($0) },
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
    ///   - left: called for each that is left out.
    ///   - opened: called with each meeting, its key and how many of its clients can carry a mark.
    func openMeetings(
        in organisationID: OrganisationID, since: Timestamp?, until: Timestamp?, left: (LeftOut) -> Void,
        opened: (Meeting, MeetingKey, Int) throws(StoreError) -> Void
    ) throws(StoreError) {
        let inTime = try meetings(in: organisationID).filter { meeting in
            (since.map { meeting.endsAt > $0 } ?? true) && (until.map { meeting.startsAt < $0 } ?? true)
        }
        let chosen = inTime.filter { $0.state == .available }
        let ticketed = try meetingsWithTickets(in: organisationID)
        for meeting in inTime where meeting.state.isUnmarked && ticketed.contains(meeting.id) { left(.withoutMark) }
        try read(verifying: chosen.map { .roster($0.id) }, isWhole: true) { _ in }
        let rows = try sealedKeys(in: organisationID)
        let counts = try markableCounts(in: organisationID)
        let keys = try keyFile.read(storeID: storeID)
        let shares = sharesAtHand.withLock { $0 }
        for meeting in chosen.reversed() {
            guard let count = counts[meeting.id], let sealed = rows[meeting.id] else { continue }
            let held = shares[meeting.id] ?? [:]
            if meeting.isSplit, held.count < KeyShare.count {
                left(.withoutShares)
            } else if let entry = keys.wrappingKeys[meeting.id] {
                let seal = try Self.seal(
                    keys, organisationID: organisationID, meetingID: meeting.id,
                    wrappingKey: KeyShare.combined(entry, Array(held.values)))
                try opened(meeting, try Self.open(sealed, seal, next: keys.nextKeys[organisationID]), count)
            } else {
                left(.withoutKey)
            }
        }
    }

    private func sealedKeys(in organisationID: OrganisationID) throws(StoreError) -> [MeetingID: [UInt8]] {
        try read { database in
            let rows = try Row.fetchCursor(
                database, sql: "SELECT id, sealedKey FROM meetings NOT INDEXED WHERE organisationID = ?",
                arguments: [organisationID])
            var keys: [MeetingID: [UInt8]] = [:]
            while let row = try rows.next() {
                let bytes: Data = try row.get("sealedKey")
                keys[try row.get("id")] = [UInt8](bytes)
            }
            return keys
        }
    }

    /// Meetings for which a ticket was issued, revoked or not.
    private func meetingsWithTickets(in organisationID: OrganisationID) throws(StoreError) -> Set<MeetingID> {
        try read { database in
            try MeetingID.fetchSet(
                database,
                sql: """
                    SELECT DISTINCT meetings.id FROM tickets
                    JOIN clients ON clients.id = tickets.clientID
                    JOIN participants ON participants.id = clients.participantID
                    JOIN meetings ON meetings.id = participants.meetingID
                    WHERE +organisationID = ?
                    """, arguments: [organisationID])
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
                    SELECT meetings.id, count(*) AS clientCount FROM meetings NOT INDEXED
                    JOIN participants ON participants.meetingID = meetings.id
                    JOIN clients ON clients.participantID = participants.id
                    WHERE organisationID = ? AND clients.kind IN (\(marks)) GROUP BY meetings.id
                    """, arguments: StatementArguments([organisationID.text] + kinds))
            var counts: [MeetingID: Int] = [:]
            while let row = try rows.next() { counts[try row.get("id")] = try row.get("clientCount") }
            return counts
        }
    }
}
