import EarmarkFiles
import Foundation
import GRDB

/// What was given out, and whether it may still be used.
extension RestoreCarrier {
    /// Tickets that were issued or revoked since, of meetings that no hold keeps: of the others all is carried.
    func carryTickets() throws {
        let clients = try Row.fetchAll(
            target,
            sql: """
                SELECT clients.id, meetingID FROM clients JOIN participants ON participants.id = participantID
                """)
        let owners = clients.reduce(into: [String: String]()) { $0[$1["id"]] = $1["meetingID"] }
        for id in try MeetingID.fetchAll(target, sql: "SELECT id FROM meetings ORDER BY id") {
            for row in vouching.believed(.events(id), live)?[1] ?? [] where owners[row["clientID"]] == id.text {
                if try target.has("tickets", row["id"]) {
                    try target.execute(
                        sql: "UPDATE tickets SET revokedAt = coalesce(revokedAt, ?) WHERE id = ?",
                        arguments: [row["revokedAt"] as DatabaseValue, row["id"] as DatabaseValue])
                } else {
                    try target.insert(row, into: "tickets", ["position": .null])
                }
            }
        }
    }

    /// Bundles that were given out: whoever has one has it, whatever the backup says.
    func carryBundles() throws {
        let ids = (try? BundleID.fetchAll(live, sql: "SELECT id FROM bundles ORDER BY position")) ?? []
        for id in ids {
            guard let row = vouching.believed(.bundle(id), live)?[0].first,
                try target.has("organisations", row["organisationID"])
            else { continue }
            guard try target.has("bundles", id.text) else {
                try target.insert(row, into: "bundles", ["position": .null])
                continue
            }
            try target.execute(
                sql: "UPDATE bundles SET revokedAt = coalesce(min(revokedAt, ?1), revokedAt, ?1) WHERE id = ?2",
                arguments: [row["revokedAt"] as DatabaseValue, id])
        }
    }

    /// Revokes what the log says was revoked.
    func revoke() throws {
        for (id, at) in log.revocations {
            try target.execute(
                sql: "UPDATE tickets SET revokedAt = max(?, issuedAt) WHERE id = ? AND revokedAt IS NULL",
                arguments: [at, id])
            try target.execute(
                sql: "UPDATE bundles SET revokedAt = ? WHERE id = ? AND revokedAt IS NULL", arguments: [at, id])
        }
    }

    /// Purges that were begun, and those of meetings whose key is destroyed and that come back with the backup.
    func carryPurges() throws {
        let begun = (try? Row.fetchAll(live, sql: "SELECT * FROM purges ORDER BY meetingID")) ?? []
        for row in begun {
            guard let id: MeetingID = row.value("meetingID"), let at: Timestamp = row.value("startedAt"),
                vouching.seals.seal(ofPurge: id, at: at) == row.bytes("seal")
            else { continue }
            try begin(id, at)
        }
        for id in try MeetingID.fetchAll(target, sql: "SELECT id FROM meetings ORDER BY id") {
            if let at = keys.purged[id] { try begin(id, at) }
        }
    }

    private func begin(_ id: MeetingID, _ at: Timestamp) throws {
        try target.execute(
            sql: "INSERT OR IGNORE INTO purges (meetingID, startedAt, seal) VALUES (?, ?, ?)",
            arguments: [id, at, Data(vouching.seals.seal(ofPurge: id, at: at))])
    }

    /// Meetings of the live database that the copy lacks, with the time when they are due; where nothing that can be
    /// believed tells it, after the usual retention from now.
    func lostMeetings(now: Timestamp) throws -> [MeetingID: Timestamp] {
        let organisations = vouching.believed(.store, live)?[1] ?? []
        let retention = organisations.reduce(into: [String: Int64]()) { $0[$1["id"]] = $1["retentionDays"] }
        var lost: [MeetingID: Timestamp] = [:]
        for id in keys.wrappingKeys.keys where try !target.has("meetings", id.text) {
            guard let row = vouching.believed(.meeting(id), live)?[0].first else {
                let isThere = (try? live.has("meetings", id.text)) ?? false
                let later = isThere ? now.adding(days: OrganisationSettings().retentionDays) : nil
                lost[id] = keys.lost[id] ?? later
                continue
            }
            let days = retention[row["organisationID"]] ?? OrganisationSettings().retentionDays
            let end = (row["startsAt"] as Timestamp) + (row["durationSeconds"] as Int64)
            lost[id] = end.adding(days: days)
        }
        return lost
    }
}

extension Database {
    /// Whether `table` has a row with this identifier.
    func has(_ table: String, _ id: String) throws -> Bool {
        try Bool.fetchOne(
            cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM \(table) WHERE id = ?)"), arguments: [id]) ?? false
    }

    /// Inserts a row of another database, some of its values replaced.
    func insert(_ row: Row, into table: String, _ replaced: [String: DatabaseValue] = [:]) throws {
        let columns = Array(row.columnNames)
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let values = columns.map { replaced[$0] ?? (row[$0] as DatabaseValue) }
        try cachedStatement(sql: "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))")
            .execute(arguments: StatementArguments(values))
    }

    /// Where the log's entries end.
    func head() throws -> LogHead {
        let last = try Row.fetchOne(self, sql: "SELECT position, hash FROM audit ORDER BY position DESC LIMIT 1")
        let hash: Data? = last?["hash"]
        return LogHead(count: last?["position"] ?? 0, hash: hash.map { [UInt8]($0) } ?? AuditChain.origin)
    }
}
