internal import CFFmpeg

/// A recording that this process judges and decodes itself.
///
/// Sendable: all state is fixed once opened, and every decode works on its own copy of FFmpeg's state.
struct LocalRecording: Sendable {
    let file: OpenedFile

    private let source: ByteSource
    private let plans: [TrackPlan]
    private let isTruncated: Bool

    init(_ source: ByteSource) throws(MediaError) {
        HeapTrim.now()
        let judged = try ContainerJudge.judge(source)
        let source = judged.unpacked?.source ?? source
        let survey = try TrackSurvey(source: source, recording: judged)
        self.source = source
        file = OpenedFile(container: judged.container, tracks: survey.tracks, omitted: survey.omitted)
        plans = survey.plans
        isTruncated = judged.isTruncated
    }

    /// Decodes a track that exists, or a stretch of it; as `RecordingDecoder.decode`, in one piece where `track` says
    /// so.
    func decode(
        track: Int, sampleRate: Int, channels: Range<Int>, stretch: DecodeStretch? = nil,
        body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        guard (0..<2 * plans.count).contains(track) else {
            throw MediaError(.outOfRange, "has no audio track \(track).", path: source.path)
        }
        let isInOnePiece = track >= plans.count
        let track = track % plans.count
        guard !channels.isEmpty, channels.lowerBound >= 0, channels.upperBound <= file.tracks[track].deliveredChannels
        else { throw MediaError(.outOfRange, "has no channels \(channels).", path: source.path) }
        var pass = try DecodePass(
            source: source, plan: plans[track], track: file.tracks[track], channels: channels,
            outputRate: sampleRate, stretch: stretch, isInOnePiece: isInOnePiece)
        return try pass.run(isTruncated: isTruncated, body: body)
    }
}

/// How to open one track afresh.
struct TrackPlan: Sendable {
    var demuxer: String
    var window: Range<Int64>
    var patches: [BytePatch]
    var streamIndex: Int
    var rawStream: MPEGAudioSync.Stream?
    /// What the time stamps of the container are worth.
    var clock = Clock.none
    /// What a player shows of the track's own time.
    var presentation = Presentation()
    /// What samples are multiplied by, where the container keeps them small.
    var gain: Float = 1

    /// What the time stamps of a container are worth.
    enum Clock: Sendable {
        /// There are none, or they are counted from what was read.
        case none
        /// They make no sense.
        case broken
        /// Jumps of more than a quarter of a second are holes; drift is that of an index counted in bytes.
        case jumps
        /// Every one of them says where a player shows what it belongs to.
        case exact
    }

    func open(_ source: ByteSource) throws(MediaError) -> StreamDecoder {
        let input = try FFmpegInput(source: source, window: window, patches: patches, demuxers: [demuxer])
        return try StreamDecoder(input: input, stream: streamIndex, rawStream: rawStream, path: source.path)
    }
}
