import Foundation

/// Figures in Prometheus' text format, in a file that its node exporter reads (the textfile collector).
///
/// No figure names a person, a file or a meeting.
package struct MetricsFile {
    /// What a figure means over time.
    package enum Kind: String, Sendable {
        /// It rises and falls.
        case gauge
        /// It only rises, until the program starts again.
        case counter
    }

    private var lines: [String] = []
    /// What all figures carry, as text between braces.
    private let labels: [String]

    /// No figures; each that is added carries `labels`, whose values are words of ours.
    package init(labels: [(name: String, value: String)] = []) {
        self.labels = MetricsFile.texts(labels)
    }

    private static func texts(_ labels: [(name: String, value: String)]) -> [String] {
        labels.map { "\($0.name)=\"\($0.value)\"" }
    }

    /// Adds a figure.
    ///
    /// - Parameters:
    ///   - name: by Prometheus' custom with its unit at the end, after `earmark_`.
    ///   - kind: what it means over time.
    ///   - help: what it is, in a sentence.
    ///   - values: by the value of `label`, which is a word of ours.
    ///   - label: what tells the values apart.
    package mutating func add(
        _ name: String, _ kind: Kind, _ help: String, _ values: [String: Double], by label: String
    ) {
        let sorted = values.sorted { $0.key < $1.key }
        add(name, kind, help, sorted.map { (labels: [(name: label, value: $0.key)], value: $0.value) })
    }

    /// Adds a figure.
    ///
    /// - Parameters:
    ///   - name: by Prometheus' custom with its unit at the end, after `earmark_`.
    ///   - kind: what it means over time.
    ///   - help: what it is, in a sentence.
    ///   - values: in their order, each with the labels that tell it from all others; their values are words of ours.
    package mutating func add(
        _ name: String, _ kind: Kind, _ help: String,
        _ values: [(labels: [(name: String, value: String)], value: Double)]
    ) {
        head(name, kind, help)
        for (labels, value) in values {
            lines.append("earmark_\(name)\(braces(MetricsFile.texts(labels))) \(value)")
        }
    }

    /// Adds a figure that stands alone.
    package mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        head(name, kind, help)
        lines.append("earmark_\(name)\(braces([])) \(value)")
    }

    private func braces(_ more: [String]) -> String {
        let all = labels + more
        return all.isEmpty ? "" : "{\(all.joined(separator: ","))}"
    }

    private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
        lines += ["# HELP earmark_\(name) \(help)", "# TYPE earmark_\(name) \(kind.rawValue)"]
    }

    /// The figures as text.
    package var text: String { lines.map { $0 + "\n" }.joined() }

    /// Replaces the file at `path`, so that a reader sees all figures of a time or none.
    ///
    /// Everybody may read it. What is no plain file, such as a device, is written to.
    ///
    /// - Throws: `inputOutput`.
    func write(_ path: String) throws(FileError) {
        guard try !PrivateFile.writesToDevice(path, bytes: Array(text.utf8)) else { return }
        let temporary = PrivateFile.temporary(of: path)
        try PrivateFile.create(temporary, bytes: Array(text.utf8), isDurable: false)
        let isDone = FilePath.withCString(temporary) { chmod($0, 0o644) } == 0
        guard isDone, FilePath.rename(temporary, to: path) == 0 else {
            let error = PrivateFile.systemError("replace", path)
            FilePath.remove(temporary)
            throw error
        }
    }
}
