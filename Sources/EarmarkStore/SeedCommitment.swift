import Crypto
public import EarmarkFiles
internal import EarmarkMark
import Foundation
import GRDB

/// A commitment to the identity seeds of a meeting's clients.
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

/// The Merkle tree of a commitment, shaped as in RFC 6962, section 2.1.
struct SeedTree {
    /// Keeps each leaf from being guessed; a leaf's own salt can be shown without the others.
    let salt: [UInt8]

    /// Salt of one client's leaf.
    private func leafSalt(_ clientID: ClientID) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: Data("earmark/v1/commitment/salt".utf8) + Data(clientID.text.utf8), using: SymmetricKey(data: salt)
            ))
    }

    /// SHA-256 of 0, the leaf's salt, and SHA-256 of client and seed.
    private func leaf(_ clientID: ClientID, _ seed: Seed) -> [UInt8] {
        let content = SHA256.hash(data: Data(clientID.text.utf8) + [0] + Data(seed.bytes))
        return Array(SHA256.hash(data: [0] + Data(leafSalt(clientID)) + Data(content)))
    }

    /// Root over the clients in their order, of which there is at least one.
    func root(_ clients: [(id: ClientID, seed: Seed)]) -> [UInt8] {
        Self.root(clients.map { leaf($0.id, $0.seed) }[...])
    }

    /// The left part is the largest power of two below the whole.
    private static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        if leaves.count <= 1 { return leaves.first ?? [UInt8](repeating: 0, count: 32) }
        var left = 1
        while left * 2 < leaves.count { left *= 2 }
        let middle = leaves.startIndex + left
        return Array(SHA256.hash(data: [1] + Data(root(leaves[..<middle])) + Data(root(leaves[middle...]))))
    }
}

extension Store {
    /// The latest commitment of a meeting; made if there is none or `renewed` is asked for.
    ///
    /// - Throws: `unknownMeeting`, `valueInvalid` if no client can carry a mark, or an error of the key.
    public func commitment(ofMeeting meetingID: MeetingID, renewed: Bool = false) throws(StoreError) -> SeedCommitment {
        let meeting = try meeting(meetingID)
        if !renewed, let last = try commitments(ofMeeting: meetingID).last { return last.commitment }
        let clients = try markableSeeds(of: meeting)
        guard !clients.isEmpty else {
            throw StoreError(.valueInvalid, "meeting '\(meetingID)' has no client that can carry a mark")
        }
        let salt = Identifier.randomBytes(32)
        let root = SeedTree(salt: salt).root(clients)
        let now = clock()
        let event = AuditEvent(.commit, meeting: meetingID, ["root": Hexadecimal.text(root)])
        try write(event, changing: [.events(meetingID)]) { database in
            try database.execute(
                sql: """
                    INSERT INTO commitments (meetingID, createdAt, salt, clientCount, root) VALUES (?, ?, ?, ?, ?)
                    """, arguments: [meetingID, now, Data(salt), clients.count, Data(root)])
        }
        return SeedCommitment(
            meetingID: meetingID, createdAt: now, clientCount: clients.count, root: Hexadecimal.text(root))
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
        let clients = try markableSeeds(of: try meeting(meetingID))
        let wanted = root?.lowercased()
        var holding: [SeedCommitment] = []
        var broken: [String] = []
        for stored in try commitments(ofMeeting: meetingID) where wanted == nil || wanted == stored.commitment.root {
            let count = stored.commitment.clientCount
            let computed = Hexadecimal.text(SeedTree(salt: stored.salt).root(Array(clients.prefix(count))))
            if computed == stored.commitment.root, count <= clients.count {
                holding.append(stored.commitment)
            } else {
                broken.append(stored.commitment.root)
            }
        }
        if let wanted, holding.isEmpty, broken.isEmpty { broken.append(wanted) }
        return (holding, broken)
    }

    private func markableSeeds(of meeting: Meeting) throws(StoreError) -> [(id: ClientID, seed: Seed)] {
        let key = try key(of: meeting)
        return try clients(ofMeeting: meeting.id).filter(\.kind.canCarryMark)
            .map { ($0.id, key.identitySeed(clientID: $0.id)) }
    }

    private func commitments(
        ofMeeting meetingID: MeetingID
    ) throws(StoreError) -> [(commitment: SeedCommitment, salt: [UInt8])] {
        try read(verifying: [.events(meetingID)]) { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM commitments WHERE meetingID = ? ORDER BY position", arguments: [meetingID]
            )
            return rows.map { row in
                let root: Data = row["root"]
                let salt: Data = row["salt"]
                let commitment = SeedCommitment(
                    meetingID: meetingID, createdAt: row["createdAt"], clientCount: row["clientCount"],
                    root: Hexadecimal.text(root))
                return (commitment, Array(salt))
            }
        }
    }
}
