import ArgumentParser
import EarmarkConsole
import EarmarkFiles
import EarmarkService
import EarmarkStore
import EarmarkWords

/// The meeting that a verb is about.
struct MeetingOption: ParsableArguments {
    @Option(name: .shortAndLong, help: Named.meetingHelp, completion: Named.meetings)
    var meeting: String

    @OptionGroup var organisationOption: OrganisationOption

    /// The meeting chosen in `store`.
    ///
    /// - Parameter wholly: whether the beginning of a title does not do.
    func meeting(in store: Store, wholly: Bool = false) throws(StoreError) -> Meeting {
        let organisation = try organisationOption.filter(in: store)
        return try store.meeting(
            try store.meetingID(named: meeting, in: organisation, wholly: wholly), in: organisation)
    }

    /// The client of the meeting that `reference` names.
    func client(_ reference: String, in store: Store) throws(StoreError) -> Client {
        try store.client(named: reference, inMeeting: try meeting(in: store).id)
    }
}

/// Which meeting recordings may be of: a known one, or any of an organisation's.
struct MeetingOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, help: "The meeting that the recordings may be of: title, identifier or 'latest'.",
        completion: Named.meetings)
    var meeting: String?

    @Flag(help: "Search all meetings of the organisation whose retention has not run out.")
    var anyMeeting = false

    @Option(
        help: ArgumentHelp("With --any-meeting, only meetings that ended after this.", valueName: "time"))
    var since: TimeArgument?

    @Option(
        help: ArgumentHelp("With --any-meeting, only meetings that began before this.", valueName: "time"))
    var until: TimeArgument?

    @Flag(
        help: "With --meeting, look at a few stretches of long recordings first, and at no more where they are clear.")
    var triage = false

    @OptionGroup var organisationOption: OrganisationOption

    mutating func validate() throws {
        guard meeting == nil || !anyMeeting else {
            throw ValidationError("--meeting and --any-meeting exclude each other.")
        }
        guard !triage || !anyMeeting else { throw ValidationError("--triage looks for one meeting: name it.") }
        guard anyMeeting || (since == nil && until == nil) else {
            throw ValidationError("--since and --until need --any-meeting.")
        }
        if let since, let until, since.time >= until.time {
            throw ValidationError("--since must lie before --until.")
        }
    }

    /// Where to search, if the meeting is to be searched.
    func range(in store: Store) throws(StoreError) -> SearchRange? {
        guard anyMeeting else { return nil }
        since?.tell("--since")
        until?.tell("--until")
        return SearchRange(
            organisation: try organisationOption.organisation(in: store), since: since?.time, until: until?.time)
    }
}
