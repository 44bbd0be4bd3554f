import Foundation
import ProgramSupport
import Testing

/// docs/audit.md, "Anchors": a store that is put back as a whole, keys included, is found out; an anchor that fails
/// stops nothing and does not vanish.
@Suite struct AuditAnchorTests {
    private let place: Workplace
    /// What an attacker cannot write to.
    private let outside: TemporaryFolder

    init() throws {
        place = try Workplace()
        outside = try TemporaryFolder()
        try place.succeed("init", "--org", "Example Ltd")
    }

    private func change(_ count: Int) throws { try place.succeed("settings", "set", "max-bytes", "\(5_000 + count)") }

    /// Database, key file and what lies beside it, as they are now.
    private func copy() throws -> Workplace { try Workplace(copyOf: place.folder) }

    /// Puts all of them back.
    private func putBack(_ copy: Workplace) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path)
        where name.hasPrefix("store.db") {
            try FileManager.default.removeItem(atPath: place.file(name))
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: copy.folder.url.path)
        where name.hasPrefix("store.db") {
            try FileManager.default.copyItem(atPath: copy.file(name), toPath: place.file(name))
        }
    }

    private func verify(_ options: String..., status: Int32) throws -> JSON {
        let result = try place.run(["audit", "verify", "--json"] + options)
        #expect(result.exitStatus == status, "\(options): \(result.text) \(result.errors)")
        return try JSON(data: result.output)
    }

    private func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private static let putBackWords = "put back to an older state as a whole"

    @Test func aStoreThatIsPutBackAsAWholeIsFound() throws {
        let path = outside.file("anchor")
        let early = try copy()
        try place.succeed("audit", "anchor", "--file", path)
        try change(1)
        let late = try copy()
        #expect(try verify(status: 0)["anchored"].int == 2)
        try change(2)
        try putBack(late)
        // The anchor that is set is looked at without being named.
        let found = try verify(status: 65)["problems"].array.compactMap(\.string)
        #expect(found.count == 1 && found[0].contains("entry 4") && found[0].contains(Self.putBackWords))
        // A key file of before knows of no anchor; whoever has the anchor names it.
        try putBack(early)
        _ = try verify(status: 0)
        let named = try verify("--anchor", path, status: 65)["problems"].array.compactMap(\.string)
        #expect(named.contains { $0.contains(Self.putBackWords) })
    }

    /// Work goes on from the older state: the log grows past what was anchored, and is another.
    @Test func whatIsWrittenAfterwardsDoesNotHideIt() throws {
        try place.succeed("audit", "anchor", "--file", outside.file("anchor"))
        let old = try copy()
        try change(1)
        try putBack(old)
        for count in 2...4 { try change(count) }
        let problems = try verify(status: 65)["problems"].array.compactMap(\.string)
        #expect(problems.contains { $0.contains("entry 3") && $0.contains(Self.putBackWords) })
    }

    @Test func linesSayHowFarTheLogReaches() throws {
        let path = outside.file("anchor")
        try place.succeed("audit", "anchor", "--file", path)
        try change(1)
        let entries = try place.json("audit", "list")["entries"].array
        let expected = entries.prefix(2).reversed().map { "\($0["position"].int ?? 0) \($0["link"].string ?? "")" }
        let fields = try lines(path).map { $0.split(separator: " ").map(String.init) }
        #expect(fields.map { "\($0[2]) \($0[3])" } == expected)
        #expect(fields.allSatisfy { $0.count == 5 && $0[0] == "earmark-anchor" && $0[1].hasPrefix("s_") })
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        #expect(try place.json("audit", "anchor")["anchors"].array.map(\.string) == ["file \(path)"])
        try place.succeed("audit", "anchor", "--off")
        #expect(try place.succeed("audit", "anchor") == "no anchor is set\n")
    }

    @Test func aMissingOrForeignAnchorIsAProblem() throws {
        let path = outside.file("anchor")
        try place.succeed("audit", "anchor", "--file", path)
        try FileManager.default.removeItem(atPath: path)
        #expect(try verify(status: 65)["problems"].array.contains { $0.string?.contains("cannot be read") ?? false })
        try "earmark-anchor s_other 1 \(String(repeating: "0", count: 64)) 2026-01-01T00:00:00Z\nwords\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        let check = try verify(status: 65)
        #expect(check["problems"].array.contains { $0.string?.contains("says nothing of this store") ?? false })
        #expect(check["remarks"].array.contains { $0.string?.contains("1 line ") ?? false })
    }

    @Test func aProgramGetsTheLine() throws {
        let script = outside.file("publish.sh")
        try Shell.run(
            "printf '#!/bin/sh\\nprintf \"%%s:\" \"$1\" >>out; cat >>out\\n' >publish.sh; chmod +x publish.sh",
            in: outside.url.path)
        try place.succeed("audit", "anchor", "--command", script, "--command", "--two words")
        // The program runs where Earmark does.
        let told = try lines(place.file("out"))
        #expect(told.count == 1 && told[0].hasPrefix("--two words:earmark-anchor s_"))
        // What a system's log puts before a line is passed over.
        try "Nov 29 host earmark[9]: \(told[0].dropFirst(12))\n"
            .write(toFile: outside.file("syslog"), atomically: true, encoding: .utf8)
        #expect(try verify("--anchor", outside.file("syslog"), status: 0)["anchored"].int == 1)
    }

    @Test func theSystemsLogGetsTheLine() throws {
        let socket = outside.file("log")
        let listener = Process()
        listener.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        listener.arguments = [
            "python3", "-c",
            """
            import socket
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.settimeout(60); s.bind('log')
            open('got', 'wb').write(s.recv(4096))
            """,
        ]
        listener.currentDirectoryURL = outside.url
        try listener.run()
        for _ in 0..<600 where !FileManager.default.fileExists(atPath: socket) { usleep(100_000) }
        try place.succeed("audit", "anchor", "--syslog", "--socket", socket)
        listener.waitUntilExit()
        let got = try String(contentsOfFile: outside.file("got"), encoding: .utf8)
        #expect(got.hasPrefix("<85>earmark: earmark-anchor s_"))
    }

    @Test func aFailingAnchorStopsNothingAndIsSaid() throws {
        let script = outside.file("publish")
        let set = try place.run("audit", "anchor", "--command", script)
        #expect(set.exitStatus == 0 && set.errors.contains("there is no program '\(script)'"))
        let work = try place.run("settings", "set", "max-bytes", "6000")
        #expect(work.exitStatus == 0)
        #expect(work.errors.contains("warning: the anchor 'command \(script)' was not told how far the log reaches"))
        func actions() throws -> [String] {
            try place.json("audit", "list")["entries"].array.compactMap(\.["action"].string).reversed()
        }
        // Once for all that fails in a row.
        #expect(try actions() == ["organisation-add", "settings-change", "anchor-fail", "settings-change"])
        let remarks = try verify(status: 0)["remarks"].array.compactMap(\.string)
        #expect(remarks.count == 1 && remarks[0].contains("has not been told since 20"))
        #expect(try place.succeed("audit", "verify").contains("has not been told since"))
        try Shell.run("printf '#!/bin/sh\\nexit 0\\n' >publish; chmod +x publish", in: outside.url.path)
        #expect(try place.run("settings", "set", "max-bytes", "7000").errors.isEmpty)
        #expect(try actions().suffix(2) == ["settings-change", "anchor-resume"])
        #expect(try verify(status: 0)["remarks"].array.isEmpty)
    }

    @Test func aProgramThatHangsIsEnded() throws {
        let start = Date()
        let result = try place.run("audit", "anchor", "--command", "sleep", "--command", "600")
        #expect(result.exitStatus == 0 && result.errors.contains("took longer than 10 s"))
        #expect(Date().timeIntervalSince(start) < 120)
    }

    @Test func stampsAreKeptAndChecked() throws {
        let authority = try TimeStampingAuthority()
        let path = outside.file("stamps")
        let set = try place.run("audit", "anchor", "--stamp", authority.program, "--keep", path)
        #expect(set.exitStatus == 0 && set.errors.isEmpty, "\(set.errors)")
        for count in 1...3 { try change(count) }
        let open = try verify(status: 0)
        #expect(open["anchored"].int == 4)
        #expect(open["remarks"].array.contains { $0.string?.contains("signatures of the stamps") ?? false })
        let checked = try verify("--ca", authority.certificate, status: 0)
        #expect(checked["remarks"].array.isEmpty && checked["problems"].array.isEmpty)
        // Another authority's certificate, and a stamp of another link.
        let other = try TimeStampingAuthority()
        let foreign = try verify("--ca", other.certificate, status: 65)["problems"].array.compactMap(\.string)
        #expect(foreign.count == 4 && foreign.allSatisfy { $0.contains("was not made by that authority") })
        let kept = try lines(path)
        var fields = kept[3].split(separator: " ").map(String.init)
        fields[5] = String(kept[2].split(separator: " ")[5])
        try (kept.dropLast() + [fields.joined(separator: " ")]).joined(separator: "\n")
            .write(toFile: path, atomically: true, encoding: .utf8)
        let moved = try verify(status: 65)["problems"].array.compactMap(\.string)
        #expect(moved.count == 1 && moved[0].contains("is one of something else"))
    }

    @Test func whatIsNoAnchorIsRefused() throws {
        #expect(try place.run("audit", "anchor", "--stamp", "x").exitStatus == 64)
        #expect(try place.run("audit", "anchor", "--keep", "x").exitStatus == 64)
        #expect(try place.run("audit", "anchor", "--command", "").exitStatus == 65)
    }

    /// An anchor that cannot be read tells nothing of the log; what was changed in that is said beside it all the same.
    @Test func anAnchorThatCannotBeReadHidesNoTampering() throws {
        let path = outside.file("anchor")
        try place.succeed("audit", "anchor", "--file", path)
        try change(1)
        try FileManager.default.removeItem(atPath: path)
        let (whole, tampered) = ("the log holds by itself", "the log was tampered with")
        let open = try place.run("audit", "verify")
        #expect(open.exitStatus == 65 && open.text.contains(whole) && !open.text.contains(tampered), "\(open.text)")
        try StoreDatabase(place).execute("UPDATE audit SET at = at + 1 WHERE position = 2")
        let changed = try place.run("audit", "verify")
        #expect(changed.exitStatus == 65 && !changed.text.contains(whole) && changed.text.contains(tampered))
        #expect(changed.text.contains("entry 2 was changed") && changed.text.contains("cannot be read"))
    }
}
