import EarmarkBatch
import EarmarkConsole
import EarmarkFiles
import EarmarkMedia
import EarmarkReport
import EarmarkService
import EarmarkStore
import Foundation
import Testing

@testable import EarmarkCLI

/// docs/errors.md lists every kind of error with the exit status that the program has for it.
@Suite struct ErrorTableTests {
    private struct Row: Hashable {
        let code: String
        let status: Int32
    }

    /// The rows of each section by its heading; every row says what is wrong and what to do.
    private static func sections() throws -> [String: [Row]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("docs/errors.md"), encoding: .utf8)
        var sections: [String: [Row]] = [:]
        var heading = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") { heading = String(line.dropFirst(3)) }
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, cells[0].hasPrefix("`"), let status = Int32(cells[1]) else { continue }
            #expect(!cells[2].isEmpty && !cells[3].isEmpty, "\(line)")
            sections[heading, default: []].append(Row(code: String(cells[0].dropFirst().dropLast()), status: status))
        }
        return sections
    }

    private func expect(_ heading: String, _ errors: [(code: String, error: any ReportableError)]) throws {
        let listed = try #require(try Self.sections()[heading])
        let known = errors.map { Row(code: $0.code, status: $0.error.exitStatus.rawValue) }
        #expect(Set(listed) == Set(known), "\(Set(listed).symmetricDifference(known))")
        #expect(listed.count == Set(listed).count, "a code comes twice")
    }

    @Test func recordings() throws {
        try expect(
            "Recordings", MediaError.Code.allCases.map { ($0.rawValue, MediaError($0, "", path: "")) })
    }

    @Test func store() throws {
        try expect(
            "Store, meetings, clients, tickets and analyses",
            StoreError.Code.allCases.map { ($0.rawValue, StoreError($0, "")) })
    }

    @Test func service() throws {
        try expect(
            "Tickets, evidence and searches", ServiceError.Code.allCases.map { ($0.rawValue, ServiceError($0, "")) })
    }

    @Test func batches() throws {
        try expect("Batches", BatchError.Code.allCases.map { ($0.rawValue, BatchError($0, "")) })
    }

    @Test func files() throws {
        try expect(
            "Files and reports",
            FileError.Code.allCases.map { ($0.rawValue, FileError($0, "")) }
                + ReportError.Code.allCases.map { ($0.rawValue, ReportError($0, "")) })
    }
}
