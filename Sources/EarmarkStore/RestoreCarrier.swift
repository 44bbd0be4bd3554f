import EarmarkFiles
import Foundation
import GRDB

/// Carries from the live database into a copy of a backup what the backup must not undo.
///
/// Row by row and scope by scope: what verifies by its own seal is that of now; for what does not, the backup's stands,
/// and where it has none, what a hold keeps is taken as it is and stays refused.
struct RestoreCarrier {
    /// The copy of the backup.
    let target: Database
    /// What is replaced.
    let live: Database
    let vouching: Vouching
    let keys: KeyFile
    /// What the live database's log says.
    let log: BelievedLog
    /// Why not all of the live database can be believed; nil if it can.
    let problem: String?
    private var isSound: Bool { problem == nil }
    /// Scopes that were taken though they do not verify.
    private(set) var refused: Set<SealScope> = []
    private var holds: [String: LegalHold] = [:]

    /// What stays refused, for the log; nil if nothing does.
    var refusedText: String? {
        refused.isEmpty ? nil : refused.map(\.name).sorted().joined(separator: " ")
    }

    init(into target: Database, from live: Database, _ vouching: Vouching, _ keys: KeyFile, problem: String?) {
        self.target = target
        self.live = live
        self.vouching = vouching
        self.keys = keys
        log = vouching.believedLog(live, backup: target, purged: keys.purged)
        self.problem = problem ?? log.problem
    }

    /// Carries everything, and seals the result.
    mutating func carry() throws {
        // First, since rows that are replaced take details with them.
        try carryLog()
        holds = try heldNow()
        try carryOrganisations()
        for subject in holds.keys.sorted() where subject.hasPrefix(Identifier.Kind.meeting.rawValue + "_") {
            try carry(MeetingID(subject))
        }
        try carryAnalyses()
        try carryTickets()
        try carryBundles()
        try revoke()
        try carryPurges()
        try setHolds()
        try giveDetailsToTheirMeetings()
        let head = try target.head()
        // The copy is sealed by the keys of the store that it becomes.
        try vouching.sealAll(head, target, refusing: refused)
    }

    // MARK: The log

    /// The log as it is now, as far as it can be believed.
    private func carryLog() throws {
        try target.execute(sql: "DELETE FROM auditDetails; DELETE FROM audit")
        for row in log.entries { try target.insert(row, into: "audit") }
        // Whose they are is said below.
        for row in log.details { try target.insert(row, into: "auditDetails", ["meetingID": .null]) }
    }

    /// Details belong to the meeting that their entry names; those of one that the copy lacks belong to none.
    private func giveDetailsToTheirMeetings() throws {
        try target.execute(
            sql: """
                UPDATE auditDetails SET meetingID =
                    (SELECT meetings.id FROM audit JOIN meetings ON meetings.id = audit.meetingID
                        WHERE audit.id = entryID)
                WHERE meetingID IS NULL
                """)
        // Entries of before name no meeting, their details do.
        let early = try? Row.fetchAll(
            live,
            sql: """
                SELECT entryID, auditDetails.meetingID AS owner FROM audit JOIN auditDetails ON entryID = audit.id
                WHERE position <= ? AND auditDetails.meetingID IS NOT NULL
                """, arguments: [vouching.sealedFrom])
        for row in early ?? [] {
            guard let entry: String = row.value("entryID"), let owner: String = row.value("owner") else { continue }
            try target.execute(
                sql: """
                    UPDATE auditDetails SET meetingID = (SELECT id FROM meetings WHERE id = ?)
                    WHERE entryID = ? AND meetingID IS NULL
                    """, arguments: [owner, entry])
        }
    }

    // MARK: Holds

    /// The holds of now; where there is doubt all that anything tells of, since each only keeps.
    private func heldNow() throws -> [String: LegalHold] {
        let now = believedStore?[3] ?? []
        if isSound { return Self.holds(now) }
        let unseen = (try? Row.fetchAll(live, sql: "SELECT * FROM holds")) ?? []
        let backup = try Row.fetchAll(target, sql: "SELECT * FROM holds")
        return Self.holds(now).merging(log.holds) { known, _ in known }
            .merging(Self.holds(backup)) { known, _ in known }
            .merging(Self.holds(unseen)) { known, _ in known }
            .filter { keys.purged[MeetingID($0.key)] == nil }
    }

    /// Rows of the scope `store`: the store, organisations, domains, holds.
    private var believedStore: [[Row]]? { vouching.believed(.store, live) }

    private static func holds(_ rows: [Row]) -> [String: LegalHold] {
        rows.reduce(into: [:]) { holds, row in
            guard let subject: String = row.value("subject") else { return }
            holds[subject] = LegalHold(
                subject: subject, reason: row.value("reason") ?? "", heldAt: row.value("heldAt") ?? 0)
        }
    }

    private func setHolds() throws {
        try target.execute(sql: "DELETE FROM holds")
        for hold in holds.values {
            try target.execute(
                sql: "INSERT INTO holds (subject, reason, heldAt) VALUES (?, ?, ?)",
                arguments: [hold.subject, hold.reason, hold.heldAt])
        }
    }

    // MARK: Organisations

    /// Organisations that the backup lacks and whose meetings or analyses a hold keeps.
    private func carryOrganisations() throws {
        let held = "(SELECT value FROM json_each(?1))"
        let subjects = String(
            decoding: try JSONEncoder().encode(Array(holds.keys)), as: UTF8.self)
        let owners = try? String.fetchSet(
            live,
            sql: """
                SELECT organisationID FROM meetings WHERE id IN \(held) AND organisationID IS NOT NULL UNION
                SELECT organisationID FROM analyses WHERE (id IN \(held) OR meetingReference IN \(held))
                    AND organisationID IS NOT NULL
                """, arguments: [subjects])
        let known = (believedStore?[1] ?? []).reduce(into: [String: Row]()) { $0[$1["id"]] = $1 }
        for id in owners ?? [] where try !target.has("organisations", id) && keys.organisationKeys[.init(id)] != nil {
            if let row = known[id] {
                try target.insert(row, into: "organisations")
            } else {
                try insertOrganisation(id)
            }
        }
    }

    /// An organisation of which nothing can be believed but that it has a key: with what is decided where nobody does.
    private func insertOrganisation(_ id: String) throws {
        let settings = OrganisationSettings()
        try target.execute(
            sql: """
                INSERT INTO organisations (id, name, nameFolded, createdAt, watermarking, retentionDays, maximumBytes,
                    minimumSeconds, log10Threshold, allowsShort) VALUES (?1, ?1, ?1, 0, ?2, ?3, ?4, ?5, ?6, ?7)
                """,
            arguments: [
                id, settings.isWatermarkingOn, settings.retentionDays, settings.maximumBytes, settings.minimumSeconds,
                settings.log10Threshold, settings.allowsShort,
            ])
    }

    // MARK: Held meetings

    /// A held meeting with all that belongs to it, as it is now.
    private mutating func carry(_ id: MeetingID) throws {
        guard keys.purged[id] == nil else { return }
        let inBackup = try target.has("meetings", id.text)
        var row = vouching.believed(.meeting(id), live)?[0].first
        if row == nil, !inBackup {
            row = try? Row.fetchOne(live, sql: "SELECT * FROM meetings WHERE id = ?", arguments: [id])
            guard let found = row, try target.has("organisations", found.value("organisationID") ?? "") else { return }
            refused.insert(.meeting(id))
        }
        if let row { try set(row, of: id) }
        var roster = vouching.believed(.roster(id), live)
        let events = vouching.believed(.events(id), live)
        if roster == nil, !inBackup {
            roster = unseen(.roster(id))
            refused.insert(.roster(id))
        }
        if events == nil, !inBackup { refused.insert(.events(id)) }
        // Of before what is replaced goes.
        let before = inBackup ? RestoreCarrier.rows(of: .events(id), target) : unseen(.events(id))
        if let roster {
            try target.execute(sql: "DELETE FROM participants WHERE meetingID = ?", arguments: [id])
            for row in roster[0] { try target.insert(row, into: "participants") }
            for row in roster[1] { try target.insert(row, into: "clients", Self.ownPlace) }
        }
        try setEvents(events ?? before, of: id)
    }

    /// Puts the meeting's own row in place.
    private func set(_ row: Row, of id: MeetingID) throws {
        let sealedKey = try self.sealedKey(row, of: id)
        guard try target.has("meetings", id.text) else {
            guard let sealedKey = sealedKey ?? row.bytes("sealedKey") else { return }
            return try target.insert(row, into: "meetings", ["sealedKey": Data(sealedKey).databaseValue])
        }
        for column in row.columnNames where column != "id" && column != "sealedKey" {
            try target.execute(
                sql: "UPDATE meetings SET \(column) = ? WHERE id = ?", arguments: [row[column] as DatabaseValue, id])
        }
        guard let sealedKey else { return }
        try target.execute(
            sql: "UPDATE meetings SET sealedKey = ? WHERE id = ?", arguments: [Data(sealedKey), id])
    }

    /// The meeting's key, if it is sealed under its organisation's key: no seal of rows covers it.
    private func sealedKey(_ row: Row, of id: MeetingID) throws -> [UInt8]? {
        guard let sealed = row.bytes("sealedKey"), let owner: OrganisationID = row.value("organisationID") else {
            return nil
        }
        for key in [keys.organisationKeys[owner], keys.nextKeys[owner]] {
            guard let key else { continue }
            let seal = MeetingKey.Seal(organisationID: owner, meetingID: id, organisationKey: key, wrappingKey: [])
            if (try? MeetingKey.moved(sealed, from: seal, to: key)) != nil { return sealed }
        }
        return nil
    }

    private func setEvents(_ events: [[Row]], of id: MeetingID) throws {
        let clients = """
            (SELECT clients.id FROM clients JOIN participants ON participants.id = participantID WHERE meetingID = ?)
            """
        for table in ["presences", "tickets"] {
            try target.execute(sql: "DELETE FROM \(table) WHERE clientID IN \(clients)", arguments: [id])
        }
        try target.execute(sql: "DELETE FROM commitments WHERE meetingID = ?", arguments: [id])
        let here = try String.fetchSet(target, sql: "SELECT * FROM \(clients)", arguments: [id])
        for (table, rows) in zip(["presences", "tickets"], events) {
            for row in rows where here.contains(row.value("clientID") ?? "") {
                try target.insert(row, into: table, Self.ownPlace)
            }
        }
        for row in events[2] { try target.insert(row, into: "commitments", Self.ownPlace) }
    }

    /// Rows come in their order, to places of their own.
    private static let ownPlace = ["position": DatabaseValue.null]

    /// Rows of the live database that do not verify.
    private func unseen(_ scope: SealScope) -> [[Row]] { Self.rows(of: scope, live) }

    private static func rows(of scope: SealScope, _ database: Database) -> [[Row]] {
        scope.queries.map { (try? Row.fetchAll(database, sql: $0, arguments: scope.arguments)) ?? [] }
    }

    // MARK: Held analyses

    private mutating func carryAnalyses() throws {
        for id in try heldAnalyses() {
            let inBackup = try target.has("analyses", id.text)
            if let believed = vouching.believed(.analysis(id), live) {
                guard let row = believed[0].first, isHeld(row) else { continue }
                try set(row)
            } else if !inBackup,
                let row = try? Row.fetchOne(live, sql: "SELECT * FROM analyses WHERE id = ?", arguments: [id])
            {
                try set(row)
                refused.insert(.analysis(id))
            }
        }
    }

    private func isHeld(_ row: Row) -> Bool {
        let subjects: [String?] = [row.value("id"), row.value("meetingReference"), row.value("meetingID")]
        return subjects.contains { $0.map { holds[$0] != nil } ?? false }
    }

    /// Analyses that a hold keeps by what their rows say, or by what the log says, in their order.
    private func heldAnalyses() throws -> [AnalysisID] {
        let logged = Set(log.analyses.filter { holds[$0.key.text] != nil }.values.joined())
        let rows = try? Row.fetchAll(
            live, sql: "SELECT id, meetingID, meetingReference FROM analyses ORDER BY position")
        return (rows ?? []).compactMap { row in
            guard let id: AnalysisID = row.value("id") else { return nil }
            return isHeld(row) || logged.contains(id) ? id : nil
        }
    }

    /// Puts an analysis in place; one of a meeting that the backup lacks belongs to none.
    private func set(_ row: Row) throws {
        func owner(_ column: String, _ table: String) throws -> DatabaseValue {
            let id: String? = row.value(column)
            return try id.map { try target.has(table, $0) } ?? false ? id.databaseValue : .null
        }
        let owners = ["meetingID": try owner("meetingID", "meetings")]
        let organisation = ["organisationID": try owner("organisationID", "organisations")]
        try target.execute(sql: "DELETE FROM analyses WHERE id = ?", arguments: [row["id"] as DatabaseValue])
        try target.insert(
            row, into: "analyses", Self.ownPlace.merging(owners) { $1 }.merging(organisation) { $1 })
    }
}
