import EarmarkMark
import EarmarkTestSupport
import Testing

private let sound: [Float] = {
    var noise = NoiseSource(seed: 92)
    return noise.white(1_600, deviation: 0.1)
}()

extension PluginTests {
    /// docs/live.md, "Plugins" and "Unmarked audio is visible": which ticket marks, and what happens without one.
    @Suite struct PluginTicketTests {
        private let place: PluginPlace

        init() throws {
            place = try PluginPlace.shared.get()
            place.set()
        }

        private func expected(client: Int) throws -> [Float] {
            try Marking.mark(sound, seeds: TestKeys.mark(client: client), at: 100)
        }

        /// A plugin that cannot mark passes audio on and says why.
        private func expectUnmarked(_ host: PluginHost, _ status: Float) {
            host.activate()
            #expect(host[.marking] == 0 && host[.status] == status)
            #expect(host.run([sound])[0] == sound)
            #expect(host[.marking] == 0 && host[.status] == status && host[.marked] == 0)
        }

        @Test(arguments: PluginHost.Kind.allCases)
        func withoutAUsableTicketAudioPassesUnchanged(kind: PluginHost.Kind) throws {
            for (ticket, time, status) in [
                (nil, 100, 3), ("none.ticket", 100, 3), ("first.txt", 100, 4), ("damaged.ticket", 100, 4),
                ("1.ticket", -900.5, 5), ("1.ticket", 86_401, 6),
            ] as [(String?, Float, Float)] {
                place.set(ticket: ticket)
                let host = try PluginHost(kind)
                host[.time] = time
                expectUnmarked(host, status)
            }
            place.set(ticket: "old.ticket")
            let byClock = try PluginHost(kind)
            byClock[.clock] = 1
            expectUnmarked(byClock, 6)
            place.set()
            for rate in [7_999.0, 192_001] { expectUnmarked(try PluginHost(kind, rate: rate), 2) }
        }

        /// docs/file-formats.md, "Revocation lists": a ticket on the list does not mark, nor does any with a list that
        /// cannot be read.
        @Test(arguments: PluginHost.Kind.allCases)
        func revokedTicketsDoNotMark(kind: PluginHost.Kind) throws {
            for (list, status) in [("first.txt", 7), ("none.txt", 8), ("damaged.txt", 8)] as [(String, Float)] {
                place.set(revocations: list)
                expectUnmarked(try PluginHost(kind), status)
            }
            for (ticket, list) in [("2.ticket", "first.txt"), ("1.ticket", "nobody.txt")] {
                place.set(ticket: ticket, revocations: list)
                let host = try PluginHost(kind)
                host.activate()
                #expect(host.run([sound])[0] == (try expected(client: ticket == "2.ticket" ? 2 : 1)))
                #expect(host[.marking] == 1)
            }
        }

        /// A ticket that comes later marks from the next activation on.
        @Test(arguments: PluginHost.Kind.allCases)
        func activationReadsTheTicketAnew(kind: PluginHost.Kind) throws {
            place.set(ticket: nil)
            let host = try PluginHost(kind)
            expectUnmarked(host, 3)
            place.set(ticket: "2.ticket")
            host.activate()
            #expect(host[.marking] == 1 && host[.status] == 0)
            #expect(host.run([sound])[0] == (try expected(client: 2)))
            place.set(ticket: nil)
            expectUnmarked(host, 3)
        }

        /// Slot N is $EARMARK_TICKET_DIR/N.ticket, slot 0 $EARMARK_TICKET; 9,999 is the highest.
        @Test func slotsNameTickets() throws {
            place.set(ticket: "9998.ticket")
            for (slot, client) in [
                (0, 8), (-1, 8), (.nan, 8), (0.9, 8), (1, 1), (1.9, 1), (2, 2), (2.9, 2), (3, 3), (9_999, 9),
                (10_000, 9), (1e9, 9),
            ] as [(Float, Int)] {
                let host = try PluginHost(.ladspa)
                host[.slot] = slot
                host.activate()
                #expect(host.run([sound])[0] == (try expected(client: client)), "\(slot)")
            }
            place.set(ticket: "3.ticket")
            for (slot, client) in [(0, 3), (9_998, 8)] as [(Float, Int)] {
                let host = try PluginHost(.ladspa)
                host[.slot] = slot
                host.activate()
                #expect(host.run([sound])[0] == (try expected(client: client)), "\(slot)")
            }
            let empty = try PluginHost(.ladspa)
            empty[.slot] = 77
            expectUnmarked(empty, 3)
            place.set(slots: false)
            let nowhere = try PluginHost(.ladspa)
            nowhere[.slot] = 2
            expectUnmarked(nowhere, 3)
        }
    }
}
