import EarmarkFiles
import Foundation

/// The signed lines of a merged run, one after the other, that was read as a whole before.
final class LineReader {
    private static let chunkByteCount = 1 << 20

    private let path: String
    private let descriptor: Int32
    private let items: Int
    private var pending: [UInt8] = []
    /// Where in `pending` the next line begins.
    private var start = 0
    private var item = -1

    /// - Throws: `inputOutput`.
    init(_ path: String, of plan: RunPlan) throws(RunError) {
        self.path = path
        items = plan.items.count
        descriptor = FilePath.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RunError(.inputOutput, "cannot read '\(path)' again") }
    }

    deinit { close(descriptor) }

    /// The next item's line; nil behind the last item.
    func next() throws(RunError) -> (item: Int, line: [UInt8])? {
        // The opening comes before the first.
        if item < 0 { _ = try line() }
        item += 1
        return item < items ? (item, try line()) : nil
    }

    private func line() throws(RunError) -> [UInt8] {
        var searched = start
        while true {
            if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return Array(pending[start..<end])
            }
            searched = pending.count - start
            pending.removeSubrange(..<start)
            start = 0
            var chunk = [UInt8](repeating: 0, count: LineReader.chunkByteCount)
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { throw RunError(.inputOutput, "cannot read '\(path)' again: it changed meanwhile") }
            pending += chunk[..<count]
        }
    }
}
