import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Straight lines through the pilot's correlations, for marks that paths lose in the noise.
@Suite struct LineSearchTests {
    private static let length = 8_192

    @Test(arguments: [(-280e-6, 5), (0, 700), (120e-6, 1_020)])
    func findsOffsetAndDrift(slope: Double, start: Int) throws {
        let features = SyntheticFeatures(seed: 21).matrix([
            .init(frames: LineSearchTests.length, start: Double(start), slope: slope)
        ])
        let line = try #require(LineSearchTests.lines(features, limit: 3).first)
        let piece = try #require(line.pieces.first)
        #expect(piece.frames == 0..<LineSearchTests.length)
        for frame in [0.0, 4_096, 8_191] {
            let period = Double(FeatureLayout.framesPerPeriod)
            let error = piece.meetingFrame(frame) - Double(start) - frame * (1 + slope)
            #expect(abs(error - (error / period).rounded() * period) < 2)
        }
    }

    /// Some 5 standard deviations of pilot evidence in all, less than a path gathers from noise alone: of twelve such
    /// recordings lines find more than paths.
    @Test func findsWhatPathsLose() throws {
        var found = (paths: 0, lines: 0)
        for seed in 22..<34 as Range<UInt64> {
            let weak = SyntheticFeatures(seed: seed).matrix([
                .init(frames: LineSearchTests.length, start: 333, level: 0.02)
            ])
            var correlator = LineSearchTests.correlator
            var finder = TrackFinder(correlations: correlator.correlate(weak), frames: weak.frames)
            let path = try #require(finder.tracks(limit: 1).first?.pieces.first)
            let line = try #require(LineSearchTests.lines(weak, limit: 1).first?.pieces.first)
            if abs(LineSearchTests.error(path, 333)) <= 4 { found.paths += 1 }
            if abs(LineSearchTests.error(line, 333)) < 2 { found.lines += 1 }
        }
        #expect(found.lines > found.paths && found.lines >= 6, "\(found)")
    }

    @Test func linesLieApart() {
        let noise = SyntheticFeatures(seed: 23).noise(frames: LineSearchTests.length)
        let offsets = LineSearchTests.lines(noise, limit: 14).compactMap { $0.pieces.first?.offset }
        #expect(offsets.count == 14)
        for (index, offset) in offsets.enumerated() {
            for other in offsets[..<index] {
                let away = abs(offset - other)
                #expect(min(away, Double(FeatureLayout.framesPerPeriod) - away) > 2)
            }
        }
    }

    /// Two clients who hear the meeting 64 ms apart: the peaks overlap, and both are there.
    @Test func copiesAFewFramesApartAreTwoLines() {
        let one = SyntheticFeatures(seed: 28).matrix([.init(frames: LineSearchTests.length, start: 333, level: 0.06)])
        let other = SyntheticFeatures(deviation: 0, seed: 25).matrix([
            .init(frames: LineSearchTests.length, start: 337, clients: [1], level: 0.06)
        ])
        let offsets = LineSearchTests.lines(LocatorTests.sum(one, other), limit: 2).compactMap {
            $0.pieces.first?.offset
        }.sorted()
        #expect(offsets.count == 2)
        for (offset, truth) in zip(offsets, [333.0, 337.0]) { #expect(abs(offset - truth) <= 1) }
    }

    @Test(arguments: [0, 255, 256, 257, 96 * 256, 97 * 256 + 13])
    func coversTheRecording(frames: Int) {
        let features = SyntheticFeatures(seed: 24).noise(frames: frames)
        let lines = LineSearchTests.lines(features, limit: 2)
        #expect(lines.isEmpty == (frames < 256))
        for line in lines {
            #expect(line.pieces.first?.frames.lowerBound == 0 && line.pieces.last?.frames.upperBound == frames)
            #expect(line.pieces.allSatisfy { $0.frames.count <= 97 * 256 })
        }
    }

    private static var correlator: PilotCorrelator {
        PilotCorrelator(plan: CellPlan(pilotSeed: TestKeys.shared().pilot), transforms: FFTWProvider())
    }

    private static func lines(_ features: FeatureMatrix, limit: Int) -> [Track] {
        var correlator = correlator
        return LineSearch(correlations: correlator.correlate(features), firstSegment: 0)
            .lines(limit: limit, end: features.frames)
    }

    private static func error(_ piece: TrackPiece, _ start: Double) -> Double {
        let period = Double(FeatureLayout.framesPerPeriod)
        let error = piece.meetingFrame(piece.middle) - start - piece.middle
        return error - (error / period).rounded() * period
    }
}
