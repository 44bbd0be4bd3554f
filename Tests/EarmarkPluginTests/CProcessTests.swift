import CEarmark
import EarmarkC
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

/// CEarmark/earmark.h: what the functions do to samples and report of them.
@Suite struct CProcessTests {
    /// Two channels that are different, and full of zeros for a while.
    private static let planes: [[Float]] = {
        var noise = NoiseSource(seed: 94)
        return (0..<2).map { channel in
            var samples = noise.white(9_000, deviation: 0.1).map { ($0 * 32_768).rounded() / 32_768 }
            for index in 3_000 + 500 * channel..<4_500 { samples[index] = 0 }
            return samples
        }
    }()
    private static let interleaved = planes[0].indices.flatMap { [planes[0][$0], planes[1][$0]] }

    private static func expected(_ strength: Strength = .standard, at seconds: Double = 100) throws -> [Float] {
        try Marking.mark(
            interleaved, seeds: TestKeys.mark(client: 1), rate: 48_000, channels: 2, strength: strength, at: seconds)
    }
    private static func embedder(_ strength: earmark_strength = EARMARK_STANDARD) throws -> CEmbedder {
        try CEmbedder(CEmbedder.config(rate: 48_000, channels: 2, strength: strength))
    }

    /// Cuts 9,000 frames into blocks, with an empty one in front of each.
    private static func cuts(_ size: Int) -> [Range<Int>] {
        stride(from: 0, to: 9_000, by: size).flatMap { [$0..<$0, $0..<min($0 + size, 9_000)] }
    }

    @Test(arguments: [1, 7, 255, 256, 257, 480, 4_096, 9_000])
    func floatsAreMarkedAlikeInterleavedAndInPlanes(size: Int) throws {
        let one = try CProcessTests.embedder()
        let two = try CProcessTests.embedder()
        var samples = CProcessTests.interleaved
        var left = CProcessTests.planes[0]
        var right = CProcessTests.planes[1]
        for cut in CProcessTests.cuts(size) {
            samples.withUnsafeMutableBufferPointer {
                let status = earmark_process_float(
                    one.pointer, $0.baseAddress.map { $0 + 2 * cut.lowerBound }, cut.count)
                #expect(status == EARMARK_OK)
            }
            left.withUnsafeMutableBufferPointer { left in
                right.withUnsafeMutableBufferPointer { right in
                    let planes = [left, right].map { $0.baseAddress.map { $0 + cut.lowerBound } }
                    #expect(earmark_process_float_planar(two.pointer, planes, cut.count) == EARMARK_OK)
                }
            }
        }
        let expected = try CProcessTests.expected()
        #expect(samples == expected)
        #expect(left.indices.flatMap { [left[$0], right[$0]] } == expected)
    }

    /// x + round(mark + triangular dither), in the order of interleaved samples however they lie.
    @Test(arguments: [1, 7, 256, 300, 9_000])
    func wordsAreMarkedAlikeInterleavedAndInPlanes(size: Int) throws {
        func words(_ samples: [Float]) -> [Int16] { samples.map { Int16($0 * 32_768) } }
        let one = try CProcessTests.embedder()
        let two = try CProcessTests.embedder()
        var samples = words(CProcessTests.interleaved)
        var left = words(CProcessTests.planes[0])
        var right = words(CProcessTests.planes[1])
        for cut in CProcessTests.cuts(size) {
            samples.withUnsafeMutableBufferPointer {
                let status = earmark_process_s16(one.pointer, $0.baseAddress.map { $0 + 2 * cut.lowerBound }, cut.count)
                #expect(status == EARMARK_OK)
            }
            left.withUnsafeMutableBufferPointer { left in
                right.withUnsafeMutableBufferPointer { right in
                    let planes = [left, right].map { $0.baseAddress.map { $0 + cut.lowerBound } }
                    #expect(earmark_process_s16_planar(two.pointer, planes, cut.count) == EARMARK_OK)
                }
            }
        }
        #expect(left.indices.flatMap { [left[$0], right[$0]] } == samples)
        let expected = try CProcessTests.expected()
        let errors = zip(samples, expected).map { Double($0) - 32_768 * Double($1) }
        #expect(errors.allSatisfy { abs($0) < 1.51 })
        // Of triangular dither and rounding: a quarter of a step squared; where there is no mark, nothing.
        let dithered = errors.filter { $0 != 0 }
        let power = dithered.reduce(0) { $0 + $1 * $1 } / Double(dithered.count)
        #expect(abs(power - 0.25) < 0.02)
        #expect(samples[2 * 3_501..<2 * 4_500].allSatisfy { $0 == 0 })
    }

    @Test func strengthsAndTimesReachTheMark() throws {
        for (strength, name) in [
            (EARMARK_STANDARD, Strength.standard), (EARMARK_TRANSPARENT, .transparent), (EARMARK_ROBUST, .robust),
        ] {
            let embedder = try CProcessTests.embedder(strength)
            #expect(earmark_get_strength(embedder.pointer) == strength)
            var samples = CProcessTests.interleaved
            #expect(earmark_process_float(embedder.pointer, &samples, 9_000) == EARMARK_OK)
            #expect(samples == (try CProcessTests.expected(name)))
        }
        for (time, isClock) in [(7.25, false), (1_234.5, true)] {
            let embedder = try CProcessTests.embedder()
            let status =
                isClock
                ? earmark_set_clock(embedder.pointer, Double(TestTickets.start) + time)
                : earmark_set_time(embedder.pointer, time)
            #expect(status == EARMARK_OK)
            #expect(earmark_get_time(embedder.pointer) == time)
            var samples = CProcessTests.interleaved
            _ = earmark_process_float(embedder.pointer, &samples, 9_000)
            #expect(samples == (try CProcessTests.expected(at: time)))
            #expect(abs(earmark_get_time(embedder.pointer) - time - 9_000.0 / 48_000) < 1e-9)
        }
    }

    /// A time at which the ticket is not valid changes nothing.
    @Test func refusedTimesChangeNothing() throws {
        let embedder = try CProcessTests.embedder()
        let start = Double(TestTickets.start)
        #expect(earmark_set_time(embedder.pointer, -901) == EARMARK_TICKET_NOT_YET_VALID)
        #expect(earmark_set_time(embedder.pointer, 86_401) == EARMARK_TICKET_EXPIRED)
        #expect(earmark_set_time(embedder.pointer, .nan) == EARMARK_INVALID_ARGUMENT)
        #expect(earmark_set_clock(embedder.pointer, start - 901) == EARMARK_TICKET_NOT_YET_VALID)
        #expect(earmark_set_clock(embedder.pointer, start + 86_401) == EARMARK_TICKET_EXPIRED)
        #expect(earmark_get_time(embedder.pointer) == 100)
        #expect(earmark_set_time(embedder.pointer, -900) == EARMARK_OK)
        #expect(earmark_set_clock(embedder.pointer, start + 86_400.5) == EARMARK_OK)
        // A stream that runs past its ticket's end keeps its mark.
        var samples = CProcessTests.interleaved
        for _ in 0..<4 {
            samples = CProcessTests.interleaved
            _ = earmark_process_float(embedder.pointer, &samples, 9_000)
        }
        #expect(earmark_get_time(embedder.pointer) > 86_401)
        #expect(samples != CProcessTests.interleaved)
    }

    /// EARMARK_WALL_CLOCK: the meeting's time follows from the system's clock.
    @Test func theClockDecidesWhereNoTimeIsGiven() throws {
        let before = Date().timeIntervalSince1970 - Double(TestTickets.start)
        let embedder = try CEmbedder(CEmbedder.config(time: -1e300))
        let after = Date().timeIntervalSince1970 - Double(TestTickets.start)
        let time = earmark_get_time(embedder.pointer)
        #expect(time > before - 0.01 && time < after + 0.01)
    }

    @Test func framesAndSecondsAreCounted() throws {
        let embedder = try CEmbedder()
        var noise = NoiseSource(seed: 95)
        var samples = noise.white(8_000, deviation: 0.1) + [Float](repeating: 0, count: 4_000)
        #expect(earmark_process_float(embedder.pointer, &samples, 12_000) == EARMARK_OK)
        var counters = earmark_counters()
        #expect(earmark_get_counters(embedder.pointer, &counters) == EARMARK_OK)
        // In the first frame the bands of a pair cancel; the zero right after the sound still rings.
        #expect(counters.frames == 12_000 && counters.frames_marked == 8_000 && counters.frames_silent == 3_999)
        #expect(counters.seconds == 0.75 && counters.seconds_marked == 0.5)
        #expect(earmark_get_latency(embedder.pointer) == 0)
    }

    @Test func theTicketSaysWhatItIsFor() throws {
        let embedder = try CEmbedder(client: 2)
        var info = earmark_ticket_info()
        withUnsafeMutableBytes(of: &info) { for index in $0.indices { $0[index] = 0x55 } }
        #expect(earmark_get_ticket_info(embedder.pointer, &info) == EARMARK_OK)
        func text(_ field: some Any) -> [UInt8] { withUnsafeBytes(of: field) { Array($0) } }
        for (field, value) in [(text(info.meeting), "m_board"), (text(info.client), "c_client-2")] {
            #expect(field == Array(value.utf8) + [UInt8](repeating: 0, count: 65 - value.utf8.count))
        }
        #expect(info.meeting_start == TestTickets.start)
        #expect(info.not_before == TestTickets.start - 900 && info.not_after == TestTickets.start + 86_400)
    }

    /// Identifiers have up to 64 characters, and a zero behind them.
    @Test(arguments: [1, 63, 64])
    func identifiersAreToldWhole(count: Int) throws {
        let (meeting, client) = (String(repeating: "m", count: count - 1) + "M", String(repeating: "c", count: count))
        let ticket = try Ticket(
            id: .init(repeating: 7, count: 16), meetingID: meeting, clientID: client, meetingStart: 0, notBefore: 0,
            notAfter: 1_000, seeds: TestKeys.mark(client: 1)
        ).serialized()
        var config = CEmbedder.config()
        var made: OpaquePointer?
        #expect(earmark_create(&made, ticket, ticket.count, &config) == EARMARK_OK)
        defer { earmark_destroy(made) }
        var info = earmark_ticket_info()
        withUnsafeMutableBytes(of: &info) { for index in $0.indices { $0[index] = 0x55 } }
        #expect(earmark_get_ticket_info(made, &info) == EARMARK_OK)
        func text(_ field: some Any) -> [UInt8] { withUnsafeBytes(of: field) { Array($0) } }
        for (field, value) in [(text(info.meeting), meeting), (text(info.client), client)] {
            #expect(field == Array(value.utf8) + [UInt8](repeating: 0, count: 65 - count))
        }
    }

    /// `role`: what a microphone sends gets the tag, which is another mark.
    @Test func rolesReachTheMark() throws {
        for (role, name) in [(EARMARK_PLAYOUT, MarkRole.playout), (EARMARK_MICROPHONE, .microphone)] {
            let embedder = try CEmbedder(CEmbedder.config(rate: 48_000, channels: 2, role: role))
            var samples = CProcessTests.interleaved
            #expect(earmark_process_float(embedder.pointer, &samples, 9_000) == EARMARK_OK)
            let wanted = try Marking.mark(
                CProcessTests.interleaved, seeds: TestKeys.mark(client: 1), rate: 48_000, channels: 2, role: name,
                at: 100)
            #expect(samples == wanted)
        }
        var unknown = CEmbedder.config()
        unknown.role = earmark_role(rawValue: 2)
        let ticket = try TestTickets.ticket(client: 1).serialized()
        #expect(CEmbedder.status(ticket, unknown) == EARMARK_INVALID_ARGUMENT)
    }

    @Test func nullPointersAndAbsurdCountsAreRefused() throws {
        let embedder = try CProcessTests.embedder()
        var float: Float = 0.5
        var word: Int16 = 77
        var counters = earmark_counters()
        var info = earmark_ticket_info()
        let refused = EARMARK_INVALID_ARGUMENT
        withUnsafeMutablePointer(to: &float) { float in
            withUnsafeMutablePointer(to: &word) { word in
                for (pointer, count, status) in [
                    (nil, 1, refused), (nil, 0, refused), (embedder.pointer, -1, refused),
                    (embedder.pointer, Int.max / 64 + 1, refused), (embedder.pointer, 0, EARMARK_OK),
                ] {
                    #expect(earmark_process_float(pointer, float, count) == status)
                    #expect(earmark_process_s16(pointer, word, count) == status)
                    #expect(earmark_process_float_planar(pointer, [float, float], count) == status)
                    #expect(earmark_process_s16_planar(pointer, [word, word], count) == status)
                }
                for planes in [[nil, float], [float, nil]] {
                    #expect(earmark_process_float_planar(embedder.pointer, planes, 1) == refused)
                }
                for planes in [[nil, word], [word, nil]] {
                    #expect(earmark_process_s16_planar(embedder.pointer, planes, 1) == refused)
                }
            }
        }
        #expect(earmark_process_float(embedder.pointer, nil, 1) == refused)
        #expect(earmark_process_s16(embedder.pointer, nil, 1) == refused)
        #expect(earmark_process_float_planar(embedder.pointer, nil, 1) == refused)
        #expect(earmark_process_s16_planar(embedder.pointer, nil, 1) == refused)
        #expect(float == 0.5 && word == 77)
        #expect(earmark_get_counters(nil, &counters) == refused)
        #expect(earmark_get_counters(embedder.pointer, nil) == refused)
        #expect(earmark_get_ticket_info(nil, &info) == refused)
        #expect(earmark_get_ticket_info(embedder.pointer, nil) == refused)
        #expect(earmark_set_time(nil, 1) == refused && earmark_set_clock(nil, 1) == refused)
        #expect(earmark_get_time(nil) == 0 && earmark_get_latency(nil) == 0)
        #expect(earmark_get_strength(nil) == EARMARK_STANDARD)
        _ = earmark_get_counters(embedder.pointer, &counters)
        #expect(counters.frames == 0)
    }

    @Test func theLibrarySaysItsVersion() throws {
        let version = String(cString: try #require(earmark_version()))
        #expect(version.wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
    }
}
