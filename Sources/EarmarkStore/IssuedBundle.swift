public import EarmarkFiles
package import EarmarkMark

/// What the store remembers of a sealed bundle that it gave out; no secret.
public struct IssuedBundle: Sendable, Equatable {
    /// Identifier, `b_` and 16 characters.
    public let id: BundleID
    /// Whose meetings it holds.
    public let organisationID: OrganisationID
    /// Whether it was made for searches of all its meetings.
    public let isSearch: Bool
    /// The meetings whose seeds it holds; they stay when a meeting is purged.
    public let meetings: [MeetingID]
    /// When it was made.
    public let createdAt: Timestamp
    /// From when on workers refuse it.
    public let expiresAt: Timestamp
    /// When the store was told to take nothing of it any more; nil if it was not.
    public var revokedAt: Timestamp?
    /// Fingerprint of the key that it is sealed to.
    public let recipient: String
    /// Ed25519 public key that its workers' lines verify under, 32 bytes.
    public let workerKey: [UInt8]
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    public let sha256: String

    /// Bundles the parts.
    package init(
        id: BundleID, organisationID: OrganisationID, isSearch: Bool, meetings: [MeetingID], createdAt: Timestamp,
        expiresAt: Timestamp, recipient: String, workerKey: [UInt8], sha256: String
    ) {
        self.id = id
        self.organisationID = organisationID
        self.isSearch = isSearch
        self.meetings = meetings
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.recipient = recipient
        self.workerKey = workerKey
        self.sha256 = sha256
    }
}

/// The meetings that a bundle is to hold, opened, and what was left out.
///
/// Holds secrets; the description shows none.
package struct BundledMeetings: Sendable {
    /// The meetings with their clients.
    package var subjects: [AnalysisSubject] = []
    /// Meetings left out because their keys are split and the shares are not at hand.
    package var withoutShares = 0
    /// Meetings left out because the key file holds no key for them.
    package var withoutKey = 0
    /// Meetings left out that are not to be marked, or are another's, though tickets were issued for them.
    package var withoutMark = 0
    /// Whether the organisation has meetings beside these that could be analysed.
    package var hasOthers = false
    /// When the first of them must not be analysed any more; nil if all are on legal hold.
    package var firstExpiry: Timestamp?

    /// Nothing yet.
    package init() {}

    mutating func add(_ reason: LeftOut) {
        switch reason {
        case .withoutShares: withoutShares += 1
        case .withoutKey: withoutKey += 1
        case .withoutMark: withoutMark += 1
        }
    }

    mutating func add(_ subject: AnalysisSubject) {
        subjects.append(subject)
        guard !subject.meeting.isHeld else { return }
        firstExpiry = min(firstExpiry ?? subject.meeting.expiresAt, subject.meeting.expiresAt)
    }
}

// MARK: Without names

extension AnalysisSubject {
    /// A meeting as a sealed bundle carries it, without names.
    package init(
        nameless id: MeetingID, organisationID: OrganisationID, startsAt: Timestamp, durationSeconds: Int64,
        expiresAt: Timestamp, settings: OrganisationSettings, sharedSeeds: SharedSeeds, decoySeed: Seed,
        candidates: [SeededClient]
    ) {
        self.init(
            meeting: Meeting(
                id: id, organisationID: organisationID, title: "", startsAt: startsAt,
                durationSeconds: durationSeconds, hostEmail: nil, isWatermarkOn: true, isMarked: true,
                hasMicrophoneTags: candidates.contains { $0.tag != nil }, createdAt: 0, expiresAt: expiresAt,
                isSplit: false, isHeld: false, state: .available),
            settings: settings, sharedSeeds: sharedSeeds, decoySeed: decoySeed, candidates: candidates)
    }
}

extension SeededClient {
    /// A client as a sealed bundle carries it, without names.
    package init(
        nameless id: ClientID, kind: ClientKind, identitySeed: Seed, tag: MicrophoneTag?, isTagHeard: Bool
    ) {
        self.init(
            clientID: id, participant: "", email: "", device: "", kind: kind, identitySeed: identitySeed, tag: tag,
            isTagHeard: isTagHeard)
    }
}

extension Organisation {
    /// An organisation as a sealed bundle carries it, without its name.
    package init(nameless id: OrganisationID, settings: OrganisationSettings) {
        self.init(id: id, name: "", domains: [], settings: settings, createdAt: 0)
    }
}

extension SearchableMeeting {
    /// A meeting of a bundle.
    package init(_ id: MeetingID, sharedSeeds: SharedSeeds, markable: Int) {
        self.init(id: id, sharedSeeds: sharedSeeds, candidateCount: markable)
    }
}
