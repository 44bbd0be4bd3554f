import EarmarkConsole
import EarmarkFiles
import EarmarkReport
package import EarmarkService
package import EarmarkStore

extension MeetingView {
    /// The meeting for people.
    package var text: String {
        Table.list([
            "meeting": id, "title": title, "start": start,
            "local time": Timestamp(start).map(LocalTime.text), "duration": DurationText.text(durationSeconds),
            "host": host, "state": state, "watermark": marked ? "on" : "off",
            "microphone tags": microphoneTags ? "on" : "off", "expires": expires,
            "clients": String(clients),
        ])
    }
}

extension Meeting {
    /// Identifier, title and start, so that whoever is told of it can see which one it is.
    package var mention: String { "'\(id)' (\(title), \(LocalTime.text(startsAt)))" }
}

extension ClientView {
    /// Clients for people.
    package static func table(_ clients: [ClientView]) -> String {
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
    package static func table(_ tickets: [TicketRecordView]) -> String {
        var table = Table("TICKET", "CLIENT", "E-MAIL", "DEVICE", "ISSUED", "REVOKED")
        for ticket in tickets {
            table.add(ticket.id, ticket.client, ticket.email, ticket.device, ticket.issued, ticket.revoked ?? "-")
        }
        return table.text
    }
}

extension TicketView {
    /// The ticket for people.
    package var text: String { text(status: nil) }

    /// The same below what it may do.
    func text(status: String?) -> String {
        Table.list([
            "status": status, "ticket": id, "meeting": meeting, "client": client, "participant": record?.participant,
            "e-mail": record?.email, "device": record?.device, "start": meetingStart, "valid from": notBefore,
            "valid to": notAfter, "issued": record?.issued, "revoked": record.map { $0.revoked ?? "no" },
        ])
    }
}

extension RetentionView {
    /// The same for people.
    package var text: String {
        let list = Table.list([
            "retention": "\(Counted.text(days, "day")) after the planned end", "meetings": String(meetings),
            "due": due.isEmpty ? "none" : due.joined(separator: ", "), "next due": next,
            "kept for a hold": held.isEmpty ? nil : held.joined(separator: ", "),
        ])
        guard !holds.isEmpty else { return list }
        var table = Table("ON HOLD", "SINCE", "REASON")
        for hold in holds { table.add(hold.subject, hold.since, hold.reason) }
        return list + "\n\n" + table.text
    }
}

extension AuditEntryView {
    /// Entries for people.
    package static func table(_ entries: [AuditEntryView]) -> String {
        var table = Table("PLACE", "DATE", "ACTION", "WHO", "DETAILS")
        for entry in entries {
            let details = (entry.details ?? [:]).filter { !["actor", "host"].contains($0.key) }
            let text = details.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            table.add(
                String(entry.position), entry.date, entry.action,
                [entry.details?["actor"] ?? "-", entry.details?["host"]].compactMap { $0 }.joined(separator: "@"),
                entry.details == nil ? "(purged)" : text)
        }
        return table.text
    }
}

extension OrganisationView {
    /// Organisations for people.
    package static func table(_ organisations: [OrganisationView]) -> String {
        var table = Table("ORGANISATION", "NAME", "DOMAINS")
        for organisation in organisations {
            let domains = organisation.domains.joined(separator: ", ")
            table.add(organisation.id, organisation.name, domains.isEmpty ? "-" : domains)
        }
        return table.text
    }
}
