import EarmarkAnswer
import EarmarkFiles
import EarmarkStore
import Foundation
import ProgramSupport
import Testing

/// The analyses are stored by the library: nothing here depends on how they come about.
@Suite struct AnalysisCommandTests {
    private let folder: TemporaryFolder
    private let meetingID: String
    private let found: String
    private let refused: String

    init() throws {
        folder = try TemporaryFolder()
        let store = try Store.create(
            at: StoreLocation(store: folder.url.appendingPathComponent("store.db").path),
            organisationName: "Example Ltd")
        let organisationID = try store.organisation().id
        let meeting = try store.createMeeting(.init(title: "T", startsAt: 1_772_442_000), in: organisationID)
        meetingID = meeting.id.text
        found = try store.saveAnalysis(
            AnalysisDraft(
                organisationID: organisationID, meetingReference: meeting.id.text, fileName: "leak, \"final\".m4a",
                sha256: String(repeating: "ab", count: 32), byteCount: 77, outcome: .verdict(.identified),
                name: "=1+1", note: "first\nsecond", toolVersion: "0.1.0",
                report: Array(#"{"verdict":"identified","log10":-23.4,"sources":[{"n":1,"x":null,"t":true}]}"#.utf8))
        ).id.text
        refused = try store.saveAnalysis(
            AnalysisDraft(
                meetingReference: "any", fileName: "bell\u{7}.wav",
                outcome: .refusal(code: "unknown-meeting", message: "no such meeting"), toolVersion: "0.1.0")
        ).id.text
    }

    private func run(_ arguments: String...) throws -> ProcessRunner.Result {
        try ProcessRunner.run(arguments, folder: folder.url, environment: folder.environment)
    }

    private func json(_ arguments: String...) throws -> [String: Any] {
        let result = try ProcessRunner.run(arguments, folder: folder.url, environment: folder.environment)
        #expect(result.exitStatus == 0 && result.errors.isEmpty)
        let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        #expect(object["schema"] as? Int == 1)
        return object
    }

    @Test func listShowsVerdictsAndRefusals() throws {
        let analyses = try #require(try json("analysis", "list", "--json")["analyses"] as? [[String: Any]])
        #expect(analyses.compactMap { $0["id"] as? String } == [refused, found])
        #expect(analyses[1]["verdict"] as? String == "identified")
        #expect((analyses[0]["refusal"] as? [String: String])?["code"] == "unknown-meeting")
        let filtered = try json("analysis", "list", "--meeting", meetingID, "--json")["analyses"] as? [Any]
        #expect(filtered?.count == 1)
        let text = try run("analysis", "list").text
        #expect(text.contains("identified") && text.contains("refused (unknown-meeting)"))
        #expect(!text.contains("\u{7}"), "file names must not steer the terminal")
        #expect(try run("analysis", "list", "--meeting", "m_nope").exitStatus == 66)
    }

    @Test func showKeepsTheReportAsItIs() throws {
        let analysis = try #require(try json("analysis", "show", found, "--json")["analysis"] as? [String: Any])
        let report = try #require(analysis["report"] as? [String: Any])
        #expect(report["log10"] as? Double == -23.4)
        let source = try #require((report["sources"] as? [[String: Any]])?.first)
        #expect(source["n"] as? Int == 1)
        #expect(source["x"] is NSNull)
        #expect(source["t"] as? Bool == true)
        let output = try run("analysis", "show", found, "--json").text
        #expect(
            output.contains("\"log10\" : -23.4") && output.contains("\"n\" : 1,") && output.contains("\"t\" : true"))
        #expect(try run("analysis", "show", found).text.contains("-23.4"))
        #expect(try run("analysis", "show", "a_nope").exitStatus == 66)
    }

    @Test func notesAreReplaced() throws {
        _ = try json("analysis", "note", found, "seen by the works council", "--json")
        let analysis = try json("analysis", "show", found, "--json")["analysis"] as? [String: Any]
        #expect(analysis?["note"] as? String == "seen by the works council")
        #expect(try run("analysis", "note", "a_nope", "x").exitStatus == 66)
    }

    @Test func deletedAnalysesAreGone() throws {
        #expect(try json("analysis", "delete", found, "--yes", "--json")["deleted"] as? String == found)
        #expect(try run("analysis", "show", found).exitStatus == 66)
        #expect(try run("analysis", "delete", found, "--yes").exitStatus == 66)
    }

    @Test func exportsHoldEverything() throws {
        let analyses = try #require(try json("analysis", "export", "--format", "json")["analyses"] as? [[String: Any]])
        #expect(analyses.count == 2)
        #expect(analyses[1]["report"] is [String: Any])
        let one = try json("analysis", "export", found, "--format", "json")["analyses"] as? [Any]
        #expect(one?.count == 1)
        let csv = try run("analysis", "export", "--format", "csv").text
        let sha = String(repeating: "ab", count: 32)
        #expect(
            csv.hasPrefix(
                "id,date,meeting,file,sha256,bytes,verdict,refusalCode,refusalMessage,name,note,toolVersion,"
                    + "meetingTitle,who,log10FalseAccusation,condition,bundle,bundleRevoked\r\n"))
        #expect(csv.contains(",\"leak, \"\"final\"\".m4a\",\(sha),77,identified,,,'=1+1,\"first\nsecond\",0.1.0,"))
        #expect(csv.contains(",,,,unknown-meeting,no such meeting,,,0.1.0,"))
    }

    @Test func exportsGoToNewPrivateFiles() throws {
        #expect(try run("analysis", "export", "--format", "csv", "-o", "out.csv").output.isEmpty)
        let path = folder.url.appendingPathComponent("out.csv").path
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        #expect(try run("analysis", "export", "--format", "csv", "-o", "out.csv").exitStatus == 73)
        #expect(try run("analysis", "export", "--format", "xml").exitStatus == 64)
    }

    @Test func fullDisksAreReported() throws {
        let process = Process()
        process.executableURL = try ProcessRunner.executable
        process.arguments = ["org", "list"]
        process.environment = folder.environment
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 74)
    }
}
