public import EarmarkMark

/// Runs an embedder over samples in memory.
public enum Marking {
    /// What cannot be marked.
    public struct Refused: Error {
        /// For tests that make embedders themselves.
        public init() {}
    }

    /// `samples` (interleaved) marked, in blocks of the frame counts that `blocks` hands out.
    public static func mark(
        _ samples: [Float], seeds: MarkSeeds, rate: Double = 16_000, channels: Int = 1, strength: Strength = .standard,
        role: MarkRole = .playout, at seconds: Double = 0, blocks: () -> Int = { 4_096 }
    ) throws -> [Float] {
        guard
            var embedder = Embedder(
                seeds: seeds, parameters: .init(sampleRate: rate, channels: channels, strength: strength, role: role))
        else { throw Refused() }
        embedder.setTime(seconds)
        var output = samples
        let frames = samples.count / channels
        var done = 0
        output.withUnsafeMutableBufferPointer { buffer in
            while done < frames {
                let count = max(1, min(blocks(), frames - done))
                let slice = UnsafeMutableBufferPointer(rebasing: buffer[done * channels..<(done + count) * channels])
                embedder.process(interleaved: slice, frames: count)
                done += count
            }
        }
        return output
    }
}
