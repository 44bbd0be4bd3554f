/// PCM of which FFmpeg has to be shown something else than the file says.
extension MP4Layout {
    /// Rates above 65,535 Hz have no room in the first two versions of the box: of PCM, whose clock is its rate, what
    /// is left of the number counts for nothing.
    func patchRate(_ bytes: [UInt8], at entry: Int64, _ track: inout Track) {
        guard MP4Layout.plainEntries.contains(track.sampleEntry), let version = bytes.bigEndian16(at: 16), version < 2,
            let rate = bytes.bigEndian32(at: 32), track.clockRate > 65_535,
            rate >> 16 == UInt32(track.clockRate) & 0xFFFF
        else { return }
        track.patches.append(BytePatch(offset: entry + 32, replacement: FourCC(rawValue: 0)))
    }

    /// Names of PCM in QuickTime files.
    private static let plainEntries: Set<FourCC> = ["sowt", "twos", "in24", "in32", "fl32", "fl64", "raw ", "NONE"]

    /// PCM by ISO 23003-5, whose form stands in a box of its own: FFmpeg is shown QuickTime's names for the same.
    mutating func readPCM(_ box: Box, into track: inout Track) {
        track.isUndescribed = true
        guard let entry = children(of: box, skipping: 8).first,
            let form = children(of: entry, skipping: 28).first(where: { $0.type == "pcmC" })
        else { return }
        let bytes = source.bytes(at: form.body, count: 6)
        let channels = source.bytes(at: entry.body + 16, count: 2).bigEndian16(at: 0) ?? 0
        guard bytes.count == 6 else { return }
        let (isLittle, bits) = (bytes[4] & 1 == 1, bytes[5])
        let isFloat = track.sampleEntry == "fpcm"
        let name: FourCC
        switch (isFloat, bits) {
        case (false, 8), (false, 16), (false, 24), (false, 32): name = isLittle ? "sowt" : "twos"
        case (true, 32): name = "fl32"
        case (true, 64): name = "fl64"
        default: return
        }
        track.isUndescribed = false
        track.patches = [
            BytePatch(offset: entry.typeOffset, replacement: name),
            BytePatch(
                offset: entry.body + 16, replacement: FourCC(rawValue: UInt32(channels) << 16 | UInt32(bits))),
        ]
        guard isFloat else { return }
        // The order of bytes: 0 or 1 in the first two, where `pcmC` has its version.
        track.patches.append(BytePatch(offset: form.typeOffset, replacement: "enda"))
        track.patches.append(BytePatch(offset: form.body, replacement: FourCC(rawValue: isLittle ? 1 << 16 : 0)))
    }
}
