import Foundation

/// Overwrites what the crypto libraries leave behind in memory that they have freed.
///
/// They wipe their own buffers but not everything: the expanded AES key lies in an object that is freed as it is, and
/// derived keys pass through arrays and the stack. docs/provisioning.md says what this reaches and what it cannot.
enum Residue {
    /// Sizes of heap blocks that are claimed and overwritten, in bytes: glibc keeps freed ones up to 1,032 in a list
    /// for each size, steps of 16, and hands the last freed out first.
    private static let blockByteCounts = stride(from: 24, through: 1_032, by: 16)
    /// Blocks of each size: glibc's lists hold 7, and what follows comes from blocks freed earlier.
    private static let blocksPerSize = 12
    /// Depth of stack that is overwritten, in bytes: several times what scrypt and AES-GCM use.
    private static let stackByteCount = 64 << 10
    private static let stackFrameByteCount = 1_024

    static func scrub() {
        scrubStack(stackByteCount)
        for byteCount in blockByteCounts { scrubHeap(byteCount) }
    }

    private static func scrubHeap(_ byteCount: Int) {
        withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: blocksPerSize) { blocks in
            for index in blocks.indices {
                let block = malloc(byteCount)
                if let block { explicit_bzero(block, byteCount) }
                blocks.initializeElement(at: index, to: block)
            }
            for block in blocks { free(block) }
        }
    }

    /// Recursion instead of one large block: allocations above a kilobyte need not lie on the stack.
    @inline(never)
    private static func scrubStack(_ byteCount: Int) {
        withUnsafeTemporaryAllocation(byteCount: stackFrameByteCount, alignment: 16) { frame in
            SecretBytes.wipe(frame)
            if byteCount > stackFrameByteCount { scrubStack(byteCount - stackFrameByteCount) }
            // After the call, so that no frame is reused for the next.
            SecretBytes.wipe(frame)
        }
    }
}
