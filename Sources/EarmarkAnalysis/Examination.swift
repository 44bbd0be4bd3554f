public import EarmarkAnswer
public import EarmarkDetect
public import EarmarkMedia

/// What was found in one file: its description and the detector's answer.
public struct Examination: Sendable {
    /// Kind of file, by its content.
    public var container: RecordingContainer
    /// Size in bytes.
    public var byteCount: Int64
    /// SHA-256, hexadecimal.
    public var sha256: String
    /// Audio tracks that were examined.
    public var tracks: [AudioTrack]
    /// Audio tracks that were not, or not with all of their channels.
    public var omitted: [OmittedTrack]
    /// Length of the longest track as a player shows it, seconds.
    public var seconds: Double
    /// Decoded seconds of the longest track.
    public var decodedSeconds: Double
    /// Packets that did not decode, all tracks together.
    public var corruptPackets: Int
    /// Whether the file ends before what it promises.
    public var isTruncated: Bool
    /// What the reader should know about the file, in sentences.
    public var warnings: [String]
    /// What the detector found.
    public var detection: Detection
    /// Share of the recording that was found in the reference; nil without one.
    public var referenceCoverage: Double?
    /// Where each named candidate has its evidence, as far as that can be computed again.
    public var places: [Int: SourcePlace] = [:]
    /// What stretches showed before anything else was read; nil if that was not asked for, or could not be.
    public var triage: Triage?
}

extension Examination {
    /// A file of which nothing but its description is known.
    init(_ recording: RecordingDecoder, detection: Detection) {
        self.init(
            container: recording.container, byteCount: recording.byteCount, sha256: "", tracks: recording.tracks,
            omitted: recording.omitted, seconds: 0, decodedSeconds: 0, corruptPackets: 0, isTruncated: false,
            warnings: [], detection: detection)
    }

    /// Takes over what the decoder says of a track.
    mutating func note(_ summary: DecodeSummary) {
        seconds = max(seconds, summary.places.shownLength(of: summary.seconds))
        decodedSeconds = max(decodedSeconds, summary.seconds)
        corruptPackets += summary.corruptPackets
        isTruncated = isTruncated || summary.isTruncated
        for warning in summary.warnings where !warnings.contains(warning) { warnings.append(warning) }
    }

    /// Takes over what the decoder says of a stretch of a track, which was read for all of it; its length is that of
    /// what a player shows.
    mutating func take(_ summary: DecodeSummary, of track: AudioTrack) {
        let claimed = track.seekableSeconds ?? 0
        seconds = max(seconds, claimed)
        decodedSeconds = max(decodedSeconds, claimed)
        corruptPackets += summary.corruptPackets
        isTruncated = isTruncated || summary.isTruncated
        for warning in summary.warnings where !warnings.contains(warning) { warnings.append(warning) }
    }

    /// Refuses a recording that is too short, as far as it was read.
    func requireLongEnough(_ recording: RecordingDecoder, _ policy: RecordingPolicy) throws(MediaError) {
        try policy.requireLongEnough(
            decodedSeconds: decodedSeconds, path: recording.path,
            left: .init(recording, isTruncated: isTruncated, corruptPackets: corruptPackets))
    }

    /// Forgets what the decoder said of stretches: all of the file is read yet.
    mutating func forgetStretches() { (seconds, decodedSeconds, corruptPackets, isTruncated) = (0, 0, 0, false) }

    /// Takes note of a track of which nothing but the sum of the channels is examined, though they differ.
    mutating func omitChannels(of track: AudioTrack) {
        omitted.append(
            OmittedTrack(
                position: track.position, codec: track.codec,
                reason: "its \(track.channels) channels differ, and at fast effort their sum alone is examined"))
        omitted.sort { $0.position < $1.position }
    }

    /// Takes note of a track whose holes may hide what it holds in one piece, and that is not examined in one piece.
    mutating func omitPieces(of track: AudioTrack, _ summary: DecodeSummary) {
        guard summary.isFullOfHoles else { return }
        omitted.append(
            OmittedTrack(
                position: track.position, codec: track.codec,
                reason: "silence stands in \(summary.holes) places that its time stamps leave out or that do not "
                    + "decode, and it was not examined in one piece as well"))
        omitted.sort { $0.position < $1.position }
    }

    /// Says that a track was examined in one piece as well.
    mutating func noteOnePiece(_ summary: DecodeSummary) {
        warnings.append("for its \(summary.holes) holes, the audio was examined in one piece as well")
    }

    /// Takes note of a track that turned out not to decode.
    mutating func omit(_ track: AudioTrack, _ error: MediaError) {
        tracks.removeAll { $0.position == track.position }
        let reason = error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message
        omitted.removeAll { $0.position == track.position }
        omitted.append(OmittedTrack(position: track.position, codec: track.codec, reason: reason))
        omitted.sort { $0.position < $1.position }
    }
}
