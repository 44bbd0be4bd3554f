/// The part of a batch that one of several processes takes: every `count`-th file.
package struct Shard: Equatable, Sendable {
    /// Which part, 1 to `count`.
    package let index: Int
    /// Number of parts.
    package let count: Int
    /// Where the numbers come from, for messages; nil if the user gave them.
    package var origin: String?

    /// Everything.
    package static let whole = Shard(index: 1, count: 1)

    /// `nil` unless 1 <= `index` <= `count`.
    package init?(index: Int, count: Int, origin: String?) {
        guard count >= 1, (1...count).contains(index) else { return nil }
        self.init(index: index, count: count)
        self.origin = origin
    }

    private init(index: Int, count: Int) {
        self.index = index
        self.count = count
    }

    /// Whether the file at `place` of the whole list belongs to this part.
    package func contains(place: Int) -> Bool { place % count == index - 1 }

    /// `results.ndjson` as `results.3-of-8.ndjson`; unchanged if there is one part only.
    package func path(_ path: String) -> String {
        guard count > 1 else { return path }
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "\(path).\(index)-of-\(count)" }
        return "\(path[..<dot]).\(index)-of-\(count)\(path[dot...])"
    }

    // MARK: Job schedulers

    /// Variables by which a job learns its place, for each scheduler.
    private enum Variable {
        static let kubernetesIndex = "JOB_COMPLETION_INDEX"
        static let awsIndex = "AWS_BATCH_JOB_ARRAY_INDEX"
        static let awsCount = "AWS_BATCH_JOB_ARRAY_SIZE"
        /// Kubernetes tells a pod its index and not the number of pods.
        static let count = "EARMARK_SHARDS"
    }

    /// The part that a Slurm array task, a pod of a Kubernetes Indexed Job or a child of an AWS Batch array job takes.
    ///
    /// A task of a Slurm array that is submitted again without the others keeps its part.
    ///
    /// - Parameters:
    ///   - environment: the process's variables.
    ///   - out: the result file of all parts.
    ///   - list: digest of the files, see `PartList`.
    /// - Returns: nil outside of them.
    /// - Throws: `shardUnusable`, `shardGaps` or `shardCountMissing`.
    package static func detected(
        in environment: [String: String], out: String, list: String
    ) throws(BatchError) -> Shard? {
        func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
        if let task = try ArrayTask(in: environment) {
            let earlier = try task.earlierShard(PartList.heads(ofPartsOf: out), list: list)
            if let earlier { return earlier }
            return try task.shard()
        }
        if let index = environment[Variable.awsIndex] {
            return try make(Int(index), number(Variable.awsCount), "AWS Batch array", Variable.awsCount)
        }
        if let index = environment[Variable.kubernetesIndex] {
            return try make(Int(index), number(Variable.count), "Kubernetes Indexed Job", Variable.count)
        }
        return nil
    }

    /// Numbers of parts that a batch without `--shard` may be of, as a scheduler's variables and, for tasks that are
    /// submitted again, the lists beside the result file `out` tell.
    static func counts(in environment: [String: String], out: String) -> [Int] {
        func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
        if environment[ArrayTask.numberVariable] != nil {
            let task = try? ArrayTask(in: environment)
            return PartList.heads(ofPartsOf: out).filter { $0.task != nil }.map(\.of) + [task?.count].compactMap(\.self)
        }
        let name = environment[Variable.awsIndex] != nil ? Variable.awsCount : Variable.count
        let isInArray = environment[Variable.awsIndex] != nil || environment[Variable.kubernetesIndex] != nil
        return isInArray ? [number(name)].compactMap(\.self) : []
    }

    private static func make(
        _ place: Int?, _ count: Int?, _ origin: String, _ variable: String
    ) throws(BatchError) -> Shard {
        guard let count else {
            throw BatchError(.shardCountMissing, "\(origin): set \(variable) to the number of parts")
        }
        guard let place, let shard = Shard(index: place &+ 1, count: count, origin: origin) else {
            throw BatchError(.shardUnusable, "\(origin): the index does not lie below the number of parts, \(count)")
        }
        return shard
    }
}
