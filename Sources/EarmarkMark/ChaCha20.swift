/// The ChaCha20 block function with a 64-bit counter and a 64-bit nonce, used as a pseudo-random function.
///
/// Source: D. J. Bernstein, "ChaCha, a variant of Salsa20" (2008); the rounds are those of RFC 8439, section 2.3, whose
/// 32-bit counter and 96-bit nonce fill the same four words. The nonce here is a period number, the key a seed, so no
/// (key, nonce, counter) ever serves two purposes.
struct ChaCha20 {
    private let key: [UInt32]

    init(seed: Seed) {
        var words = [UInt32](repeating: 0, count: 8)
        for (index, byte) in seed.bytes.enumerated() { words[index / 4] |= UInt32(byte) << UInt32(8 * (index % 4)) }
        key = words
    }

    /// Fills `output` with the first `output.count` bytes of the keystream of `nonce`.
    func keystream(nonce: UInt64, into output: inout [UInt8]) {
        var counter: UInt64 = 0
        var start = 0
        while start < output.count {
            fourBlocks(nonce: nonce, counter: counter, into: &output, at: start)
            counter += 4
            start += 256
        }
    }

    /// Four consecutive blocks, one per SIMD lane; only what fits into `output` is written.
    private func fourBlocks(nonce: UInt64, counter: UInt64, into output: inout [UInt8], at start: Int) {
        typealias Lanes = SIMD4<UInt32>
        let counters = SIMD4<UInt64>(0, 1, 2, 3) &+ counter
        let i0 = Lanes(repeating: 0x6170_7865), i1 = Lanes(repeating: 0x3320_646e)
        let i2 = Lanes(repeating: 0x7962_2d32), i3 = Lanes(repeating: 0x6b20_6574)
        let i4 = Lanes(repeating: key[0]), i5 = Lanes(repeating: key[1])
        let i6 = Lanes(repeating: key[2]), i7 = Lanes(repeating: key[3])
        let i8 = Lanes(repeating: key[4]), i9 = Lanes(repeating: key[5])
        let i10 = Lanes(repeating: key[6]), i11 = Lanes(repeating: key[7])
        let i12 = Lanes(truncatingIfNeeded: counters), i13 = Lanes(truncatingIfNeeded: counters &>> 32)
        let i14 = Lanes(repeating: UInt32(truncatingIfNeeded: nonce))
        let i15 = Lanes(repeating: UInt32(truncatingIfNeeded: nonce >> 32))
        var x0 = i0, x1 = i1, x2 = i2, x3 = i3, x4 = i4, x5 = i5, x6 = i6, x7 = i7
        var x8 = i8, x9 = i9, x10 = i10, x11 = i11, x12 = i12, x13 = i13, x14 = i14, x15 = i15
        for _ in 0..<10 {
            ChaCha20.quarterRound(&x0, &x4, &x8, &x12)
            ChaCha20.quarterRound(&x1, &x5, &x9, &x13)
            ChaCha20.quarterRound(&x2, &x6, &x10, &x14)
            ChaCha20.quarterRound(&x3, &x7, &x11, &x15)
            ChaCha20.quarterRound(&x0, &x5, &x10, &x15)
            ChaCha20.quarterRound(&x1, &x6, &x11, &x12)
            ChaCha20.quarterRound(&x2, &x7, &x8, &x13)
            ChaCha20.quarterRound(&x3, &x4, &x9, &x14)
        }
        let words: InlineArray<16, Lanes> = [
            x0 &+ i0, x1 &+ i1, x2 &+ i2, x3 &+ i3, x4 &+ i4, x5 &+ i5, x6 &+ i6, x7 &+ i7,
            x8 &+ i8, x9 &+ i9, x10 &+ i10, x11 &+ i11, x12 &+ i12, x13 &+ i13, x14 &+ i14, x15 &+ i15,
        ]
        let end = min(output.count, start + 256)
        var position = start
        for lane in 0..<4 {
            for word in 0..<16 {
                guard position + 4 <= end else {
                    for byte in 0..<max(0, end - position) {
                        output[position + byte] = UInt8(truncatingIfNeeded: words[word][lane] >> UInt32(8 * byte))
                    }
                    return
                }
                let value = words[word][lane]
                output[position] = UInt8(truncatingIfNeeded: value)
                output[position + 1] = UInt8(truncatingIfNeeded: value >> 8)
                output[position + 2] = UInt8(truncatingIfNeeded: value >> 16)
                output[position + 3] = UInt8(truncatingIfNeeded: value >> 24)
                position += 4
            }
        }
    }

    @inline(__always)
    private static func quarterRound(
        _ a: inout SIMD4<UInt32>, _ b: inout SIMD4<UInt32>, _ c: inout SIMD4<UInt32>, _ d: inout SIMD4<UInt32>
    ) {
        a = a &+ b
        d = rotate(d ^ a, 16)
        c = c &+ d
        b = rotate(b ^ c, 12)
        a = a &+ b
        d = rotate(d ^ a, 8)
        c = c &+ d
        b = rotate(b ^ c, 7)
    }

    @inline(__always)
    private static func rotate(_ value: SIMD4<UInt32>, _ bits: UInt32) -> SIMD4<UInt32> {
        (value &<< bits) | (value &>> (32 &- bits))
    }
}
