/// What the index says of each track.
extension MP4Layout {
    mutating func readMovie(_ movie: Box) {
        // They were gone through for a packed index before.
        indexBoxesLeft = MP4Layout.maximumIndexBoxes
        let parts = children(of: movie)
        // Those within the tracks that were found are as many again: what follows these takes nothing from them.
        indexBoxesLeft = MP4Layout.maximumIndexBoxes
        for box in parts {
            switch box.type {
            case "trak" where tracks.count < MP4Layout.maximumTracks: readTrack(box)
            case "trak":
                userDataOffsets.append(box.typeOffset)
                unreadTracks += 1
            case "udta", "meta": readUserData(box)
            case "mvhd": movieClockRate = clockRate(box)
            case "mvex":
                isFragmented = true
                readDefaults(box)
            case "rmra": refersToMovies = true
            default:
                hideStray(box, isInIndex: true)
                addUnclaimed(box)
            }
        }
    }

    /// Units in a second, of `mvhd` or `mdhd`.
    private func clockRate(_ box: Box) -> Double {
        let bytes = source.bytes(at: box.body, count: 24)
        return Double(bytes.bigEndian32(at: bytes.first == 1 ? 20 : 12) ?? 0)
    }

    /// Takes note of the sample descriptions that chunks are under (ISO 14496-12, 8.7.4).
    private func readChunks(_ box: Box, into track: inout Track) {
        let claimed = Int64(source.bytes(at: box.body + 4, count: 4).bigEndian32(at: 0) ?? 0)
        let width: Int64 = 12
        let count = min(claimed, (box.end - box.body - 8) / width, MP4Layout.maximumRuns)
        let blockEntries: Int64 = 8_192
        for first in stride(from: 0, to: count, by: Int64.Stride(blockEntries)) {
            let size = Int(min(count - first, blockEntries) * width)
            let bytes = source.bytes(at: box.body + 8 + first * width, count: size)
            for entry in 0..<bytes.count / Int(width) {
                guard let used = bytes.bigEndian32(at: entry * Int(width) + 8) else { return }
                if bytes.bigEndian32(at: entry * Int(width) + 4) == 0 { track.hasEmptyChunks = true }
                if !track.usedEntries.contains(used), track.usedEntries.count < MP4Layout.maximumEntries {
                    track.usedEntries.insert(used)
                }
            }
        }
    }

    /// Runs of chunks that are read: a day of sound in one chunk a second has fewer.
    private static let maximumRuns: Int64 = 1_000_000
    /// Sample descriptions of a track that are told apart: FFmpeg takes no file with more.
    static let maximumEntries = 1_024

    /// Turns edit lists and beginnings of fragments into seconds.
    mutating func settleTimes() {
        for index in tracks.indices { tracks[index].edits = edits(of: tracks[index]) }
        let shown = tracks.filter { ($0.isAudio || $0.isVideo) && $0.clockRate > 0 }
        guard !shown.contains(where: \.hasSamples) else { return }
        origin =
            shown.compactMap { track in
                fragments[track.identifier]?.start.map { Double($0) / track.clockRate }
            }.min() ?? 0
    }

    private func edits(of track: Track) -> [Presentation.Edit] {
        guard movieClockRate > 0, track.clockRate > 0 else { return [] }
        var edits: [Presentation.Edit] = []
        var shown = 0.0
        for (index, entry) in track.editList.enumerated() {
            // The last one of a file that is still being written has no length.
            let isOpen = index == track.editList.count - 1 && (entry.duration == 0 || isFragmented)
            let length = isOpen ? Double.infinity : Double(entry.duration) / movieClockRate
            if let media = entry.media {
                edits.append(.init(shown: shown, media: Double(media) / track.clockRate, length: length))
            }
            shown += length
            guard shown < PlaceMap.latest / 2 else { break }
        }
        return edits
    }

    /// Entries of an edit list that are read; a program for cutting writes a few dozen.
    private static let maximumEdits = 1_000

    private func editList(_ box: Box) -> [EditEntry] {
        let head = source.bytes(at: box.body, count: 8)
        guard let version = head.first, let claimed = head.bigEndian32(at: 4) else { return [] }
        let width = version == 1 ? 20 : 12
        let room = (box.end - box.body - 8) / Int64(width)
        let count = Int(min(Int64(claimed), room, Int64(MP4Layout.maximumEdits)))
        guard count > 0 else { return [] }
        let bytes = source.bytes(at: box.body + 8, count: count * width)
        return (0..<bytes.count / width).compactMap { entry in
            let at = entry * width
            let duration = version == 1 ? bytes.bigEndian64(at: at) : bytes.bigEndian32(at: at).map(UInt64.init)
            let media =
                version == 1
                ? bytes.bigEndian64(at: at + 8).map { Int64(bitPattern: $0) }
                : bytes.bigEndian32(at: at + 4).map { Int64(Int32(bitPattern: $0)) }
            guard let duration, let media else { return nil }
            // A rate of 0 holds a picture: for sound, a pause.
            let isHeld = bytes.bigEndian16(at: at + width - 4) == 0
            return EditEntry(duration: duration, media: media < 0 || isHeld ? nil : media)
        }
    }

    private mutating func readTrack(_ box: Box) {
        var track = Track()
        track.typeOffset = box.typeOffset
        for child in children(of: box) {
            switch child.type {
            case "mdia": for part in children(of: child) { readMedia(part, into: &track) }
            case "udta", "meta": readUserData(child)
            case "tkhd":
                let bytes = source.bytes(at: child.body, count: 24)
                track.identifier = bytes.bigEndian32(at: bytes.first == 1 ? 20 : 12) ?? 0
            case "edts":
                // Read here, and hidden from FFmpeg, which would leave out what a player does not show.
                userDataOffsets.append(child.typeOffset)
                for list in children(of: child) where list.type == "elst" { track.editList = editList(list) }
            default: addUnclaimed(child)
            }
        }
        // FFmpeg heeds an alias only: other references may name where the file itself once lay.
        if track.isExternal, track.reference == "url ", holdsFirstChunk(of: track) { track.isExternal = false }
        tracks.append(track)
    }

    private mutating func readMedia(_ box: Box, into track: inout Track) {
        switch box.type {
        case "hdlr":
            // Version and flags, component type, then the handler.
            track.handler = source.bytes(at: box.body + 8, count: 4).fourCC(at: 0) ?? track.handler
        case "mdhd": readMediaHeader(box, into: &track)
        case "minf":
            for part in children(of: box) {
                switch part.type {
                case "dinf": for reference in children(of: part) { readDataReference(reference, into: &track) }
                case "stbl": for table in children(of: part) { readTable(table, into: &track) }
                default: break
                }
            }
        default: break
        }
    }

    private func readMediaHeader(_ box: Box, into track: inout Track) {
        let bytes = source.bytes(at: box.body, count: 36)
        guard let version = bytes.first else { return }
        let isLong = version == 1
        guard let scale = bytes.bigEndian32(at: isLong ? 20 : 12) else { return }
        track.clockRate = Double(scale)
        let duration = isLong ? bytes.bigEndian64(at: 24) : bytes.bigEndian32(at: 16).map(UInt64.init)
        let isUnknown = duration == (isLong ? UInt64.max : UInt64(UInt32.max))
        if let duration, scale > 0, duration > 0, !isUnknown { track.seconds = Double(duration) / Double(scale) }
        guard let packed = bytes.bigEndian16(at: isLong ? 32 : 20), packed >= 0x400, packed < 0x8000 else { return }
        // Three letters of five bits, each 0x60 below ASCII (ISO 14496-12, 8.4.2).
        let letters = [packed >> 10 & 31, packed >> 5 & 31, packed & 31].map { UInt8($0) + 0x60 }
        guard letters.allSatisfy({ (0x61...0x7A).contains($0) }) else { return }
        let language = String(decoding: letters, as: UTF8.self)
        if language != "und" { track.language = language }
    }

    private mutating func readDataReference(_ box: Box, into track: inout Track) {
        guard box.type == "dref" else { return }
        // Version and flags, entry count, then one box for each entry; flag 1 means "in this file".
        let entries = children(of: box, skipping: 8)
        guard let first = entries.first else { return }
        let flags = source.bytes(at: first.body, count: 4)
        // A reference that names no place means this file, as players take it.
        let namesPlace = source.bytes(at: first.body + 4, count: Int(min(first.end - first.body - 4, 64)))
            .contains { $0 != 0 }
        track.isExternal = entries.count == 1 && flags.count == 4 && flags[3] & 1 == 0 && namesPlace
        track.reference = first.type
    }

    /// Whether the first samples of a track lie in media of this file.
    private func holdsFirstChunk(of track: Track) -> Bool {
        guard let table = track.tables.offsets else { return false }
        var offsets = entries(of: table, width: table.type == "co64" ? 8 : 4)
        guard let first = offsets.next() else { return false }
        let place = Int64(clamping: first)
        return media.contains { $0.contains(place) || $0.contains(place &+ (offsetBase ?? 0)) }
    }

    private mutating func readTable(_ box: Box, into track: inout Track) {
        switch box.type {
        case "stsd":
            track.tables.description = box
            readDescription(box, into: &track)
        case "stsz", "stz2":
            track.tables.sizes = box
            let samples = source.bytes(at: box.body + 8, count: 4).bigEndian32(at: 0) ?? 0
            track.hasSamples = samples > 0
        case "stts": track.tables.times = box
        case "stsc":
            track.tables.runs = box
            readChunks(box, into: &track)
        case "stco", "co64":
            track.tables.offsets = box
            checkChunkOffsets(box, width: box.type == "stco" ? 4 : 8)
        default: break
        }
    }

    /// The codec; for PCM of the second version of the box (QuickTime File Format, "Sound Sample Description (Version
    /// 2)") also how wide a sample is, which FFmpeg takes to be as many bits as are in use.
    private mutating func readDescription(_ box: Box, into track: inout Track) {
        let entry = box.body + 8
        let bytes = source.bytes(at: entry, count: 72)
        track.sampleEntry = bytes.fourCC(at: 4) ?? track.sampleEntry
        let entries = children(of: box, skipping: 8)
        track.entries = entries.prefix(MP4Layout.maximumEntries).map(\.type)
        if track.sampleEntry == "enca", let first = entries.first { track.isClear = isClear(first) }
        if ["ipcm", "fpcm"].contains(track.sampleEntry) { return readPCM(box, into: &track) }
        patchRate(bytes, at: entry, &track)
        guard track.sampleEntry == "lpcm", bytes.bigEndian16(at: 16) == 2, let channels = bytes.bigEndian32(at: 48),
            let bits = bytes.bigEndian32(at: 56), let flags = bytes.bigEndian32(at: 60),
            let packet = bytes.bigEndian32(at: 64), channels > 0, bits > 0, packet % channels == 0
        else { return }
        let isFloat: UInt32 = 1
        let isAlignedHigh: UInt32 = 16
        let width = packet / channels * 8
        guard flags & isFloat == 0, bits < width, width <= 32 else { return }
        track.patches.append(BytePatch(offset: entry + 56, replacement: FourCC(rawValue: width)))
        if flags & isAlignedHigh == 0 { track.gain = Float(UInt64(1) << UInt64(width - bits)) }
    }

    /// Whether a protected entry says that its samples are not (ISO 23001-7, `tenc`), and no groups of samples do.
    private mutating func isClear(_ entry: Box) -> Bool {
        guard let scheme = children(of: entry, skipping: 28).first(where: { $0.type == "sinf" }) else { return false }
        let parts = children(of: scheme)
        guard parts.contains(where: { $0.type == "frma" }), let info = parts.first(where: { $0.type == "schi" }),
            let defaults = children(of: info).first(where: { $0.type == "tenc" })
        else { return false }
        let bytes = source.bytes(at: defaults.body, count: 8)
        return bytes.count == 8 && bytes[6] == 0
    }

    /// What is added to a chunk's offset: whoever put a tag before the file may have left them as they were.
    private mutating func base(ofChunkAt first: UInt64) -> Int64 {
        if let offsetBase { return offsetBase }
        let isMoved = start > 0 && !media.contains { $0.contains(Int64(clamping: first)) }
        offsetBase = isMoved ? start : 0
        return isMoved ? start : 0
    }

    /// Notes a chunk that begins past the end of the file.
    private mutating func checkChunkOffsets(_ box: Box, width: Int) {
        let blockEntries = 8192
        guard let claimed = source.bytes(at: box.body + 4, count: 4).bigEndian32(at: 0) else { return }
        var left = min(Int64(claimed), (box.end - box.body - 8) / Int64(width))
        var offset = box.body + 8
        while left > 0 && !isTruncated {
            let bytes = source.bytes(at: offset, count: Int(min(left, Int64(blockEntries))) * width)
            guard bytes.count >= width else { return }
            for entry in 0..<bytes.count / width {
                let start =
                    width == 4
                    ? bytes.bigEndian32(at: entry * 4).map(UInt64.init) : bytes.bigEndian64(at: entry * 8)
                guard let start else { continue }
                if start >= UInt64(max(0, source.fileSize - base(ofChunkAt: start))) { isTruncated = true }
            }
            left -= Int64(bytes.count / width)
            offset += Int64(bytes.count)
        }
    }
}
