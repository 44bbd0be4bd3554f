/// The chunks of a WAV or AVI file that matter before FFmpeg sees it.
struct RIFFLayout {
    /// The file ends before its media chunk does.
    private(set) var isTruncated = false
    /// Where the AVI index has its four characters; hidden from FFmpeg, which then reads in file order.
    private(set) var indexOffset: Int64?

    /// What of the file holds audio and is not examined: half sentences.
    private(set) var unread: [String] = []
    /// Chunks that hold nothing of a stream.
    private var unclaimed = UnclaimedParts()
    /// What FFmpeg must see in place of descriptions of PCM.
    private(set) var patches: [BytePatch] = []
    /// Where a WAV file begins that FFmpeg can read, made of `patches` before the samples; nil if it can as it is.
    private(set) var head: Int64?
    /// What FFmpeg sees of a file whose numbers have their high byte first (RIFX); nil of any other.
    private(set) var bigEndian: BigEndianWave?

    /// Chunks visited at most before the media chunk.
    private static let maximumChunks = 100_000

    private let source: ByteSource
    /// Streams that the header of an AVI file describes.
    private var streams = 0
    /// Whether numbers have their high byte first (RIFX).
    private var isBig = false
    /// Whether more samples follow than their chunk says.
    private var goesOn = false

    /// Walks a WAV file that begins at `start`, and what lies behind its samples.
    init(wave source: ByteSource, at start: Int64 = 0) throws(MediaError) {
        self.source = source
        var wave = WaveChunks()
        let magic = source.bytes(at: start, count: 4)
        isBig = magic.contains("RIFX", at: 0)
        let is64 = !isBig && !magic.contains("RIFF", at: 0)
        walk: for chunk in chunks(from: start + 12, mayBeUnpadded: true) {
            wave.count += 1
            switch chunk.type {
            case "ds64": wave.large = chunk
            case "fmt ": wave.take(format: chunk)
            case "data":
                wave.take(data: chunk)
                // Of as many samples as follow, since nobody said how many; no chunk can be told behind them.
                if wave.data?.size == 0 { break walk }
            // Where samples go on behind their chunk, or another file does.
            case _ where wave.data != nil && !chunk.type.isName: break walk
            default: addUnclaimed(chunk)
            }
            wave.overrun = chunk.body + Int64(chunk.size) > source.size
        }
        guard let data = wave.data else { throw noData(wave, from: start) }
        guard let formatChunk = wave.format else {
            throw MediaError(.corrupt, "WAV file without a fmt chunk.", path: source.path)
        }
        let format = WaveFormat(source, at: formatChunk.body, size: Int64(formatChunk.size), isBig: isBig)
        let large = is64 ? wave.large : nil
        let largeSize = large.flatMap { source.bytes(at: $0.body + 8, count: 8).littleEndian64(at: 0) }
        isTruncated = isDataCut(data, largeSize: largeSize)
        patches = format?.patches(source, data: data.body) ?? []
        hide(wave)
        tellUnclaimed()
        if let large, largeSize == 0 { openEnd(large, data: data) }
        if data.size > 0, !RIFFLayout.streamedSizes.contains(data.size) { readOn(behind: data) }
        if isBig {
            bigEndian = try BigEndianWave(source, formatChunk.body, format, data: data.body, end: end(of: data))
        } else if (data.body - start) & 1 != 0 {
            makeHead(formatChunk, data: data.body - 8)
        }
    }

    /// Where the samples of a WAV file end that FFmpeg does not learn that from.
    private func end(of data: Chunk) -> Int64 {
        let isOpen = data.size == 0 || RIFFLayout.streamedSizes.contains(data.size) || goesOn
        return isOpen ? source.size : min(source.size, data.body + Int64(data.size))
    }

    /// Why a WAV file without samples has none.
    private func noData(_ wave: WaveChunks, from start: Int64) -> MediaError {
        if wave.overrun || source.size - start < 44 {
            return MediaError(
                .truncated,
                "WAV file that ends before its data chunk. Get a complete copy of the file.", path: source.path)
        }
        if wave.count >= RIFFLayout.maximumChunks {
            return MediaError(
                .corrupt, "WAV file with more than \(grouped(Int64(wave.count))) chunks before its data.",
                path: source.path)
        }
        return MediaError(.corrupt, "WAV file without a data chunk.", path: source.path)
    }

    /// The chunks of a WAV file that say where its samples are, and in what form.
    private struct WaveChunks {
        var count = 0
        var overrun = false
        var large: Chunk?
        /// The last description before the samples.
        var format: Chunk?
        /// The longest samples.
        var data: Chunk?
        /// Further descriptions and samples, which FFmpeg would take instead.
        var others: [Chunk] = []

        mutating func take(format chunk: Chunk) {
            // A description that stands behind the samples is as good as one before them, where there is no other.
            if data != nil, format != nil { return others.append(chunk) }
            if let format { others.append(format) }
            format = chunk
        }

        mutating func take(data chunk: Chunk) {
            guard let known = data else { return data = chunk }
            let isLonger = chunk.size > known.size
            others.append(isLonger ? known : chunk)
            if isLonger { data = chunk }
        }
    }

    /// Hides what FFmpeg would take instead of the samples that are examined, and says which samples are not.
    private mutating func hide(_ wave: WaveChunks) {
        for chunk in wave.others {
            patches.append(BytePatch(offset: chunk.body - 8, replacement: "JUNK"))
            guard chunk.type == "data", chunk.size > 0, unread.count < JudgedRecording.maximumUnread else { continue }
            unread.append(
                "it has another data chunk of \(grouped(Int64(chunk.size))) bytes, at byte \(grouped(chunk.body - 8))")
        }
    }

    /// Takes note of what a chunk holds that is none of samples.
    private mutating func addUnclaimed(_ chunk: Chunk) {
        let bytes = chunk.body..<min(chunk.body + Int64(chunk.size), max(chunk.body, source.size))
        if chunk.type == "id3 " || chunk.type == "ID3 " { return unclaimed.add(tags: bytes, of: source) }
        unclaimed.add("a chunk '\(chunk.type)'", bytes, of: source)
    }

    private mutating func tellUnclaimed() {
        if let remark = unclaimed.remark(of: source) { unread.append(remark) }
    }

    /// Lets the samples of an RF64 or BW64 file whose writer never came to say how many go on to the end.
    private mutating func openEnd(_ large: Chunk, data: Chunk) {
        let size = UInt64(max(0, source.size - data.body))
        patches.append(BytePatch(offset: large.body + 8, replacement: .littleEndian(UInt32(truncatingIfNeeded: size))))
        patches.append(BytePatch(offset: large.body + 12, replacement: .littleEndian(UInt32(size >> 32))))
    }

    /// Looks at what lies behind the samples: more of them, where a writer died before it said how many, or another
    /// file, which is not examined.
    private mutating func readOn(behind data: Chunk) {
        let end = data.body + Int64(data.size) + Int64(data.size & 1)
        guard source.size - end >= RIFFLayout.leastUnread else { return }
        let head = source.bytes(at: end, count: 16)
        if head.fourCC(at: 0).map({ $0.isName && !["RIFF", "RIFX", "RF64"].contains($0) }) ?? false { return }
        guard holdsSomething(from: end) else { return }
        if RIFFLayout.beginsLikeMedia(head) {
            tellAnother(at: end)
        } else {
            goesOn = true
            patches.append(BytePatch(offset: data.body - 4, replacement: .littleEndian(UInt32.max)))
        }
    }

    private mutating func tellAnother(at end: Int64) {
        unread.append(
            "another file of \(grouped(source.size - end)) bytes stands behind it, at byte \(grouped(end)) "
                + "(tail -c +\(end + 1))")
    }

    /// Bytes behind the samples that are looked at: a second of sound in the tightest form has fewer.
    private static let leastUnread: Int64 = 65_536

    /// Walks an AVI file that begins at `start` up to its index.
    init(avi source: ByteSource, at start: Int64 = 0) throws(MediaError) {
        self.source = source
        var sawMedia = false
        var sawHeader = false
        // Behind the last chunk; nil where that is not known, and FFmpeg reads on for more.
        var end: Int64? = start
        for chunk in chunks(from: start + 12) {
            // A further part of a long file (OpenDML) is AVIX; a second AVI is another file.
            if chunk.type == "RIFF", !source.bytes(at: chunk.body, count: 4).contains("AVIX", at: 0) {
                end = chunk.body - 8
                break
            }
            guard chunk.type.isName else { break }
            let isOpen = chunk.size == 0 && (chunk.type == "LIST" || chunk.type == "RIFF")
            end = isOpen ? nil : end.map { _ in chunk.body + Int64(chunk.size) + Int64(chunk.size & 1) }
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
        AVIWalk.tell(source, from: start, streams: streams, &unclaimed)
        tellUnclaimed()
        if let end, source.size - end >= RIFFLayout.leastUnread, holdsSomething(from: end),
            RIFFLayout.beginsLikeMedia(source.bytes(at: end, count: 16))
        {
            tellAnother(at: end)
        }
    }

    /// Whether anything but zeros stands from `end` on.
    private func holdsSomething(from end: Int64) -> Bool {
        (0..<Int64(16)).contains { place in
            source.bytes(at: end + (source.size - end) / 16 * place, count: 256).contains { $0 != 0 }
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
            defer { streams += 1 }
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
        let behind = patches.filter { $0.offset >= data }
        patches =
            behind
            + stride(from: 0, to: all.count, by: 4).compactMap { place in
                all.fourCC(at: place).map { BytePatch(offset: begin + Int64(place), replacement: $0) }
            }
        head = begin
    }

    /// The chunks from `start` on; those of odd length are followed by padding, which may be missing in WAV files.
    private func chunks(from start: Int64, mayBeUnpadded: Bool = false) -> some Sequence<Chunk> {
        var offset = start
        var left = RIFFLayout.maximumChunks
        let (source, isBig) = (source, isBig)
        return AnyIterator {
            let header = source.bytes(at: offset, count: 8)
            guard left > 0, let type = header.fourCC(at: 0), let number = header.bigEndian32(at: 4) else { return nil }
            let size = isBig ? number : number.byteSwapped
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

    /// Sizes of a chunk whose writer did not know it.
    private static let streamedSizes: ClosedRange<UInt32> = 0xFFFF_FF00...0xFFFF_FFFF

    /// Whether a media chunk claims bytes that the file does not have.
    ///
    /// Programs that write to a pipe leave the size 0 or as large as it can be: that promises nothing.
    private func isDataCut(_ chunk: Chunk, largeSize: UInt64?) -> Bool {
        if RIFFLayout.streamedSizes.contains(chunk.size) {
            guard let largeSize, largeSize > 0, largeSize < UInt64(Int64.max) - UInt64(chunk.body) else { return false }
            return chunk.body + Int64(largeSize) > source.size
        }
        return chunk.body + Int64(chunk.size) > source.size
    }
}
