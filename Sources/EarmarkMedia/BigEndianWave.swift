/// What FFmpeg is shown of a WAV file whose numbers have their high byte first (RIFX).
///
/// Its own reader takes 16 bits of such a file for the other order and refuses what has a longer description. So it
/// sees, right before the samples, the head of a format that is of this order throughout (AU), or, where a sample is
/// one byte without a sign, that of a usual WAV file.
struct BigEndianWave {
    let demuxer: String
    let window: Range<Int64>
    let patches: [BytePatch]

    /// Bytes of the head of an AU file without remarks.
    private static let auHead: Int64 = 24
    /// Format tags of the two laws.
    private static let (alaw, mulaw): (UInt16, UInt16) = (6, 7)

    /// - Parameters:
    ///   - description: where the body of the format chunk begins.
    ///   - format: what it says, if these are integers or floats.
    ///   - data: where samples begin.
    ///   - end: where they end.
    /// - Throws: `unsupportedSampleFormat` for anything but integers, floats and the two laws.
    init(
        _ source: ByteSource, _ description: Int64, _ format: WaveFormat?, data: Int64, end: Int64
    ) throws(MediaError) {
        let fields = WaveFormat.fields(source.bytes(at: description, count: 40), isBig: true)
        var tag = fields.littleEndian16(at: 0) ?? 0
        if tag == WaveFormat.extensible { tag = fields.littleEndian16(at: 24) ?? 0 }
        let channels = UInt32(fields.littleEndian16(at: 2) ?? 0)
        let rate = fields.littleEndian32(at: 4) ?? 0
        let number = BigEndianWave.encoding(format, tag: tag)
        guard number != nil || format?.width == 1, channels > 0 else {
            throw MediaError(
                .unsupportedSampleFormat,
                "is big-endian WAV (RIFX) of a codec that is not decoded in it "
                    + "(\(CodecNames.name(ofTag: UInt32(tag)))). Convert it: "
                    + ConversionAdvice.soxCommand(for: source.path, type: "wav"), path: source.path)
        }
        let head: [UInt8]
        if let number {
            demuxer = "au"
            let length = UInt32(clamping: min(end - data, Int64(UInt32.max) - 1))
            head = [0x2E73_6E64, UInt32(BigEndianWave.auHead), length, number, rate, channels]
                .flatMap { FourCC(rawValue: $0).bytes }
        } else {
            demuxer = "wav"
            head = BigEndianWave.bytesHead(channels: channels, rate: rate, count: end - data)
        }
        let begin = data - Int64(head.count)
        guard begin >= 0 else {
            throw MediaError(.corrupt, "WAV file without a fmt chunk before its data.", path: source.path)
        }
        window = begin..<max(data, end)
        patches = stride(from: 0, to: head.count, by: 4).compactMap { place in
            head.fourCC(at: place).map { BytePatch(offset: begin + Int64(place), replacement: $0) }
        }
    }

    /// The number by which AU calls a form of samples; nil for bytes without a sign, which it has not.
    private static func encoding(_ format: WaveFormat?, tag: UInt16) -> UInt32? {
        guard let format else { return tag == alaw ? 27 : tag == mulaw ? 1 : nil }
        if format.isFloat { return format.width == 4 ? 6 : format.width == 8 ? 7 : nil }
        return [2: 3, 3: 4, 4: 5][format.width]
    }

    /// The head of a WAV file of bytes.
    private static func bytesHead(channels: UInt32, rate: UInt32, count: Int64) -> [UInt8] {
        func four(_ value: UInt32) -> [UInt8] { FourCC.littleEndian(value).bytes }
        func two(_ value: UInt32) -> [UInt8] { Array(four(value).prefix(2)) }
        let size = UInt32(clamping: count)
        let format = two(1) + two(channels) + four(rate) + four(rate &* channels) + two(channels) + two(8)
        return Array("RIFF".utf8) + four(size > .max - 36 ? .max : size + 36) + Array("WAVEfmt ".utf8) + four(16)
            + format
            + Array("data".utf8) + four(size)
    }
}
