import EarmarkFiles
import Foundation
import Testing

@testable import EarmarkStore

@Suite struct CSVReaderTests {
    @Test(arguments: [
        ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
        ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
        ("\"a,1\",\"say \"\"hi\"\"\"\n", [["a,1", "say \"hi\""]]),
        ("\"two\r\nlines\",x\n", [["two\r\nlines", "x"]]),
        ("\u{FEFF}a,b\n", [["a", "b"]]),
        ("a,\n,b\n", [["a", ""], ["", "b"]]),
        ("\"\",\"\"", [["", ""]]),
        ("a\n\nb\n", [["a"], [""], ["b"]]),
        ("a,", [["a", ""]]),
        ("", []),
    ]) func recordsAreRead(text: String, records: [[String]]) throws {
        #expect(try CSVReader.records(Array(text.utf8)) == records)
    }

    @Test(arguments: [
        ("a,b\"c\n", 1, 2), ("a\n\"b\"c\n", 2, 1), ("a\nb,\"c\nd", 2, 2), ("a\rb\n", 1, 1), ("x\ny\r", 2, 1),
        ("\"a\"\r\"b\"", 1, 1),
    ]) func irregularitiesAreRefusedWithTheirPlace(text: String, row: Int, column: Int) {
        let problem = #expect(throws: CSVReader.Problem.self) { try CSVReader.records(Array(text.utf8)) }
        #expect(problem?.row == row)
        #expect(problem?.column == column)
    }

    @Test func otherEncodingsAreRefused() {
        #expect(throws: CSVReader.Problem.self) { try CSVReader.records([0xFF, 0xFE, 0x61, 0x00]) }
        let problem = #expect(throws: CSVReader.Problem.self) {
            try CSVReader.records(Array("a\nb,".utf8) + [0xE9] + Array("\n".utf8))
        }
        #expect(problem == CSVReader.Problem(row: 2, column: 2, text: "is not UTF-8"))
    }
}

@Suite struct RosterTests {
    @Test func columnsComeInAnyOrderAndCase() throws {
        let text =
            "\u{FEFF}Kind, EMAIL ,device,Participant\r\nweb,a@x.org,Browser,\"Ada, L.\"\r\n"
            + ",a@x.org,Laptop,\"Ada, L.\"\r\n"
        #expect(
            try Roster.parse(Array(text.utf8)) == [
                RosterEntry(participant: "Ada, L.", email: "a@x.org", device: "Browser", kind: .web),
                RosterEntry(participant: "Ada, L.", email: "a@x.org", device: "Laptop", kind: .desktop),
            ])
    }

    @Test func kindIsOptionalAndBlankLinesAreSkipped() throws {
        let text = "participant,email,device\n\nAda,a@x.org,laptop\n\n"
        #expect(try Roster.parse(Array(text.utf8)).map(\.kind) == [.desktop])
    }

    /// Spreadsheets leave rows of separators, and separate by what decimals do not need.
    @Test(arguments: [
        ",,\nparticipant,email,device\n,,\nAda,a@x.org,laptop\n , ,\n",
        "participant;email;device\r\nAda;a@x.org;laptop\r\n;;\r\n",
        "participant\temail\tdevice\nAda\ta@x.org\tlaptop\n",
        "participant;email;device\n\"Ada\";a@x.org;laptop\n",
    ]) func tablesOfSpreadsheetsAreRead(text: String) throws {
        let entry = RosterEntry(participant: "Ada", email: "a@x.org", device: "laptop")
        #expect(try Roster.parse(Array(text.utf8)) == [entry])
    }

    /// The row is named, and how to save the file.
    @Test func tablesInWindowsEncodingAreRefusedWithAdvice() throws {
        let text = Array("participant,email,device\nJ".utf8) + [0xF6] + Array("rg,j@x.org,laptop\n".utf8)
        let error = #expect(throws: StoreError(.rosterInvalid, "")) { try Roster.parse(text) }
        #expect(error?.message.contains("row 2") == true && error?.message.contains("CSV UTF-8") == true)
    }

    @Test(arguments: [
        ("participant,email\nAda,a@x.org\n", "row 1, column device: is missing"),
        ("participant,email,device,phone\n", "row 1, column 4: 'phone' is none of"),
        ("participant,email,device,email\n", "row 1, column email: appears twice"),
        ("participant;email;device\n", "has a header but no clients"),
        ("participant|email|device\n", "row 1, column 1: 'participant|email|device' is none of"),
        ("PK\u{3}\u{4}\u{14}", "save it as 'CSV UTF-8"),
        ("participant,email,device\nAda,a@x.org\n", "row 2: the row has 2 fields where the header has 3"),
        ("participant,email,device\nAda,a@x.org,l,x\n", "row 2: the row has 4 fields"),
        ("participant,email,device\n,a@x.org,l\n", "row 2, column participant: is empty"),
        ("participant,email,device\nAda,a.x.org,l\n", "row 2, column email: is not of the form"),
        ("participant,email,device\n\nAda,a@x.org, \n", "row 3, column device: is empty"),
        ("participant,email,device,kind\nAda,a@x.org,l,fax\n", "row 2, column kind: is none of desktop, mobile"),
        ("participant,email,device\nAda,a@x.org,\"l\nm\"\n", "row 2, column device: holds a control"),
        (
            "participant,email,device\nA,a@x.org,l\nB,b@x.org,l\nA,A@X.ORG,L\n",
            "row 4, column device: is the same e-mail and device as row 2"
        ),
        ("participant,email,device\nA,a@x.org,l\nB,a@x.org,m\n", "row 3, column participant: differs from row 2"),
        ("participant,email,device\nA,\"a@x.org,l\n", "row 2, column 2: has an opening quote"),
        ("participant,email,device\n", "no clients"),
        ("", "empty"),
    ]) func errorsNameRowAndColumn(text: String, part: String) {
        let error = #expect(throws: StoreError(.rosterInvalid, "")) { try Roster.parse(Array(text.utf8)) }
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test func manyErrorsAreSummedUp() {
        let rows = (0..<12).map { _ in ",a@x.org,l\n" }.joined()
        let error = #expect(throws: StoreError(.rosterInvalid, "")) {
            try Roster.parse(Array(("participant,email,device\n" + rows).utf8))
        }
        // Twelve empty names, eleven repeated devices; ten are listed.
        #expect(error?.message.split(separator: "\n").count == 11)
        #expect(error?.message.hasSuffix("and 13 more problems") == true)
    }

    /// Bytes of a good roster replaced at random, the same in every run: each result is a roster or a named error.
    @Test func damagedRostersNeverPassUnchecked() throws {
        let good = Array("participant,email,device\r\n\"Ada, L.\",a@x.org,laptop\r\nBob,b@x.org,phone\r\n".utf8)
        var state: UInt64 = 1
        func next() -> Int {
            // Knuth's MMIX generator; the upper bits are the random ones.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33)
        }
        var accepted = 0
        for _ in 0..<5000 {
            var damaged = good
            for _ in 0...next() % 3 { damaged[next() % damaged.count] = UInt8(next() % 256) }
            do {
                let entries = try Roster.parse(damaged)
                accepted += 1
                #expect(RosterCheck.problems(entries, rows: nil).isEmpty)
            } catch {
                #expect(error == StoreError(.rosterInvalid, ""))
            }
        }
        #expect((1..<5000).contains(accepted), "some damage only changes names")
    }

    @Test func oversizedRostersAreRefused() {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: Roster.maximumByteCount + 1)
        #expect(throws: StoreError(.rosterInvalid, "")) { try Roster.parse(bytes) }
    }

    @Test func oneBadClientKeepsTheWholeMeetingOut() throws {
        let keeper = try TemporaryStoreKeeper.make()
        #expect(throws: StoreError(.rosterInvalid, "")) { try keeper.meeting([entry(1), entry(2), entry(1)]) }
        #expect(try keeper.store.meetings(in: keeper.organisationID).isEmpty)
        #expect(try keeper.store.keyFile.read(storeID: keeper.store.storeID).wrappingKeys.isEmpty)
    }
}
