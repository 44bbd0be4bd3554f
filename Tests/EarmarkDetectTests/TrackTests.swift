import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Testing

@testable import EarmarkDetect

/// Offset, drift and cuts from the pilot alone.
@Suite struct TrackTests {
    /// Frames of about 131 s.
    private static let length = 8_192

    @Test(arguments: [0, 1, 517.25, 1_023.5, -1, 123_456.75, -98_765.5])
    func findsTheOffsetWherever(start: Double) throws {
        let features = SyntheticFeatures().matrix([.init(frames: TrackTests.length, start: start)])
        let track = try #require(TrackTests.tracks(features).first)
        for frame in stride(from: 100, to: TrackTests.length, by: 500) {
            #expect(abs(TrackTests.error(track, frame, start + Double(frame))) < 0.75, "frame \(frame)")
        }
        #expect(track.score > 12)
    }

    @Test(arguments: [-300e-6, -100e-6, 60e-6, 300e-6])
    func followsAClockThatDrifts(slope: Double) throws {
        let features = SyntheticFeatures(seed: 2).matrix([
            .init(frames: 2 * TrackTests.length, start: 5_000, slope: slope)
        ])
        let track = try #require(TrackTests.tracks(features).first)
        for frame in stride(from: 64, to: features.frames, by: 500) {
            #expect(abs(TrackTests.error(track, frame, 5_000 + Double(frame) * (1 + slope))) < 0.8, "frame \(frame)")
        }
    }

    /// To a quarter of a frame, give or take what noise does.
    @Test(arguments: [-1.5, -0.5, 0.25, 1, 1.75]) func whatLiesBesideIsSharpened(misplacement: Double) throws {
        let features = SyntheticFeatures(seed: 8).matrix([.init(frames: TrackTests.length, start: 700)])
        let beside = TrackPiece(frames: 0..<TrackTests.length, offset: 700 + misplacement, slope: 0)
        let refined = TrackRefiner(plan: CellPlan(pilotSeed: TestKeys.shared().pilot))
            .refine(Track(pieces: [beside], score: 0), features: features)
        #expect(abs(TrackTests.error(refined, TrackTests.length / 2, 700 + Double(TrackTests.length / 2))) < 0.4)
    }

    @Test func findsACut() throws {
        // 20 s of the meeting are missing after 64 s.
        let features = SyntheticFeatures(seed: 3).matrix([
            .init(frames: 4_000, start: 300), .init(frames: 4_500, start: 300 + 4_000 + 1_250),
        ])
        let track = try #require(TrackTests.tracks(features).first)
        #expect(track.pieces.count == 2)
        #expect(abs(track.pieces[0].frames.upperBound - 4_000) <= PilotCorrelator.segmentFrames)
        #expect(abs(TrackTests.error(track, 2_000, 2_300)) < 0.5)
        #expect(abs(TrackTests.error(track, 7_000, 8_550)) < 0.5)
    }

    @Test func piecesCoverTheRecordingOnceAndInOrder() {
        for frames in [256, 300, 1_000, 8_000, 20_001] {
            let features = SyntheticFeatures(seed: 4).matrix([.init(frames: frames, start: 77)])
            for track in TrackTests.tracks(features, limit: 3) {
                #expect(track.pieces.first?.frames.lowerBound == 0)
                #expect(track.pieces.last?.frames.upperBound == frames)
                #expect(
                    zip(track.pieces, track.pieces.dropFirst()).allSatisfy {
                        $0.frames.upperBound == $1.frames.lowerBound
                    })
            }
        }
    }

    @Test func twoCopiesAtOnceAreTwoTracks() throws {
        // The same sound a second time, 0.4 s later, as from another room.
        let first = SyntheticFeatures(deviation: 0.4, seed: 5).matrix([.init(frames: TrackTests.length, start: 1_000)])
        let second = SyntheticFeatures(deviation: 0.4, seed: 6).matrix([.init(frames: TrackTests.length, start: 975)])
        var mixed = FeatureMatrix()
        for frame in 0..<TrackTests.length {
            var vectors = [SIMD8<Float>](repeating: .zero, count: 4)
            for dipole in 0..<MarkLayout.dipoleCount {
                let index = frame * FeatureMatrix.columns + dipole
                let sum = Float(first.values[index]) + Float(second.values[index])
                vectors[dipole / 8][dipole % 8] = sum / 2 / FeatureMatrix.scale
            }
            mixed.append(vectors[0], vectors[1], vectors[2], vectors[3])
        }
        let tracks = TrackTests.tracks(mixed, limit: 2)
        #expect(tracks.count == 2)
        let errors = [1_000, 975].map { start in
            tracks.map { abs(TrackTests.error($0, 4_000, Double(start + 4_000))) }.min() ?? 99
        }
        #expect(errors.allSatisfy { $0 < 1 })
    }

    @Test func withoutThePilotThereIsNothingToSee() throws {
        let marked = SyntheticFeatures(seed: 7).matrix([.init(frames: TrackTests.length, start: 40)])
        let noise = SyntheticFeatures(seed: 7).noise(frames: TrackTests.length)
        let otherMeeting = SyntheticFeatures(meeting: 2, seed: 7).matrix([.init(frames: TrackTests.length, start: 40)])
        let present = try #require(TrackTests.tracks(marked).first).score
        for features in [noise, otherMeeting] {
            let tracks = TrackTests.tracks(features, limit: 3)
            // A maximum over all paths is never small, but far below a mark's.
            #expect(try #require(tracks.first).score < 0.7 * present)
        }
    }

    /// Evidence in standard deviations adds up as sums over roots of lengths do.
    @Test func aTrackGoesOnWithTheNextStretch() {
        func track(_ frames: Range<Int>, _ score: Double) -> Track {
            Track(pieces: [.init(frames: frames, offset: 3, slope: 0)], score: score)
        }
        var joined = track(0..<3_000, 4)
        joined.append(track(3_000..<4_000, 10))
        #expect(joined.pieces.map(\.frames) == [0..<3_000, 3_000..<4_000])
        // (4 sqrt 3 + 10 sqrt 1) / sqrt 4.
        #expect(abs(joined.score - (4 * 3.0.squareRoot() + 10) / 2) < 1e-12)
    }

    @Test(arguments: [0, 1, 3, 255])
    func tooShortForASegmentGivesNoTrack(frames: Int) {
        #expect(TrackTests.tracks(SyntheticFeatures().noise(frames: frames), limit: 2).isEmpty)
    }

    @Test func silenceDoesNotHurt() {
        let silence = SyntheticFeatures(deviation: 0).noise(frames: 2_000)
        for track in TrackTests.tracks(silence, limit: 2) { #expect(track.score == 0) }
    }

    /// Refined tracks of meeting 1.
    private static func tracks(_ features: FeatureMatrix, limit: Int = 1) -> [Track] {
        let plan = CellPlan(pilotSeed: TestKeys.shared().pilot)
        var correlator = PilotCorrelator(plan: plan, transforms: FFTWProvider())
        var finder = TrackFinder(correlations: correlator.correlate(features), frames: features.frames)
        let refiner = TrackRefiner(plan: plan)
        return finder.tracks(limit: limit).map { refiner.refine($0, features: features) }
    }

    /// Meeting frame that a track gives for recording frame `frame`, minus the truth, within half a period.
    private static func error(_ track: Track, _ frame: Int, _ truth: Double) -> Double {
        guard let piece = track.pieces.first(where: { $0.frames.contains(frame) }) else { return .infinity }
        let period = Double(FeatureLayout.framesPerPeriod)
        let difference = piece.meetingFrame(Double(frame)) - truth
        return difference - period * (difference / period).rounded()
    }
}
