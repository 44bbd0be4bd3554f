/// The ChaCha20 block function with a 64-bit counter and a 64-bit nonce, used as a pseudo-random function.
///
/// Source: D. J. Bernstein, "ChaCha, a variant of Salsa20" (2008); the rounds are those of RFC 8439, section 2.3, whose
/// 32-bit counter and 96-bit nonce fill the same four words. The nonce here is a period number, the key a seed, so no
/// (key, nonce, counter) ever serves two purposes.
struct ChaCha20 {
    /// The key's eight words, in two rows of the state.
    private let key: (SIMD4<UInt32>, SIMD4<UInt32>)

    init(seed: Seed) {
        var words = SIMD8<UInt32>.zero
        for (index, byte) in seed.bytes.enumerated() { words[index / 4] |= UInt32(byte) << UInt32(8 * (index % 4)) }
        key = (words.lowHalf, words.highHalf)
    }

    /// Fills `output` with the first `output.count` bytes of the keystream of `nonce`.
    func keystream(nonce: UInt64, into output: inout [UInt8]) {
        unsafe output.withUnsafeMutableBytes { unsafe keystream(nonce: nonce, into: $0) }
    }

    /// Fills `output`, of any length, with the first bytes of the keystream of `nonce`.
    ///
    /// Four blocks at a time cost as much as two and a half on their own, so a tail of up to two goes block by block.
    func keystream(nonce: UInt64, into output: UnsafeMutableRawBufferPointer) {
        var counter: UInt64 = 0
        var start = 0
        while start < output.count {
            if output.count - start > 2 * ChaCha20.blockBytes {
                unsafe fourBlocks(nonce: nonce, counter: counter, into: output, at: start)
                counter += 4
                start += 4 * ChaCha20.blockBytes
            } else {
                unsafe oneBlock(nonce: nonce, counter: counter, into: output, at: start)
                counter += 1
                start += ChaCha20.blockBytes
            }
        }
    }

    private static let blockBytes = 64

    /// Four consecutive blocks, one per SIMD lane; only what fits into `output` is written.
    private func fourBlocks(nonce: UInt64, counter: UInt64, into output: UnsafeMutableRawBufferPointer, at start: Int) {
        typealias Lanes = SIMD4<UInt32>
        let counters = SIMD4<UInt64>(0, 1, 2, 3) &+ counter
        let i0 = Lanes(repeating: 0x6170_7865), i1 = Lanes(repeating: 0x3320_646e)
        let i2 = Lanes(repeating: 0x7962_2d32), i3 = Lanes(repeating: 0x6b20_6574)
        let i4 = Lanes(repeating: key.0[0]), i5 = Lanes(repeating: key.0[1])
        let i6 = Lanes(repeating: key.0[2]), i7 = Lanes(repeating: key.0[3])
        let i8 = Lanes(repeating: key.1[0]), i9 = Lanes(repeating: key.1[1])
        let i10 = Lanes(repeating: key.1[2]), i11 = Lanes(repeating: key.1[3])
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
        unsafe ChaCha20.store(x0 &+ i0, x1 &+ i1, x2 &+ i2, x3 &+ i3, output, start)
        unsafe ChaCha20.store(x4 &+ i4, x5 &+ i5, x6 &+ i6, x7 &+ i7, output, start + 16)
        unsafe ChaCha20.store(x8 &+ i8, x9 &+ i9, x10 &+ i10, x11 &+ i11, output, start + 32)
        unsafe ChaCha20.store(x12 &+ i12, x13 &+ i13, x14 &+ i14, x15 &+ i15, output, start + 48)
    }

    /// Writes four words of each of four blocks: lane l of the words goes to block l.
    @inline(__always)
    private static func store(
        _ a: SIMD4<UInt32>, _ b: SIMD4<UInt32>, _ c: SIMD4<UInt32>, _ d: SIMD4<UInt32>,
        _ output: UnsafeMutableRawBufferPointer, _ start: Int
    ) {
        for lane in 0..<4 {
            let words = SIMD4<UInt32>(a[lane], b[lane], c[lane], d[lane])
            unsafe write(words, output, start + lane * blockBytes)
        }
    }

    /// Writes four words, little-endian, as far as they fit.
    @inline(__always)
    private static func write(_ words: SIMD4<UInt32>, _ output: UnsafeMutableRawBufferPointer, _ position: Int) {
        if position + 16 <= output.count {
            unsafe output.storeBytes(of: SIMD4(littleEndian: words), toByteOffset: position, as: SIMD4<UInt32>.self)
            return
        }
        for byte in 0..<max(0, output.count - position) {
            let value = words[byte / 4] >> UInt32(8 * (byte % 4))
            unsafe output[position + byte] = UInt8(truncatingIfNeeded: value)
        }
    }

    /// One block, a row of the state to a vector.
    private func oneBlock(nonce: UInt64, counter: UInt64, into output: UnsafeMutableRawBufferPointer, at start: Int) {
        let a0 = SIMD4<UInt32>(0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574)
        let d0 = SIMD4<UInt32>(
            UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
            UInt32(truncatingIfNeeded: nonce), UInt32(truncatingIfNeeded: nonce >> 32))
        var a = a0, b = key.0, c = key.1, d = d0
        for _ in 0..<10 {
            ChaCha20.quarterRound(&a, &b, &c, &d)
            // Turn the rows so that the diagonals become columns, and back.
            (b, c, d) = (
                SIMD4(b[1], b[2], b[3], b[0]), SIMD4(c[2], c[3], c[0], c[1]), SIMD4(d[3], d[0], d[1], d[2])
            )
            ChaCha20.quarterRound(&a, &b, &c, &d)
            (b, c, d) = (
                SIMD4(b[3], b[0], b[1], b[2]), SIMD4(c[2], c[3], c[0], c[1]), SIMD4(d[1], d[2], d[3], d[0])
            )
        }
        unsafe ChaCha20.write(a &+ a0, output, start)
        unsafe ChaCha20.write(b &+ key.0, output, start + 16)
        unsafe ChaCha20.write(c &+ key.1, output, start + 32)
        unsafe ChaCha20.write(d &+ d0, output, start + 48)
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

extension SIMD4<UInt32> {
    /// The lanes in little-endian byte order.
    @inline(__always)
    fileprivate init(littleEndian value: SIMD4<UInt32>) {
        #if _endian(little)
            self = value
        #else
            self = SIMD4(value[0].littleEndian, value[1].littleEndian, value[2].littleEndian, value[3].littleEndian)
        #endif
    }
}
