import EarmarkAnswer
import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkAnalysis
@testable import EarmarkDetect

/// docs/evidence.md: in whatever way a client was found, its evidence is found again by its own seed, and those of who
/// is taken out before.
@Suite struct EvidenceAgainTests {
    private static let threshold = -9.0
    private static let seconds = 300.0
    /// Frames of the recording, 144 s.
    private static let frames = 9_000

    private let seeds = TestKeys.identities(8)

    private func begin(_ breadth: SearchBreadth, _ seeds: [Seed], channels: Int = 1) -> DetectionRun {
        Detector(
            shared: TestKeys.shared(), candidates: seeds, log10Threshold: Self.threshold,
            expectedSeconds: Self.seconds, transforms: FFTWProvider()
        ).begin(SearchBudget(channels: channels, breadth: breadth, expectedSeconds: Self.seconds))
    }

    /// What is noted of who is named.
    private func places(_ features: FeatureMatrix, _ breadth: SearchBreadth) throws -> [Int: SourcePlace] {
        var run = begin(breadth, seeds)
        var witness = PlaceWitness(
            shared: TestKeys.shared(), candidates: seeds, log10Threshold: Self.threshold)
        try witness.add(features, to: &run)
        try witness.addWithoutPilot(features, to: &run)
        return witness.places
    }

    /// Looks for the place anew, with one client's seed, and scores it; nil if it is not there.
    private func again(
        _ place: SourcePlace, _ candidate: Int, _ features: FeatureMatrix, _ breadth: SearchBreadth,
        beside: [Seed]? = nil
    ) -> SourceScorer.Found? {
        let examiner = PlaceExaminer(shared: TestKeys.shared(), seed: seeds[candidate])
        let run = begin(breadth, [seeds[candidate]])
        var price = EvidencePrice(run.finish())
        price.candidates = seeds.count
        let trial = examiner.trials(place.way, run, features).first {
            $0.alignment.placed.map(\.stored) == place.pieces && $0.alignment.dipoleWeights == place.weights
        }
        let scorer = SourceScorer(
            plan: CellPlan(pilotSeed: TestKeys.shared().pilot), price: price, log10Threshold: Self.threshold)
        return trial.flatMap {
            scorer.score(
                seeds[candidate], beside: beside ?? (place.removed ?? []).map { seeds[$0] }, $0, features)
        }
    }

    private func expectAgain(
        _ way: SourcePlace.Way?, _ candidate: Int, _ features: FeatureMatrix, _ breadth: SearchBreadth
    ) throws {
        let place = try #require(try places(features, breadth)[candidate])
        #expect(place.way == way && place.removed == nil && place.log10Bound <= Self.threshold)
        let found = try #require(again(place, candidate, features, breadth))
        #expect(found.z == place.z && found.log10Bound == place.log10Bound && found.removed.isEmpty)
    }

    @Test func byPilotAndTimeline() throws {
        let features = SyntheticFeatures(seed: 71).matrix([.init(frames: Self.frames, start: 20_000, clients: [3])])
        try expectAgain(nil, 3, features, SearchBreadth(tracks: 2))
    }

    @Test func byTheTimelineAlone() throws {
        let features = SyntheticFeatures(seed: 72, hasPilot: false).matrix([
            .init(frames: Self.frames, start: 40_000, clients: [3])
        ])
        try expectAgain(.withoutPilot, 3, features, SearchBreadth(tracks: 2, pilotless: 3))
    }

    @Test func atAPlacement() throws {
        let features = SyntheticFeatures(seed: 73, hasPilot: false, hasTimeline: false).matrix([
            .init(frames: Self.frames, start: 40_000, clients: [3], level: 0.3)
        ])
        try expectAgain(.placement, 3, features, SearchBreadth(tracks: 2, triesEveryFrame: true))
    }

    /// A further time pays by its place among them, a placement like every other one.
    @Test func eachWayHasItsPrice() {
        let breadth = SearchBreadth(tracks: 2, pilotless: 2, times: 4, triesEveryFrame: true)
        let run = begin(breadth, seeds, channels: 3)
        let detection = run.finish()
        let price = EvidencePrice(detection)
        func tests(_ place: Int, _ way: SourcePlace.Way?) -> Double {
            price.log10Bound(z: 12, place: place, way: way) - RademacherBound.log10Tail(12)
        }
        let pairs = [
            (tests(1, nil), detection.log10Tests(alignment: 1)),
            (tests(3, .withoutPilot), detection.log10Tests(alignment: 3)),
            (tests(2, .time), detection.log10Tests(time: 2)), (tests(0, .placement), detection.log10PlacementTests),
        ]
        for (mine, theirs) in pairs { #expect(abs(mine - theirs - 0.30103) < 1e-4) }
        #expect(price.log10Bound(z: 12, place: 4, way: .time) == 0, "is not paid for")
        #expect(
            abs(price.log10Bound(z: 12, place: 0, round: 3) - price.log10Bound(z: 12, place: 0) - 0.60206) < 1e-4)
    }

    /// statistics.md, section 4: all that stretches and the whole after them may test costs the threshold once.
    @Test func stretchesAndTheWholeShareOneThreshold() {
        let detector = Detector(
            shared: TestKeys.shared(), candidates: seeds, log10Threshold: Self.threshold,
            expectedSeconds: Self.seconds, transforms: FFTWProvider())
        let breadth = SearchBreadth(tracks: 2, lines: 3, pilotless: 1, times: 7, triesEveryFrame: true)
        for wide in [breadth, SearchBreadth(tracks: 2, lines: 3, times: 7), SearchBreadth(tracks: 1, lines: 3)] {
            let whole = SearchBudget(
                channels: 3, warps: 1, breadth: wide, expectedSeconds: Self.seconds, otherShares: Triage.shares)
            let first = SearchBudget(
                channels: Triage.stretchesPerTrack, breadth: .init(tracks: 1, lines: 3), otherShares: whole.ownShares)
            var spent = 0.0
            for budget in [whole, first] {
                let detection = detector.begin(budget).finish()
                let (channels, times) = (budget.channels + budget.warps, budget.breadth.times)
                func add(_ count: Int, _ log10Tests: Double) {
                    spent += Double(count * seeds.count) * pow(10, -log10Tests)
                }
                for place in 0..<budget.breadth.alignments { add(channels, detection.log10Tests(alignment: place)) }
                for place in 0..<times { add(channels, detection.log10Tests(time: place)) }
                if detection.placements > 0 { add(detection.placements, detection.log10PlacementTests) }
                let price = EvidencePrice(detection)
                let tests = price.log10Bound(z: 12, place: 0) - RademacherBound.log10Tail(12) - 0.30103
                #expect(abs(tests - detection.log10Tests(alignment: 0)) < 1e-4, "evidence computed again pays as much")
            }
            #expect(abs(spent - 1) < 1e-9, "\(spent) of the threshold is spent")
        }
    }

    /// A small part of a strong mark is beneath the threshold until that is taken out: how small depends on the noise.
    @Test(arguments: [[34, 40, 46, 52]]) func besideAStrongerSource(strengths: [Int]) throws {
        let breadth = SearchBreadth(tracks: 2)
        for strength in strengths {
            let features = SyntheticFeatures(deviation: 0.4, seed: 74).matrix([
                .init(
                    frames: Self.frames, start: 20_000, clients: [Int](repeating: 3, count: strength) + [5], level: 0.6)
            ])
            let places = try places(features, breadth)
            #expect(places[3]?.removed == nil)
            let place = try #require(places[5])
            guard place.removed != nil else { continue }
            #expect(place.removed == [3])
            let found = try #require(again(place, 5, features, breadth))
            #expect(found.removed == [0] && found.z == place.z && found.log10Bound == place.log10Bound)
            // Alone it does not do, and who is not stronger is not taken out.
            let alone = try #require(again(place, 5, features, breadth, beside: []))
            #expect(alone.log10Bound > Self.threshold && alone.z < place.z)
            #expect(again(place, 5, features, breadth, beside: [seeds[0]])?.removed == [])
            #expect(again(place, 5, features, breadth, beside: [seeds[3], seeds[0]])?.removed == [0])
            return
        }
        Issue.record("the second client is never hidden by the first")
    }

    /// "And meet the threshold itself": a seed that is stronger and does not, as one that was chosen to fit, is not
    /// taken out, and the client behind it has no score.
    @Test func whoMeetsNoThresholdIsNotTakenOut() {
        let scorer = SourceScorer(
            plan: CellPlan(pilotSeed: TestKeys.shared().pilot),
            price: EvidencePrice(begin(SearchBreadth(tracks: 1), seeds).finish()), log10Threshold: Self.threshold)
        let trial = Trial(alignment: KnownPlace.alignment(), way: nil, place: 0)
        var (met, missed) = (0, 0)
        for level in stride(from: 0.012, through: 0.05, by: 0.002) {
            let features = KnownPlace.features([1], level: level)
            guard let stronger = scorer.score(seeds[1], beside: [], trial, features), stronger.z > 4 else { continue }
            let found = scorer.score(seeds[0], beside: [seeds[1]], trial, features)
            if stronger.log10Bound <= Self.threshold {
                met += 1
                #expect(found?.removed == [0], "level \(level)")
            } else {
                missed += 1
                #expect(found == nil, "level \(level)")
            }
        }
        #expect(met > 0 && missed > 0, "both sides of the threshold")
    }
}
