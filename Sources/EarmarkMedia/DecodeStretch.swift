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
        guard let seconds = tracks[track].declaredSeconds, seconds > 0, seconds <= DecodeBounds.longestTrack else {
            return "nothing says how long the recording is"
        }
        switch container {
        case .m4a, .mp4, .mov, .wav, .mp3: return nil
        // LOAS says only now and then how its frames are to be read; the length of ADTS is a guess by its first frames.
        case .aac: return "a stream of AAC without a container has no index"
        case .avi: return "AVI is read in order, without its index"
        }
    }
}
