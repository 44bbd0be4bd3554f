/// Which parts of a file samples lie in, to the block.
///
/// Takes the same memory whatever an index says, and as long for each chunk however long that is.
struct MediaCoverage {
    /// Bytes in a block.
    let block: Int64
    /// Chunks that begin in a block less those that ended in the one before.
    private var changes: [Int32]
    /// The same of blocks that a chunk fills.
    private var fillings: [Int32]
    /// Bytes that chunks have in blocks that they do not fill.
    private var parts: [Int32]
    private let size: Int64

    /// Bytes in the blocks of files that are not large.
    private static let smallestBlock: Int64 = 1_024
    /// Blocks at most: four megabytes.
    private static let maximumBlocks: Int64 = 1 << 20

    init(size: Int64) {
        self.size = size
        block = max(MediaCoverage.smallestBlock, size / MediaCoverage.maximumBlocks + 1)
        changes = [Int32](repeating: 0, count: Int(size / block) + 2)
        fillings = changes
        parts = changes
    }

    /// Takes note of `count` bytes from `start` on.
    mutating func add(from start: Int64, count: Int64) {
        guard start >= 0, start < size, count > 0 else { return }
        let last = start + min(count, size - start) - 1
        let (begin, end) = (Int(start / block), Int(last / block))
        changes[begin] &+= 1
        changes[end + 1] &-= 1
        guard begin < end else { return addPart(begin, last - start + 1) }
        addPart(begin, Int64(begin + 1) * block - start)
        addPart(end, last - Int64(end) * block + 1)
        fillings[begin + 1] &+= 1
        fillings[end] &-= 1
    }

    private mutating func addPart(_ index: Int, _ count: Int64) {
        parts[index] = Int32(clamping: Int64(parts[index]) + count)
    }

    /// Calls `body` with each block of `media`, ranges in rising order, of which no sample has some bytes, and how
    /// many: samples may lie so densely that hardly a block is without one.
    func forEachLoose(in media: [Range<Int64>], _ body: (Range<Int64>, Int64) -> Void) {
        var filling: Int32 = 0
        var next = 0
        for range in media where !range.isEmpty {
            let last = Int((min(range.upperBound, size) - 1) / block)
            for index in max(0, Int(range.lowerBound / block))..<max(0, last + 1) {
                while next <= index {
                    filling &+= fillings[next]
                    next += 1
                }
                guard filling == 0 else { continue }
                let bytes = range.clamped(to: Int64(index) * block..<Int64(index + 1) * block)
                let loose = bytes.upperBound - bytes.lowerBound - Int64(parts[index])
                if loose > 0 { body(bytes, loose) }
            }
        }
    }

    /// The parts of `media`, ranges in rising order, that no block with a sample touches; each with the number of its
    /// range.
    func gaps(in media: [Range<Int64>]) -> [(media: Int, bytes: Range<Int64>)] {
        var gaps: [(media: Int, bytes: Range<Int64>)] = []
        var covering: Int32 = 0
        var next = 0
        for (number, range) in media.enumerated() where !range.isEmpty {
            var start: Int64?
            let last = Int((min(range.upperBound, size) - 1) / block)
            for index in max(0, Int(range.lowerBound / block))..<max(0, last + 1) {
                while next <= index {
                    covering &+= changes[next]
                    next += 1
                }
                let isFree = covering == 0
                if isFree, start == nil { start = max(range.lowerBound, Int64(index) * block) }
                if !isFree, let from = start.take() { gaps.append((number, from..<Int64(index) * block)) }
            }
            if let start { gaps.append((number, start..<range.upperBound)) }
        }
        return gaps
    }
}

/// Reads a table of numbers, the high byte first, from a file of which only a part is held.
struct TableReader {
    private let source: ByteSource
    private let width: Int
    private var offset: Int64
    private var left: Int64
    private var bytes: [UInt8] = []
    private var place = 0

    /// Bytes that are read at a time; a multiple of all widths.
    private static let blockSize = 1 << 16

    /// `count` numbers of `width` bytes from `offset` on.
    init(_ source: ByteSource, at offset: Int64, count: Int64, width: Int) {
        self.source = source
        self.width = width
        self.offset = offset
        left = max(0, count)
    }

    /// The next number; nil at the end of the table or the file.
    mutating func next() -> UInt64? {
        guard left > 0 else { return nil }
        if place + width > bytes.count {
            bytes = source.bytes(at: offset, count: TableReader.blockSize)
            offset += Int64(bytes.count)
            place = 0
            guard width <= bytes.count else { return nil }
        }
        left -= 1
        defer { place += width }
        return bytes.withUnsafeBufferPointer { bytes in
            var value: UInt64 = 0
            for index in place..<place + width { value = value << 8 | UInt64(bytes[index]) }
            return value
        }
    }
}
