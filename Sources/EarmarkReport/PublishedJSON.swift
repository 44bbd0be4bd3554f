public import EarmarkAnswer
public import Foundation

/// Results for programs: JSON objects with the version of their schema (docs/json-schema.md).
public enum PublishedJSON {
    /// One indented JSON object with `schema` and `fields`, and a line end.
    ///
    /// - Throws: `EncodingError` for a number that is not finite.
    public static func encoded(_ fields: KeyValuePairs<String, any Encodable>) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(Document(fields: fields)) + Data("\n".utf8)
    }

    /// The report on a stored answer for programs.
    ///
    /// - Throws: `EncodingError` for a number that is not finite.
    public static func report(_ answer: StoredAnswer) throws -> Data { try encoded(["report": answer]) }

    private struct Document: Encodable {
        let fields: KeyValuePairs<String, any Encodable>

        private struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(Answer.schema, forKey: Key(stringValue: "schema"))
            for (name, value) in fields { try container.encode(value, forKey: Key(stringValue: name)) }
        }
    }
}
