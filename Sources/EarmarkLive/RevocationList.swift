public import EarmarkMark

/// Tickets that must not mark any more: identifiers, one a line; `#` begins a comment.
public struct RevocationList: Sendable {
    /// Largest list that is read, bytes: half a million tickets.
    public static let maximumByteCount = 16 << 20

    private let lines: [ArraySlice<UInt8>]

    /// Reads a list.
    ///
    /// - Throws: `revocationsUnreadable` if a line is neither empty, nor a comment, nor spelt like a ticket's
    ///   identifier: what cannot be understood might have named the ticket.
    public init(parsing bytes: [UInt8]) throws(LiveError) {
        var lines: [ArraySlice<UInt8>] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let text = RevocationList.trimmed(line)
            if text.isEmpty || text.first == UInt8(ascii: "#") { continue }
            guard RevocationList.isIdentifier(text) else { throw .revocationsUnreadable }
            lines.append(text)
        }
        self.lines = lines
    }

    /// Whether the list names `ticket`.
    public func contains(_ ticket: Ticket) -> Bool {
        let name = RevocationList.prefix + Base32.text(ticket.id)
        return lines.contains { $0.elementsEqual(name) }
    }

    private static let prefix: [UInt8] = [UInt8(ascii: "t"), UInt8(ascii: "_")]

    private static func isIdentifier(_ text: ArraySlice<UInt8>) -> Bool {
        text.starts(with: prefix) && text.count > prefix.count
            && text.dropFirst(prefix.count).allSatisfy { byte in
                byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
                    || byte >= UInt8(ascii: "2") && byte <= UInt8(ascii: "7")
            }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var text = line
        while let first = text.first, isSpace(first) { text = text.dropFirst() }
        while let last = text.last, isSpace(last) { text = text.dropLast() }
        return text
    }
}
