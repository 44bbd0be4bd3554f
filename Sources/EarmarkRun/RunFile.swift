import Crypto
import EarmarkFiles
import Foundation

/// The merged run: an opening, the signed lines of all items in the plan's order, and a closing.
package enum RunFile {
    /// The first record.
    struct Opening: Codable {
        struct Body: Codable {
            let plan: String
            let items: Int
        }

        let run: Body
    }

    /// The last record.
    struct Closing: Codable {
        struct Body: Codable {
            let lines: Int
            let sha256: String
        }

        let ends: Body
    }

    private static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    /// Writes the run to a new file, which appears whole or not at all.
    ///
    /// - Throws: `parts.refusal`; `FileError` `exists`; `inputOutput`.
    package static func create(_ path: String, from parts: RunParts) throws {
        if let refusal = parts.refusal { throw refusal }
        let sources = try parts.files.map { file throws(RunError) in
            let descriptor = FilePath.open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw RunError(.inputOutput, "cannot read '\(file)' again") }
            return descriptor
        }
        defer { for source in sources { close(source) } }
        try PrivateFile.create(path) { write in
            var hash = SHA256()
            func add(_ bytes: [UInt8]) throws {
                try write(bytes)
                hash.update(data: bytes)
            }
            try add(try bytes(Opening(run: .init(plan: parts.plan.digest, items: parts.plan.items.count))))
            for case let line? in parts.lines {
                let file = Int(line.file)
                try add(
                    try RunLines.line(
                        sources[file], at: line.offset, count: Int(line.count) + 1, path: parts.files[file]))
            }
            let digest = Hexadecimal.text(hash.finalize())
            try add(try bytes(Closing(ends: .init(lines: parts.plan.items.count, sha256: digest))))
        }
    }

    /// Calls `body` with the signed line of each item, in order.
    ///
    /// - Throws: `foreign` if it is the run of another plan, `unfinished` or `foreign` if it is not whole; what `body`
    ///   throws.
    static func read(_ path: String, of plan: RunPlan, _ body: (Int, [UInt8]) throws -> Void) throws {
        struct Record: Decodable {
            let run: Opening.Body?
            let opens: PartRecord.Opening.Body?
            let ends: Closing.Body?
        }
        let decoder = JSONDecoder()
        var (count, isClosed, hash) = (0, false, SHA256())
        let end = try RunLines.read(path, isReadAgain: true) { bytes, offset in
            guard !isClosed else { throw RunError(.foreign, "'\(path)' goes on behind its end") }
            if offset == 0 {
                let record = try? decoder.decode(Record.self, from: Data(bytes))
                guard record?.opens == nil else {
                    throw RunError(
                        .foreign, "'\(path)' is a part, and no merged run: join the parts with 'earmark run merge'")
                }
                guard let run = record?.run, run.plan == plan.digest, run.items == plan.items.count
                else { throw RunError(.foreign, "'\(path)' is no merged run of this plan") }
            } else if count == plan.items.count {
                guard let ends = (try? decoder.decode(Record.self, from: Data(bytes)))?.ends,
                    ends.lines == count, ends.sha256 == Hexadecimal.text(hash.finalize())
                else { throw RunError(.foreign, "'\(path)' is not what was merged: it was changed") }
                isClosed = true
            } else {
                try body(count, bytes)
                count += 1
            }
            hash.update(data: bytes + [UInt8(ascii: "\n")])
        }
        guard isClosed, !end.isTorn else {
            let what = isClosed || count == plan.items.count ? "its end record is missing or torn" : nil
            throw RunError(
                .unfinished,
                "'\(path)' is not whole: \(what ?? "it ends after \(count) of \(plan.items.count) lines")")
        }
    }
}
