public import EarmarkLive
internal import EarmarkMark

/// Marks a stream of bytes in place, whole frames at a time; as many bytes out as in.
public struct StreamMarker: ~Copyable {
    /// How samples lie in the stream.
    public let format: RawFormat
    /// The embedder, for its clock and counters.
    public var embedder: LiveEmbedder

    /// How much of the stream carries the mark so far.
    public private(set) var coverage: MarkCoverage

    private var floats: [Float] = []
    private var unmarked: [Float] = []
    private var integers: [Int32] = []
    private var rounding: MarkRounding

    /// Bytes of a frame.
    public var frameBytes: Int { format.byteCount * embedder.parameters.channels }

    /// Wraps `embedder`, which knows rate and channels.
    public init(format: RawFormat, embedder: consuming LiveEmbedder) {
        self.format = format
        coverage = MarkCoverage(
            sampleRate: embedder.parameters.sampleRate, channels: embedder.parameters.channels)
        self.embedder = embedder
        rounding = MarkRounding(bits: format.integerBits ?? 32)
    }

    /// Marks `bytes`, a multiple of `frameBytes`; an incomplete last frame stays as it is.
    ///
    /// Memory grows with the longest call and is then kept.
    public mutating func mark(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
        let frames = bytes.count / frameBytes
        guard frames > 0, let base = bytes.baseAddress else { return }
        let count = frames * embedder.parameters.channels
        if floats.count < count {
            floats = .init(repeating: 0, count: count)
            unmarked = floats
            integers = .init(repeating: 0, count: count)
        }
        if format.integerBits != nil {
            markIntegers(base, count, frames)
        } else {
            markFloats(base, count, frames)
        }
    }

    private mutating func markIntegers(_ base: UnsafeMutablePointer<UInt8>, _ count: Int, _ frames: Int) {
        let size = format.byteCount
        for index in 0..<count {
            integers[index] = format.integer(base + index * size)
            floats[index] = Float(integers[index]) * MarkRounding.unit
        }
        run(frames)
        rounding.add(floats, to: &integers, count: count)
        for index in 0..<count { format.put(integers[index], base + index * size) }
    }

    private mutating func markFloats(_ base: UnsafeMutablePointer<UInt8>, _ count: Int, _ frames: Int) {
        let size = format.byteCount
        for index in 0..<count { floats[index] = Float(format.float(base + index * size)) }
        run(frames)
        for index in 0..<count {
            let sample = format.float(base + index * size)
            // What carries no mark keeps its bits, those of a NaN too.
            guard floats[index].isFinite, Float(sample) != floats[index] else { continue }
            format.put(sample + (Double(floats[index]) - Double(Float(sample))), base + index * size)
        }
    }

    private mutating func run(_ frames: Int) {
        let count = frames * embedder.parameters.channels
        for index in 0..<count { unmarked[index] = floats[index] }
        floats.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: frames) }
        unmarked.withUnsafeBufferPointer { before in
            floats.withUnsafeBufferPointer { after in
                coverage.add(before: .init(rebasing: before[..<count]), after: .init(rebasing: after[..<count]))
            }
        }
    }
}
