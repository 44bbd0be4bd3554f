/// Counts frames of MP3, and tells whether they are all of one bit rate: then places in the stream are shares of its
/// bytes, and its length is what they say, not what a header before them claims.
///
/// Frames of one bit rate differ by a byte, the padding. An encoder deals it out evenly; whoever puts all of it into
/// one half moves the middle by seconds, so places are compared with shares along the stream.
struct SteadyFrames {
    private var frames = 0
    private var bytes: Int64 = 0
    /// What the second frame says; the first may be another, which tells of the stream.
    private var common: UInt32?
    private var isAlike = true
    /// Bytes before every `step`-th frame, from the first one on.
    private var marks: [Int64] = []

    /// Frames from one comparison to the next: what padding moves within is less than `tolerance`.
    private static let step = 64
    /// Furthest that a frame may lie from the place that its bytes have a share of, frames.
    private static let tolerance = 1.0
    /// Sync word, version, layer, bit rate and sample rate.
    private static let mask: UInt32 = 0xFFFE_FC00
    /// The same without the bit rate.
    private static let maskOfFirst: UInt32 = 0xFFFE_0C00
    /// Sample rates of MPEG-1, hertz (ISO 11172-3); half of it in MPEG-2, a quarter in MPEG-2.5.
    private static let sampleRates = [44_100.0, 48_000, 32_000]

    private var first: UInt32?

    /// Takes note of the next frame: its header, and its length in bytes.
    mutating func take(_ header: UInt32?, _ length: Int64) {
        guard let header else {
            isAlike = false
            return
        }
        if frames.isMultiple(of: Self.step) { marks.append(bytes) }
        frames += 1
        bytes += length
        guard frames > 1 else {
            first = header & Self.maskOfFirst
            return
        }
        let own = header & Self.mask
        isAlike = isAlike && own == common ?? own && own & Self.maskOfFirst == first
        common = own
    }

    /// Seconds of the frames, if they are alike and fill `window` but for a last one that may be cut.
    func seconds(filling window: Range<Int64>) -> Double? {
        guard isAlike, areEven, let common, bytes >= window.upperBound - window.lowerBound else { return nil }
        let version = common >> 19 & 3  // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
        let index = Int(common >> 10 & 3)
        guard Self.sampleRates.indices.contains(index) else { return nil }
        let rate = Self.sampleRates[index] / (version == 3 ? 1 : version == 2 ? 2 : 4)
        return Double(frames) * (version == 3 ? 1_152 : 576) / rate
    }

    /// Whether every frame lies where the share of bytes before it says.
    private var areEven: Bool {
        marks.indices.allSatisfy { index in
            let share = Double(marks[index]) / Double(max(1, bytes)) * Double(frames)
            return abs(share - Double(index * Self.step)) <= Self.tolerance
        }
    }
}
