internal import EarmarkMark
internal import EarmarkMedia
internal import Foundation

/// The way of a file's blocks: read, marked, rounded and written.
///
/// With more than one processor the three run side by side, each in a thread of its own: every block passes through all
/// of them in order, so the bits are those of one thread. As many blocks as `depth` are under way, however long the
/// file.
struct MarkPipeline {
    let source: any PCMSource
    let writer: PCMWriter
    let route: SampleRoute
    /// Called with the frames that are written, on the calling thread.
    let progress: ((Int64) -> Void)?

    /// Samples of a block, all channels together: small enough for a core's own cache, and enough work to be worth
    /// waking another thread for.
    private static let blockSamples = 16_384
    /// Blocks under way: one in the hands of each thread, and one before each.
    private static let depth = 6

    /// Marks all of the source; afterwards `coverage` tells how much of it carries the mark.
    func run(_ embedder: consuming Embedder, _ coverage: inout MarkCoverage, processors: Int) throws(MediaError) {
        if processors > 1 {
            try runSideBySide(embedder, &coverage)
        } else {
            try runInTurn(embedder, &coverage)
        }
    }

    private func block() -> BlockBuffers {
        let channels = source.format.channels
        return BlockBuffers(capacity: max(1, MarkPipeline.blockSamples / channels), channels: channels)
    }

    private func rounding() -> MarkRounding { MarkRounding(bits: route.bits) }

    private func runInTurn(_ embedder: consuming Embedder, _ coverage: inout MarkCoverage) throws(MediaError) {
        var embedder = embedder
        var rounding = rounding()
        var block = block()
        while true {
            try block.read(source, route)
            if block.frames == 0 { return }
            block.mark(&embedder)
            try finish(&block, &rounding, &coverage)
        }
    }

    private func finish(
        _ block: inout BlockBuffers, _ rounding: inout MarkRounding, _ coverage: inout MarkCoverage
    ) throws(MediaError) {
        block.cover(&coverage)
        try block.write(writer, route, &rounding)
        progress?(writer.framesWritten)
    }

    private func runSideBySide(_ embedder: consuming Embedder, _ coverage: inout MarkCoverage) throws(MediaError) {
        let free = BlockQueue((0..<MarkPipeline.depth).map { _ in SharedBlock(block()) })
        let (read, marked) = (BlockQueue(), BlockQueue())
        let reader = BlockReader(source: source, route: route)
        let marker = BlockMarker(embedder)
        let threads = DispatchGroup()
        MarkPipeline.start(threads) { reader.run(from: free, to: read) }
        MarkPipeline.start(threads) { marker.run(from: read, to: marked) }
        let failure = write(from: marked, to: free, &coverage)
        threads.wait()
        if let failure = failure ?? reader.failure { throw failure }
    }

    private static func start(_ threads: DispatchGroup, _ work: @escaping @Sendable () -> Void) {
        threads.enter()
        // Threads and not tasks: they wait for one another, and for the disk.
        Thread.detachNewThread {
            work()
            threads.leave()
        }
    }

    /// Writes blocks until nothing follows; what stopped it, if anything did.
    private func write(
        from marked: BlockQueue, to free: BlockQueue, _ coverage: inout MarkCoverage
    ) -> MediaError? {
        var rounding = rounding()
        var failure: MediaError?
        while let block = marked.take() {
            // After a failure the reader is told to stop, and what is still under way is dropped.
            guard failure == nil else { continue }
            do throws(MediaError) {
                try finish(&block.buffers, &rounding, &coverage)
                free.put(block)
            } catch {
                failure = error
                free.put(nil)
            }
        }
        return failure
    }
}

/// The thread that reads.
private final class BlockReader: @unchecked Sendable {  // Read by others only once its thread has ended.
    private let source: any PCMSource
    private let route: SampleRoute
    /// What stopped it before the end, if anything did.
    private(set) var failure: MediaError?

    init(source: any PCMSource, route: SampleRoute) {
        self.source = source
        self.route = route
    }

    func run(from free: BlockQueue, to read: BlockQueue) {
        defer { read.put(nil) }
        do throws(MediaError) {
            while let block = free.take() {
                try block.buffers.read(source, route)
                if block.buffers.frames == 0 { return }
                read.put(block)
            }
        } catch {
            failure = error
        }
    }
}

/// The thread that marks.
private final class BlockMarker: @unchecked Sendable {  // Only its own thread marks.
    private var embedder: Embedder

    init(_ embedder: consuming Embedder) { self.embedder = embedder }

    func run(from read: BlockQueue, to marked: BlockQueue) {
        defer { marked.put(nil) }
        while let block = read.take() {
            block.buffers.mark(&embedder)
            marked.put(block)
        }
    }
}
