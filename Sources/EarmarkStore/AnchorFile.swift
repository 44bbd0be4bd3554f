import EarmarkFiles
import Foundation

/// A file of lines that anchors were told.
struct AnchorFile {
    /// Largest file that is read, bytes.
    private static let maximumByteCount = 256 << 20

    /// What a file holds.
    struct Content {
        /// The lines about a store.
        var lines: [AnchorLine] = []
        /// Lines, from 1, on which something of Earmark's cannot be read.
        var broken: [Int] = []
        /// How many lines are of something else.
        var foreign = 0
    }

    let path: String

    /// Adds a line and saves it to disk.
    func append(_ line: AnchorLine) throws(StoreError) {
        let descriptor = FilePath.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, mode: 0o600)
        guard descriptor >= 0 else { throw StoreError(PrivateFile.systemError("open", path)) }
        defer { close(descriptor) }
        // A line that somebody was stopped in must not take this one with it.
        let end = lseek(descriptor, 0, SEEK_END)
        var last = UInt8(ascii: "\n")
        if end > 0 { _ = pread(descriptor, &last, 1, end - 1) }
        // One call, so that lines of several processes do not mix.
        let bytes = Array(((last == UInt8(ascii: "\n") ? "" : "\n") + line.text + "\n").utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw StoreError(PrivateFile.systemError("write", path))
        }
    }

    /// What the file holds about a store.
    ///
    /// - Parameter isOwn: whether only Earmark writes to it, so that nothing stands before its words on a line.
    func content(of storeID: String, isOwn: Bool) throws(StoreError) -> Content {
        let bytes = try withFiles { () throws(FileError) in
            try SmallFile.read(path, maximumByteCount: Self.maximumByteCount)
        }
        var content = Content()
        let texts = String(decoding: bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, text) in texts.enumerated() where !text.isEmpty {
            let parts = Self.parts(text)
            var isBroken = isOwn && parts.count > 1 && !Self.begins(parts[0])
            for part in parts where Self.begins(part) {
                if let line = AnchorLine(part) {
                    if line.storeID == storeID { content.lines.append(line) }
                } else {
                    isBroken = true
                }
            }
            if parts.count == 1, !Self.begins(parts[0]) {
                if text.contains(storeID) { isBroken = true } else { content.foreign += 1 }
            }
            if isBroken { content.broken.append(index + 1) }
        }
        return content
    }

    /// A line cut before each of Earmark's words: what a broken line left before a whole one does not hide it.
    private static func parts(_ line: Substring) -> [Substring] {
        var cuts = AnchorLine.words.flatMap { line.ranges(of: $0).map(\.lowerBound) }.sorted()
        if cuts.first != line.startIndex { cuts.insert(line.startIndex, at: 0) }
        return zip(cuts, cuts.dropFirst() + [line.endIndex]).map { line[$0..<$1] }
    }

    private static func begins(_ part: Substring) -> Bool { AnchorLine.words.contains { part.hasPrefix($0) } }
}
