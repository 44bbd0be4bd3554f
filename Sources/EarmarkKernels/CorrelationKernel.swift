/// The loops of correlations with the pilot; use `Kernels`.
@safe package enum CorrelationKernel {
    private typealias Words = SIMD16<Int16>

    /// `sums[o] += scores[(o + shift) mod count]`; exact, whatever the order.
    package static func addTurned(
        _ scores: UnsafePointer<Int16>, shift: Int, to sums: UnsafeMutablePointer<Int32>, count: Int
    ) {
        unsafe add(scores + shift, to: sums, count: count - shift)
        unsafe add(scores, to: sums + (count - shift), count: shift)
    }

    private static func add(_ scores: UnsafePointer<Int16>, to sums: UnsafeMutablePointer<Int32>, count: Int) {
        var index = 0
        while index + Words.scalarCount <= count {
            let words = unsafe UnsafeRawPointer(scores + index).loadUnaligned(as: Words.self)
            let place = unsafe UnsafeMutableRawPointer(sums + index)
            let sum = unsafe place.loadUnaligned(as: SIMD16<Int32>.self)
            unsafe place.storeBytes(of: sum &+ SIMD16<Int32>(truncatingIfNeeded: words), as: SIMD16<Int32>.self)
            index += Words.scalarCount
        }
        while index < count {
            unsafe sums[index] &+= Int32(scores[index])
            index += 1
        }
    }

    /// An impulse: the row of features that it adds, and the first sum that it adds them to.
    package typealias Impulse = (row: Int32, first: Int32)

    /// `sums[first + i] += rows[row * length + i]` for every impulse; `length` is a multiple of 16.
    package static func add(
        _ impulses: UnsafeBufferPointer<Impulse>, rows: UnsafePointer<Int16>, length: Int,
        to sums: UnsafeMutablePointer<Int16>
    ) {
        for index in 0..<impulses.count {
            let impulse = unsafe impulses[index]
            let row = unsafe UnsafeRawPointer(rows + Int(impulse.row) * length)
            let place = unsafe UnsafeMutableRawPointer(sums + Int(impulse.first))
            var offset = 0
            while offset < length * MemoryLayout<Int16>.stride {
                let sum = unsafe place.loadUnaligned(fromByteOffset: offset, as: Words.self)
                let values = unsafe row.loadUnaligned(fromByteOffset: offset, as: Words.self)
                unsafe place.storeBytes(of: sum &+ values, toByteOffset: offset, as: Words.self)
                offset += MemoryLayout<Words>.stride
            }
        }
    }
}
