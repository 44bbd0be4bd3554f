/// The file types that analysis accepts, judged by content.
public enum RecordingContainer: String, Codable, Sendable, CaseIterable {
    /// Raw AAC: ADTS, or LOAS/LATM.
    case aac
    /// MPEG-1/2/2.5 layer III, with or without ID3 tags.
    case mp3
    /// MP4 family without video, or branded M4A/M4B.
    case m4a
    /// RIFF WAVE, RF64 and BW64, any codec inside.
    case wav
    /// MP4 with video, 3GPP, and fragmented files.
    case mp4
    /// RIFF AVI.
    case avi
    /// QuickTime.
    case mov
}

/// One audio track of a recording.
public struct AudioTrack: Sendable, Equatable, Codable {
    /// Position among the tracks that decode, from 0; what `RecordingDecoder.decode` takes.
    public let index: Int
    /// Position among all audio tracks of the file, from 0.
    public let position: Int
    /// FFmpeg's short name of the codec, such as `aac` or `pcm_s16le`.
    public let codec: String
    /// Sample rate of the decoded audio, in hertz.
    public let sampleRate: Int
    /// Channels of the decoded audio; more than 64 are delivered as the first 64.
    public let channels: Int
    /// ISO 639-2 code where the container states one.
    public let language: String?
    /// Duration the container claims, in seconds, not to be trusted; nil if it claims none.
    public let declaredSeconds: Double?
    /// Length of what a player shows of it, seconds, where a moment of it can be sought: where its bytes or its index
    /// bear out what is claimed, and nothing is cut out or moved by an edit list; nil elsewhere.
    public internal(set) var seekableSeconds: Double?

    /// Channels that are delivered: the first 64 at most.
    public var deliveredChannels: Int { min(channels, SampleScratch.maximumChannels) }

    /// Whether all of it is such as a decoder can have found.
    var isCredible: Bool {
        return (index..<WorkerMessage.mostPositions).contains(position) && FrameShape.sampleRates.contains(sampleRate)
            && WorkerMessage.channels.contains(channels) && codec.isPlainName
            && language.map(\.isPlainName) ?? true && declaredSeconds.map(\.isFinite) ?? true
            && seekableSeconds.map { (0...DecodeBounds.longestTrack).contains($0) } ?? true
    }
}

/// An audio track of a recording that is not examined.
public struct OmittedTrack: Sendable, Equatable, Codable {
    /// Position among all audio tracks of the file, from 0.
    public let position: Int
    /// FFmpeg's short name of the codec, or what the file calls it: four characters, or a number as `0x1234`.
    public let codec: String
    /// Why, in half a sentence.
    public let reason: String

    /// Bundles the parts.
    public init(position: Int, codec: String, reason: String) {
        self.position = position
        self.codec = codec
        self.reason = reason
    }

    /// Whether all of it is such as a decoder can have found.
    var isCredible: Bool { (0..<WorkerMessage.mostPositions).contains(position) && codec.isPlainName }
}

extension String {
    /// Whether this can be the name of a codec or language.
    fileprivate var isPlainName: Bool {
        !isEmpty && utf8.count <= 64 && unicodeScalars.allSatisfy { (" "..."~").contains($0) }
    }
}

/// What came of decoding one track.
public struct DecodeSummary: Sendable, Equatable, Codable {
    /// Frames delivered, at `sampleRate`.
    public let decodedFrames: Int64
    /// Rate of the delivered frames, in hertz.
    public let sampleRate: Int
    /// Channels delivered, 1...64.
    public let channels: Int
    /// Packets that failed to decode; their time is filled with silence where it is known.
    public let corruptPackets: Int
    /// The file ends before what its header or index promises.
    public let isTruncated: Bool
    /// Remarks for a report, at most one of each kind.
    public let warnings: [String]
    /// How often silence stands for what time stamps leave out, or for packets that failed to decode.
    public let holes: Int
    /// Where the delivered audio stands in what a player shows.
    public let places: PlaceMap

    init(
        decodedFrames: Int64, sampleRate: Int, channels: Int, corruptPackets: Int, isTruncated: Bool,
        warnings: [String], holes: Int = 0, places: PlaceMap = PlaceMap()
    ) {
        self.holes = holes
        self.decodedFrames = decodedFrames
        self.sampleRate = sampleRate
        self.channels = channels
        self.corruptPackets = corruptPackets
        self.isTruncated = isTruncated
        self.warnings = warnings
        self.places = places
    }

    /// Duration of the delivered audio, in seconds.
    public var seconds: Double { sampleRate > 0 ? Double(decodedFrames) / Double(sampleRate) : 0 }
}
