import Foundation
import ProgramSupport
import Testing

/// `earmark provision compare --help`: "with whatever stands around", as terminals, mails and documents leave it.
@Suite struct RoomPasteTests {
    private let bundle = Rooms.pki("bundle-chain-key.pem")
    private static let questions =
        "xCommand Security Certificates Services Show\nxStatus Conference EndToEndEncryption\n"

    /// What a device prints before and after its certificate is in use.
    private func answers() throws -> (room: Room, stored: String, active: String) {
        let room = try Room.withSecret()
        room.takes(try room.adding(bundle))
        let stored = room.takes(Self.questions)
        room.takes(try room.activating(Rooms.first))
        return (room, stored, room.takes(Self.questions))
    }

    private func state(_ bytes: Data, in room: Room) throws -> (state: String?, next: String?, errors: String) {
        try bytes.write(to: URL(fileURLWithPath: room.place.file("shown.txt")))
        let result = try room.place.provision("compare", "shown.txt", "--certificate", bundle, "--json")
        guard !result.output.isEmpty else { return (nil, nil, result.errors) }
        let comparison = try JSON(text: result.text)["devices"][0]["comparison"]
        return (comparison["state"].string, comparison["next"].string, result.errors)
    }

    /// The list of `text` as XML.
    private func document(_ text: String) -> String {
        var entries: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 5).map(String.init)
            guard words.count == 6, words[2] == "Details" else { continue }
            let name = words[4].dropLast()
            entries[words[3], default: ""] += "<\(name)>\(words[5].dropFirst().dropLast())</\(name)>"
        }
        let details = entries.sorted { $0.key < $1.key }.map { "<Details item=\"\($0.key)\">\($0.value)</Details>" }
        return "<Command><ServicesShowResult status=\"OK\">\(details.joined())</ServicesShowResult></Command>\n"
    }

    /// Whatever a program on the way did to the text: what it says is not lost, least of all into "add it again".
    @Test func textIsReadAsThePrinted() throws {
        let (room, stored, active) = try answers()
        for (text, expected) in [(stored, "stored"), (active, "active")] {
            let coloured = text.split(separator: "\n").map { "\u{1B}[1;32m\($0)\u{1B}[0m" }.joined(separator: "\n")
            for (name, changed) in [
                ("blanks", text.replacing(" ", with: "\u{A0}")), ("colours", coloured),
                ("quotes", text.replacing(": \"", with: ": \u{201C}").replacing("\"\n", with: "\u{201D}\n")),
                ("lines", text.replacing("\n", with: "\r\n")), ("mail", "> " + text.replacing("\n", with: "\n> ")),
                ("headers", "HTTP/1.1 200 OK\n\n" + document(text)), ("before", "so:\n" + document(text) + "bye\n"),
                ("older", stored.split(separator: "** end\n")[0] + "** end\n" + document(text)),
                ("case", document(text).replacing("\"OK\"", with: "\"ok\"")),
            ] {
                let found = try state(Data(changed.utf8), in: room)
                #expect(found.state == expected, "\(name): \(found)")
            }
            let wide = try #require(text.data(using: .utf16))
            #expect(try state(wide, in: room).state == expected)
        }
    }

    /// A device that refuses to list its certificates has not said that there is none.
    @Test func refusedListIsNoEmptyList() throws {
        let (room, _, active) = try answers()
        let refused = "*r ServicesShowResult (status=Error):\n*r ServicesShowResult Reason: \"no\"\n** end\n"
        for text in [refused, refused + active.split(separator: "** end\n")[1], active + refused] {
            let found = try state(Data(text.utf8), in: room)
            #expect(found.state == nil && found.errors.contains("the device reports the status 'Error'"), "\(found)")
        }
    }

    /// What a value of the status means is not documented: one that is not known says nothing, and the list may.
    @Test func unknownStatusSaysNothing() throws {
        let (room, stored, active) = try answers()
        let status = String(active.split(separator: "** end\n")[1])
        let lists = [stored, active].map { String($0.split(separator: "** end\n")[0]) + "** end\n" }
        for (value, alone, withStored, withActive) in [
            ("On", "active", "active", "active"), ("True", "active", "active", "active"),
            ("Off", "unknown", "stored", "stored"), ("Verified", "unknown", "stored", "active"),
        ] {
            let changed = status.replacing("Verification: On", with: "Verification: \(value)")
            #expect(try state(Data(changed.utf8), in: room).state == alone, "\(value)")
            #expect(try state(Data((lists[0] + changed).utf8), in: room).state == withStored, "\(value)")
            #expect(try state(Data((lists[1] + changed).utf8), in: room).state == withActive, "\(value)")
        }
    }

    /// A SHA-256 in the status is the certificate's, too; in the list it is called so, because orders want the other.
    @Test func longFingerprintsAreKnown() throws {
        let (room, _, active) = try answers()
        let parts = active.split(separator: "** end\n").map(String.init)
        let long = "8439f9cd0d07530d01ce6da7551c1ee6f41de39fc0d2825eb3d84943d6e36b64"
        let status = parts[1].replacing(Rooms.first, with: long)
        #expect(try state(Data(status.utf8), in: room).state == "active")
        let other = parts[0] + "** end\n" + parts[1].replacing(Rooms.first, with: String(repeating: "ab", count: 32))
        #expect(try state(Data(other.utf8), in: room).state == "stored")
        let list = try state(Data(parts[0].replacing(Rooms.first, with: long).utf8), in: room)
        #expect(list.state == nil && list.errors.contains("a SHA-256 for entry 1"), "\(list)")
    }

    /// An authority is no device, and no order to use it follows.
    @Test func authorityIsNotMeant() throws {
        let (room, _, active) = try answers()
        try room.place.write(active, to: "shown.txt")
        try room.place.refuses(44, "leafIsCA", "compare", "shown.txt", "--certificate", Rooms.pki("ca-ec-int.pem"))
    }

    /// Of every device with a step for a certificate the list must say what is meant, or it is not as meant.
    @Test func whatTheListDoesNotSayIsNotRight() throws {
        let (room, _, active) = try answers()
        let place = room.place
        try FileManager.default.createDirectory(atPath: place.file("answers"), withIntermediateDirectories: true)
        try place.write(active, to: "answers/room1.txt")
        for (rows, reason) in [
            ("room1,add activate,\(bundle)\n", nil), ("room1,add,\(bundle)\nROOM1,activate,\n", nil),
            ("room1,activate,\n", "names no bundle for it"), ("room1,deactivate,\(bundle)\n", "out of use"),
            ("room1,add,\(bundle)\nroom2,activate,\n", "'room2': the list names no bundle"),
            ("../answers/room1,add,\(bundle)\n", "part of a file's name"),
        ] as [(String, String?)] {
            try place.write("name,action,bundle\n" + rows, to: "list.csv")
            let result = try place.provision("compare", "answers", "--list", "list.csv", "--json")
            #expect(result.exitStatus == (reason == nil ? 0 : 48), "\(rows): \(result.errors)")
            if let reason { #expect(result.errors.contains(reason), "\(result.errors)") }
        }
    }
}
