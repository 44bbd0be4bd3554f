import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService

extension MeetingView {
    /// The meeting for people.
    var text: String {
        Table.list([
            "meeting": id, "title": title, "start": start,
            "local time": Timestamp(start).map(LocalTime.text), "duration": DurationText.text(durationSeconds),
            "host": host, "state": state, "watermark": marked ? "on" : "off",
            "microphone tags": microphoneTags ? "on" : "off", "expires": expires,
            "clients": String(clients),
        ])
    }
}

extension ClientView {
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

extension TicketRecordView {
    /// Tickets for people.
    static func table(_ tickets: [TicketRecordView]) -> String {
        var table = Table("TICKET", "CLIENT", "E-MAIL", "DEVICE", "ISSUED", "REVOKED")
        for ticket in tickets {
            table.add(ticket.id, ticket.client, ticket.email, ticket.device, ticket.issued, ticket.revoked ?? "-")
        }
        return table.text
    }
}

extension TicketView {
    /// The ticket for people.
    var text: String {
        Table.list([
            "ticket": id, "meeting": meeting, "client": client, "participant": record?.participant,
            "e-mail": record?.email, "device": record?.device, "start": meetingStart, "valid from": notBefore,
            "valid to": notAfter, "issued": record?.issued, "revoked": record.map { $0.revoked ?? "no" },
        ])
    }
}
