import EarmarkAnswer
import EarmarkFiles
import EarmarkReport
import EarmarkStore
import Foundation
import ProgramSupport
import Testing

/// Reports of stored analyses; the answers are the samples of the repository.
@Suite struct ReportCommandTests {
    private let folder: TemporaryFolder
    private let store: Store
    private let identified: String

    init() throws {
        folder = try TemporaryFolder()
        store = try Store.create(
            at: StoreLocation(store: folder.url.appendingPathComponent("store.db").path),
            organisationName: "Example Ltd")
        identified = try Self.save("identified", in: store)
    }

    private static func answer(_ name: String) throws -> [String: Any] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Samples/answers/\(name).json"))
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return try #require((object["analyses"] as? [[String: Any]])?.first)
    }

    private static func save(
        _ sample: String, in store: Store, evidence: Bool = true, _ change: (inout [String: Any]) -> Void = { _ in }
    ) throws -> String {
        var answer = try answer(sample)
        change(&answer)
        let counts = (0..<64).map { $0 == 32 ? "10000" : "0" }.joined(separator: ",")
        let kept = """
            {"version":2,"organisation":"Example Ltd","meetingDurationSeconds":7200,
            "decoys":{"from":-8,"step":0.25,"counts":[\(counts)],"highest":0.2},
            "sourceSteps":[[{"from":0,"to":4.1,"sum":20,"energy":4},\
            {"from":4.1,"to":8.2,"sum":-1,"energy":4}]],
            "parameters":{"minimumSeconds":100,"maximumBytes":500000000,"allowShort":false,"effort":"normal",\
            "retentionDays":360},
            "build":{"version":"0.1.0","executableSHA256":"\(String(repeating: "c", count: 64))",\
            "system":"S","architecture":"x86_64"}}
            """
        let verdict = try #require(Verdict(rawValue: answer["verdict"] as? String ?? ""))
        return try store.saveAnalysis(
            AnalysisDraft(
                organisationID: try store.organisation().id, meetingReference: "any", fileName: "f.mp4",
                sha256: String(repeating: "a", count: 64), byteCount: 1, outcome: .verdict(verdict),
                toolVersion: "0.1.0",
                report: [UInt8](try JSONSerialization.data(withJSONObject: answer)),
                evidence: evidence ? Array(kept.utf8) : nil)
        ).id.text
    }

    private func run(_ arguments: String...) throws -> ProcessRunner.Result {
        try ProcessRunner.run(["report"] + arguments, folder: folder.url, environment: folder.environment)
    }

    private func content(_ name: String) throws -> Data {
        try Data(contentsOf: folder.url.appendingPathComponent(name))
    }

    @Test func theSameAnalysisMakesTheSameBytes() throws {
        for form in ["html", "json"] {
            #expect(try run(identified, "-o", "a.\(form)").exitStatus == 0)
            #expect(try run(identified, "-o", "b.\(form)").exitStatus == 0)
            #expect(try content("a.\(form)") == content("b.\(form)"))
            #expect(try run("verify", "a.\(form)").exitStatus == 0)
        }
    }

    @Test func pagesNeedNothingElse() throws {
        _ = try run(identified, "-o", "r.html")
        let page = String(decoding: try content("r.html"), as: UTF8.self)
        #expect(page.contains("Endpoint identified") && page.contains("default-src 'none'"))
        for forbidden in ["<script", "src=", "href=", "url(", "@import"] { #expect(!page.contains(forbidden)) }
        #expect(page.components(separatedBy: "<circle class=\"named\"").count - 1 == 1)
    }

    @Test func anyChangeBreaksTheSignature() throws {
        _ = try run(identified, "-o", "r.html")
        let key = try run("key").text
        try Data(key.utf8).write(to: folder.url.appendingPathComponent("key.pem"))
        #expect(try run("verify", "r.html", "--key", "key.pem").exitStatus == 0)
        var page = try content("r.html")
        page[page.count / 2] ^= 1
        try page.write(to: folder.url.appendingPathComponent("r.html"))
        #expect(try run("verify", "r.html").exitStatus == 65)
        #expect(try run("verify", "r.html", "--key", "key.pem").exitStatus == 65)
        try Data("no key".utf8).write(to: folder.url.appendingPathComponent("key.pem"))
        #expect(try run("verify", "r.html", "--key", "key.pem").exitStatus == 65)
        try FileManager.default.removeItem(at: folder.url.appendingPathComponent("r.html.sig"))
        #expect(try run("verify", "r.html").exitStatus == 66)
    }

    @Test func anotherKeyDoesNotVerify() throws {
        _ = try run(identified, "-o", "r.html")
        let other = try Store.create(
            at: StoreLocation(store: folder.url.appendingPathComponent("other.db").path), organisationName: "Other")
        let pem = try other.reportSigner().publicKeyPEM
        try Data(pem.utf8).write(to: folder.url.appendingPathComponent("other.pem"))
        #expect(try run("verify", "r.html", "--key", "other.pem").exitStatus == 65)
        #expect(try store.reportSigner().publicKeyPEM == store.reportSigner().publicKeyPEM)
    }

    @Test func textFromOutsideIsNoMarkup() throws {
        let id = try Self.save("identified", in: store) { answer in
            answer["name"] = "<script>alert('x')</script>"
            answer["note"] = "\u{1B}[31m\"&"
            answer["warnings"] = ["<b>"]
        }
        _ = try run(id, "-o", "r.html")
        let page = String(decoding: try content("r.html"), as: UTF8.self)
        #expect(!page.contains("<script") && !page.contains("\u{1B}") && !page.contains("<b>"))
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)") && page.contains("&quot;&amp;"))
    }

    @Test func nobodyIsNamedWithoutProof() throws {
        let id = try Self.save("not-found", in: store) { _ in }
        _ = try run(id, "-o", "n.html")
        let page = String(decoding: try content("n.html"), as: UTF8.self)
        #expect(
            page.contains("Not found") && !page.contains("Endpoint identified") && !page.contains("The endpoint</h2>"))
    }

    /// A recording of several meetings: who left a mere trace in whichever of them is named only where that is asked
    /// for.
    @Test func tracesOfFurtherMeetingsAreNotNamed() throws {
        func entry(_ name: String, _ verdict: String) throws -> [String: Any] {
            var entry = try Self.answer("identified")
            var source = try #require((entry["sources"] as? [[String: Any]])?.first)
            source.merge(["participant": name, "email": "\(name)@example.org", "verdict": verdict]) { $1 }
            source["reason"] = verdict == "trace" ? "An echo." : nil
            entry["sources"] = [source]
            entry["verdict"] = verdict
            return entry
        }
        let verdicts = ["identified", "trace"]
        for (first, second, third) in [(0, 1, 0), (1, 0, 1), (0, 0, 1)] {
            let all = [("Xenia", first), ("Yorick", second), ("Zelda", third)]
            var whole = try entry("Xenia", verdicts[first])
            whole["further"] = [try entry("Yorick", verdicts[second]), try entry("Zelda", verdicts[third])]
            let outcome = try JSONDecoder().decode(
                FileOutcome.self, from: JSONSerialization.data(withJSONObject: whole))
            let plain = try #require(outcome.text), named = try #require(outcome.text(namesTraces: true))
            #expect(plain.hasPrefix("The recording shows 3 meetings, the strongest first."))
            for (name, verdict) in all {
                #expect(plain.contains(name) == (verdict == 0) && named.contains(name), "\(name) \(verdict)")
            }
        }
    }

    @Test func olderAnalysesHaveReportsWithoutPlots() throws {
        let id = try Self.save("identified", in: store, evidence: false)
        #expect(try run(id, "-o", "o.html").exitStatus == 0)
        let page = String(decoding: try content("o.html"), as: UTF8.self)
        #expect(!page.contains("<svg") && page.contains("drew no decoys"))
    }

    @Test func refusalsAndTakenNamesAreRefused() throws {
        let refused = try store.saveAnalysis(
            AnalysisDraft(
                meetingReference: "any", fileName: "f", outcome: .refusal(code: "corrupt", message: "m"),
                toolVersion: "1"))
        #expect(try run(refused.id.text, "-o", "x.html").exitStatus == 65)
        #expect(try run("a_nope", "-o", "x.html").exitStatus == 66)
        #expect(try run(identified, "-o", "x.docx").exitStatus == 64)
        #expect(try run(identified, "-o", "x.html").exitStatus == 0)
        #expect(try run(identified, "-o", "x.html").exitStatus == 73)
        let mode = try FileManager.default.attributesOfItem(
            atPath: folder.url.appendingPathComponent("x.html").path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    /// Both, or neither: where the report cannot be written, no signature stays to stand in the next one's way.
    @Test func aReportAndItsSignatureAreBothThereOrNeither() throws {
        let signature = ("r.html.sig", [UInt8]("sig".utf8))
        func create(_ name: String) throws -> [String] {
            let inner = folder.url.appendingPathComponent(name)
            let path = inner.appendingPathComponent("r.html").path
            try ReportFile.create(
                path, bytes: [1], signature: (inner.appendingPathComponent(signature.0).path, signature.1))
            return try FileManager.default.contentsOfDirectory(atPath: inner.path).sorted()
        }
        let cases: [(String, [String])] = [("none", []), ("report", ["r.html"]), ("signature", ["r.html.sig"])]
        for (name, existing) in cases {
            let inner = folder.url.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
            for file in existing { try Data("old".utf8).write(to: inner.appendingPathComponent(file)) }
            if existing.isEmpty {
                #expect(try create(name) == ["r.html", "r.html.sig"])
            } else {
                #expect(throws: FileError.self) { try create(name) }
                #expect(try FileManager.default.contentsOfDirectory(atPath: inner.path) == existing)
                for file in existing { #expect(try content("\(name)/\(file)") == Data("old".utf8)) }
            }
        }
    }
}
