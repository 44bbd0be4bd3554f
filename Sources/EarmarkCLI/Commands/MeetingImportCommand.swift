import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords

extension MeetingCommand {
    /// The command `earmark meeting import`.
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enrol many meetings with their clients at once, all or none.",
            discussion: """
                Each line is a JSON object: 'title' and 'start' (ISO 8601), and optionally 'clients', objects with \
                a roster's columns, 'duration', 'host', 'watermark', 'microphoneTags', 'hold', and no other member.

                  earmark meeting import meetings.ndjson
                  earmark meeting import meetings.ndjson --json | jq -r '.meetings[].id'
                """)

        @Argument(help: ArgumentHelp("The meetings, one JSON object a line.", valueName: "file"), completion: .file())
        var file: String

        @OptionGroup var progress: ProgressOption
        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let organisation = try organisationOption.organisation(in: store)
            let bytes = try SmallFile.read(file, maximumByteCount: MeetingLines.maximumByteCount)
            let drafts = try MeetingLines.parse(bytes, source: file)
            let known = try drafts.flatMap { draft in
                try store.meetings(like: draft.meeting.title, at: draft.meeting.startsAt, in: organisation.id)
            }
            if let first = known.first {
                let meetings = Counted.text(known.count, "meeting")
                Output.message(
                    "earmark: warning: \(meetings) of the same title and start enrolled already, such as \(first)")
            }
            let writing = progress.start("enrolling", total: Double(drafts.count), unit: "meetings")
            let meetings = try store.createMeetings(drafts, in: organisation.id) { writing.update(Double($0)) }
            writing.finish()
            for meeting in meetings { MeetingCommand.warn(ofForeign: meeting) }
            let views = zip(meetings, drafts).map { MeetingView($0, clients: $1.roster.count) }
            var table = Table("MEETING", "START", "CLIENTS", "TITLE")
            for view in views { table.add(view.id, view.start, String(view.clients), view.title) }
            try json.print(["meetings": views], human: table.text)
        }
    }
}
