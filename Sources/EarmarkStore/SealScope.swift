import EarmarkFiles
import GRDB

/// Rows that are authenticated together.
enum SealScope: Hashable, Sendable {
    /// The store itself, its organisations with their settings and domains, and all legal holds.
    case store
    /// What a meeting is.
    case meeting(MeetingID)
    /// Who takes part in a meeting, with which endpoints.
    case roster(MeetingID)
    /// What became of a meeting's clients: presences, tickets, commitments.
    case events(MeetingID)
    /// A stored answer or refusal.
    case analysis(AnalysisID)
    /// A sealed bundle that was given out.
    case bundle(BundleID)
    /// The purges that were begun; none has no seal, so that stores of before need none.
    case purges

    /// The three scopes of a meeting.
    static func all(of meeting: MeetingID) -> [SealScope] { [.meeting(meeting), .roster(meeting), .events(meeting)] }

    /// Names the scope in the database and in its seal.
    var name: String {
        switch self {
        case .store: "store"
        case .meeting(let id): "meeting/\(id)"
        case .roster(let id): "roster/\(id)"
        case .events(let id): "events/\(id)"
        case .analysis(let id): "analysis/\(id)"
        case .bundle(let id): "bundle/\(id)"
        case .purges: "purges"
        }
    }

    /// Reads a name.
    init?(name: String) {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            guard let single = [Self.store, .purges].first(where: { $0.name == name }) else { return nil }
            self = single
            return
        }
        switch parts[0] {
        case "meeting": self = .meeting(MeetingID(parts[1]))
        case "roster": self = .roster(MeetingID(parts[1]))
        case "events": self = .events(MeetingID(parts[1]))
        case "analysis": self = .analysis(AnalysisID(parts[1]))
        case "bundle": self = .bundle(BundleID(parts[1]))
        default: return nil
        }
    }

    /// What it is, for people.
    var subject: String {
        switch self {
        case .store: "what the store holds of settings, domains and legal holds"
        case .meeting(let id): "meeting '\(id)'"
        case .roster(let id): "the roster of meeting '\(id)'"
        case .events(let id): "what the store holds of presences, tickets and commitments of meeting '\(id)'"
        case .analysis(let id): "analysis '\(id)'"
        case .bundle(let id): "bundle '\(id)'"
        case .purges: "the record of purges that were begun"
        }
    }

    /// The rows, table by table.
    var queries: [String] {
        switch self {
        case .store:
            [
                "SELECT id, createdAt FROM store", "SELECT * FROM organisations ORDER BY id",
                "SELECT * FROM domains ORDER BY domain", "SELECT * FROM holds ORDER BY subject",
            ]
        case .meeting: ["SELECT * FROM meetings WHERE id = ?"]
        case .roster:
            [
                "SELECT * FROM participants WHERE meetingID = ? ORDER BY id",
                """
                SELECT clients.* FROM participants JOIN clients ON clients.participantID = participants.id
                WHERE meetingID = ? ORDER BY clients.position
                """,
            ]
        case .events:
            [
                Self.ofClients("presences"), Self.ofClients("tickets"),
                "SELECT * FROM commitments WHERE meetingID = ? ORDER BY position",
            ]
        case .analysis: ["SELECT * FROM analyses WHERE id = ?"]
        case .bundle: ["SELECT * FROM bundles WHERE id = ?"]
        case .purges: ["SELECT * FROM purges ORDER BY meetingID"]
        }
    }

    /// Columns that are authenticated otherwise: sealed keys, which a rotation seals anew.
    static let otherwiseSealed: Set<String> = ["sealedKey"]

    /// What stands for the question mark.
    var arguments: StatementArguments {
        switch self {
        case .store, .purges: []
        case .meeting(let id), .roster(let id), .events(let id): [id]
        case .analysis(let id): [id]
        case .bundle(let id): [id]
        }
    }

    /// Rows of `table` that belong to clients of the meeting.
    private static func ofClients(_ table: String) -> String {
        """
        SELECT \(table).* FROM participants JOIN clients ON clients.participantID = participants.id
        JOIN \(table) ON \(table).clientID = clients.id WHERE participants.meetingID = ? ORDER BY \(table).position
        """
    }
}
