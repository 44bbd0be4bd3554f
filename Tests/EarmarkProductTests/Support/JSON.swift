import Foundation

/// A JSON value as a reader of the program's output meets it; what is absent stays nil along the way.
struct JSON {
    let value: Any?

    init(_ value: Any?) { self.value = value is NSNull ? nil : value }

    /// Parses `data`, which must be one JSON value.
    init(data: Data) throws { self.init(try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)) }

    /// Parses `text`, which must be one JSON value.
    init(text: some StringProtocol) throws { try self.init(data: Data(text.utf8)) }

    subscript(key: String) -> JSON { JSON((value as? [String: Any])?[key]) }

    subscript(index: Int) -> JSON {
        guard let array = value as? [Any], array.indices.contains(index) else { return JSON(nil) }
        return JSON(array[index])
    }

    var isAbsent: Bool { value == nil }
    var string: String? { value as? String }
    var int: Int? { (value as? NSNumber)?.intValue }
    var double: Double? { (value as? NSNumber)?.doubleValue }
    var bool: Bool? { value as? Bool }
    /// The elements; none if this is no array.
    var array: [JSON] { (value as? [Any] ?? []).map(JSON.init) }
    /// The names of the members, sorted; none if this is no object.
    var keys: [String] { (value as? [String: Any] ?? [:]).keys.sorted() }
}

extension JSON: CustomStringConvertible {
    /// As text, for messages of tests.
    var description: String {
        guard let value else { return "absent" }
        let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
    }
}
