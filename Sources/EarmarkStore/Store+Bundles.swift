public import EarmarkFiles
import Foundation
import GRDB

/// Sealed bundles: what they are made of, and which are out.
extension Store {
    /// Seconds for which workers take a bundle where nothing else was decided: 72 hours.
    public static let defaultBundleSeconds: Int64 = 72 * 3_600
    /// Allowed times, in seconds: from a minute to a year.
    public static let bundleSecondsRange: ClosedRange<Int64> = 60...31_536_000

    /// Seconds for which workers take a bundle.
    public func bundleSeconds() throws(StoreError) -> Int64 {
        let seconds = try keyFile.read(storeID: storeID).bundleSeconds ?? Self.defaultBundleSeconds
        return min(max(seconds, Self.bundleSecondsRange.lowerBound), Self.bundleSecondsRange.upperBound)
    }

    /// Sets that, and logs it.
    ///
    /// - Throws: `valueInvalid` outside of `bundleSecondsRange`.
    public func setBundleSeconds(_ seconds: Int64) throws(StoreError) {
        guard Self.bundleSecondsRange.contains(seconds) else {
            throw StoreError(.valueInvalid, "a bundle must be valid for a minute to a year")
        }
        // First: nothing changes unlogged.
        try record(.init(.settingsChange, ["bundleSeconds": "\(seconds)"]))
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in keys.bundleSeconds = seconds }
    }

    /// A fresh identifier of a bundle.
    package func newBundleID() -> BundleID { BundleID(Identifier.make(.bundle)) }

    // MARK: What a bundle holds

    /// Opens the meetings that are named.
    ///
    /// - Throws: as `analysisSubject`; `valueInvalid` if they belong to several organisations.
    package func bundled(_ meetings: [MeetingID]) throws(StoreError) -> BundledMeetings {
        var result = BundledMeetings()
        for id in meetings { result.add(try analysisSubject(id)) }
        let organisations = Set(result.subjects.map(\.meeting.organisationID))
        guard organisations.count <= 1 else {
            throw StoreError(.valueInvalid, "the meetings of a bundle must belong to one organisation")
        }
        guard let organisation = organisations.first else { return result }
        let known = Set(meetings)
        result.hasOthers = try self.meetings(in: organisation).contains {
            $0.state == .available && !known.contains($0.id)
        }
        return result
    }

    /// Opens all meetings of an organisation that can be searched, as `searchableMeetings` chooses them.
    package func bundled(
        in organisation: Organisation, since: Timestamp?, until: Timestamp?
    ) throws(StoreError) -> BundledMeetings {
        var result = BundledMeetings()
        try openMeetings(
            in: organisation.id, since: since, until: until,
            left: { result.add($0) },
            opened: { meeting, key, _ throws(StoreError) in
                result.add(try subject(meeting, key, organisation.settings))
            })
        return result
    }

    // MARK: What is out

    /// Remembers a bundle, before it is given to anybody.
    package func add(_ bundle: IssuedBundle) throws(StoreError) {
        let event = AuditEvent(
            .bundleCreate, meeting: bundle.meetings.count == 1 ? bundle.meetings[0] : nil,
            [
                "bundle": bundle.id.text, "meetings": "\(bundle.meetings.count)", "sha256": bundle.sha256,
                "expires": bundle.expiresAt.text, "recipient": bundle.recipient,
            ])
        try write(event, changing: [.bundle(bundle.id)]) { database in
            try database.execute(
                sql: """
                    INSERT INTO bundles (id, organisationID, search, meetings, createdAt, expiresAt, recipient,
                        workerKey, sha256)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    bundle.id, bundle.organisationID, bundle.isSearch,
                    bundle.meetings.map(\.text).joined(separator: " "), bundle.createdAt, bundle.expiresAt,
                    bundle.recipient, Data(bundle.workerKey), bundle.sha256,
                ])
        }
    }

    /// All bundles that were given out, latest first; none may be missing.
    ///
    /// - Parameter organisationID: if given, only those with meetings of this organisation.
    /// - Throws: `rowsAltered`.
    public func bundles(in organisationID: OrganisationID? = nil) throws(StoreError) -> [IssuedBundle] {
        try read(isWhole: true) { database, vouching in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM bundles WHERE (?1 IS NULL OR organisationID = ?1) ORDER BY position DESC
                    """, arguments: [organisationID])
            let bundles = try rows.map { try IssuedBundle(row: $0) }
            if let vouching { for bundle in bundles { try vouching.verify(.bundle(bundle.id), database) } }
            return bundles
        }
    }

    /// The bundle with this identifier; what it was sealed as must stand as it was written.
    ///
    /// - Throws: `unknownBundle`, `rowsAltered`.
    public func bundle(_ id: BundleID) throws(StoreError) -> IssuedBundle {
        try read(verifying: [.bundle(id)], isWhole: true) { database in
            let row = try Row.fetchOne(database, sql: "SELECT * FROM bundles WHERE id = ?", arguments: [id])
            guard let row else { throw Self.unknownBundle(id) }
            return try IssuedBundle(row: row)
        }
    }

    /// Takes nothing of a bundle's workers from now on; doing so twice changes nothing.
    ///
    /// - Throws: `unknownBundle`.
    public func revokeBundle(_ id: BundleID) throws(StoreError) -> IssuedBundle {
        let known = try bundle(id)
        guard known.revokedAt == nil else { return known }
        let now = clock()
        try write(.init(.bundleRevoke, ["bundle": id.text]), changing: [.bundle(id)]) { database in
            try database.execute(sql: "UPDATE bundles SET revokedAt = ? WHERE id = ?", arguments: [now, id])
        }
        return try bundle(id)
    }

    /// Bundles with one of these meetings that workers still take.
    func bundlesOut(ofMeetings meetings: [MeetingID]) throws(StoreError) -> [IssuedBundle] {
        let (now, wanted) = (clock(), Set(meetings))
        return try bundles().filter { now < $0.expiresAt && !wanted.isDisjoint(with: $0.meetings) }
    }

    /// Which of these meetings are gone, by the key file: purged, or their keys destroyed.
    package func purged(among meetings: some Sequence<MeetingID>) throws(StoreError) -> [MeetingID] {
        let keys = try keyFile.read(storeID: storeID)
        return meetings.filter { keys.purged[$0] != nil || keys.wrappingKeys[$0] == nil }
    }

    private static func unknownBundle(_ id: BundleID) -> StoreError {
        StoreError(.unknownBundle, "this store gave out no bundle '\(id)'", advice: .listBundles)
    }
}

extension IssuedBundle {
    fileprivate init(row: Row) throws {
        let meetings: String = try row.get("meetings")
        let workerKey: Data = try row.get("workerKey")
        try self.init(
            id: row.get("id"), organisationID: row.get("organisationID"), isSearch: row.get("search"),
            meetings: meetings.split(separator: " ").map { MeetingID(String($0)) }, createdAt: row.get("createdAt"),
            expiresAt: row.get("expiresAt"), recipient: row.get("recipient"), workerKey: [UInt8](workerKey),
            sha256: row.get("sha256"))
        revokedAt = try row.get("revokedAt")
    }
}
