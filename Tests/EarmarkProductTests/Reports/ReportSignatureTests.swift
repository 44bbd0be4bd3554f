import Foundation
import ProgramSupport
import Testing

/// docs/report.md, "Signature": any byte that is changed, added or taken away is noticed, with either key.
@Suite struct ReportSignatureTests {
    private let place: Workplace
    private let id: String

    init() throws {
        place = try Workplace()
        try place.succeed("init", "--org", "Example Ltd")
        id = try SampleAnswer.ofTwo().keep(in: place)
    }

    private func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: place.file(name))) }

    private func write(_ data: Data, _ name: String) throws {
        try data.write(to: URL(fileURLWithPath: place.file(name)))
    }

    private func status(_ arguments: String...) throws -> Int32 {
        try place.run(["report", "verify"] + arguments).exitStatus
    }

    /// A signature that cannot be written leaves no report behind that looks like one.
    @Test func withoutASignatureThereIsNoReport() throws {
        // 255 bytes are a file's name, and 259 with the signature's ending none.
        let name = String(repeating: "r", count: 250) + ".html"
        let result = try place.run("report", id, "-o", name)
        #expect(result.exitStatus == 74)
        let left = try FileManager.default.contentsOfDirectory(atPath: place.folder.url.path)
        #expect(!left.contains { $0.hasPrefix("rr") }, "\(left)")
        try place.succeed("report", id, "-o", name, "--unsigned")
    }

    @Test func everyByteIsCovered() throws {
        try place.succeed("report", id, "-o", "r.html")
        try place.write(try place.succeed("report", "key"), to: "key.pem")
        let page = try data("r.html")
        #expect(page.count > 4_096)
        for offset in [0, 999, 1_000, 1_001, page.count / 2, page.count - 2, page.count - 1] {
            var other = page
            other[offset] ^= 1
            try write(other, "r.html")
            #expect(try status("r.html") == 65, "byte \(offset)")
            #expect(try status("r.html", "--key", "key.pem") == 65, "byte \(offset)")
        }
        for other in [page + Data("\n".utf8), page.dropLast(), page.dropFirst(), Data()] {
            try write(other, "r.html")
            #expect(try status("r.html") == 65)
        }
        try write(page, "r.html")
        #expect(try status("r.html") == 0 && status("r.html", "--key", "key.pem") == 0)
        #expect(try place.succeed("report", "verify", "r.html").contains("'r.html' is as it was signed"))
        #expect(try place.json("report", "verify", "r.html")["verified"].string == "r.html")
        let failure = try place.run("report", "verify", "r.html", "--key", "none.pem")
        #expect(failure.exitStatus == 66)
    }

    @Test func changedSignaturesAreNone() throws {
        try place.succeed("report", id, "-o", "r.json")
        let good = try data("r.json.sig")
        for offset in [0, good.count / 2, good.count - 1] {
            var other = good
            other[offset] ^= 1
            try write(other, "r.json.sig")
            #expect(try status("r.json") == 65, "byte \(offset)")
        }
        try write(Data(), "r.json.sig")
        #expect(try status("r.json") == 65)
        try write(good, "elsewhere")
        #expect(try status("r.json", "--signature", "elsewhere") == 0)
        try FileManager.default.removeItem(atPath: place.file("r.json.sig"))
        #expect(try status("r.json") == 66)
        let message = try place.run("report", "verify", "r.json").errors
        #expect(message.contains("r.json.sig"))
    }

    @Test func signaturesOfOtherReportsAndKeysAreNone() throws {
        try place.succeed("report", id, "-o", "a.html")
        try place.succeed("report", try SampleAnswer().keep(in: place), "-o", "b.html")
        #expect(try status("a.html", "--signature", "b.html.sig") == 65)
        let other = try Workplace()
        try other.succeed("init", "--org", "Other Ltd")
        try place.write(try other.succeed("report", "key"), to: "other.pem")
        #expect(try status("a.html", "--key", "other.pem") == 65)
        try place.write("no key", to: "none.pem")
        #expect(try status("a.html", "--key", "none.pem") == 65)
    }

    /// "The key is made with the first report": it is the same from then on.
    @Test func theKeyStays() throws {
        let first = try place.succeed("report", "key")
        #expect(first.hasPrefix("-----BEGIN PUBLIC KEY-----\n") && first.hasSuffix("-----END PUBLIC KEY-----\n"))
        try place.succeed("report", id, "-o", "a.html")
        #expect(try place.succeed("report", "key") == first)
    }

    /// The command that docs/report.md gives to those who have no Earmark.
    @Test func openSSLAgrees() throws {
        try place.succeed("report", "make", id, "-o", "r.html")
        try place.write(try place.succeed("report", "key"), to: "key.pem")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "r.html.sig", "r.html"]
        process.currentDirectoryURL = place.folder.url
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    /// The page states the key that it is signed for, by the digest that OpenSSL gives of it.
    @Test func theSigningKeyIsStated() throws {
        try place.write(try place.succeed("report", "key"), to: "key.pem")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "openssl pkey -pubin -in key.pem -outform DER | sha256sum > sum"]
        process.currentDirectoryURL = place.folder.url
        try process.run()
        process.waitUntilExit()
        let digest = String(try place.text(of: "sum").prefix(64))
        let stated = try ReportPage(of: id, in: place).value("Signed for key, SHA-256", in: "Tool and parameters")
        #expect(stated == digest)
        #expect(try place.succeed("report", "key", "--fingerprint") == digest + "\n")
        try place.succeed("report", id, "--unsigned", "-o", "bare.html")
        #expect(try !place.text(of: "bare.html").contains("Signed for key"))
    }

    @Test func filesArePrivateAndNeverOverwritten() throws {
        try place.succeed("report", id, "-o", "r.html")
        for name in ["r.html", "r.html.sig"] {
            let mode = try FileManager.default.attributesOfItem(atPath: place.file(name))[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
        let page = try data("r.html")
        #expect(try place.run("report", id, "-o", "r.html").exitStatus == 73)
        #expect(try data("r.html") == page)
        // A signature that is left over is not overwritten either, and then no report is written.
        try place.write("x", to: "s.html.sig")
        #expect(try place.run("report", id, "-o", "s.html").exitStatus == 73)
        #expect(!FileManager.default.fileExists(atPath: place.file("s.html")))
        try place.succeed("report", id, "-o", "s.html", "--unsigned")
        #expect(try place.text(of: "s.html.sig") == "x")
    }

    @Test func whatWasWrittenIsTold() throws {
        let both = try place.json("report", id, "-o", "a.html")["written"].array.compactMap(\.string)
        #expect(both == ["a.html", "a.html.sig"])
        let one = try place.json("report", id, "-o", "b.html", "--unsigned")["written"].array.compactMap(\.string)
        #expect(one == ["b.html"] && !FileManager.default.fileExists(atPath: place.file("b.html.sig")))
        #expect(try place.succeed("report", id, "-o", "C.HTML") == "written to C.HTML and C.HTML.sig\n")
        #expect(try data("C.HTML") == data("a.html"))
    }

    @Test func unfitRequestsHaveTheirStatus() throws {
        for name in ["r.docx", "r", "html"] {
            #expect(try place.run("report", id, "-o", name).exitStatus == 64, "\(name)")
        }
        #expect(try place.run("report", "a_aaaaaaaaaaaaaaaa", "-o", "r.html").exitStatus == 66)
        #expect(try place.run("report", id, "-o", "no/folder/r.html").exitStatus == 74)
        try StoreDatabase(place).plant("UPDATE analyses SET report = x'7b7d' WHERE id = '\(id)'")
        let unread = try place.run("report", id, "-o", "r.html")
        #expect(unread.exitStatus == 78 && unread.errors.contains("cannot be read by this version"))
        try StoreDatabase(place).plant(
            """
            UPDATE analyses SET verdict = NULL, report = NULL, evidence = NULL, refusalCode = 'corrupt',
            refusalMessage = 'm' WHERE id = '\(id)'
            """)
        let refused = try place.run("report", id, "-o", "r.html")
        #expect(refused.exitStatus == 65 && refused.errors.contains("was refused (corrupt)"))
        #expect(!FileManager.default.fileExists(atPath: place.file("r.html")))
    }
}
