import EarmarkFiles
import Foundation
import GRDB
import Synchronization

extension Store {
    /// Opens the key of a meeting.
    ///
    /// - Parameter known: the key file as it was a moment ago, for whoever opens many keys; nil reads it.
    func key(of meeting: Meeting, _ known: KeyFile? = nil) throws(StoreError) -> MeetingKey {
        do throws(StoreError) {
            return try openKey(of: meeting, known)
        } catch  where error.code == .sealBroken || known != nil && error.code == .meetingKeyMissing {
            // A rotation may have ended between reading the row and reading the key file.
            return try openKey(of: meeting)
        }
    }

    private func openKey(of meeting: Meeting, _ known: KeyFile? = nil) throws(StoreError) -> MeetingKey {
        let sealed = try read { database in
            try [UInt8](
                Row.fetchOne(
                    database.cachedStatement(sql: "SELECT sealedKey FROM meetings WHERE id = ?"),
                    arguments: [meeting.id]
                )
                .map { try $0.get("sealedKey") } ?? Data())
        }
        let keys = if let known { known } else { try keyFile.read(storeID: storeID) }
        guard let wrappingKey = keys.wrappingKeys[meeting.id] else { throw Self.meetingKeyMissing(meeting.id) }
        let shares = sharesAtHand.withLock { $0[meeting.id] ?? [:] }
        guard !meeting.isSplit || shares.count == KeyShare.count else {
            throw StoreError(
                .sharesMissing,
                "the key of meeting '\(meeting.id)' is split", advice: .giveShares)
        }
        let seal = try Self.seal(
            keys, organisationID: meeting.organisationID, meetingID: meeting.id,
            wrappingKey: KeyShare.combined(wrappingKey, Array(shares.values)))
        return try Self.open(sealed, seal, next: keys.nextKeys[meeting.organisationID])
    }

    /// Opens a sealed key, whichever organisation key a rotation under way has left it under.
    static func open(_ sealed: [UInt8], _ seal: MeetingKey.Seal, next: [UInt8]?) throws(StoreError) -> MeetingKey {
        if let next, let key = try? MeetingKey(opening: sealed, under: seal.under(organisationKey: next)) { return key }
        return try MeetingKey(opening: sealed, under: seal)
    }

    static func seal(
        _ keys: KeyFile, organisationID: OrganisationID, meetingID: MeetingID, wrappingKey: [UInt8]
    ) throws(StoreError) -> MeetingKey.Seal {
        guard let organisationKey = keys.organisationKeys[organisationID] else {
            throw StoreError(
                .organisationKeyMissing,
                "the key file holds no key for organisation '\(organisationID)'; restore it from a backup")
        }
        return MeetingKey.Seal(
            organisationID: organisationID, meetingID: meetingID, organisationKey: organisationKey,
            wrappingKey: wrappingKey)
    }

    static func meetingKeyMissing(_ id: MeetingID) -> StoreError {
        StoreError(
            .meetingKeyMissing,
            "the key file holds no key for meeting '\(id)': it was destroyed, or the key file is an old copy")
    }
}
