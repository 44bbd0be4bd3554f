/// Tables that say how long samples last, of which FFmpeg makes an entry for every sample.
extension MP4Layout {
    /// Entries of a table that are read: one of so many is not that of samples which all last as long.
    private static let maximumTimes: Int64 = 262_144
    /// Samples that FFmpeg can have an entry for each: 24 bytes of the 120 MB that it may take at a time.
    private static let maximumSamples: UInt64 = 5_000_000

    /// Joins entries of one length, so that FFmpeg sees PCM as such, and tells of indices that are too large for it.
    ///
    /// It takes samples of a tick each as chunks, but only where one entry says so.
    mutating func joinTimes() {
        for index in tracks.indices where tracks[index].isAudio {
            guard let table = tracks[index].tables.times, let all = constantCount(tracks[index].tables) else {
                continue
            }
            var times = entries(of: table, width: 4, fields: 2)
            var (total, delta, count): (UInt64, UInt64?, Int64) = (0, nil, 0)
            var isOne = true
            while count < MP4Layout.maximumTimes, let samples = times.next(), let ticks = times.next() {
                count += 1
                guard samples > 0 else { continue }
                total += samples
                isOne = isOne && delta ?? ticks == ticks
                delta = delta ?? ticks
            }
            isOne = isOne && count < MP4Layout.maximumTimes && total <= UInt64(UInt32.max)
            if isOne, count > 1, let delta {
                let words = [1, UInt32(total), UInt32(truncatingIfNeeded: delta)]
                for (place, word) in words.enumerated() {
                    tracks[index].patches.append(
                        BytePatch(offset: table.body + 4 + Int64(4 * place), replacement: FourCC(rawValue: word)))
                }
            }
            let isChunked = isOne && delta == 1
            tracks[index].isIndexTooLarge = !isChunked && all > MP4Layout.maximumSamples
        }
    }

    /// How many samples there are, if all are of one size; nil if they are not.
    private func constantCount(_ tables: SampleTables) -> UInt64? {
        guard let box = tables.sizes, box.type == "stsz" else { return nil }
        let head = source.bytes(at: box.body, count: 12)
        guard let size = head.bigEndian32(at: 4), size > 0 else { return nil }
        return head.bigEndian32(at: 8).map(UInt64.init)
    }
}
