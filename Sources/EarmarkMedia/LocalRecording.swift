internal import CFFmpeg

/// A recording that this process judges and decodes itself.
///
/// Sendable: all state is fixed once opened, and every decode works on its own copy of FFmpeg's state.
struct LocalRecording: Sendable {
    let file: OpenedFile

    private let source: ByteSource
    private let plans: [TrackPlan]
    private let isTruncated: Bool
    private let openingWarnings: [String]

    init(_ source: ByteSource) throws(MediaError) {
        HeapTrim.now()
        let judged = try ContainerJudge.judge(source)
        let survey = try TrackSurvey(source: source, recording: judged)
        self.source = source
        file = OpenedFile(container: judged.container, tracks: survey.tracks)
        plans = survey.plans
        isTruncated = judged.isTruncated
        openingWarnings = survey.warnings
    }

    /// Decodes a track that exists; as `RecordingDecoder.decode`.
    func decode(
        track: Int, sampleRate: Int, body: (borrowing PlanarBlock) throws -> Void
    ) throws -> DecodeSummary {
        guard plans.indices.contains(track) else {
            throw MediaError(.outOfRange, "has no audio track \(track).", path: source.path)
        }
        var pass = try DecodePass(
            source: source, plan: plans[track], track: file.tracks[track],
            outputRate: sampleRate)
        return try pass.run(isTruncated: isTruncated, warnings: openingWarnings, body: body)
    }
}

/// How to open one track afresh.
struct TrackPlan: Sendable {
    var demuxer: String
    var window: Range<Int64>
    var patches: [BytePatch]
    var streamIndex: Int
    var rawStream: MPEGAudioSync.Stream?

    func open(_ source: ByteSource) throws(MediaError) -> StreamDecoder {
        let input = try FFmpegInput(source: source, window: window, patches: patches, demuxers: [demuxer])
        return try StreamDecoder(input: input, stream: streamIndex, rawStream: rawStream, path: source.path)
    }
}
