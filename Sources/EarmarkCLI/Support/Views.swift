import EarmarkFiles
import EarmarkMark
import EarmarkReport
import EarmarkStore

/// An organisation as JSON.
struct OrganisationView: Encodable {
    let id: String
    let name: String
    let domains: [String]
    let created: String
    let settings: SettingsView

    init(_ organisation: Organisation) {
        id = organisation.id.text
        name = organisation.name
        domains = organisation.domains
        created = organisation.createdAt.text
        settings = SettingsView(organisation.settings)
    }
}

/// An organisation's settings as JSON.
struct SettingsView: Encodable {
    let watermarking: Bool
    let retentionDays: Int64
    let maximumBytes: Int64
    let minimumSeconds: Double
    let log10Threshold: Double
    let allowShort: Bool

    init(_ settings: OrganisationSettings) {
        watermarking = settings.isWatermarkingOn
        retentionDays = settings.retentionDays
        maximumBytes = settings.maximumBytes
        minimumSeconds = settings.minimumSeconds
        log10Threshold = settings.log10Threshold
        allowShort = settings.allowsShort
    }
}

/// A meeting as JSON.
struct MeetingView: Encodable {
    let id: String
    let organisation: String
    let title: String
    let start: String
    let durationSeconds: Int64
    let host: String?
    let watermark: Bool
    let marked: Bool
    let microphoneTags: Bool
    let state: String
    let expires: String
    let created: String
    let clients: Int

    init(_ meeting: Meeting, clients: Int) {
        id = meeting.id.text
        organisation = meeting.organisationID.text
        title = meeting.title
        start = meeting.startsAt.text
        durationSeconds = meeting.durationSeconds
        host = meeting.hostEmail
        watermark = meeting.isWatermarkOn
        marked = meeting.isMarked
        microphoneTags = meeting.hasMicrophoneTags
        state = meeting.state.rawValue
        expires = meeting.expiresAt.text
        created = meeting.createdAt.text
        self.clients = clients
    }

    /// The meeting for people.
    var text: String {
        Table.list([
            "meeting": id, "title": title, "start": start, "duration": DurationText.text(durationSeconds),
            "host": host, "state": state, "watermark": marked ? "on" : "off",
            "microphone tags": microphoneTags ? "on" : "off", "expires": expires,
            "clients": String(clients),
        ])
    }
}

/// A client as JSON.
struct ClientView: Encodable {
    /// A span of presence as JSON.
    struct Presence: Encodable {
        let joined: String
        let left: String?

        init(_ interval: PresenceInterval) {
            joined = interval.joinedAt.text
            left = interval.leftAt?.text
        }
    }

    let id: String
    let meeting: String
    let participant: String
    let email: String
    let device: String
    let kind: String
    let canCarryMark: Bool
    let microphoneTag: String
    let microphoneTagHeard: String?
    let presence: [Presence]

    init(_ client: Client, presence: [PresenceInterval] = []) {
        id = client.id.text
        meeting = client.meetingID.text
        participant = client.participant
        email = client.email
        device = client.device
        kind = client.kind.rawValue
        canCarryMark = client.kind.canCarryMark
        switch client.tagging {
        case .never: microphoneTag = "never"
        case .always: microphoneTag = "always"
        case .since(let time): microphoneTag = time.text
        }
        microphoneTagHeard = client.tagHeardAt?.text
        self.presence = presence.map(Presence.init)
    }

    /// Clients for people.
    static func table(_ clients: [ClientView]) -> String {
        var table = Table("CLIENT", "PARTICIPANT", "E-MAIL", "DEVICE", "KIND", "MARK")
        for client in clients {
            table.add(
                client.id, client.participant, client.email, client.device, client.kind,
                client.canCarryMark ? "yes" : "no")
        }
        return table.text
    }
}

/// The record of a ticket as JSON.
struct TicketRecordView: Encodable {
    let id: String
    let meeting: String
    let client: String
    let participant: String
    let email: String
    let device: String
    let issued: String
    let revoked: String?
    /// Where the ticket was written, if it just was.
    let file: String?

    init(_ record: IssuedTicket, file: String? = nil) {
        id = record.id.text
        meeting = record.client.meetingID.text
        client = record.client.id.text
        participant = record.client.participant
        email = record.client.email
        device = record.client.device
        issued = record.issuedAt.text
        revoked = record.revokedAt?.text
        self.file = file
    }

    /// Tickets for people.
    static func table(_ tickets: [TicketRecordView]) -> String {
        var table = Table("TICKET", "CLIENT", "E-MAIL", "DEVICE", "ISSUED", "REVOKED")
        for ticket in tickets {
            table.add(ticket.id, ticket.client, ticket.email, ticket.device, ticket.issued, ticket.revoked ?? "-")
        }
        return table.text
    }
}

/// A ticket file without its secrets as JSON.
struct TicketView: Encodable {
    let id: String
    let meeting: String
    let client: String
    let meetingStart: String
    let notBefore: String
    let notAfter: String
    let record: TicketRecordView?

    init(_ ticket: Ticket, record: IssuedTicket?) {
        id = ticket.ticketID.text
        meeting = ticket.meetingID
        client = ticket.clientID
        meetingStart = Timestamp(seconds: ticket.meetingStart).text
        notBefore = Timestamp(seconds: ticket.notBefore).text
        notAfter = Timestamp(seconds: ticket.notAfter).text
        self.record = record.map { TicketRecordView($0) }
    }

    /// The ticket for people.
    var text: String {
        Table.list([
            "ticket": id, "meeting": meeting, "client": client, "participant": record?.participant,
            "e-mail": record?.email, "device": record?.device, "start": meetingStart, "valid from": notBefore,
            "valid to": notAfter, "issued": record?.issued, "revoked": record.map { $0.revoked ?? "no" },
        ])
    }
}
