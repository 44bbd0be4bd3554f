public import EarmarkFiles
public import EarmarkMark

/// A client that a recording of its meeting may name, and the seed of its signs.
///
/// Holds a secret; the description shows none.
public struct SeededClient: Sendable, Equatable {
    /// The client's identifier.
    public let clientID: ClientID
    /// The participant's name.
    public let participant: String
    /// The participant's e-mail as entered.
    public let email: String
    /// The device's name.
    public let device: String
    /// What the endpoint is.
    public let kind: ClientKind
    /// The seed of the client's own signs.
    public let identitySeed: Seed
    /// The tag of its microphone; nil if it sends none.
    public let tag: MicrophoneTag?
    /// Whether an analysis of the meeting has heard that tag.
    public let isTagHeard: Bool
    /// Whether the endpoint marks what it plays; if not it may have recorded without leaving a mark.
    public var isMarkable: Bool { kind.canCarryMark }
}

/// All that the analysis of a meeting's recordings needs.
///
/// Holds secrets; the description shows none.
public struct AnalysisSubject: Sendable, Equatable {
    /// The meeting.
    public let meeting: Meeting
    /// The organisation's decisions: limits and threshold.
    public let settings: OrganisationSettings
    /// The seeds that all clients share.
    public let sharedSeeds: SharedSeeds
    /// What decoys are drawn from, independent of every client.
    public let decoySeed: Seed
    /// Every client, in the order they were enrolled, those that cannot carry a mark included.
    public let candidates: [SeededClient]

    /// Second 0 of the timeline.
    public var startOfMeeting: Timestamp { meeting.startsAt }
    /// Planned duration in seconds; the meeting may have overrun it.
    public var durationSeconds: Int64 { meeting.durationSeconds }
}

extension Store {
    /// Everything needed to analyse a recording of a meeting.
    ///
    /// - Parameters:
    ///   - meetingID: the meeting.
    ///   - organisationID: if given, meetings of other organisations count as unknown.
    /// - Throws: `unknownMeeting`, `meetingForeign`, `meetingExpired`, `watermarkingOff`, or an error of the key file.
    public func analysisSubject(
        _ meetingID: MeetingID, in organisationID: OrganisationID? = nil
    ) throws(StoreError) -> AnalysisSubject {
        // Before anything that could be false is believed.
        try read(verifying: SealScope.all(of: meetingID) + [.store], isWhole: true) { _ in }
        let meeting = try meeting(meetingID, in: organisationID)
        if let refusal = meeting.refusal { throw refusal }
        let settings = try organisation(meeting.organisationID).settings
        return try subject(meeting, try key(of: meeting), settings)
    }

    /// The same of a meeting that was verified and whose key is open.
    func subject(
        _ meeting: Meeting, _ key: MeetingKey, _ settings: OrganisationSettings
    ) throws(StoreError) -> AnalysisSubject {
        let candidates = try clients(ofMeeting: meeting.id).map { client in
            SeededClient(
                clientID: client.id, participant: client.participant, email: client.email, device: client.device,
                kind: client.kind, identitySeed: key.identitySeed(clientID: client.id),
                tag: meeting.tag(of: client, key), isTagHeard: client.tagHeardAt != nil)
        }
        return AnalysisSubject(
            meeting: meeting, settings: settings, sharedSeeds: key.sharedSeeds, decoySeed: key.decoySeed,
            candidates: candidates)
    }
}

extension Meeting {
    /// The tag of a client's microphone in this meeting.
    fileprivate func tag(of client: Client, _ key: MeetingKey) -> MicrophoneTag? {
        guard hasMicrophoneTags, client.kind.canCarryMark else { return nil }
        let seed = key.tagSeed(clientID: client.id)
        switch client.tagging {
        case .never: return MicrophoneTag(seed: seed, since: .infinity)
        case .always: return MicrophoneTag(seed: seed)
        case .since(let time): return MicrophoneTag(seed: seed, since: Double(time.seconds - startsAt.seconds))
        }
    }
}
