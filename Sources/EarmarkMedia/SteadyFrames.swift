/// Counts frames of MP3, and tells whether they are all of one bit rate: then places in the stream are shares of its
/// bytes, and its length is what they say, not what a header before them claims.
struct SteadyFrames {
    private var frames = 0
    private var bytes: Int64 = 0
    /// What the second frame says; the first may be another, which tells of the stream.
    private var common: UInt32?
    private var isAlike = true

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
        guard isAlike, let common, bytes >= window.upperBound - window.lowerBound else { return nil }
        let version = common >> 19 & 3  // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
        let index = Int(common >> 10 & 3)
        guard Self.sampleRates.indices.contains(index) else { return nil }
        let rate = Self.sampleRates[index] / (version == 3 ? 1 : version == 2 ? 2 : 4)
        return Double(frames) * (version == 3 ? 1_152 : 576) / rate
    }
}
