import ArgumentParser
import EarmarkAnswer
import EarmarkBatch
import EarmarkConsole
import EarmarkFiles
import EarmarkService
import EarmarkStore
import EarmarkWords

/// How verbs take meetings, clients and analyses: by name, and completed by shells.
enum Named {
    static let meetingHelp = ArgumentHelp(
        "The meeting: its title or identifier, the beginning of one, or 'latest'.", valueName: "meeting")
    /// For what cannot be undone, or must not hit another meeting.
    static let wholeMeetingHelp = ArgumentHelp(
        "The meeting: its whole title, its identifier or the beginning of that, or 'latest'.", valueName: "meeting")
    static let clientHelp = ArgumentHelp(
        "The client: e-mail, participant, identifier, or the beginning of one.", valueName: "client")
    static let analysisHelp = ArgumentHelp(
        "The analysis: its identifier, the beginning of that, or 'latest'.", valueName: "analysis")

    /// Suggestions at most: more than a screen helps nobody.
    private static let maximumSuggestions = 200

    static let meetings = CompletionKind.custom { words, _, _ in
        suggestions(words) { store in
            [Store.latest] + (try store.organisations().flatMap { try store.meetings(in: $0.id) }.map(\.title))
        }
    }

    static let clients = CompletionKind.custom { words, _, _ in
        suggestions(words) { store in
            let place = words.lastIndex { $0 == "--meeting" || $0 == "-m" }
            guard let place, words.indices.contains(place + 1) else { return [] }
            return try store.clients(ofMeeting: store.meetingID(named: words[place + 1])).map(\.email)
        }
    }

    static let analyses = CompletionKind.custom { words, _, _ in
        suggestions(words) { store in
            [Store.latest] + (try store.analyses(beginningWith: "", limit: maximumSuggestions).map(\.id.text))
        }
    }

    /// Names from the store that the words of the command name; none if there is any trouble.
    private static func suggestions(_ words: [String], _ names: (Store) throws -> [String]) -> [String] {
        let place = words.firstIndex(of: "--store").map { $0 + 1 }
        let option = place.flatMap { words.indices.contains($0) ? words[$0] : nil }
        guard var options = try? StoreOptions.parse([]) else { return [] }
        options.fields.store = option
        guard let store = try? Store.open(at: options.location, purges: false) else { return [] }
        var seen: Set<String> = []
        return ((try? names(store)) ?? []).filter { seen.insert($0).inserted }.prefix(maximumSuggestions).map { $0 }
    }
}

extension PlayedAtOptions {
    /// The same for the inputs of a batch, whose rows may say it themselves.
    var ofInput: BatchInput.Played { .init(stated, within: within, time: { PlayedAtOptions.time($0) }) }
}

extension Named {
    /// The same for a plan, made where there may be no store: that is asked only for what is no identifier.
    static func withIdentifiers(
        _ items: [BatchItem], _ organisation: OrganisationOption, _ options: StoreOptions
    ) throws -> [BatchItem] {
        let isNamed = items.contains { !$0.meeting.isEmpty && !Store.isIdentifier($0.meeting, "m_") }
        guard isNamed, let store = try options.openIfPresent() else { return items }
        let filter = try organisation.filter(in: store)
        let found = try withMeetings(items, of: filter, in: store)
        // The store is here, and says what it does not have.
        let unknown = found.first { item in
            item.refusal == nil && !item.meeting.isEmpty && !item.meeting.hasPrefix("any")
                && !Store.isIdentifier(item.meeting, "m_")
        }
        if let unknown { _ = try store.meetingID(named: unknown.meeting, in: filter) }
        return found
    }

    /// Files of a batch with the identifiers of the meetings that its manifests name.
    ///
    /// A name of several meetings refuses its files; one of none stays, and the analysis says so.
    static func withMeetings(
        _ items: [BatchItem], of organisation: OrganisationID?, in store: Store
    ) throws(StoreError) -> [BatchItem] {
        var known: [String: Result<MeetingID, StoreError>] = [:]
        return items.map { item in
            let result =
                known[item.meeting]
                ?? Result { () throws(StoreError) in try store.meetingID(named: item.meeting, in: organisation) }
            known[item.meeting] = result
            switch result {
            case .success(let id):
                return BatchItem(
                    path: item.path, meeting: id.text, label: item.label, playedAt: item.playedAt,
                    refusal: item.refusal)
            case .failure(let error):
                guard error.code == .ambiguousMeeting, item.refusal == nil else { return item }
                return BatchItem(
                    path: item.path, meeting: item.meeting, label: item.label, playedAt: item.playedAt,
                    refusal: .init(code: error.code.rawValue, message: error.text))
            }
        }
    }
}
