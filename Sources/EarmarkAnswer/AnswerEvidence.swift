/// What a report shows beside the answer; stored with the analysis so that the report can be made again.
public struct AnswerEvidence: Codable, Equatable, Sendable {
    /// Evidence for a source in one step of the recording.
    public struct Step: Codable, Equatable, Sendable {
        /// Beginning in the recording, seconds.
        public let from: Float
        /// End in the recording, seconds.
        public let to: Float
        /// The evidence is `sum` over the root of `energy`, for one step or for several added up.
        public let sum: Float
        /// Sum of the squares of what was weighed.
        public let energy: Float

        /// Bundles the parts.
        public init(from: Float, to: Float, sum: Float, energy: Float) {
            self.from = from
            self.to = to
            self.sum = sum
            self.energy = energy
        }
    }

    /// What chance makes of the recording: how many decoys have their z in each interval.
    ///
    /// A decoy is a made-up client whose signs are drawn for the purpose, independent of every client's.
    public struct Decoys: Codable, Equatable, Sendable {
        /// z at which the first interval begins; what is less counts there.
        public let from: Double
        /// Width of an interval.
        public let step: Double
        /// Decoys in each; what is beyond the last counts there.
        public let counts: [Int]
        /// The highest z of all.
        public let highest: Double

        /// Bundles the parts.
        public init(from: Double, step: Double, counts: [Int], highest: Double) {
            self.from = from
            self.step = step
            self.counts = counts
            self.highest = highest
        }
    }

    /// The program that analysed.
    public struct Build: Codable, Equatable, Sendable {
        /// Semantic version.
        public let version: String
        /// SHA-256 of the executable file, hexadecimal; nil if it could not be read.
        public let executableSHA256: String?
        /// The system's own name for itself.
        public let system: String
        /// The processor's architecture.
        public let architecture: String

        /// Bundles the parts.
        public init(version: String, executableSHA256: String?, system: String, architecture: String) {
            self.version = version
            self.executableSHA256 = executableSHA256
            self.system = system
            self.architecture = architecture
        }
    }

    /// What the organisation had decided.
    public struct Parameters: Codable, Equatable, Sendable {
        /// Recordings must be longer, seconds.
        public let minimumSeconds: Double
        /// Largest file, bytes.
        public let maximumBytes: Int64
        /// Whether shorter recordings were taken all the same.
        public let allowShort: Bool
        /// How hard was looked.
        public let effort: String
        /// Days for which records of meetings are kept.
        public let retentionDays: Int64

        /// Bundles the parts.
        public init(
            minimumSeconds: Double, maximumBytes: Int64, allowShort: Bool, effort: String, retentionDays: Int64
        ) {
            self.minimumSeconds = minimumSeconds
            self.maximumBytes = maximumBytes
            self.allowShort = allowShort
            self.effort = effort
            self.retentionDays = retentionDays
        }
    }

    /// Version of this form.
    public let version: Int
    /// Name of the organisation.
    public var organisation: String
    /// Planned length of the meeting, seconds; 0 where no meeting was found.
    public let meetingDurationSeconds: Int64
    /// Scores of decoys drawn for the purpose; nil where nobody is named, and in the first form.
    public let decoys: Decoys?
    /// Steps of the answer's sources, in their order.
    public let sourceSteps: [[Step]]
    /// What the organisation had decided.
    public let parameters: Parameters
    /// The program that analysed.
    public let build: Build
    /// When a worker examined it, by that machine's clock, ISO 8601 in UTC; nil where that was done where the store is.
    public var workerDate: String?

    /// Bundles the parts, in the present form.
    public init(
        organisation: String, meetingDurationSeconds: Int64, decoys: Decoys?,
        sourceSteps: [[Step]], parameters: Parameters, build: Build
    ) {
        version = 2
        self.organisation = organisation
        self.meetingDurationSeconds = meetingDurationSeconds
        self.decoys = decoys
        self.sourceSteps = sourceSteps
        self.parameters = parameters
        self.build = build
    }
}
