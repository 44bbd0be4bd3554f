import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

private let sound: [Float] = {
    var noise = NoiseSource(seed: 91)
    return noise.white(3_200, deviation: 0.1)
}()

extension PluginTests {
    /// docs/live.md, "Plugins": what each control does, through both interfaces.
    @Suite struct PluginControlTests {
        private let place: PluginPlace

        init() throws {
            place = try PluginPlace.shared.get()
            place.set()
        }

        private func expected(
            client: Int = 1, strength: Strength = .standard, at seconds: Double = 100
        ) throws -> [Float] {
            try Marking.mark(sound, seeds: TestKeys.mark(client: client), strength: strength, at: seconds)
        }

        private func run(_ host: PluginHost) -> [Float] {
            host.activate()
            return host.run([sound])[0]
        }

        /// 0 standard, 1 transparent, 2 robust; what lies between counts as the nearer one.
        @Test(arguments: PluginHost.Kind.allCases)
        func strengthIsReadAtActivation(kind: PluginHost.Kind) throws {
            for (value, strength) in [
                (0, .standard), (0.49, .standard), (0.5, .transparent), (1, .transparent), (1.49, .transparent),
                (1.5, .robust), (2, .robust), (3, .robust), (-1, .standard), (.nan, .standard),
            ] as [(Float, Strength)] {
                let host = try PluginHost(kind)
                host[.strength] = value
                #expect(run(host) == (try expected(strength: strength)), "\(value)")
                #expect(host[.marking] == 1 && host[.status] == 0)
            }
        }

        /// The meeting time counts where the clock's control is off.
        @Test(arguments: PluginHost.Kind.allCases)
        func timeIsTheControlsWhereTheClockIsOff(kind: PluginHost.Kind) throws {
            for (time, clock) in [(100, 0), (-899.5, 0.5), (-0.25, 0), (86_400, -1)] as [(Float, Float)] {
                let host = try PluginHost(kind)
                host[.time] = time
                host[.clock] = clock
                #expect(run(host) == (try expected(at: Double(time))), "\(time)")
            }
        }

        /// By the clock the mark shows the second that it is, so it agrees with a mark made for that second.
        @Test(arguments: PluginHost.Kind.allCases)
        func timeIsTheClocksWhereItIsOn(kind: PluginHost.Kind) throws {
            for value in [1, 0.51, nil] as [Float?] {
                let host = try PluginHost(kind, connects: value != nil)
                host[.time] = 5_000
                if let value { host[.clock] = value }
                let output = run(host)
                let now = Date().timeIntervalSince1970 - Double(TestTickets.start)
                // Activation was up to a tenth of a second ago.
                let near = try stride(from: 0, through: 0.1, by: 0.004).map { try agreement(output, now - $0) }
                #expect((near.max() ?? 0) > 15, "\(near)")
                #expect(try agreement(output, 5_000) < 6)
            }
        }

        private func agreement(_ output: [Float], _ seconds: Double) throws -> Double {
            let mark = zip(output, sound).map { Double($0 - $1) }
            let reference = zip(try expected(at: seconds), sound).map { Double($0 - $1) }
            return Decibels.signalToNoise(mark, reference: reference)
        }

        /// Meeting time also counts when it moves; a time at which the ticket is not valid only shows in the status.
        @Test(arguments: PluginHost.Kind.allCases)
        func aTimeThatMovesIsANewPosition(kind: PluginHost.Kind) throws {
            let host = try PluginHost(kind)
            host.activate()
            guard
                var embedder = Embedder(
                    seeds: TestKeys.mark(client: 1), parameters: .init(sampleRate: 16_000, channels: 1))
            else { throw Marking.Refused() }
            embedder.setTime(100)
            for (time, status, moves) in [
                (100, 0, false), (5_000, 0, true), (5_000, 0, false), (86_401, 6, false), (86_401, 6, false),
                (-901, 5, false), (7.5, 0, true), (100, 0, true),
            ] as [(Float, Float, Bool)] {
                host[.time] = time
                if moves { embedder.setTime(Double(time)) }
                var wanted = sound
                wanted.withUnsafeMutableBufferPointer { embedder.process(interleaved: $0, frames: $0.count) }
                #expect(host.run([sound])[0] == wanted, "\(time)")
                #expect(host[.status] == status && host[.marking] == 1, "\(time)")
            }
        }

        @Test(arguments: PluginHost.Kind.allCases)
        func aTimeThatMovesMeansNothingByTheClock(kind: PluginHost.Kind) throws {
            let host = try PluginHost(kind)
            host[.clock] = 1
            host.activate()
            host[.time] = 86_500
            _ = host.run([sound])
            #expect(host[.status] == 0 && host[.marking] == 1)
        }

        /// Every frame of sound is marked but the first, in which the bands of a pair cancel, and the first of the
        /// silence after it.
        @Test(arguments: PluginHost.Kind.allCases)
        func markedSecondsAreCounted(kind: PluginHost.Kind) throws {
            let host = try PluginHost(kind)
            host.activate()
            #expect(host[.marked] == 0 && host[.marking] == 1)
            for _ in 0..<5 { _ = host.run([sound]) }
            #expect(host[.marked] == Float(15_999.0 / 16_000))
            _ = host.run([[Float](repeating: 0, count: 1_600)])
            #expect(host[.marked] == 1)
            // Activated again it begins anew.
            host.activate()
            #expect(host[.marked] == 0)
            #expect(kind == .ladspa || host[.latency] == 0)
        }

        /// In place or not, in blocks of any size, one channel or two: the same bits.
        @Test(arguments: PluginHost.Kind.allCases)
        func blocksAndBuffersChangeNothing(kind: PluginHost.Kind) throws {
            let wanted = try expected()
            for (block, inPlace) in [(1, false), (7, true), (64, false), (1_023, true), (4_096, true)] {
                let mono = try PluginHost(kind)
                mono.activate()
                #expect(mono.run([sound], block: block, inPlace: inPlace)[0] == wanted)
            }
            let other = sound.map { -0.5 * $0 }
            let interleaved = zip(sound, other).flatMap { [$0, $1] }
            let both = try Marking.mark(interleaved, seeds: TestKeys.mark(client: 1), channels: 2, at: 100)
            let stereo = try PluginHost(kind, channels: 2)
            stereo.activate()
            let output = stereo.run([sound, other])
            #expect(zip(output[0], output[1]).flatMap { [$0, $1] } == both)
        }

        /// docs/live.md, "Microphones": plugins of their own put the tag on what a microphone sends, another mark than
        /// that of what is played.
        @Test(arguments: PluginHost.Kind.allCases, [1, 2])
        func microphonesGetTheirTag(kind: PluginHost.Kind, channels: Int) throws {
            let planes = (0..<channels).map { channel in sound.map { channel == 0 ? $0 : -0.5 * $0 } }
            let interleaved = sound.indices.flatMap { frame in planes.map { $0[frame] } }
            for role in MarkRole.allCases {
                let wanted = try Marking.mark(
                    interleaved, seeds: TestKeys.mark(client: 1), channels: channels, role: role, at: 100)
                for isMicrophone in [false, true] {
                    let host = try PluginHost(kind, channels: channels, isMicrophone: isMicrophone)
                    host.activate()
                    let output = host.run(planes)
                    let found = sound.indices.flatMap { frame in output.map { $0[frame] } }
                    #expect((found == wanted) == ((role == .microphone) == isMicrophone), "\(role) \(isMicrophone)")
                }
            }
        }

        /// A host that forgets to activate, or connects late, gets its mark from LADSPA's plugin all the same.
        @Test func ladspaActivatesItself() throws {
            let host = try PluginHost(.ladspa)
            #expect(host.run([sound])[0] == (try expected()))
            #expect(host[.marking] == 1)
        }

        /// An audio port that leads nowhere is no reason to crash, nor is a port that does not exist.
        @Test(arguments: PluginHost.Kind.allCases)
        func whatIsNotConnectedIsLeftAlone(kind: PluginHost.Kind) throws {
            let host = try PluginHost(kind, connects: false)
            host.activate()
            _ = host.run([sound])
            #expect(host[.marking] == -7 && host[.status] == -7)
        }
    }
}
