import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords

extension MeetingCommand {
    /// The command `earmark meeting list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the organisation's meetings, newest start first.",
            discussion: """
                  earmark meeting list
                  earmark meeting list --since 2026-03-01 --title board -n 5
                  earmark meeting list --json
                """)

        @Option(
            help: ArgumentHelp("Only meetings that end after this; a bare day is its first second.", valueName: "time"))
        var since: TimeArgument?

        @Option(
            help: ArgumentHelp(
                "Only meetings that begin before this; a bare day is its first second.", valueName: "time"))
        var until: TimeArgument?

        @Option(help: ArgumentHelp("Only meetings whose title holds this, in whatever case.", valueName: "text"))
        var title: String?

        @OptionGroup var limit: LimitOption
        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let organisation = try organisationOption.organisation(in: store)
            let counts = try store.clientCounts(in: organisation.id)
            let wanted = title?.lowercased()
            let chosen = try store.meetings(in: organisation.id).filter { meeting in
                since.map { meeting.endsAt > $0.time } ?? true && until.map { meeting.startsAt < $0.time } ?? true
                    && wanted.map { meeting.title.lowercased().contains($0) } ?? true
            }
            let meetings = limit.first(of: chosen).map { MeetingView($0, clients: counts[$0.id] ?? 0) }
            var table = Table("MEETING", "START", "DURATION", "STATE", "CLIENTS", "TITLE")
            for meeting in meetings {
                table.add(
                    meeting.id, meeting.start, DurationText.text(meeting.durationSeconds), meeting.state,
                    String(meeting.clients), meeting.title)
            }
            try json.print(["meetings": meetings], human: table.text)
        }
    }
}

/// How much of a list is shown.
struct LimitOption: ParsableArguments {
    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Show no more than this.", valueName: "count"))
    var limit: Int?

    mutating func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    /// What is shown of a list.
    func first<Element>(of list: [Element]) -> [Element] { limit.map { Array(list.prefix($0)) } ?? list }
}
