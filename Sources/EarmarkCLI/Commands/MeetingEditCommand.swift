import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

extension MeetingCommand {
    /// A start that is further away is asked about, seconds: a year, the longest that calendars plan ahead.
    private static let farAhead: Int64 = 366 * Timestamp.secondsPerDay

    /// Asks about a start that is more than a year ahead.
    static func requireNear(_ start: Timestamp, _ confirmation: Confirmation) throws(CommandError) {
        guard start > Store.systemClock() + farAhead else { return }
        try confirmation.require("the meeting would begin more than a year from now, \(LocalTime.text(start))")
    }

    static func requireTimeOfDay(_ start: TimeArgument) throws {
        guard start.isWholeDay else { return }
        throw ValidationError("--start needs a time of day, such as \(TimeArgument.examples).")
    }

    /// Warns of a meeting that cannot be analysed for its host.
    static func warn(ofForeign meeting: Meeting) {
        guard meeting.state == .foreign, let refusal = meeting.refusal else { return }
        Output.message("earmark: warning: \(refusal.text); it gets no tickets and is not analysed")
    }

    /// Warns that the organisation had a meeting of the same title and start already.
    static func warn(ofTwin twin: MeetingID) {
        Output.message(
            "earmark: warning: there is a meeting of this title and start already: \(twin); 'earmark meeting delete' "
                + "deletes one that is not wanted")
    }

    /// The command `earmark meeting edit`.
    struct Edit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a meeting's title, time, host or marking.",
            discussion: """
                What is not named stays. Title, start and duration stay as they were committed to ('earmark \
                commitment'), and nothing of a meeting on legal hold changes. Tickets carry the start: after another \
                one they must be revoked and issued anew, so where there are any, --yes is needed for it; so it is for \
                a start more than a year ahead.

                  earmark meeting edit Board --title "Board, monthly"
                  earmark meeting edit latest --start 'tomorrow 14:00' --duration 90m
                """)

        @Argument(help: Named.wholeMeetingHelp, completion: Named.meetings)
        var meeting: String

        @Option(help: "The new title.")
        var title: String?

        @Option(help: ArgumentHelp("The new start, as of 'meeting create'.", valueName: TimeArgument.valueName))
        var start: TimeArgument?

        @Option(help: ArgumentHelp("The new duration: 2h, 90m, 1h30m or seconds.", valueName: "duration"))
        var duration: DurationArgument?

        @Option(help: ArgumentHelp("The new host; empty for the organisation itself.", valueName: "email"))
        var host: String?

        @Option(help: "Whether this meeting is marked.")
        var watermark: Toggle?

        @Option(help: "Whether its clients tag what their microphones send.")
        var microphoneTags: Toggle?

        @OptionGroup var confirmation: Confirmation
        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        mutating func validate() throws {
            if let start { try MeetingCommand.requireTimeOfDay(start) }
            guard change != MeetingChange() else {
                throw ValidationError(
                    "Say what to change: --title, --start, --duration, --host, --watermark or "
                        + "--microphone-tags.")
            }
        }

        private var change: MeetingChange {
            var change = MeetingChange()
            change.title = title
            change.startsAt = start?.time
            change.durationSeconds = duration?.seconds
            change.hostEmail = host
            change.isWatermarkOn = watermark.map { $0 == .on }
            change.hasMicrophoneTags = microphoneTags.map { $0 == .on }
            return change
        }

        func run() throws {
            let store = try storeOptions.open()
            let id = try store.meetingID(
                named: meeting, in: try organisationOption.filter(in: store), wholly: true)
            start?.tell("--start")
            if let start { try MeetingCommand.requireNear(start.time, confirmation) }
            let edited = try edit(id, in: store)
            MeetingCommand.warn(ofForeign: edited)
            let view = MeetingView(edited, clients: try store.clients(ofMeeting: id).count)
            try json.print(["meeting": view], human: view.text)
        }

        /// Changes the meeting; where tickets carry its old start, only if that is meant.
        private func edit(_ id: MeetingID, in store: Store) throws -> Meeting {
            do {
                return try store.editMeeting(id, change, mayOutdateTickets: confirmation.isGiven)
            } catch  where error.code == .ticketsIssued {
                try confirmation.require(error.message)
            }
            return try store.editMeeting(id, change, mayOutdateTickets: true)
        }
    }

    /// The command `earmark meeting delete`.
    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a meeting with its key, clients and analyses, for good.",
            discussion: """
                It goes as if its retention had run out: no recording of it can be analysed any more, not even with \
                an old copy of the database. Tickets that were handed out go on marking; nothing can read their marks. \
                A meeting on legal hold is not deleted, and analyses on hold stay.

                  earmark meeting delete "Board, monthly"
                  earmark meeting delete m_4xkq2v7rj3nw6t5a --yes
                """)

        @Argument(help: Named.wholeMeetingHelp, completion: Named.meetings)
        var meeting: String

        @OptionGroup var confirmation: Confirmation
        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let organisation = try organisationOption.filter(in: store)
            let found = try store.meeting(
                try store.meetingID(named: meeting, in: organisation, wholly: true), in: organisation)
            let analyses = try store.analyses(ofMeeting: found.id).count
            if !found.isHeld {
                try confirmation.require(
                    "meeting \(found.mention) would be deleted for good, with its key and "
                        + Counted.text(analyses, "analysis", plural: "analyses"))
            }
            let result = try store.deleteMeeting(found.id)
            result.warn()
            try json.print(
                ["deleted": found.id, "analyses": result.analysisCount],
                human: "deleted \(found.mention) with "
                    + Counted.text(result.analysisCount, "analysis", plural: "analyses"))
        }
    }
}
