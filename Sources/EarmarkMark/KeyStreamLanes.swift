/// ChaCha20 key streams of eight keys at once, a key to a lane: scoring a thousand candidates spends most of its time
/// here.
///
/// The block function is that of `ChaCha20`, with which it agrees byte for byte. Every lane has its own key and all
/// have the same nonce and counter, so that no part of a block is thrown away, however short the streams.
@safe public enum KeyStreamLanes {
    /// Keys that are served at once.
    public static let count = 8
    /// Words of a key.
    public static let keyWords = 8

    // Sixteen words of state fill the registers of either set of instructions.
    #if EARMARK_WIDE
        private typealias Lanes = SIMD8<UInt32>
    #else
        private typealias Lanes = SIMD4<UInt32>
    #endif
    private static let blockBytes = 64
    private static let quadBytes = 16

    /// Writes the first `bytes` bytes of each key's stream under `nonce`: lane l's to `output + l * stride`.
    ///
    /// `keys` are `keyWords` vectors: word w of every key, a lane each. `bytes` is a multiple of 16, at most `stride`;
    /// `output` has room for `count * stride` bytes.
    public static func fill(
        _ keys: UnsafePointer<SIMD8<UInt32>>, nonce: UInt64, into output: UnsafeMutableRawPointer, stride: Int,
        bytes: Int
    ) {
        precondition(bytes >= 0 && bytes % quadBytes == 0 && bytes <= stride)
        for first in Swift.stride(from: 0, to: count, by: Lanes.scalarCount) {
            let rows = unsafe output + first * stride
            for block in 0..<(bytes + blockBytes - 1) / blockBytes {
                unsafe fill(
                    keys, firstLane: first, nonce: nonce, block: block, rows: rows + block * blockBytes, stride: stride,
                    bytes: min(blockBytes, bytes - block * blockBytes))
            }
        }
    }

    private static func fill(
        _ keys: UnsafePointer<SIMD8<UInt32>>, firstLane: Int, nonce: UInt64, block: Int, rows: UnsafeMutableRawPointer,
        stride: Int, bytes: Int
    ) {
        let i0 = Lanes(repeating: 0x6170_7865), i1 = Lanes(repeating: 0x3320_646e)
        let i2 = Lanes(repeating: 0x7962_2d32), i3 = Lanes(repeating: 0x6b20_6574)
        let i4 = unsafe word(keys, 0, firstLane), i5 = unsafe word(keys, 1, firstLane)
        let i6 = unsafe word(keys, 2, firstLane), i7 = unsafe word(keys, 3, firstLane)
        let i8 = unsafe word(keys, 4, firstLane), i9 = unsafe word(keys, 5, firstLane)
        let i10 = unsafe word(keys, 6, firstLane), i11 = unsafe word(keys, 7, firstLane)
        // Streams here are far shorter than 2^32 blocks.
        let i12 = Lanes(repeating: UInt32(truncatingIfNeeded: block))
        let i14 = Lanes(repeating: UInt32(truncatingIfNeeded: nonce))
        let i15 = Lanes(repeating: UInt32(truncatingIfNeeded: nonce >> 32))
        var x0 = i0, x1 = i1, x2 = i2, x3 = i3, x4 = i4, x5 = i5, x6 = i6, x7 = i7
        var x8 = i8, x9 = i9, x10 = i10, x11 = i11, x12 = i12, x13 = Lanes.zero, x14 = i14, x15 = i15
        for _ in 0..<10 {
            quarterRound(&x0, &x4, &x8, &x12)
            quarterRound(&x1, &x5, &x9, &x13)
            quarterRound(&x2, &x6, &x10, &x14)
            quarterRound(&x3, &x7, &x11, &x15)
            quarterRound(&x0, &x5, &x10, &x15)
            quarterRound(&x1, &x6, &x11, &x12)
            quarterRound(&x2, &x7, &x8, &x13)
            quarterRound(&x3, &x4, &x9, &x14)
        }
        unsafe store(x0 &+ i0, x1 &+ i1, x2 &+ i2, x3 &+ i3, rows, stride)
        if bytes > quadBytes { unsafe store(x4 &+ i4, x5 &+ i5, x6 &+ i6, x7 &+ i7, rows + quadBytes, stride) }
        if bytes > 2 * quadBytes {
            unsafe store(x8 &+ i8, x9 &+ i9, x10 &+ i10, x11 &+ i11, rows + 2 * quadBytes, stride)
        }
        if bytes > 3 * quadBytes { unsafe store(x12 &+ i12, x13, x14 &+ i14, x15 &+ i15, rows + 3 * quadBytes, stride) }
    }

    /// Word `index` of the keys in this pass's lanes.
    @inline(__always)
    private static func word(_ keys: UnsafePointer<SIMD8<UInt32>>, _ index: Int, _ firstLane: Int) -> Lanes {
        #if EARMARK_WIDE
            unsafe keys[index]
        #else
            unsafe firstLane == 0 ? keys[index].lowHalf : keys[index].highHalf
        #endif
    }

    /// Writes four consecutive words of every lane's block, little-endian.
    @inline(__always)
    private static func store(
        _ a: Lanes, _ b: Lanes, _ c: Lanes, _ d: Lanes, _ rows: UnsafeMutableRawPointer, _ stride: Int
    ) {
        for lane in 0..<Lanes.scalarCount {
            let quad = SIMD4<UInt32>(
                a[lane].littleEndian, b[lane].littleEndian, c[lane].littleEndian, d[lane].littleEndian)
            unsafe (rows + lane * stride).storeBytes(of: quad, as: SIMD4<UInt32>.self)
        }
    }

    @inline(__always)
    private static func quarterRound(_ a: inout Lanes, _ b: inout Lanes, _ c: inout Lanes, _ d: inout Lanes) {
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
    private static func rotate(_ value: Lanes, _ bits: UInt32) -> Lanes { (value &<< bits) | (value &>> (32 &- bits)) }
}
