import Testing

@testable import EarmarkMedia

/// Places are those that a player shows: docs/json-schema.md, `from` and `to`.
@Suite struct TimelineTests {
    /// Frames of a tenth of a second at 1,000 Hz that a container puts at `stamps`; what is put in before each.
    private func run(
        _ stamps: [Double?], clock: TrackPlan.Clock = .exact, _ presentation: Presentation = .init()
    ) -> (timeline: Timeline, silence: [Double], padding: [Int]) {
        var timeline = Timeline(clock: clock, presentation: presentation)
        var silence: [Double] = []
        var padding: [Int] = []
        for stamp in stamps {
            let step = timeline.next(at: stamp, length: 100, rate: 1_000)
            silence.append((step.silence * 1_000).rounded() / 1_000)
            padding.append(step.padding)
        }
        return (timeline, silence, padding)
    }

    private func stamps(from start: Double, _ count: Int) -> [Double?] { (0..<count).map { start + Double($0) / 10 } }

    @Test func aLateBeginningCounts() {
        let (timeline, silence, _) = run(stamps(from: 20, 5))
        #expect(silence.allSatisfy { $0 == 0 })
        #expect(timeline.places.shown(0.25) == 20.25)
        let broadcast = run(stamps(from: 3_600, 5), Presentation(origin: 3_600)).timeline
        #expect(broadcast.places == PlaceMap())
    }

    @Test func aHoleIsSilenceAndNoPieceOfIt() {
        let (timeline, silence, _) = run(stamps(from: 0, 3) + stamps(from: 5.3, 3))
        #expect(silence == [0, 0, 0, 5, 0, 0])
        let pieces = timeline.places.pieces(0..<5.6)
        #expect(pieces.count == 2)
        #expect(pieces.first?.shown.lowerBound == 0 && abs((pieces.first?.shown.upperBound ?? 0) - 0.3) < 1e-9)
        #expect(abs((pieces.last?.shown.lowerBound ?? 0) - 5.3) < 1e-9)
    }

    /// What is missing for longer than a minute is a cut: the place changes, and nothing stands for it.
    @Test func aCutMovesWhatFollows() {
        let (timeline, silence, _) = run(stamps(from: 0, 3) + stamps(from: 100, 3))
        #expect(silence.allSatisfy { $0 == 0 })
        #expect(abs(timeline.places.shown(0.35) - 100.05) < 1e-9)
        let back = run(stamps(from: 50, 3) + stamps(from: 10, 3)).timeline
        #expect(abs(back.places.shown(0.35) - 10.05) < 1e-9)
    }

    /// A clock that is read late now and then is no hole; where it only counts bytes it says nothing but jumps.
    @Test func jitterAndDrift() {
        let late = run([0, 0.1, 0.25, 0.3, 0.4]).timeline
        #expect(abs(late.places.shown(0.45) - 0.45) < 0.1)
        let drift = run((0..<100).map { Double($0) * 0.11 }).timeline
        #expect(abs(drift.places.shown(9.9) - 99 * 0.11) < 0.1)
        #expect(run((0..<100).map { Double($0) * 0.11 }, clock: .jumps).timeline.places == PlaceMap())
        #expect(run(stamps(from: 0, 3) + stamps(from: 5.3, 3), clock: .jumps).silence == [0, 0, 0, 5, 0, 0])
    }

    @Test func lostPacketsKeepTheirTime() {
        for (clock, stamp) in [(TrackPlan.Clock.none, nil as Double?), (.exact, 0.4), (.jumps, 0.4), (.exact, nil)] {
            var timeline = Timeline(clock: clock, presentation: .init())
            _ = timeline.next(at: clock == .none ? nil : 0, length: 100, rate: 1_000)
            // Claims are rounded; one claims hours.
            let silence = [0.097, 0.2, 3_600].map { timeline.miss($0, frame: 0.1) }
            #expect(silence == [0.1, 0.2, 0])
            #expect(timeline.next(at: stamp, length: 100, rate: 1_000).silence == 0)
            #expect(abs(timeline.places.shown(0.45) - 0.45) < 1e-9)
        }
        var timeline = Timeline(clock: .exact, presentation: .init())
        _ = timeline.next(at: 0, length: 100, rate: 1_000)
        #expect(timeline.miss(nil, frame: 0.1) == 0)
        #expect(abs(timeline.next(at: 0.3, length: 100, rate: 1_000).silence - 0.2) < 1e-9, "the next stamp says it")
    }

    @Test func editsAreFollowed() {
        // A pause of two seconds, then from 0.05 s on for 0.5 s, then from 2 s on.
        let edits = Presentation(edits: [
            .init(shown: 2, media: 0.05, length: 0.5), .init(shown: 2.5, media: 2, length: 0.5),
        ])
        let (timeline, silence, padding) = run(stamps(from: 0, 26), edits)
        #expect(padding.prefix(2) == [50, 0], "what the codec put before the recording is none of it")
        #expect(silence.allSatisfy { $0 == 0 })
        #expect(abs(timeline.places.shown(0) - 2) < 1e-9)
        let skipped = timeline.places.skipped(of: 2.55)
        // From 0.55 s to 2 s, and the last frame, but for what belongs to a frame that is shown.
        #expect(abs(skipped - 1.5) < 1e-6, "\(skipped)")
        #expect(abs(timeline.places.shown(2.15) - 2.7) < 0.11)
        #expect(abs(timeline.places.shown(1.5) - 2.5) < 1e-6, "what is left out stands where it was cut")
        #expect(abs(timeline.places.shownLength(of: 2.55) - 3) < 1e-6, "nothing is shown behind the last edit")
        #expect(timeline.warnings.contains { $0.hasPrefix("a player leaves out 1.") })
    }

    /// Places do not grow without limit, and stay such as the program believes.
    @Test func hostileClocks() {
        var state = SeededGenerator(state: 5)
        let wild = (0..<20_000).map { _ in Double.random(in: -1e12...1e12, using: &state) as Double? }
        for clock in [TrackPlan.Clock.exact, .jumps] {
            let timeline = run(wild, clock: clock).timeline
            #expect(timeline.places.points.count <= 4_096 && timeline.places.isCredible)
        }
        let stalled = run([Double?](repeating: 0, count: 20_000)).timeline
        #expect(stalled.places.points.count <= 4_096 && stalled.places.isCredible)
    }
}

/// PCM is read by the rule of its format: docs/json-schema.md, `codec`.
@Suite struct WaveFormatTests {
    private static let integers: [UInt8] = [1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]

    private func wave(
        _ body: [UInt8], tag: UInt16 = 0xFFFE, width: Int, bits: UInt16, valid: UInt16? = nil, channels: Int = 1
    ) -> [UInt8] {
        var format = FileBytes.little(tag) + FileBytes.little(UInt16(channels)) + FileBytes.little(UInt32(8_000))
        format += FileBytes.little(UInt32(8_000 * width * channels)) + FileBytes.little(UInt16(width * channels))
        format += FileBytes.little(bits)
        if tag == 0xFFFE {
            format += FileBytes.little(UInt16(22)) + FileBytes.little(valid ?? bits) + FileBytes.little(UInt32(0))
            format += WaveFormatTests.integers
        }
        let chunks =
            Array("WAVEfmt ".utf8) + FileBytes.little(UInt32(format.count)) + format + Array("data".utf8)
            + FileBytes.little(UInt32(body.count)) + body
        return Array("RIFF".utf8) + FileBytes.little(UInt32(chunks.count)) + chunks
    }

    private func samples(_ file: [UInt8]) throws -> [Float] {
        let folder = try TemporaryFolder()
        return try decode(try folder.write(file, as: "a.wav")).channels[0]
    }

    /// Bits in use of bits of the container, plain and extended.
    @Test(arguments: [(24, 4), (20, 4), (20, 3), (12, 2), (16, 4), (17, 3), (8, 2), (32, 4)])
    func samplesAreLeftJustified(bits: Int, width: Int) throws {
        let values = (0..<2_000).map { Int32(($0 * 7_919 % 251 - 125) << 24) }
        let body = values.flatMap { Array(FileBytes.little($0).suffix(width)) }
        let expected = values.map { Float($0) / 2_147_483_648 }
        expectSame(
            try samples(wave(body, width: width, bits: UInt16(8 * width), valid: UInt16(bits))), expected)
        expectSame(try samples(wave(body, width: width, bits: UInt16(bits), valid: UInt16(bits))), expected)
        expectSame(try samples(wave(body, tag: 1, width: width, bits: UInt16(bits))), expected)
    }

    /// Cool Edit's floats of full scale 2^23 bear the same description.
    @Test func floatsThatAreCalledIntegersAreTold() throws {
        let values = (0..<2_000).map { Float(($0 * 7_919 % 251 - 125) * 50_000) }
        let body = values.flatMap { FileBytes.little($0.bitPattern) }
        let heard = try samples(wave(body, tag: 1, width: 4, bits: 24))
        #expect(heard.count == 2_000 && zip(heard, values).allSatisfy { abs($0 - $1 / 8_388_608) < 1e-5 })
    }

    /// 24 bits at either end of 32 in QuickTime.
    @Test(arguments: [true, false]) func quickTimeSamplesHaveAContainer(isHigh: Bool) throws {
        let folder = try TemporaryFolder()
        let path = try folder.ffmpeg("-f lavfi -i sine=440:d=2:r=96000 -c:a pcm_s32le -ac 1", to: "a.mov")
        var content = try bytes(of: path)
        let entry = try #require(content.firstRange(of: Array("lpcm".utf8))).lowerBound - 4
        #expect(content.bigEndian32(at: entry + 56) == 32)
        let whole = try decode(path).channels[0]
        content.replaceSubrange(entry + 56..<entry + 60, with: FileBytes.big(UInt32(24)))
        let flags: UInt32 = 4 | (isHigh ? 16 : 0)
        content.replaceSubrange(entry + 60..<entry + 64, with: FileBytes.big(flags))
        if !isHigh {
            let media = try #require(content.firstRange(of: Array("mdat".utf8))).upperBound
            for place in stride(from: media, to: media + 4 * whole.count, by: 4) {
                let value = Int32(bitPattern: content.littleEndian32(at: place) ?? 0) >> 8
                content.replaceSubrange(place..<place + 4, with: FileBytes.little(value))
            }
        }
        let heard = try decode(try folder.write(content, as: "b.mov")).channels[0]
        #expect(heard.count == whole.count && zip(heard, whole).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func silentPacketsAreNoDamage() throws {
        #expect(CodecNames.name(ofTag: 0x1234) == "0x1234" && CodecNames.name(ofTag: 0x6361_7061) == "apac")
        #expect(CodecNames.name(ofTag: 7) == "0x0007")
    }
}
