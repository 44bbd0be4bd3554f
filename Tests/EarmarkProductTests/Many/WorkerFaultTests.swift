import Foundation
import ProgramSupport
import Testing

/// docs/many.md, A worker: what is the worker's own fault, or a server's, is never held against a recording.
@Suite struct WorkerFaultTests {
    private static let last = ["--part", "1", "-o", "p.ndjson", "--refusals-ok", "--missing-ok"]

    /// A plan of objects below a root.
    private func place(_ count: Int) throws -> (run: RunPlace, server: FileServer) {
        let names = (1...count).map { "\($0).wav" }
        let server = try FileServer(Dictionary(uniqueKeysWithValues: names.map { ($0, Data("no audio".utf8)) }))
        let run = try RunPlace(["a.wav"], parts: 1)
        let keys = Data(names.map { "o/\($0)\n" }.joined().utf8)
        let plan = try run.place.run(["run", "plan", "-", "-o", "o.json"] + BatchPlace.quick, input: keys)
        try #require(plan.exitStatus == 0, "\(plan.errors)")
        return (run, server)
    }

    private func work(
        _ run: RunPlace, _ server: FileServer, _ way: String, _ more: [String], _ environment: [String: String] = [:]
    ) throws -> ProcessRunner.Result {
        let root = "http://127.0.0.1:\(server.port)/\(way)"
        return try run.work(["--plan", "o.json", "--root", root] + more, environment: environment)
    }

    private func refusals(_ run: RunPlace) throws -> [String] {
        try run.lines("p.ndjson").compactMap { try JSON(text: $0)["refusal"]["code"].string }
    }

    /// A bad node of the last try must not turn its share of a run into refused recordings.
    @Test(arguments: [
        ["TMPDIR": "/nonexistent"], ["PATH": "/nonexistent"],
    ])
    func aWorkersOwnFaultRefusesNothing(environment: [String: String]) throws {
        let (run, server) = try place(2)
        let result = try work(run, server, "whole", Self.last, environment)
        #expect(result.exitStatus == 74 && result.errors.contains("'o/2.wav' cannot be had"), "\(result.errors)")
        #expect(!result.errors.contains("--missing-ok refuses"), "\(result.errors)")
        #expect(environment["PATH"] == nil || !result.errors.contains("does not run"), "\(result.errors)")
        #expect(try refusals(run).isEmpty)
        #expect(try run.place.run("run", "merge", "o.json", "p.ndjson", "-o", "r.ndjson").exitStatus == 65)
        // On another node they are what they are.
        #expect(try work(run, server, "whole", Self.last).exitStatus == 0)
        #expect(try refusals(run) == ["unsupportedType", "unsupportedType"])
    }

    /// What is in the way of ten inputs in a row is in the way of all: a part of thousands does not take days to end.
    @Test func whatIsInEverybodysWayEndsThePart() throws {
        let (run, server) = try place(13)
        let own = try work(run, server, "whole", Self.last, ["TMPDIR": "/nonexistent"])
        #expect(own.exitStatus == 74 && own.errors.contains("10 inputs in a row"), "\(own.errors)")
        #expect(own.errors.components(separatedBy: "cannot be had:").count == 11, "\(own.errors)")
        let open = ["--part", "1", "-o", "p.ndjson", "--refusals-ok"]
        let page = try work(run, server, "page", open)
        #expect(page.exitStatus == 74 && page.errors.contains("10 inputs in a row"), "\(page.errors)")
        #expect(try server.asked().count == 10)
        // Each object may be missing or barred by itself: all are asked for.
        for way in ["404", "403"] { _ = try work(run, server, way, open) }
        #expect(try server.asked().count == 10 + 13 + 13)
        #expect(try work(run, server, "whole", open).exitStatus == 0)
        #expect(try refusals(run).count == 13)
    }

    /// A page to sign in, in the place of a recording, is a server in the way.
    @Test func aPageInTheWayIsNoRecording() throws {
        let (run, server) = try place(1)
        let result = try run.work([server.url("page", "1.wav"), "--refusals-ok"])
        #expect(result.exitStatus == 74 && result.text.isEmpty, "\(result)")
        #expect(result.errors.contains("web page") && result.errors.contains("sign in"), "\(result.errors)")
        // Who asks for a page gets one, and a file that holds one is no recording.
        #expect(try run.work([server.url("page", "1.html")]).exitStatus == 30)
        try run.place.write("<html>Sign in</html>", to: "in/a.m4a")
        #expect(try run.work(["in/a.m4a"]).exitStatus == 30)
        // The last try.
        #expect(try work(run, server, "page", Self.last).exitStatus == 0)
        #expect(try refusals(run) == ["server-refused"])
    }

    /// What a server has not is fetched by the command that says so.
    @Test func whatIsToldOfServersIsSo() throws {
        let (run, server) = try place(1)
        let gone = try run.work([server.url("404", "a.wav")])
        #expect(gone.exitStatus == 66 && !gone.errors.contains("nothing is fetched"), "\(gone.errors)")
        let barred = try run.work(["http://user:secret@127.0.0.1:\(server.port)/whole/1.wav"])
        #expect(barred.errors.contains("before the @") && !barred.errors.contains("secret"), "\(barred.errors)")
    }

    /// Bundle, key and plan that this worker cannot read are unusable, and no other try changes that.
    @Test func whatCannotBeReadIsUnusable() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        for name in ["case.bundle", "case.bundle.key", "run.json"] {
            try FileManager.default.moveItem(atPath: run.place.file(name), toPath: run.place.file("kept"))
            // One that leads to itself cannot be opened by root either.
            try FileManager.default.createSymbolicLink(atPath: run.place.file(name), withDestinationPath: name)
            let result = try run.part(1)
            #expect(result.exitStatus == 78, "\(name): \(result.errors)")
            try run.batch.remove(name)
            try FileManager.default.moveItem(atPath: run.place.file("kept"), toPath: run.place.file(name))
        }
        #expect(try run.part(1).exitStatus == 0)
    }
}
