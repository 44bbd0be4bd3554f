/// Recognises streams of self-synchronising frames: MP3, ADTS and LOAS.
enum MPEGAudioSync {
    /// The three raw stream types.
    enum Stream: Sendable {
        case mp3
        case adts
        case loas
    }

    /// Bytes that are searched at a time; the first frames may lie anywhere.
    ///
    /// Tags with wrong sizes, tags of other kinds, pictures and zeros stand before them.
    static let searchSpan = 4 << 20
    /// Bytes of the frames that prove a stream, at most: searches overlap by that.
    private static let proofSpan = framesFarOff * 8_208

    /// Frames in a row that prove a stream which does not begin at the first byte.
    ///
    /// Random bytes pass one header check about once in 10^4 positions, and each further frame must begin exactly
    /// where the last one says: four in a row do not happen by chance within `searchSpan`.
    static let framesAfterJunk = 4

    /// Frames in a row that prove a stream which begins at the first byte.
    static let framesAtStart = 2

    /// The same far from where a file should begin: there are many more places at which they could follow by chance.
    static let framesFarOff = 8
    /// From here on that counts, bytes.
    private static let farOff = 262_144

    /// Bytes that may stand before every frame of a spaced stream, such as heads of packets that nobody took off.
    static let spacing = 64

    /// The first stream at or after `start`, wherever it lies, and its first byte.
    static func find(in source: ByteSource, from start: Int64) -> (stream: Stream, offset: Int64)? {
        var offset = start
        while offset < source.size {
            let bytes = source.bytes(at: offset, count: searchSpan)
            let isWhole = offset + Int64(bytes.count) >= source.size
            if let found = find(in: bytes, isWhole: isWhole, isStart: offset == start) {
                return (found.stream, offset + Int64(found.offset))
            }
            if isWhole || bytes.count <= proofSpan { return nil }
            offset += Int64(bytes.count - proofSpan)
        }
        return nil
    }

    /// The stream that `bytes` begin with or contain after junk, and where its first frame lies.
    ///
    /// `isWhole`: `bytes` reach the end of the file, so that a last frame may be cut. `isStart`: the file should begin
    /// at the first of them.
    static func find(in bytes: [UInt8], isWhole: Bool, isStart: Bool = true) -> (stream: Stream, offset: Int)? {
        var offset = 0
        while let next = nextCandidate(in: bytes, from: offset) {
            offset = next
            let isFirst = isStart && offset == 0
            let needed = isFirst ? framesAtStart : isStart && offset < farOff ? framesAfterJunk : framesFarOff
            for stream in [Stream.adts, .mp3, .loas] {
                let chain = frames(of: stream, in: bytes, from: offset, atMost: needed)
                let reachesEnd = isFirst && isWhole && chain.reachesEnd && chain.count >= 1
                if chain.count >= needed || reachesEnd { return (stream, offset) }
            }
            offset += 1
        }
        return nil
    }

    /// The first byte that a header may begin with.
    private static func nextCandidate(in bytes: [UInt8], from offset: Int) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            var place = offset
            while place + 3 <= bytes.count {
                let byte = bytes[place]
                if byte == 0xFF || byte == 0x56 { return place }
                place += 1
            }
            return nil
        }
    }

    /// How many headers follow one another from `start`, and whether the last frame runs to or past the end.
    static func frames(
        of stream: Stream, in bytes: [UInt8], from start: Int, atMost most: Int
    ) -> (count: Int, reachesEnd: Bool) {
        var position = start
        var count = 0
        while count < most {
            guard let length = frameLength(of: stream, in: bytes, at: position) else { return (count, false) }
            count += 1
            position += length
            // FFmpeg's reader of AAC steps over tags between frames.
            while stream == .adts, bytes.contains("ID3", at: position),
                let tag = MPEGAudioTags.length(ofTag: bytes, at: position), tag < Int64(bytes.count)
            {
                position += Int(tag)
            }
            if position >= bytes.count { return (count, true) }
        }
        return (count, false)
    }

    /// Bytes of the frame whose header stands at `offset`; nil if no valid header does.
    static func frameLength(of stream: Stream, in bytes: [UInt8], at offset: Int) -> Int? {
        switch stream {
        case .mp3: layer3Length(bytes, offset)
        case .adts: adtsLength(bytes, offset)
        case .loas: loasLength(bytes, offset)
        }
    }

    /// Kilobits per second by bitrate index, layer III: MPEG-1, then MPEG-2 and 2.5 (ISO 11172-3, 13818-3).
    private static let layer3Rates: [[Int]] = [
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0],
    ]

    /// Whether MP3 of a bit rate that no header names begins here: three heads alike, as far from one another.
    static func isFreeFormat(_ bytes: [UInt8]) -> Bool { isRow(bytes) { $0 >> 17 & 3 == 1 && $0 >> 12 & 15 == 0 } }

    /// Whether MPEG audio of layer I or II begins here.
    static func isOtherLayer(_ bytes: [UInt8]) -> Bool { isRow(bytes) { $0 >> 18 & 1 == 1 && $0 >> 12 & 15 != 15 } }

    /// Whether MPEG audio begins here whose first head is `wanted`: three heads alike, as far from one another.
    private static func isRow(_ bytes: [UInt8], _ wanted: (UInt32) -> Bool) -> Bool {
        // Sync word, version, layer, bitrate and sample rate.
        let (mask, sync): (UInt32, UInt32) = (0xFFFE_FC00, 0xFFE0_0000)
        func head(_ place: Int) -> UInt32? { bytes.bigEndian32(at: place).map { $0 & mask } }
        guard let first = head(0), first & sync == sync, first >> 19 & 3 != 1, first >> 10 & 3 != 3, wanted(first)
        else { return false }
        // What pads a frame of layer I has four bytes.
        return freeFrames.contains { length in
            head(length) == first && (2 * length - 4...2 * length + 4).contains { head($0) == first }
        }
    }

    /// Bytes of a frame in free format: 640 kbit/s at 32 kHz are the most.
    private static let freeFrames = 24...2_881

    private static let sampleRates = [44_100, 48_000, 32_000]

    private static func layer3Length(_ bytes: [UInt8], _ offset: Int) -> Int? {
        guard let header = bytes.bigEndian32(at: offset), header >> 21 == 0x7FF else { return nil }
        let version = Int(header >> 19 & 3)  // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5, 1: reserved
        let layer = Int(header >> 17 & 3)  // 1: layer III
        let rateIndex = Int(header >> 10 & 3)
        guard version != 1, layer == 1, rateIndex != 3 else { return nil }
        let kilobits = layer3Rates[version == 3 ? 0 : 1][Int(header >> 12 & 15)]
        guard kilobits > 0 else { return nil }
        let sampleRate = sampleRates[rateIndex] / (version == 3 ? 1 : version == 2 ? 2 : 4)
        let bytesPerFrameFactor = version == 3 ? 144_000 : 72_000
        return bytesPerFrameFactor * kilobits / sampleRate + Int(header >> 9 & 1)
    }

    private static func adtsLength(_ bytes: [UInt8], _ offset: Int) -> Int? {
        let headerLength = 7
        guard offset + headerLength <= bytes.count else { return nil }
        guard bytes[offset] == 0xFF, bytes[offset + 1] & 0xF6 == 0xF0 else { return nil }
        guard bytes[offset + 2] >> 2 & 15 < 13 else { return nil }
        let length =
            Int(bytes[offset + 3] & 3) << 11 | Int(bytes[offset + 4]) << 3 | Int(bytes[offset + 5]) >> 5
        return length > headerLength ? length : nil
    }

    private static func loasLength(_ bytes: [UInt8], _ offset: Int) -> Int? {
        guard offset + 3 <= bytes.count else { return nil }
        guard bytes[offset] == 0x56, bytes[offset + 1] & 0xE0 == 0xE0 else { return nil }
        let length = Int(bytes[offset + 1] & 0x1F) << 8 | Int(bytes[offset + 2])
        return length > 0 ? length + 3 : nil
    }
}

/// Tags around raw MPEG audio, which are left out before FFmpeg sees the file.
///
/// Not for speed: a tag may carry pictures of any size and kind, and none of that needs to be parsed.
enum MPEGAudioTags {
    /// Largest number of ID3v2 tags in a row that are skipped.
    private static let maximumTags = 16
    /// Bytes of the head of an ID3v2 tag.
    static let headerLength: Int64 = 10

    /// Offset of the first byte after all leading ID3v2 tags; 0 without one.
    static func startOfAudio(in source: ByteSource) -> Int64 {
        var offset: Int64 = 0
        for _ in 0..<maximumTags {
            guard let length = id3Length(source.bytes(at: offset, count: Int(headerLength))) else { return offset }
            offset += length
        }
        return offset
    }

    /// Bytes of the ID3v2 tag with this head; nil if it is none.
    static func id3Length(_ header: [UInt8]) -> Int64? {
        guard header.count == headerLength, header.contains("ID3", at: 0), header[3] != 0xFF, header[4] != 0xFF,
            header[6...9].allSatisfy({ $0 < 0x80 })
        else { return nil }
        let length = header[6...9].reduce(Int64(0)) { $0 << 7 | Int64($1) }
        let footer: Int64 = header[5] & 0x10 != 0 ? 10 : 0
        return headerLength + length + footer
    }

    /// Offset of the first byte of trailing tags, else the size of the file.
    static func endOfAudio(in source: ByteSource, from start: Int64) -> Int64 {
        var end = source.size
        for _ in 0..<maximumTags {
            guard let length = length(ofTagEndingAt: end, in: source), length <= end - start else { break }
            end -= length
        }
        return end
    }

    /// Bytes of the tag that ends at `end`: ID3v1 and what stands before it (TAG+, Lyrics3), APEv2, ID3v2 with a foot.
    private static func length(ofTagEndingAt end: Int64, in source: ByteSource) -> Int64? {
        func begins(_ text: StaticString, _ length: Int64) -> Bool {
            source.bytes(at: end - length, count: text.utf8CodeUnitCount).contains(text, at: 0)
        }
        if begins("TAG+", 227) { return 227 }
        if begins("TAG", 128) { return 128 }
        let foot = source.bytes(at: end - 32, count: 32)
        if foot.contains("APETAGEX", at: 0), let size = foot.littleEndian32(at: 12), size >= 32 {
            return begins("APETAGEX", Int64(size) + 32) ? Int64(size) + 32 : Int64(size)
        }
        if foot.contains("3DI", at: 22), let length = id3Length(Array("ID3".utf8) + foot[25...]), begins("ID3", length)
        {
            return length
        }
        let digits = String(decoding: foot[min(foot.count, 17)..<min(foot.count, 23)], as: UTF8.self)
        if foot.contains("LYRICS200", at: 23), let size = Int64(digits), begins("LYRICSBEGIN", size + 15) {
            return size + 15
        }
        return nil
    }

    /// Whether the Xing/Info header of an MP3 stream promises more bytes than lie between `start` and `end`.
    static func xingPromisesMore(in source: ByteSource, firstFrame start: Int64, end: Int64) -> Bool {
        let bytes = source.bytes(at: start, count: 200)
        // Offset of the tag: header 4 + side information 9, 17 or 32.
        for offset in [13, 21, 36] where bytes.contains("Xing", at: offset) || bytes.contains("Info", at: offset) {
            guard let flags = bytes.bigEndian32(at: offset + 4), flags & 2 != 0 else { return false }
            let field = offset + 8 + (flags & 1 != 0 ? 4 : 0)
            guard let promised = bytes.bigEndian32(at: field) else { return false }
            return Int64(promised) > end - start
        }
        return false
    }
}
