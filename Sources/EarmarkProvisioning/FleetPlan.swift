/// The steps of a list, device by device, in the order in which each device must get them.
struct FleetPlan {
    /// One step of one row.
    struct Step: Sendable {
        /// Where its result stands among all results.
        let index: Int
        let row: DeviceList.Row
        /// The device's name as the list spells it first: that of its files.
        let device: String
        /// What to do; nil if the list's word is none.
        let kind: DeviceStep?
        /// The word in the list.
        let word: String
        /// Whether an earlier row, or the same, asks for this step already.
        let isDuplicate: Bool
    }

    /// The steps of each device, devices in the list's order.
    let devices: [[Step]]
    /// Number of steps.
    let count: Int

    /// Orders the steps of `rows`, of which `wanted` are to be done; nil does all.
    init(_ rows: [DeviceList.Row], only wanted: Set<DeviceStep>? = nil) {
        var order: [String] = []
        var steps: [String: [Step]] = [:]
        var seen: Set<String> = []
        var count = 0
        let spellings = rows.spellings
        for row in rows {
            // File systems may not tell letters' cases apart, so names do not.
            let name = row.name.lowercased()
            let words = row.words
            for word in words.isEmpty ? [row.action] : words {
                let kind = DeviceStep(word: word)
                if let wanted, let kind, !wanted.contains(kind) { continue }
                if steps[name] == nil { order.append(name) }
                let isNew = seen.insert(name + "\u{0}" + word.lowercased()).inserted
                steps[name, default: []].append(
                    Step(
                        index: count, row: row, device: spellings[name] ?? row.name, kind: kind, word: word,
                        isDuplicate: !isNew))
                count += 1
            }
        }
        devices = order.map { name in FleetPlan.sorted(steps[name, default: []]) }
        self.count = count
    }

    /// A list may be sorted by anything; steps that a device takes in any order stay in that of the list.
    private static func sorted(_ steps: [Step]) -> [Step] {
        steps.sorted { ($0.kind?.stage ?? -1, $0.index) < ($1.kind?.stage ?? -1, $1.index) }
    }
}

extension [DeviceList.Row] {
    /// The name of each device as the list spells it first, by its small letters.
    package var spellings: [String: String] {
        Dictionary(map { ($0.name.lowercased(), $0.name) }) { first, _ in first }
    }
}

extension DeviceList.Row {
    /// The words of the action: people separate them by more than spaces.
    var words: [String] {
        action.split { $0.isWhitespace || $0 == "," || $0 == ";" }.map(String.init)
    }
}
