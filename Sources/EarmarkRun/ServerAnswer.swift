import EarmarkFiles
import Foundation

/// What a server says of a file beside its bytes.
struct ServerAnswer {
    /// Largest answer that is looked at, bytes.
    private static let byteCount = 1 << 20

    /// A strong entity tag; nil if there is none.
    private(set) var tag: String?
    /// When the file was last changed, as the server writes it.
    private(set) var date: String?
    /// Bytes of the whole file; nil if it does not say.
    private(set) var total: Int64?
    /// Where what came begins; 0 unless it is a part.
    private(set) var start: Int64 = 0
    /// How what comes is packed; nil if it is as it lies there.
    private(set) var encoding: String?
    /// What the server says that it is, in small letters; nil if it does not say.
    private(set) var type: String?

    /// Whether there is an answer at all, were it one that leads elsewhere.
    private(set) var isThere = false

    /// What the server calls the file's present content: the tag, else the date; nil if it says neither.
    var validator: String? { tag ?? date }

    /// Reads the headers in the file at `path`, the last ones where redirections have their own.
    init(_ path: String) {
        guard let bytes = try? SmallFile.read(path, maximumByteCount: ServerAnswer.byteCount) else { return }
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if line.hasPrefix("HTTP/") { self = ServerAnswer(isThere: true) }
            guard let colon = line.firstIndex(of: ":"), line.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
                continue
            }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            if !value.isEmpty { take(line[..<colon].lowercased(), value) }
        }
    }

    private init(isThere: Bool) { self.isThere = isThere }

    private mutating func take(_ name: String, _ value: String) {
        switch name {
        case "etag": tag = value.hasPrefix("W/") ? nil : value
        case "last-modified": date = value
        case "content-type": type = value.lowercased()
        case "content-length": total = total ?? Int64(value)
        case "content-encoding": encoding = value.lowercased() == "identity" ? nil : value
        case "content-range":
            guard let found = value.wholeMatch(of: /bytes (\d+)-\d+\/(\d+|\*)/.ignoresCase()) else { return }
            start = Int64(found.1) ?? 0
            total = Int64(found.2) ?? -1
        default: break
        }
    }

    /// Whether this, the rest of a file from byte `offset`, is of the file that `first` was the beginning of.
    ///
    /// A server that was asked for it only if that still holds (If-Range) may not have looked.
    func goesOn(_ first: ServerAnswer?, from offset: Int64) -> Bool {
        guard let first, start == offset else { return false }
        func isSame<Value: Equatable>(_ mine: Value?, _ other: Value?) -> Bool {
            mine == nil || other == nil || mine == other
        }
        return isSame(tag, first.tag) && isSame(date, first.date)
            && isSame(total.flatMap { $0 < 0 ? nil : $0 }, first.total)
    }

    /// Endings of names of which a web page is expected.
    private static let pages = [".html", ".htm", ".xhtml"]
    /// Bytes in which the first sign of a page is looked for.
    private static let glance = 256

    /// Whether what came, and lies in an open file, is a web page where `url` asks for something else.
    func isPage(_ descriptor: Int32, insteadOf url: String) -> Bool {
        let name = RemoteInput.shown(url).lowercased()
        guard type?.hasPrefix("text/html") ?? false, !ServerAnswer.pages.contains(where: name.hasSuffix) else {
            return false
        }
        var bytes = [UInt8](repeating: 0, count: ServerAnswer.glance)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        // Blanks and the mark of UTF-8 may stand before it.
        let first = bytes.prefix(max(0, count)).first { !" \t\r\n\u{FEFF}".utf8.contains($0) }
        return first == UInt8(ascii: "<")
    }

    /// Why what came is no file; nil if it is one.
    func problem(status: Int, isPage: Bool) -> String? {
        guard status == CurlStatus.whole || status == CurlStatus.rest else {
            return "the server's status is \(status), and no file comes with that"
        }
        guard !isPage else {
            return "the server gives a web page in its place, such as one to sign in; see whether it lets one in"
        }
        guard let encoding else { return nil }
        return "the server packs it ('\(encoding.prefix(20))'), unasked, and what is packed is another file"
    }
}
