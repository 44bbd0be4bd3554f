import EarmarkFiles
package import EarmarkMark
package import EarmarkStore

/// An organisation as JSON.
package struct OrganisationView: Encodable, Sendable {
    package let id: String
    package let name: String
    package let domains: [String]
    package let created: String
    package let settings: SettingsView

    package init(_ organisation: Organisation) {
        id = organisation.id.text
        name = organisation.name
        domains = organisation.domains
        created = organisation.createdAt.text
        settings = SettingsView(organisation.settings)
    }
}

/// An organisation's settings as JSON.
package struct SettingsView: Encodable, Sendable {
    package let watermarking: Bool
    package let retentionDays: Int64
    package let maximumBytes: Int64
    package let minimumSeconds: Double
    package let log10Threshold: Double
    package let allowShort: Bool

    package init(_ settings: OrganisationSettings) {
        watermarking = settings.isWatermarkingOn
        retentionDays = settings.retentionDays
        maximumBytes = settings.maximumBytes
        minimumSeconds = settings.minimumSeconds
        log10Threshold = settings.log10Threshold
        allowShort = settings.allowsShort
    }
}

/// A meeting as JSON.
package struct MeetingView: Encodable, Sendable {
    package let id: String
    package let organisation: String
    package let title: String
    package let start: String
    package let durationSeconds: Int64
    package let host: String?
    package let watermark: Bool
    package let marked: Bool
    package let microphoneTags: Bool
    package let state: String
    package let expires: String
    package let created: String
    package let clients: Int

    package init(_ meeting: Meeting, clients: Int) {
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
}

/// A client as JSON.
package struct ClientView: Encodable, Sendable {
    /// A span of presence as JSON.
    package struct Presence: Encodable, Sendable {
        package let joined: String
        package let left: String?

        package init(_ interval: PresenceInterval) {
            joined = interval.joinedAt.text
            left = interval.leftAt?.text
        }
    }

    package let id: String
    package let meeting: String
    package let participant: String
    package let email: String
    package let device: String
    package let kind: String
    package let canCarryMark: Bool
    package let microphoneTag: String
    package let microphoneTagHeard: String?
    package let presence: [Presence]

    package init(_ client: Client, presence: [PresenceInterval] = []) {
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
}

/// The record of a ticket as JSON.
package struct TicketRecordView: Encodable, Sendable {
    package let id: String
    package let meeting: String
    package let client: String
    package let participant: String
    package let email: String
    package let device: String
    package let issued: String
    package let revoked: String?
    /// Where the ticket was written, if it just was.
    package let file: String?

    package init(_ record: IssuedTicket, file: String? = nil) {
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
}

/// A ticket file without its secrets as JSON.
package struct TicketView: Encodable, Sendable {
    package let id: String
    package let meeting: String
    package let client: String
    package let meetingStart: String
    package let notBefore: String
    package let notAfter: String
    package let record: TicketRecordView?

    package init(_ ticket: Ticket, record: IssuedTicket?) {
        id = ticket.ticketID.text
        meeting = ticket.meetingID
        client = ticket.clientID
        meetingStart = Timestamp(seconds: ticket.meetingStart).text
        notBefore = Timestamp(seconds: ticket.notBefore).text
        notAfter = Timestamp(seconds: ticket.notAfter).text
        self.record = record.map { TicketRecordView($0) }
    }
}

/// An entry of the audit log as JSON.
package struct AuditEntryView: Encodable, Sendable {
    package let position: Int64
    package let id: String
    package let date: String
    package let action: String
    package let link: String
    package let details: [String: String]?

    package init(_ entry: AuditEntry) {
        position = entry.position
        id = entry.id
        date = entry.at.text
        action = entry.action
        link = entry.hash
        details = entry.details
    }
}

/// A commitment as JSON.
package struct CommitmentView: Encodable, Sendable {
    package let meeting: String
    package let root: String
    package let made: String
    package let clients: Int

    package init(_ commitment: SeedCommitment) {
        meeting = commitment.meetingID.text
        root = commitment.root
        made = commitment.createdAt.text
        clients = commitment.clientCount
    }
}

/// A legal hold as JSON.
package struct HoldView: Encodable, Sendable {
    package let subject: String
    package let reason: String
    package let since: String

    package init(_ hold: LegalHold) {
        subject = hold.subject
        reason = hold.reason
        since = hold.heldAt.text
    }
}

/// What retention means now, as JSON.
package struct RetentionView: Encodable, Sendable {
    package let organisation: String
    package let days: Int64
    package let meetings: Int
    package let due: [String]
    package let held: [String]
    package let next: String?
    package let holds: [HoldView]

    package init(_ status: RetentionStatus, holds: [LegalHold]) {
        organisation = status.organisation.id.text
        days = status.organisation.settings.retentionDays
        meetings = status.meetingCount
        due = status.due.map(\.id.text)
        held = status.held.map(\.id.text)
        next = status.nextExpiry?.text
        self.holds = holds.map(HoldView.init)
    }
}
