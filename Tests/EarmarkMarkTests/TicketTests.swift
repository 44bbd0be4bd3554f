import Testing

@testable import EarmarkMark

@Suite struct TicketTests {
    private func seed(_ byte: UInt8) throws -> Seed {
        try #require(Seed(bytes: [UInt8](repeating: byte, count: Seed.byteCount)))
    }

    private func ticket(
        id: [UInt8] = [UInt8](0..<16), meeting: String = "m_abc", client: String = "c_xyz",
        start: Int64 = 1_700_000_000,
        notBefore: Int64 = 1_700_000_000, notAfter: Int64 = 1_700_086_400
    ) throws -> Ticket {
        try Ticket(
            id: id, meetingID: meeting, clientID: client, meetingStart: start, notBefore: notBefore,
            notAfter: notAfter,
            seeds: MarkSeeds(
                shared: SharedSeeds(pilot: try seed(1), timeline: try seed(2)), identity: try seed(3),
                tag: try seed(4)))
    }

    @Test func ticketsRoundTrip() throws {
        let extremes = try ticket(
            meeting: String(repeating: "M", count: 64), client: "-", start: .min, notBefore: .min, notAfter: .max)
        for ticket in [try ticket(), extremes] {
            #expect(try Ticket(parsing: ticket.serialized()) == ticket)
        }
        let largest = try ticket(
            meeting: String(repeating: "m", count: 64), client: String(repeating: "c", count: 64))
        #expect(largest.serialized().count == Ticket.maximumByteCount)
    }

    /// Written out by hand from the specification.
    @Test func layoutIsTheSpecifiedOne() throws {
        var expected: [UInt8] = [0x8F, 0x45, 0x4D, 0x54, 0x0D, 0x0A, 0x1A, 0x0A, 0, 3, 0, 0, 0, 2]
        expected += [UInt8](0..<16)
        expected += [0, 0, 0, 0, 0x65, 0x53, 0xF1, 0x00, 0, 0, 0, 0, 0x65, 0x53, 0xF1, 0x00]
        expected += [0, 0, 0, 0, 0x65, 0x55, 0x42, 0x80]
        expected += [5] + Array("m_abc".utf8) + [5] + Array("c_xyz".utf8)
        for byte: UInt8 in 1...4 { expected += [UInt8](repeating: byte, count: 32) }
        let bytes = try ticket().serialized()
        #expect(Array(bytes.dropLast(4)) == expected)
        let checksum = TicketChecksum.crc32(expected[...])
        #expect(Array(bytes.suffix(4)) == [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> UInt32($0)) })
    }

    /// The check value of CRC-32 in every catalogue of checksums.
    @Test func checksumIsCRC32() {
        #expect(TicketChecksum.crc32(Array("123456789".utf8)[...]) == 0xCBF4_3926)
    }

    @Test func everyTruncationIsRefused() throws {
        let bytes = try ticket().serialized()
        for count in 0..<bytes.count {
            let code: TicketError.Code = count == 0 ? .notATicket : .truncated
            #expect(throws: TicketError(code)) { try Ticket(parsing: Array(bytes.prefix(count))) }
        }
    }

    @Test func everyFlippedBitIsRefused() throws {
        let bytes = try ticket().serialized()
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: TicketError.self) { try Ticket(parsing: damaged) }
        }
    }

    @Test func trailingDataIsRefused() throws {
        let bytes = try ticket().serialized()
        #expect(throws: TicketError(.trailingData)) { try Ticket(parsing: bytes + [0]) }
        #expect(throws: TicketError(.trailingData)) { try Ticket(parsing: bytes + bytes) }
    }

    /// Faults with a checksum that fits, as a program with a defect would write them.
    @Test(arguments: [
        (9, 2, TicketError.Code.version), (9, 4, .version), (11, 1, .flags), (13, 1, .profile), (13, 3, .profile),
        (54, 0, .identifier), (54, 65, .identifier),
        (55, 0x20, .identifier), (55, 0x2F, .identifier), (55, 0xC3, .identifier), (46, 0x80, .validity),
    ]) func faultsAreNamed(offset: Int, value: UInt8, code: TicketError.Code) throws {
        var bytes = Array(try ticket().serialized().dropLast(4))
        bytes[offset] = value
        let checksum = TicketChecksum.crc32(bytes[...])
        bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> UInt32($0)) }
        #expect(throws: TicketError(code)) { try Ticket(parsing: bytes) }
    }

    /// A ticket of marks that this version does not find says of which.
    @Test func anotherProfileIsNamed() throws {
        var bytes = try ticket().serialized()
        bytes[13] = 1
        let error = #expect(throws: TicketError.self) { try Ticket(parsing: bytes) }
        #expect(error?.profile == 1)
        #expect(error?.message.contains("profile 1, and this version those of profile 2") == true)
    }

    @Test func otherFilesAreNoTickets() {
        #expect(throws: TicketError(.notATicket)) { try Ticket(parsing: Array("RIFF....WAVEfmt ".utf8)) }
        #expect(throws: TicketError(.notATicket)) { try Ticket(parsing: [UInt8](repeating: 0, count: 4096)) }
    }

    @Test func malformedPartsMakeNoTicket() throws {
        #expect(throws: TicketError(.identifier)) { try ticket(id: [1, 2, 3]) }
        #expect(throws: TicketError(.identifier)) { try ticket(meeting: "") }
        #expect(throws: TicketError(.identifier)) { try ticket(meeting: "../x") }
        #expect(throws: TicketError(.identifier)) { try ticket(client: String(repeating: "c", count: 65)) }
        #expect(throws: TicketError(.validity)) { try ticket(notBefore: 2, notAfter: 1) }
        #expect(try ticket(notBefore: 2, notAfter: 2).isValid(at: 2))
    }

    @Test func descriptionsHideSeeds() throws {
        let ticket = try ticket()
        #expect("\(ticket)" == "Ticket(meeting: m_abc, client: c_xyz, seeds: redacted)")
        #expect(!"\(ticket.seeds)".contains("1, 1"))
    }
}
