package import EarmarkFiles
package import EarmarkStore
import Foundation

/// Names instead of identifiers: the one place that says what a user means by a meeting, client or analysis.
///
/// Identifiers, whole or by their beginning, win over `latest`, that over a whole name, and that over the beginning of
/// one; case, and blanks but for one between words, do not matter. Names of several things are refused with choices.
extension Store {
    /// What stands for the last one, of meetings and of analyses.
    package static let latest = "latest"
    /// Choices shown of an ambiguous name.
    private static let maximumShown = 10

    /// The meeting that `reference` names: its identifier, the beginning of that, `latest` for the one that was
    /// enrolled last, its title, or the beginning of its title.
    ///
    /// A whole identifier is taken as it is, whether the store knows it or not.
    /// - Parameters:
    ///   - reference: what the user wrote.
    ///   - organisationID: if given, only meetings of this organisation count.
    ///   - wholly: whether the beginning of a title does not do, as for what cannot be undone: where the title that
    ///     was meant is gone, it would be another meeting's.
    /// - Throws: `unknownMeeting`, or `ambiguousMeeting` with the choices.
    package func meetingID(
        named reference: String, in organisationID: OrganisationID? = nil, wholly: Bool = false
    ) throws(StoreError) -> MeetingID {
        let name = Self.folded(reference)
        if Self.isIdentifier(name, "m_") { return MeetingID(name) }
        let unknown = StoreError(
            .unknownMeeting, "no meeting has the identifier or title '\(reference)'", advice: .listMeetings)
        if name == Self.latest {
            guard let id = try lastEnrolledMeeting(in: organisationID) else {
                throw StoreError(.unknownMeeting, "there is no meeting yet", advice: .listMeetings)
            }
            return id
        }
        guard !name.isEmpty else { throw unknown }
        let meetings = try meetings(ofOrganisation: organisationID)
        for isMeant in [
            { (meeting: Meeting) in Self.folded(meeting.title) == name },
            { meeting in name.hasPrefix("m_") && meeting.id.text.hasPrefix(name) },
        ] {
            let found = meetings.filter(isMeant)
            if let first = found.first, found.count == 1 { return first.id }
            guard found.isEmpty else { throw Self.ambiguity(reference, found) }
        }
        let found = meetings.filter { Self.folded($0.title).hasPrefix(name) }
        guard let first = found.first else { throw unknown }
        guard !wholly else {
            throw StoreError(
                .unknownMeeting,
                "no meeting has the identifier or title '\(reference)'; '\(first.title)' (\(first.id), "
                    + "\(first.startsAt.text)) only begins like it, and this command takes whole titles")
        }
        guard found.count == 1 else { throw Self.ambiguity(reference, found) }
        return first.id
    }

    private static func ambiguity(_ reference: String, _ meetings: [Meeting]) -> StoreError {
        let choices = meetings.map { "\($0.id) (\($0.title), \($0.startsAt.text))" }
        return StoreError(.ambiguousMeeting, ambiguity(reference, "meetings", choices))
    }

    private func meetings(ofOrganisation id: OrganisationID?) throws(StoreError) -> [Meeting] {
        if let id { return try meetings(in: id) }
        var all: [Meeting] = []
        for organisation in try organisations() { all += try meetings(in: organisation.id) }
        return all
    }

    /// The client of a meeting that `reference` names: its identifier, e-mail or participant, one of the latter two
    /// with a slash and the device, `Participant <e-mail>` with or without a comma and the device, or the beginning of
    /// any of these.
    ///
    /// - Parameters:
    ///   - reference: what the user wrote.
    ///   - meetingID: the meeting.
    ///   - wholly: whether only the beginning of an identifier does, and of nothing else.
    /// - Throws: `unknownMeeting`, `unknownClient`, or `ambiguousClient` with the choices.
    package func client(
        named reference: String, inMeeting meetingID: MeetingID, wholly: Bool = false
    ) throws(StoreError) -> Client {
        let clients = try clients(ofMeeting: meetingID)
        func named(wholly: Bool) -> [Client] {
            Self.named(reference, wholly: wholly, among: clients) { ($0.id, $0.email, $0.participant, $0.device) }
        }
        let found = named(wholly: wholly)
        if let first = found.first, found.count == 1 { return first }
        guard found.isEmpty else {
            let choices = found.map { "\($0.id) (\($0.email)/\($0.device))" }
            throw StoreError(.ambiguousClient, Self.ambiguity(reference, "clients in this meeting", choices))
        }
        let unknown = "meeting '\(meetingID)' has no client '\(reference)'"
        guard let like = named(wholly: false).first else {
            throw StoreError(.unknownClient, unknown, advice: .listClients)
        }
        throw StoreError(
            .unknownClient,
            "\(unknown); '\(like.email)/\(like.device)' (\(like.id)) only begins like it, and this command takes whole "
                + "names")
    }

    /// What may be meant by a client's name: those whose identifier it is, else whose name, else that begin like it.
    static func named<Element>(
        _ reference: String, wholly: Bool = false, among all: [Element],
        as parts: (Element) -> (id: ClientID, email: String, participant: String, device: String)
    ) -> [Element] {
        let name = folded(reference)
        let known = all.map { element in
            let (id, email, participant, device) = parts(element)
            let own = [email, participant].map(folded)
            // As answers and lists show a client.
            let shown = folded("\(participant) <\(email)>")
            let names = own + own.map { $0 + "/" + folded(device) } + [shown, shown + ", " + folded(device)]
            return (element: element, id: id.text, names: names)
        }
        for isMeant in [
            { (id: String, _: [String]) in id == name }, { $1.contains(name) },
            { id, names in !name.isEmpty && ((wholly ? [] : names) + [id]).contains { $0.hasPrefix(name) } },
        ] {
            let found = known.filter { isMeant($0.id, $0.names) }.map(\.element)
            if !found.isEmpty { return found }
        }
        return []
    }

    /// The bundle that `reference` names: its identifier, the beginning of that, or `latest`.
    ///
    /// A whole identifier is taken as it is, whether the store knows it or not.
    /// - Throws: `unknownBundle`, or `valueInvalid` for the beginning of several.
    package func bundleID(named reference: String) throws(StoreError) -> BundleID {
        let name = Self.folded(reference)
        if Self.isIdentifier(name, "b_") { return BundleID(name) }
        let all = try bundles().map(\.id)
        let found = name == Self.latest ? Array(all.prefix(1)) : all.filter { $0.text.hasPrefix(name) }
        guard let first = found.first, !name.isEmpty else {
            throw StoreError(.unknownBundle, "this store gave out no bundle '\(reference)'", advice: .listBundles)
        }
        guard found.count == 1 else {
            throw StoreError(.valueInvalid, Self.ambiguity(reference, "bundles", found.map(\.text)))
        }
        return first
    }

    /// That meetings which are named by identifier are not in this store; nil if all are.
    package func warning(aboutMeetings names: [String]) throws(StoreError) -> String? {
        var known: Set<String> = []
        for organisation in try organisations() {
            for meeting in try meetings(in: organisation.id) { known.insert(meeting.id.text) }
        }
        var seen: Set<String> = []
        let unknown = names.filter { name in
            Self.isIdentifier(name, "m_") && !known.contains(name) && seen.insert(name).inserted
        }
        guard let first = unknown.first else { return nil }
        let more = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
        return "this store has no meeting '\(first)'\(more): workers refuse its inputs, unless their bundle is another "
            + "store's"
    }

    /// The analysis that `reference` names, to be shown: beside a log that verifies.
    ///
    /// - Throws: as `analysisID` and `logHistory`.
    package func analysisToShow(named reference: String) throws(StoreError) -> AnalysisRecord {
        let record = try analysis(try analysisID(named: reference))
        try requireWholeLog()
        return record
    }

    /// The analysis that `reference` names: its identifier, the beginning of that, or `latest`.
    ///
    /// A whole identifier is taken as it is, whether the store knows it or not.
    /// - Throws: `unknownAnalysis`, or `ambiguousAnalysis` with the choices.
    package func analysisID(named reference: String) throws(StoreError) -> AnalysisID {
        let name = Self.folded(reference)
        if Self.isIdentifier(name, "a_") { return AnalysisID(name) }
        let isLatest = name == Self.latest
        let found =
            isLatest || name.hasPrefix("a_")
            ? try analyses(beginningWith: isLatest ? "" : name, limit: isLatest ? 1 : Self.maximumShown + 1) : []
        guard let first = found.first else {
            let message = isLatest ? "there is no analysis yet" : "no analysis has the identifier '\(reference)'"
            throw StoreError(.unknownAnalysis, message, advice: .listAnalyses)
        }
        guard found.count == 1 else {
            let choices = found.map { "\($0.id) (\($0.fileName), \($0.createdAt.text))" }
            throw StoreError(.ambiguousAnalysis, Self.ambiguity(reference, "analyses", choices))
        }
        return first.id
    }

    /// The meeting, by its whole title, or the analysis that `reference` names, for a legal hold.
    ///
    /// - Throws: as `meetingID` and `analysisID`; `meetingExpired` for a meeting that was purged.
    package func holdSubject(
        named reference: String, in organisationID: OrganisationID? = nil
    ) throws(StoreError) -> String {
        if Self.folded(reference).hasPrefix("a_") { return try analysisID(named: reference).text }
        return try meeting(try meetingID(named: reference, in: organisationID, wholly: true), in: organisationID).id
            .text
    }

    /// The ticket that `reference` names: its identifier, or the beginning of that.
    ///
    /// - Throws: `unknownTicket`, `valueInvalid` for the beginning of several.
    package func ticketID(named reference: String) throws(StoreError) -> TicketID {
        let name = Self.folded(reference)
        let found = try tickets(beginningWith: name)
        guard found.count < 2 else {
            throw StoreError(.valueInvalid, Self.ambiguity(reference, "tickets", found.map(\.text)))
        }
        return found.first ?? TicketID(name)
    }

    // MARK: Text

    private static func ambiguity(_ reference: String, _ kind: String, _ choices: [String]) -> String {
        let shown = choices.prefix(maximumShown).joined(separator: ", ")
        let more = choices.count > maximumShown ? ", and more" : ""
        return "'\(reference)' names several \(kind); choose one: \(shown)\(more)"
    }

    /// The form under which names are compared: composed, lower case, one blank between words.
    private static func folded(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.lowercased().split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
    }

    /// Characters of an identifier after its letter and underscore.
    private static let identifierLength = 16

    /// Whether a folded text is a whole identifier of a kind.
    package static func isIdentifier(_ text: String, _ prefix: String) -> Bool {
        text.hasPrefix(prefix) && text.utf8.count == prefix.utf8.count + identifierLength
            && text.utf8.dropFirst(prefix.utf8.count).allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains($0)
            }
    }
}
