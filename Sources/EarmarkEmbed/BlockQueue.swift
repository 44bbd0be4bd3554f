internal import Dispatch
internal import Synchronization

/// A block that several threads pass on to one another; only the one that took it from a queue may touch it.
final class SharedBlock: @unchecked Sendable {  // A queue hands it to one thread at a time.
    var buffers: BlockBuffers

    init(_ buffers: BlockBuffers) { self.buffers = buffers }
}

/// Blocks on their way from one thread to the next, in order.
final class BlockQueue: Sendable {
    private let blocks: Mutex<[SharedBlock?]>
    private let waiting: DispatchSemaphore

    init(_ blocks: [SharedBlock] = []) {
        self.blocks = Mutex(blocks)
        // Counted up, for a semaphore may not end below what it began with.
        waiting = DispatchSemaphore(value: 0)
        for _ in blocks { waiting.signal() }
    }

    /// Appends a block; nil says that nothing follows.
    func put(_ block: SharedBlock?) {
        blocks.withLock { $0.append(block) }
        waiting.signal()
    }

    /// Waits for the next block; nil if nothing follows.
    func take() -> SharedBlock? {
        waiting.wait()
        return blocks.withLock { $0.removeFirst() }
    }
}
