public import EarmarkFiles
import GRDB

/// Whether a client's microphone sends tagged audio, as whoever enrolled it says.
public enum MicrophoneTagging: Sendable, Equatable {
    /// It does not.
    case never
    /// It does, as long as the client is in the meeting.
    case always
    /// It does from a moment on.
    case since(Timestamp)

    /// What the database holds: NULL for never, 0 for always.
    init(stored: Timestamp?) {
        switch stored {
        case nil: self = .never
        case Timestamp(seconds: 0): self = .always
        case .some(let time): self = .since(time)
        }
    }

    var stored: Timestamp? {
        switch self {
        case .never: nil
        case .always: 0
        case .since(let time): time
        }
    }
}

extension Store {
    /// Says whether, and from when on, a client's microphone sends tagged audio.
    ///
    /// Counts for analyses from now on. Whoever says so answers for it: an echo of a client that is said to tag, and
    /// does not, is taken for a recording.
    /// - Throws: `unknownClient`, or `clientCannotCarryMark` for one that cannot mark.
    public func setMicrophoneTagging(_ tagging: MicrophoneTagging, of client: Client) throws(StoreError) {
        guard client.kind.canCarryMark || tagging == .never else {
            throw StoreError(
                .clientCannotCarryMark,
                "client '\(client.id)' is of kind '\(client.kind.rawValue)', which cannot tag its microphone")
        }
        let event = AuditEvent(
            .clientMicrophone, meeting: client.meetingID,
            ["client": client.id.text, "tags": tagging.stored.map { $0.seconds == 0 ? "always" : $0.text } ?? "never"])
        try write(event, changing: [.roster(client.meetingID)]) { database in
            try database.execute(
                sql: "UPDATE clients SET tagsFrom = ? WHERE id = ?", arguments: [tagging.stored, client.id])
            guard database.changesCount == 1 else {
                throw StoreError(.unknownClient, "no client has the identifier '\(client.id)'")
            }
        }
    }

    /// Notes that analyses heard tags of these clients' microphones, where that is new; `analysis`: in which one.
    package func noteTags(heardFrom clients: [ClientID], in analysis: AnalysisID? = nil) throws(StoreError) {
        guard !clients.isEmpty else { return }
        let now = clock()
        let found = try read { database in
            try clients.compactMap { try Self.clients(database, where: "clients.id = ?", [$0]).first }
        }
        let new = Dictionary(grouping: found.filter { $0.tagHeardAt == nil }, by: \.meetingID)
        for (meetingID, clients) in new.sorted(by: { $0.key.text < $1.key.text }) {
            var details = ["clients": clients.map(\.id.text).joined(separator: " ")]
            details["analysis"] = analysis?.text
            let event = AuditEvent(.tagsHeard, meeting: meetingID, details)
            try write(event, changing: [.roster(meetingID)]) { database in
                for client in clients {
                    try database.execute(
                        sql: "UPDATE clients SET tagHeardAt = ? WHERE id = ? AND tagHeardAt IS NULL",
                        arguments: [now, client.id])
                }
            }
        }
    }
}
