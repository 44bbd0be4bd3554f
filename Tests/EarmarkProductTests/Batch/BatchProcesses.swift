import EarmarkTestSupport
import Foundation
import ProgramSupport

/// A batch that runs, and its processes.
extension BatchPlace {
    /// Starts a batch of `in` with one process that analyses.
    func start(effort: String, _ more: [String] = []) throws -> Process {
        let process = Process()
        process.executableURL = try ProcessRunner.executable
        process.arguments =
            ["batch", "in", "--meeting", first, "--out", "r.ndjson", "--jobs", "1", "-q", "--allow-short"]
            + ["--effort", effort] + more
        process.currentDirectoryURL = place.folder.url
        process.environment = place.folder.environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// The file that was begun last; nil before the first.
    func inHand() throws -> String? {
        let list = (try? place.text(of: "r.ndjson.list")) ?? ""
        let words = "{\"begun\":{\"meeting\":\"\(first)\",\"path\":\""
        guard let begun = list.range(of: words, options: .backwards) else { return nil }
        return list[begun.upperBound...].firstIndex(of: "\"").map { String(list[begun.upperBound..<$0]) }
    }

    /// Waits until `file` is in hand; the process that analyses it.
    func analyser(of process: Process, _ file: String) throws -> pid_t {
        while process.isRunning, try inHand() != file { usleep(2_000) }
        while process.isRunning {
            // It is at work when it has a decoder.
            if let child = try children(of: process.processIdentifier).first, try !children(of: child).isEmpty,
                try inHand() == file
            {
                return child
            }
            usleep(2_000)
        }
        throw ProcessRunner.Failure(description: "the batch ended before '\(file)' was in hand")
    }

    /// The processes that `parent` started and that have taken as many hundredths of a second of processor time.
    func children(of parent: pid_t, atWorkFor time: Int = 0) throws -> [pid_t] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }.filter { process in
            let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            // The name, in brackets, may hold anything.
            let fields = status.suffix(from: status.lastIndex(of: ")") ?? status.startIndex).split(separator: " ")
            return fields.count > 12 && fields[2] == "\(parent)" && Int(fields[12]) ?? 0 >= time
        }
    }
}
