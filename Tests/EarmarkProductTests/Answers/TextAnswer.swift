import Foundation
import Testing

/// The answer for people, taken apart.
struct TextAnswer {
    /// Lines of `name  value`.
    typealias List = [(key: String, value: String)]

    /// What stands between empty lines.
    let paragraphs: [String]

    init(_ text: String) {
        paragraphs = text.components(separatedBy: "\n\n").map { $0.trimmingCharacters(in: .newlines) }
    }

    /// The head and the sources.
    var lists: [List] {
        paragraphs.filter { $0.hasPrefix("verdict ") || $0.hasPrefix("source ") }.map { paragraph in
            paragraph.split(separator: "\n").compactMap { line in
                guard let gap = line.firstRange(of: "  ") else { return nil }
                return (String(line[..<gap.lowerBound]), line[gap.upperBound...].trimmingCharacters(in: .whitespaces))
            }
        }
    }

    /// Cells of the tables whose first title is `title`, titles included.
    func tables(_ title: String) -> [[[String]]] {
        paragraphs.filter { $0.hasPrefix(title) }.map { paragraph in
            paragraph.split(separator: "\n").map { line in
                line.split(separator: /[ ]{2,}/).map { String($0).trimmingCharacters(in: .whitespaces) }
            }
        }
    }

    /// Seconds as h:mm:ss.
    static func clock(_ seconds: Double?) -> String {
        guard let seconds else { return "nothing" }
        let whole = Int(seconds)
        return "\(whole / 3_600):" + String(format: "%02d:%02d", whole / 60 % 60, whole % 60)
    }

    /// `text` ends in a power of ten that is never less than the bound, and by a tenth of a power at most.
    func expectBound(
        _ text: String?, atLeast bound: Double?, within step: Double = 0.1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let bound = try #require(bound, sourceLocation: sourceLocation)
        let words = try #require(text, sourceLocation: sourceLocation)
        let digits = try #require(words.firstMatch(of: /10\^(-\d+(\.\d+)?)/), sourceLocation: sourceLocation).1
        let printed = try #require(Double(digits), sourceLocation: sourceLocation)
        #expect(
            printed >= bound - 1e-9 && printed < bound + step, "\(words) for \(bound)", sourceLocation: sourceLocation)
    }

    /// A table of stretches for each of `sources`.
    func expectStretches(_ sources: [JSON], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let tables = tables("FROM")
        #expect(tables.count == sources.count, sourceLocation: sourceLocation)
        for (table, source) in zip(tables, sources) {
            #expect(table.first == ["FROM", "TO", "MEETING TIME", "PLAYED AT", "UNCERTAINTY", "Z"])
            let rows = source["heard"].array.map { heard in
                [
                    TextAnswer.clock(heard["from"].double), TextAnswer.clock(heard["to"].double),
                    TextAnswer.clock(heard["meetingFrom"].double), heard["playedAt"].string ?? "",
                    String(format: "%.3f s", heard["uncertaintySeconds"].double ?? .nan),
                    String(format: "%.1f", heard["z"].double ?? .nan),
                ]
            }
            #expect(Array(table.dropFirst()) == rows, sourceLocation: sourceLocation)
        }
    }
}

extension [(key: String, value: String)] {
    subscript(key: String) -> String? { first { $0.key == key }?.value }
}
