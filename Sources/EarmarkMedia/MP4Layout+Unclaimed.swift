/// Boxes that hold nothing of a track.
extension MP4Layout {
    /// Takes note of what a box holds.
    mutating func addUnclaimed(_ box: Box) {
        unclaimed.add("a box '\(box.type)'", box.body..<max(box.body, min(box.end, source.size)), of: source)
    }

    /// Takes note of the kind of the file, or of where another one begins.
    mutating func noteType(_ box: Box) {
        if brand == nil {
            brand = source.bytes(at: box.body, count: 4).fourCC(at: 0)
        } else if secondStart == nil {
            secondStart = box.typeOffset - 4
        }
    }

    /// Says that an index stands behind the first.
    mutating func tellSecondIndex(_ box: Box) {
        guard unread.count < JudgedRecording.maximumUnread else { return }
        let place = secondStart.map { ", of another file that begins at byte \(grouped($0)) (tail -c +\($0 + 1))" }
        unread.append("the file has a second index (moov), at byte \(grouped(box.typeOffset - 4))\(place ?? "")")
    }

    /// Goes through tags and pictures, one by one: such a box may have as many as it likes.
    mutating func readUserData(_ box: Box) {
        userDataOffsets.append(box.typeOffset)
        addUserData(box, depth: 0)
    }

    /// Depth of the boxes that tags lie in: `udta`, `meta`, `ilst`.
    private static let depthOfTags = 3

    private mutating func addUserData(_ box: Box, depth: Int) {
        let holdsBoxes = ["udta", "meta", "ilst"].contains(box.type) && depth < MP4Layout.depthOfTags
        guard holdsBoxes else { return addUnclaimed(box) }
        // In QuickTime, `meta` has no version and flags.
        let isFull = box.type == "meta" && source.bytes(at: box.body, count: 4).bigEndian32(at: 0) == 0
        let parts = children(of: box, skipping: isFull ? 4 : 0)
        for part in parts { addUserData(part, depth: depth + 1) }
        let end = parts.last?.end ?? box.body
        unclaimed.add("a box '\(box.type)'", min(end, box.end)..<box.end, of: source)
    }
}
