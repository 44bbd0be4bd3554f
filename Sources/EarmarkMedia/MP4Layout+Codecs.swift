/// What the four characters of a sample description say of a track whose handler does not.
extension MP4Layout {
    /// Sample entries that can only be audio.
    static let audioEntries: Set<FourCC> = [
        "mp4a", "alac", "ac-3", "ec-3", "Opus", "fLaC", "samr", "sawb", ".mp3", "lpcm", "sowt", "twos", "in24", "in32",
        "fl32", "fl64", "ipcm", "fpcm", "ulaw", "alaw", "ima4", "QDM2", "apac", "mha1", "mhm1", "ac-4",
        "raw ", "NONE", "dtsc", "dtsh", "dtsl", "dtse", ".mp1", ".mp2", "agsm", "spex", "nmos", "QDMC", "Qclp", "sqcp",
        "sevc", "MAC3", "MAC6", "dvca", "vdva", "SAC1", "ms\0\u{2}", "ms\0\u{11}", "ms\0U", "XDA2",
    ]

    /// Sample entries that are known to be no sound: time codes, texts, hints, places, exposures.
    static let silentEntries: Set<FourCC> = [
        "tmcd", "text", "tx3g", "c608", "c708", "wvtt", "stpp", "sbtt", "stxt", "mp4s", "mett", "metx", "mebx", "urim",
        "gpmd", "camm", "fdsc", "rtp ", "srtp", "rtmd", "dvd ", "CTMD", "djmd", "dbgi", "rtcp", "rrtp", "rsrp", "pm2t",
    ]
}
