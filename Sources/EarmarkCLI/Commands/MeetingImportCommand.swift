import ArgumentParser
import EarmarkFiles
import EarmarkReport
import EarmarkStore
import Foundation

extension MeetingCommand {
    /// The command `earmark meeting import`.
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enrol many meetings with their clients at once, all or none.",
            discussion: """
                The file holds one JSON object a line: 'title' and 'start' (ISO 8601), optionally 'duration' (as of \
                'meeting create'), 'host', 'watermark' (on or off), and 'clients', a list of objects with \
                'participant', \
                'email', 'device' and optionally 'kind'. Any other member is an error.

                  earmark meeting import meetings.ndjson
                  earmark meeting import meetings.ndjson --json | jq -r '.meetings[].id'
                """)

        /// Largest file that is read, in bytes: over a million clients.
        private static let maximumByteCount = 512 << 20

        @Argument(help: ArgumentHelp("The meetings, one JSON object a line.", valueName: "file"), completion: .file())
        var file: String

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let organisation = try organisationOption.organisation(in: store)
            let bytes = try SmallFile.read(file, maximumByteCount: Import.maximumByteCount)
            let drafts = try MeetingLines.parse(bytes, source: file)
            let meetings = try store.createMeetings(drafts, in: organisation.id)
            let views = zip(meetings, drafts).map { MeetingView($0, clients: $1.roster.count) }
            var table = Table("MEETING", "START", "CLIENTS", "TITLE")
            for view in views { table.add(view.id, view.start, String(view.clients), view.title) }
            try json.print(["meetings": views], human: table.text)
        }
    }
}

/// Reads meetings with their rosters, one JSON object a line.
enum MeetingLines {
    private struct Line: Decodable {
        struct Client: Decodable {
            let participant: String
            let email: String
            let device: String
            let kind: String?
        }

        let title: String
        let start: String
        let duration: String?
        let host: String?
        let watermark: String?
        let clients: [Client]?
    }

    private static let members: Set<String> = ["title", "start", "duration", "host", "watermark", "clients"]
    private static let clientMembers: Set<String> = ["participant", "email", "device", "kind"]

    /// The meetings in `bytes`; `source` names them in messages.
    ///
    /// - Throws: `invalidInput` that names the line and what is wrong with it.
    static func parse(
        _ bytes: [UInt8], source: String
    ) throws(CommandError) -> [(meeting: MeetingDraft, roster: [RosterEntry])] {
        let decoder = JSONDecoder()
        var drafts: [(meeting: MeetingDraft, roster: [RosterEntry])] = []
        for (index, text) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard text.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
            func refuse(_ reason: String) -> CommandError {
                CommandError(.invalidInput, "'\(source)', line \(index + 1): \(reason)")
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
        guard !drafts.isEmpty else { throw CommandError(.invalidInput, "'\(source)' holds no meeting") }
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
        guard let start = TimeArgument(argument: line.start) else { throw Problem(text: "'start' is not a time") }
        var draft = MeetingDraft(title: line.title, startsAt: start.seconds, hostEmail: line.host)
        if let text = line.duration {
            guard let duration = DurationArgument(argument: text) else {
                throw Problem(text: "'duration' is none; write 2h, 90m or seconds")
            }
            draft.durationSeconds = duration.seconds
        }
        if let text = line.watermark {
            guard let toggle = Toggle(rawValue: text) else { throw Problem(text: "'watermark' is neither on nor off") }
            draft.isWatermarkOn = toggle == .on
        }
        return draft
    }

    private static func roster(_ line: Line) throws(Problem) -> [RosterEntry] {
        var entries: [RosterEntry] = []
        for client in line.clients ?? [] {
            guard let kind = client.kind.map(ClientKind.init(rawValue:)) ?? .desktop else {
                throw Problem(text: "client kind '\(client.kind ?? "")' is unknown")
            }
            entries.append(
                RosterEntry(participant: client.participant, email: client.email, device: client.device, kind: kind))
        }
        return entries
    }
}
