import EarmarkAnswer
package import Foundation

/// `PublishedJSON` with one list in it, an element at a time: the same bytes.
package struct PublishedList {
    private let name: String
    private let encoder = JSONEncoder()
    private var isEmpty = true

    /// A list that is called `name`, which sorts before `schema`.
    package init(_ name: String) {
        self.name = name
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    }

    /// What stands before the elements.
    package var opening: Data { Data("{\n  \"\(name)\" : [\n".utf8) }

    /// An element, with what stands before it.
    ///
    /// - Throws: `EncodingError` for a number that is not finite.
    package mutating func element(_ value: some Encodable) throws -> Data {
        let lines = String(decoding: try encoder.encode(value), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        defer { isEmpty = false }
        // The line of an empty list within it stays empty.
        return Data(((isEmpty ? "" : ",\n") + lines.map { $0.isEmpty ? "" : "    \($0)" }.joined(separator: "\n")).utf8)
    }

    /// What stands behind them.
    package var closing: Data { Data("\n  ],\n  \"schema\" : \(Answer.schema)\n}\n".utf8) }
}
