/// What of a file is no part of any track: boxes, chunks, frames of tags, and places between samples.
///
/// Whole recordings may stand there. Padding, text and pictures are none of it.
struct UnclaimedParts {
    /// Bytes that are neither padding, text nor pictures.
    private(set) var total: Int64 = 0
    /// The same by what they are, with where the first of each lies.
    private var kinds: [String: (bytes: Int64, offset: Int64)] = [:]
    /// Kinds that are told apart: whoever makes more of them has one that is large enough.
    private static let maximumKinds = 64

    /// Bytes from which on they are worth a word: a second of sound in the tightest form has fewer.
    private static let leastBytes: Int64 = 65_536
    /// The share of the file that they must have besides: whoever marks or tags writes less.
    private static let leastShare: Int64 = 10

    /// Takes note of a part of `source`.
    mutating func add(_ name: @autoclosure () -> String, _ bytes: Range<Int64>, of source: ByteSource) {
        let bytes = bytes.clamped(to: 0..<source.size)
        guard !bytes.isEmpty, !source.isHarmless(bytes) else { return }
        add(name(), count: bytes.upperBound - bytes.lowerBound, at: bytes.lowerBound)
    }

    /// Takes note of `count` bytes from `offset` on that are known to be neither padding, text nor pictures.
    mutating func add(_ name: @autoclosure () -> String, count: Int64, at offset: Int64) {
        guard count > 0 else { return }
        total += count
        let name = name()
        if let known = kinds[name] {
            kinds[name] = (known.bytes + count, known.offset)
        } else if kinds.count < UnclaimedParts.maximumKinds {
            kinds[name] = (count, offset)
        }
    }

    /// That a large share of `source` is examined in no track, in half a sentence; nil if none is.
    func remark(of source: ByteSource) -> String? {
        let order = kinds.sorted { ($1.value.bytes, $0.value.offset) < ($0.value.bytes, $1.value.offset) }
        guard let (name, largest) = order.first, total >= UnclaimedParts.leastBytes,
            total >= source.fileSize / UnclaimedParts.leastShare
        else { return nil }
        let share = total * 100 / max(1, source.fileSize)
        let others = order.count > 1 ? ", most of that " : ": "
        return "\(grouped(total)) bytes of the file (\(share) %) are no part of any track, nor padding, text or "
            + "pictures\(others)\(name), \(grouped(largest.bytes)) bytes from byte "
            + "\(grouped(largest.offset)) on"
    }
}

// MARK: - Tags

extension UnclaimedParts {
    /// Takes note of what ID3v2 tags at `range` hold that is no picture or text, frame by frame; of another tag as a
    /// whole.
    mutating func add(tags range: Range<Int64>, of source: ByteSource) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let head = source.bytes(at: offset, count: Int(MPEGAudioTags.headerLength))
            guard let length = MPEGAudioTags.id3Length(head) else {
                return add("a tag", offset..<range.upperBound, of: source)
            }
            let end = min(offset + length, range.upperBound)
            if length >= UnclaimedParts.leastBytes { add(framesOf: head, offset..<end, of: source) }
            offset = end
        }
    }

    /// Frames of a tag that are looked at.
    private static let maximumFrames = 10_000

    /// ID3v2.2, 2.3 and 2.4, section 3: names of three or four characters, sizes of three or four bytes.
    private mutating func add(framesOf head: [UInt8], _ tag: Range<Int64>, of source: ByteSource) {
        let isOld = head[3] < 3
        let headLength: Int64 = isOld ? 6 : 10
        // Where bytes were put in so that none looks like a frame of audio, a picture does not end where it says.
        let isStuffed = head[5] & 0x80 != 0
        var offset = tag.lowerBound + MPEGAudioTags.headerLength
        if head[5] & 0x40 != 0, !isOld {
            let size = Int64(source.bytes(at: offset, count: 4).bigEndian32(at: 0) ?? 0)
            offset += head[3] == 3 ? size + 4 : size
        }
        for _ in 0..<UnclaimedParts.maximumFrames {
            let bytes = source.bytes(at: offset, count: Int(headLength))
            guard offset + headLength <= tag.upperBound, bytes.count == Int(headLength),
                bytes.prefix(isOld ? 3 : 4).allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
            else { break }
            let size = UnclaimedParts.size(of: bytes, version: head[3])
            let end = min(offset + headLength + size, tag.upperBound)
            let name = String(decoding: bytes.prefix(isOld ? 3 : 4), as: UTF8.self)
            let body = min(offset + headLength, end)..<end
            if !isStuffed || !source.beginsLikePicture(body) {
                add("a frame \(name) of its ID3 tag", body, of: source)
            }
            offset = end
        }
        if offset < tag.upperBound { add("its ID3 tag", offset..<tag.upperBound, of: source) }
    }

    private static func size(of frame: [UInt8], version: UInt8) -> Int64 {
        if version < 3 { return frame[3...5].reduce(Int64(0)) { $0 << 8 | Int64($1) } }
        // Programs that write version 4 with plain sizes are known by a byte that it does not allow.
        let isPacked = version > 3 && frame[4...7].allSatisfy { $0 < 0x80 }
        return frame[4...7].reduce(Int64(0)) { $0 << (isPacked ? 7 : 8) | Int64($1) }
    }
}

// MARK: - What is harmless

extension ByteSource {
    /// Bytes of a part of which all are looked at; of larger ones, 64 places are.
    private static let shortPart: Int64 = 16_384
    private static let probes: (count: Int64, bytes: Int) = (64, 256)
    /// Bytes in which a picture begins behind the fields of what holds it, and in which it ends.
    private static let pictureHead = 4_096

    /// Whether a part of the file is padding, text or a picture.
    func isHarmless(_ range: Range<Int64>) -> Bool {
        let count = range.upperBound - range.lowerBound
        if count <= ByteSource.shortPart {
            let bytes = bytes(at: range.lowerBound, count: Int(count))
            return !bytes.contains(where: ByteSource.isBinary) || isPicture(range)
        }
        let step = count / ByteSource.probes.count
        let isText = (0..<ByteSource.probes.count).allSatisfy { place in
            let bytes = bytes(at: range.lowerBound + place * step, count: ByteSource.probes.bytes)
            return !bytes.contains(where: ByteSource.isBinary)
        }
        return isText || isPicture(range)
    }

    /// Whether neither text, in ASCII, UTF-8 or UTF-16, nor padding has a byte: coded and uncoded sound has them all.
    private static func isBinary(_ byte: UInt8) -> Bool {
        (1...8).contains(byte) || (0x0E...0x1F).contains(byte) && byte != 0x1B
    }

    /// Whether a picture begins where the part does.
    func beginsLikePicture(_ range: Range<Int64>) -> Bool {
        let count = Int(min(range.upperBound - range.lowerBound, Int64(ByteSource.pictureHead)))
        let head = bytes(at: range.lowerBound, count: count)
        return ByteSource.pictures.contains { head.firstRange(of: $0.begin) != nil }
    }

    /// Whether a picture begins and ends where the part does.
    private func isPicture(_ range: Range<Int64>) -> Bool {
        let count = Int(min(range.upperBound - range.lowerBound, Int64(ByteSource.pictureHead)))
        let head = bytes(at: range.lowerBound, count: count)
        let tail = bytes(at: range.upperBound - Int64(count), count: count)
        return ByteSource.pictures.contains { picture in
            head.firstRange(of: picture.begin) != nil
                && (picture.end.isEmpty || tail.firstRange(of: picture.end) != nil)
        }
    }

    /// How pictures begin and end: JPEG, PNG, GIF, WebP.
    private static let pictures: [(begin: [UInt8], end: [UInt8])] = [
        ([0xFF, 0xD8, 0xFF], [0xFF, 0xD9]), ([0x89, 0x50, 0x4E, 0x47], Array("IEND".utf8)),
        (Array("GIF8".utf8), [0x3B]), (Array("WEBP".utf8), []),
    ]
}
