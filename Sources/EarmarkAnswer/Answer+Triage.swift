extension Answer {
    /// Stretches of a long recording that were looked at before the whole.
    public struct Triage: Codable, Equatable, Sendable {
        /// A stretch.
        public struct Stretch: Codable, Equatable, Sendable {
            /// The audio track, as `file.tracks` numbers them.
            public let track: Int
            /// Where it begins in what a player shows, seconds.
            public let from: Double
            /// Where it ends, seconds.
            public let to: Double

            /// Bundles the parts.
            public init(track: Int, from: Double, to: Double) {
                self.track = track
                self.from = from
                self.to = to
            }
        }

        /// Whether they showed clearly who recorded: nothing else was read then, and the answer is of them alone.
        public let isAnswer: Bool
        /// Seconds of audio in them.
        public let seconds: Double
        /// The stretches, track by track.
        public let stretches: [Stretch]

        /// Bundles the parts.
        public init(isAnswer: Bool, seconds: Double, stretches: [Stretch]) {
            self.isAnswer = isAnswer
            self.seconds = seconds
            self.stretches = stretches
        }
    }

    /// Whether nothing but a few stretches was read.
    public var isTriage: Bool { triage?.isAnswer ?? false }
}
