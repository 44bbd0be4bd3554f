/// A run of decoded audio, one array of samples for each channel.
///
/// The samples lie in a buffer that the decoder uses again: read them during the call that hands over the block.
/// Being noncopyable and borrowed, a block cannot be kept.
public struct PlanarBlock: ~Copyable {
    /// Channels, 1...64; the same in all blocks of one decode.
    public let channelCount: Int
    /// Samples in each channel, at least 1.
    public let frameCount: Int
    private let base: UnsafePointer<Float>
    private let stride: Int

    init(base: UnsafePointer<Float>, stride: Int, channelCount: Int, frameCount: Int) {
        self.base = base
        self.stride = stride
        self.channelCount = channelCount
        self.frameCount = frameCount
    }

    /// The samples of a channel, full scale ±1, always finite; valid only during the call.
    public subscript(channel channel: Int) -> UnsafeBufferPointer<Float> {
        precondition(channel >= 0 && channel < channelCount, "no such channel")
        return UnsafeBufferPointer(start: base + channel * stride, count: frameCount)
    }
}
