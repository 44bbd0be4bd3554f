extension Answer {
    /// Whether a source's mark was put on the audio in which it was found.
    public struct Content: Codable, Equatable, Sendable {
        /// What content cells say.
        public enum State: String, Codable, Sendable, CaseIterable {
            /// It was: the bound is met.
            case confirmed
            /// It was not, or in this stretch the audio is not what it was put on.
            case contradicted
            /// Too little is left to tell.
            case open
        }

        /// A part of the recording.
        public struct Stretch: Codable, Equatable, Sendable {
            /// Beginning in the recording, seconds.
            public let from: Double
            /// End in the recording, seconds.
            public let to: Double
            /// What content and identity cells say of it.
            public let state: State

            /// Bundles the parts.
            public init(from: Double, to: Double, state: State) {
                self.from = from
                self.to = to
                self.state = state
            }
        }

        /// What content cells say where the source was heard.
        public let state: State
        /// log10 of the proven bound on such agreement with signs that do not depend on this audio.
        public let log10Bound: Double
        /// The agreement, standard deviations.
        public let z: Double
        /// What a genuine mark of this level would reach in this audio, standard deviations.
        public let expectedZ: Double
        /// The recording, in order.
        public let stretches: [Stretch]

        /// Bundles the parts.
        public init(state: State, log10Bound: Double, z: Double, expectedZ: Double, stretches: [Stretch]) {
            self.state = state
            self.log10Bound = log10Bound
            self.z = z
            self.expectedZ = expectedZ
            self.stretches = stretches
        }
    }
}
