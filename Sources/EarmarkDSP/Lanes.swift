extension SIMD8<Float> {
    /// Base-2 logarithm of each lane, for normal positive numbers; absolute error below 4e-6.
    ///
    /// Splits off the exponent so that the mantissa m lies in [sqrt(1/2), sqrt(2)), then sums the odd series of
    /// atanh((m - 1) / (m + 1)) to the ninth power.
    @inlinable @inline(__always)
    package var log2OfNormal: SIMD8<Float> {
        let bits = SIMD8<UInt32>(unsafeBitPattern: self)
        // 0x3504f3 is the mantissa of sqrt(2): above it the exponent is one higher and the mantissa halved.
        let shifted = bits &+ SIMD8<UInt32>(repeating: 0x3f80_0000 - 0x3f35_04f3)
        let exponent = SIMD8<Float>(SIMD8<Int32>(truncatingIfNeeded: shifted &>> 23) &- 127)
        let mantissaBits = (shifted & 0x007f_ffff) &+ 0x3f35_04f3
        let mantissa = SIMD8<Float>(unsafeLanes: mantissaBits)
        let t = (mantissa - 1) / (mantissa + 1)
        let t2 = t * t
        // 2 / ln 2 / (2 k + 1)
        var series = t2 * 0.320_598_9 + 0.412_198_6
        series = series * t2 + 0.577_078_0
        series = series * t2 + 0.961_796_7
        series = series * t2 + 2.885_390_1
        return exponent + series * t
    }

    @inlinable @inline(__always)
    package init(unsafeLanes bits: SIMD8<UInt32>) { self = unsafe unsafeBitCast(bits, to: SIMD8<Float>.self) }

    /// Square root of each lane.
    @inlinable @inline(__always)
    package var squareRootOfLanes: SIMD8<Float> { self.squareRoot() }
}

extension SIMD8<UInt32> {
    @inlinable @inline(__always)
    package init(unsafeBitPattern value: SIMD8<Float>) {
        self = unsafe unsafeBitCast(value, to: SIMD8<UInt32>.self)
    }
}

extension SIMD8<Float> {
    /// Lane by lane the smaller; the standard library's function is not vectorised.
    @inlinable @inline(__always)
    package func lesser(_ other: SIMD8<Float>) -> SIMD8<Float> { replacing(with: other, where: other .< self) }

    /// Lane by lane the larger.
    @inlinable @inline(__always)
    package func greater(_ other: SIMD8<Float>) -> SIMD8<Float> { replacing(with: other, where: other .> self) }
}
