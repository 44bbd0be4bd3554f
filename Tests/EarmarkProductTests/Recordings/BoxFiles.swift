import ProgramSupport

/// Files of the MP4 family in which something is put in place of something else.
struct BoxFile {
    var bytes: [UInt8]

    init(_ path: String) throws { bytes = try RecordingFiles.bytes(path) }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// What is looked for is not there.
    struct Missing: Error {
        let path: String
    }

    private func number(at place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }

    private func type(at place: Int) -> String { String(decoding: bytes[(place + 4)..<(place + 8)], as: UTF8.self) }

    /// Bytes before the boxes in some that begin with fields of their own.
    private static let heads = ["stsd": 8, "dref": 8]

    /// Where the boxes of a path such as `moov/trak:1/mdia` lie, each within the one before; a number tells which.
    func boxes(_ path: String) throws -> [Range<Int>] {
        var found: [Range<Int>] = []
        var within = 0..<bytes.count
        for part in path.split(separator: "/") {
            let words = part.split(separator: ":")
            var left = words.count > 1 ? Int(words[1]) ?? 0 : 0
            var place = within.lowerBound
            search: while true {
                guard place + 8 <= within.upperBound, number(at: place) >= 8 else { throw Missing(path: path) }
                let end = place + number(at: place)
                if type(at: place) == words[0] {
                    if left == 0 {
                        found.append(place..<end)
                        within = (place + 8 + (Self.heads[String(words[0])] ?? 0))..<end
                        break search
                    }
                    left -= 1
                }
                place = end
            }
        }
        return found
    }

    /// Where the last box of a path lies.
    func box(_ path: String) throws -> Range<Int> {
        guard let last = try boxes(path).last else { throw Missing(path: path) }
        return last
    }

    /// Puts `content` in place of the last box of a path, or at its end where `isAppended`, and corrects the lengths of
    /// all around it.
    mutating func replace(_ path: String, by content: [UInt8], isAppended: Bool = false) throws {
        let all = try boxes(path)
        guard let last = all.last else { throw Missing(path: path) }
        let change = content.count - (isAppended ? 0 : last.count)
        for box in isAppended ? all[...] : all.dropLast() {
            bytes.replaceSubrange(box.lowerBound..<box.lowerBound + 4, with: Bombs.number(box.count + change))
        }
        bytes.replaceSubrange(isAppended ? last.upperBound..<last.upperBound : last, with: content)
    }
}
