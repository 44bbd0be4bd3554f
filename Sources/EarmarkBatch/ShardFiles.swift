import EarmarkAnalysis
import EarmarkFiles

/// Judges by their lists, and by their names, whether result files are all of a batch, whole, and of one batch.
struct ShardFiles {
    /// What is wrong, a line for each problem; empty if nothing is.
    private(set) var problems: [String] = []
    /// How the problems are called together: the gravest of them.
    private(set) var code = BatchError.Code.partsMissing
    /// Files that are known to have no line.
    private(set) var remaining = 0

    /// A part that was read.
    private struct Part {
        let path: String
        let shard: Shard
        let list: String?
    }

    private var parts: [Part] = []

    /// Judges what was read of the result file at `path`.
    ///
    /// - Parameters:
    ///   - list: what it was to hold; nil if that is not told.
    ///   - held: what it holds.
    ///   - isTorn: whether half a line stands at its end.
    mutating func add(_ path: String, _ list: PartList?, held: Set<PartList.File>, isTorn: Bool) {
        let named = ShardFiles.shard(of: path)
        if isTorn { report(.partsUnfinished, "'\(path)' ends within a line: it was not finished, or not copied whole") }
        guard let list else {
            guard let named else { return }
            report(
                .partsUnfinished,
                "'\(PartList.path(besides: path))' is missing, which tells what part \(ShardFiles.name(named)) is to "
                    + "hold")
            return parts.append(Part(path: path, shard: named, list: nil))
        }
        guard let shard = Shard(index: list.head.part, count: list.head.of, origin: nil) else { return }
        if let named, named != shard {
            report(.partsForeign, "'\(path)' is part \(ShardFiles.name(shard)), whatever its name says")
        }
        let absent = list.files.filter { !held.contains($0) }
        if let first = absent.first {
            remaining += absent.count
            report(
                .partsUnfinished,
                "'\(path)' is unfinished: \(absent.count) of its \(list.files.count) files "
                    + "\(absent.count == 1 ? "has" : "have") no line, first '\(first.path)'")
        }
        // Of what is torn or lacks lines it is told already.
        if !isTorn, absent.isEmpty, let closed = list.closedAs, (try? FileDigest.sha256(path: path)) != closed {
            report(.partsForeign, "'\(path)' is not what its batch closed: it was changed, or not copied whole")
        }
        guard shard != .whole else { return }
        let own = Set(list.files.map { PathKey($0.path) })
        if let foreign = held.filter({ !own.contains(PathKey($0.path)) }).map(\.path).min(by: FilePath.precedes) {
            report(.partsForeign, "'\(path)' holds lines that are not of its part, first that of '\(foreign)'")
        }
        parts.append(Part(path: path, shard: shard, list: list.head.list))
    }

    /// Judges the parts together.
    mutating func finish() {
        let counts = Dictionary(grouping: parts) { $0.shard.count }
        for (count, parts) in counts.sorted(by: { $0.key < $1.key }) {
            var taken: [Int: String] = [:]
            for part in parts {
                if let other = taken[part.shard.index] {
                    let name = ShardFiles.name(part.shard)
                    report(.partsForeign, "'\(other)' and '\(part.path)' are both part \(name)")
                }
                taken[part.shard.index] = part.path
            }
            let missing = (1...count).filter { taken[$0] == nil }
            guard !missing.isEmpty else { continue }
            let names = missing.prefix(5).map { "\($0)-of-\(count)" }.joined(separator: ", ")
            let more = missing.count > 5 ? ", …" : ""
            let verb = missing.count == 1 ? "is" : "are"
            report(.partsMissing, "\(missing.count) of \(count) parts \(verb) missing (\(names)\(more))")
        }
        let listed = parts.filter { $0.list != nil }
        if let first = listed.first, let other = listed.first(where: { $0.list != first.list }) {
            report(
                .partsForeign,
                "'\(first.path)' and '\(other.path)' are of different batches: other files, or other options")
        }
    }

    private mutating func report(_ code: BatchError.Code, _ text: String) {
        let gravity: [BatchError.Code] = [.partsMissing, .partsUnfinished, .partsForeign]
        let isGraver = (gravity.firstIndex(of: code) ?? 0) > (gravity.firstIndex(of: self.code) ?? 0)
        if problems.isEmpty || isGraver { self.code = code }
        problems.append(text)
    }

    private static func name(_ shard: Shard) -> String { "\(shard.index)-of-\(shard.count)" }

    /// The part that a name tells; nil if it tells none.
    private static func shard(of path: String) -> Shard? { shards(of: FilePath.lastPart(path)).first }

    /// All parts that a name may tell.
    static func shards(of name: String) -> [Shard] {
        name.split(separator: ".").compactMap { part in
            let words = part.split(separator: "-", omittingEmptySubsequences: false)
            guard words.count == 3, words[1] == "of", let index = Int(words[0]), let count = Int(words[2]) else {
                return nil
            }
            return Shard(index: index, count: count, origin: nil)
        }
    }
}
