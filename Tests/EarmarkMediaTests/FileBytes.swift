import Foundation

@testable import EarmarkMedia

/// Headers of files, put together byte by byte as the formats' specifications say.
enum FileBytes {
    static func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian, Array.init)
    }

    static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }

    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    // MARK: MP4 (ISO 14496-12)

    /// A box; `size` if it lies.
    static func box(_ type: String, _ body: [UInt8] = [], size: UInt32? = nil) -> [UInt8] {
        big(size ?? UInt32(8 + body.count)) + Array(type.utf8) + body
    }

    /// A box whose size has 64 bits; `size` if it lies.
    static func longBox(_ type: String, _ body: [UInt8] = [], size: UInt64? = nil) -> [UInt8] {
        big(UInt32(1)) + Array(type.utf8) + big(size ?? UInt64(16 + body.count)) + body
    }

    static func fileType(_ brand: String) -> [UInt8] { box("ftyp", Array(brand.utf8) + zeros(4)) }

    /// What a media header says.
    struct MediaHeader {
        var version: UInt8 = 0
        var scale: UInt32 = 48_000
        var duration: UInt64 = 48_000
        var language: UInt16 = 0x55C4

        var box: [UInt8] {
            let times = version == 1 ? zeros(16) : zeros(8)
            let length = version == 1 ? big(duration) : big(UInt32(truncatingIfNeeded: duration))
            return FileBytes.box("mdhd", [version, 0, 0, 0] + times + big(scale) + length + big(language) + zeros(2))
        }
    }

    /// A track of an MP4 file.
    static func track(
        handler: String = "soun", entry: String = "mp4a", header: MediaHeader = MediaHeader(),
        references: [UInt8] = [1], location: [UInt8] = Array("file:///a\0".utf8), offsets: [UInt8] = [],
        extra: [UInt8] = []
    ) -> [UInt8] {
        let entries = references.flatMap { box("url ", [0, 0, 0, $0] + location) }
        let data = box("dinf", box("dref", zeros(4) + big(UInt32(references.count)) + entries))
        let description = box("stsd", zeros(4) + big(UInt32(1)) + box(entry, zeros(28)))
        let handlerBox = box("hdlr", zeros(8) + Array(handler.utf8) + zeros(12))
        let media = box("mdia", header.box + handlerBox + box("minf", data + box("stbl", description + offsets)))
        return box("trak", box("tkhd", zeros(84)) + media + extra)
    }

    /// A table of 32-bit chunk offsets.
    static func offsets(_ values: [UInt32]) -> [UInt8] {
        box("stco", zeros(4) + big(UInt32(values.count)) + values.flatMap { big($0) })
    }

    /// A table of 64-bit chunk offsets.
    static func longOffsets(_ values: [UInt64]) -> [UInt8] {
        box("co64", zeros(4) + big(UInt32(values.count)) + values.flatMap { big($0) })
    }

    // MARK: RIFF

    /// A chunk, padded to even length; `size` if it lies.
    static func chunk(_ type: String, _ body: [UInt8] = [], size: UInt32? = nil) -> [UInt8] {
        Array(type.utf8) + little(size ?? UInt32(body.count)) + body + zeros(body.count % 2)
    }

    static func riff(_ magic: String, _ form: String, _ chunks: [UInt8]) -> [UInt8] {
        Array(magic.utf8) + little(UInt32(4 + chunks.count)) + Array(form.utf8) + chunks
    }

    /// A `fmt ` chunk of mono PCM.
    static func pcm(bits: UInt16, rate: UInt32 = 8_000, tag: UInt16 = 1, channels: UInt16 = 1) -> [UInt8] {
        let frame = channels * bits / 8
        return chunk(
            "fmt ",
            little(tag) + little(channels) + little(rate) + little(rate * UInt32(frame)) + little(frame) + little(bits))
    }

    // MARK: Raw streams

    /// An MP3 frame of 417 bytes: MPEG-1, layer III, 128 kbit/s, 44.1 kHz, mono where `isMono`.
    static func mp3Frame(_ body: [UInt8] = []) -> [UInt8] { [0xFF, 0xFB, 0x90, 0x00] + body + zeros(413 - body.count) }

    /// An ADTS frame of AAC-LC at 44.1 kHz with `length` bytes.
    static func adtsFrame(_ length: Int) -> [UInt8] {
        [
            0xFF, 0xF1, 0x50, 0x80 | UInt8(length >> 11), UInt8(length >> 3 & 0xFF), UInt8((length & 7) << 5) | 0x1F,
            0xFC,
        ] + zeros(length - 7)
    }

    /// A LOAS frame with `length` bytes after its head of three.
    static func loasFrame(_ length: Int) -> [UInt8] {
        [0x56, 0xE0 | UInt8(length >> 8), UInt8(length & 0xFF)] + zeros(length)
    }

    /// An ID3v2 tag with `length` bytes after its head of ten.
    static func id3(_ length: Int, hasFooter: Bool = false) -> [UInt8] {
        let size = [21, 14, 7, 0].map { UInt8(length >> $0 & 0x7F) }
        return Array("ID3".utf8) + [4, 0, hasFooter ? 0x10 : 0] + size + zeros(length + (hasFooter ? 10 : 0))
    }

    /// An ID3v1 tag.
    static let id3v1 = Array("TAG".utf8) + zeros(125)

    /// An APEv2 tag with `length` bytes of items.
    static func ape(_ length: Int, hasHeader: Bool) -> [UInt8] {
        func mark(_ flags: UInt32) -> [UInt8] {
            Array("APETAGEX".utf8) + little(UInt32(2_000)) + little(UInt32(length + 32)) + little(UInt32(1))
                + little(flags) + zeros(8)
        }
        let flags: UInt32 = hasHeader ? 0x8000_0000 : 0
        return (hasHeader ? mark(flags | 0x2000_0000) : []) + zeros(length) + mark(flags)
    }
}

extension TemporaryFolder {
    /// The content as an open file.
    func source(_ content: [UInt8], as name: String = UUID().uuidString) throws -> ByteSource {
        try ByteSource(path: try write(content, as: name))
    }
}
