import EarmarkFiles
import Foundation

/// Reads meetings with their rosters, one JSON object a line.
package enum MeetingLines {
    /// Largest file that is read, in bytes: over a million clients.
    package static let maximumByteCount = 512 << 20

    private struct Line: Decodable {
        struct Client: Decodable {
            let participant: String
            let email: String
            let device: String
            let kind: String?
            let microphone: String?
        }

        let title: String
        let start: String
        let duration: String?
        let host: String?
        let watermark: String?
        let microphoneTags: String?
        let hold: String?
        let clients: [Client]?
    }

    private static let members: Set<String> = [
        "title", "start", "duration", "host", "watermark", "microphoneTags", "hold", "clients",
    ]
    private static let clientMembers: Set<String> = ["participant", "email", "device", "kind", "microphone"]

    /// The meetings in `bytes`; `source` names them in messages.
    ///
    /// - Throws: `valueInvalid` that names the line and what is wrong with it.
    package static func parse(
        _ bytes: [UInt8], source: String
    ) throws(StoreError) -> [(meeting: MeetingDraft, roster: [RosterEntry])] {
        let decoder = JSONDecoder()
        var drafts: [(meeting: MeetingDraft, roster: [RosterEntry])] = []
        for (index, text) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard text.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
            func refuse(_ reason: String) -> StoreError {
                StoreError(.valueInvalid, "'\(source)', line \(index + 1): \(reason)")
            }
            let data = Data(text)
            let line: Line
            do {
                line = try decoder.decode(Line.self, from: data)
            } catch {
                throw refuse("is not an object with 'title', 'start' and clients with 'participant', 'email', 'device'")
            }
            if let name = unknownMember(data) { throw refuse("has an unknown member '\(name)'") }
            do throws(Problem) {
                drafts.append((try draft(line), try roster(line)))
            } catch {
                throw refuse(error.text)
            }
        }
        guard !drafts.isEmpty else { throw StoreError(.valueInvalid, "'\(source)' holds no meeting") }
        return drafts
    }

    private struct Problem: Error {
        let text: String
    }

    private static func unknownMember(_ data: Data) -> String? {
        guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else { return nil }
        if let name = object.keys.first(where: { !members.contains($0) }) { return name }
        let clients = object["clients"] as? [[String: Any]] ?? []
        return clients.lazy.flatMap(\.keys).first { !clientMembers.contains($0) }
    }

    private static func draft(_ line: Line) throws(Problem) -> MeetingDraft {
        guard let start = Timestamp(line.start) else { throw Problem(text: "'start' is not a time") }
        var draft = MeetingDraft(title: line.title, startsAt: start, hostEmail: line.host)
        if let text = line.duration {
            guard let duration = DurationText.parse(text) else {
                throw Problem(text: "'duration' is none; write 2h, 90m or seconds")
            }
            draft.durationSeconds = duration
        }
        if let text = line.watermark { draft.isWatermarkOn = try isOn(text, "watermark") }
        if let text = line.microphoneTags { draft.hasMicrophoneTags = try isOn(text, "microphoneTags") }
        draft.holdReason = line.hold
        return draft
    }

    private static func isOn(_ text: String, _ name: String) throws(Problem) -> Bool {
        guard ["on", "off"].contains(text) else { throw Problem(text: "'\(name)' is neither on nor off") }
        return text == "on"
    }

    private static func roster(_ line: Line) throws(Problem) -> [RosterEntry] {
        var entries: [RosterEntry] = []
        for client in line.clients ?? [] {
            guard let kind = client.kind.map(ClientKind.init(rawValue:)) ?? .desktop else {
                throw Problem(text: "client kind '\(client.kind ?? "")' is unknown")
            }
            entries.append(
                RosterEntry(
                    participant: client.participant, email: client.email, device: client.device, kind: kind,
                    hasMicrophoneTag: try client.microphone.map { text throws(Problem) in
                        try isOn(text, "microphone")
                    } ?? true))
        }
        return entries
    }
}
