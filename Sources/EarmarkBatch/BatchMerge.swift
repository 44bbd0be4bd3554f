package import EarmarkAnswer
import Foundation

/// Joins result files.
package struct BatchMerge {
    /// The lines, one for each file and request: of several the last.
    private var lines: [Place: BatchLine] = [:]

    /// Reads result files, in this order.
    ///
    /// - Parameters:
    ///   - files: paths.
    ///   - mayBePartial: whether parts of a batch may be missing.
    /// - Throws: `BatchError`.
    package init(_ files: [String], mayBePartial: Bool) throws(BatchError) {
        if !mayBePartial { try ShardFiles.requireAll(files) }
        for file in files {
            try ResultLines.read(file) { line, _ throws(BatchError) in
                lines[Place(path: line.outcome.path, request: line.request)] = line
            }
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
            if left.path != right.path { return BatchInput.precedes(left.path, right.path) }
            return left.order.lexicographicallyPrecedes(right.order)
        }

        private var order: [String] {
            [request.meeting, request.effort, request.allowShort ? "1" : "0", request.toolVersion]
        }
    }
}
