public import EarmarkFiles
import GRDB

extension Store {
    /// Adds clients to a meeting, all or none.
    ///
    /// - Parameters:
    ///   - entries: the clients; an e-mail that the meeting knows already gets further devices.
    ///   - meetingID: the meeting.
    /// - Returns: the clients that were added, in the order of `entries`' participants.
    /// - Throws: `unknownMeeting`, `held`, `rosterInvalid`, or `duplicate` if a participant already has such a device.
    public func addClients(_ entries: [RosterEntry], toMeeting meetingID: MeetingID) throws(StoreError) -> [Client] {
        let participants = try Roster.participants(entries)
        let now = clock()
        let event = AuditEvent(.clientsAdd, meeting: meetingID, ["clients": "\(entries.count)"])
        return try write(event, changing: [.roster(meetingID), .store]) { database in
            _ = try Self.meeting(meetingID, now: now, database)
            try Self.refuseIfHeld(meetingID, database)
            let known = try Self.clients(database, where: "meetingID = ? ORDER BY position", [meetingID]).map {
                RosterEntry(participant: $0.participant, email: $0.email, device: $0.device)
            }
            let problems = RosterCheck.problems(entries, rows: nil, known: known)
            guard problems.isEmpty else { throw RosterProblems.error(problems) }
            let last = try Int64.fetchOne(database, sql: "SELECT max(position) FROM clients") ?? 0
            try Self.insert(participants, meetingID: meetingID, database)
            return try Self.clients(
                database, where: "meetingID = ? AND position > ? ORDER BY position", [meetingID, last])
        }
    }

    /// The clients of a meeting in the order they were enrolled.
    ///
    /// - Throws: `unknownMeeting`.
    public func clients(ofMeeting meetingID: MeetingID) throws(StoreError) -> [Client] {
        _ = try meeting(meetingID)
        return try read(verifying: [.roster(meetingID)]) {
            try Self.clients($0, where: "meetingID = ? ORDER BY position", [meetingID])
        }
    }

    /// How many clients each meeting of an organisation has, by meeting identifier; meetings without any are absent.
    public func clientCounts(in organisationID: OrganisationID) throws(StoreError) -> [MeetingID: Int] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT meetings.id, count(*) AS clientCount FROM meetings NOT INDEXED
                    JOIN participants ON participants.meetingID = meetings.id
                    JOIN clients ON clients.participantID = participants.id
                    WHERE organisationID = ? GROUP BY meetings.id
                    """, arguments: [organisationID])
            return try rows.reduce(into: [:]) { $0[try $1.get("id")] = try $1.get("clientCount") }
        }
    }

    /// The client of a meeting with this identifier, or whose participant alone has this e-mail in whatever case.
    ///
    /// - Throws: `unknownMeeting`, `unknownClient`, or `ambiguousClient` with the identifiers to choose from.
    public func client(_ reference: String, inMeeting meetingID: MeetingID) throws(StoreError) -> Client {
        _ = try meeting(meetingID)
        let found = try read(verifying: [.roster(meetingID)]) { database in
            try Self.clients(
                database, where: "meetingID = ? AND (clients.id = ? OR emailFolded = ?) ORDER BY position",
                [meetingID, reference, FieldRules.folded(reference)])
        }
        guard let client = found.first else {
            throw StoreError(
                .unknownClient, "meeting '\(meetingID)' has no client '\(reference)'", advice: .listClients)
        }
        guard found.count == 1 else {
            let choices = found.map { "\($0.id) (\($0.device))" }.joined(separator: ", ")
            throw StoreError(
                .ambiguousClient, "'\(reference)' has \(found.count) clients in this meeting; name one: \(choices)")
        }
        return client
    }

    // MARK: Presence

    /// Notes that a client joined its meeting, again or for the first time.
    ///
    /// - Throws: `unknownClient`, or `presenceOutOfOrder` if it has not left yet or joined later already.
    public func recordJoin(ofClient clientID: ClientID, at time: Timestamp) throws(StoreError) {
        let event = try presenceEvent(.clientJoin, clientID, at: time)
        try write(event, changing: event.meetingID.map { [.events($0)] } ?? []) { database in
            let last = try Self.lastPresence(ofClient: clientID, database)
            if let last, last.leftAt == nil {
                throw StoreError(
                    .presenceOutOfOrder,
                    "client '\(clientID)' has joined already and not left since")
            }
            if let leftAt = last?.leftAt, time < leftAt {
                throw StoreError(
                    .presenceOutOfOrder,
                    "client '\(clientID)' left only at \(leftAt.text)")
            }
            try database.execute(
                sql: "INSERT INTO presences (clientID, joinedAt) VALUES (?, ?)", arguments: [clientID, time])
        }
    }

    /// Notes that a client left its meeting.
    ///
    /// - Throws: `unknownClient`, or `presenceOutOfOrder` if it is not in the meeting or joined later.
    public func recordLeave(ofClient clientID: ClientID, at time: Timestamp) throws(StoreError) {
        let event = try presenceEvent(.clientLeave, clientID, at: time)
        try write(event, changing: event.meetingID.map { [.events($0)] } ?? []) { database in
            guard let last = try Self.lastPresence(ofClient: clientID, database), last.leftAt == nil else {
                throw StoreError(
                    .presenceOutOfOrder,
                    "client '\(clientID)' has not joined, or left already: there is nobody to leave")
            }
            guard time >= last.joinedAt else {
                throw StoreError(
                    .presenceOutOfOrder, "client '\(clientID)' joined only at \(last.joinedAt.text)")
            }
            try database.execute(
                sql: "UPDATE presences SET leftAt = ? WHERE clientID = ? AND leftAt IS NULL",
                arguments: [time, clientID])
        }
    }

    /// When each client of a meeting was present, by client identifier, in order of time.
    public func presences(inMeeting meetingID: MeetingID) throws(StoreError) -> [ClientID: [PresenceInterval]] {
        _ = try meeting(meetingID)
        return try read(verifying: [.events(meetingID)]) { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT presences.* FROM presences JOIN clients ON clients.id = presences.clientID
                    JOIN participants ON participants.id = clients.participantID
                    WHERE meetingID = ? ORDER BY joinedAt, presences.position
                    """, arguments: [meetingID])
            var intervals: [ClientID: [PresenceInterval]] = [:]
            for row in rows {
                let interval = try PresenceInterval(joinedAt: row.get("joinedAt"), leftAt: row.get("leftAt"))
                intervals[try row.get("clientID"), default: []].append(interval)
            }
            return intervals
        }
    }

    private func presenceEvent(
        _ action: AuditAction, _ clientID: ClientID, at time: Timestamp
    ) throws(StoreError) -> AuditEvent {
        let client = try read { try Self.clients($0, where: "clients.id = ?", [clientID]).first }
        return AuditEvent(action, meeting: client?.meetingID, ["client": clientID.text, "time": time.text])
    }

    private static func lastPresence(ofClient clientID: ClientID, _ database: Database) throws -> PresenceInterval? {
        let exists = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM clients WHERE id = ?)", arguments: [clientID])
        guard exists == true else { throw StoreError(.unknownClient, "no client has the identifier '\(clientID)'") }
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM presences WHERE clientID = ? ORDER BY position DESC LIMIT 1",
            arguments: [clientID])
        return try row.map { try PresenceInterval(joinedAt: $0.get("joinedAt"), leftAt: $0.get("leftAt")) }
    }

    // MARK: Rows

    static func clients(
        _ database: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> [Client] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT clients.*, meetingID, name, email
                FROM clients JOIN participants ON participants.id = clients.participantID
                WHERE \(condition)
                """, arguments: arguments)
        return try rows.map { row in
            let id: ClientID = try row.get("id")
            // A kind of a later version must not pass as one that carries a mark, nor as one that does not.
            guard let kind = try ClientKind(rawValue: row.get("kind")) else {
                throw StoreError(.storeInvalid, "client '\(id)' has an unknown kind; update Earmark")
            }
            return try Client(
                id: id, meetingID: row.get("meetingID"), participant: row.get("name"), email: row.get("email"),
                device: row.get("device"), kind: kind, tagging: MicrophoneTagging(stored: row.get("tagsFrom")),
                tagHeardAt: row.get("tagHeardAt"))
        }
    }

    /// Inserts participants with their clients; participants that the meeting knows get further clients.
    static func insert(_ participants: [Roster.Participant], meetingID: MeetingID, _ database: Database) throws {
        let find = try database.makeStatement(
            sql: "SELECT id, name FROM participants WHERE meetingID = ? AND emailFolded = ?")
        let insertParticipant = try database.makeStatement(
            sql: "INSERT INTO participants (id, meetingID, name, email, emailFolded) VALUES (?, ?, ?, ?, ?)")
        for participant in participants {
            let folded = FieldRules.folded(participant.email)
            let id: String
            if let known = try Row.fetchOne(find, arguments: [meetingID, folded]) {
                id = try known.get("id")
                let name: String = try known.get("name")
                guard name == participant.name else {
                    throw StoreError(
                        .duplicate, "'\(participant.email)' is enrolled already under the name '\(name)'")
                }
            } else {
                id = Identifier.make(.participant)
                try insertParticipant.execute(
                    arguments: [id, meetingID, participant.name, participant.email, folded])
            }
            try insertClients(of: participant, participantID: id, database)
        }
    }

    private static func insertClients(
        of participant: Roster.Participant, participantID: String, _ database: Database
    ) throws {
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO clients (id, participantID, device, deviceFolded, kind, tagsFrom) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (participantID, deviceFolded) DO NOTHING
                """)
        for client in participant.clients {
            try insert.execute(
                arguments: [
                    Identifier.make(.client), participantID, client.device, FieldRules.folded(client.device),
                    client.kind.rawValue, client.tagging.stored,
                ])
            guard database.changesCount == 1 else {
                throw StoreError(
                    .duplicate, "'\(participant.email)' has a device '\(client.device)' in this meeting already")
            }
        }
    }
}
