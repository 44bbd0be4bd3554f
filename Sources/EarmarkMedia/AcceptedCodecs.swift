internal import CFFmpeg

/// The decoders that a recording of unknown origin may reach: those of the codecs that programs write into the seven
/// types; docs/threat-model.md says why each is there.
///
/// FFmpeg has some 180 for audio, most of them for games, broadcast and containers that are not accepted; each is code
/// that a hostile file would choose from.
enum AcceptedCodecs {
    /// Whether recordings may be decoded with it; all kinds of PCM may.
    static func contains(_ codec: AVCodecID) -> Bool {
        pcm.contains(codec.rawValue) || common.contains(codec.rawValue) || old.contains(codec.rawValue)
    }

    private static let pcm = AV_CODEC_ID_PCM_S16LE.rawValue..<AV_CODEC_ID_ADPCM_IMA_QT.rawValue
    /// Phones, conference programs, screen recorders, editors, cameras, discs.
    private static let common = Set(
        [
            AV_CODEC_ID_AAC, AV_CODEC_ID_AAC_LATM, AV_CODEC_ID_MP4ALS, AV_CODEC_ID_MP1, AV_CODEC_ID_MP2,
            AV_CODEC_ID_MP3, AV_CODEC_ID_MP3ON4, AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3, AV_CODEC_ID_DTS,
            AV_CODEC_ID_TRUEHD, AV_CODEC_ID_MLP, AV_CODEC_ID_ALAC, AV_CODEC_ID_FLAC, AV_CODEC_ID_OPUS,
            AV_CODEC_ID_VORBIS, AV_CODEC_ID_SPEEX, AV_CODEC_ID_AMR_NB, AV_CODEC_ID_AMR_WB, AV_CODEC_ID_WAVPACK,
            AV_CODEC_ID_DVAUDIO,
        ].map(\.rawValue))
    /// Telephony and dictation, Windows and QuickTime of the nineties.
    private static let old = Set(
        [
            AV_CODEC_ID_ADPCM_IMA_QT, AV_CODEC_ID_ADPCM_IMA_WAV, AV_CODEC_ID_ADPCM_MS, AV_CODEC_ID_ADPCM_YAMAHA,
            AV_CODEC_ID_ADPCM_G722, AV_CODEC_ID_ADPCM_G726, AV_CODEC_ID_ADPCM_SWF, AV_CODEC_ID_GSM,
            AV_CODEC_ID_GSM_MS, AV_CODEC_ID_G723_1, AV_CODEC_ID_G729, AV_CODEC_ID_ILBC, AV_CODEC_ID_QCELP,
            AV_CODEC_ID_EVRC, AV_CODEC_ID_QDM2, AV_CODEC_ID_QDMC, AV_CODEC_ID_MACE3, AV_CODEC_ID_MACE6,
            AV_CODEC_ID_TRUESPEECH, AV_CODEC_ID_WMAV1, AV_CODEC_ID_WMAV2, AV_CODEC_ID_WMAPRO, AV_CODEC_ID_WMAVOICE,
            AV_CODEC_ID_WMALOSSLESS, AV_CODEC_ID_ATRAC3, AV_CODEC_ID_ATRAC3P, AV_CODEC_ID_IMC, AV_CODEC_ID_IAC,
            AV_CODEC_ID_NELLYMOSER, AV_CODEC_ID_DSS_SP, AV_CODEC_ID_CODEC2,
        ].map(\.rawValue))
}
