internal import CFFmpeg

/// Keeps processes small beside long recordings, and after them.
///
/// glibc raises its threshold for separate mappings whenever a large block is freed, and then keeps the next large
/// blocks in a heap that it returns late: over nine hours of a decoder that is 15 MB of 150. A process that has
/// examined 16 hours would keep 80 MB of what it freed for good, and have the next long recording on top.
package enum HeapTrim {
    /// Blocks from this size on are mapped, and unmapped when freed, bytes.
    private static let mappedBytes: CInt = 1 << 18

    /// Heaps that threads share.
    ///
    /// Left alone, glibc gives eight to each processor and reserves 64 MB of addresses for each: a file of 256 tracks,
    /// which starts as many threads, then does not fit into a gigabyte of addresses.
    private static let heaps: CInt = 2

    /// Has all threads to come share few heaps; before the first is started.
    package static func shareHeaps() { cff_limit_heaps(heaps) }

    /// Returns what has been freed to the system.
    static func now() { cff_trim_heap(mappedBytes) }
}
