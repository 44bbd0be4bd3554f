internal import CFFmpeg

/// Codecs that fall silent by design: packets that say that nothing was sent are no damage.
enum SilentPackets {
    /// Frame types of AMR that hold no speech: comfort noise (SID) and from there on up, such as "no data" (3GPP TS
    /// 26.101, table 1a; TS 26.201, table 1a).
    private static let firstWithoutSpeech: (narrow: UInt8, wide: UInt8) = (8, 9)
    private static func amrType(_ packet: UnsafeMutablePointer<AVPacket>) -> UInt8? {
        guard let data = packet.pointee.data, packet.pointee.size > 0 else { return nil }
        return data[0] >> 3 & 15
    }

    /// Whether the packet says that there is nothing to hear.
    static func isSilent(_ packet: UnsafeMutablePointer<AVPacket>, of codec: AVCodecID) -> Bool {
        switch codec {
        case AV_CODEC_ID_AMR_NB: amrType(packet).map { $0 >= firstWithoutSpeech.narrow } ?? false
        case AV_CODEC_ID_AMR_WB: amrType(packet).map { $0 >= firstWithoutSpeech.wide } ?? false
        default: false
        }
    }

    /// Whether the codec sends nothing while nobody speaks (discontinuous transmission).
    static func fallsSilent(_ codec: AVCodecID) -> Bool {
        switch codec {
        case AV_CODEC_ID_AMR_NB, AV_CODEC_ID_AMR_WB, AV_CODEC_ID_QCELP, AV_CODEC_ID_EVRC, AV_CODEC_ID_SPEEX,
            AV_CODEC_ID_OPUS, AV_CODEC_ID_G723_1, AV_CODEC_ID_G729, AV_CODEC_ID_COMFORT_NOISE:
            true
        default: false
        }
    }

    /// Whether a decoder may take a packet of the codec without giving a frame, and nothing is wrong.
    static func mayBeUnanswered(_ codec: AVCodecID) -> Bool {
        switch codec {
        // Substreams that add to the frame before.
        case AV_CODEC_ID_EAC3, AV_CODEC_ID_TRUEHD, AV_CODEC_ID_MLP, AV_CODEC_ID_DTS: true
        default: fallsSilent(codec)
        }
    }
}
