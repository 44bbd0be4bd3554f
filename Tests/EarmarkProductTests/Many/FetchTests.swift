import Crypto
import Foundation
import ProgramSupport
import Testing

/// docs/many.md, "Inputs on servers": what is fetched is what was planned, and nothing in a name is more than a name.
@Suite struct FetchTests {
    /// No recording, so that nothing is analysed: its digest is in the line all the same.
    private static let junk = Data((0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 7) })

    private static func digest(_ data: Data) -> String {
        SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
    }

    /// A bundle, and a server with `name`.
    private func place(_ names: String...) throws -> (run: RunPlace, server: FileServer) {
        let files = Dictionary(uniqueKeysWithValues: names.map { ($0, FetchTests.junk) })
        return (try RunPlace(["a.wav"], parts: 1), try FileServer(files))
    }

    private func plan(_ run: RunPlace, _ items: [String]) throws {
        let inputs = items.map { input in
            let data = try? JSONSerialization.data(withJSONObject: ["input": input])
            return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
        }
        let head = "{\"schema\":1,\"effort\":\"fast\",\"allowShort\":true,\"parts\":1,\"items\":["
        try run.place.write(head + inputs.joined(separator: ",\n") + "]}\n", to: "forged.json")
    }

    /// A quote that an accent hides, a line's end, and then options of curl.
    private static let options =
        "x\"\u{301}\r\nnext\r\nupload-file = case.bundle.key\r\nurl = 127.0.0.1:%PORT%/whole/stolen\r\n.wav"

    @Test func anInputIsNoOptionOfCurl() throws {
        let (run, server) = try place("a")
        let name = FetchTests.options.replacing("%PORT%", with: server.port)
        // As a URL it is no plan.
        try plan(run, [server.url("whole", name)])
        let refused = try run.part(1, plan: "forged.json")
        #expect(refused.exitStatus == 65 && refused.errors.contains("cannot be planned"), "\(refused.errors)")
        // By itself it is refused.
        #expect(try run.work([server.url("whole", name)]).exitStatus == 30)
        // A file may be called so, and is asked for by all of its name.
        try plan(run, [name])
        let root = "http://127.0.0.1:\(server.port)/whole"
        let asked = try run.work(["--plan", "forged.json", "--part", "1", "-o", "p.ndjson", "--root", root])
        #expect(asked.exitStatus == 66)
        let log = try server.asked()
        #expect(log.count == 1 && log.allSatisfy { $0.hasPrefix("GET /whole/x%22%CC%81%0D%0Anext") }, "\(log)")
    }

    @Test func namesBelowARootAreWritten() throws {
        let names = ["x#1.wav", "x?2.wav", "50%25.wav", "a b.wav"]
        let server = try FileServer(Dictionary(uniqueKeysWithValues: names.map { ($0, Data($0.utf8)) }))
        let run = try RunPlace(["a.wav"], parts: 1)
        try plan(run, names.map { "./\($0)" } + ["../a.wav"])
        let root = "http://127.0.0.1:\(server.port)/whole?sig=SECRET"
        let result = try run.work(["--plan", "forged.json", "--part", "1", "-o", "p.ndjson", "--root", root])
        #expect(result.exitStatus == 30)
        let lines = try run.lines("p.ndjson").compactMap { try? JSON(text: $0) }.filter {
            $0["place"]["item"].int != nil
        }
        for (name, line) in zip(names, lines) {
            #expect(line["sha256"].string == FetchTests.digest(Data(name.utf8)), "\(name)")
        }
        #expect(lines.last?["refusal"]["message"].string == "leads out of --root.")
        #expect(try server.asked().allSatisfy { $0.contains("?sig=SECRET") })
        #expect(!result.errors.contains("SECRET"))
    }

    @Test func onlyThisMachineIsAskedInTheClear() throws {
        let (run, server) = try place("a")
        for host in ["localhost:x@127.0.0.1", "127.0.0.1@127.0.0.2", "127.0.0.2", "localhost.example.com"] {
            let result = try run.work(["http://\(host):\(server.port)/whole/a"])
            #expect(result.exitStatus == 30 && result.text.contains("url-refused"), "\(host): \(result.errors)")
            #expect(!result.text.contains("x@"))
        }
        #expect(try server.asked().isEmpty)
        // Nothing of a password is shown, one with an @ in it included.
        let secret = try run.work(["https://user:p@sswOrd@127.0.0.1:9/whole/a?sig=SECRET", "--time-limit", "1"])
        for text in [secret.text, secret.errors] {
            #expect(!text.contains("sswOrd") && !text.contains("SECRET"), "\(text)")
        }
    }

    /// Whatever the server does, the whole of one file is analysed, or none; what came does not stay.
    ///
    /// A server that gives a file no strong name may have another one by now: it is asked for all of it. So is one that
    /// goes on with another file, which its own words tell: another tag, or another size.
    @Test(arguments: ["ranges", "dated", "anew", "other", "nameless", "weak", "spliced", "grown"])
    func whatBreaksOffIsOneFileInTheEnd(way: String) throws {
        let (run, server) = try place("a")
        let scratch = run.place.file("scratch")
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: false)
        let result = try run.work([server.url(way, "a")], environment: ["TMPDIR": scratch])
        let others = ["other": Data(FetchTests.junk.reversed()), "grown": FetchTests.junk + Data("more".utf8)]
        let due = others[way == "spliced" ? "other" : way] ?? FetchTests.junk
        #expect(try JSON(text: result.text)["sha256"].string == FetchTests.digest(due), "\(result.errors)")
        let log = try server.asked()
        let asked = ["dated": "bytes=2048- Mon, 02 Mar 2026 09:00:00 GMT -", "nameless": "a - - -", "weak": "a - - -"]
        #expect(log.dropFirst().first?.hasSuffix(asked[way] ?? "bytes=2048- \"1\" -") ?? false, "\(log)")
        #expect(log.count == (["anew", "other", "spliced", "grown"].contains(way) ? 3 : 2))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
    }

    @Test func aSlowServerIsNotWaitedFor() throws {
        let (run, server) = try place("a")
        let scratch = run.place.file("scratch")
        try FileManager.default.createDirectory(
            atPath: "\(scratch)/earmark-input-left", withIntermediateDirectories: true)
        try run.place.write("a recording", to: "scratch/earmark-input-left/input")
        let result = try run.work(
            [server.url("slow", "a"), "--time-limit", "1"], environment: ["TMPDIR": scratch])
        #expect(result.exitStatus == 74 && result.errors.contains("longer than 1 seconds"), "\(result.errors)")
        // Neither what came, nor what a killed process had left, stays.
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
    }

    @Test func whatTheUserSetForCurlIsNotRead() throws {
        let (run, server) = try place("a")
        try run.place.write("output = \(run.place.file("pwned"))\nurl = \(server.url("whole", "a"))\n", to: ".curlrc")
        _ = try run.work([server.url("whole", "a")], environment: ["HOME": run.place.folder.url.path])
        #expect(try server.asked().count == 1)
        #expect(!FileManager.default.fileExists(atPath: run.place.file("pwned")))
    }

    /// A wrong or expired way to a file says nothing of the file: there is no line, and a retry may mend it.
    @Test(arguments: [
        ("400", 74), ("401", 74), ("403", 74), ("404", 66), ("410", 66), ("451", 74), ("204", 74), ("barred", 74),
        ("packed", 74),
    ]) func whatIsNotGivenIsLost(way: String, status: Int32) throws {
        let (run, server) = try place("a")
        let result = try run.work([server.url(way, "a"), "--refusals-ok"])
        #expect(result.exitStatus == status && result.text.isEmpty, "\(result)")
        let words = ["204": "no file comes with that", "packed": "packs it", "barred": "status is 403"]
        #expect(result.errors.contains(words[way] ?? "status is \(way)"), "\(result.errors)")
    }

    /// Where the line cannot go is told before anybody is asked for the input.
    @Test func nothingIsFetchedForALineThatHasNoPlace() throws {
        let (run, server) = try place("a")
        #expect(try run.work([server.url("whole", "a"), "-o", "run.json"]).exitStatus == 73)
        #expect(try server.asked().isEmpty)
    }

    /// A run whose signature has expired is done with a fresh one.
    @Test func aFreshSignatureMendsARun() throws {
        let (run, server) = try place("a")
        try plan(run, ["a"])
        func work(_ way: String) throws -> Int32 {
            let root = "http://127.0.0.1:\(server.port)/\(way)?sig=\(way)"
            return try run.work(
                ["--plan", "forged.json", "--part", "1", "-o", "p.ndjson", "--root", root, "--refusals-ok"]
            ).exitStatus
        }
        #expect(try work("403") == 74)
        #expect(try run.place.run("run", "merge", "forged.json", "p.ndjson", "-o", "r.ndjson").exitStatus == 65)
        #expect(try work("whole") == 0)
        let lines = try run.lines("p.ndjson").compactMap { try JSON(text: $0)["sha256"].string }
        #expect(lines.first == FetchTests.digest(FetchTests.junk))
    }

    /// Keys of objects are asked for byte for byte: with other slashes and dots they are other objects.
    @Test func keysAreAskedForAsTheyAre() throws {
        let (run, server) = try place("a")
        let keys = ["b//d", "b/./x", "b/t/", "b/.hidden"]
        try plan(run, keys)
        let root = "http://127.0.0.1:\(server.port)/404"
        _ = try run.work(["--plan", "forged.json", "--part", "1", "-o", "p.ndjson", "--root", root])
        #expect(try server.asked().map { $0.prefix { $0 != "-" } } == keys.map { "GET /404/\($0) " })
    }

    /// What a server does not have or give, and what may come later otherwise, is told by name; neither keeps others
    /// from being done.
    @Test func oneInputsFailureStopsNoOther() throws {
        let (run, server) = try place("a")
        try run.batch.write(FetchTests.junk, to: "in/folder/x")
        try plan(
            run,
            [server.url("404", "a"), "in/absent.wav", "in/folder", server.url("403", "a"), server.url("whole", "a")])
        let more = ["--plan", "forged.json", "--part", "1", "-o", "p.ndjson", "--refusals-ok", "--metrics", "m.prom"]
        let result = try run.work(more)
        #expect(result.exitStatus == 74, "\(result.errors)")
        #expect(result.errors.contains("'in/absent.wav' cannot be had"), "\(result.errors)")
        #expect(result.errors.contains("in/folder: is a folder"), "\(result.errors)")
        func codes() throws -> [String] {
            try run.lines("p.ndjson").compactMap { try? JSON(text: $0)["refusal"]["code"].string }
        }
        #expect(try codes() == ["unreadable", "unsupportedType"])
        let figures = try run.place.text(of: "m.prom")
        #expect(figures.contains("earmark_work_lost{part=\"1\"} 3"), "\(figures)")
        // The last try ends the part.
        let last = try run.work(more + ["--missing-ok"])
        #expect(last.exitStatus == 0, "\(last.errors)")
        #expect(try codes().suffix(3) == ["notFound", "notFound", "server-refused"])
        // Refusals are not forgotten.
        #expect(try run.work(["--plan", "forged.json", "--part", "1", "-o", "p.ndjson"]).exitStatus == 30)
        let merged = try run.place.succeed("run", "merge", "forged.json", "p.ndjson", "-o", "run.ndjson")
        let why = "2 notFound, 1 server-refused, 1 unreadable, 1 unsupportedType"
        #expect(merged.contains("5 of 5 inputs refused: \(why)"), "\(merged)")
        #expect(try run.place.json("run", "import", "forged.json", "run.ndjson")["imported"]["added"].int == 5)
    }

    /// As large as the organisation allows is not too large, whoever says how large it is.
    @Test func theLargestThatIsAllowedIsTaken() throws {
        let (run, server) = try place("a")
        for (limit, code) in [(FetchTests.junk.count, "unsupportedType"), (FetchTests.junk.count - 1, "tooLarge")] {
            try run.place.succeed("settings", "set", "max-bytes", "\(limit)")
            for name in ["case.bundle", "case.bundle.key"] { try run.batch.remove(name) }
            try run.place.succeed("bundle", "create", "--meeting", run.batch.first, "-o", "case.bundle")
            for way in ["whole", "unsized"] {
                let line = try JSON(text: run.work([server.url(way, "a")]).text)
                #expect(line["refusal"]["code"].string == code, "\(way) \(limit)")
                let digest = code == "tooLarge" ? nil : FetchTests.digest(FetchTests.junk)
                #expect(line["sha256"].string == digest, "\(way) \(limit)")
            }
        }
    }
}
