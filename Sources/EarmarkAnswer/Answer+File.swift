extension Answer {
    /// The recording.
    public struct File: Codable, Equatable, Sendable {
        /// Last part of the path.
        public var name: String
        /// Kind of file, by its content.
        public let container: String
        /// Size in bytes.
        public let bytes: Int64
        /// SHA-256, hexadecimal.
        public let sha256: String
        /// Length of the longest track as a player shows it, seconds.
        public let seconds: Double
        /// Audio tracks that were examined.
        public let tracks: [Track]
        /// Audio tracks that were not, or not with all of their channels; nil if there are none.
        public let unexamined: [UnexaminedTrack]?
        /// Packets that did not decode.
        public let corruptPackets: Int
        /// Whether the file ends before what it promises.
        public let isTruncated: Bool

        /// Bundles the parts.
        public init(
            name: String, container: String, bytes: Int64, sha256: String, seconds: Double, tracks: [Track],
            unexamined: [UnexaminedTrack]? = nil, corruptPackets: Int, isTruncated: Bool
        ) {
            self.name = name
            self.container = container
            self.bytes = bytes
            self.sha256 = sha256
            self.seconds = seconds
            self.tracks = tracks
            self.unexamined = unexamined
            self.corruptPackets = corruptPackets
            self.isTruncated = isTruncated
        }
    }

    /// An audio track of the recording that was not examined.
    public struct UnexaminedTrack: Codable, Equatable, Sendable {
        /// Position among the audio tracks, from 0.
        public let index: Int
        /// The codec's short name, or what the file calls it.
        public let codec: String
        /// Why, in half a sentence.
        public let reason: String

        /// Bundles the parts.
        public init(index: Int, codec: String, reason: String) {
            self.index = index
            self.codec = codec
            self.reason = reason
        }
    }

    /// One audio track of the recording.
    public struct Track: Codable, Equatable, Sendable {
        /// Position among the audio tracks, from 0.
        public let index: Int
        /// FFmpeg's short name of the codec.
        public let codec: String
        /// Sample rate, hertz.
        public let sampleRate: Int
        /// Channels.
        public let channels: Int
        /// ISO 639-2 code where the container states one.
        public let language: String?
        /// Length that the container claims, seconds; nil if it claims none.
        public let declaredSeconds: Double?

        /// Bundles the parts.
        public init(
            index: Int, codec: String, sampleRate: Int, channels: Int, language: String?, declaredSeconds: Double?
        ) {
            self.index = index
            self.codec = codec
            self.sampleRate = sampleRate
            self.channels = channels
            self.language = language
            self.declaredSeconds = declaredSeconds
        }
    }
}
