/// Where in the meeting the pieces of a recording lie, as pilot and timeline say, and what each dipole counts: all that
/// a source's evidence is computed from, beside the audio and the client's seed.
///
/// Stored with an answer so that the evidence can be computed again (docs/evidence.md).
public struct SourcePlace: Codable, Equatable, Sendable {
    /// Frames of a period of the meeting.
    public static let framesPerPeriod = 1_024

    /// A stretch without a jump: recording frame f shows meeting frame f + `offset` + `slope` (f - middle) + 1024
    /// `period`, the middle being halfway between `from` and `to`.
    public struct Piece: Codable, Equatable, Sendable {
        /// First frame of the recording, of 16 ms.
        public let from: Int
        /// The frame behind the last.
        public let to: Int
        /// Frames that the meeting is ahead in the middle.
        public let offset: Double
        /// Drift between the clocks, frames a frame.
        public let slope: Double
        /// Periods of the meeting to be added.
        public let period: Int64

        /// Bundles the parts.
        public init(from: Int, to: Int, offset: Double, slope: Double, period: Int64) {
            self.from = from
            self.to = to
            self.offset = offset
            self.slope = slope
            self.period = period
        }

        /// Meeting frame, from the meeting's origin, that a frame of the recording shows.
        public func meetingFrame(_ frame: Double) -> Double {
            frame + offset + slope * (frame - Double(from + to) / 2)
                + Double(SourcePlace.framesPerPeriod) * Double(period)
        }
    }

    /// How a place came to be tried, where pilot and timeline together did not speak for it first.
    public enum Way: String, Codable, Sendable {
        /// One of the further times of the best straight line.
        case time
        /// Found by the timeline alone, the pilot being removed.
        case withoutPilot = "without-pilot"
        /// One of all frames of the meeting's schedule, chosen by the client's own signs.
        case placement
    }

    /// Position of the audio track among those that are examined, from 0.
    public let track: Int
    /// The channel, from 0; nil for the mean of all.
    public let channel: Int?
    /// Factor by which the recording's pitch was raised.
    public let pitch: Double
    /// Factor by which the recording plays faster than the meeting.
    public let rate: Double
    /// How it came to be tried; nil where pilot and timeline spoke for it.
    public let way: Way?
    /// Sources of the answer, by their places in it, that were taken out before, strongest first; nil if none was.
    public var removed: [Int]?
    /// Place in the order in which alignments of a channel, or further times, share the threshold, from 0.
    public let place: Int
    /// How many such places there are.
    public let places: Int
    /// The stretches, in order.
    public let pieces: [Piece]
    /// What each of the 28 dipoles counts.
    public let weights: [Float]
    /// The client's score there, standard deviations, those in `removed` taken out.
    public let z: Double
    /// log10 of the proven bound on such a score, everything tried paid for.
    public let log10Bound: Double

    /// Bundles the parts.
    public init(
        track: Int, channel: Int?, pitch: Double, rate: Double, way: Way? = nil, removed: [Int]? = nil, place: Int,
        places: Int, pieces: [Piece], weights: [Float], z: Double, log10Bound: Double
    ) {
        self.way = way
        self.removed = removed
        self.track = track
        self.channel = channel
        self.pitch = pitch
        self.rate = rate
        self.place = place
        self.places = places
        self.pieces = pieces
        self.weights = weights
        self.z = z
        self.log10Bound = log10Bound
    }
}
