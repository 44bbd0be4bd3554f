import CEarmark
import EarmarkC
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

/// CEarmark/earmark.h: which tickets and configurations make an embedder, and the status of the others.
@Suite struct CCreateTests {
    private let ticket: [UInt8]
    private let folder: ScratchFolder

    init() throws {
        ticket = try TestTickets.ticket(client: 1).serialized()
        folder = try ScratchFolder()
        try TestTickets.write(ticket, to: folder.file("a.ticket"))
    }

    @Test func nullPointersAreRefused() {
        var config = CEmbedder.config()
        var made = OpaquePointer(bitPattern: 8)
        #expect(earmark_create(nil, ticket, ticket.count, &config) == EARMARK_INVALID_ARGUMENT)
        #expect(earmark_create(&made, nil, ticket.count, &config) == EARMARK_INVALID_ARGUMENT)
        #expect(made == nil)
        made = OpaquePointer(bitPattern: 8)
        #expect(earmark_create(&made, ticket, ticket.count, nil) == EARMARK_INVALID_ARGUMENT)
        #expect(made == nil)
        #expect(earmark_create_from_file(nil, folder.file("a.ticket"), &config) == EARMARK_INVALID_ARGUMENT)
        made = OpaquePointer(bitPattern: 8)
        #expect(earmark_create_from_file(&made, nil, &config) == EARMARK_INVALID_ARGUMENT)
        #expect(made == nil)
        #expect(earmark_create_from_file(&made, folder.file("a.ticket"), nil) == EARMARK_INVALID_ARGUMENT)
        earmark_destroy(nil)
    }

    /// `size`: later versions add members at the end, so more is fine and less is no configuration.
    @Test func theSizeOfTheConfigurationCounts() {
        let size = MemoryLayout<earmark_config>.size
        for (given, status) in [
            (0, EARMARK_INVALID_ARGUMENT), (size - 1, EARMARK_INVALID_ARGUMENT), (size, EARMARK_OK),
            (size + 64, EARMARK_OK),
        ] {
            var config = CEmbedder.config()
            config.size = given
            #expect(CEmbedder.status(ticket, config) == status, "\(given)")
        }
    }

    @Test func shapesHaveLimits() {
        for (rate, channels, status) in [
            (7_999.9, 1, EARMARK_UNSUPPORTED_FORMAT), (8_000, 1, EARMARK_OK), (192_000, 8, EARMARK_OK),
            (192_000.1, 1, EARMARK_UNSUPPORTED_FORMAT), (.nan, 1, EARMARK_UNSUPPORTED_FORMAT),
            (48_000, 0, EARMARK_UNSUPPORTED_FORMAT), (48_000, 9, EARMARK_UNSUPPORTED_FORMAT),
            (48_000, .max, EARMARK_UNSUPPORTED_FORMAT),
        ] as [(Double, UInt32, earmark_status)] {
            #expect(CEmbedder.status(ticket, CEmbedder.config(rate: rate, channels: channels)) == status)
        }
        let unknown = CEmbedder.config(strength: earmark_strength(rawValue: 3))
        #expect(CEmbedder.status(ticket, unknown) == EARMARK_INVALID_ARGUMENT)
    }

    /// Validity is judged at the time that is given, to the second, both ends included.
    @Test func validityIsJudgedAtTheTimeGiven() throws {
        for (time, status) in [
            (-901.0, EARMARK_TICKET_NOT_YET_VALID), (-900.1, EARMARK_TICKET_NOT_YET_VALID), (-900, EARMARK_OK),
            (0, EARMARK_OK), (86_400.9, EARMARK_OK), (86_401, EARMARK_TICKET_EXPIRED),
            (.nan, EARMARK_INVALID_ARGUMENT), (.infinity, EARMARK_INVALID_ARGUMENT),
            (1e12, EARMARK_TICKET_EXPIRED), (1.1e12, EARMARK_INVALID_ARGUMENT),
            (-1e12, EARMARK_TICKET_NOT_YET_VALID), (-1e300, EARMARK_OK),
        ] {
            #expect(CEmbedder.status(ticket, CEmbedder.config(time: time)) == status, "\(time)")
        }
        let old = try TestTickets.ticket(client: 1, start: 1_000_000_000).serialized()
        #expect(CEmbedder.status(old, CEmbedder.config(time: 5)) == EARMARK_OK)
        #expect(CEmbedder.status(old, CEmbedder.config(time: -1e300)) == EARMARK_TICKET_EXPIRED)
        let future = try TestTickets.ticket(client: 1, start: TestTickets.start + 90_000).serialized()
        #expect(CEmbedder.status(future, CEmbedder.config(time: -1e300)) == EARMARK_TICKET_NOT_YET_VALID)
    }

    /// docs/file-formats.md, "Tickets": any damage is found.
    @Test func everyDamagedByteIsNoticed() throws {
        let config = CEmbedder.config()
        for index in ticket.indices {
            for flip in [0x01, 0x80, 0xFF] as [UInt8] {
                var damaged = ticket
                damaged[index] ^= flip
                #expect(CEmbedder.status(damaged, config) == EARMARK_TICKET_INVALID, "byte \(index)")
            }
            #expect(CEmbedder.status(Array(ticket[..<index]), config) == EARMARK_TICKET_INVALID)
        }
        #expect(CEmbedder.status(ticket + [0], config) == EARMARK_TICKET_INVALID)
        #expect(CEmbedder.status(ticket + ticket + ticket, config) == EARMARK_TICKET_INVALID)
        #expect(CEmbedder.status(ticket, config) == EARMARK_OK)
    }

    private func fileStatus(_ name: String, _ config: earmark_config = CEmbedder.config()) -> earmark_status {
        var config = config
        var made = OpaquePointer(bitPattern: 8)
        let status = earmark_create_from_file(&made, folder.file(name), &config)
        #expect((made == nil) == (status != EARMARK_OK))
        earmark_destroy(made)
        return status
    }

    @Test func filesAreReadWhole() throws {
        #expect(fileStatus("a.ticket") == EARMARK_OK)
        #expect(fileStatus("none.ticket") == EARMARK_TICKET_UNREADABLE)
        #expect(fileStatus(".") == EARMARK_TICKET_UNREADABLE)
        try TestTickets.write(ticket + [0], to: folder.file("long.ticket"))
        try TestTickets.write(ticket.dropLast(), to: folder.file("short.ticket"))
        try TestTickets.write([], to: folder.file("empty.ticket"))
        for name in ["long.ticket", "short.ticket", "empty.ticket"] {
            #expect(fileStatus(name) == EARMARK_TICKET_INVALID, "\(name)")
        }
        // The longest identifiers there are: 316 bytes.
        let longest = try Ticket(
            id: .init(repeating: 7, count: 16), meetingID: String(repeating: "m", count: 64),
            clientID: String(repeating: "c", count: 64), meetingStart: 0, notBefore: 0, notAfter: 1_000,
            seeds: TestKeys.mark(client: 1)
        ).serialized()
        #expect(longest.count == 316)
        try TestTickets.write(longest, to: folder.file("longest.ticket"))
        try TestTickets.write(longest + [0], to: folder.file("longer.ticket"))
        #expect(fileStatus("longest.ticket") == EARMARK_OK)
        #expect(fileStatus("longer.ticket") == EARMARK_TICKET_INVALID)
        #expect(CEmbedder.status(longest, CEmbedder.config()) == EARMARK_OK)
        #expect(CEmbedder.status(longest + [0], CEmbedder.config()) == EARMARK_TICKET_INVALID)
    }

    /// docs/file-formats.md, "Revocation lists".
    @Test func revokedTicketsMakeNoEmbedder() throws {
        let name = TestTickets.names[0]
        let other = TestTickets.names[1]
        for (list, status) in [
            ("\(name)\n", EARMARK_TICKET_REVOKED), ("# list\n\n\(other)\n\(name)", EARMARK_TICKET_REVOKED),
            ("\(other)\n", EARMARK_OK), ("", EARMARK_OK), ("# \(name)\n", EARMARK_OK),
            ("\(name)\noops!\n", EARMARK_REVOCATIONS_UNREADABLE), ("T_A\n", EARMARK_REVOCATIONS_UNREADABLE),
        ] {
            try TestTickets.write(Array(list.utf8), to: folder.file("list.txt"))
            folder.file("list.txt").withCString { path in
                #expect(CEmbedder.status(ticket, CEmbedder.config(revocations: path)) == status, "\(list)")
                #expect(fileStatus("a.ticket", CEmbedder.config(revocations: path)) == status, "\(list)")
            }
        }
        for path in [folder.file("none.txt"), folder.path] {
            path.withCString {
                let config = CEmbedder.config(revocations: $0)
                #expect(CEmbedder.status(ticket, config) == EARMARK_REVOCATIONS_UNREADABLE)
            }
        }
    }

    /// The longest list is 16 MiB: what may lie beyond might have named the ticket.
    @Test func listsHaveALimit() throws {
        let line = Array(("#" + String(repeating: "-", count: 62) + "\n").utf8)
        var list = [UInt8]()
        list.reserveCapacity(16 << 20 + 1)
        while list.count < 16 << 20 { list += line }
        for (extra, status) in [([], EARMARK_OK), ([0x0A], EARMARK_REVOCATIONS_UNREADABLE)] as [([UInt8], _)] {
            try TestTickets.write(list + extra, to: folder.file("long.txt"))
            folder.file("long.txt").withCString {
                #expect(CEmbedder.status(ticket, CEmbedder.config(revocations: $0)) == status)
            }
        }
    }

    /// Texts for people: one for each status, none twice.
    @Test func everyStatusHasATextOfItsOwn() throws {
        let texts = try (UInt32(0)...9).map {
            String(cString: try #require(earmark_status_message(earmark_status(rawValue: $0))))
        }
        #expect(Set(texts).count == 10)
        #expect(texts[0] == "no error" && texts[9] == "unknown status")
        for (number, word) in [
            (1, "argument"), (2, "192,000 Hz"), (3, "cannot be read"), (4, "damaged"), (5, "not valid yet"),
            (6, "no longer valid"), (7, "revoked"), (8, "revocation list"),
        ] { #expect(texts[number].contains(word), "\(texts[number])") }
        #expect(earmark_status_message(earmark_status(rawValue: .max)).map { String(cString: $0) } == texts[9])
        #expect(EARMARK_REVOCATIONS_UNREADABLE.rawValue == 8 && EARMARK_ROBUST.rawValue == 2)
    }
}
