public import EarmarkFiles

extension Answer {
    /// A client whose mark is in the recording.
    public struct Source: Codable, Equatable, Sendable {
        /// What is held of this source: `identified`, `trace` or `detached`.
        public let verdict: Verdict
        /// Identifier of the client.
        public let client: ClientID
        /// The participant's name.
        public let participant: String
        /// The participant's e-mail.
        public let email: String
        /// The device's name.
        public let device: String
        /// What the endpoint is.
        public let kind: String
        /// log10 of the proven bound on the chance that anybody innocent is named.
        public let log10FalseAccusation: Double
        /// The evidence, standard deviations.
        public let z: Double
        /// Strength relative to the pilot in the same stretches, decibels; nil if that is not heard.
        public let strengthDecibels: Double?
        /// Level relative to a fresh mark, decibels; nil in answers of versions that did not measure it, like the
        /// next two.
        public let levelDecibels: Double?
        /// The same less a standard error.
        public let leastLevelDecibels: Double?
        /// Why the verdict is `trace` or `detached`.
        public let reason: String?
        /// Factor by which the recording's pitch was raised.
        public let pitch: Double
        /// Factor by which the recording plays faster than the meeting.
        public let rate: Double
        /// Seconds for which the source was heard.
        public let heardSeconds: Double
        /// Where it was heard, in order.
        public let heard: [Span]
        /// What microphone tags say of it; nil in answers of versions that did not look for them.
        public var microphone: Microphone?
        /// Whether the mark was put on this audio; nil in answers of versions that did not look.
        public let content: Content?
        /// What the store's records have against a recording there, where the endpoint is named; nil if nothing.
        public var objections: [Objection]?
        /// The track and channel with the strongest evidence; nil where a lone track's channels together have it.
        public var foundIn: FoundIn?

        /// Where in a file with several tracks or channels a mark is.
        public struct FoundIn: Codable, Equatable, Sendable {
            /// Position among the audio tracks, from 0.
            public let track: Int
            /// The channel, from 0; nil where all of the track's together have it.
            public let channel: Int?

            /// Bundles the two.
            public init(track: Int, channel: Int?) {
                self.track = track
                self.channel = channel
            }
        }

        /// Bundles the parts.
        public init(
            verdict: Verdict, client: ClientID, participant: String, email: String, device: String, kind: String,
            log10FalseAccusation: Double, z: Double, strengthDecibels: Double?, levelDecibels: Double?,
            leastLevelDecibels: Double?, reason: String?, pitch: Double, rate: Double, heardSeconds: Double,
            heard: [Span], microphone: Microphone? = nil, content: Content? = nil
        ) {
            self.verdict = verdict
            self.client = client
            self.participant = participant
            self.email = email
            self.device = device
            self.kind = kind
            self.log10FalseAccusation = log10FalseAccusation
            self.z = z
            self.strengthDecibels = strengthDecibels
            self.levelDecibels = levelDecibels
            self.leastLevelDecibels = leastLevelDecibels
            self.reason = reason
            self.pitch = pitch
            self.rate = rate
            self.heardSeconds = heardSeconds
            self.heard = heard
            self.microphone = microphone
            self.content = content
        }
    }

    /// What microphone tags say of the way that a mark took into the recording.
    public struct Microphone: Codable, Equatable, Sendable {
        /// Whether a tag stands beside the mark.
        public enum State: String, Codable, Sendable, CaseIterable {
            /// One does: the mark came through that microphone, or whoever holds its ticket made it look so.
            case heard
            /// One would, had the mark come through the client's microphone, and does not.
            case absent
            /// None could have shown, or the client sends none.
            case open
        }

        /// Whether a tag stands beside the mark.
        public let state: State
        /// The client whose tag is heard.
        public let client: ClientID?
        /// That client's participant.
        public let participant: String?
        /// Where `absent`: whether it is only said that the client tags, since no analysis of the meeting had heard its
        /// tag before this file was first looked at.
        public var isOnlyStated: Bool?
        /// The analysis that had; nil where that is not known.
        public var heardIn: AnalysisID?
        /// Evidence for the tag that is heard, or the most there is for the client's own, standard deviations.
        public let z: Double?
        /// How much later than the mark the tag that is heard is, seconds.
        public let delaySeconds: Double?

        /// Bundles the parts.
        public init(
            state: State, client: ClientID?, participant: String?, isOnlyStated: Bool?, z: Double?,
            delaySeconds: Double?
        ) {
            self.state = state
            self.client = client
            self.participant = participant
            self.isOnlyStated = isOnlyStated
            self.z = z
            self.delaySeconds = delaySeconds
        }
    }

    /// A stretch of the recording that carries a source's mark.
    public struct Span: Codable, Equatable, Sendable {
        /// Beginning in the recording, seconds.
        public let from: Double
        /// End in the recording, seconds.
        public let to: Double
        /// Beginning on the meeting's timeline, seconds.
        public let meetingFrom: Double
        /// End on the meeting's timeline, seconds.
        public let meetingTo: Double
        /// When the client played the first moment, ISO 8601 in UTC.
        public let playedAt: String
        /// Standard uncertainty of the meeting's time, seconds.
        public let uncertaintySeconds: Double
        /// Evidence within the stretch, standard deviations.
        public let z: Double
        /// Whether a player leaves the stretch out, at the place where it stands; nil if it does not.
        public let isSkipped: Bool?

        /// Bundles the parts.
        public init(
            from: Double, to: Double, meetingFrom: Double, meetingTo: Double, playedAt: String,
            uncertaintySeconds: Double, z: Double, isSkipped: Bool? = nil
        ) {
            self.isSkipped = isSkipped
            self.from = from
            self.to = to
            self.meetingFrom = meetingFrom
            self.meetingTo = meetingTo
            self.playedAt = playedAt
            self.uncertaintySeconds = uncertaintySeconds
            self.z = z
        }
    }

    /// A client whose voice is in the recording.
    public struct Talker: Codable, Equatable, Sendable {
        /// Identifier of the client.
        public let client: ClientID
        /// The participant's name.
        public let participant: String
        /// The participant's e-mail.
        public let email: String
        /// The device's name.
        public let device: String
        /// log10 of the proven bound on such evidence by chance.
        public let log10Chance: Double
        /// The evidence, standard deviations.
        public let z: Double
        /// Where it was heard, in order; meeting times by the talker's clock.
        public let heard: [Span]

        /// Bundles the parts.
        public init(
            client: ClientID, participant: String, email: String, device: String, log10Chance: Double, z: Double,
            heard: [Span]
        ) {
            self.client = client
            self.participant = participant
            self.email = email
            self.device = device
            self.log10Chance = log10Chance
            self.z = z
            self.heard = heard
        }
    }

    /// A client that carries no mark.
    public struct Unmarkable: Codable, Equatable, Sendable {
        /// Identifier of the client.
        public let client: ClientID
        /// The participant's name.
        public let participant: String
        /// The participant's e-mail.
        public let email: String
        /// The device's name.
        public let device: String
        /// What the endpoint is.
        public let kind: String

        /// Bundles the parts.
        public init(client: ClientID, participant: String, email: String, device: String, kind: String) {
            self.client = client
            self.participant = participant
            self.email = email
            self.device = device
            self.kind = kind
        }
    }
}
