/// The identifier of something that is stored, a type of its own for each kind of thing.
///
/// Its JSON is the bare text.
public protocol StoredID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The identifier as it is stored and shown.
    var text: String { get }

    /// Takes any text, since only the store knows which identifiers there are.
    init(_ text: String)
}

extension StoredID {
    /// A literal identifier.
    public init(stringLiteral text: String) { self.init(text) }

    /// As `text`.
    public var description: String { text }

    /// The order of the texts.
    public static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    /// Reads a string.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension Dictionary where Key: StoredID {
    /// The same by the identifiers' texts: keys of a JSON object.
    package var byText: [String: Value] { reduce(into: [:]) { $0[$1.key.text] = $1.value } }

    /// Reads what `byText` gives.
    package init(byText: [String: Value]) {
        self = byText.reduce(into: [:]) { $0[Key($1.key)] = $1.value }
    }
}
