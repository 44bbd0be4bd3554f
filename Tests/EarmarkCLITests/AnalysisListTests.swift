import EarmarkFiles
import EarmarkStore
import Foundation
import ProgramSupport
import Testing

/// Lists of analyses are read and written a hundred at a time: none is lost or doubled at the seams.
@Suite struct AnalysisListTests {
    private let folder: TemporaryFolder
    private let count = 205

    init() throws {
        folder = try TemporaryFolder()
        let store = try Store.create(
            at: StoreLocation(store: folder.url.appendingPathComponent("store.db").path),
            organisationName: "Example Ltd")
        let other = try store.addOrganisation(name: "Other Ltd").id
        let own = try #require(try store.organisations().first { $0.id != other }).id
        for number in 0..<count {
            _ = try store.saveAnalysis(
                AnalysisDraft(
                    organisationID: number == 7 ? other : own, meetingReference: "any", fileName: "\(number).wav",
                    outcome: .refusal(code: number.isMultiple(of: 2) ? "corrupt" : "tooShort", message: "m"),
                    toolVersion: "0.1.0"))
        }
    }

    private func run(_ arguments: String...) throws -> ProcessRunner.Result {
        let result = try ProcessRunner.run(
            ["analysis", "list"] + arguments, folder: folder.url, environment: folder.environment)
        #expect(result.exitStatus == 0, "\(result.errors)")
        return result
    }

    private var latestFirst: [String] { (0..<count).reversed().map { "\($0).wav" } }

    private func files(_ arguments: String...) throws -> [String] {
        let result = try ProcessRunner.run(
            ["analysis", "list", "--json"] + arguments, folder: folder.url, environment: folder.environment)
        let object = try JSONSerialization.jsonObject(with: result.output) as? [String: Any]
        #expect(object?["schema"] as? Int == 1)
        return try #require(object?["analyses"] as? [[String: Any]]).compactMap { $0["file"] as? String }
    }

    @Test func everyAnalysisIsListedOnceInEveryForm() throws {
        #expect(try files() == latestFirst)
        let csv = try run("--csv").text.split(separator: "\r\n").dropFirst()
        #expect(csv.map { String($0.split(separator: ",", omittingEmptySubsequences: false)[3]) } == latestFirst)
        let table = try run().text.split(separator: "\n")
        #expect(table.count == count + 1)
        #expect(zip(table.dropFirst(), latestFirst).allSatisfy { $0.contains(" \($1) ") })
        // Every column begins where its title does.
        let column = try #require(table.first?.range(of: "FILE")?.lowerBound)
        let place = try #require(table.first?.distance(from: table[0].startIndex, to: column))
        #expect(zip(table.dropFirst(), latestFirst).allSatisfy { $0.dropFirst(place).hasPrefix($1) })
    }

    @Test func whatIsLimitedIsTheLatest() throws {
        #expect(try files("-n", "101") == Array(latestFirst.prefix(101)))
        #expect(try files("--org", "Other Ltd") == ["7.wav"])
        #expect(try files("--verdict", "identified").isEmpty)
        #expect(
            try run("--verdict", "identified", "--json").text == "{\n  \"analyses\" : [\n\n  ],\n  \"schema\" : 1\n}\n")
    }
}
