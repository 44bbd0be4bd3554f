/// The description of PCM in WAV and AVI (WAVEFORMATEX, WAVEFORMATEXTENSIBLE).
///
/// A sample takes the whole bytes of its container and is left-justified in them, however many bits are in use
/// (Microsoft, "WAVEFORMATEXTENSIBLE": `nBlockAlign` is channels x container). FFmpeg goes by the bits in use: it reads
/// 24 of 32 as floats, 20 of 32 as three bytes. Where both differ, FFmpeg is shown the container.
struct WaveFormat: Equatable {
    private let body: Int64
    private let channels: Int
    private let blockAlign: Int
    private let bits: Int
    private let isExtensible: Bool
    let isFloat: Bool
    /// Bits in use by the extension; nil without one.
    private let validBits: Int?

    static let extensible: UInt16 = 0xFFFE
    /// What follows the format's number in the identifiers of sub-formats: Microsoft's own, and that of Ambisonics.
    private static let families: [[UInt8]] = [
        [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71],
        [0, 0, 0x21, 0x07, 0xD3, 0x11, 0x86, 0x44, 0xC8, 0xC1, 0xCA, 0, 0, 0],
    ]

    /// Reads the description at `body`, `isBig` with the high byte of each number first; nil if it is none of integers
    /// or floats.
    init?(_ source: ByteSource, at body: Int64, size: Int64, isBig: Bool = false) {
        let bytes = WaveFormat.fields(source.bytes(at: body, count: Int(min(size, 40))), isBig: isBig)
        guard let tag = bytes.littleEndian16(at: 0), let channels = bytes.littleEndian16(at: 2),
            let blockAlign = bytes.littleEndian16(at: 12), let bits = bytes.littleEndian16(at: 14), channels > 0
        else { return nil }
        var format = tag
        isExtensible = tag == WaveFormat.extensible && bytes.count >= 40
        if isExtensible {
            guard WaveFormat.families.contains(Array(bytes[26..<40])) else { return nil }
            format = bytes.littleEndian16(at: 24) ?? 0
        }
        guard format == 1 || format == 3 else { return nil }
        isFloat = format == 3
        validBits = isExtensible ? bytes.littleEndian16(at: 18).map(Int.init) : nil
        self.body = body
        self.channels = Int(channels)
        self.blockAlign = Int(blockAlign)
        self.bits = Int(bits)
    }

    /// The fields of a description with the low byte of each number first, as they are or from the other order.
    static func fields(_ bytes: [UInt8], isBig: Bool) -> [UInt8] {
        guard isBig else { return bytes }
        // Tag, channels, rate, bytes a second, block, bits; size, valid bits, mask.
        var numbers = [(0, 2), (2, 2), (4, 4), (8, 4), (12, 2), (14, 2), (16, 2), (18, 2), (20, 4)]
        // SoX turns the first two bytes alone of the identifier of a sub-format, others the three numbers in it.
        let isFamilyPlain = bytes.count >= 40 && families.contains(Array(bytes[26..<40]))
        numbers += isFamilyPlain ? [(24, 2)] : [(24, 4), (28, 2), (30, 2)]
        var turned = bytes
        for (offset, width) in numbers where offset + width <= bytes.count { turned[offset..<offset + width].reverse() }
        return turned
    }

    /// Bytes of a sample.
    var width: Int {
        let needed = (max(bits, validBits ?? 0) + 7) / 8
        let stated = blockAlign / channels
        return blockAlign % channels == 0 && (1...8).contains(stated) && stated >= needed ? stated : needed
    }

    /// What FFmpeg must see; `data` is where samples begin, if that is known.
    func patches(_ source: ByteSource, data: Int64?) -> [BytePatch] {
        let width = width
        guard (isFloat ? [4, 8] : [1, 2, 3, 4, 8]).contains(width), width * channels <= Int(UInt16.max) else {
            return []
        }
        let isAsFFmpegTakesIt =
            bits == 8 * width && blockAlign == width * channels && (validBits.map { $0 == bits } ?? true)
        guard !isAsFFmpegTakesIt else { return [] }
        // A block that is stated too long, and not padded samples: FFmpeg goes by the bits.
        if !isExtensible, !isFloat, bits % 8 == 0, width >= bits / 4, let data,
            !WaveFormat.isPadded(source, at: data, width: width, bytes: bits / 8)
        {
            return []
        }
        // Cool Edit wrote floats of full scale 2^23 that way, and FFmpeg reads them.
        if !isExtensible, !isFloat, bits == 24, width == 4, let data, WaveFormat.holdsFloats(source, at: data) {
            return []
        }
        var patches = [WaveFormat.patch(at: body + 12, UInt16(width * channels), UInt16(8 * width))]
        if isExtensible { patches.append(WaveFormat.patch(at: body + 16, 22, UInt16(8 * width))) }
        return patches
    }

    private static func patch(at offset: Int64, _ first: UInt16, _ second: UInt16) -> BytePatch {
        BytePatch(
            offset: offset,
            replacement: FourCC(rawValue: UInt32(first.byteSwapped) << 16 | UInt32(second.byteSwapped)))
    }

    /// Whether samples of fewer bits stand in the upper bytes of their containers, and zeros below.
    private static func isPadded(_ source: ByteSource, at data: Int64, width: Int, bytes used: Int) -> Bool {
        let size = max(0, source.size - data)
        return (0..<16).allSatisfy { place in
            let offset = data + size / 16 * Int64(place) / Int64(width) * Int64(width)
            let bytes = source.bytes(at: offset, count: 4_096 / width * width)
            return stride(from: 0, to: bytes.count - width + 1, by: width).allSatisfy { sample in
                bytes[sample..<sample + width - used].allSatisfy { $0 == 0 }
            }
        }
    }

    /// Whether four-byte samples are floats between 1 and 2^24 rather than integers: nearly all have such exponents.
    private static func holdsFloats(_ source: ByteSource, at data: Int64) -> Bool {
        // Music and speech may begin with silence.
        let size = max(0, source.size - data)
        var loud = 0
        var floats = 0
        for place in 0..<16 {
            let bytes = source.bytes(at: data + size / 16 * Int64(place) / 4 * 4, count: 4_096)
            for offset in stride(from: 0, to: bytes.count - 3, by: 4) {
                guard let word = bytes.littleEndian32(at: offset), word != 0 else { continue }
                loud += 1
                // Exponents 2^0 to 2^23, biased by 127.
                if (127...151).contains(word >> 23 & 0xFF) { floats += 1 }
            }
        }
        return loud > 0 && floats * 20 >= loud * 19
    }
}
