internal import CFFmpeg

/// Finds the audio tracks of a recording and proves by decoding which of them are usable.
///
/// Every audio track ends in one of two lists: those that decode, and those that are not examined, with the reason.
struct TrackSurvey {
    private(set) var tracks: [AudioTrack] = []
    private(set) var plans: [TrackPlan] = []
    private(set) var omitted: [OmittedTrack] = []

    private let source: ByteSource
    private let recording: JudgedRecording
    /// Why nothing can be examined if no track can, by how much it says.
    private var failure: (rank: Rank, error: MediaError)?
    /// A track holds nothing at all: so it leaves nothing unexamined.
    private var hasEmpty = false

    /// Audio tracks that are opened; the others are not examined.
    static let maximumTracks = 256
    /// Tracks beyond that are listed one by one; the last entry counts what is left.
    static let maximumOmitted = 64
    /// Frames decoded to learn rate and channels: AAC may announce SBR or parametric stereo only after a few.
    private static let probedFrames = 8
    /// Frames of a rate that nobody hears after which no other is waited for.
    private static let mostOddFrames = 64

    /// What a track's failure says of the file if it stands for all: what was tried says most.
    private enum Rank: Int { case external, encrypted, tried }

    /// Surveys `recording`; throws if no audio track is usable.
    init(source: ByteSource, recording: JudgedRecording) throws(MediaError) {
        self.source = source
        self.recording = recording
        if let found = recording.tracks { try surveyMP4(found) } else { try surveyStreams() }
        if let first = tracks.first {
            omitted += recording.unread.map {
                OmittedTrack(position: first.position, codec: first.codec, reason: $0)
            }
            if tracks.contains(where: recording.isTooLong) { throw DecodeBounds.tooLong(source.path) }
            return
        }
        if failure == nil, hasEmpty {
            throw MediaError(.noAudio, "its audio holds no samples.", path: source.path)
        }
        throw recording.endsEarly(failure?.error, source.path) ?? failure?.error
            ?? MediaError(.corrupt, "nothing in its audio decodes: the content is damaged.", path: source.path)
    }

    // MARK: MP4 family: each track is opened with all others hidden

    private mutating func surveyMP4(_ found: [MP4Layout.Track]) throws(MediaError) {
        let audio = audio(of: found)
        if audio.isEmpty { throw noAudio(in: found) }
        for (position, track) in audio.enumerated() {
            let name = track.sampleEntry.description
            if position >= TrackSurvey.maximumTracks {
                omitBeyond(position, of: audio.count, codec: name)
            } else if track.isExternal {
                omit(
                    position, name, "its samples lie in another file", .external,
                    MediaError(
                        .noAudio,
                        "its audio lies in another file, to which it only refers. Export a self-contained movie.",
                        path: source.path))
            } else if track.isEncrypted {
                omit(
                    position, name, "it is encrypted", .encrypted,
                    MediaError(
                        .encrypted,
                        "its audio is encrypted (\(name)). Record or export it without copy protection.",
                        path: source.path))
            } else if track.isUndescribed {
                omit(
                    position, name, "nothing says how wide its samples are", .tried,
                    MediaError(
                        .corrupt, "its audio is PCM (\(name)) of which nothing says how wide a sample is (pcmC).",
                        path: source.path))
            } else if track.isIndexTooLarge {
                let error = FFmpegInput.indexTooLarge(source)
                omit(position, name, TrackSurvey.half(error.message), .tried, error)
            } else {
                var plan = basePlan
                plan.patches += track.patches
                plan.patches += found.filter { $0.typeOffset != track.typeOffset }
                    .map { BytePatch(offset: $0.typeOffset, replacement: "free") }
                plan.gain = track.gain
                plan.presentation = recording.presentation(of: track)
                probe(
                    plan, at: position, language: track.language, seconds: track.seconds, entry: name,
                    claimsSamples: track.hasSamples)
                omitOtherEntries(of: track, at: position)
            }
        }
        if recording.unreadTracks > 0 {
            omitted.append(
                OmittedTrack(
                    position: audio.count, codec: "unknown",
                    reason: "the file has \(recording.unreadTracks) more tracks than are looked at"))
        }
    }

    /// Why a file of these tracks, none of which is sound, is refused.
    private func noAudio(in found: [MP4Layout.Track]) -> MediaError {
        if let error = recording.unreadAudio(source.path) { return error }
        let hasVideo = found.contains(where: \.isVideo)
        guard found.isEmpty, recording.refersToMovies else { return noAudio(hasVideo: hasVideo) }
        return MediaError(
            .noAudio,
            "it only refers to other files, in which its audio lies (reference movie). Export a self-contained movie.",
            path: source.path)
    }

    /// Tracks of kinds that nobody knows for which FFmpeg is asked.
    private static let maximumAsked = 64

    /// The tracks that are sound, as far as their descriptions or FFmpeg tell.
    private mutating func audio(of found: [MP4Layout.Track]) -> [MP4Layout.Track] {
        var asked = 0
        return found.filter { track in
            guard track.mayBeAudio, asked < TrackSurvey.maximumAsked else { return track.isAudio || track.mayBeAudio }
            asked += 1
            let others = found.filter { $0.typeOffset != track.typeOffset }
            let plan = basePlan
            let input = try? FFmpegInput(
                source: source, window: plan.window,
                patches: plan.patches + others.map { BytePatch(offset: $0.typeOffset, replacement: "free") },
                demuxers: [plan.demuxer])
            return !(input?.streams(of: AVMEDIA_TYPE_AUDIO) ?? []).isEmpty
        }
    }

    /// FFmpeg reads the samples of one codec: those under a sample description of another are left.
    private mutating func omitOtherEntries(of track: MP4Layout.Track, at position: Int) {
        let others = track.otherEntries
        guard tracks.last?.position == position, !others.isEmpty else { return }
        omitted.append(
            OmittedTrack(
                position: position, codec: others[0].description,
                reason: "a part of it is of another codec than its beginning (\(track.sampleEntry))"))
    }

    // MARK: Other containers: FFmpeg lists the streams

    private mutating func surveyStreams() throws(MediaError) {
        let plan = basePlan
        let input = try FFmpegInput(
            source: source, window: plan.window, patches: plan.patches, demuxers: [plan.demuxer])
        input.waitForStreams()
        let audio = input.streams(of: AVMEDIA_TYPE_AUDIO)
        guard !audio.isEmpty else { throw noAudio(hasVideo: !input.streams(of: AVMEDIA_TYPE_VIDEO).isEmpty) }
        for (position, index) in audio.enumerated() {
            guard position < TrackSurvey.maximumTracks else {
                omitBeyond(position, of: audio.count, codec: input.codecName(index))
                continue
            }
            var streamPlan = plan
            streamPlan.streamIndex = index
            probe(
                streamPlan, at: position, language: nil, seconds: input.stream(index).flatMap(claimedSeconds),
                entry: input.codecName(index))
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
            rawStream: raw, clock: recording.clock, gain: recording.gain)
    }

    private func noAudio(hasVideo: Bool) -> MediaError {
        if recording.tracks == nil, let error = recording.unreadAudio(source.path) { return error }
        return hasVideo
            ? MediaError(.videoOnly, "holds video but no audio track.", path: source.path)
            : MediaError(.noAudio, "holds no audio track.", path: source.path)
    }

    private mutating func omit(_ position: Int, _ codec: String, _ reason: String, _ rank: Rank, _ error: MediaError) {
        omitted.append(OmittedTrack(position: position, codec: codec, reason: reason))
        if failure.map({ $0.rank.rawValue < rank.rawValue }) ?? true { failure = (rank, error) }
    }

    private mutating func omitBeyond(_ position: Int, of count: Int, codec: String) {
        let limit = TrackSurvey.maximumTracks + TrackSurvey.maximumOmitted
        guard position < limit else { return }
        let isLast = position == limit - 1 && count > limit
        omitted.append(
            OmittedTrack(
                position: position, codec: codec,
                reason: "only the first \(TrackSurvey.maximumTracks) audio tracks are examined"
                    + (isLast ? "; \(count - limit) more follow" : "")))
    }

    /// Decodes the first frames of a track; keeps it if there are any, however late in the file.
    ///
    /// `claimsSamples`: an index lists some, so that the track is not empty where none can be had.
    private mutating func probe(
        _ plan: TrackPlan, at position: Int, language: String?, seconds: Double?, entry: String,
        claimsSamples: Bool = false
    ) {
        do throws(MediaError) {
            let decoder = try plan.open(source)
            var rate = 0
            var channels = 0
            var frames = 0
            var oddRates: [Int] = []
            var clock = ClockCheck()
            search: while frames < TrackSurvey.probedFrames, oddRates.count < TrackSurvey.mostOddFrames {
                switch decoder.next() {
                case .end: break search
                case .damaged, .silent: continue
                case .frame(let frame):
                    guard let shape = FrameShape(frame) else {
                        oddRates.append(Int(frame.pointee.sample_rate))
                        continue
                    }
                    clock.take(
                        decoder.frameSeconds, seconds: Double(frame.pointee.nb_samples) / Double(shape.sampleRate))
                    rate = shape.sampleRate
                    channels = max(channels, shape.channels)
                    frames += 1
                }
            }
            if frames == 0, let rate = oddRates.first { throw FrameShape.outOfRange(rate, path: source.path) }
            guard frames > 0 else {
                guard decoder.hasPackets || claimsSamples || recording.isTruncated else {
                    hasEmpty = true
                    return
                }
                throw decoder.nothingDecodes
            }
            var plan = plan
            let isBroken = clock.isBroken && !decoder.mayFallSilent
            if isBroken { plan.clock = .broken }
            var track = AudioTrack(
                index: tracks.count, position: position, codec: decoder.codecName, sampleRate: rate,
                channels: channels, language: language, declaredSeconds: isBroken ? nil : seconds)
            track.seekableSeconds = recording.seekableSeconds(of: track, plan)
            tracks.append(track)
            plans.append(plan)
            omitRest(of: decoder, channels: channels, at: position)
            if channels > SampleScratch.maximumChannels {
                omitted.append(
                    OmittedTrack(
                        position: position, codec: decoder.codecName,
                        reason:
                            "only the first \(SampleScratch.maximumChannels) of its \(channels) channels are examined"))
            }
        } catch {
            let isUnknown = error.code == .unsupportedSampleFormat
            omit(
                position, isUnknown ? error.codecName ?? entry : entry,
                isUnknown ? "its codec cannot be decoded here" : TrackSurvey.half(error.message), .tried, error)
        }
    }

    /// Says that packets hold more frames than are decoded, where a WAV file does not tell them apart.
    private mutating func omitRest(of decoder: StreamDecoder, channels: Int, at position: Int) {
        guard recording.container == .wav, decoder.needsFraming,
            decoder.bytesPerSecond > TrackSurvey.mostBytesPerSecond * Double(channels)
        else { return }
        omitted.append(
            OmittedTrack(
                position: position, codec: decoder.codecName,
                reason: "WAV does not tell its frames apart, and most of them are not decoded"))
    }

    /// Bytes that a second of one channel has at most in a codec that loses something: AAC at its best has 36,000.
    private static let mostBytesPerSecond = 50_000.0

    /// A message as half a sentence.
    private static func half(_ message: String) -> String {
        message.hasSuffix(".") ? String(message.dropLast()) : message
    }
}

/// Whether the time stamps of a track's first frames can be true.
private struct ClockCheck {
    /// Frames that began later than the one before them ended, by more than a hole has to have, and all but the first.
    private var frames: (late: Int, all: Int) = (0, 0)
    private var expected: Double?
    /// Frames by which it is told.
    private static let leastFrames = 4

    mutating func take(_ stamp: Double?, seconds: Double) {
        guard let stamp else { return }
        if let expected {
            frames.all += 1
            if stamp - expected > Timeline.leastHole { frames.late += 1 }
        }
        expected = stamp + seconds
    }

    /// Whether there is a hole behind every frame: the clock runs at another rate than the container says.
    var isBroken: Bool { frames.all >= ClockCheck.leastFrames && frames.late == frames.all }
}
