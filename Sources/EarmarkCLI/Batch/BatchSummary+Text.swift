import EarmarkBatch
import EarmarkConsole
import EarmarkFiles
import EarmarkOutput
import EarmarkReport

extension BatchSummary {
    /// What a batch did, for people.
    var text: String {
        let parts = labels.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let table = Table.list([
            "files": String(files), "results": parts.isEmpty ? "none" : parts.joined(separator: ", "),
            "known before": resumed > 0 ? String(resumed) : nil,
            "not reached": remaining > 0 ? "\(remaining); the same with --resume goes on" : nil,
            "left out": leftOut, "written to": out,
        ])
        return ([table] + notes.map(OutputText.message)).joined(separator: "\n")
    }
}

extension BatchPlan {
    /// What a batch would do, for people.
    var text: String {
        var table = Table("MEETING", "BYTES", "FILE", "PROBLEM")
        for file in files {
            table.add(file.meeting, file.bytes.map { String($0) } ?? "-", file.path, file.problem ?? "-")
        }
        let bytes = files.reduce(0) { $0 + ($1.bytes ?? 0) }
        return table.text + "\n\n\(Counted.text(files.count, "file")), \(bytes) bytes; results would go to \(tail)"
    }
}
