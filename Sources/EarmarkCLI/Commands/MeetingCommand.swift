import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords

/// The command `earmark meeting`.
struct MeetingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meeting", abstract: "Enrol, show, change and delete meetings.",
        subcommands: [Create.self, Import.self, List.self, Show.self, Edit.self, Delete.self], aliases: ["meetings"])

    /// The command `earmark meeting create`.
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enrol a meeting with its clients.",
            discussion: """
                The roster is a CSV file in UTF-8, separated by commas, semicolons or tabs, with the columns \
                participant, email, device and optionally kind and \
                microphone, in any order. Kinds are desktop (default), mobile and room, which carry a mark, and web, \
                telephone and sip, which cannot. Microphone is on (default) where the client tags what its microphone \
                sends, else off. If any row is wrong, nothing is enrolled.

                  earmark meeting create --title Board --start 2026-03-02T09:00:00Z \\
                    --roster roster.csv
                  earmark meeting create --title Review --start 2026-03-02T10:00+01:00 \\
                    --duration 90m --host ada@example.org

                With --split-keys the meeting's key opens only with both share files, which two persons keep apart \
                from each other and from the store; commands that need the key take --share FILE --share FILE.

                  earmark meeting create --title Merger --start 2026-03-02T09:00Z \\
                    --split-keys a.share --split-keys b.share
                """)

        @Option(help: "Title of the meeting.")
        var title: String

        @Option(
            help: ArgumentHelp(
                "Planned start: ISO 8601, '2026-11-29 10:00', 'today 14:00' or now; local time unless it names a zone.",
                discussion: "Second 0 of the meeting's timeline.", valueName: TimeArgument.valueName))
        var start: TimeArgument

        @Option(
            help: ArgumentHelp(
                "Planned duration: 2h, 90m, 1h30m or seconds, at most 24h. (default: 2h)", valueName: "duration"))
        var duration: DurationArgument?

        @Option(help: ArgumentHelp("The host; foreign if the domain is not the organisation's.", valueName: "email"))
        var host: String?

        @Option(help: "Whether this meeting is marked.")
        var watermark: Toggle = .on

        @Option(help: "Whether its clients tag what their microphones send.")
        var microphoneTags: Toggle = .on

        @Option(
            name: .shortAndLong, help: ArgumentHelp("CSV file with the clients.", valueName: "file"),
            completion: .file())
        var roster: String?

        @Option(help: ArgumentHelp("Share file to create, mode 0600; to be given twice.", valueName: "file"))
        var splitKeys: [String] = []

        @Option(
            help: ArgumentHelp(
                "Why it is on legal hold from the start; needed where its retention has run out already.",
                valueName: "reason"))
        var hold: String?

        @OptionGroup var confirmation: Confirmation
        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let organisation = try organisationOption.organisation(in: store)
            start.tell("--start")
            try MeetingCommand.requireNear(start.time, confirmation)
            let draft = MeetingDraft(
                title: title, startsAt: start.time,
                durationSeconds: duration?.seconds ?? MeetingDraft.defaultDuration, hostEmail: host,
                isWatermarkOn: watermark == .on, hasMicrophoneTags: microphoneTags == .on,
                holdReason: hold)
            let entries = try roster.map(RosterFile.read) ?? []
            let twin = try store.meetings(like: title, at: start.time, in: organisation.id).first
            let meeting = try create(draft, entries, in: organisation.id, store)
            if let twin { MeetingCommand.warn(ofTwin: twin) }
            MeetingCommand.warn(ofForeign: meeting)
            let view = MeetingView(meeting, clients: entries.count)
            try json.print(["meeting": view], human: view.text)
        }

        mutating func validate() throws {
            guard splitKeys.isEmpty || splitKeys.count == KeyShare.count, Swift.Set(splitKeys).count == splitKeys.count
            else { throw ValidationError("--split-keys must be given twice, with different files.") }
            try MeetingCommand.requireTimeOfDay(start)
        }

        private func create(
            _ draft: MeetingDraft, _ entries: [RosterEntry], in organisationID: OrganisationID, _ store: Store
        ) throws -> Meeting {
            guard !splitKeys.isEmpty else { return try store.createMeeting(draft, roster: entries, in: organisationID) }
            return try store.createSplitMeeting(draft, roster: entries, in: organisationID, sharesIn: splitKeys).meeting
        }
    }

    /// The command `earmark meeting show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a meeting and its clients.",
            discussion: """
                  earmark meeting show Board
                  earmark meeting show latest
                """)

        @Argument(help: Named.meetingHelp, completion: Named.meetings)
        var meeting: String

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let organisation = try organisationOption.filter(in: store)
            let meeting = try store.meeting(try store.meetingID(named: meeting, in: organisation), in: organisation)
            let clients = try ClientCommand.views(meeting: meeting.id, store: store)
            let view = MeetingView(meeting, clients: clients.count)
            try json.print(
                ["meeting": view, "clients": clients],
                human: clients.isEmpty ? view.text : view.text + "\n\n" + ClientView.table(clients))
        }
    }
}

/// Reads roster files.
enum RosterFile {
    /// The entries of the roster at `path`.
    static func read(_ path: String) throws -> [RosterEntry] {
        try Roster.parse(try SmallFile.read(path, maximumByteCount: Roster.maximumByteCount))
    }
}
