import Testing

@testable import EarmarkProvisioning

@Suite struct UserTableTests {
    private static let text =
        "UserID\tEmail\tMEETINGPRIVILEGE\tComment\r\n1\tada@example.org\t002,13\t\"a\tb\"\r\n"
        + "2\tbob@example.org\t\"13,652\"\tü😀\n3\teve@example.org\t\tx\r\n\r\n4\tjo@example.org\t\"1\"\t"

    private func bytes(_ text: String) -> [UInt8] {
        [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    }

    @Test func nothingButTheCellChanges() throws {
        var table = try UserTable(bytes(Self.text))
        #expect(table.serialized() == bytes(Self.text))
        let changes = try table.grant(652)
        #expect(changes.map(\.line) == [2, 4, 6])
        #expect(changes.map(\.user) == ["ada@example.org", "eve@example.org", "jo@example.org"])
        #expect(changes.map(\.after) == ["002,13,652", "652", "1,652"])
        let expected = Self.text.replacing("002,13", with: "002,13,652").replacing("org\t\tx", with: "org\t652\tx")
            .replacing("\"1\"", with: "\"1,652\"")
        #expect(table.serialized() == bytes(expected))
        #expect(try table.grant(652).isEmpty)
    }

    @Test func leadingZerosAreTheSameNumber() throws {
        var table = try UserTable(bytes(Self.text))
        #expect(try table.grant(2).map(\.line) == [3, 4, 6])
    }

    @Test func onlyTheChosenUsers() throws {
        var table = try UserTable(bytes(Self.text))
        #expect(try table.grant(7) { $0.contains("bob@example.org") }.map(\.after) == ["13,652,7"])
    }

    @Test func markedUTF8BecomesUTF16() throws {
        let table = try UserTable([0xEF, 0xBB, 0xBF] + Array(Self.text.utf8))
        #expect(table.serialized() == bytes(Self.text))
    }

    @Test func otherTextIsRefused() throws {
        for bytes: [UInt8] in [
            [], Array(Self.text.utf8), [0xFF, 0xFE], [0xFF, 0xFE, 0x41], [0xFF, 0xFE, 0x00, 0xD8],
            [0xFE, 0xFF, 0x00, 0x41], bytes("UserID\tEmail\r\n"), bytes("MeetingPrivilege\tMeetingPrivilege\r\n"),
        ] { #expect(throws: ProvisioningError(.badTable, "")) { try UserTable(bytes) } }
        for line in ["1\tx", "1\tx\tabc\t", "1\tx\t1;2\t", "1\tx\t1,,2\t"] {
            var table = try UserTable(bytes("UserID\tEmail\tMeetingPrivilege\tC\r\n" + line))
            #expect(throws: ProvisioningError(.badTable, "")) { try table.grant(652) }
        }
        var table = try UserTable(bytes(Self.text))
        for id in [0, -1, 1_000_000] { #expect(throws: ProvisioningError(.badTable, "")) { try table.grant(id) } }
    }

    @Test func olderSessionTypeIsRecognised() {
        #expect(SessionType.hasUnencryptedTelephony("Pro-End to End Encryption"))
        #expect(SessionType.all.allSatisfy { !SessionType.hasUnencryptedTelephony($0.name) })
    }
}
