public import EarmarkAnswer
public import EarmarkFiles
public import EarmarkMark
public import EarmarkStore

/// One leaked file becomes one stored answer: a store, and what may be done with it, for one user.
///
/// Immutable; any thread may use it. Two services of one process share nothing, even on the same store: each has its
/// own decoder, actor and key shares.
public struct Service: Sendable {
    /// What it depends on.
    public let context: ServiceContext
    /// Organisations, meetings, clients, tickets, stored analyses, holds and the audit log.
    public let store: Store

    /// Opens a store, purges what is due in it (`store.openingPurge` tells), and takes the shares of the context.
    ///
    /// - Parameters:
    ///   - location: where the store lies.
    ///   - context: what the service depends on.
    ///   - purges: false only for what must see the store as it is.
    /// - Throws: `StoreError`.
    public init(
        at location: StoreLocation, context: ServiceContext, purges: Bool = true
    ) throws(StoreError) {
        store = try Store.open(
            at: location, actor: context.actor, clock: context.clock, shares: context.shares, warn: context.warn,
            purges: purges)
        self.context = context
    }

    /// Creates a store with its first organisation.
    ///
    /// - Throws: `StoreError` `storeExists`, `valueInvalid`, `inputOutput`.
    public static func create(
        at location: StoreLocation, organisation: String, settings: OrganisationSettings = .init(),
        context: ServiceContext
    ) throws(StoreError) -> Service {
        let store = try Store.create(
            at: location, organisationName: organisation, settings: settings, actor: context.actor,
            clock: context.clock)
        return try Service(store, context: context)
    }

    private init(_ store: Store, context: ServiceContext) throws(StoreError) {
        for path in context.shares { try store.takeShare(at: path) }
        self.store = store
        self.context = context
    }

    // MARK: Meetings and tickets

    /// Enrols a meeting with its clients.
    ///
    /// - Parameters:
    ///   - meeting: title, time and host.
    ///   - roster: participants with their devices.
    ///   - organisation: by name or identifier; nil where the store holds only one.
    /// - Throws: `StoreError`.
    public func enrol(
        _ meeting: MeetingDraft, roster: [RosterEntry], organisation: String? = nil
    ) throws(StoreError) -> Meeting {
        let organisation = try store.organisation(organisation)
        return try store.createMeeting(meeting, roster: roster, in: organisation.id)
    }

    /// Issues the ticket with which a client marks what it plays.
    ///
    /// - Parameters:
    ///   - meeting: identifier of the meeting.
    ///   - client: identifier or unique e-mail of the client.
    /// - Throws: `StoreError`.
    public func issueTicket(meeting: MeetingID, client: String) throws(StoreError) -> Ticket {
        try store.issueTicket(meeting: meeting, client: client).ticket
    }

    // MARK: Analysis

    /// Prepares the analysis of recordings that may be of one meeting.
    ///
    /// - Parameters:
    ///   - meeting: identifier of the meeting.
    ///   - organisation: if given, by name or identifier, meetings of others count as unknown.
    ///   - options: how files are analysed.
    ///   - reference: path of another recording of the meeting, which helps with bad ones.
    /// - Throws: `StoreError`, and `MediaError` if the reference is refused.
    public func analysis(
        of meeting: MeetingID, in organisation: String? = nil, options: AnalysisOptions = .init(), reference: String
    ) throws -> AnalysisSession {
        let subject = try subject(meeting, in: organisation)
        return try AnalysisSession(
            store: store, context: context, subject: subject, options: options,
            reference: try AnalysisSession.Reference(path: reference, subject: subject, store: store, context: context))
    }

    /// The same without a reference.
    public func analysis(
        of meeting: MeetingID, in organisation: String? = nil, options: AnalysisOptions = .init()
    ) throws(StoreError) -> AnalysisSession {
        try AnalysisSession(
            store: store, context: context, subject: try subject(meeting, in: organisation), options: options)
    }

    private func subject(_ meeting: MeetingID, in organisation: String?) throws(StoreError) -> AnalysisSubject {
        guard let organisation else { return try store.analysisSubject(meeting) }
        return try store.analysisSubject(meeting, in: try store.organisation(organisation).id)
    }

    /// Prepares the analysis of recordings that may be of any of an organisation's meetings.
    ///
    /// Opens the keys of all meetings in `range`.
    /// - Throws: `StoreError`; `ServiceError` `nothingToSearch`.
    public func search(_ range: SearchRange, options: AnalysisOptions = .init()) throws -> SearchSession {
        try SearchSession(store: store, context: context, range: range, options: options)
    }

    /// Analyses one file for one meeting and stores the answer.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - meeting: identifier of the meeting.
    ///   - label: name and note of the analysis.
    ///   - playedAt: when its beginning was played, if that is known; that is tried first.
    ///   - options: how it is analysed.
    /// - Throws: `StoreError`; `ServiceError` `timeOutside`, `defect`.
    public func analyse(
        _ path: String, meeting: MeetingID, label: AnalysisLabel = .init(), playedAt: PlayedAt? = nil,
        options: AnalysisOptions = .init()
    ) throws -> FileOutcome {
        try analysis(of: meeting, options: options).analyse(
            path, label: label, playedAt: playedAt, sha256: nil, progress: nil)
    }

    /// A stored answer with its evidence: what a report is made from.
    ///
    /// The audit log gets an entry.
    /// - Throws: `StoreError` `unknownAnalysis`; `ServiceError` `refused` or `unreadableAnswer`.
    public func storedAnswer(_ analysis: AnalysisID) throws -> StoredAnswer {
        let record = try store.analysis(analysis)
        let answer = try store.document(record)
        try store.record(.init(.view, meeting: record.meetingID, ["analysis": analysis.text]))
        return answer
    }
}
