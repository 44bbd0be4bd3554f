public import EarmarkFiles
import GRDB

/// What restoring a backup takes away: what is in the store now and not in the backup, but for what is on hold.
public struct RestoreLoss: Sendable, Equatable {
    /// When the last entry of the backup's log was written; nil for an empty one.
    public let backupOf: Timestamp?
    /// What is in the store now and would go; nil if the store cannot be read.
    public let content: Content?

    /// What would go.
    public struct Content: Sendable, Equatable {
        /// Names of organisations.
        public let organisations: [String]
        /// Meetings by title and start, newest start first.
        public let meetings: [String]
        /// How many analyses.
        public let analysisCount: Int
    }

    /// Meetings that are named at most.
    private static let meetingsNamed = 10

    /// The same in words.
    public var text: String {
        guard let content else { return "all that is in it, which cannot be read" }
        let named = content.meetings.prefix(Self.meetingsNamed).joined(separator: "; ")
        let more = content.meetings.count > Self.meetingsNamed ? "; and more" : ""
        let organisations = content.organisations.joined(separator: ", ")
        return (organisations.isEmpty ? "" : "what belongs to \(organisations); ")
            + "\(content.meetings.count) meeting\(content.meetings.count == 1 ? "" : "s")"
            + (named.isEmpty ? "" : " (\(named)\(more))")
            + ", \(content.analysisCount) analys\(content.analysisCount == 1 ? "is" : "es"), and every other change "
            + "since \(backupOf?.text ?? "then")"
    }
}

extension Store {
    /// What `restore(from:)` would take away; changes nothing.
    ///
    /// - Throws: as `restore(from:)`, but for `keyRotated`.
    public func loss(fromRestoring path: String) throws(StoreError) -> RestoreLoss {
        let (backupOf, kept) = try withCopy(ofBackup: path) { copy, _ throws(StoreError) in
            try copy.read { database in
                (try Timestamp.fetchOne(database, sql: "SELECT max(at) FROM audit"), try Self.identifiers(database))
            }
        }
        return RestoreLoss(backupOf: backupOf, content: try? content(without: kept))
    }

    private func content(without kept: Set<String>) throws(StoreError) -> RestoreLoss.Content {
        try read { database in
            let held = try Self.holds(database)
            func isLost(_ id: String) -> Bool { !kept.contains(id) && held[id] == nil }
            let meetings = try Row.fetchAll(
                database, sql: "SELECT id, organisationID, title, startsAt FROM meetings ORDER BY startsAt DESC, id")
            let analyses = try Row.fetchAll(
                database, sql: "SELECT id, organisationID, meetingReference FROM analyses")
            // A hold on a meeting or an analysis keeps its organisation.
            let staying = Set(
                try (meetings + analyses).filter { held[try $0.get("id")] != nil }
                    .compactMap { try $0.get("organisationID") as String? })
            let organisations = try Row.fetchAll(
                database, sql: "SELECT id, name FROM organisations ORDER BY nameFolded")
            return RestoreLoss.Content(
                organisations: try organisations.filter {
                    let id: String = try $0.get("id")
                    return isLost(id) && !staying.contains(id)
                }.map { try $0.get("name") },
                meetings: try meetings.filter { isLost(try $0.get("id")) }
                    .map { "\(try $0.get("title") as String), \((try $0.get("startsAt") as Timestamp).text)" },
                analysisCount: try analyses.count {
                    let reference: String? = try $0.get("meetingReference")
                    return isLost(try $0.get("id")) && (reference.map { held[$0] == nil } ?? true)
                })
        }
    }

    private static func identifiers(_ database: Database) throws -> Set<String> {
        try String.fetchSet(
            database,
            sql: "SELECT id FROM organisations UNION ALL SELECT id FROM meetings UNION ALL SELECT id FROM analyses")
    }
}
