#if EARMARK_V3
    internal import EarmarkMarkV3
#endif

/// The signs of many identities for one period at a time, packed like those of `PeriodSigns`.
package struct SignStreams: Sendable {
    /// Identities.
    package let count: Int
    /// Rows that `fill` writes: `count` rounded up to full groups of lanes; those past `count` mean nothing.
    package var rows: Int { keys.count }
    /// Key words by group of lanes, `KeyStreamLanes.keyWords` to a group.
    private let keys: [SIMD8<UInt32>]
    private let instructions: Embedder.Instructions

    /// Streams under `seeds`, with the best instructions that this processor has.
    package init(seeds: [Seed]) { self.init(seeds: seeds, instructions: .best) }

    package init(seeds: [Seed], instructions: Embedder.Instructions) {
        count = seeds.count
        self.instructions = instructions
        let groups = (seeds.count + KeyStreamLanes.count - 1) / KeyStreamLanes.count
        var keys = [SIMD8<UInt32>](repeating: .zero, count: groups * KeyStreamLanes.keyWords)
        for (index, seed) in seeds.enumerated() {
            let first = index / KeyStreamLanes.count * KeyStreamLanes.keyWords
            for (position, byte) in seed.bytes.enumerated() {
                keys[first + position / 4][index % KeyStreamLanes.count] |= UInt32(byte) << UInt32(8 * (position % 4))
            }
        }
        self.keys = keys
    }

    /// Fills row i of `bits`, `stride` bytes each, with the first `stride` bytes of identity i's stream of `period`.
    ///
    /// `stride` is a multiple of 16, and `bits` holds `rows * stride` bytes at least.
    package func fill(_ bits: inout [UInt8], stride: Int, period: Int64) {
        precondition(stride >= 0 && bits.count >= rows * stride)
        unsafe bits.withUnsafeMutableBytes { bits in
            unsafe keys.withUnsafeBufferPointer { keys in
                guard let output = bits.baseAddress, let keys = keys.baseAddress else { return }
                // Both groups and rows come in eights.
                for row in Swift.stride(from: 0, to: rows, by: KeyStreamLanes.count) {
                    unsafe fill(keys + row, output + row * stride, stride, UInt64(bitPattern: period))
                }
            }
        }
    }

    @inline(__always)
    private func fill(
        _ keys: UnsafePointer<SIMD8<UInt32>>, _ output: UnsafeMutableRawPointer, _ stride: Int, _ nonce: UInt64
    ) {
        #if EARMARK_V3
            if instructions == .v3 {
                unsafe EarmarkMarkV3.KeyStreamLanes.fill(
                    keys, nonce: nonce, into: output, stride: stride, bytes: stride)
                return
            }
        #endif
        unsafe KeyStreamLanes.fill(keys, nonce: nonce, into: output, stride: stride, bytes: stride)
    }
}
