import ArgumentParser
import EarmarkStore
import Foundation

extension BatchCommand {
    /// The command `earmark batch merge`.
    struct Merge: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Join result files, one line for each file and request, in order.",
            discussion: """
                Of several lines about the same file and request the last one stays. The lines are sorted by path, so that \
                the same results make the same file however they were come by. Files named results.I-of-N.ndjson must \
                all be there, unless --partial allows some to be missing.

                  earmark batch merge results.*-of-8.ndjson -o results.ndjson
                """)

        @Argument(help: ArgumentHelp("Result files.", valueName: "file"), completion: .file())
        var files: [String]

        @Option(name: .shortAndLong, help: ArgumentHelp("File to create, with mode 0600.", valueName: "file"))
        var output: String

        @Flag(help: "Join what is there even if parts are missing.")
        var partial = false

        @OptionGroup var json: JSONFlag

        func run() throws {
            if !partial { try ShardFiles.requireAll(files) }
            var lines: [Place: BatchLine] = [:]
            for file in files {
                try ResultLines.read(file) { line, _ throws(CommandError) in
                    lines[Place(path: line.outcome.path, request: line.request)] = line
                }
            }
            let sorted = lines.sorted { $0.key < $1.key }.map(\.value)
            var bytes: [UInt8] = []
            for line in sorted { bytes += try line.serialized() }
            try SecretFile.create(output, bytes: bytes)
            let results = sorted.reduce(into: [String: Int]()) { $0[$1.outcome.result, default: 0] += 1 }
            let summary = BatchSummary(.init(results: results), total: sorted.count, path: output)
            try json.print(["batch": summary], human: summary.text)
        }
    }

    /// What a line is about.
    private struct Place: Hashable, Comparable {
        let path: String
        let request: BatchRequest

        static func < (left: Place, right: Place) -> Bool {
            if left.path != right.path { return BatchInput.precedes(left.path, right.path) }
            return left.order.lexicographicallyPrecedes(right.order)
        }

        private var order: [String] {
            [request.meeting, request.effort, request.allowShort ? "1" : "0", request.toolVersion]
        }
    }
}

/// Finds missing parts by the names of result files.
enum ShardFiles {
    /// - Throws: `invalidInput` if some of N parts are named and not all.
    static func requireAll(_ files: [String]) throws(CommandError) {
        var parts: [Int: Set<Int>] = [:]
        for file in files {
            guard let shard = shard(of: file) else { continue }
            parts[shard.count, default: []].insert(shard.index)
        }
        for (count, present) in parts.sorted(by: { $0.key < $1.key }) {
            let missing = (1...count).filter { !present.contains($0) }
            guard missing.isEmpty else {
                let names = missing.prefix(5).map { "\($0)-of-\(count)" }.joined(separator: ", ")
                throw CommandError(
                    .invalidInput,
                    "\(missing.count) of \(count) parts are missing (\(names)\(missing.count > 5 ? ", …" : "")); wait for "
                        + "them, or add --partial")
            }
        }
    }

    private static func shard(of path: String) -> Shard? {
        let name = path.split(separator: "/").last ?? ""
        for part in name.split(separator: ".") {
            let words = part.components(separatedBy: "-of-")
            if words.count == 2, let index = Int(words[0]), let count = Int(words[1]) {
                return Shard(index: index, count: count, origin: nil)
            }
        }
        return nil
    }
}
