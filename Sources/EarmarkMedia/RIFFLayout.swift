/// The chunks of a WAV or AVI file that matter before FFmpeg sees it.
struct RIFFLayout {
    /// The file ends before its media chunk does.
    private(set) var isTruncated = false
    /// Where the AVI index has its four characters; hidden from FFmpeg, which then reads in file order.
    private(set) var indexOffset: Int64?

    /// What FFmpeg must see in place of descriptions of PCM.
    private(set) var patches: [BytePatch] = []
    /// Where a WAV file begins that FFmpeg can read, made of `patches` before the samples; nil if it can as it is.
    private(set) var head: Int64?

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
        var formatChunk: Chunk?
        let is64 = !source.bytes(at: start, count: 4).contains("RIFF", at: 0)
        for chunk in chunks(from: start + 12, mayBeUnpadded: true) {
            switch chunk.type {
            case "ds64": largeDataSize = source.bytes(at: chunk.body + 8, count: 8).littleEndian64(at: 0)
            case "fmt ":
                sawFormat = true
                format = WaveFormat(source, at: chunk.body, size: Int64(chunk.size))
                formatChunk = chunk
            case "data":
                guard sawFormat else {
                    throw MediaError(.corrupt, "WAV file without a fmt chunk before its data.", path: source.path)
                }
                isTruncated = isDataCut(chunk, largeSize: is64 ? largeDataSize : nil)
                patches = format?.patches(source, data: chunk.body) ?? []
                if let formatChunk, (chunk.body - start) & 1 != 0 { makeHead(formatChunk, data: chunk.body - 8) }
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

    /// Writes the head of a WAV file right before the samples, where chunks of odd length without padding stand before
    /// them: FFmpeg cannot find them there.
    private mutating func makeHead(_ format: Chunk, data: Int64) {
        var bytes = source.bytes(at: format.body, count: Int(min(format.size, 40)))
        bytes += [UInt8](repeating: 0, count: -bytes.count & 3)
        for patch in patches {
            let place = Int(patch.offset - format.body)
            guard place >= 0, place + 4 <= bytes.count else { continue }
            bytes.replaceSubrange(place..<place + 4, with: patch.replacement.bytes)
        }
        func field(_ value: Int64) -> [UInt8] { withUnsafeBytes(of: UInt32(clamping: value).littleEndian, Array.init) }
        let content = Array("WAVEfmt ".utf8) + field(Int64(bytes.count)) + bytes
        let begin = data - 8 - Int64(content.count)
        guard begin >= 0 else { return }
        let all = Array("RIFF".utf8) + field(source.size - begin - 8) + content
        patches = stride(from: 0, to: all.count, by: 4).compactMap { place in
            all.fourCC(at: place).map { BytePatch(offset: begin + Int64(place), replacement: $0) }
        }
        head = begin
    }

    /// Types of chunks in WAV files, by which it is told whether padding was forgotten.
    private static let known: Set<FourCC> = [
        "fmt ", "data", "LIST", "fact", "bext", "cue ", "smpl", "inst", "iXML", "id3 ", "ID3 ", "JUNK", "junk", "PAD ",
        "PEAK", "FLLR", "minf", "elm1", "regn", "umid", "DGDA", "DISP", "acid", "plst", "axml", "chna", "cart", "_PMX",
    ]

    /// The chunks from `start` on; those of odd length are followed by padding, which may be missing in WAV files.
    private func chunks(from start: Int64, mayBeUnpadded: Bool = false) -> some Sequence<Chunk> {
        var offset = start
        var left = RIFFLayout.maximumChunks
        let source = source
        return AnyIterator {
            let header = source.bytes(at: offset, count: 8)
            guard left > 0, let type = header.fourCC(at: 0), let size = header.littleEndian32(at: 4) else { return nil }
            defer {
                left -= 1
                offset += 8 + Int64(size)
                if size & 1 != 0 {
                    let next = source.bytes(at: offset, count: 5)
                    let isUnpadded =
                        mayBeUnpadded && next.fourCC(at: 0).map(RIFFLayout.known.contains) ?? false
                        && !(next.fourCC(at: 1).map(RIFFLayout.known.contains) ?? false)
                    offset += isUnpadded ? 0 : 1
                }
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
