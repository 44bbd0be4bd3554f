import Foundation
import ProgramSupport

/// A store on one side, and workers with nothing but a bundle, its key and a plan on the other.
struct RunPlace {
    let batch: BatchPlace

    var place: Workplace { batch.place }

    /// With the recordings `in/NAME`, a bundle of the first meeting and a plan of `parts` parts.
    init(_ names: [String], parts: Int) throws {
        batch = try BatchPlace()
        for (index, name) in names.enumerated() { try batch.add("in/\(name)", seed: index + 1) }
        try place.succeed("bundle", "create", "--meeting", batch.first, "-o", "case.bundle")
        try plan(parts: parts)
    }

    func plan(parts: Int, to name: String = "run.json", _ more: String...) throws {
        try place.succeed(["run", "plan", "in", "--parts", "\(parts)", "-o", name] + BatchPlace.quick + more)
    }

    /// Runs the program as a worker: without a store or a home that it could find.
    @discardableResult
    func work(_ arguments: [String], environment: [String: String] = [:]) throws -> ProcessRunner.Result {
        let nowhere = ["EARMARK_STORE": "/nonexistent/store.db", "HOME": "/nonexistent", "EARMARK_KEY_FILE": ""]
        return try place.run(
            ["work", "--bundle", "case.bundle", "--key", "case.bundle.key"] + arguments,
            environment: nowhere.merging(environment) { $1 })
    }

    /// Works through a part of `run.json`.
    @discardableResult
    func part(_ part: Int, plan: String = "run.json") throws -> ProcessRunner.Result {
        try work(["--plan", plan, "--part", "\(part)", "-o", "p.ndjson", "--refusals-ok"])
    }

    /// Joins all parts.
    @discardableResult
    func merge(_ parts: [String], to name: String = "run.ndjson") throws -> ProcessRunner.Result {
        try place.run(["run", "merge", "run.json"] + parts + ["-o", name])
    }

    /// The lines of a file, without their ends.
    func lines(_ name: String) throws -> [String] { try place.text(of: name).split(separator: "\n").map(String.init) }

    func write(_ lines: [String], to name: String) throws {
        try place.write(lines.map { $0 + "\n" }.joined(), to: name)
    }
}
