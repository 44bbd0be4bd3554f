import Crypto
import EarmarkFiles
import EarmarkMark
import Foundation
import GRDB
import Testing

@testable import EarmarkStore

/// docs/retention.md, "Backups" and "Rotation"; docs/file-formats.md, "The key file".
@Suite struct KeyCustodyTests {
    private func bytes(_ value: UInt8) -> [UInt8] { [UInt8](repeating: value, count: 32) }

    @Test func everyMemberOfAKeyFileRoundTrips() throws {
        var keys = KeyFile(storeID: "s_a")
        keys.organisationKeys = ["o_a": bytes(1)]
        keys.wrappingKeys = ["m_a": bytes(2)]
        keys.signingKey = bytes(3)
        keys.auditKey = bytes(4)
        keys.purged = ["m_b": 5]
        keys.nextKeys = ["o_a": bytes(6)]
        let serialized = try keys.serialized()
        #expect(try KeyFile(parsing: serialized, path: "") == keys)
        let object = try JSONSerialization.jsonObject(with: Data(serialized)) as? [String: Any]
        #expect(object?["format"] as? String == "earmark-keys" && object?["version"] as? Int == 2)
        #expect(object?["store"] as? String == "s_a")
        #expect(object?["organisations"] as? [String: String] == ["o_a": Data(bytes(1)).base64EncodedString()])
        #expect(object?["meetings"] as? [String: String] == ["m_a": Data(bytes(2)).base64EncodedString()])
        #expect(object?["signing"] as? String == Data(bytes(3)).base64EncodedString())
        #expect(object?["audit"] as? String == Data(bytes(4)).base64EncodedString())
        #expect(object?["purged"] as? [String: Int] == ["m_b": 5])
        #expect(object?["next"] as? [String: String] == ["o_a": Data(bytes(6)).base64EncodedString()])
    }

    @Test func versionOneIsReadAndVersionZeroIsNot() throws {
        func text(_ version: Int) -> [UInt8] {
            Array(
                #"{"format":"earmark-keys","version":\#(version),"store":"s","organisations":{},"meetings":{}}"#.utf8)
        }
        #expect(try KeyFile(parsing: text(1), path: "").storeID == "s")
        #expect(throws: StoreError(.keyFileInvalid, "")) { try KeyFile(parsing: text(0), path: "") }
        #expect(throws: StoreError(.keyFileInvalid, "")) { try KeyFile(parsing: text(3), path: "") }
    }

    /// `earmark key restore`: keys that are there stay as they are, and keys of purged meetings stay destroyed.
    @Test func restoringTakesOnlyWhatIsMissing() {
        var keys = KeyFile(storeID: "s")
        keys.organisationKeys = ["o_a": bytes(1)]
        keys.wrappingKeys = ["m_a": bytes(2), "m_theirs": bytes(7)]
        keys.signingKey = bytes(3)
        keys.purged = ["m_gone": 5]
        var copy = KeyFile(storeID: "s")
        copy.organisationKeys = ["o_a": bytes(11), "o_b": bytes(12)]
        copy.wrappingKeys = ["m_a": bytes(13), "m_b": bytes(14), "m_gone": bytes(15)]
        copy.signingKey = bytes(16)
        copy.auditKey = bytes(17)
        copy.purged = ["m_gone": 9, "m_theirs": 6]
        #expect(keys.adopt(copy) == 2)
        #expect(keys.organisationKeys == ["o_a": bytes(1), "o_b": bytes(12)])
        #expect(keys.wrappingKeys == ["m_a": bytes(2), "m_b": bytes(14)])
        #expect(keys.signingKey == bytes(3) && keys.auditKey == bytes(17))
        #expect(keys.purged == ["m_gone": 5, "m_theirs": 6])
    }

    /// "Where the key file itself is lost": the copy takes its place, private, and the log says so.
    @Test func aLostKeyFileComesBackFromItsCopy() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        let seeds = try keeper.store.analysisSubject(meeting.id).sharedSeeds
        let copy = keeper.temporary.path("copy.key")
        try keeper.store.backupKeys(to: copy)
        try FileManager.default.removeItem(atPath: keeper.temporary.location.keyFile)
        let reopened = try Store.open(at: keeper.temporary.location, clock: { testStart })
        #expect(try reopened.restoreKeys(from: copy) == 2, "the organisation's and the meeting's")
        #expect(try mode(keeper.temporary.location.keyFile) == 0o600)
        #expect(try reopened.analysisSubject(meeting.id).sharedSeeds == seeds)
        #expect(try reopened.auditEntries().prefix(2).map(\.action) == ["key-restore", "key-backup"])
        #expect(try reopened.auditFindings().problems.isEmpty)
    }

    @Test func restoringCountsWhatCameBack() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let meeting = try keeper.meeting([entry(1)])
        let copy = keeper.temporary.path("copy.key")
        try keeper.store.backupKeys(to: copy)
        #expect(throws: StoreError(.storeExists, "")) { try keeper.store.backupKeys(to: copy) }
        try keeper.store.destroyKey(ofMeeting: meeting.id)
        #expect(try keeper.store.restoreKeys(from: copy) == 1)
        #expect(throws: Never.self) { try keeper.store.analysisSubject(meeting.id) }
        #expect(try keeper.store.auditEntries(limit: 1)[0].details?["keys"] == "1")
        #expect(throws: StoreError(.keyFileMissing, "")) {
            try keeper.store.restoreKeys(from: keeper.temporary.path("none"))
        }
    }

    /// A backup is the store as it was: what came later is lost, what was purged since stays purged.
    @Test func restoringPutsTheContentBack() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let early = try keeper.meeting([entry(1)])
        let backup = keeper.temporary.path("backup.db")
        try keeper.store.backup(to: backup)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: keeper.temporary.folder.path).allSatisfy {
                !$0.hasPrefix("backup.db-")
            })
        let late = try keeper.meeting([entry(2)])
        #expect(try keeper.store.restore(from: backup) == PurgeResult())
        #expect(try keeper.store.meetings(in: keeper.organisationID).map(\.id) == [early.id])
        #expect(throws: StoreError(.unknownMeeting, "")) { try keeper.store.meeting(late.id) }
        #expect(
            try keeper.store.auditEntries().map(\.action).prefix(3) == ["restore", "meeting-create", "backup"],
            "the log is not shortened")
        #expect(try keeper.store.auditFindings().problems.isEmpty && keeper.store.check().problems.isEmpty)
        #expect(try keeper.store.check().remarks.count == 1, "the key of the later meeting is spare")
    }

    /// "Interrupted, it is completed at the next start", however many meetings were sealed anew by then.
    @Test(arguments: 0...3) func rotationsGoOnWhereTheyWereInterrupted(sealed: Int) throws {
        let keeper = try TemporaryStoreKeeper.make()
        let (store, organisation) = (keeper.store, keeper.organisationID)
        let meetings = try (0..<3).map { _ in try keeper.meeting([entry(1)]).id }
        func seeds(_ store: Store) throws -> [SharedSeeds] {
            try meetings.map { try store.analysisSubject($0).sharedSeeds }
        }
        func organisationKey(_ store: Store) throws -> [UInt8]? {
            try store.keyFile.read(storeID: store.storeID).organisationKeys[organisation]
        }
        let (right, old) = (try seeds(store), try organisationKey(store))
        let before = try meetings.map { id in
            try store.read {
                try Data.fetchOne($0, sql: "SELECT sealedKey FROM meetings WHERE id = ?", arguments: [id])
            }
        }
        #expect(try store.rotateKey(of: organisation) == 3)
        let next = try organisationKey(store)
        #expect(next != nil && next != old)
        // As it is where the process ends before the key file says so.
        for (id, seal) in zip(meetings, before).dropFirst(sealed) {
            try store.write {
                try $0.execute(sql: "UPDATE meetings SET sealedKey = ? WHERE id = ?", arguments: [seal, id])
            }
        }
        try store.keyFile.update(storeID: store.storeID) { keys in
            keys.organisationKeys[organisation] = old
            keys.nextKeys[organisation] = next
        }
        #expect(try seeds(store) == right, "meanwhile keys open")
        let reopened = try Store.open(at: keeper.temporary.location, clock: { testStart })
        #expect(try seeds(reopened) == right && organisationKey(reopened) == next)
        #expect(try reopened.keyFile.read(storeID: reopened.storeID).nextKeys.isEmpty)
        #expect(try reopened.check().problems == [])
    }

    @Test func tooLargeAndStrangeKeyFilesAreRefused() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let path = keeper.temporary.location.keyFile
        try FileManager.default.removeItem(atPath: path)
        #expect(mkfifo(path, 0o600) == 0)
        #expect(throws: StoreError(.keyFileInvalid, "")) { try keeper.store.check() }
        unlink(path)
        try PrivateFile.create(path, bytes: [])
        #expect(truncate(path, 64 * 1_048_576 + 1) == 0)
        let error = #expect(throws: StoreError(.keyFileInvalid, "")) { try keeper.store.check() }
        #expect(error?.message.contains("too large") == true)
    }

    // MARK: Shares

    private static let share = """
        {"format":"FORMAT","version":VERSION,"store":"s","meeting":"m_a","number":NUMBER,"share":"SHARE"}
        """

    private func share(
        format: String = "earmark-share", version: Int = 1, number: Int = 1, secret: [UInt8]? = nil
    ) throws -> KeyShare {
        let temporary = try TemporaryStore()
        let text = Self.share.replacing("FORMAT", with: format).replacing("VERSION", with: "\(version)")
            .replacing("NUMBER", with: "\(number)")
            .replacing("SHARE", with: Data(secret ?? bytes(9)).base64EncodedString())
        try PrivateFile.create(temporary.path("a.share"), bytes: Array(text.utf8))
        return try KeyShare(path: temporary.path("a.share"))
    }

    /// docs/audit.md: "A share file is JSON with …".
    @Test func sharesAreReadStrictly() throws {
        let read = try share(number: 2)
        #expect(read.number == 2 && read.meetingID == "m_a" && read.store == "s" && read.secret == bytes(9))
        for make in [
            { try share(format: "other") }, { try share(version: 2) }, { try share(number: 0) },
            { try share(number: 3) }, { try share(secret: bytes(9) + [1]) },
        ] {
            #expect(throws: StoreError(.keyFileInvalid, "")) { try make() }
        }
    }

    /// docs/audit.md: HKDF-SHA256 of entry and shares by number, with the info `earmark/v1/split`.
    @Test func partsMakeTheWrappingKeyOfTheDefinition() throws {
        let shares = [try share(number: 1, secret: bytes(2)), try share(number: 2, secret: bytes(3))]
        let expected = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: bytes(1) + bytes(2) + bytes(3)), info: Data("earmark/v1/split".utf8),
            outputByteCount: 32
        ).withUnsafeBytes { Array($0) }
        #expect(KeyShare.combined(bytes(1), shares) == expected)
        #expect(KeyShare.combined(bytes(1), shares.reversed()) == expected)
        #expect(KeyShare.combined(bytes(1), []) == bytes(1))
    }

    @Test func twoSharesOfOneStoreDiffer() throws {
        let keeper = try TemporaryStoreKeeper.make()
        let (meeting, shares) = try keeper.store.createSplitMeeting(
            .init(title: "S", startsAt: testStart), in: keeper.organisationID)
        #expect(meeting.isSplit && shares.map(\.number) == [1, 2])
        #expect(shares[0].secret != shares[1].secret)
        #expect(try !keeper.meeting().isSplit)
    }
}
