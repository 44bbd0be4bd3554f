package import EarmarkAnswer
import EarmarkFiles
import Foundation

/// Joins result files.
package struct BatchMerge {
    /// The lines, one for each file and request: of several the last.
    private let lines: [Place: BatchLine]

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
        var lines: [Place: BatchLine] = [:]
        for file in files {
            var held: Set<PartList.File> = []
            let end = try ResultLines.read(file) { line, _ throws(BatchError) in
                lines[Place(path: line.outcome.path, request: line.request)] = line
                held.insert(.init(path: line.outcome.path, meeting: line.request.meeting))
            }
            shards.add(file, try PartList(besides: file), held: held, isTorn: end.isTorn)
        }
        shards.finish()
        self.lines = lines
        problems = shards.problems
        remaining = shards.remaining
        guard mayBePartial || problems.isEmpty else {
            throw BatchError(shards.code, problems.joined(separator: "\n"))
        }
    }

    private var sorted: [BatchLine] { lines.sorted { $0.key < $1.key }.map(\.value) }

    /// Lines.
    package var count: Int { lines.count }

    /// Lines by what came of the file.
    package var results: [FileResult: Int] { lines.values.reduce(into: [:]) { $0[$1.outcome.result, default: 0] += 1 } }

    /// All lines, by path, so that the same results make the same bytes however they were come by.
    package func serialized() throws(BatchError) -> [UInt8] {
        var bytes: [UInt8] = []
        for line in sorted { bytes += try line.serialized() }
        return bytes
    }

    /// What a line is about.
    private struct Place: Hashable, Comparable {
        let path: String
        let request: BatchRequest

        static func < (left: Place, right: Place) -> Bool {
            if left.path != right.path { return FilePath.precedes(left.path, right.path) }
            return left.order.lexicographicallyPrecedes(right.order)
        }

        private var order: [String] {
            [request.meeting, request.effort, request.allowShort ? "1" : "0", request.toolVersion]
        }
    }
}
