import Foundation
import Testing

@testable import EarmarkDetect

/// Where a source is heard, what time of the meeting it shows there, and how strong it is beside the pilot.
@Suite struct TimeMapTests {
    private static func source(
        _ features: FeatureMatrix, _ alignment: Alignment, warp: Warp = .none, client: Int = 1
    ) throws -> Detection.Source {
        var run = KnownPlace.run(channels: 1, warps: 1)
        try run.add(features, located: Located(alignments: [alignment]), warp: warp)
        return try #require(run.finish().sources.first { $0.candidate == client })
    }

    /// Frames are 16 ms of the meeting; a recording that plays faster shows more of them in a second.
    @Test(arguments: [1.0, 1.05, 0.9]) func secondsAreThoseOfTheRecording(rate: Double) throws {
        let source = try TimeMapTests.source(
            KnownPlace.features(level: 0.1), KnownPlace.alignment(), warp: Warp(pitch: 1.02, rate: rate))
        #expect(source.rate == rate && source.pitch == 1.02)
        let span = try #require(source.spans.first)
        #expect(source.spans.count == 1)
        let length = Double(KnownPlace.frames) * 0.016 / rate
        #expect(abs(span.recording.lowerBound) < 0.1 && abs(span.recording.upperBound - length) < 0.1)
        // Frame 512 of the meeting is second 8.192; the span may begin a chip late.
        let started = span.meetingStart - span.recording.lowerBound * rate
        #expect(abs(started - 8.192) < 0.03)
        // Steps of 4.096 s of the meeting, one after another.
        let whole = source.steps.dropFirst().dropLast()
        #expect(whole.allSatisfy { abs($0.recording.upperBound - $0.recording.lowerBound - 4.096 / rate) < 1e-6 })
        #expect(
            zip(source.steps, source.steps.dropFirst()).allSatisfy {
                abs($0.recording.upperBound - $1.recording.lowerBound) < 1e-6
            })
        #expect(abs((source.steps.last?.recording.upperBound ?? 0) - length) < 0.1)
    }

    /// A mark in the middle of a recording of something else.
    @Test func aSourceIsHeardWhereItIs() throws {
        let features = SyntheticFeatures(seed: 221).matrix([
            .init(frames: 2_500, start: 512, clients: [], level: 0.15),
            .init(frames: 4_000, start: 3_012, clients: [1], level: 0.15),
            .init(frames: 2_500, start: 7_012, clients: [], level: 0.15),
        ])
        let source = try TimeMapTests.source(features, KnownPlace.alignment())
        let span = try #require(source.spans.first)
        #expect(source.spans.count == 1)
        #expect(abs(span.recording.lowerBound - 40) <= 4.1 && abs(span.recording.upperBound - 104) <= 4.1)
        #expect(abs(span.meetingStart - span.recording.lowerBound - 8.192) < 0.03)
        // What is heard there, over the root of its squares.
        let inside = source.steps.filter { span.recording.overlaps($0.recording.lowerBound..<$0.recording.upperBound) }
        let energy = inside.reduce(0) { $0 + $1.energy }
        let sum = inside.reduce(0) { $0 + $1.sum }
        #expect(abs(span.z - sum / energy.squareRoot()) < 0.02 * span.z)
        // The level is that of the stretch: the silence around it does not dilute it.
        #expect(abs(try #require(source.strength)) < 1)
    }

    /// Digital silence shows no time of the meeting: what somebody puts before or behind a recording is not claimed.
    ///
    /// Silence between two stretches of a source was part of what was recorded.
    @Test func silenceAtTheEndsIsNotClaimed() throws {
        func part(_ frames: Int, _ start: Double, silent: Bool) -> FeatureMatrix {
            SyntheticFeatures(deviation: silent ? 0 : 0.5, seed: UInt64(start)).matrix([
                .init(frames: frames, start: start, clients: silent ? [] : [1], level: silent ? 0 : 0.15)
            ])
        }
        let features = SyntheticFeatures.joined([
            part(2_500, 512, silent: true), part(2_000, 3_012, silent: false), part(1_000, 5_012, silent: true),
            part(2_000, 6_012, silent: false), part(1_500, 8_012, silent: true),
        ])
        let spans = try TimeMapTests.source(features, KnownPlace.alignment()).spans
        let span = try #require(spans.first)
        #expect(spans.count == 1)
        #expect(abs(span.recording.lowerBound - 40) <= 4.1 && abs(span.recording.upperBound - 120) <= 4.1)
        #expect(abs(span.meetingStart - span.recording.lowerBound - 8.192) < 0.03)
    }

    /// Pieces whose meeting time runs on are one span, others are not.
    @Test(arguments: [(0.0, 1), (20, 1), (40, 2), (-40, 2), (3_000, 2)])
    func spansEndWhereTheMeetingTimeJumps(jump: Double, count: Int) throws {
        let features = SyntheticFeatures(seed: 222).matrix([
            .init(frames: 4_500, start: 512, clients: [1], level: 0.15),
            .init(frames: 4_500, start: 5_012 + jump, clients: [1], level: 0.15),
        ])
        var alignment = KnownPlace.alignment(0..<4_500)
        alignment.placed.append(
            .init(piece: .init(frames: 4_500..<9_000, offset: 512 + jump, slope: 0), basePeriod: 0))
        let spans = try TimeMapTests.source(features, alignment).spans
        #expect(spans.count == count)
        let last = try #require(spans.last)
        if count == 2 {
            #expect(abs(last.recording.lowerBound - 72) < 0.2)
            #expect(abs(last.meetingStart - last.recording.lowerBound - (512 + jump) * 0.016) < 0.03)
        }
    }

    /// Half a feature's width over the pilot's evidence, never below a quarter frame.
    @Test(arguments: [(0.0, 0.032), (4, 0.008), (8, 0.004), (50, 0.004)])
    func theTimeIsAsSureAsThePilot(pilotScore: Double, uncertainty: Double) throws {
        let source = try TimeMapTests.source(
            KnownPlace.features(level: 0.1), KnownPlace.alignment(pilotScore: pilotScore))
        #expect(source.spans.allSatisfy { abs($0.uncertainty - uncertainty) < 1e-12 })
    }

    /// A source that shares its cells with others shows a half, a third, a quarter of the pilot's amplitude.
    @Test(arguments: [1, 2, 4]) func strengthIsTheAmplitudeBesideThePilots(clients: Int) throws {
        let features = KnownPlace.features([1] + (90..<90 + clients - 1), level: 0.3)
        let strength = try #require(try TimeMapTests.source(features, KnownPlace.alignment()).strength)
        #expect(abs(strength + 20 * log10(Double(clients))) < 0.8)
    }

    @Test func withoutAPilotThereIsNoStrength() throws {
        let features = SyntheticFeatures(seed: 224, hasPilot: false).matrix([
            .init(frames: KnownPlace.frames, start: KnownPlace.start, clients: [1], level: 0.15)
        ])
        #expect(try TimeMapTests.source(features, KnownPlace.alignment()).strength == nil)
    }

    /// A recorder's clock that drifts: the middle of the piece is right, and so are its ends.
    @Test(arguments: [-250e-6, 250e-6]) func drift(slope: Double) throws {
        let features = SyntheticFeatures(seed: 224).matrix([
            .init(frames: KnownPlace.frames, start: KnownPlace.start, slope: slope, clients: [1], level: 0.1)
        ])
        var alignment = KnownPlace.alignment()
        alignment.placed[0].piece.slope = slope
        alignment.placed[0].piece.offset = KnownPlace.start + slope * Double(KnownPlace.frames) / 2
        let source = try TimeMapTests.source(features, alignment)
        let span = try #require(source.spans.first)
        #expect(abs(span.meetingStart - span.recording.lowerBound - 8.192) < 0.03)
        #expect(abs(span.recording.upperBound - 144) < 0.15)
    }
}
