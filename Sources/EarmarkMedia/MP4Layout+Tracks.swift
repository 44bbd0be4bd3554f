/// What the index says of each track.
extension MP4Layout {
    mutating func readMovie(_ movie: Box) {
        for box in children(of: movie) {
            switch box.type {
            case "trak" where tracks.count < MP4Layout.maximumTracks: readTrack(box)
            case "trak", "udta", "meta": userDataOffsets.append(box.typeOffset)
            default: break
            }
        }
    }

    private mutating func readTrack(_ box: Box) {
        var track = Track()
        track.typeOffset = box.typeOffset
        for child in children(of: box) {
            switch child.type {
            case "mdia": for part in children(of: child) { readMedia(part, into: &track) }
            case "udta", "meta": userDataOffsets.append(child.typeOffset)
            default: break
            }
        }
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
        track.isExternal = entries.count == 1 && flags.count == 4 && flags[3] & 1 == 0
    }

    private mutating func readTable(_ box: Box, into track: inout Track) {
        switch box.type {
        case "stsd": track.sampleEntry = source.bytes(at: box.body + 12, count: 4).fourCC(at: 0) ?? track.sampleEntry
        case "stco": checkChunkOffsets(box, width: 4)
        case "co64": checkChunkOffsets(box, width: 8)
        default: break
        }
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
                if let start, start >= UInt64(source.size) { isTruncated = true }
            }
            left -= Int64(bytes.count / width)
            offset += Int64(bytes.count)
        }
    }
}
