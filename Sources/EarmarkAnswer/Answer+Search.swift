public import EarmarkFiles

extension Answer {
    /// The meeting that the answer is about.
    public struct Meeting: Codable, Equatable, Sendable {
        /// Identifier.
        public let id: MeetingID
        /// Title.
        public let title: String
        /// Beginning, ISO 8601 in UTC.
        public let start: String

        /// Bundles the parts.
        public init(id: MeetingID, title: String, start: String) {
            self.id = id
            self.title = title
            self.start = start
        }
    }

    /// What was searched where the meeting was not known.
    public struct Search: Codable, Equatable, Sendable {
        /// Meetings that were compared with the recording.
        public let meetings: Int
        /// Meetings that could not be, for want of the shares of their keys.
        public let withoutShares: Int
        /// Meetings that could not be, for want of their keys.
        public let withoutKey: Int
        /// Meetings that were not, since they are not to be marked or another's, though tickets were issued for them;
        /// nil for none.
        public let withoutMark: Int?
        /// Only meetings that ended after this, ISO 8601; nil for all.
        public let since: String?
        /// Only meetings that began before this, ISO 8601; nil for all.
        public let until: String?

        /// Bundles the parts.
        public init(
            meetings: Int, withoutShares: Int, withoutKey: Int, withoutMark: Int? = nil, since: String?, until: String?
        ) {
            self.meetings = meetings
            self.withoutShares = withoutShares
            self.withoutKey = withoutKey
            self.withoutMark = withoutMark
            self.since = since
            self.until = until
        }

        /// Meetings that could not be searched.
        public var leftOutCount: Int { withoutShares + withoutKey + (withoutMark ?? 0) }
    }

    /// What was tried and paid for.
    public struct Tested: Codable, Equatable, Sendable {
        /// Clients that could be named.
        public let candidates: Int
        /// Alignments for each.
        public let hypotheses: Int
        /// Further meeting times that were paid for beside them, if any.
        public let times: Int?
        /// Frames of the meeting that were paid for beside them, if any.
        public let placements: Int?
        /// Equal shares into which the bound is divided where stretches were looked at first: they have one of them.
        public let shares: Int?
        /// log10 of the bound that an accusation must meet.
        public let log10Threshold: Double
        /// Evidence that suffices on the likeliest alignment.
        public let requiredZ: Double
        /// Evidence that suffices on every alignment, if those differ.
        public let mostRequiredZ: Double?
        /// How hard was looked.
        public let effort: String

        /// Bundles the parts.
        public init(
            candidates: Int, hypotheses: Int, times: Int?, placements: Int?, shares: Int? = nil, log10Threshold: Double,
            requiredZ: Double, mostRequiredZ: Double?, effort: String
        ) {
            self.candidates = candidates
            self.hypotheses = hypotheses
            self.times = times
            self.placements = placements
            self.shares = shares
            self.log10Threshold = log10Threshold
            self.requiredZ = requiredZ
            self.mostRequiredZ = mostRequiredZ
            self.effort = effort
        }
    }

    /// What was found of the meeting's shared mark.
    public struct Pilot: Codable, Equatable, Sendable {
        /// Whether it meets the bound.
        public let isPresent: Bool
        /// log10 of the bound on the chance that audio without it looks like this.
        public let log10FalsePresence: Double
        /// Evidence of the best alignment, standard deviations.
        public let score: Double
        /// Level relative to a fresh mark, decibels; nil if there is none to speak of.
        public let levelDecibels: Double?
        /// Evidence that a full mark would have left in this audio, standard deviations: half of known recordings like
        /// it reached more.
        public let expectedZ: Double
        /// Lower end of the range in which nine in ten of them lie.
        public let leastExpectedZ: Double
        /// Upper end of that range.
        public let mostExpectedZ: Double

        /// Bundles the parts.
        public init(
            isPresent: Bool, log10FalsePresence: Double, score: Double, levelDecibels: Double?, expectedZ: Double,
            leastExpectedZ: Double, mostExpectedZ: Double
        ) {
            self.isPresent = isPresent
            self.log10FalsePresence = log10FalsePresence
            self.score = score
            self.levelDecibels = levelDecibels
            self.expectedZ = expectedZ
            self.leastExpectedZ = leastExpectedZ
            self.mostExpectedZ = mostExpectedZ
        }

        /// Answers of earlier builds have no range.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            isPresent = try fields.decode(Bool.self, forKey: .isPresent)
            log10FalsePresence = try fields.decode(Double.self, forKey: .log10FalsePresence)
            score = try fields.decode(Double.self, forKey: .score)
            levelDecibels = try fields.decodeIfPresent(Double.self, forKey: .levelDecibels)
            expectedZ = try fields.decode(Double.self, forKey: .expectedZ)
            leastExpectedZ = try fields.decodeIfPresent(Double.self, forKey: .leastExpectedZ) ?? expectedZ
            mostExpectedZ = try fields.decodeIfPresent(Double.self, forKey: .mostExpectedZ) ?? expectedZ
        }
    }

    /// A recording of the meeting that was taken into account.
    public struct Reference: Codable, Equatable, Sendable {
        /// Name of the file.
        public let name: String
        /// SHA-256 of the file, hexadecimal.
        public let sha256: String
        /// Length, seconds.
        public let seconds: Double
        /// Share of the recording that was found in it.
        public let coverage: Double
        /// Clients whose marks it carries itself: they cannot be named by its help.
        public let excluded: [Excluded]

        /// Bundles the parts.
        public init(name: String, sha256: String, seconds: Double, coverage: Double, excluded: [Excluded]) {
            self.name = name
            self.sha256 = sha256
            self.seconds = seconds
            self.coverage = coverage
            self.excluded = excluded
        }
    }

    /// A client that a reference keeps from being named.
    public struct Excluded: Codable, Equatable, Sendable {
        /// Identifier of the client.
        public let client: ClientID
        /// The participant's name.
        public let participant: String
        /// The participant's e-mail.
        public let email: String
        /// The device's name.
        public let device: String

        /// Bundles the parts.
        public init(client: ClientID, participant: String, email: String, device: String) {
            self.client = client
            self.participant = participant
            self.email = email
            self.device = device
        }
    }
}

extension Answer.Tested {
    /// Evidence that suffices wherever it is found among the alignments.
    public var sufficientZ: Double { mostRequiredZ ?? requiredZ }
}
