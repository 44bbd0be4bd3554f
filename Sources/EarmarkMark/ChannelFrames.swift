import EarmarkDSP

/// Where the samples of one channel lie in a span.
@safe struct ChannelFrames {
    /// The first frame, as `stride` samples of which number `place` is the channel's.
    let start: UnsafeMutablePointer<Float>
    let place: Int
    let stride: Int

    private var first: UnsafeMutablePointer<Float> { unsafe start + place }

    /// Whether `count` samples are those of `other`, bit for bit.
    ///
    /// Both are of one stream.
    func holdsSame(as other: ChannelFrames, count: Int) -> Bool {
        var difference = SIMD8<UInt32>.zero
        var index = 0
        switch stride {
        case 1:
            while index + 8 <= count {
                let mine = unsafe SIMD8<UInt32>(unsafeBitPattern: SIMD8(at: start + index))
                difference |= unsafe mine ^ SIMD8<UInt32>(unsafeBitPattern: SIMD8(at: other.start + index))
                index += 8
            }
        case 2:
            while index + 8 <= count {
                let both = unsafe Interleaved.pairs(start + 2 * index)
                difference |= SIMD8<UInt32>(unsafeBitPattern: both.evenHalf) ^ .init(unsafeBitPattern: both.oddHalf)
                index += 8
            }
        default: break
        }
        if difference.hasBits { return false }
        while index < count {
            let mine = unsafe first[index * stride].bitPattern
            if unsafe mine != other.first[index * stride].bitPattern { return false }
            index += 1
        }
        return true
    }

    /// Takes over `count` samples of `other`, which is another channel of the same stream.
    func copy(_ other: ChannelFrames, count: Int) {
        if stride == 1 {
            unsafe start.update(from: other.start, count: count)
        } else {
            for index in 0..<count { unsafe first[index * stride] = other.first[index * stride] }
        }
    }
}
