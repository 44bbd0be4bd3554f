import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords

/// The command `earmark client`.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Add, list and remove the clients of a meeting.",
        discussion: "A client is one device of one participant in one meeting.",
        subcommands: [Add.self, List.self, Remove.self, Join.self, Leave.self, Microphone.self],
        aliases: ["clients"])

    /// The clients of a meeting with their presence; that they are shown is logged.
    static func views(meeting: MeetingID, store: Store) throws(StoreError) -> [ClientView] {
        let presences = try store.presences(inMeeting: meeting)
        try store.noteView(of: "clients", inMeeting: meeting)
        return try store.clients(ofMeeting: meeting).map { ClientView($0, presence: presences[$0.id] ?? []) }
    }

    /// The command `earmark client add`.
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a client, or a roster of them, to a meeting.",
            discussion: """
                A participant that the meeting knows by e-mail gets a further device.

                  earmark client add --meeting Board --participant "Ada L." \\
                    --email ada@example.org --device laptop
                  earmark client add --meeting Board --roster latecomers.csv
                """)

        @OptionGroup var meetingOption: MeetingOption

        @Option(help: "The participant's name.")
        var participant: String?

        @Option(help: "The participant's e-mail.")
        var email: String?

        @Option(help: "Name of the device.")
        var device: String?

        @Option(
            help: ArgumentHelp(
                "desktop, mobile, room, or, without a mark, web, telephone, sip. (default: desktop)",
                valueName: "kind"))
        var kind: KindArgument?

        @Option(
            help: ArgumentHelp("CSV file with clients, instead of the four options above.", valueName: "file"),
            completion: .file())
        var roster: String?

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            let isSingle = participant != nil || email != nil || device != nil || kind != nil
            let isComplete = participant != nil && email != nil && device != nil
            guard roster == nil ? isComplete : !isSingle else {
                throw ValidationError("Give --participant, --email and --device, or else --roster.")
            }
        }

        func run() throws {
            let store = try storeOptions.open()
            let clients = try store.addClients(try entries(), toMeeting: try meetingOption.meeting(in: store).id)
                .map { ClientView($0) }
            try json.print(["clients": clients], human: ClientView.table(clients))
        }

        private func entries() throws -> [RosterEntry] {
            if let roster { return try RosterFile.read(roster) }
            return [
                RosterEntry(
                    participant: participant ?? "", email: email ?? "", device: device ?? "",
                    kind: kind?.kind ?? .desktop)
            ]
        }
    }

    /// The command `earmark client list`.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the clients of a meeting.",
            discussion: """
                  earmark client list --meeting Board --json
                """)

        @OptionGroup var meetingOption: MeetingOption

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let clients = try ClientCommand.views(meeting: try meetingOption.meeting(in: store).id, store: store)
            try json.print(["clients": clients], human: ClientView.table(clients))
        }
    }

    /// The command `earmark client join`.
    struct Join: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Note that a client joined its meeting, again or for the first time.",
            discussion: """
                  earmark client join --meeting Board --client ada@example.org \\
                    --at 2026-03-02T09:04:00Z
                """)

        @OptionGroup var event: PresenceOptions

        func run() throws {
            try event.record { (store, client, time) throws(StoreError) in
                try store.recordJoin(ofClient: client, at: time)
            }
        }
    }

    /// The command `earmark client leave`.
    struct Leave: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Note that a client left its meeting.",
            discussion: """
                  earmark client leave --meeting Board --client ada@example.org
                """)

        @OptionGroup var event: PresenceOptions

        func run() throws {
            try event.record { (store, client, time) throws(StoreError) in
                try store.recordLeave(ofClient: client, at: time)
            }
        }
    }
}

extension ClientCommand {
    /// The command `earmark client microphone`.
    struct Microphone: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether a client tags what its microphone sends.",
            discussion: """
                Analyses take an echo of a client for a recording if the client is said to tag and does not.

                  earmark client microphone off --meeting Board --client ada@example.org
                  earmark client microphone on --meeting Board \\
                    --client ada@example.org --from 2026-03-02T09:20:00Z
                """)

        @Argument(help: "on or off.")
        var tags: Toggle

        @OptionGroup var meetingOption: MeetingOption

        @Option(help: Named.clientHelp, completion: Named.clients)
        var client: String

        @Option(help: ArgumentHelp("From when on it tags. (default: always)", valueName: "time"))
        var from: TimeArgument?

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            guard tags == .on || from == nil else { throw ValidationError("--from goes with on.") }
        }

        func run() throws {
            let store = try storeOptions.open()
            let meeting = try meetingOption.meeting(in: store)
            let found = try store.client(named: client, inMeeting: meeting.id)
            from?.tell("--from")
            let tagging: MicrophoneTagging = tags == .off ? .never : from.map { .since($0.time) } ?? .always
            try store.setMicrophoneTagging(tagging, of: found)
            let next = NextCommand(store: storeOptions.store, organisation: nil)
            if !meeting.hasMicrophoneTags { Output.message(next.warning(ofTagsOffIn: meeting)) }
            let view = ClientView(try store.client(found.id.text, inMeeting: found.meetingID))
            try json.print(["client": view], human: ClientView.table([view]))
        }
    }
}

/// Who came or went when.
struct PresenceOptions: ParsableArguments {
    @OptionGroup var meetingOption: MeetingOption

    @Option(help: Named.clientHelp, completion: Named.clients)
    var client: String

    @Option(help: ArgumentHelp("When, as of 'meeting create --start'. (default: now)", valueName: "time"))
    var at: TimeArgument?

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var json: JSONFlag

    /// Records the event and prints the client.
    func record(
        _ event: (_ store: Store, _ client: ClientID, _ time: Timestamp) throws(StoreError) -> Void
    ) throws {
        let store = try storeOptions.open()
        let found = try meetingOption.client(client, in: store)
        at?.tell("--at")
        try event(store, found.id, at?.time ?? Store.systemClock())
        let presence = try store.presences(inMeeting: found.meetingID)[found.id] ?? []
        let view = ClientView(found, presence: presence)
        var table = Table("CLIENT", "E-MAIL", "JOINED", "LEFT")
        for interval in view.presence { table.add(view.id, view.email, interval.joined, interval.left ?? "-") }
        try json.print(["client": view], human: table.text)
    }
}

/// The kind of a client on the command line.
struct KindArgument: ExpressibleByArgument {
    let kind: ClientKind

    init?(argument: String) {
        guard let kind = ClientKind(rawValue: argument.lowercased()) else { return nil }
        self.kind = kind
    }

    static var allValueStrings: [String] { ClientKind.allCases.map(\.rawValue) }
}
