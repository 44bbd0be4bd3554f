import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkReport
import EarmarkService
import EarmarkStore
import EarmarkWords
import Foundation

/// The command `earmark retention`.
struct RetentionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Keep meetings as long as decided and no longer.",
        discussion: """
            A meeting is due when its planned end plus the organisation's retention has passed. Every command that \
            opens \
            the store then purges it: its key is destroyed, its rows and analyses are erased. A legal hold keeps it.
            """,
        subcommands: [Status.self, Set.self, Clock.self, Purge.self, Hold.self, Release.self])

    /// Refuses settings that would purge meetings at once.
    static func requireNothingDue(
        _ settings: OrganisationSettings, of organisationID: OrganisationID, in store: Store
    ) throws {
        let days = settings.retentionDays
        guard days >= 0, days < (try store.organisation(organisationID)).settings.retentionDays else { return }
        let due = try store.meetingsDue(in: organisationID, ifRetentionWere: days)
        guard due.isEmpty else {
            throw CommandError(
                .invalidInput,
                "with \(days) days of retention \(Counted.text(due.count, "meeting")) would be purged for good; add "
                    + "--yes if that is meant"
            )
        }
    }

    /// The command `earmark retention status`.
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what is due, held and coming up.", discussion: "  earmark retention status")

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.openAsItIs()
            let organisation = try organisationOption.organisation(in: store)
            let view = RetentionView(try store.retentionStatus(of: organisation.id), holds: try store.holds())
            try json.print(["retention": view], human: view.text)
        }
    }

    /// The command `earmark retention clock`.
    struct Clock: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Confirm a clock that is far ahead of the log, or say how far it may be.",
            discussion: """
                Where the clock is more than this many days (30 unless set) after the log's last entry, nothing is \
                purged until somebody says that it is right.

                  earmark retention clock --confirm
                  earmark retention clock --guard 60
                """)

        @Flag(help: "The clock is right.")
        var confirm = false

        @Option(name: .customLong("guard"), help: "Days, 1 to 36500.")
        var days: Int64?

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.openAsItIs()
            if let days { try store.setClockGuard(days: days) }
            if confirm { try store.confirmClock() }
            let days = try store.clockGuardDays()
            try json.print(
                ["clockGuardDays": days],
                human: "the clock may be \(Counted.text(days, "day")) ahead of the log's last entry")
        }
    }

    /// The command `earmark retention set`.
    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set for how many days after its planned end a meeting is kept.",
            discussion: """
                Refused if meetings would be purged at once, unless --yes says that this is meant.

                  earmark retention set 90
                """)

        @Argument(help: "Days, 0 to 36500.")
        var days: Int64

        @Flag(help: "Shorten the retention even if meetings are purged at once.")
        var yes = false

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.open()
            let organisation = try organisationOption.organisation(in: store)
            var settings = organisation.settings
            settings.retentionDays = days
            if !yes { try RetentionCommand.requireNothingDue(settings, of: organisation.id, in: store) }
            try store.updateSettings(settings, of: organisation.id)
            try json.print(["settings": SettingsView(settings)], human: "retention is \(Counted.text(days, "day"))")
        }
    }

    /// The command `earmark retention purge`.
    struct Purge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Purge what is due now.",
            discussion: """
                  earmark retention purge --dry-run
                  earmark retention purge
                """)

        @Flag(name: [.customShort("n"), .long], help: "Only say what would be purged.")
        var dryRun = false

        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.openAsItIs()
            if dryRun {
                let due = try store.organisations().flatMap { try store.retentionStatus(of: $0.id).due }
                let lines = due.map { "\($0.id)  \($0.title), due since \($0.expiresAt.text)" }
                return try json.print(
                    ["due": due.map(\.id)], human: lines.isEmpty ? "nothing is due" : lines.joined(separator: "\n"))
            }
            let result = try store.purgeDue()
            result.warn()
            try json.print(
                ["purged": result.meetings, "analyses": result.analysisCount, "bundlesOut": result.bundlesOut],
                human: "purged \(Counted.text(result.meetings.count, "meeting")) and "
                    + Counted.text(result.analysisCount, "analysis", plural: "analyses"))
        }
    }

    /// The command `earmark retention hold`.
    struct Hold: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a meeting or an analysis on legal hold: it is not purged.",
            discussion: """
                A meeting on hold can be analysed whatever its age, and keeps its analyses. An analysis on hold stays \
                when its meeting is purged.

                  earmark retention hold m_4xkq2v7rj3nw6t5a \\
                    --reason "Case 12, until the court has decided"
                """)

        @Argument(
            help: "The meeting, by its whole title or identifier, or the analysis.", completion: Named.meetings)
        var subject: String

        @Option(help: ArgumentHelp("Why, for those who come later.", valueName: "text"))
        var reason: String

        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.openAsItIs()
            let organisation = try organisationOption.filter(in: store)
            let hold = try store.hold(try store.holdSubject(named: subject, in: organisation), reason: reason)
            let mention = try RetentionCommand.mention(hold.subject, in: store)
            try json.print(["hold": HoldView(hold)], human: "\(mention) is on hold")
        }
    }

    /// The command `earmark retention release`.
    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a legal hold; what is due is purged with the next command.",
            discussion: """
                Of what is due, only if --yes says that this is meant.

                  earmark retention release m_4xkq2v7rj3nw6t5a
                """)

        @Argument(
            help: "The meeting, by its whole title or identifier, or the analysis.", completion: Named.meetings)
        var subject: String

        @OptionGroup var confirmation: Confirmation
        @OptionGroup var organisationOption: OrganisationOption
        @OptionGroup var storeOptions: StoreOptions
        @OptionGroup var json: JSONFlag

        func run() throws {
            let store = try storeOptions.openAsItIs()
            let id = try store.holdSubject(named: subject, in: try organisationOption.filter(in: store))
            let isHeld = try store.holds().contains { $0.subject == id }
            let mention = try RetentionCommand.mention(id, in: store)
            if isHeld, try RetentionCommand.goes(id, in: store) {
                try confirmation.require(
                    "\(mention) is due, and would be purged for good with the next command")
            }
            try store.release(id)
            try json.print(["released": id], human: "\(mention) is no longer on hold")
        }
    }

    /// What is told of a meeting or analysis that a hold is about.
    private static func mention(_ subject: String, in store: Store) throws(StoreError) -> String {
        guard subject.hasPrefix("a_") else { return "meeting \(try store.meeting(MeetingID(subject)).mention)" }
        return "analysis \(try store.analysis(AnalysisID(subject)).mention)"
    }

    /// Whether nothing but its hold keeps a meeting or analysis.
    private static func goes(_ subject: String, in store: Store) throws(StoreError) -> Bool {
        let now = Store.systemClock()
        guard subject.hasPrefix("a_") else { return try store.meeting(MeetingID(subject)).expiresAt <= now }
        let content = try store.analysis(AnalysisID(subject)).content
        do throws(StoreError) {
            let meeting = try store.meeting(MeetingID(content.meetingReference))
            return meeting.expiresAt <= now && !meeting.isHeld
        } catch {
            return error.code == .meetingExpired
        }
    }
}

extension PurgeResult {
    /// Says what was purged to the log, and which bundles carry on some of it to the user.
    func warn() { PurgeWords.tell(meetings, bundlesOut: bundlesOut) }
}
