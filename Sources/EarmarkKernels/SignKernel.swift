/// Sums of values with packed signs, for eight rows of values at once; use `Kernels`.
///
/// A vector holds one value of each row; bit j of byte i of a set is the sign of value 8 i + j, a 1 meaning minus.
@safe package enum SignKernel {
    private typealias Lanes = SIMD8<Float>
    /// Entries of the table of a byte.
    package static let entries = 256
    /// Bytes that are tabulated together: 32 KiB, which stays in the first-level cache.
    package static let bytesPerTable = 4
    /// Bytes whose sums are added up in single precision: with the eight additions of a byte 41 roundings at most.
    package static let bytesPerSum = 32

    /// Tabulates the sums of the eight `values` with all signs.
    package static func tabulate(_ values: UnsafePointer<SIMD8<Float>>, into table: UnsafeMutablePointer<SIMD8<Float>>)
    {
        var sum = Lanes.zero
        for index in 0..<8 { unsafe sum += values[index] }
        unsafe table[0] = sum
        var size = 1
        for index in 0..<8 {
            let twice = unsafe 2 * values[index]
            for entry in 0..<size { unsafe table[size + entry] = table[entry] - twice }
            size *= 2
        }
    }

    /// Adds to `sums` of each of `count` sets what its `bytes` bytes, `stride` bytes from one set to the next, look up
    /// in as many tables.
    package static func look(
        _ table: UnsafePointer<SIMD8<Float>>, _ bits: UnsafePointer<UInt8>, stride: Int, bytes: Int,
        to sums: UnsafeMutablePointer<SIMD8<Float>>, count: Int
    ) {
        for set in 0..<count {
            let row = unsafe bits + set * stride
            var sum = unsafe sums[set]
            for byte in 0..<bytes { unsafe sum += table[byte * entries + Int(row[byte])] }
            unsafe sums[set] = sum
        }
    }

    /// Adds `sums` to `totals` and begins them anew.
    package static func flush(
        _ sums: UnsafeMutablePointer<SIMD8<Float>>, to totals: UnsafeMutablePointer<SIMD8<Double>>, count: Int
    ) {
        for set in 0..<count {
            unsafe totals[set] += SIMD8<Double>(sums[set])
            unsafe sums[set] = .zero
        }
    }

    /// The sum of `8 bytes` values with the signs of a set, without a table: for a few sets.
    package static func sum(
        _ values: UnsafePointer<SIMD8<Float>>, _ bits: UnsafePointer<UInt8>, bytes: Int,
        to total: UnsafeMutablePointer<SIMD8<Double>>
    ) {
        var first = 0
        while first < bytes {
            var sum = Lanes.zero
            for byte in first..<min(bytes, first + bytesPerSum) {
                let signs = unsafe bits[byte]
                var part = Lanes.zero
                for bit in 0..<8 {
                    let sign: Float = signs >> UInt8(bit) & 1 == 0 ? 1 : -1
                    unsafe part += sign * values[8 * byte + bit]
                }
                sum += part
            }
            unsafe total.pointee += SIMD8<Double>(sum)
            first += bytesPerSum
        }
    }
}
