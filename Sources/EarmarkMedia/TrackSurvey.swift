internal import CFFmpeg

/// Finds the audio tracks of a recording and proves by decoding which of them are usable.
struct TrackSurvey {
    private(set) var tracks: [AudioTrack] = []
    private(set) var plans: [TrackPlan] = []
    private(set) var warnings: [String] = []

    private let source: ByteSource
    private let recording: JudgedRecording
    /// Why the first unusable track is so.
    private var firstFailure: MediaError?

    /// Audio tracks looked at; more are named in a warning.
    static let maximumTracks = 32
    /// Frames decoded to learn rate and channels: AAC may announce SBR or parametric stereo only after a few.
    private static let probedFrames = 8

    /// Surveys `recording`; throws if no audio track is usable.
    init(source: ByteSource, recording: JudgedRecording) throws(MediaError) {
        self.source = source
        self.recording = recording
        if let found = recording.tracks { try surveyMP4(found) } else { try surveyStreams() }
        guard tracks.isEmpty else { return }
        throw firstFailure
            ?? MediaError(.corrupt, "nothing in its audio decodes: the content is damaged.", path: source.path)
    }

    // MARK: MP4 family: each track is opened with all others hidden

    private mutating func surveyMP4(_ found: [MP4Layout.Track]) throws(MediaError) {
        let audio = found.filter(\.isAudio)
        guard !audio.isEmpty else { throw noAudio(hasVideo: found.contains(where: \.isVideo)) }
        let local = audio.filter { !$0.isExternal }
        guard !local.isEmpty else {
            throw MediaError(
                .noAudio, "its audio lies in another file, to which it only refers. Export a self-contained movie.",
                path: source.path)
        }
        let clear = local.filter { !$0.isEncrypted }
        guard !clear.isEmpty else {
            throw MediaError(
                .encrypted,
                "its audio is encrypted (\(local[0].sampleEntry)). Record or export it without copy protection.",
                path: source.path)
        }
        if clear.count < local.count {
            warnings.append("\(local.count - clear.count) encrypted audio track(s) left out")
        }
        for track in limited(clear) {
            let others = found.filter { $0.typeOffset != track.typeOffset }
            var plan = basePlan
            plan.patches += others.map { BytePatch(offset: $0.typeOffset, replacement: "free") }
            probe(plan, language: track.language, seconds: track.seconds)
        }
    }

    // MARK: Other containers: FFmpeg lists the streams

    private mutating func surveyStreams() throws(MediaError) {
        let plan = basePlan
        let input = try FFmpegInput(
            source: source, window: plan.window, patches: plan.patches, demuxers: [plan.demuxer])
        let audio = input.streams(of: AVMEDIA_TYPE_AUDIO)
        guard !audio.isEmpty else { throw noAudio(hasVideo: !input.streams(of: AVMEDIA_TYPE_VIDEO).isEmpty) }
        for index in limited(audio) {
            var streamPlan = plan
            streamPlan.streamIndex = index
            probe(streamPlan, language: nil, seconds: input.stream(index).flatMap(claimedSeconds))
        }
    }

    private func claimedSeconds(_ stream: UnsafeMutablePointer<AVStream>) -> Double? {
        let base = stream.pointee.time_base
        guard stream.pointee.duration > 0, base.num > 0, base.den > 0 else { return nil }
        return Double(stream.pointee.duration) * Double(base.num) / Double(base.den)
    }

    // MARK: Shared

    private var basePlan: TrackPlan {
        let raw: MPEGAudioSync.Stream? =
            switch recording.demuxer {
            case "aac": .adts
            case "loas": .loas
            case "mp3": .mp3
            default: nil
            }
        return TrackPlan(
            demuxer: recording.demuxer, window: recording.window, patches: recording.patches, streamIndex: 0,
            rawStream: raw)
    }

    private func noAudio(hasVideo: Bool) -> MediaError {
        hasVideo
            ? MediaError(.videoOnly, "holds video but no audio track.", path: source.path)
            : MediaError(.noAudio, "holds no audio track.", path: source.path)
    }

    private mutating func limited<Item>(_ items: [Item]) -> ArraySlice<Item> {
        if items.count > TrackSurvey.maximumTracks {
            warnings.append(
                "only the first \(TrackSurvey.maximumTracks) of \(items.count) audio tracks are used")
        }
        return items.prefix(TrackSurvey.maximumTracks)
    }

    /// Decodes the first frames of a track; keeps it if there are any, however late in the file.
    private mutating func probe(_ plan: TrackPlan, language: String?, seconds: Double?) {
        do throws(MediaError) {
            let decoder = try plan.open(source)
            var rate = 0
            var channels = 0
            var frames = 0
            search: while frames < TrackSurvey.probedFrames {
                switch decoder.next() {
                case .end: break search
                case .damaged: continue
                case .frame(let frame):
                    guard let shape = FrameShape(frame) else { continue }
                    rate = shape.sampleRate
                    channels = max(channels, shape.channels)
                    frames += 1
                }
            }
            guard frames > 0 else { return }
            let track = AudioTrack(
                index: tracks.count, codec: decoder.codecName, sampleRate: rate, channels: channels,
                language: language, declaredSeconds: seconds)
            tracks.append(track)
            plans.append(plan)
        } catch {
            firstFailure = firstFailure ?? error
        }
    }
}

/// Rate and channels of a decoded frame, if they are credible.
struct FrameShape: Equatable {
    var sampleRate: Int
    var channels: Int

    /// Sample rates accepted from a stream, in hertz; beyond, the header is damaged.
    static let sampleRates = 1_000...768_000

    init?(_ frame: UnsafeMutablePointer<AVFrame>) {
        sampleRate = Int(frame.pointee.sample_rate)
        channels = Int(frame.pointee.ch_layout.nb_channels)
        guard FrameShape.sampleRates.contains(sampleRate), channels > 0 else { return nil }
    }
}
