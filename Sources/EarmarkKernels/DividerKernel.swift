/// The loops of a filter that divides a rate; use `Kernels`.
@safe package enum DividerKernel {
    private typealias Lanes = SIMD8<Float>
    /// Outputs that are computed together: with four vectors side by side no addition waits for the one before.
    package static let group = 32

    /// Where the samples before and after an output lie that share a tap, bytes from the output's own place.
    package typealias Places = (before: Int, after: Int)

    /// Writes `count` outputs: the sum of the samples about each of `middle`, those that share a tap added first.
    ///
    /// Reads up to `group` outputs at a time, written or not; `taps` has `tapCount` of them, from the middle outwards.
    package static func filter(
        _ middle: UnsafePointer<Float>, taps: UnsafePointer<Float>, places: UnsafePointer<Places>, tapCount: Int,
        into target: UnsafeMutablePointer<Float>, count: Int
    ) {
        var start = 0
        while start < count {
            let here = unsafe UnsafeRawPointer(middle + start)
            let first = unsafe taps[0]
            var sums = unsafe (
                eight(here, 0) * first, eight(here, 1) * first, eight(here, 2) * first, eight(here, 3) * first
            )
            for tap in 1..<tapCount {
                let factor = unsafe taps[tap]
                let before = unsafe here + places[tap].before
                let after = unsafe here + places[tap].after
                unsafe sums.0 += (eight(before, 0) + eight(after, 0)) * factor
                unsafe sums.1 += (eight(before, 1) + eight(after, 1)) * factor
                unsafe sums.2 += (eight(before, 2) + eight(after, 2)) * factor
                unsafe sums.3 += (eight(before, 3) + eight(after, 3)) * factor
            }
            let left = min(count - start, group)
            let room = unsafe UnsafeMutableRawBufferPointer(
                start: target + start, count: left * MemoryLayout<Float>.stride)
            unsafe withUnsafeBytes(of: &sums) { sums in
                unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: sums[..<room.count]))
            }
            start += group
        }
    }

    /// Copies every `step`-th of the samples from `samples` on to `target`, one after another.
    ///
    /// Places are counted by pointers: a multiplication for each, checked for overflow, takes longer than the copy.
    package static func gather(
        _ samples: UnsafePointer<Float>, step: Int, into target: UnsafeMutablePointer<Float>, count: Int
    ) {
        switch step {
        case 2: unsafe gather(samples, constant: 2, target, count)
        case 3: unsafe gather(samples, constant: 3, target, count)
        default: unsafe gather(samples, constant: step, target, count)
        }
    }

    @inline(__always)
    private static func gather(
        _ samples: UnsafePointer<Float>, constant step: Int, _ target: UnsafeMutablePointer<Float>, _ count: Int
    ) {
        var (from, to) = unsafe (samples, target)
        let end = unsafe target + count
        while unsafe to < end {
            unsafe to.pointee = unsafe from.pointee
            unsafe from += step
            unsafe to += 1
        }
    }

    /// Eight samples from the eighth times `place` on.
    @inline(__always)
    private static func eight(_ base: UnsafeRawPointer, _ place: Int) -> SIMD8<Float> {
        unsafe base.loadUnaligned(fromByteOffset: place * MemoryLayout<SIMD8<Float>>.stride, as: SIMD8<Float>.self)
    }
}
