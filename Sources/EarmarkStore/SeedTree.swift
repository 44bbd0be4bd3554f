import Crypto
public import EarmarkFiles
public import EarmarkMark
import Foundation

/// A client as a commitment covers it.
public struct CommittedClient: Sendable, Equatable {
    /// The client's identifier.
    public var id: ClientID
    /// The participant's name.
    public var participant: String
    /// The participant's e-mail as entered.
    public var email: String
    /// The device's name.
    public var device: String
    /// What the endpoint is.
    public var kind: String
    /// The seed of the client's own signs.
    public var seed: Seed

    /// Bundles the parts.
    public init(id: ClientID, participant: String, email: String, device: String, kind: String, seed: Seed) {
        self.id = id
        self.participant = participant
        self.email = email
        self.device = device
        self.kind = kind
        self.seed = seed
    }

    /// SHA-256 of the seed: what is committed to.
    public var seedDigest: [UInt8] { Array(SHA256.hash(data: seed.bytes)) }

    fileprivate var content: [UInt8] {
        let fields = [id.text, participant, email, device, kind].map { Array($0.utf8) } + [seedDigest]
        return Array(SHA256.hash(data: SeedTree.record(fields)))
    }
}

/// The meeting as a commitment covers it: what its clients' marks have in common, and when it was to begin.
public struct CommittedMeeting: Sendable, Equatable {
    /// Identifier.
    public var id: String
    /// Title.
    public var title: String
    /// Beginning, ISO 8601 in UTC.
    public var start: String
    /// Planned length, seconds.
    public var durationSeconds: Int64
    /// The seeds that all clients share.
    public var shared: SharedSeeds

    /// Bundles the parts.
    public init(id: String, title: String, start: String, durationSeconds: Int64, shared: SharedSeeds) {
        self.id = id
        self.title = title
        self.start = start
        self.durationSeconds = durationSeconds
        self.shared = shared
    }

    fileprivate var record: [UInt8] {
        let texts = [id, title, start, String(durationSeconds)].map { Array($0.utf8) }
        let digests = [shared.pilot, shared.timeline].map { Array(SHA256.hash(data: $0.bytes)) }
        return SeedTree.record(texts + digests)
    }
}

/// The Merkle tree of a commitment, shaped as in RFC 6962, section 2.1.
struct SeedTree {
    /// Keeps each leaf from being guessed; a leaf's own salt can be shown without the others.
    private let salt: [UInt8]

    init(salt: [UInt8]) { self.salt = salt }

    /// Salt of one client's leaf.
    private func leafSalt(_ clientID: ClientID) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: Data("earmark/v1/commitment/salt".utf8) + Data(clientID.text.utf8), using: SymmetricKey(data: salt)
            ))
    }

    private func leaf(_ client: CommittedClient) -> [UInt8] { Self.leaf(client, salt: leafSalt(client.id)) }

    /// SHA-256 of 0, the leaf's salt, and SHA-256 of what the leaf covers.
    fileprivate static func leaf(_ client: CommittedClient, salt: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: [0] + salt + client.content))
    }

    /// Root over a meeting and its clients in their order.
    func root(_ clients: [CommittedClient], of meeting: CommittedMeeting) -> [UInt8] {
        Self.root(Self.top(clients.map(leaf)[...]), count: clients.count, of: meeting)
    }

    /// What shows that the client at `index` is one of them.
    func proof(_ clients: [CommittedClient], _ index: Int) -> CommitmentProof {
        CommitmentProof(
            index: index, count: clients.count, salt: leafSalt(clients[index].id),
            path: Self.path(clients.map(leaf)[...], index))
    }

    // MARK: Hashes

    /// SHA-256 of 3, the tree and the meeting; the tree is SHA-256 of 2, how many leaves there are, and their top.
    fileprivate static func root(_ top: [UInt8], count: Int, of meeting: CommittedMeeting) -> [UInt8] {
        let tree = Array(SHA256.hash(data: [2] + bytes(count) + top))
        return Array(SHA256.hash(data: [3] + tree + meeting.record))
    }

    fileprivate static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: [1] + left + right))
    }

    private static func top(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        if leaves.count <= 1 { return leaves.first ?? [UInt8](repeating: 0, count: 32) }
        let middle = leaves.startIndex + left(of: leaves.count)
        return node(top(leaves[..<middle]), top(leaves[middle...]))
    }

    /// The other parts on the way from a leaf to the top.
    private static func path(_ leaves: ArraySlice<[UInt8]>, _ index: Int) -> [[UInt8]] {
        guard leaves.count > 1 else { return [] }
        let left = left(of: leaves.count)
        let middle = leaves.startIndex + left
        return index < left
            ? path(leaves[..<middle], index) + [top(leaves[middle...])]
            : path(leaves[middle...], index - left) + [top(leaves[..<middle])]
    }

    /// The left part: the largest power of two below the whole, > 1.
    fileprivate static func left(of count: Int) -> Int {
        var left = 1
        while left < count - left { left *= 2 }
        return left
    }

    /// Fields, each preceded by its length, so that no two lists of them read alike.
    fileprivate static func record(_ fields: [[UInt8]]) -> [UInt8] { fields.flatMap { bytes($0.count) + $0 } }

    /// Big-endian, 8 bytes.
    fileprivate static func bytes(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: Int64(value).bigEndian) { Array($0) }
    }
}

/// Shows that one client is among those that a commitment covers, and tells of the others only how many there are.
public struct CommitmentProof: Sendable, Equatable {
    /// The client's place among them, from 0.
    public var index: Int
    /// How many there are.
    public var count: Int
    /// Salt of the client's leaf, 32 bytes.
    public var salt: [UInt8]
    /// The other parts of the tree on the way from the leaf to the top, 32 bytes each.
    public var path: [[UInt8]]

    /// Bundles the parts.
    public init(index: Int, count: Int, salt: [UInt8], path: [[UInt8]]) {
        self.index = index
        self.count = count
        self.salt = salt
        self.path = path
    }

    /// The root that follows for `client` of `meeting`, 64 hexadecimal digits; nil if no tree of so many has such a
    /// path.
    public func root(for client: CommittedClient, of meeting: CommittedMeeting) -> String? {
        guard count > 0, (0..<count).contains(index) else { return nil }
        // From the top: on which side the leaf lies, as long as there are two.
        var sides: [Bool] = []
        var (rest, place) = (count, index)
        while rest > 1 {
            let left = SeedTree.left(of: rest)
            sides.append(place < left)
            (rest, place) = place < left ? (left, place) : (rest - left, place - left)
        }
        guard sides.count == path.count else { return nil }
        var hash = SeedTree.leaf(client, salt: salt)
        for (isLeft, other) in zip(sides.reversed(), path) {
            hash = isLeft ? SeedTree.node(hash, other) : SeedTree.node(other, hash)
        }
        return Hexadecimal.text(SeedTree.root(hash, count: count, of: meeting))
    }
}
