/// Media that no track refers to.
extension MP4Layout {
    /// The tables of a track that say where its samples lie.
    struct SampleTables {
        var description: Box?
        var offsets: Box?
        var runs: Box?
        var sizes: Box?
        var times: Box?
    }

    /// Bytes of a media box from which on it is worth a word that nothing refers to any of them.
    private static let leastMedia: Int64 = 4_096
    /// The same of a part of a box: recorders leave tails, and indices of fragments that became samples.
    static let leastPart: Int64 = 65_536
    /// Places of a part that are looked at for something but zeros, and bytes at each.
    private static let probes: (count: Int64, bytes: Int) = (64, 256)

    /// Says what lies in media boxes that no sample of any track, and no fragment, refers to, and what else of the file
    /// is in no track.
    mutating func tellUnusedMedia() {
        var rest = unclaimed
        if unreadTracks == 0, !looseMedia.isEmpty {
            var coverage = MediaCoverage(size: source.size)
            for track in tracks where !track.isExternal { cover(track.tables, &coverage) }
            let told = tellGaps(coverage)
            if !tracks.isEmpty { addLoose(coverage, but: told, to: &rest) }
        }
        guard unread.count < JudgedRecording.maximumUnread, let remark = rest.remark(of: source) else { return }
        unread.append(remark)
    }

    /// Says which long parts of media boxes no sample lies in, and what stands behind all boxes.
    private mutating func tellGaps(_ coverage: MediaCoverage) -> [Range<Int64>] {
        let hasAudio = tracks.contains(where: \.isAudio)
        var told: [Range<Int64>] = []
        for gap in coverage.gaps(in: looseMedia) where unread.count < JudgedRecording.maximumUnread {
            let box = looseMedia[gap.media]
            guard hasAudio || box.lowerBound == tail else { continue }
            let (before, behind) = (gap.bytes.lowerBound - box.lowerBound, box.upperBound - gap.bytes.upperBound)
            let isWhole = before < coverage.block && behind < coverage.block
            let count = gap.bytes.upperBound - gap.bytes.lowerBound
            guard count >= (isWhole ? MP4Layout.leastMedia : max(MP4Layout.leastPart, 2 * coverage.block)),
                holdsSomething(gap.bytes)
            else { continue }
            let what = box.lowerBound == tail ? "bytes behind its last box" : "bytes of media (mdat)"
            unread.append(
                "\(grouped(count)) \(what) belong to no track, from byte "
                    + "\(grouped(gap.bytes.lowerBound)) on")
            told.append(gap.bytes)
        }
        return told
    }

    /// Blocks with bytes of no sample that are looked at for something but padding.
    private static let looseBlocks = 256

    /// Takes note of the bytes of media boxes that lie between samples: those of a track may be left out one by one.
    private func addLoose(_ coverage: MediaCoverage, but told: [Range<Int64>], to rest: inout UnclaimedParts) {
        var total: Int64 = 0
        var first: Int64?
        var blocks: [(bytes: Range<Int64>, loose: Int64)] = []
        var (stride, number) = (1, 0)
        coverage.forEachLoose(in: looseMedia) { bytes, loose in
            guard !told.contains(where: { $0.overlaps(bytes) }) else { return }
            total += loose
            first = first ?? bytes.lowerBound
            if number % stride == 0 { blocks.append((bytes, loose)) }
            number += 1
            guard blocks.count > 2 * MP4Layout.looseBlocks else { return }
            blocks = blocks.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            stride *= 2
        }
        let filled = blocks.count { isFilled($0.bytes, loose: $0.loose) }
        guard let first, filled > 0 else { return }
        rest.add(
            "places between samples of its media (mdat)", count: total * Int64(filled) / Int64(blocks.count), at: first)
    }

    /// Whether something but padding stands in a block, of which samples have all but `loose` bytes.
    private func isFilled(_ block: Range<Int64>, loose: Int64) -> Bool {
        let count = block.upperBound - block.lowerBound
        if loose == count { return !source.isHarmless(block) }
        let zeros = source.bytes(at: block.lowerBound, count: Int(count)).count { $0 == 0 }
        return Int64(zeros) < loose
    }

    private func holdsSomething(_ bytes: Range<Int64>) -> Bool {
        let step = max(1, (bytes.upperBound - bytes.lowerBound) / MP4Layout.probes.count)
        return stride(from: bytes.lowerBound, to: bytes.upperBound, by: Int64.Stride(step)).contains { place in
            source.bytes(at: place, count: min(MP4Layout.probes.bytes, Int(bytes.upperBound - place)))
                .contains { $0 != 0 }
        }
    }

    /// Takes note of where the chunks of a track lie, and of one that goes on past the end of the file: a media box
    /// that ends with the file, whatever its length, is not known to be cut.
    private mutating func cover(_ tables: SampleTables, _ coverage: inout MediaCoverage) {
        guard let table = tables.offsets else { return }
        var offsets = entries(of: table, width: table.type == "co64" ? 8 : 4)
        var runs = tables.runs.map { ChunkRuns(entries(of: $0, width: 4, fields: 3)) }
        var sizes = SampleSizes(self, tables)
        while let offset = offsets.next() {
            let start = Int64(clamping: offset).addingReportingOverflow(offsetBase ?? 0)
            // Where nothing says how long a chunk is, it may be as long as the file.
            var length = Int64.max
            if let samples = runs?.next(), sizes != nil { length = sizes?.take(samples) ?? length }
            guard !start.overflow else { continue }
            coverage.add(from: start.partialValue, count: length)
            let end = start.partialValue.addingReportingOverflow(length)
            if sizes?.isListed ?? false, end.overflow || end.partialValue > source.fileSize { isTruncated = true }
        }
    }

    /// The numbers of a table that begins with version, flags and the count of its entries.
    func entries(of box: Box, width: Int, fields: Int64 = 1) -> TableReader {
        let claimed = Int64(source.bytes(at: box.body + 4, count: 4).bigEndian32(at: 0) ?? 0)
        let room = max(0, box.end - box.body - 8) / Int64(width)
        return TableReader(source, at: box.body + 8, count: min(claimed * fields, room), width: width)
    }
}

/// How many samples each chunk has (ISO 14496-12, 8.7.4).
private struct ChunkRuns {
    private var table: TableReader
    private var chunk: UInt64 = 0
    private var samples: UInt64 = 0
    private var following: (first: UInt64, samples: UInt64)?

    init(_ table: TableReader) {
        self.table = table
        following = readRun()
    }

    /// Samples of the next chunk.
    mutating func next() -> UInt64 {
        chunk += 1
        while let run = following, run.first <= chunk {
            samples = run.samples
            following = readRun()
        }
        return samples
    }

    private mutating func readRun() -> (first: UInt64, samples: UInt64)? {
        guard let first = table.next(), let samples = table.next(), table.next() != nil else { return nil }
        return (first, samples)
    }
}

/// How many bytes samples have (ISO 14496-12, 8.7.3).
private struct SampleSizes {
    /// Of each sample, if all are of one size.
    private var constant: UInt64?
    private var table: TableReader

    /// Whether each sample has a size of its own: what is said of samples of one size is less sure.
    var isListed: Bool { constant == nil }

    /// nil if nothing says so.
    init?(_ layout: MP4Layout, _ tables: MP4Layout.SampleTables) {
        guard let box = tables.sizes else { return nil }
        let head = layout.source.bytes(at: box.body, count: 12)
        guard let field = head.bigEndian32(at: 4), let count = head.bigEndian32(at: 8) else { return nil }
        let isCompact = box.type == "stz2"
        let bits = isCompact ? Int(field & 0xFF) : 32
        let width = max(1, bits / 8)
        let room = max(0, box.end - box.body - 12) / Int64(width)
        table = TableReader(layout.source, at: box.body + 12, count: min(Int64(count), room), width: width)
        if isCompact, bits < 8 {
            constant = 1 << UInt64(bits)
        } else if !isCompact, field > 0 {
            constant = max(UInt64(field), SampleSizes.frame(layout, tables.description))
        }
    }

    /// Bytes of a sample in all channels: QuickTime says 1 of samples of one size, whatever that is.
    private static func frame(_ layout: MP4Layout, _ description: MP4Layout.Box?) -> UInt64 {
        guard let description else { return 0 }
        let entry = layout.source.bytes(at: description.body + 8, count: 72)
        let plain = UInt64(entry.bigEndian16(at: 24) ?? 0) * UInt64((entry.bigEndian16(at: 26) ?? 0) / 8)
        switch entry.bigEndian16(at: 16) {
        case 1: return max(plain, UInt64(entry.bigEndian32(at: 44) ?? 0))
        case 2: return UInt64(entry.bigEndian32(at: 64) ?? 0)
        default: return plain
        }
    }

    /// Bytes of the next samples.
    mutating func take(_ samples: UInt64) -> Int64 {
        if let constant { return Int64(clamping: constant.multipliedReportingOverflow(by: samples).partialValue) }
        var bytes: UInt64 = 0
        var left = samples
        while left > 0, let size = table.next() {
            bytes &+= size
            left -= 1
        }
        return Int64(clamping: bytes)
    }
}
