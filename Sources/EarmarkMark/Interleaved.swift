import EarmarkDSP

/// Eight samples of one channel among others.
///
/// Written for each layout by itself: with the stride as a number the compiler makes one slow function of them all.
enum Interleaved {
    /// How a channel's samples lie.
    enum Layout {
        /// One after another.
        case alone
        /// In pairs, as the first or second.
        case first, second
        /// Among any number.
        case strided
    }

    /// Sample `channel` of eight frames of `stride` samples.
    @inline(__always)
    static func load(
        _ frames: UnsafePointer<Float>, _ layout: Layout, _ channel: Int, _ stride: Int
    ) -> SIMD8<Float> {
        switch layout {
        case .alone: return unsafe SIMD8(at: frames)
        case .first: return unsafe pairs(frames).evenHalf
        case .second: return unsafe pairs(frames).oddHalf
        case .strided:
            var lanes = SIMD8<Float>.zero
            for lane in 0..<8 { lanes[lane] = unsafe frames[lane * stride + channel] }
            return lanes
        }
    }

    /// Replaces sample `channel` of eight frames.
    @inline(__always)
    static func store(
        _ samples: SIMD8<Float>, _ frames: UnsafeMutablePointer<Float>, _ layout: Layout, _ channel: Int,
        _ stride: Int
    ) {
        switch layout {
        case .alone: unsafe samples.store(at: frames)
        case .first: unsafe store(samples, pairs(frames).oddHalf, frames)
        case .second: unsafe store(pairs(frames).evenHalf, samples, frames)
        case .strided: for lane in 0..<8 { unsafe frames[lane * stride + channel] = samples[lane] }
        }
    }

    /// Eight samples of each of two channels, in turn.
    @inline(__always)
    static func store(_ even: SIMD8<Float>, _ odd: SIMD8<Float>, _ target: UnsafeMutablePointer<Float>) {
        var both = SIMD16<Float>.zero
        both.evenHalf = even
        both.oddHalf = odd
        unsafe UnsafeMutableRawPointer(target).storeBytes(of: both, as: SIMD16<Float>.self)
    }

    @inline(__always)
    static func pairs(_ frames: UnsafePointer<Float>) -> SIMD16<Float> {
        unsafe UnsafeRawPointer(frames).loadUnaligned(as: SIMD16<Float>.self)
    }
}

extension SIMD8<Float> {
    /// The lanes without their signs.
    @inline(__always)
    var magnitudes: SIMD8<Float> {
        SIMD8<Float>(unsafeLanes: SIMD8<UInt32>(unsafeBitPattern: self) & 0x7fff_ffff)
    }
}

extension SIMD8<UInt32> {
    /// Whether any lane is not 0.
    @inline(__always)
    var hasBits: Bool {
        let four = lowHalf | highHalf
        let two = four.lowHalf | four.highHalf
        return two[0] | two[1] != 0
    }
}

extension SIMDMask<SIMD8<Int32>> {
    /// Whether it holds in all lanes; the standard library's function is not vectorised.
    @inline(__always)
    var holdsInAll: Bool {
        // A mask's lanes are all ones or all zeros.
        let lanes = unsafe unsafeBitCast(self, to: SIMD8<Int32>.self)
        let four = lanes.lowHalf & lanes.highHalf
        let two = four.lowHalf & four.highHalf
        return two[0] & two[1] != 0
    }
}
