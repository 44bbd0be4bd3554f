/// The chunks of a WAV or AVI file that matter before FFmpeg sees it.
struct RIFFLayout {
    /// The file ends before its media chunk does.
    private(set) var isTruncated = false
    /// Where the AVI index has its four characters; hidden from FFmpeg, which then reads in file order.
    private(set) var indexOffset: Int64?

    /// What FFmpeg must see in place of descriptions of PCM.
    private(set) var patches: [BytePatch] = []

    /// Chunks visited at most before the media chunk.
    private static let maximumChunks = 100_000

    private let source: ByteSource

    /// Walks a WAV file that begins at `start` up to its `data` chunk.
    init(wave source: ByteSource, at start: Int64 = 0) throws(MediaError) {
        self.source = source
        var largeDataSize: UInt64?
        var sawFormat = false
        var overrun = false
        var format: WaveFormat?
        let is64 = !source.bytes(at: start, count: 4).contains("RIFF", at: 0)
        for chunk in chunks(from: start + 12) {
            switch chunk.type {
            case "ds64": largeDataSize = source.bytes(at: chunk.body + 8, count: 8).littleEndian64(at: 0)
            case "fmt ":
                sawFormat = true
                format = WaveFormat(source, at: chunk.body, size: Int64(chunk.size))
            case "data":
                guard sawFormat else {
                    throw MediaError(.corrupt, "WAV file without a fmt chunk before its data.", path: source.path)
                }
                isTruncated = isDataCut(chunk, largeSize: is64 ? largeDataSize : nil)
                patches = format?.patches(source, data: chunk.body) ?? []
                return
            default: break
            }
            overrun = chunk.body + Int64(chunk.size) > source.size
        }
        if overrun || source.size - start < 44 {
            throw MediaError(
                .truncated,
                "WAV file that ends before its data chunk. Get a complete copy of the file.", path: source.path)
        }
        throw MediaError(.corrupt, "WAV file without a data chunk.", path: source.path)
    }

    /// Walks an AVI file that begins at `start` up to its index.
    init(avi source: ByteSource, at start: Int64 = 0) throws(MediaError) {
        self.source = source
        var sawMedia = false
        var sawHeader = false
        for chunk in chunks(from: start + 12) {
            if chunk.type == "LIST" {
                let kind = source.bytes(at: chunk.body, count: 4).fourCC(at: 0)
                if kind == "hdrl", !sawHeader {
                    sawHeader = true
                    readStreams(chunk)
                }
                if kind == "movi" {
                    sawMedia = true
                    isTruncated = isTruncated || isDataCut(chunk, largeSize: nil)
                }
            } else if chunk.type == "RIFF" {
                // A further part of a long file (OpenDML).
                isTruncated = isTruncated || isDataCut(chunk, largeSize: nil)
            } else if chunk.type == "idx1" {
                indexOffset = indexOffset ?? chunk.body - 8
                isTruncated = isTruncated || chunk.body + Int64(chunk.size) > source.size
            }
        }
        guard sawHeader else {
            throw MediaError(.corrupt, "begins like AVI but has no stream headers.", path: source.path)
        }
        guard sawMedia else {
            throw MediaError(
                .truncated, "AVI file that ends before its media. Get a complete copy of the file.", path: source.path)
        }
    }

    /// Streams whose description is read; FFmpeg takes no more.
    private static let maximumStreams = 1_000

    /// The descriptions of sound in an AVI header.
    private mutating func readStreams(_ header: Chunk) {
        let end = min(source.size, header.body + Int64(header.size))
        for list in chunks(from: header.body + 4).prefix(RIFFLayout.maximumStreams) where list.body < end {
            guard list.type == "LIST", source.bytes(at: list.body, count: 4).fourCC(at: 0) == "strl" else { continue }
            var isAudio = false
            for chunk in chunks(from: list.body + 4).prefix(8) where chunk.body < list.body + Int64(list.size) {
                switch chunk.type {
                case "strh": isAudio = source.bytes(at: chunk.body, count: 4).fourCC(at: 0) == "auds"
                case "strf" where isAudio:
                    let format = WaveFormat(source, at: chunk.body, size: Int64(chunk.size))
                    patches += format?.patches(source, data: nil) ?? []
                default: break
                }
            }
        }
    }

    private struct Chunk {
        var type: FourCC
        var size: UInt32
        var body: Int64
    }

    private func chunks(from start: Int64) -> some Sequence<Chunk> {
        var offset = start
        var left = RIFFLayout.maximumChunks
        let source = source
        return AnyIterator {
            let header = source.bytes(at: offset, count: 8)
            guard left > 0, let type = header.fourCC(at: 0), let size = header.littleEndian32(at: 4) else { return nil }
            defer {
                left -= 1
                // Chunks are padded to even length.
                offset += 8 + Int64(size) + Int64(size & 1)
            }
            return Chunk(type: type, size: size, body: offset + 8)
        }
    }

    /// Whether a media chunk claims bytes that the file does not have.
    ///
    /// Programs that write to a pipe leave the size 0 or as large as it can be: that promises nothing.
    private func isDataCut(_ chunk: Chunk, largeSize: UInt64?) -> Bool {
        let streamedSizes: ClosedRange<UInt32> = 0xFFFF_FF00...0xFFFF_FFFF
        if streamedSizes.contains(chunk.size) {
            guard let largeSize, largeSize > 0, largeSize < UInt64(Int64.max) - UInt64(chunk.body) else { return false }
            return chunk.body + Int64(largeSize) > source.size
        }
        return chunk.body + Int64(chunk.size) > source.size
    }
}
