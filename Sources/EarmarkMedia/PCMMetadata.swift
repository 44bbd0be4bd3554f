internal import CSndFile

/// What a file of clean audio carries besides samples, in a form that `PCMWriter` can put into another file.
///
/// Kept: text fields, broadcast extension, cart, cue points, instrument, channel map, and the custom RIFF chunks
/// `iXML`, `axml`, `_PMX`, `chna`, `id3 `. A container takes what it has room for: FLAC the text fields alone.
public struct PCMMetadata: Sendable, Equatable {
    /// A text field.
    public enum TextField: String, Sendable, CaseIterable {
        /// Title of the work.
        case title
        /// Copyright line.
        case copyright
        /// Program that made the file.
        case software
        /// Performer.
        case artist
        /// Free text.
        case comment
        /// Date, as written.
        case date
        /// Album.
        case album
        /// Licence.
        case license
        /// Track number.
        case trackNumber
        /// Genre.
        case genre
    }

    /// The text fields that are set.
    public var text: [TextField: String] = [:]
    /// libsndfile's structures, as bytes; opaque outside this module.
    var broadcast: [UInt8]?
    var cart: [UInt8]?
    var cues: [UInt8]?
    var instrument: [UInt8]?
    var channelMap: [Int32]?
    var chunks: [Chunk] = []
    /// The file had a WAVE_FORMAT_EXTENSIBLE header.
    var isExtensible = false

    struct Chunk: Sendable, Equatable {
        var identifier: String
        var data: [UInt8]
    }

    /// No metadata.
    public init() {}
}

extension PCMMetadata.TextField {
    var code: Int32 {
        switch self {
        case .title: Int32(SF_STR_TITLE)
        case .copyright: Int32(SF_STR_COPYRIGHT)
        case .software: Int32(SF_STR_SOFTWARE)
        case .artist: Int32(SF_STR_ARTIST)
        case .comment: Int32(SF_STR_COMMENT)
        case .date: Int32(SF_STR_DATE)
        case .album: Int32(SF_STR_ALBUM)
        case .license: Int32(SF_STR_LICENSE)
        case .trackNumber: Int32(SF_STR_TRACKNUMBER)
        case .genre: Int32(SF_STR_GENRE)
        }
    }
}

extension PCMMetadata {
    /// Custom chunks copied from RIFF to RIFF.
    static let copiedChunks = ["iXML", "axml", "_PMX", "chna", "id3 "]
    /// Largest custom chunk copied, in bytes; anything larger is no description of a recording.
    private static let maximumChunk: UInt32 = 4 << 20
    /// Room for a broadcast or cart structure, in bytes: libsndfile refuses 16 KiB and more of text on writing.
    private static let structureRoom = 16_384

    /// Reads all that `file` carries.
    init(file: OpaquePointer, channels: Int) {
        for field in TextField.allCases {
            if let value = sf_get_string(file, field.code) { text[field] = String(cString: value) }
        }
        broadcast = PCMMetadata.structure(file, Int32(SFC_GET_BROADCAST_INFO), room: PCMMetadata.structureRoom)
        cart = PCMMetadata.structure(file, Int32(SFC_GET_CART_INFO), room: PCMMetadata.structureRoom)
        instrument = PCMMetadata.structure(
            file, Int32(SFC_GET_INSTRUMENT), room: MemoryLayout<SF_INSTRUMENT>.size)
        cues = PCMMetadata.readCues(file)
        var map = [Int32](repeating: 0, count: channels)
        let mapSize = Int32(channels * MemoryLayout<Int32>.size)
        if sf_command(file, Int32(SFC_GET_CHANNEL_MAP_INFO), &map, mapSize) != 0 { channelMap = map }
        chunks = PCMMetadata.copiedChunks.compactMap { PCMMetadata.readChunk(file, $0) }
    }

    private static func structure(_ file: OpaquePointer, _ command: Int32, room: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: room)
        guard sf_command(file, command, &bytes, Int32(room)) != 0 else { return nil }
        return bytes
    }

    private static func readCues(_ file: OpaquePointer) -> [UInt8]? {
        var count: UInt32 = 0
        let countSize = Int32(MemoryLayout<UInt32>.size)
        guard sf_command(file, Int32(SFC_GET_CUE_COUNT), &count, countSize) != 0, count > 0, count <= 10_000 else {
            return nil
        }
        // A count, then the points (SF_CUES_VAR); libsndfile wants the exact size of at least that many.
        return structure(
            file, Int32(SFC_GET_CUE), room: MemoryLayout<UInt32>.size + Int(count) * MemoryLayout<SF_CUE_POINT>.size)
    }

    private static func readChunk(_ file: OpaquePointer, _ identifier: String) -> Chunk? {
        var info = chunkInfo(identifier)
        guard let iterator = sf_get_chunk_iterator(file, &info), sf_get_chunk_size(iterator, &info) == 0,
            info.datalen > 0, info.datalen <= maximumChunk
        else { return nil }
        var data = [UInt8](repeating: 0, count: Int(info.datalen))
        let result = data.withUnsafeMutableBytes { buffer -> Int32 in
            info.data = buffer.baseAddress
            return sf_get_chunk_data(iterator, &info)
        }
        return result == 0 ? Chunk(identifier: identifier, data: data) : nil
    }

    private static func chunkInfo(_ identifier: String) -> SF_CHUNK_INFO {
        var info = SF_CHUNK_INFO()
        withUnsafeMutableBytes(of: &info.id) { field in
            for (index, byte) in identifier.utf8.enumerated() where index < 4 { field[index] = byte }
        }
        info.id_size = 4
        return info
    }

    /// Puts all that `container` has room for into `file`, before its first sample.
    func write(to file: OpaquePointer, container: PCMContainer) {
        for (field, value) in text { sf_set_string(file, field.code, value) }
        set(file, Int32(SFC_SET_BROADCAST_INFO), broadcast)
        set(file, Int32(SFC_SET_CART_INFO), cart)
        set(file, Int32(SFC_SET_CUE), cues)
        set(file, Int32(SFC_SET_INSTRUMENT), instrument)
        if var map = channelMap {
            sf_command(
                file, Int32(SFC_SET_CHANNEL_MAP_INFO), &map, Int32(map.count * MemoryLayout<Int32>.size))
        }
        guard container == .wav || container == .rf64 else { return }
        for chunk in chunks {
            var info = PCMMetadata.chunkInfo(chunk.identifier)
            var data = chunk.data
            data.withUnsafeMutableBytes { buffer in
                info.data = buffer.baseAddress
                info.datalen = UInt32(buffer.count)
                _ = sf_set_chunk(file, &info)
            }
        }
    }

    private func set(_ file: OpaquePointer, _ command: Int32, _ bytes: [UInt8]?) {
        guard var bytes else { return }
        sf_command(file, command, &bytes, Int32(bytes.count))
    }
}
