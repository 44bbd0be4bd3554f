public import EarmarkFiles
public import EarmarkMark
import Foundation
import GRDB

/// A commitment to a meeting's clients, who they are and what their seeds are.
public struct SeedCommitment: Sendable, Equatable {
    /// The meeting.
    public let meetingID: MeetingID
    /// When it was made.
    public let createdAt: Timestamp
    /// Clients that it covers: the first so many of those that can carry a mark, in the order of enrolment.
    public let clientCount: Int
    /// Root of the tree, 64 hexadecimal digits.
    public let root: String
}

extension Store {
    /// The latest commitment of a meeting; made if there is none or `renewed` is asked for.
    ///
    /// - Throws: `unknownMeeting`, `valueInvalid` if no client can carry a mark, or an error of the key.
    public func commitment(ofMeeting meetingID: MeetingID, renewed: Bool = false) throws(StoreError) -> SeedCommitment {
        let meeting = try meeting(meetingID)
        if !renewed, let last = try commitments(ofMeeting: meetingID).last?.commitment {
            // An anchor that failed when it was made is told now.
            try tellAnchorsAgain(ofCommitment: Hexadecimal.bytes(last.root.utf8) ?? [], meetingID)
            return last
        }
        let clients = try markableSeeds(of: meeting)
        guard !clients.isEmpty else {
            throw StoreError(.valueInvalid, "meeting '\(meetingID)' has no client that can carry a mark")
        }
        let salt = Identifier.randomBytes(32)
        let root = SeedTree(salt: salt).root(clients, of: try committed(meeting))
        // A clock that was set back makes no commitment older than what the log has already.
        let now = max(clock(), try clockState().watch.base ?? 0)
        let event = AuditEvent(.commit, meeting: meetingID, ["root": Hexadecimal.text(root)])
        try write(event, changing: [.events(meetingID)]) { database in
            try database.execute(
                sql: """
                    INSERT INTO commitments (meetingID, createdAt, salt, clientCount, root) VALUES (?, ?, ?, ?, ?)
                    """, arguments: [meetingID, now, Data(salt), clients.count, Data(root)])
        }
        try tellAnchors(.commitment(meetingID), root)
        return SeedCommitment(
            meetingID: meetingID, createdAt: now, clientCount: clients.count, root: Hexadecimal.text(root))
    }

    /// The latest commitment of a meeting as it is stored; nil if there is none.
    ///
    /// - Throws: `unknownMeeting`.
    public func latestCommitment(ofMeeting meetingID: MeetingID) throws(StoreError) -> SeedCommitment? {
        try commitments(ofMeeting: try meeting(meetingID).id).last?.commitment
    }

    /// Whether the seeds that analyses use are those that were committed to.
    ///
    /// - Parameters:
    ///   - meetingID: the meeting.
    ///   - root: the root as it was published; nil to check all stored ones.
    /// - Returns: commitments that hold, and those that do not; a published root that is none of them counts as one
    ///   that
    ///   does not hold.
    public func verifyCommitments(
        ofMeeting meetingID: MeetingID, root: String? = nil
    ) throws(StoreError) -> (holding: [SeedCommitment], broken: [String]) {
        let meeting = try meeting(meetingID)
        let (clients, committed) = (try markableSeeds(of: meeting), try committed(meeting))
        let wanted = root?.lowercased()
        var holding: [SeedCommitment] = []
        var broken: [String] = []
        for stored in try commitments(ofMeeting: meetingID) where wanted == nil || wanted == stored.commitment.root {
            let count = stored.commitment.clientCount
            let covered = Array(clients.prefix(count))
            let root = SeedTree(salt: stored.salt).root(covered, of: committed)
            if Hexadecimal.text(root) == stored.commitment.root, count <= clients.count {
                holding.append(stored.commitment)
            } else {
                broken.append(stored.commitment.root)
            }
        }
        if let wanted, holding.isEmpty, broken.isEmpty { broken.append(wanted) }
        return (holding, broken)
    }

    /// What shows that a client, with its person and seed, is one of those that were committed to.
    ///
    /// The earliest commitment that covers the client counts; nil if there is none.
    ///
    /// - Throws: `valueInvalid` if one covers the client and does not hold.
    public func commitmentProof(
        of clientID: ClientID, inMeeting meetingID: MeetingID
    ) throws(StoreError) -> (proof: CommitmentProof, commitment: SeedCommitment)? {
        let meeting = try meeting(meetingID)
        let clients = try markableSeeds(of: meeting)
        guard let index = clients.firstIndex(where: { $0.id == clientID }),
            let stored = try commitments(ofMeeting: meetingID).first(where: { index < $0.commitment.clientCount })
        else { return nil }
        let covered = Array(clients.prefix(stored.commitment.clientCount))
        let tree = SeedTree(salt: stored.salt)
        guard covered.count == stored.commitment.clientCount,
            Hexadecimal.text(tree.root(covered, of: try committed(meeting))) == stored.commitment.root
        else {
            throw StoreError(
                .valueInvalid,
                "commitment \(stored.commitment.root) covers '\(clientID)' and does not hold: meeting, clients or "
                    + "seeds are not what was committed to; see earmark commitment verify")
        }
        return (tree.proof(covered, index), stored.commitment)
    }

    private func committed(_ meeting: Meeting) throws(StoreError) -> CommittedMeeting {
        CommittedMeeting(meeting, shared: try key(of: meeting).sharedSeeds)
    }

    private func markableSeeds(of meeting: Meeting) throws(StoreError) -> [CommittedClient] {
        let key = try key(of: meeting)
        return try clients(ofMeeting: meeting.id).filter(\.kind.canCarryMark).map {
            CommittedClient(
                id: $0.id, participant: $0.participant, email: $0.email, device: $0.device, kind: $0.kind.rawValue,
                seed: key.identitySeed(clientID: $0.id))
        }
    }

    private func commitments(
        ofMeeting meetingID: MeetingID
    ) throws(StoreError) -> [(commitment: SeedCommitment, salt: [UInt8])] {
        try read(verifying: [.events(meetingID)]) { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM commitments WHERE meetingID = ? ORDER BY position", arguments: [meetingID]
            )
            return try rows.map { row in
                let root: Data = try row.get("root")
                let salt: Data = try row.get("salt")
                let commitment = try SeedCommitment(
                    meetingID: meetingID, createdAt: row.get("createdAt"), clientCount: row.get("clientCount"),
                    root: Hexadecimal.text(root))
                return (commitment, Array(salt))
            }
        }
    }
}

extension CommittedMeeting {
    /// A stored meeting with its seeds.
    public init(_ meeting: Meeting, shared: SharedSeeds) {
        self.init(
            id: meeting.id.text, title: meeting.title, start: meeting.startsAt.text,
            durationSeconds: meeting.durationSeconds, shared: shared)
    }
}
