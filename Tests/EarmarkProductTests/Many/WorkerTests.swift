import Foundation
import ProgramSupport
import Testing

/// docs/many.md, "A worker" and "What a thief of a worker gets".
@Suite struct WorkerTests {
    @Test func refusalsEndAsAsked() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let junk = try run.place.write("no audio", to: "junk.mp3")
        #expect(try run.work([junk]).exitStatus == 30)
        let result = try run.work([junk, "--refusals-ok"])
        #expect(result.exitStatus == 0)
        #expect(try JSON(text: result.text)["refusal"]["code"].string == "unsupportedType")
        // What another try may mend.
        #expect(try run.work([run.place.file("nope.wav"), "--refusals-ok"]).exitStatus == 66)
    }

    @Test func standardInputIsAnInput() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let sound = try Data(contentsOf: URL(fileURLWithPath: run.place.file("in/a.wav")))
        let arguments = ["work", "--bundle", "case.bundle", "--key", "case.bundle.key"] + BatchPlace.quick
        let piped = try run.place.run(arguments + ["--as", "leak.wav", "-"], input: sound)
        let read = try run.place.run(arguments + ["in/a.wav"])
        let (first, second) = (try JSON(text: piped.text), try JSON(text: read.text))
        #expect(first["path"].string == "leak.wav" && first["file"]["name"].string == "leak.wav")
        #expect(first["sha256"].string == second["sha256"].string)
        #expect(first["pilot"]["score"].double == second["pilot"]["score"].double)
        // What was to write it has failed: nothing is signed.
        let empty = try run.place.run(arguments + ["--as", "leak.wav", "--refusals-ok", "-"], input: Data())
        #expect(empty.exitStatus == 74 && empty.text.isEmpty && empty.errors.contains("standard input is empty"))
    }

    /// As for every verb: what lies there stays, by whatever name.
    @Test func aLineOverwritesNothing() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let link = run.place.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: run.place.file("case.bundle"))
        for name in ["in/a.wav", "case.bundle", "case.bundle.key", "link", "in"] {
            let read = { try? Data(contentsOf: URL(fileURLWithPath: run.place.file(name))) }
            let before = read()
            let result = try run.work(["in/a.wav", "-o", name] + BatchPlace.quick)
            #expect(result.exitStatus == 73 && result.errors.contains("not overwritten"), "\(name): \(result)")
            #expect(read() == before, "\(name)")
        }
        #expect(try run.work(["in/a.wav", "-o", "line.json"] + BatchPlace.quick).exitStatus == 0)
        #expect(try JSON(text: run.place.text(of: "line.json"))["verdict"].string == "not-found")
        let device = try run.work(["in/a.wav", "-o", "/dev/null"] + BatchPlace.quick)
        #expect(device.exitStatus == 0, "\(device.errors)")
    }

    /// What no other try mends does not end as if one would.
    @Test func whatIsNamedWronglyIsNotTriedAgain() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let title = try run.work(["in/a.wav", "--meeting", "Board"])
        #expect(title.exitStatus == 65 && title.errors.contains("knows no titles"), "\(title.errors)")
        #expect(try run.work(["in"]).exitStatus == 30)
        let folder = try run.place.run("work", "--bundle", "in", "--key", "case.bundle.key", "in/a.wav")
        #expect(folder.exitStatus == 65 && folder.errors.contains("is a folder"), "\(folder.errors)")
        let object = try run.work(["s3://cases/a.wav"])
        #expect(object.errors.contains("aws s3 presign s3://cases/a.wav"), "\(object.errors)")
    }

    /// A bundle works from where nothing can be written, at mode 0440; a key that everybody reads does not.
    @Test func modesAreHeld() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        func mode(_ name: String, _ mode: Int) throws {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: run.place.file(name))
        }
        try mode("case.bundle", 0o440)
        try mode("case.bundle.key", 0o440)
        #expect(try run.work(["in/a.wav"] + BatchPlace.quick).exitStatus == 0)
        try mode("case.bundle.key", 0o444)
        #expect(try run.work(["in/a.wav"] + BatchPlace.quick).exitStatus == 77)
    }

    @Test func otherMeetingsAreOutOfReach() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let result = try run.work(["in/a.wav", "--meeting", run.batch.second] + BatchPlace.quick)
        #expect(result.exitStatus == 65 && result.errors.contains("does not hold"), "\(result.errors)")
        // Neither bundle nor key are a store, and nothing else is there to sign or log with.
        for arguments in [
            ["report", "a_nope", "-o", "r.html"], ["audit", "list"], ["client", "list", "--meeting", run.batch.first],
        ] {
            let theft = try run.place.run(arguments, environment: ["EARMARK_STORE": run.place.file("case.bundle")])
            #expect(theft.exitStatus == 78, "\(arguments)")
        }
    }

    /// A byte changed anywhere makes a bundle useless.
    @Test func aChangedBundleDoesNotOpen() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: run.place.file("case.bundle"))))
        for place in [9, 40, whole.count / 2, whole.count - 1] {
            var bytes = whole
            bytes[place] ^= 1
            try run.batch.write(Data(bytes), to: "bad.bundle")
            let result = try run.place.run("bundle", "verify", "bad.bundle", "--key", "case.bundle.key")
            #expect([65, 78].contains(result.exitStatus), "byte \(place): \(result.exitStatus)")
        }
        try run.batch.write(Data(whole.dropLast()), to: "short.bundle")
        #expect(try run.place.run("bundle", "verify", "short.bundle", "--key", "case.bundle.key").exitStatus == 65)
    }

    /// RFC 9180, 7.1.4: what is sealed to a point of low order opens for everybody.
    @Test(arguments: [
        String(repeating: "00", count: 32), "01" + String(repeating: "00", count: 31),
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]) func noBundleIsSealedToEverybody(key: String) throws {
        let batch = try BatchPlace()
        let result = try batch.place.run(
            "bundle", "create", "--meeting", batch.first, "--to", "earmark-recipient-\(key)", "-o", "x.bundle")
        #expect(result.exitStatus == 65, "\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: batch.place.file("x.bundle")))
    }

    /// What was purged is not taken in, and the purge says what is out; the clock is put ahead, past the meeting's end.
    @Test func nothingOfAPurgedMeetingIsTakenIn() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        try run.part(1)
        try run.merge(["p.ndjson"])
        try run.place.succeed("retention", "set", "0", "--yes")
        let later = try WrongClock.environment(days: 2.0 / 24)
        let purge = try run.place.run(["retention", "purge", "--json"], environment: later)
        #expect(purge.exitStatus == 0 && purge.errors.contains("has not expired"), "\(purge.errors)")
        #expect(try JSON(text: purge.text)["bundlesOut"].array.count == 1)
        let result = try run.place.run(["run", "import", "run.json", "run.ndjson"], environment: later)
        #expect(result.exitStatus == 11 && result.errors.contains("was purged"), "\(result.errors)")
        #expect(try run.place.run(["bundle", "verify", "case.bundle"], environment: later).exitStatus == 11)
    }

    /// 72 hours, less where a meeting's retention ends before.
    @Test func bundlesExpire() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let early = try WrongClock.environment(days: 71.0 / 24)
        #expect(try run.work(["in/a.wav"] + BatchPlace.quick, environment: early).exitStatus == 0)
        let late = try WrongClock.environment(days: 73.0 / 24)
        let result = try run.work(["in/a.wav"] + BatchPlace.quick, environment: late)
        #expect(result.exitStatus == 11 && result.errors.contains("expired"), "\(result.errors)")
        try run.place.succeed("retention", "set", "0", "--yes")
        try run.place.succeed("bundle", "create", "--meeting", run.batch.first, "-o", "short.bundle")
        let meeting = try run.place.json("meeting", "show", run.batch.first)["meeting"]
        let bundle = try run.place.json("bundle", "show", "short.bundle")["bundle"]
        #expect(bundle["expires"].string == meeting["expires"].string)
    }

    /// docs/file-formats.md, "Results on standard output": what became of each bundle.
    @Test func bundlesAreListedByWhatBecameOfThem() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let place = run.place
        var ids: [String: String] = [:]
        for (name, length) in [("short", "1h"), ("lost", "1h"), ("long", "30h"), ("gone", "30h")] {
            let made = try place.json(
                "bundle", "create", "--meeting", run.batch.first, "--valid-for", length, "-o", "\(name).bundle")
            ids[name] = made["bundle"]["id"].string
        }
        for name in ["lost", "gone"] { try place.succeed("bundle", "revoke", try #require(ids[name])) }
        func states(_ days: Double) throws -> [String?] {
            let environment = try WrongClock.environment(days: days)
            let list = try JSON(text: try place.run(["bundle", "list", "--json"], environment: environment).text)
            return ["short", "lost", "long", "gone"].map { name in
                list["bundles"].array.first { $0["id"].string == ids[name] }?["state"].string
            }
        }
        #expect(try states(0) == ["out", "revoked", "out", "revoked"])
        // Over its time or not, a bundle that was revoked stays known as one.
        #expect(try states(1) == ["expired", "revoked", "out", "revoked"])
    }

    /// A store that is named is asked; where it is not there, that is told and not passed over.
    @Test func aNamedStoreThatIsMissingIsToldAndNoneNeedsToBeNamed() throws {
        let run = try RunPlace(["a.wav"], parts: 1)
        let place = run.place
        try place.succeed("ticket", "issue", "--meeting", run.batch.first, "--client", "ada", "-o", "a.ticket")
        for verb in [
            ["bundle", "verify", "case.bundle"], ["ticket", "status", "a.ticket"], ["ticket", "show", "a.ticket"],
        ] {
            let ways: [(more: [String], environment: [String: String])] = [
                (["--store", "nope.db"], [:]), ([], ["EARMARK_STORE": place.file("nope.db")]),
                (["--store", "nope.db"], ["EARMARK_STORE": ""]),
            ]
            for (more, environment) in ways {
                let result = try place.run(verb + more, environment: environment)
                #expect(result.exitStatus == 78 && result.errors.contains("nope.db"), "\(verb) \(more): \(result)")
            }
            #expect(try place.run(verb).exitStatus == 0)
            // The usual place, in which nothing lies, was not named.
            #expect(try place.run(verb, environment: ["EARMARK_STORE": ""]).exitStatus == 0, "\(verb)")
        }
        let unasked = try place.run(
            ["bundle", "verify", "case.bundle", "--json"], environment: ["EARMARK_STORE": ""])
        #expect(try JSON(text: unasked.text)["storeAsked"].bool == false)
        #expect(try place.json("bundle", "verify", "case.bundle")["storeAsked"].bool == true)
        // What a bundle says of itself is not taken for what it is.
        let alone = try place.run(["bundle", "verify", "case.bundle"], environment: ["EARMARK_STORE": ""])
        #expect(alone.text.contains("nothing was checked"), "\(alone.text)")
        let opened = try place.run(
            ["bundle", "verify", "case.bundle", "--key", "case.bundle.key"], environment: ["EARMARK_STORE": ""])
        #expect(opened.text.contains("holds until") && opened.text.contains("no store was asked"), "\(opened.text)")
    }

    /// Of several meetings the one whose retention ends first decides, however they are named; one on hold has no end.
    @Test func theFirstRetentionToEndDecides() throws {
        let store = try StorePlace("--retention", "1")
        let early = try store.enrol(start: StorePlace.start)
        let late = try store.enrol(start: StorePlace.start + 600)
        func end(_ scope: [String]) throws -> String? {
            let name = "\(UUID().uuidString).bundle"
            let bundle = try store.place.json(["bundle", "create", "-o", name] + scope)["bundle"]
            let shown = try store.place.json("bundle", "show", name)["bundle"]["expires"].string
            #expect(bundle["expires"].string == shown)
            return shown
        }
        func end(of start: Int) -> String { Board.time(start + 7_200 + StorePlace.day) }
        let scopes = [
            ["--meeting", early, "--meeting", late], ["--meeting", late, "--meeting", early], ["--any-meeting"],
        ]
        for scope in scopes { #expect(try end(scope) == end(of: StorePlace.start), "\(scope)") }
        #expect(try end(["--meeting", late]) == end(of: StorePlace.start + 600))
        try store.place.succeed("retention", "hold", early, "--reason", "Case 12")
        for scope in scopes { #expect(try end(scope) == end(of: StorePlace.start + 600), "\(scope)") }
    }

    /// The organisation's limits and its bound go with the bundle: a worker takes and refuses what `analyze` does.
    @Test func theOrganisationsSettingsHold() throws {
        let batch = try BatchPlace("a.wav")
        let bytes = BatchPlace.wave(seed: 1).count
        let cases: [(setting: String, value: String, refusal: String?)] = [
            ("allow-short", "on", nil), ("allow-short", "off", "tooShort"), ("min-seconds", "2", nil),
            ("min-seconds", "\(BatchPlace.seconds)", "tooShort"), ("min-seconds", "2.5", nil),
            ("max-bytes", "\(bytes - 1)", "tooLarge"), ("max-bytes", "\(bytes)", nil), ("threshold", "1e-12", nil),
        ]
        for (setting, value, refusal) in cases {
            try batch.place.succeed("settings", "set", setting, value)
            let name = "\(UUID().uuidString).bundle"
            try batch.place.succeed("bundle", "create", "--meeting", batch.first, "-o", name)
            let result = try batch.place.run(
                "work", "--bundle", name, "--key", name + ".key", "in/a.wav", "--effort", "fast", "--refusals-ok")
            let line = try JSON(text: result.text)
            #expect(line["refusal"]["code"].string == refusal, "\(setting) \(value): \(result.errors)")
            let bound = refusal == nil ? (setting == "threshold" ? -12.0 : -9) : nil
            #expect(line["tested"]["log10Threshold"].double == bound, "\(setting) \(value)")
        }
    }

    /// What was searched, from when until when, and what was left out, is said by a worker as by `analyze`.
    @Test func aWorkersSearchSaysWhatItCovered() throws {
        let batch = try BatchPlace("a.wav")
        let place = batch.place
        let roster = try place.write("participant,email,device\nAda,ada@example.org,laptop\n", to: "roster.csv")
        func create(_ title: String, _ more: String...) throws -> String {
            let start = Board.time(StorePlace.start)
            let arguments = ["meeting", "create", "--title", title, "--start", start, "--roster", roster] + more
            return try place.json(arguments)["meeting"]["id"].string ?? ""
        }
        _ = try create("Split", "--split-keys", place.file("a.share"), "--split-keys", place.file("b.share"))
        let lost = try (1...2).map { try create("Lost \($0)") }
        for number in 1...3 {
            let silent = try create("Silent \(number)")
            try place.succeed("ticket", "issue", "--meeting", silent, "--all", "--out-dir", "tickets\(number)")
            try place.succeed("meeting", "edit", silent, "--watermark", "off")
        }
        var keys = try JSON(text: place.text(of: "store.db.key")).value as? [String: Any] ?? [:]
        keys["meetings"] = (keys["meetings"] as? [String: Any])?.filter { !lost.contains($0.key) }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: keys), as: UTF8.self)
        try place.write(text, to: "store.db.key")
        let (since, until) = (Board.time(StorePlace.start - 86_400), Board.time(StorePlace.start + 86_400))
        let ranges: [[String: String]] = [
            [:], ["since": since], ["until": until], ["since": since, "until": until],
        ]
        for (number, range) in ranges.enumerated() {
            let scope = ["--any-meeting"] + range.sorted { $0.key < $1.key }.flatMap { ["--\($0.key)", $0.value] }
            let name = "\(number).bundle"
            try place.succeed(["bundle", "create", "-o", name] + scope)
            let work = ["work", "--bundle", name, "--key", name + ".key", "in/a.wav"] + BatchPlace.quick
            let line = try JSON(text: place.succeed(work))
            let search = line["search"]
            #expect(search["meetings"].int == 2 && search["withoutShares"].int == 1)
            #expect(search["withoutKey"].int == 2 && search["withoutMark"].int == 3)
            #expect(search["since"].string == range["since"] && search["until"].string == range["until"])
            let here = try place.answer("in/a.wav", scope + BatchPlace.quick)
            #expect(here["search"].value as? NSDictionary == search.value as? NSDictionary)
            #expect(here["summary"].string == line["summary"].string)
        }
    }
}
