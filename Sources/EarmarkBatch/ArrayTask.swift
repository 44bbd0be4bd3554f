/// A task of a Slurm array: its number, and which numbers the array has.
package struct ArrayTask: Codable, Equatable, Sendable {
    /// Variables by which a task learns its place.
    private enum Variable {
        static let number = ArrayTask.numberVariable
        static let first = "SLURM_ARRAY_TASK_MIN"
        static let last = "SLURM_ARRAY_TASK_MAX"
        static let step = "SLURM_ARRAY_TASK_STEP"
        static let count = "SLURM_ARRAY_TASK_COUNT"
    }

    /// Tells that this process is a task of an array.
    static let numberVariable = "SLURM_ARRAY_TASK_ID"
    private static let origin = "Slurm array"

    /// The task's own.
    let number: Int
    /// The array's lowest.
    let first: Int
    /// The array's highest.
    let last: Int
    /// From one to the next.
    let step: Int
    /// How many there are; nil if that is not told.
    let count: Int?

    /// The task that this process is; nil outside of Slurm's arrays.
    ///
    /// - Throws: `shardUnusable`.
    package init?(in environment: [String: String]) throws(BatchError) {
        func value(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
        guard environment[Variable.number] != nil else { return nil }
        guard let number = value(Variable.number), let first = value(Variable.first), number >= first else {
            throw BatchError(
                .shardUnusable, "\(ArrayTask.origin): \(Variable.number) or \(Variable.first) is unusable")
        }
        self.number = number
        self.first = first
        last = value(Variable.last) ?? first
        step = max(1, value(Variable.step) ?? 1)
        count = value(Variable.count)
    }

    /// The part that the task takes of a batch of its own; the array may begin anywhere and have gaps of one size.
    ///
    /// - Throws: `shardGaps`.
    func shard() throws(BatchError) -> Shard {
        guard let count, count > 0, (last - first) / step + 1 == count, let place = place(of: number),
            let shard = Shard(index: place + 1, count: count, origin: ArrayTask.origin)
        else {
            throw BatchError(
                .shardGaps,
                "\(ArrayTask.origin): the task numbers have gaps of different size, or \(Variable.count) is missing")
        }
        return shard
    }

    /// Which of the array's tasks has this number, from 0; nil if none has.
    private func place(of number: Int) -> Int? {
        number >= first && number <= max(first, last) && (number - first) % step == 0 ? (number - first) / step : nil
    }

    /// The part that the task took when it was submitted with others, if it is submitted again without them.
    ///
    /// - Parameters:
    ///   - heads: of the parts that lie there.
    ///   - list: digest of the files.
    /// - Returns: nil if it never was.
    /// - Throws: `shardUnusable` if that cannot be told: taking all files, or others, would be wrong.
    func earlierShard(_ heads: [PartList.Head], list: String) throws(BatchError) -> Shard? {
        let larger = heads.filter { head in
            guard let task = head.task, let ours = count else { return head.task != nil }
            return task.place(of: number) != nil && head.of > ours
        }
        guard !larger.isEmpty else { return nil }
        let same = larger.filter { $0.list == list }
        guard let head = same.first, same.allSatisfy({ $0.of == head.of && $0.task?.first == head.task?.first }),
            let place = head.task?.place(of: number)
        else {
            throw BatchError(
                .shardUnusable,
                "\(ArrayTask.origin): parts of \(larger[0].of) lie there that an array with a task \(number) took, "
                    + "of another list of files or another request; give the same, or say --shard I/N")
        }
        return Shard(index: place + 1, count: head.of, origin: "\(ArrayTask.origin), task submitted again")
    }
}
