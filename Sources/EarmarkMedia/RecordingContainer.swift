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
    /// Position among the audio tracks, from 0; what `RecordingDecoder.decode` takes.
    public let index: Int
    /// FFmpeg's short name of the codec, such as `aac` or `pcm_s16le`.
    public let codec: String
    /// Sample rate of the decoded audio, in hertz.
    public let sampleRate: Int
    /// Channels of the decoded audio; more than 8 are delivered as the first 8.
    public let channels: Int
    /// ISO 639-2 code where the container states one.
    public let language: String?
    /// Duration the container claims, in seconds, not to be trusted; nil if it claims none.
    public let declaredSeconds: Double?

    /// Channels that are delivered: the first eight at most.
    public var deliveredChannels: Int { min(channels, SampleScratch.maximumChannels) }

    /// Whether all of it is such as a decoder can have found.
    var isCredible: Bool {
        func isName(_ text: String) -> Bool {
            text.utf8.count <= 64 && text.unicodeScalars.allSatisfy { $0.isASCII && (" "..."~").contains($0) }
        }
        return FrameShape.sampleRates.contains(sampleRate) && WorkerMessage.channels.contains(channels) && isName(codec)
            && language.map(isName) ?? true && declaredSeconds.map(\.isFinite) ?? true
    }
}

/// What came of decoding one track.
public struct DecodeSummary: Sendable, Equatable, Codable {
    /// Frames delivered, at `sampleRate`.
    public let decodedFrames: Int64
    /// Rate of the delivered frames, in hertz.
    public let sampleRate: Int
    /// Channels delivered, 1...8.
    public let channels: Int
    /// Packets that failed to decode; their time is filled with silence where it is known.
    public let corruptPackets: Int
    /// The file ends before what its header or index promises.
    public let isTruncated: Bool
    /// Remarks for a report, at most one of each kind.
    public let warnings: [String]

    /// Duration of the delivered audio, in seconds.
    public var seconds: Double { sampleRate > 0 ? Double(decodedFrames) / Double(sampleRate) : 0 }
}
