import EarmarkFiles

/// A JSON value as it stands in a header.
///
/// Names and texts are UTF-8 with all escapes decoded.
///
/// Bytes instead of `String`, whose equality takes canonically equivalent texts for the same.
enum JSONValue: Equatable {
    case object([Member])
    case array([JSONValue])
    case string([UInt8])
    /// A number or literal, which no header parameter of ours is.
    case other

    struct Member: Equatable {
        let name: [UInt8]
        let value: JSONValue
    }

    /// The text, if the value is one.
    var text: [UInt8]? {
        if case .string(let text) = self { text } else { nil }
    }
}

/// Reads one JSON value (RFC 8259), strictly and within limits.
///
/// Foundation's readers will not do: given a name twice, one keeps its first value and the other its last, silently.
struct JSONReader {
    /// A text that is no JSON, or is too deep.
    struct Malformed: Error {
        /// Where, in bytes from the start.
        let offset: Int
        let what: String
    }

    /// Objects and arrays within each other that are read; headers need two.
    static let maximumDepth = 16
    /// Values that are read, which keeps the cost of any header small; ours have seven.
    static let maximumValueCount = 64
    /// Up to so many members, looking through all names is quicker than hashing them.
    private static let manyMembers = 8

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private var valueCount = 0
    /// Whether an object names a member twice.
    private(set) var hasDuplicateName = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The value that is all of the text.
    mutating func value() throws(Malformed) -> JSONValue {
        let value = try element()
        guard position == bytes.count else { throw malformed("text after the value") }
        return value
    }

    /// A value and the white space around it.
    private mutating func element() throws(Malformed) -> JSONValue {
        skipWhitespace()
        defer { skipWhitespace() }
        valueCount += 1
        guard valueCount <= JSONReader.maximumValueCount else {
            throw malformed("more than \(JSONReader.maximumValueCount) values")
        }
        guard let first = next else { throw malformed("no JSON value") }
        switch first {
        case UInt8(ascii: "{"): return try nested { reader throws(Malformed) in try reader.object() }
        case UInt8(ascii: "["): return try nested { reader throws(Malformed) in try reader.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try literal("true")
        case UInt8(ascii: "f"): return try literal("false")
        case UInt8(ascii: "n"): return try literal("null")
        default: throw malformed("no JSON value")
        }
    }

    private mutating func nested(
        _ read: (inout JSONReader) throws(Malformed) -> JSONValue
    ) throws(Malformed) -> JSONValue {
        guard depth < JSONReader.maximumDepth else { throw malformed("more than \(JSONReader.maximumDepth) levels") }
        depth += 1
        position += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(Malformed) -> JSONValue {
        var members: [JSONValue.Member] = []
        var names: Set<[UInt8]> = []
        skipWhitespace()
        if take("}") { return .object(members) }
        while true {
            skipWhitespace()
            guard next == UInt8(ascii: "\"") else { throw malformed("no name") }
            let name = try string()
            skipWhitespace()
            guard take(":") else { throw malformed("no colon") }
            let value = try element()
            if members.count == JSONReader.manyMembers { names = Set(members.map(\.name)) }
            let isNew =
                members.count < JSONReader.manyMembers
                ? !members.contains { $0.name == name } : names.insert(name).inserted
            if !isNew { hasDuplicateName = true }
            members.append(JSONValue.Member(name: name, value: value))
            if take("}") { return .object(members) }
            guard take(",") else { throw malformed("no comma") }
        }
    }

    private mutating func array() throws(Malformed) -> JSONValue {
        var values: [JSONValue] = []
        skipWhitespace()
        if take("]") { return .array(values) }
        while true {
            values.append(try element())
            if take("]") { return .array(values) }
            guard take(",") else { throw malformed("no comma") }
        }
    }

    private mutating func number() throws(Malformed) -> JSONValue {
        _ = take("-")
        // No digit may follow a leading zero.
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            try digits()
        }
        return .other
    }

    private mutating func digits() throws(Malformed) {
        let start = position
        while let digit = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) { position += 1 }
        guard position > start else { throw malformed("no digit") }
    }

    private mutating func literal(_ text: StaticString) throws(Malformed) -> JSONValue {
        for character in "\(text)".utf8 {
            guard next == character else { throw malformed("no literal") }
            position += 1
        }
        return .other
    }

    private mutating func skipWhitespace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private func malformed(_ what: String) -> Malformed { Malformed(offset: position, what: what) }
}

extension JSONReader {
    /// A string with its quotes; the text around it is UTF-8 already.
    private mutating func string() throws(Malformed) -> [UInt8] {
        position += 1
        var text: [UInt8] = []
        var plain = position
        while let byte = next {
            // What needs no decoding is taken in one piece.
            if byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
                position += 1
                continue
            }
            if position > plain { text.append(contentsOf: bytes[plain..<position]) }
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): try escape(&text)
            default: throw malformed("a control character in a string")
            }
            plain = position
        }
        throw malformed("a string without end")
    }

    private mutating func escape(_ text: inout [UInt8]) throws(Malformed) {
        guard let kind = next else { throw malformed("an escape without end") }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): JSONReader.append(try scalar(), to: &text)
        default: throw malformed("an unknown escape")
        }
    }

    /// Appends the UTF-8 of `scalar`; the library's way takes twice the time.
    private static func append(_ scalar: Unicode.Scalar, to text: inout [UInt8]) {
        func continuation(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar.value >> shift & 0x3F) }
        switch scalar.value {
        case ..<0x80: text.append(UInt8(truncatingIfNeeded: scalar.value))
        case ..<0x800:
            text.append(0xC0 | UInt8(truncatingIfNeeded: scalar.value >> 6))
            text.append(continuation(0))
        case ..<0x1_0000:
            text.append(0xE0 | UInt8(truncatingIfNeeded: scalar.value >> 12))
            text.append(continuation(6))
            text.append(continuation(0))
        default:
            text.append(0xF0 | UInt8(truncatingIfNeeded: scalar.value >> 18))
            text.append(continuation(12))
            text.append(continuation(6))
            text.append(continuation(0))
        }
    }

    /// The character of `\u` escapes, two of them beyond the basic plane; halves of pairs are no text.
    private mutating func scalar() throws(Malformed) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), take("\\"), take("u") else { throw malformed("half a surrogate pair") }
        let second = try hexadecimal()
        guard UTF16.isTrailSurrogate(second) else { throw malformed("half a surrogate pair") }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func hexadecimal() throws(Malformed) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let character = next, let digit = Hexadecimal.value(character) else {
                throw malformed("an escape without four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}
