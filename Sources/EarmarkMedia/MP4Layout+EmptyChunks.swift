/// Chunks without samples, as recorders write where they begin another file.
extension MP4Layout {
    /// Entries of tables that are written anew at most, in all tracks: three tracks of a day in chunks of a second
    /// have fewer.
    private static let maximumRewritten = 262_144

    /// Leaves chunks without samples out of what FFmpeg sees: it takes each for a chunk of one sample, and reads all
    /// that follows from wrong places.
    mutating func leaveOutEmptyChunks() {
        var left = MP4Layout.maximumRewritten
        for index in tracks.indices where tracks[index].hasEmptyChunks && tracks[index].isAudio {
            if let patches = patchesWithoutEmptyChunks(tracks[index].tables, &left) {
                tracks[index].patches += patches
            } else if unread.count < JudgedRecording.maximumUnread {
                unread.append("its index has chunks without samples, and what follows them may be read as noise")
            }
        }
    }

    /// The tables without those chunks, written over what stands there; nil if they make no sense or are too long.
    private func patchesWithoutEmptyChunks(_ tables: SampleTables, _ left: inout Int) -> [BytePatch]? {
        guard let places = tables.offsets, let groups = tables.runs else { return nil }
        let width = places.type == "co64" ? 8 : 4
        guard let offsets = numbers(entries(of: places, width: width), &left),
            let words = numbers(entries(of: groups, width: 4, fields: 3), &left), words.count % 3 == 0
        else { return nil }
        var keptOffsets: [UInt64] = []
        var keptWords: [UInt64] = []
        for place in stride(from: 0, to: words.count, by: 3) {
            let first = Int(words[place])
            guard place > 0 || first == 1 else { return nil }
            guard first <= offsets.count else { break }
            let next = place + 3 < words.count ? Int(words[place + 3]) : .max
            guard first < next else { return nil }
            guard words[place + 1] > 0 else { continue }
            keptWords += [UInt64(keptOffsets.count + 1), words[place + 1], words[place + 2]]
            keptOffsets += offsets[(first - 1)..<min(next - 1, offsets.count)]
        }
        return rewritten(places, offsets, as: keptOffsets, width: width, fields: 1)
            + rewritten(groups, words, as: keptWords, width: 4, fields: 3)
    }

    private func numbers(_ table: TableReader, _ left: inout Int) -> [UInt64]? {
        var table = table
        var numbers: [UInt64] = []
        while let number = table.next() {
            guard left > 0 else { return nil }
            left -= 1
            numbers.append(number)
        }
        return numbers
    }

    /// What has to be written so that a table holds `kept` instead of `numbers`, which are more.
    private func rewritten(
        _ box: Box, _ numbers: [UInt64], as kept: [UInt64], width: Int, fields: Int
    ) -> [BytePatch] {
        var patches = [
            BytePatch(offset: box.body + 4, replacement: FourCC(rawValue: UInt32(kept.count / fields)))
        ]
        for (index, number) in kept.enumerated() where number != numbers[index] {
            let offset = box.body + 8 + Int64(index * width)
            if width == 8 {
                patches.append(BytePatch(offset: offset, replacement: FourCC(rawValue: UInt32(number >> 32))))
            }
            let low = FourCC(rawValue: UInt32(truncatingIfNeeded: number))
            patches.append(BytePatch(offset: offset + Int64(width - 4), replacement: low))
        }
        return patches
    }
}
