import EarmarkFiles
import EarmarkMark
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

@Suite struct MeetingKeyTests {
    private let seal = MeetingKey.Seal(
        organisationID: "o_a", meetingID: "m_a", organisationKey: [UInt8](32..<64), wrappingKey: [UInt8](64..<96))

    @Test func seedsAreTheKnownOnes() {
        let key = MeetingKey(bytes: KnownAnswers.key)
        #expect(key.sharedSeeds == KnownAnswers.shared)
        #expect(key.identitySeed(clientID: "c_aaaaaaaaaaaaaaaa") == KnownAnswers.identities[0])
        #expect(key.identitySeed(clientID: "c_aaaaaaaaaaaaaaab") == KnownAnswers.identities[1])
    }

    @Test func keysAreRandom() {
        #expect(MeetingKey().sharedSeeds != MeetingKey().sharedSeeds)
    }

    @Test func sealedKeysOpen() throws {
        let key = MeetingKey()
        let sealed = try key.sealed(under: seal)
        #expect(sealed.count == MeetingKey.sealedByteCount)
        #expect(try key.sealed(under: seal) != sealed, "nonces must be fresh")
        #expect(try MeetingKey(opening: sealed, under: seal).sharedSeeds == key.sharedSeeds)
    }

    @Test func everyAlteredBitIsNoticed() throws {
        let sealed = try MeetingKey().sealed(under: seal)
        for bit in 0..<sealed.count * 8 {
            var altered = sealed
            altered[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: StoreError(.sealBroken, "")) { try MeetingKey(opening: altered, under: seal) }
        }
    }

    @Test func everyOtherLengthIsRefused() throws {
        let sealed = try MeetingKey().sealed(under: seal)
        for count in 0..<sealed.count {
            #expect(throws: StoreError(.sealBroken, "")) {
                try MeetingKey(opening: Array(sealed.prefix(count)), under: seal)
            }
        }
        #expect(throws: StoreError(.sealBroken, "")) { try MeetingKey(opening: sealed + [0], under: seal) }
    }

    @Test func sealsBindTheirContext() throws {
        let sealed = try MeetingKey().sealed(under: seal)
        let others = [
            MeetingKey.Seal(
                organisationID: "o_b", meetingID: "m_a", organisationKey: seal.organisationKey,
                wrappingKey: seal.wrappingKey),
            MeetingKey.Seal(
                organisationID: "o_a", meetingID: "m_b", organisationKey: seal.organisationKey,
                wrappingKey: seal.wrappingKey),
            MeetingKey.Seal(
                organisationID: "o_a", meetingID: "m_a", organisationKey: seal.wrappingKey,
                wrappingKey: seal.wrappingKey),
            MeetingKey.Seal(
                organisationID: "o_a", meetingID: "m_a", organisationKey: seal.organisationKey,
                wrappingKey: seal.organisationKey),
        ]
        for other in others {
            #expect(throws: StoreError(.sealBroken, "")) { try MeetingKey(opening: sealed, under: other) }
        }
    }

    @Test func descriptionsHideKeys() throws {
        var keys = KeyFile(storeID: "s_a")
        keys.wrappingKeys["m_a"] = [UInt8](repeating: 171, count: 32)
        #expect("\(MeetingKey(bytes: KnownAnswers.key))" == "MeetingKey(redacted)")
        #expect(!"\(keys)".contains("171"))
    }
}

@Suite struct KeyFileTests {
    @Test func keyFilesRoundTrip() throws {
        var keys = KeyFile(storeID: "s_a")
        keys.organisationKeys["o_a"] = [UInt8](0..<32)
        keys.wrappingKeys["m_a"] = [UInt8](32..<64)
        #expect(try KeyFile(parsing: try keys.serialized(), path: "x") == keys)
    }

    @Test(arguments: [
        "", "{}", "[]", "nonsense",
        #"{"format":"other","version":1,"store":"s","organisations":{},"meetings":{}}"#,
        #"{"format":"earmark-keys","version":3,"store":"s","organisations":{},"meetings":{}}"#,
        #"{"format":"earmark-keys","version":1,"store":"s","organisations":{"o":"AAAA"},"meetings":{}}"#,
        #"{"format":"earmark-keys","version":1,"store":"s","organisations":{},"meetings":{"m":"!"}}"#,
    ]) func malformedKeyFilesAreRefused(text: String) {
        #expect(throws: StoreError(.keyFileInvalid, "")) { try KeyFile(parsing: Array(text.utf8), path: "x") }
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o601]) func exposedKeyFilesAreRefused(mode: Int) throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting()
        let path = keeper.temporary.location.keyFile
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let error = #expect(throws: StoreError(.keyFileExposed, "")) { try keeper.store.analysisSubject(meeting.id) }
        #expect(error?.message.contains("chmod 600") == true)
    }

    @Test func missingAndForeignKeyFilesAreNamed() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting()
        let other = try TemporaryStoreKeeper.make()
        let mixed = StoreLocation(
            store: keeper.temporary.location.store, keyFile: other.temporary.location.keyFile)
        let store = try Store.open(at: mixed, clock: { testStart })
        #expect(throws: StoreError(.keyFileMismatch, "")) { try store.analysisSubject(meeting.id) }
        #expect(throws: StoreError(.keyFileMismatch, "")) {
            try store.createMeeting(.init(title: "x", startsAt: testStart), in: keeper.organisationID)
        }
        try FileManager.default.removeItem(atPath: keeper.temporary.location.keyFile)
        #expect(throws: StoreError(.keyFileMissing, "")) { try keeper.store.analysisSubject(meeting.id) }
    }

    @Test func replacedOrganisationKeyOpensNothing() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting()
        try keeper.store.keyFile.update(storeID: keeper.store.storeID) { keys in
            keys.organisationKeys[keeper.organisationID] = [UInt8](repeating: 0, count: 32)
        }
        #expect(throws: StoreError(.sealBroken, "")) { try keeper.store.analysisSubject(meeting.id) }
    }

    @Test func destroyedKeysStayDestroyed() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        let other = try keeper.meeting([entry(1)])
        // A backup of the database from before does not bring the key back.
        let backup = keeper.temporary.path("backup.db")
        try DatabaseQueue(path: keeper.temporary.location.store).writeWithoutTransaction { database in
            try database.execute(sql: "VACUUM INTO ?", arguments: [backup])
        }
        try keeper.store.destroyKey(ofMeeting: meeting.id)
        let restored = try Store.opened(
            at: StoreLocation(store: backup, keyFile: keeper.temporary.location.keyFile), actor: .processUser,
            clock: { testStart }, isCopy: true)
        for store in [keeper.store, restored] {
            #expect(throws: StoreError(.meetingKeyMissing, "")) { try store.analysisSubject(meeting.id) }
            #expect(throws: StoreError(.meetingKeyMissing, "")) { try store.issueTickets(meeting: meeting.id) }
            #expect(throws: Never.self) { try store.analysisSubject(other.id) }
        }
        #expect(throws: StoreError(.meetingKeyMissing, "")) { try keeper.store.destroyKey(ofMeeting: meeting.id) }
    }

    @Test func sealedKeysDoNotMoveBetweenMeetings() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting()
        let other = try keeper.meeting()
        try keeper.store.write { database in
            try database.execute(
                sql: "UPDATE meetings SET sealedKey = (SELECT sealedKey FROM meetings WHERE id = ?) WHERE id = ?",
                arguments: [other.id.text, meeting.id.text])
        }
        #expect(throws: StoreError(.sealBroken, "")) { try keeper.store.analysisSubject(meeting.id) }
    }

    @Test func linkedKeyFilesAreReplacedBehindTheirLink() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let path = keeper.temporary.location.keyFile
        let real = keeper.temporary.path("real.key")
        try FileManager.default.moveItem(atPath: path, toPath: real)
        try FileManager.default.moveItem(atPath: path + ".head", toPath: real + ".head")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: real)
        let store = try Store.open(at: keeper.temporary.location, clock: { testStart })
        _ = try store.createMeeting(.init(title: "x", startsAt: testStart), in: keeper.organisationID)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == real)
        #expect(try mode(real) == 0o600)
    }

    @Test func failedMeetingsLeaveNoKey() throws {
        let keeper = try TemporaryStoreKeeper.make()
        try keeper.store.write {
            try $0.execute(sql: "CREATE TRIGGER fail BEFORE INSERT ON clients BEGIN SELECT raise(ABORT, 'no'); END")
        }
        #expect(throws: StoreError(.inputOutput, "")) { try keeper.meeting([entry(1)]) }
        #expect(try keeper.store.meetings(in: keeper.organisationID).isEmpty)
        #expect(try keeper.store.keyFile.read(storeID: keeper.store.storeID).wrappingKeys.isEmpty)
    }

    /// Nor shares of a meeting that is not there, which would be in the way of the next try.
    @Test func failedMeetingsLeaveNoShare() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let paths = ["a.share", "b.share"].map(keeper.temporary.path)
        func enrol() throws -> Meeting {
            try keeper.store.createSplitMeeting(
                .init(title: "S", startsAt: testStart), roster: [entry(1)], in: keeper.organisationID, sharesIn: paths
            ).meeting
        }
        try keeper.store.write {
            try $0.execute(sql: "CREATE TRIGGER fail BEFORE INSERT ON clients BEGIN SELECT raise(ABORT, 'no'); END")
        }
        #expect(throws: StoreError(.inputOutput, "")) { try enrol() }
        for path in paths { #expect(!FileManager.default.fileExists(atPath: path)) }
        #expect(try keeper.store.keyFile.read(storeID: keeper.store.storeID).wrappingKeys.isEmpty)
        try keeper.store.write { try $0.execute(sql: "DROP TRIGGER fail") }
        #expect(try enrol().isSplit)
        for path in paths { #expect(FileManager.default.fileExists(atPath: path)) }
    }
}
