internal import CFFmpeg

/// Rate and channels of a decoded frame, if they are credible.
struct FrameShape: Equatable {
    var sampleRate: Int
    var channels: Int

    /// Sample rates accepted from a stream, in hertz; beyond, the header is damaged.
    static let sampleRates = 1_000...768_000

    /// What is said of a track of another rate.
    static func outOfRange(_ rate: Int, path: String) -> MediaError {
        MediaError(
            .corrupt,
            "its sample rate is \(grouped(Int64(rate))) Hz; accepted are \(grouped(Int64(sampleRates.lowerBound))) to "
                + "\(grouped(Int64(sampleRates.upperBound))) Hz. If the audio is of another rate than its header says, "
                + "mend the header.", path: path)
    }

    init?(_ frame: UnsafeMutablePointer<AVFrame>) {
        sampleRate = Int(frame.pointee.sample_rate)
        channels = Int(frame.pointee.ch_layout.nb_channels)
        guard FrameShape.sampleRates.contains(sampleRate), channels > 0 else { return nil }
    }
}
