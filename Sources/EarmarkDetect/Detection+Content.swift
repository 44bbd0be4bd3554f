internal import CMath

extension Detection {
    /// Evidence that a source's mark was put on the audio in which it was found.
    public struct Content: Sendable, Equatable {
        /// The test statistic where the source was heard, standard deviations.
        public var z: Double
        /// What it would be at the source's level if the recording showed the host as it shows it here, and as surely
        /// as it looks; 0.5 to 1.3 of it after codecs, filters and rooms.
        public var expectedZ: Double
        /// log10 of the proven bound on such evidence where signs do not depend on this audio.
        public var log10Chance: Double
        /// The recording, in order, by what the source's identity and content cells say.
        public var stretches: [ContentStretch]
        /// How what is left of the mark is spread over its host.
        public var evenness = Evenness.even

        /// How what is left of a mark is spread over its host.
        public enum Evenness: Sendable, Equatable {
            /// Everywhere alike, as codecs, rooms and copies leave it.
            case even
            /// At the peaks of its host, as other voices that lie over it leave it: words are read wrong as well.
            case uneven
            /// Not to be told: too little is left, or peaks show more than other voices leave.
            case unsure
        }

        /// Pays for as many such tests as may be made of a source, > 0; whoever asks makes one of them.
        package mutating func pay(looks: Int) { log10Chance = min(0, log10Chance + log10(Double(max(1, looks)))) }
    }

    /// A stretch of the recording that is alike in what the cells say.
    public struct ContentStretch: Sendable, Equatable {
        /// What a stretch shows.
        public enum Kind: Sendable, Equatable {
            /// The source's mark, with the content that it was put on, or too little to tell.
            case whole
            /// The source's mark on other audio.
            case copied
            /// Audio without the source's mark.
            case unmarked
        }

        /// Seconds from the start of the recording.
        public var recording: Range<Double>
        /// What it shows.
        public var kind: Kind
        /// How much likelier what was seen is under `kind` than under `whole`, and for `whole` how much likelier than
        /// under the best other kind: natural log.
        public var log: Double
        /// z of the content cells in it.
        public var z: Double
    }
}
