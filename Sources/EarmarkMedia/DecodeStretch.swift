/// A stretch of a track that is decoded by itself.
public struct DecodeStretch: Sendable, Equatable, Codable {
    /// Where it begins, in seconds of the track's own time.
    public let start: Double
    /// How long it is, seconds.
    public let seconds: Double
    /// Length that the track claims, seconds: where a stream has no clock, places in it are shares of its bytes.
    let total: Double

    /// - Parameters:
    ///   - start: seconds of the track's own time, >= 0.
    ///   - seconds: how long it is, > 0.
    ///   - total: length that the track claims, seconds, > `start`.
    public init(start: Double, seconds: Double, total: Double) {
        self.start = start
        self.seconds = seconds
        self.total = total
    }

    /// What a decoder needs before what it gives is right, seconds: MP3 borrows bits from half a second before, codecs
    /// with overlapping windows and prediction settle in less.
    static let settling = 0.5
    /// Seconds before a stretch that are decoded at most to come to it: a container that is no nearer has no index.
    static let mostSettling = 30.0
    /// Furthest that a stretch may begin behind where it should and still be the one that was asked for, seconds.
    static let tolerance = 2.0

    /// Audio that is believed of it, seconds: a packet more, and silence that was put in at its end.
    var mostSeconds: Double { seconds + 120 }

    /// Whether it can be asked for.
    var isCredible: Bool {
        start.isFinite && seconds.isFinite && total.isFinite && start >= 0 && seconds > 0 && total > start
    }

    /// The bytes from which it is read in a stream without a clock.
    func window(in whole: Range<Int64>) -> Range<Int64> {
        let skipped = Double(whole.upperBound - whole.lowerBound) * max(0, start - DecodeStretch.settling) / total
        return min(whole.upperBound, whole.lowerBound + Int64(skipped))..<whole.upperBound
    }
}

extension RecordingDecoder {
    /// Why stretches of a track cannot be decoded by themselves, in half a sentence; nil if they can.
    public func stretchProblem(track: Int) -> String? {
        guard tracks.indices.contains(track) else { return "there is no such track" }
        switch container {
        case .m4a, .mp4, .mov, .wav, .mp3: break
        // LOAS says only now and then how its frames are to be read; the length of ADTS is a guess by its first frames.
        case .aac: return "a stream of AAC without a container has no index"
        case .avi: return "AVI is read in order, without its index"
        }
        guard tracks[track].seekableSeconds == nil else { return nil }
        return switch container {
        case .mp3: "its frames are not all alike, so that no place in it is known before all of it is read"
        case .wav: "its bytes do not bear out the length that it claims, or its codec has no fixed rate"
        case .m4a, .mp4, .mov, .aac, .avi:
            tracks[track].declaredSeconds == nil
                ? "nothing says how long the recording is"
                : "it is cut off, or an edit list moves parts of it or leaves them out"
        }
    }

    /// Seconds of a track that its bytes alone prove, before it is decoded; 0 where they prove nothing.
    public func provenSeconds(track: Int) -> Double {
        guard container == .wav || container == .mp3, tracks.indices.contains(track) else { return 0 }
        return tracks[track].seekableSeconds ?? 0
    }
}

extension JudgedRecording {
    /// Seconds in which a moment of a track can be sought; see `AudioTrack.seekableSeconds`.
    func seekableSeconds(of track: AudioTrack, _ plan: TrackPlan) -> Double? {
        let seconds: Double? =
            switch container {
            case .mp3: steadySeconds
            case .wav: track.declaredSeconds.flatMap { $0 <= pcmSeconds(track) ? $0 : nil }
            case .m4a, .mp4, .mov: track.declaredSeconds.flatMap(plan.presentation.plainLength)
            case .aac, .avi: nil
            }
        guard !isTruncated, let seconds, seconds > 0, seconds <= DecodeBounds.longestTrack else { return nil }
        return seconds
    }

    /// Whether a track is longer than any that is analysed, by a header that the bytes of its samples bear out.
    func isTooLong(_ track: AudioTrack) -> Bool {
        guard container == .wav, !isTruncated, let seconds = track.declaredSeconds else { return false }
        return seconds > DecodeBounds.longestTrack && seconds <= pcmSeconds(track)
    }

    /// Seconds of PCM that the bytes have room for; 0 for another codec, whose rate is a claim.
    private func pcmSeconds(_ track: AudioTrack) -> Double {
        let bits: Int? =
            switch track.codec {
            case "pcm_u8", "pcm_alaw", "pcm_mulaw": 8
            case "pcm_s16le", "pcm_s16be": 16
            case "pcm_s24le", "pcm_s24be": 24
            case "pcm_s32le", "pcm_f32le", "pcm_s32be", "pcm_f32be": 32
            case "pcm_f64le", "pcm_f64be": 64
            default: nil
            }
        guard let bits else { return 0 }
        return Double(window.upperBound - window.lowerBound) * 8
            / Double(bits * track.sampleRate * max(1, track.channels))
    }
}
