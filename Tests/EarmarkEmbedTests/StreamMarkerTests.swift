import EarmarkEmbed
import EarmarkLive
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

/// Byte streams in, marked byte streams out.
@Suite struct StreamMarkerTests {
    @Test(arguments: RawFormat.allCases)
    func everyFormatCarriesTheMarkAndNothingElse(format: RawFormat) throws {
        let host = SpeechLike.samples(seconds: 1, seed: 81)
        let input = host.flatMap { StreamMarkerTests.encode(Double($0), format) }
        // Cut anywhere between frames.
        var marker = try StreamMarkerTests.marker(format)
        var output: [UInt8] = []
        var noise = NoiseSource(seed: 82)
        var rest = input[...]
        while !rest.isEmpty {
            let count = min(rest.count, noise.integer(in: 1...700) * marker.frameBytes)
            var block = Array(rest.prefix(count))
            block.withUnsafeMutableBufferPointer { marker.mark($0) }
            output += block
            rest = rest.dropFirst(count)
        }
        #expect(output.count == input.count)
        let before = StreamMarkerTests.decode(input, format)
        let after = StreamMarkerTests.decode(output, format)
        let expected = try Marking.mark(before.map(Float.init), seeds: TestKeys.mark(client: 1), at: 77)
        let step =
            format == .u8 || format == .s8 ? 1.0 / 128 : format == .s16le || format == .s16be ? 1.0 / 32_768 : 1e-6
        for index in before.indices {
            // Dither of one step, rounding of a half; 32 bits are rounded as floats.
            #expect(abs(after[index] - Double(expected[index])) <= 1.6 * step)
        }
        #expect(output != input)
    }

    @Test func aFrameThatIsNotWholeIsLeftAlone() throws {
        var marker = try StreamMarkerTests.marker(.s16le)
        var bytes: [UInt8] = [0x00, 0x40, 0x00, 0x40, 0x77]
        bytes.withUnsafeMutableBufferPointer { marker.mark($0) }
        #expect(bytes.last == 0x77)
        #expect(marker.embedder.counters.frames == 2)
    }

    @Test func notANumberKeepsItsBits() throws {
        var marker = try StreamMarkerTests.marker(.f32le)
        let odd: [UInt32] = [0x7fc1_2345, 0xff80_0000, 0x7f80_0000, 0x0000_0001, 0x8000_0000]
        var bytes = odd.flatMap { bits in (0..<4).map { UInt8(truncatingIfNeeded: bits >> UInt32(8 * $0)) } }
        let before = bytes
        bytes.withUnsafeMutableBufferPointer { marker.mark($0) }
        #expect(bytes == before)
    }

    @Test(arguments: [
        (1, 16, 4, RawFormat.s16le), (1, 24, 6, .s24le), (3, 32, 8, .f32le), (3, 64, 16, .f64le), (1, 8, 2, .u8),
    ])
    func headersAreRead(code: Int, bits: Int, align: Int, format: RawFormat) {
        for (size, known) in [(1_000, 1_000), (0, nil), (0xFFFF_FFFF, nil)] as [(Int, Int?)] {
            let header = StreamMarkerTests.header(code: code, bits: bits, align: align, size: size)
            guard case .header(let found) = WAVHeader.parse(header + [1, 2, 3]) else {
                Issue.record("no header found")
                return
            }
            #expect(found.format == format)
            #expect(found.sampleRate == 48_000)
            #expect(found.channels == 2)
            #expect(found.byteCount == header.count)
            #expect(found.dataBytes == known)
            for count in 0..<header.count { #expect(WAVHeader.parse(Array(header[..<count])) == .incomplete) }
        }
    }

    @Test func otherStreamsAreNoWAV() {
        func isRefused(_ bytes: [UInt8]) -> Bool {
            if case .unsupported(let reason) = WAVHeader.parse(bytes) { !reason.isEmpty } else { false }
        }
        #expect(isRefused(Array("ID3\u{4}rather something else".utf8)))
        #expect(isRefused(StreamMarkerTests.header(code: 85, bits: 16, align: 4, size: 10)))
        #expect(isRefused(StreamMarkerTests.header(code: 1, bits: 12, align: 4, size: 10)))
        let endless = Array("RIFF\u{0}\u{0}\u{0}\u{0}WAVEjunk".utf8) + [0xFF, 0xFF, 0xFF, 0x7F]
        #expect(WAVHeader.parse(endless) == .incomplete)
        #expect(isRefused(endless + [UInt8](repeating: 0, count: WAVHeader.longest)))
    }

    private static func marker(_ format: RawFormat) throws -> StreamMarker {
        StreamMarker(
            format: format, embedder: try LiveTests.embedder(rate: 16_000, channels: 1, position: .meeting(77)))
    }

    private static func header(code: Int, bits: Int, align: Int, size: Int) -> [UInt8] {
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        var bytes = Array("RIFF".utf8) + number(0xFFFF_FFFF, 4) + Array("WAVE".utf8)
        // An odd chunk in front, which is padded.
        bytes += Array("LIST".utf8) + number(3, 4) + [1, 2, 3, 0]
        bytes += Array("fmt ".utf8) + number(16, 4) + number(code, 2) + number(2, 2) + number(48_000, 4)
        bytes += number(48_000 * align, 4) + number(align, 2) + number(bits, 2)
        return bytes + Array("data".utf8) + number(size, 4)
    }

    /// Independent of the code under test: by Foundation's numbers.
    private static func encode(_ value: Double, _ format: RawFormat) -> [UInt8] {
        let name = format.rawValue
        let isBig = name.hasSuffix("be")
        func bytes(_ bits: UInt64, _ count: Int) -> [UInt8] {
            let little = (0..<count).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
            return isBig ? little.reversed() : little
        }
        if name.hasPrefix("f32") { return bytes(UInt64(Float(value).bitPattern), 4) }
        if name.hasPrefix("f64") { return bytes(value.bitPattern, 8) }
        let size = format.byteCount
        let scaled = Int64((value * Double(Int64(1) << Int64(8 * size - 1))).rounded())
        return bytes(UInt64(bitPattern: format == .u8 ? scaled + 128 : scaled), size)
    }

    private static func decode(_ bytes: [UInt8], _ format: RawFormat) -> [Double] {
        let size = format.byteCount
        let isBig = format.rawValue.hasSuffix("be")
        return stride(from: 0, to: bytes.count, by: size).map { start in
            let ordered = isBig ? Array(bytes[start..<start + size].reversed()) : Array(bytes[start..<start + size])
            let bits = ordered.enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
            if format.rawValue.hasPrefix("f32") { return Double(Float(bitPattern: UInt32(bits))) }
            if format.rawValue.hasPrefix("f64") { return Double(bitPattern: bits) }
            if format == .u8 { return (Double(bits) - 128) / 128 }
            let shift = UInt64(64 - 8 * size)
            return Double(Int64(bitPattern: bits << shift) >> Int64(shift)) / Double(Int64(1) << Int64(8 * size - 1))
        }
    }
}

/// Tickets, times and lists of the live embedder.
@Suite struct LiveTests {
    /// A ticket of 2026-03-02T09:00:00Z, valid for a day.
    static func ticket() throws -> Ticket {
        try Ticket(
            id: .init(0..<16), meetingID: "m_test", clientID: "c_test", meetingStart: 1_772_442_000,
            notBefore: 1_772_442_000, notAfter: 1_772_442_000 + 86_400, seeds: TestKeys.mark(client: 1))
    }

    static func embedder(
        rate: Double = 48_000, channels: Int = 1, position: LiveEmbedder.Position = .meeting(0),
        revocations: RevocationList? = nil
    ) throws(LiveError) -> LiveEmbedder {
        guard let ticket = try? ticket() else { throw .ticketInvalid }
        return try LiveEmbedder(
            ticket: ticket, parameters: .init(sampleRate: rate, channels: channels), position: position,
            revocations: revocations)
    }

    @Test func aTicketIsJudgedByTheTimeThatIsGiven() throws {
        let start = 1_772_442_000.0
        for position in [LiveEmbedder.Position.meeting(0), .meeting(86_400.9), .clock(start), .clock(start + 86_400)] {
            _ = try LiveTests.embedder(position: position)
        }
        for (position, reason) in [
            (.meeting(-0.1), .ticketNotYetValid), (.meeting(86_401), .ticketExpired),
            (.clock(start - 1), .ticketNotYetValid),
            (.clock(start + 86_401), .ticketExpired), (.meeting(.nan), .invalidArgument),
            (.meeting(1e300), .invalidArgument),
        ] as [(LiveEmbedder.Position, LiveError)] {
            let error = #expect(throws: LiveError.self) { _ = try LiveTests.embedder(position: position) }
            #expect(error == reason, "\(position)")
        }
    }

    @Test func aRefusedTimeChangesNothing() throws {
        var embedder = try LiveTests.embedder(position: .meeting(100))
        #expect(throws: LiveError.self) { try embedder.setPosition(.meeting(1e6)) }
        #expect(embedder.time == 100)
        try embedder.setPosition(.clock(1_772_442_000 + 7.5))
        #expect(embedder.time == 7.5)
    }

    @Test func listsNameTickets() throws {
        let ticket = try LiveTests.ticket()
        // Base32 of the bytes 0...15, by RFC 4648.
        let name = "t_aaaqeayeaudaocajbifqydiob4"
        for text in ["\(name)", "# revoked\n\n\(name)\r\n", "t_aaaa\n  \(name) \t\n"] {
            #expect(try RevocationList(parsing: Array(text.utf8)).contains(ticket))
        }
        for text in ["", "# \(name)", "t_aaaqeayeaudaocajbifqydiob5"] {
            #expect(try !RevocationList(parsing: Array(text.utf8)).contains(ticket))
        }
        for text in ["nonsense", "t_", "t_AAAA", "\(name) \(name)", "\u{0}"] {
            #expect(throws: LiveError.revocationsUnreadable) { _ = try RevocationList(parsing: Array(text.utf8)) }
        }
        let list = try RevocationList(parsing: Array(name.utf8))
        let error = #expect(throws: LiveError.self) { _ = try LiveTests.embedder(revocations: list) }
        #expect(error == .ticketRevoked)
    }
}
