/// Sums of values with packed signs, eight at a time: 256 partial sums for every eight values, then one look-up a byte.
///
/// This is the "four Russians" trick: tables cost 32 additions a value, and every further set of signs an eighth of
/// one.
struct SignTables {
    /// Groups of eight that are tabulated together: 32 KB, which stays in the first-level cache.
    static let groupsPerBlock = 32

    private var table = [Float](repeating: 0, count: groupsPerBlock * 256)

    /// For each of `count` sign sets adds to `sums` its signed sum of `values` (count: 8 x `stride`).
    ///
    /// Set i occupies bytes `i * stride ..< (i + 1) * stride` of `bits`; a 1 bit is a minus sign.
    mutating func accumulate(_ values: [Float], bits: [UInt8], stride: Int, count: Int, into sums: inout [Double]) {
        precondition(values.count == 8 * stride && bits.count >= stride * count && sums.count >= count)
        var block = 0
        while block < stride {
            let groups = min(SignTables.groupsPerBlock, stride - block)
            for group in 0..<groups { fill(group, values, 8 * (block + group)) }
            SignTables.look(table, bits, first: block, groups: groups, stride: stride, count: count, &sums)
            block += groups
        }
    }

    private mutating func fill(_ group: Int, _ values: [Float], _ start: Int) {
        let base = group * 256
        var sum: Float = 0
        for index in 0..<8 { sum += values[start + index] }
        table[base] = sum
        var size = 1
        for index in 0..<8 {
            let twice = 2 * values[start + index]
            for entry in 0..<size { table[base + size + entry] = table[base + entry] - twice }
            size *= 2
        }
    }

    /// Four sets side by side: one alone would wait for its own additions.
    private static func look(
        _ table: [Float], _ bits: [UInt8], first: Int, groups: Int, stride: Int, count: Int, _ sums: inout [Double]
    ) {
        precondition(table.count >= groups << 8 && count * stride <= bits.count && first + groups <= stride)
        unsafe table.withUnsafeBufferPointer { table in
            unsafe bits.withUnsafeBufferPointer { bits in
                var set = 0
                while set + 4 <= count {
                    let row = set * stride + first
                    var sum = SIMD4<Float>.zero
                    for group in 0..<groups {
                        let base = group << 8
                        let entries = unsafe SIMD4<Float>(
                            table[base | Int(bits[row + group])], table[base | Int(bits[row + stride + group])],
                            table[base | Int(bits[row + 2 * stride + group])],
                            table[base | Int(bits[row + 3 * stride + group])])
                        sum += entries
                    }
                    for lane in 0..<4 { sums[set + lane] += Double(sum[lane]) }
                    set += 4
                }
                while set < count {
                    var sum: Float = 0
                    for group in 0..<groups {
                        unsafe sum += table[group << 8 | Int(bits[set * stride + first + group])]
                    }
                    sums[set] += Double(sum)
                    set += 1
                }
            }
        }
    }
}
