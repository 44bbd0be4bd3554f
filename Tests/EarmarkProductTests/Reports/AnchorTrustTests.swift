import Foundation
import ProgramSupport
import Testing

/// docs/audit.md, "Anchors": what an anchor is told and says is looked at closely.
@Suite struct AnchorTrustTests {
    private let place: Workplace
    private let outside: TemporaryFolder
    private var path: String { outside.file("anchor") }

    init() throws {
        place = try Workplace()
        outside = try TemporaryFolder()
        try place.succeed("init", "--org", "Example Ltd")
    }

    private func change(_ count: Int) throws { try place.succeed("settings", "set", "max-bytes", "\(5_000 + count)") }

    private func verify(_ options: String..., status: Int32, days: Double = 0) throws -> JSON {
        let environment = days == 0 ? [:] : try WrongClock.environment(days: days)
        let result = try place.run(["audit", "verify", "--json"] + options, environment: environment)
        #expect(result.exitStatus == status, "\(options): \(result.text) \(result.errors)")
        return try JSON(data: result.output)
    }

    private func texts(_ check: JSON, _ name: String) -> [String] { check[name].array.compactMap(\.string) }

    /// Database, key file and what lies beside it.
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

    private func editKeys(_ change: (inout [String: Any]) -> Void) throws {
        let url = URL(fileURLWithPath: place.file("store.db.key"))
        var keys = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
        change(&keys)
        let handle = try FileHandle(forWritingTo: url)
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: JSONSerialization.data(withJSONObject: keys))
        try handle.close()
    }

    // MARK: Turned off

    @Test func turningAnchorsOffIsTold() throws {
        try place.succeed("audit", "anchor", "--file", path)
        let before = try Workplace(copyOf: place.folder)
        try place.succeed("audit", "anchor", "--off")
        for count in 1...3 { try change(count) }
        let now = try Workplace(copyOf: place.folder)
        // Nothing watches any more, which is said; and that the file ends there.
        #expect(texts(try verify(status: 0), "remarks").contains { $0.contains("no anchor is set since 20") })
        let named = texts(try verify("--anchor", path, status: 0), "remarks")
        #expect(named.contains { $0.contains("reaches to entry 3 of 6") }, "\(named)")
        // Before that, all of it put back: the entry that turned it off is missing.
        try putBack(before)
        #expect(texts(try verify(status: 65), "problems").contains { $0.contains("entry 3") })
        try putBack(now)
        _ = try verify("--anchor", path, status: 0)
    }

    @Test func anchorsInTheKeyFileAreThoseThatWereLogged() throws {
        try place.succeed("audit", "anchor", "--file", path)
        try change(1)
        #expect(texts(try verify(status: 0), "problems").isEmpty)
        try editKeys { $0["anchors"] = nil }
        let gone = texts(try verify(status: 65), "problems")
        #expect(gone.count == 1 && gone[0].contains("anchors (none)") && gone[0].contains("file \(path)"), "\(gone)")
        // Set anew, all is well.
        try place.succeed("audit", "anchor", "--file", path)
        #expect(texts(try verify(status: 0), "problems").isEmpty)
        try editKeys { $0["clockGuardDays"] = 36_500 }
        #expect(texts(try verify(status: 65), "problems").contains { $0.contains("36500 days") })
    }

    // MARK: Lines

    @Test func aLineThatIsMissingAtTheEndIsRemarked() throws {
        try place.succeed("audit", "anchor", "--file", path)
        for count in 1...2 { try change(count) }
        #expect(texts(try verify(status: 0), "remarks").isEmpty)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        try (lines.dropLast().joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let remarks = texts(try verify(status: 0), "remarks")
        #expect(remarks.count == 1 && remarks[0].contains("reaches to entry 3 of 4"), "\(remarks)")
    }

    /// A line that is broken off is told, and neither it nor what is wrong hides the next one.
    @Test(arguments: [40, 12, 8]) func aBrokenLineIsAProblem(kept: Int) throws {
        try place.succeed("audit", "anchor", "--file", path)
        try change(1)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let torn = lines[1].prefix(kept)
        try "\(lines[0])\n\(torn)\(lines[1])\n".write(toFile: path, atomically: true, encoding: .utf8)
        let check = try verify(status: 65)
        let problems = texts(check, "problems")
        #expect(problems.count == 1 && problems[0].contains("1 line of the anchor") && problems[0].contains("(line 2)"))
        #expect(check["anchored"].int == 2)
        // What is written after a line that was broken off stands on a line of its own.
        try "\(lines[0])\n\(lines[1])\n\(torn)".write(toFile: path, atomically: true, encoding: .utf8)
        try change(2)
        let last = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(last.count == 4 && last[3].hasPrefix("earmark-anchor s_"))
        // Somebody else's words are no problem; Earmark's that lost their beginning are.
        try "\(lines[0])\n\(lines[1].dropFirst(3))\nwords\n".write(toFile: path, atomically: true, encoding: .utf8)
        let blotted = try verify(status: 65)
        #expect(texts(blotted, "problems").contains { $0.contains("(line 2)") })
        #expect(texts(blotted, "remarks").contains { $0.contains("1 line that is none of Earmark's") })
    }

    // MARK: Stamps

    private func setStamp(_ program: String, _ options: String...) throws -> String {
        try place.run(["audit", "anchor", "--stamp", program, "--keep", path] + options).errors
    }

    @Test func stampsAreCheckedAsTheyCome() throws {
        let (authority, other) = (try TimeStampingAuthority(), try TimeStampingAuthority())
        #expect(try setStamp(authority.program, "--ca", authority.certificate).isEmpty)
        try place.succeed("audit", "anchor", "--off")
        let foreign = try setStamp(authority.program, "--ca", other.certificate)
        #expect(foreign.contains("the stamp was not made by the authority whose certificate is"), "\(foreign)")
        try place.succeed("audit", "anchor", "--off")
        #expect(try setStamp(authority.forgetful()).contains("its nonce is another"))
        #expect(try place.run("audit", "anchor", "--stamp", "x", "--keep", "y", "--ca", "none.pem").exitStatus == 65)
        #expect(try place.run("audit", "anchor", "--file", "x", "--ca", authority.certificate).exitStatus == 64)
    }

    /// Certificates of a month; what they stamped is looked at later.
    @Test func stampsOutliveCertificates() throws {
        let authority = try TimeStampingAuthority()
        #expect(try setStamp(authority.program).isEmpty)
        let later = try verify("--ca", authority.certificate, status: 0, days: 60)
        #expect(texts(later, "problems").isEmpty)
    }

    private func stampedCommitments() throws -> Int {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("earmark-commitment") && $0.split(separator: " ").count == 6 }.count
    }

    @Test func aCommitmentThatWasNotStampedIsStampedLater() throws {
        let authority = try TimeStampingAuthority()
        #expect(try setStamp(authority.program).isEmpty)
        try place.write("participant,email,device\nAda,ada@example.org,laptop\n", to: "roster.csv")
        func commit() throws -> String {
            let meeting = try place.json(
                [
                    "meeting", "create", "--title", "T", "--start", "2090-01-01T00:00Z", "--yes", "--roster",
                    "roster.csv",
                ])
            let id = meeting["meeting"]["id"].string ?? ""
            authority.fail(true)
            #expect(try place.run("commitment", "create", "--meeting", id).errors.contains("was not told"))
            authority.fail(false)
            return id
        }
        _ = try commit()
        #expect(try stampedCommitments() == 0)
        // With the next entry,
        try change(1)
        #expect(try stampedCommitments() == 1)
        // or when it is shown.
        let second = try commit()
        try place.succeed("commitment", "show", "--meeting", second)
        #expect(try stampedCommitments() == 2)
        try change(2)
        #expect(try stampedCommitments() == 2)
        #expect(texts(try verify(status: 0), "problems").isEmpty)
    }

    /// Neither a user's settings of curl nor PATH come between, and without https the certificate must be at hand.
    @Test func theAuthorityIsAskedPlainly() throws {
        let authority = try TimeStampingAuthority()
        let server = try authority.serve()
        defer { server.process.terminate() }
        let open = try place.run("audit", "anchor", "--stamp", server.address, "--keep", path)
        #expect(open.exitStatus == 65 && open.errors.contains("could be anybody's"))
        #expect(open.errors.contains("--ca FILE"))
        try Shell.run(
            """
            printf 'proxy = http://127.0.0.1:9\\n' >.curlrc; mkdir bin
            printf '#!/bin/sh\\necho "$0" >>"\(outside.url.path)/used"\\n' >bin/curl
            cp bin/curl bin/openssl; chmod +x bin/*
            """, in: outside.url.path)
        let environment = [
            "HOME": outside.url.path, "CURL_HOME": outside.url.path, "PATH": outside.file("bin") + ":/usr/bin:/bin",
        ]
        let set = try place.run(
            ["audit", "anchor", "--stamp", server.address, "--keep", path, "--ca", authority.certificate],
            environment: environment)
        #expect(set.exitStatus == 0 && set.errors.isEmpty, "\(set.errors)")
        #expect(!FileManager.default.fileExists(atPath: outside.file("used")))
        #expect(texts(try verify("--ca", authority.certificate, status: 0), "remarks").isEmpty)
    }

    /// RFC 3161, 2.4.2: accuracy and order may stand before the nonce, the authority's name behind it.
    @Test func whateverElseAStampSaysItIsTaken() throws {
        let authority = try TimeStampingAuthority()
        #expect(try setStamp(authority.program, "--ca", authority.certificate).isEmpty)
        let (accuracy, order, name) = ("accuracy = secs:1, millisecs:500", "ordering = yes", "tsa_name = yes")
        let forms = [[accuracy], [order], [name], [accuracy, order], [accuracy, order, name]]
        for (count, form) in forms.enumerated() {
            try authority.add(form)
            let change = try place.run("settings", "set", "max-bytes", "\(5_000 + count)")
            #expect(change.exitStatus == 0 && change.errors.isEmpty, "\(form): \(change.errors)")
        }
        let check = try verify("--ca", authority.certificate, status: 0)
        #expect(texts(check, "problems").isEmpty && texts(check, "remarks").isEmpty)
        #expect(check["anchored"].int == forms.count + 1)
    }
}
