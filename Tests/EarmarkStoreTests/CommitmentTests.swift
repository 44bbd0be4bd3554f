import Crypto
import EarmarkFiles
import EarmarkMark
import Foundation
import GRDB
import Synchronization
import Testing

@testable import EarmarkStore

@Suite struct CommitmentTests {
    /// The tree of RFC 6962 over given leaves, from its definition, leaf by leaf.
    private func expectedRoot(_ leaves: [[UInt8]]) -> [UInt8] {
        if leaves.count == 1 { return leaves[0] }
        var left = 1
        while left * 2 < leaves.count { left *= 2 }
        let parts = [Array(leaves.prefix(left)), Array(leaves.dropFirst(left))].map(expectedRoot)
        return Array(SHA256.hash(data: [1] + parts[0] + parts[1]))
    }

    private static let salt = [UInt8](repeating: 9, count: 32)

    private func clients(_ count: Int) throws -> [CommittedClient] {
        try (0..<count).map { index in
            CommittedClient(
                id: ClientID("c_\(index)"), participant: "Person \(index)", email: "p\(index)@example.org",
                device: "device", kind: "desktop",
                seed: try #require(Seed(bytes: [UInt8](repeating: UInt8(index), count: 32))))
        }
    }

    private func meeting() throws -> CommittedMeeting {
        CommittedMeeting(
            id: "m_1", title: "Title", start: "2026-03-02T09:00:00Z", durationSeconds: 3_600,
            shared: SharedSeeds(
                pilot: try #require(Seed(bytes: [UInt8](repeating: 101, count: 32))),
                timeline: try #require(Seed(bytes: [UInt8](repeating: 102, count: 32)))))
    }

    private func ownSalt(_ client: CommittedClient) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: Data("earmark/v1/commitment/salt".utf8) + Data(client.id.text.utf8),
                using: SymmetricKey(data: Self.salt)))
    }

    /// 8 bytes, big-endian; enough for lengths below 256.
    private func bytes(_ length: Int) -> [UInt8] { [0, 0, 0, 0, 0, 0, 0, UInt8(length)] }

    private func hash(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    @Test(arguments: [1, 2, 3, 5, 8, 9]) func rootsAreThoseOfTheDefinition(count: Int) throws {
        let clients = try clients(count)
        let leaves = clients.map { client -> [UInt8] in
            let texts = [client.id.text, client.participant, client.email, client.device, client.kind]
            let fields = texts.map { Array($0.utf8) } + [hash(client.seed.bytes)]
            return hash([0] + ownSalt(client) + hash(fields.flatMap { bytes($0.count) + $0 }))
        }
        let meeting = try meeting()
        let texts = ["m_1", "Title", "2026-03-02T09:00:00Z", "3600"].map { Array($0.utf8) }
        let fields = texts + [hash(meeting.shared.pilot.bytes), hash(meeting.shared.timeline.bytes)]
        let tree = hash([2] + bytes(count) + expectedRoot(leaves))
        #expect(
            SeedTree(salt: Self.salt).root(clients, of: meeting)
                == hash([3] + tree + fields.flatMap { bytes($0.count) + $0 }))
    }

    @Test(arguments: 1...9) func proofsLeadToTheRoot(count: Int) throws {
        let clients = try clients(count)
        let tree = SeedTree(salt: Self.salt)
        let meeting = try meeting()
        let root = Hexadecimal.text(tree.root(clients, of: meeting))
        for (index, client) in clients.enumerated() {
            let proof = tree.proof(clients, index)
            #expect(proof.root(for: client, of: meeting) == root)
            for key: WritableKeyPath<CommittedClient, String> in [\.participant, \.email, \.device, \.kind] {
                var other = client
                other[keyPath: key] += "x"
                #expect(proof.root(for: other, of: meeting) != root)
            }
            var other = client
            other.seed = try #require(Seed(bytes: [UInt8](repeating: 77, count: 32)))
            #expect(proof.root(for: other, of: meeting) != root)
            for (index, count) in [(index + 1, count), (index, count + 1), (-1, count), (index, 0), (index, .max)] {
                let moved = CommitmentProof(index: index, count: count, salt: proof.salt, path: proof.path)
                #expect(moved.root(for: client, of: meeting) != root)
            }
        }
    }

    /// What the marks of a meeting have in common and its start are committed to as well.
    @Test func anotherMeetingLeadsToAnotherRoot() throws {
        let clients = try clients(3)
        let tree = SeedTree(salt: Self.salt)
        let meeting = try meeting()
        let root = Hexadecimal.text(tree.root(clients, of: meeting))
        let proof = tree.proof(clients, 1)
        var others = [meeting, meeting, meeting, meeting, meeting]
        others[0].id += "x"
        others[1].title += "x"
        others[2].start = "2026-03-02T09:00:01Z"
        others[3].durationSeconds += 1
        others[4].shared = SharedSeeds(pilot: meeting.shared.timeline, timeline: meeting.shared.pilot)
        for other in others { #expect(proof.root(for: clients[1], of: other) != root) }
    }

    /// No package is made that leaves out a commitment which does not hold any more.
    @Test func aBrokenCommitmentGivesNoProof() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1), entry(2)])
        let client = try keeper.store.clients(ofMeeting: meeting.id)[0].id
        #expect(try keeper.store.commitmentProof(of: client, inMeeting: meeting.id)?.commitment == nil)
        let made = try keeper.store.commitment(ofMeeting: meeting.id)
        #expect(try keeper.store.commitmentProof(of: client, inMeeting: meeting.id)?.commitment == made)
        try keeper.store.plant("UPDATE clients SET device = 'another' WHERE position = 2")
        _ = try keeper.store.commitment(ofMeeting: meeting.id, renewed: true)
        #expect(throws: StoreError(.valueInvalid, "")) {
            try keeper.store.commitmentProof(of: client, inMeeting: meeting.id)
        }
    }

    @Test func commitmentsHoldUntilSeedsChange() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1), entry(2, kind: .web), entry(3)])
        let first = try keeper.store.commitment(ofMeeting: meeting.id)
        #expect(first.clientCount == 2)
        #expect(try keeper.store.commitment(ofMeeting: meeting.id) == first, "shown again, not made again")
        // Clients that come later do not change what was committed to.
        _ = try keeper.store.addClients([entry(4)], toMeeting: meeting.id)
        #expect(try keeper.store.verifyCommitments(ofMeeting: meeting.id).holding == [first])
        let second = try keeper.store.commitment(ofMeeting: meeting.id, renewed: true)
        #expect(second.clientCount == 3 && second.root != first.root)
        #expect(
            try keeper.store.verifyCommitments(ofMeeting: meeting.id, root: first.root.uppercased()).holding == [first])
        let foreign = String(repeating: "0", count: 64)
        #expect(try keeper.store.verifyCommitments(ofMeeting: meeting.id, root: foreign).broken == [foreign])
        // A client under another identifier has another seed.
        try keeper.store.plant("UPDATE clients SET id = 'c_aaaaaaaaaaaaaaaa' WHERE position = 1")
        #expect(try keeper.store.verifyCommitments(ofMeeting: meeting.id).broken == [first.root, second.root])
    }

    @Test func commitmentsGoWithTheirMeeting() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        _ = try keeper.store.commitment(ofMeeting: meeting.id)
        _ = try keeper.store.purge([meeting.id])
        #expect(try keeper.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM commitments") } == 0)
    }

    @Test func meetingsWithoutMarksCommitToNothing() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1, kind: .web)])
        #expect(throws: StoreError(.valueInvalid, "")) { try keeper.store.commitment(ofMeeting: meeting.id) }
    }
}

@Suite struct SplitKeyTests {
    private struct Fixture {
        let keeper: TemporaryStoreKeeper
        let meeting: Meeting
        let paths: [String]

        init() throws {
            keeper = try TemporaryStoreKeeper.make()
            let (meeting, shares) = try keeper.store.createSplitMeeting(
                .init(title: "Split", startsAt: testStart), roster: [entry(1)], in: keeper.organisationID)
            self.meeting = meeting
            paths = ["a.share", "b.share"].map(keeper.temporary.path)
            for (path, share) in zip(paths, shares) { try share.write(to: path) }
        }

        func store(_ shares: [String]) throws -> Store {
            let store = try Store.open(at: keeper.temporary.location, clock: { testStart })
            for share in shares { try store.takeShare(at: share) }
            return store
        }
    }

    @Test func bothSharesAreNeeded() throws {
        let fixture = try Fixture()
        let id = fixture.meeting.id
        for shares in [[], [fixture.paths[0]], [fixture.paths[1]], [fixture.paths[0], fixture.paths[0]]] {
            let store = try fixture.store(shares)
            #expect(throws: StoreError(.sharesMissing, "")) { try store.analysisSubject(id) }
            #expect(throws: StoreError(.sharesMissing, "")) { try store.issueTickets(meeting: id) }
            #expect(throws: StoreError(.sharesMissing, "")) { try store.commitment(ofMeeting: id) }
        }
        let seeds = try fixture.store(fixture.paths).analysisSubject(id)
        #expect(try fixture.store(fixture.paths.reversed()).analysisSubject(id) == seeds)
        #expect(throws: Never.self) { try fixture.store(fixture.paths).issueTickets(meeting: id) }
    }

    @Test func foreignAndExposedSharesAreRefused() throws {
        let fixture = try Fixture()
        let other = try Fixture()
        #expect(throws: StoreError(.keyFileMismatch, "")) { try fixture.store([other.paths[0]]) }
        #expect(throws: StoreError(.keyFileMissing, "")) { try fixture.store([fixture.keeper.temporary.path("no")]) }
        #expect(throws: StoreError(.keyFileInvalid, "")) {
            try fixture.store([fixture.keeper.temporary.location.keyFile])
        }
        #expect(try mode(fixture.paths[0]) == 0o600)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: fixture.paths[0])
        #expect(throws: StoreError(.keyFileExposed, "")) { try fixture.store([fixture.paths[0]]) }
    }

    /// The parts alone are useless: the entry alone does not open the seal, nor does a share with another's number.
    @Test func sharesOfAnotherMeetingDoNotOpenIt() throws {
        let fixture = try Fixture()
        let (second, shares) = try fixture.keeper.store.createSplitMeeting(
            .init(title: "Second", startsAt: testStart), roster: [entry(1)], in: fixture.keeper.organisationID)
        let store = try fixture.store(fixture.paths)
        #expect(throws: StoreError(.sharesMissing, "")) { try store.analysisSubject(second.id) }
        store.sharesAtHand.withLock { $0[fixture.meeting.id] = [1: shares[0], 2: shares[1]] }
        #expect(throws: StoreError(.sealBroken, "")) { try store.analysisSubject(fixture.meeting.id) }
        #expect(!"\(shares[0])".contains("\(shares[0].secret[0]), "))
    }

    @Test func splitMeetingsAreRotatedCheckedAndPurged() throws {
        let fixture = try Fixture()
        let seeds = try fixture.store(fixture.paths).analysisSubject(fixture.meeting.id).sharedSeeds
        #expect(try fixture.keeper.store.rotateKey(of: fixture.keeper.organisationID) == 1)
        #expect(try fixture.store(fixture.paths).analysisSubject(fixture.meeting.id).sharedSeeds == seeds)
        let check = try fixture.keeper.store.check()
        #expect(check.problems.isEmpty && check.remarks.count == 1)
        // Shares outlive a purge and open nothing: the entry that they go with is destroyed.
        let backup = fixture.keeper.temporary.path("b.db")
        try fixture.keeper.store.backup(to: backup)
        _ = try fixture.keeper.store.purge([fixture.meeting.id])
        let old = try Store.opened(
            at: StoreLocation(store: backup, keyFile: fixture.keeper.temporary.location.keyFile),
            actor: .processUser, clock: { testStart }, isCopy: true)
        for path in fixture.paths { try old.takeShare(at: path) }
        #expect(throws: StoreError(.meetingKeyMissing, "")) { try old.analysisSubject(fixture.meeting.id) }
    }
}
