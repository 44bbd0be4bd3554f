internal import CFFmpeg

/// Keeps the process small beside long recordings.
///
/// glibc raises its threshold for separate mappings whenever a large block is freed, and then keeps the next large
/// blocks in a heap that it returns late: over nine hours that is 15 MB of 150.
enum HeapTrim {
    /// Blocks from this size on are mapped, and unmapped when freed, bytes.
    private static let mappedBytes: CInt = 1 << 18

    /// Returns what has been freed to the system.
    static func now() { cff_trim_heap(mappedBytes) }
}
