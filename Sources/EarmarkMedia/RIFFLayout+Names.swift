/// Names by which chunks and files are known.
extension RIFFLayout {
    /// Types of chunks in WAV files, by which it is told whether padding was forgotten.
    static let known: Set<FourCC> = [
        "fmt ", "data", "LIST", "fact", "bext", "cue ", "smpl", "inst", "iXML", "id3 ", "ID3 ", "JUNK", "junk", "PAD ",
        "PEAK", "FLLR", "minf", "elm1", "regn", "umid", "DGDA", "DISP", "acid", "plst", "axml", "chna", "cart", "_PMX",
    ]

    /// Whether another file of sound may begin with these bytes.
    static func beginsLikeMedia(_ head: [UInt8]) -> Bool {
        let isFrame = head.count > 1 && head[0] == 0xFF && head[1] & 0xE0 == 0xE0
        return isFrame || head.contains("ID3", at: 0) || head.contains("ftyp", at: 4)
            || ["RIFF", "RIFX", "RF64", "OggS", "fLaC", "FORM", "caff"].contains { head.contains($0, at: 0) }
    }
}
