import Foundation
import Testing

@testable import EarmarkProvisioning

/// Lists of devices and what is brought in from files.
@Suite final class DeviceListTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("devices-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = folder.appendingPathComponent(name).path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    @Test func pathsLieBesideTheList() throws {
        let text = "Name,ACTION,secret,bundle\nRoom 1,add,room1.secret,/srv/room1.pem\n\nRoom 2,populate,env:OLD,\n"
        let rows = try DeviceList(path: file("list.csv", text)).rows
        #expect(rows.map(\.number) == [2, 4])
        #expect(rows.map(\.secret) == ["file:\(folder.path)/room1.secret", "env:OLD"])
        #expect(rows.map(\.bundle) == ["/srv/room1.pem", nil])
    }

    @Test(arguments: [
        ("", "the list is empty"), ("name\n", "the column 'action' is missing"),
        ("name,action,colour\n", "unknown column 'colour'"), ("name,action,name\n", "a column is there twice"),
        ("name,action\na\n", "row 2 has 1 fields, the header has 2"), ("name,action\na,\"b\n", "row 2, column 2"),
    ])
    func whatBreaksTheFormatIsNamed(text: String, problem: String) throws {
        let path = try file("list.csv", text)
        let error = #expect(throws: IntakeError.self) { try DeviceList(path: path) }
        #expect(error?.code == .invalid)
        #expect(error?.message.hasPrefix("'\(path)': ") == true)
        #expect(error?.message.contains(problem) == true)
    }

    @Test func absentAndLongFilesAreRefused() throws {
        let path = try file("five", "12345")
        #expect(try ByteInput.read(path, maximumByteCount: 5) == SecretBytes("12345".utf8))
        #expect(throws: IntakeError(.invalid, "")) { try ByteInput.read(path, maximumByteCount: 4) }
        #expect(throws: IntakeError(.missing, "")) { try ByteInput.read(path + "6", maximumByteCount: 5) }
        #expect(throws: IntakeError(.inputOutput, "")) { try ByteInput.read(folder.path, maximumByteCount: 5) }
        #expect(throws: IntakeError(.missing, "")) { try DeviceList(path: path + "6") }
    }

    /// Each row is done for itself, and each failure has the code of its kind.
    @Test func rowsFailOneByOne() async throws {
        let secret = try file("room.secret", "0123456789abcdef0123456789abcdef")
        let path = try file(
            "list.csv",
            """
            name,action,secret,bundle,new_secret
            Room,populate,\(secret),,\(secret)
            room,populate,\(secret),,\(secret)
            ../up,populate,\(secret),,\(secret)
            Two,explode,\(secret),,
            Three,populate,absent,,\(secret)
            Four,populate,,,\(secret)
            Five,add,\(secret),,
            Six,add,\(secret),absent.pem,

            """)
        let rows = try DeviceList(path: path).rows
        let batch = DeviceBatch(folder: folder.path)
        var heard: [DeviceResult] = []
        let results = try await batch.run(rows) { heard.append($0) }
        #expect(results == heard)
        #expect(
            results.map { $0.code ?? $0.status.rawValue } == [
                "sealed", "duplicateRow", "badDeviceName", "unsupportedAction", "unknown", "missingSecret",
                "missingBundle", "unknown",
            ])
        let again = try await batch.run(rows) { _ in }
        #expect(again.first?.status == .present)
        #expect(again.first?.file == "\(folder.path)/Room.populate.jwe")
        #expect(DeviceResult.csv(again).hasPrefix("row,name,action,status,code,message,file,fingerprint,warnings\r\n"))
    }
}
