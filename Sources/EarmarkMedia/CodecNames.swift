internal import CFFmpeg

/// What a codec is called where FFmpeg cannot decode it.
enum CodecNames {
    /// MPEG-4 audio object types (ISO 14496-3, table 1.17) that are known by other names than AAC.
    private static let objectTypes: [UInt8: String] = [
        3: "AAC SSR", 6: "AAC Scalable", 8: "CELP", 9: "HVXC", 12: "TTSI", 24: "ER CELP", 25: "ER HVXC",
        26: "ER HILN", 27: "ER Parametric", 28: "SSC", 33: "Layer-2", 34: "Layer-3", 37: "SLS", 38: "SLS non-core",
        40: "SMR Simple", 41: "SMR Main", 42: "xHE-AAC", 43: "SAOC", 44: "LD MPEG Surround",
    ]

    /// FFmpeg's short name; for a codec that FFmpeg does not know, its four characters or its number.
    static func name(of parameters: UnsafeMutablePointer<AVCodecParameters>) -> String {
        if parameters.pointee.codec_id == AV_CODEC_ID_AAC, let type = objectType(parameters),
            let name = objectTypes[type]
        {
            return name
        }
        guard parameters.pointee.codec_id == AV_CODEC_ID_NONE else {
            return FFmpegLibrary.name(of: parameters.pointee.codec_id)
        }
        return name(ofTag: parameters.pointee.codec_tag)
    }

    /// Four characters, first the lowest byte, or a number as `0x1234`.
    static func name(ofTag tag: UInt32) -> String {
        let characters = FourCC(rawValue: tag.byteSwapped)
        if characters.bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) { return characters.description }
        let digits = String(tag, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// The audio object type of an AudioSpecificConfig (ISO 14496-3, 1.6.2.1): five bits, or six more.
    private static func objectType(_ parameters: UnsafeMutablePointer<AVCodecParameters>) -> UInt8? {
        guard let data = parameters.pointee.extradata, parameters.pointee.extradata_size >= 2 else { return nil }
        let escape: UInt8 = 31
        let first = data[0] >> 3
        return first == escape ? 32 + ((data[0] & 7) << 3 | data[1] >> 5) : first
    }
}

extension MediaError {
    /// A codec without a decoder.
    static func unknownCodec(_ name: String, path: String) -> MediaError {
        // The numbers of PCM in WAV, integers and floats: FFmpeg knows them by their bits.
        if ["0x0001", "0x0003"].contains(name) {
            return MediaError(
                .unsupportedSampleFormat,
                "its audio is PCM of a number of bits that is read nowhere, by its header. Mend the header, or "
                    + "convert it to WAV with a program that plays it.", path: path, codecName: name)
        }
        return MediaError(
            .unsupportedSampleFormat,
            "its audio is \(name), which cannot be decoded here. Convert it to WAV with a program that plays it.",
            path: path, codecName: name)
    }
}
