package import EarmarkAnswer
import EarmarkFiles
import Foundation

/// Joins result files.
///
/// Memory holds what each line is about, and not what it says.
package struct BatchMerge {
    /// Where the lines are, one for each file and request: of several the last.
    private let lines: [Place: Spot]
    private let files: [String]

    /// Where a line begins, and what came of the file.
    private struct Spot {
        let file: Int
        let offset: Int64
        let result: ConditionedResult
    }

    /// Why the files are not a batch that is whole, a line for each problem; empty unless that was allowed.
    package let problems: [String]
    /// Files of the batch that are known to have no line.
    package let remaining: Int

    /// Reads result files, in this order.
    ///
    /// - Parameters:
    ///   - files: paths.
    ///   - mayBePartial: whether the batch may lack something.
    /// - Throws: `partsMissing`, `partsUnfinished` or `partsForeign`, with all that is wrong; else `BatchError`.
    package init(_ files: [String], mayBePartial: Bool) throws(BatchError) {
        var shards = ShardFiles()
        var lines: [Place: Spot] = [:]
        for (index, file) in files.enumerated() {
            let list = try PartList(besides: file)
            var held: Set<PartList.File> = []
            let end = try ResultLines.read(file) { line, offset throws(BatchError) in
                lines[Place(path: line.outcome.path, request: line.request)] = Spot(
                    file: index, offset: offset, result: line.outcome.conditionedResult)
                guard list?.asks(line.request) ?? true else { return }
                held.insert(
                    .init(
                        path: line.outcome.path, meeting: line.request.meeting, playedAt: line.request.playedAt))
            }
            shards.add(file, list, held: held, isTorn: end.isTorn)
        }
        shards.finish()
        self.lines = lines
        self.files = files
        problems = shards.problems
        remaining = shards.remaining
        guard mayBePartial || problems.isEmpty else {
            throw BatchError(shards.code, problems.joined(separator: "; "))
        }
    }

    private var sorted: [Spot] { lines.sorted { $0.key < $1.key }.map(\.value) }

    /// Lines.
    package var count: Int { lines.count }

    /// Lines by what came of the file.
    package var results: [ConditionedResult: Int] {
        lines.values.reduce(into: [:]) { $0[$1.result, default: 0] += 1 }
    }

    /// Writes all lines to a new file, by path, so that the same results make the same bytes however they were come by.
    ///
    /// - Throws: `FileError` `exists`; `inputOutput`.
    package func create(_ path: String) throws {
        let sources = try files.map { file throws(BatchError) in
            let descriptor = FilePath.open(file, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw ResultFile.systemError("read", file) }
            return descriptor
        }
        defer { for source in sources { close(source) } }
        try PrivateFile.create(path) { write in
            for spot in sorted {
                let bytes = try ResultLines.line(sources[spot.file], at: spot.offset, path: files[spot.file])
                try write(try BatchLine.parse(bytes, number: 0, path: files[spot.file]).serialized())
            }
        }
    }

    /// What a line is about.
    private struct Place: Hashable, Comparable {
        let path: String
        let request: BatchRequest

        private var key: PathKey { PathKey(path) }

        static func == (left: Place, right: Place) -> Bool { left.key == right.key && left.request == right.request }

        func hash(into hasher: inout Hasher) {
            hasher.combine(key)
            hasher.combine(request)
        }

        static func < (left: Place, right: Place) -> Bool {
            if left.key != right.key { return FilePath.precedes(left.path, right.path) }
            return left.order.lexicographicallyPrecedes(right.order)
        }

        private var order: [String] {
            [request.meeting, request.effort, request.allowShort ? "1" : "0", request.toolVersion]
                + (request.triage ?? false ? ["triage"] : [])
                + [request.playedAt?.text].compactMap { $0 }
        }
    }
}
