package import EarmarkAnswer
package import EarmarkFiles

/// Whether decoders give their rights away, as the system and `EARMARK_DECODER` have it.
package enum Confinement {
    /// What the kernel can do with system calls.
    private static let actions = "/proc/sys/kernel/seccomp/actions_avail"

    /// Whether the kernel filters system calls, and nobody asked to do without.
    package static var isOn: Bool {
        guard let variable = FilePath.variable("EARMARK_DECODER"), variable == "unconfined" else {
            return FilePath.status(actions) != nil
        }
        return false
    }

    /// The same in a sentence.
    package static var text: String {
        isOn
            ? "decoders are confined by seccomp"
            : "decoders are NOT confined: the system has no seccomp filters, or EARMARK_DECODER says so"
    }
}

extension MetricsFile {
    /// Figures of a worker's part, each with its number: several parts may lie in one folder.
    init(part: Int, _ tally: PartWork.Tally, at now: Timestamp) {
        var results = tally.results
        if tally.refusedBefore > 0 { results[.refused] = tally.refused }
        self.init(
            "work", results: results, resumed: tally.resumed, remaining: tally.remaining, at: now,
            labels: [("part", String(part))])
        add("work_lost", .gauge, "Files that cannot be had.", Double(tally.lost))
    }

    /// Figures of files that were worked through, under `name`, all of them with `labels`.
    package init(
        _ name: String, results: [ConditionedResult: Int], resumed: Int, remaining: Int, at now: Timestamp,
        labels: [(name: String, value: String)] = []
    ) {
        self.init(labels: labels)
        add("\(name)_files", .gauge, "Files by what came of them.", MetricsFile.values(results))
        add("\(name)_resumed", .gauge, "Files that were done before.", Double(resumed))
        add("\(name)_remaining", .gauge, "Files that are left.", Double(remaining))
        add("\(name)_confined", .gauge, "Whether decoders give their rights away.", Confinement.isOn ? 1 : 0)
        add("\(name)_time_seconds", .gauge, "When these figures were taken.", Double(now.seconds))
    }

    /// Each result as a label and, where something restricts the answers, that as another: who asks for a result
    /// without it gets both, and their sum is all files.
    private static func values(
        _ results: [ConditionedResult: Int]
    ) -> [(labels: [(name: String, value: String)], value: Double)] {
        let sorted = results.sorted {
            ($0.key.result.name, $0.key.condition.rawValue) < ($1.key.result.name, $1.key.condition.rawValue)
        }
        return sorted.map { key, count in
            let condition = key.condition.text.map { [(name: "condition", value: $0)] } ?? []
            return (labels: [(name: "result", value: key.result.name)] + condition, value: Double(count))
        }
    }
}
