/// Goes through an AVI file from chunk to chunk, for those of no stream: FFmpeg passes over them without a word.
struct AVIWalk {
    private let source: ByteSource
    private let start: Int64
    /// Streams that the header describes.
    private let streams: Int
    private var block: (start: Int64, bytes: [UInt8]) = (0, [])
    /// The first kind of chunk of each stream, by which FFmpeg knows the others.
    private var kinds: [Int: UInt32] = [:]

    /// Bytes that are read at a time.
    private static let blockSize = 16_384
    /// Bytes of a header in which nothing else can stand.
    private static let longestHeader: UInt32 = 65_536

    init(_ source: ByteSource, from start: Int64, streams: Int) {
        self.source = source
        self.start = start
        self.streams = streams
    }

    /// Bytes without a chunk after which none is looked for.
    private static let mostLost: Int64 = 64 << 20

    /// Takes note of all chunks of an AVI file at `start` that are of none of its `streams`, and of what stands between
    /// chunks.
    static func tell(_ source: ByteSource, from start: Int64, streams: Int, _ unclaimed: inout UnclaimedParts) {
        guard streams > 0 else { return }
        var walk = AVIWalk(source, from: start, streams: streams)
        walk.tell(&unclaimed)
    }

    private mutating func tell(_ unclaimed: inout UnclaimedParts) {
        var offset = start + 12
        // Where no chunk was found from on; nil behind a chunk.
        var lost: Int64?
        while let (type, size) = head(at: offset), offset - (lost ?? offset) < AVIWalk.mostLost {
            guard let kind = kind(of: type, size, at: offset, isLost: lost != nil) else {
                lost = lost ?? offset
                offset += type == 0 ? 4 : 1
                continue
            }
            if let from = lost.take() { unclaimed.add("bytes between its chunks", from..<offset, of: source) }
            let end = offset + 8 + Int64(size)
            switch kind {
            case .end: return
            case .list: offset += 12
            case .known: offset = end + Int64(size & 1)
            case .unknown:
                let name = FourCC(rawValue: type)
                unclaimed.add("chunks '\(name)' of no stream", offset + 8..<end, of: source)
                offset = end + Int64(size & 1)
            }
        }
        if let lost { unclaimed.add("bytes behind its chunks", lost..<source.size, of: source) }
    }

    private enum Kind {
        case list
        case known
        case unknown
        case end
    }

    /// What the chunk is whose head stands at `offset`; nil if none does.
    private mutating func kind(of type: UInt32, _ size: UInt32, at offset: Int64, isLost: Bool) -> Kind? {
        let name = FourCC(rawValue: type)
        switch name {
        case "RIFF":
            return listType(at: offset) == "AVIX" ? .list : .end
        case "LIST":
            let list = listType(at: offset)
            if list == "hdrl", size < AVIWalk.longestHeader { return .known }
            return ["movi", "rec "].contains(list) ? .list : .unknown
        case "idx1": return .known
        default: break
        }
        guard let (stream, letters) = AVIWalk.stream(type) else {
            let isWhole = offset + 8 + Int64(size) <= source.size
            return name.isName && isWhole && !isLost ? .unknown : nil
        }
        guard stream < streams else { return .unknown }
        if kinds[stream] == nil { kinds[stream] = letters }
        let isOwn = letters == kinds[stream] || AVIWalk.pictures.contains(FourCC(rawValue: letters << 16 | 0x2020))
        return isOwn ? .known : .unknown
    }

    /// Kinds of chunks beside a stream's own: compressed and plain pictures, and palettes.
    private static let pictures: Set<FourCC> = ["dc  ", "db  ", "pc  "]

    /// The number of the stream that a chunk is of, and of which kind it is there; nil of any other chunk.
    private static func stream(_ type: UInt32) -> (number: Int, letters: UInt32)? {
        func digits(_ pair: UInt32) -> Int? {
            let (high, low) = (Int(pair >> 8) - 0x30, Int(pair & 0xFF) - 0x30)
            return (0...9).contains(high) && (0...9).contains(low) ? high * 10 + low : nil
        }
        return digits(type >> 16).map { ($0, type & 0xFFFF) }
    }

    private func listType(at offset: Int64) -> FourCC {
        source.bytes(at: offset + 8, count: 4).fourCC(at: 0) ?? "    "
    }

    /// Type and size of the chunk at `offset`; nil at the end of the file.
    private mutating func head(at offset: Int64) -> (type: UInt32, size: UInt32)? {
        guard offset + 8 <= source.size else { return nil }
        if offset < block.start || offset + 8 > block.start + Int64(block.bytes.count) {
            block = (offset, source.bytes(at: offset, count: AVIWalk.blockSize))
        }
        let place = Int(offset - block.start)
        guard let type = block.bytes.bigEndian32(at: place), let size = block.bytes.littleEndian32(at: place + 4) else {
            return nil
        }
        return (type, size)
    }
}
