import EarmarkFiles
import Foundation
import Testing

@testable import EarmarkStore

/// docs/file-formats.md, "Rosters": lengths, and characters that are refused in names.
@Suite struct FieldRulesTests {
    private func scalar(_ value: UInt32) throws -> String { String(try #require(Unicode.Scalar(value))) }

    @Test func namesHoldTwoHundredCharacters() {
        #expect(FieldRules.problem(withName: "x") == nil)
        #expect(FieldRules.problem(withName: String(repeating: "é", count: 200)) == nil)
        #expect(FieldRules.problem(withName: String(repeating: "x", count: 201)) != nil)
        #expect(FieldRules.problem(withName: "") != nil)
    }

    @Test func notesHoldTenThousandCharacters() {
        #expect(FieldRules.problem(withNote: "") == nil)
        #expect(FieldRules.problem(withNote: String(repeating: "é", count: 10_000)) == nil)
        #expect(FieldRules.problem(withNote: String(repeating: "x", count: 10_001)) != nil)
        #expect(FieldRules.problem(withNote: "a\n\tb") == nil)
        #expect(FieldRules.problem(withNote: "a\rb") != nil)
    }

    /// C0, delete, C1, line and paragraph separators, embeddings and overrides, isolates: first and last of each.
    @Test(
        arguments: [
            0x00, 0x09, 0x0A, 0x1F, 0x7F, 0x80, 0x9F, 0x2028, 0x2029, 0x202A, 0x202E, 0x2066, 0x2069,
        ] as [UInt32]) func deceptiveCharactersAreRefused(value: UInt32) throws
    {
        let text = "a" + (try scalar(value)) + "b"
        #expect(FieldRules.problem(withName: text) != nil)
        #expect(FieldRules.problem(withEmail: text + "@example.org") != nil)
        let isFitForNotes = value == 0x09 || value == 0x0A
        #expect((FieldRules.problem(withNote: text) == nil) == isFitForNotes)
    }

    /// Their neighbours, and what other scripts and emoji need.
    @Test(arguments: [0x20, 0x7E, 0xA0, 0x202F, 0x206A, 0x200D, 0x0627, 0x1F600] as [UInt32])
    func otherCharactersAreTaken(value: UInt32) throws {
        #expect(FieldRules.problem(withName: "a" + (try scalar(value)) + "b") == nil)
    }

    /// RFC 5321: 254 bytes; the domain of such an address by RFC 1035 at most 253.
    @Test func addressesHold254Bytes() {
        func email(_ count: Int) -> String { String(repeating: "a", count: count - 12) + "@example.org" }
        #expect(FieldRules.problem(withEmail: email(254)) == nil)
        #expect(FieldRules.problem(withEmail: email(255)) != nil)
        func domain(_ count: Int) -> String { String(repeating: "a.", count: count / 2) + "b" }
        #expect(FieldRules.problem(withDomain: domain(252)) == nil)
        #expect(domain(252).utf8.count == 253)
        #expect(FieldRules.problem(withDomain: domain(252) + "c") != nil)
    }

    @Test(arguments: ["a@example.org", "a.b+c@x", "ä@müller.example", "a@1.2", "a@a-b.org"])
    func addressesAreTaken(text: String) { #expect(FieldRules.problem(withEmail: text) == nil) }

    @Test(arguments: [
        "", "a", "@", "a@", "@x.org", "a@b@c", "a b@x.org", "a@x..org", "a@.org", "a@org.", "a@-x.org", "a@x-.org",
        "a@x_y.org", "a@x\u{A0}.org", "a\u{3000}@x.org",
    ]) func otherAddressesAreRefused(text: String) { #expect(FieldRules.problem(withEmail: text) != nil) }

    /// Compared without regard to case and to how accents are composed.
    @Test func textIsComparedFolded() {
        #expect(FieldRules.folded("A\u{308}B@Example.ORG") == "\u{E4}b@example.org")
        #expect(FieldRules.domain(ofEmail: "Ada@Example.ORG") == "example.org")
        #expect(FieldRules.trimmed(" \ta b\t ") == "a b")
    }
}

/// docs/file-formats.md, "Rosters".
@Suite struct RosterLimitTests {
    private func parse(_ rows: String, header: String = "participant,email,device,kind") throws -> [RosterEntry] {
        try Roster.parse(Array((header + "\n" + rows).utf8))
    }

    @Test func theKindsOfTheTable() throws {
        let kinds = ["desktop", "mobile", "room", "web", "telephone", "sip"]
        let rows = kinds.enumerated().map { "P,p@example.org,d\($0),\($1)\n" }.joined()
        let entries = try parse(rows)
        #expect(entries.map(\.kind.rawValue) == kinds)
        #expect(entries.map(\.kind.canCarryMark) == [true, true, true, false, false, false])
        #expect(try parse("P,p@example.org,d,\n").map(\.kind) == [.desktop])
        #expect(try parse("P,p@example.org,d, SIP \n").map(\.kind) == [.sip])
        #expect(try parse("P,p@example.org,d\n", header: "participant,email,device").map(\.kind) == [.desktop])
    }

    @Test func valuesAreTrimmedAndKept() throws {
        let entries = try parse(" Ada L. ,\tAda@Example.org , Lap top ,room\n")
        #expect(
            entries == [RosterEntry(participant: "Ada L.", email: "Ada@Example.org", device: "Lap top", kind: .room)])
    }

    /// 16 MiB are read, one byte more is not.
    @Test func sixteenMebibytesAreRead() throws {
        func roster(_ count: Int) -> [UInt8] {
            let rest = Array("device\nA,a@x.org,l\n".utf8)
            let start = Array("participant,email,".utf8)
            return start + [UInt8](repeating: UInt8(ascii: " "), count: count - start.count - rest.count) + rest
        }
        #expect(try Roster.parse(roster(16 * 1_048_576)).count == 1)
        #expect(throws: StoreError(.rosterInvalid, "")) { try Roster.parse(roster(16 * 1_048_576 + 1)) }
    }

    @Test func sameDevicesOfOthersAndOtherDevicesOfOneAreFine() throws {
        #expect(try parse("A,a@x.org,l,\nB,b@x.org,l,\nA,A@x.org,m,\n").count == 3)
        for rows in ["A,a@x.org,l,\nA,a@x.org,L,\n", "A,a@x.org,l,\na,a@x.org,m,\n"] {
            #expect(throws: StoreError(.rosterInvalid, "")) { try parse(rows) }
        }
    }

    @Test func bigEndianUTF16IsNamed() {
        let problem = #expect(throws: CSVReader.Problem.self) { try CSVReader.records([0xFE, 0xFF, 0x00, 0x61]) }
        #expect(problem?.text.contains("UTF-16") == true && problem?.row == 1 && problem?.column == 1)
    }

    @Test func tenProblemsAreAllListed() {
        let rows = (0..<10).map { "P,p@example.org,d\($0),fax\n" }.joined()
        let error = #expect(throws: StoreError(.rosterInvalid, "")) { try parse(rows) }
        let lines = error?.message.split(separator: "\n") ?? []
        #expect(lines.count == 10)
        #expect(lines.first?.hasPrefix("roster row 2, column kind") == true)
        #expect(lines.last?.hasPrefix("roster row 11, column kind") == true)
    }
}
