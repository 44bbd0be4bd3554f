public import EarmarkFiles
import Foundation
import GRDB
import Synchronization

extension Store {
    /// Enrols a meeting with its clients and gives it a key of its own.
    ///
    /// All or nothing: an error leaves neither meeting nor client behind.
    /// - Parameters:
    ///   - draft: what the meeting is.
    ///   - roster: its first clients; more can be added later.
    ///   - organisationID: the organisation that enrols it.
    /// - Throws: `valueInvalid`, `rosterInvalid`, `unknownOrganisation`, or an error of the key file.
    public func createMeeting(
        _ draft: MeetingDraft, roster: [RosterEntry] = [], in organisationID: OrganisationID
    ) throws(StoreError) -> Meeting {
        try enrol(draft, roster: roster, in: organisationID, shares: 0).meeting
    }

    /// The same, with a key that opens only while two shares are at hand, for two persons who each keep one.
    ///
    /// - Parameter paths: new files that the shares are written to before anything is stored: a meeting without its
    ///   shares would be lost. None keeps them nowhere.
    public func createSplitMeeting(
        _ draft: MeetingDraft, roster: [RosterEntry] = [], in organisationID: OrganisationID,
        sharesIn paths: [String] = []
    ) throws(StoreError) -> (meeting: Meeting, shares: [KeyShare]) {
        try enrol(draft, roster: roster, in: organisationID, shares: KeyShare.count, sharesIn: paths)
    }

    private func enrol(
        _ draft: MeetingDraft, roster: [RosterEntry], in organisationID: OrganisationID, shares count: Int,
        sharesIn paths: [String] = []
    ) throws(StoreError) -> (meeting: Meeting, shares: [KeyShare]) {
        try draft.validate()
        let participants = try Roster.participants(roster)
        let id = MeetingID(Identifier.make(.meeting))
        let now = clock()
        try requireLasting(draft, in: organisationID, now: now)
        let key = MeetingKey()
        let wrappingKey = Identifier.randomBytes(KeyFile.keyByteCount)
        let shares = (0..<count).map { KeyShare(store: storeID, meetingID: id, number: $0 + 1) }
        let whole = KeyShare.combined(wrappingKey, shares)
        // Before the key file is locked, since it may have to be written for this.
        _ = try vouching()
        try KeyShare.write(shares, to: paths)
        var sealed: [UInt8] = []
        // Keyring before row: a crash in between leaves a wrapping key that opens nothing, never a row without key. The
        // lock is kept for both: a rotation in between would miss the row.
        let scopes = SealScope.all(of: id) + (draft.holdReason == nil ? [] : [.store])
        do throws(StoreError) {
            let meeting = try keyFile.update(storeID: storeID) { keys throws(StoreError) in
                let seal = try Self.seal(keys, organisationID: organisationID, meetingID: id, wrappingKey: whole)
                sealed = try key.sealed(under: seal)
                keys.wrappingKeys[id] = wrappingKey
            } then: { () throws(StoreError) in
                let clients = participants.reduce(0) { $0 + $1.clients.count }
                let event = AuditEvent(.meetingCreate, meeting: id, draft.details(clients: clients))
                return try write(event, changing: scopes) { database in
                    try Self.insert(draft, id: id, organisationID: organisationID, now: now, sealed: sealed, database)
                    try database.execute(
                        sql: "UPDATE meetings SET split = ? WHERE id = ?", arguments: [!shares.isEmpty, id])
                    try Self.insert(participants, meetingID: id, database)
                    return try Self.meeting(id, now: now, database)
                }
            }
            return (meeting, shares)
        } catch {
            // Only what is known not to be stored loses its key: the failure may have come after the commit.
            if (try? contains("meetings", id: id.text)) == false {
                try? keyFile.update(storeID: storeID) { $0.wrappingKeys[id] = nil }
                for path in paths { FilePath.remove(path) }
            }
            throw error
        }
    }

    /// Enrols many meetings at once, each with its clients and a key of its own: all or none.
    ///
    /// `progress` is called with the meetings that are written so far.
    /// - Throws: as `createMeeting`; the message names the meeting by its place, from 1.
    public func createMeetings(
        _ drafts: [(meeting: MeetingDraft, roster: [RosterEntry])], in organisationID: OrganisationID,
        progress: ((Int) -> Void)? = nil
    ) throws(StoreError) -> [Meeting] {
        var enrolments: [Enrolment] = []
        for (index, draft) in drafts.enumerated() {
            do throws(StoreError) {
                try draft.meeting.validate()
                try requireLasting(draft.meeting, in: organisationID, now: clock())
                enrolments.append(
                    Enrolment(
                        id: MeetingID(Identifier.make(.meeting)), draft: draft.meeting,
                        participants: try Roster.participants(draft.roster)))
            } catch {
                throw StoreError(error.code, "meeting \(index + 1): \(error.message)", advice: error.advice)
            }
        }
        let now = clock()
        _ = try vouching()
        do throws(StoreError) {
            return try keyFile.update(storeID: storeID) { keys throws(StoreError) in
                for index in enrolments.indices {
                    let id = enrolments[index].id
                    let wrappingKey = Identifier.randomBytes(KeyFile.keyByteCount)
                    let seal = try Self.seal(
                        keys, organisationID: organisationID, meetingID: id, wrappingKey: wrappingKey)
                    enrolments[index].sealed = try MeetingKey().sealed(under: seal)
                    keys.wrappingKeys[id] = wrappingKey
                }
            } then: { () throws(StoreError) in
                try change { log in
                    let database = log.database
                    for (index, enrolment) in enrolments.enumerated() {
                        progress?(index)
                        for scope in SealScope.all(of: enrolment.id) { try log.touch(scope) }
                        if enrolment.draft.holdReason != nil { try log.touch(.store) }
                        try Self.insert(
                            enrolment.draft, id: enrolment.id, organisationID: organisationID, now: now,
                            sealed: enrolment.sealed, database)
                        try Self.insert(enrolment.participants, meetingID: enrolment.id, database)
                        let clients = enrolment.participants.reduce(0) { $0 + $1.clients.count }
                        let details = enrolment.draft.details(clients: clients)
                        try log.append(.init(.meetingCreate, meeting: enrolment.id, details))
                    }
                    let ids = Set(enrolments.map(\.id))
                    let stored = try Self.meetings(
                        database, where: "meetings.organisationID = ?", [organisationID], now: now, isList: true)
                    let byID = stored.filter { ids.contains($0.id) }.reduce(into: [:]) { $0[$1.id] = $1 }
                    return enrolments.compactMap { byID[$0.id] }
                }
            }
        } catch {
            // Only what is known not to be stored loses its key: the failure may have come after the commit.
            if let first = enrolments.first, (try? contains("meetings", id: first.id.text)) == false {
                let ids = enrolments.map(\.id)
                try? keyFile.update(storeID: storeID) { keys in for id in ids { keys.wrappingKeys[id] = nil } }
            }
            throw error
        }
    }

    /// A meeting on its way into the store.
    private struct Enrolment {
        let id: MeetingID
        let draft: MeetingDraft
        let participants: [Roster.Participant]
        var sealed: [UInt8] = []
    }

    /// The meetings of an organisation, latest start first.
    public func meetings(in organisationID: OrganisationID) throws(StoreError) -> [Meeting] {
        let now = clock()
        return try read { database, vouching in
            let meetings = try Self.meetings(
                database, where: "meetings.organisationID = ? ORDER BY startsAt DESC, meetings.id", [organisationID],
                now: now, isList: true)
            if let vouching {
                try vouching.verify(.store, database)
                for meeting in meetings { try vouching.verify(.meeting(meeting.id), database) }
            }
            return meetings
        }
    }

    /// The meeting with this identifier.
    ///
    /// - Parameters:
    ///   - id: the meeting's identifier.
    ///   - organisationID: if given, meetings of other organisations count as unknown.
    /// - Throws: `unknownMeeting`.
    public func meeting(_ id: MeetingID, in organisationID: OrganisationID? = nil) throws(StoreError) -> Meeting {
        let now = clock()
        let meeting: Meeting
        do throws(StoreError) {
            meeting = try read(verifying: [.meeting(id), .store]) { try Self.meeting(id, now: now, $0) }
        } catch  where error.code == .unknownMeeting {
            if let purgedAt = try? keyFile.read(storeID: storeID).purged[id] {
                throw StoreError(
                    .meetingExpired,
                    "meeting '\(id)' was purged at \(purgedAt.text): it was deleted, or its retention had run out")
            }
            throw error
        }
        guard organisationID == nil || organisationID == meeting.organisationID else { throw Self.unknownMeeting(id) }
        return meeting
    }

    /// Destroys a meeting's key for good by deleting its keyring entry; the rows stay.
    ///
    /// From then on nobody can issue its tickets or analyse its recordings, not even with an old copy of the database.
    /// - Throws: `unknownMeeting`, `meetingKeyMissing` if it was destroyed before, or an error of the key file.
    public func destroyKey(ofMeeting id: MeetingID) throws(StoreError) {
        guard try !meeting(id).isHeld else {
            throw StoreError(.held, "meeting '\(id)' is on legal hold: its key stays", advice: .listHolds)
        }
        try keyFile.update(storeID: storeID) { keys throws(StoreError) in
            guard keys.wrappingKeys.removeValue(forKey: id) != nil else { throw Self.meetingKeyMissing(id) }
        }
        try record(.init(.keyDestroy, meeting: id))
    }

    // MARK: Rows

    /// Every meeting of every organisation.
    func allMeetings() throws(StoreError) -> [Meeting] {
        let now = clock()
        return try read { try Self.meetings($0, where: "TRUE ORDER BY meetings.id", [], now: now) }
    }

    static func unknownMeeting(_ id: MeetingID) -> StoreError {
        StoreError(.unknownMeeting, "no meeting has the identifier '\(id)'", advice: .listMeetings)
    }

    private static func insert(
        _ draft: MeetingDraft, id: MeetingID, organisationID: OrganisationID, now: Timestamp, sealed: [UInt8],
        _ database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO meetings (id, organisationID, title, startsAt, durationSeconds, hostEmail, watermark,
                    microphoneTags, createdAt, sealedKey)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, organisationID, draft.title, draft.startsAt, draft.durationSeconds, draft.hostEmail,
                draft.isWatermarkOn, draft.hasMicrophoneTags, now, Data(sealed),
            ])
        guard let reason = draft.holdReason else { return }
        try database.execute(
            sql: "INSERT INTO holds (subject, reason, heldAt) VALUES (?, ?, ?)", arguments: [id, reason, now])
    }

    static func meeting(_ id: MeetingID, now: Timestamp, _ database: Database) throws -> Meeting {
        guard let meeting = try meetings(database, where: "meetings.id = ?", [id], now: now).first else {
            throw unknownMeeting(id)
        }
        return meeting
    }

    /// Meetings that meet a condition; `isList`: it is no identifier's.
    ///
    /// A list is read without indexes: one whose root was bent would hide meetings, whose seals all hold.
    private static func meetings(
        _ database: Database, where condition: String, _ arguments: StatementArguments, now: Timestamp,
        isList: Bool = false
    ) throws -> [Meeting] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT meetings.*, organisations.watermarking, organisations.retentionDays,
                    EXISTS (SELECT 1 FROM holds WHERE subject = meetings.id) AS isHeld
                FROM meetings \(isList ? "NOT INDEXED" : "")
                JOIN organisations ON organisations.id = meetings.organisationID
                WHERE \(condition)
                """, arguments: arguments)
        var domains: [OrganisationID: Set<String>] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT organisationID, domain FROM domains") {
            domains[try row.get("organisationID"), default: []].insert(try row.get("domain"))
        }
        return try rows.map { try Meeting(row: $0, domains: domains[$0.get("organisationID")] ?? [], now: now) }
    }
}

extension MeetingDraft {
    /// What the log says of it.
    fileprivate func details(clients: Int) -> [String: String] {
        var details = ["clients": "\(clients)"]
        details["hold"] = holdReason
        return details
    }

    func validate() throws(StoreError) {
        if let problem = FieldRules.problem(withName: title) {
            throw StoreError(.valueInvalid, "the meeting's title \(problem)")
        }
        if let hostEmail, let problem = FieldRules.problem(withEmail: hostEmail) {
            throw StoreError(.valueInvalid, "the host's e-mail '\(hostEmail)' \(problem)")
        }
        guard (0...Timestamp.latest).contains(startsAt) else {
            throw StoreError(.valueInvalid, "the meeting's start lies outside the years 1970 to 9999")
        }
        if let holdReason { try Store.validate(holdReason: holdReason) }
        guard (1...MeetingDraft.maximumDuration).contains(durationSeconds) else {
            throw StoreError(.valueInvalid, "the meeting's duration must be 1 second to 24 hours")
        }
    }
}

extension Meeting {
    /// Reads a row of `meetings` joined with its organisation's settings.
    fileprivate init(row: Row, domains: Set<String>, now: Timestamp) throws {
        id = try row.get("id")
        organisationID = try row.get("organisationID")
        title = try row.get("title")
        startsAt = try row.get("startsAt")
        durationSeconds = try row.get("durationSeconds")
        hostEmail = try row.get("hostEmail")
        isWatermarkOn = try row.get("watermark")
        hasMicrophoneTags = try row.get("microphoneTags")
        isHeld = try row.get("isHeld")
        isSplit = try row.get("split")
        createdAt = try row.get("createdAt")
        let retentionDays: Int64 = try row.get("retentionDays")
        expiresAt = (startsAt + durationSeconds).adding(days: retentionDays)
        let isOrganisationOn: Bool = try row.get("watermarking")
        isMarked = isOrganisationOn && isWatermarkOn
        // Without a registered domain nothing tells foreign hosts apart.
        let isForeign = hostEmail.map { !domains.isEmpty && !domains.contains(FieldRules.domain(ofEmail: $0)) } ?? false
        if isForeign {
            state = .foreign
        } else if now >= expiresAt, !isHeld {
            state = .expired
        } else {
            state = isMarked ? .available : .watermarkingOff
        }
    }
}
