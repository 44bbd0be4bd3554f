import EarmarkDetect
import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

/// Recordings that do not run at the meeting's speed or pitch.
@Suite struct WideSearchTests {
    @Test(arguments: [0.89, 0.95, 1.02, 1.12])
    func bandsFollowThePitch(pitch: Double) {
        var spectra = SpectrumAnalyzer(transforms: FFTWProvider())
        let integrator = BandIntegrator(pitch: pitch)
        for band in [0, 9, 27, 46] {
            let angle = 2 * Double.pi * MarkLayout.centre(ofBand: band) * pitch / FeatureLayout.sampleRate
            let samples = (0..<3_000).map { Float(sin(angle * Double($0))) }
            var rows: [SIMD8<Float>] = []
            samples.withUnsafeBufferPointer { buffer in
                spectra.append(buffer) { powers in integrator.append(powers, at: 0, to: &rows) }
            }
            let last = rows.suffix(BandAnalyzer.rowVectors)
            let total = last.reduce(0) { $0 + $1.sum() }
            let own = last[last.startIndex + band % 2 * FeatureLayout.rowVectors + band / 16][band / 2 % 8]
            #expect(own > 0.97 * total, "band \(band)")
        }
    }

    @Test(arguments: [0.876, 0.95, 1, 1.004, 1.124])
    func resampledFeaturesShowTheMeetingAtItsOwnSpeed(rate: Double) {
        // What the recording shows at frame f is meeting frame f x rate.
        let fast = SyntheticFeatures(deviation: 0).matrix([
            .init(frames: 2_000, start: 0, slope: rate - 1, clients: [1], level: 1)
        ])
        let nominal = SyntheticFeatures(deviation: 0).matrix([
            .init(frames: 2_400, start: 0, clients: [1], level: 1)
        ])
        let resampled = fast.resampled(rate: rate)
        #expect(abs(Double(resampled.frames) - 2_000 * rate) <= 2)
        let pairs = zip(resampled.values, nominal.values).map { (Double($0), Double($1)) }
        let common = pairs.reduce(0) { $0 + $1.0 * $1.1 }
        let own = pairs.reduce(0) { $0 + $1.0 * $1.0 }
        let other = pairs.reduce(0) { $0 + $1.1 * $1.1 }
        #expect(common / (own * other).squareRoot() > 0.97)
    }

    @Test func theBusiestStretchIsWhereTheSoundIs() {
        let quiet = SyntheticFeatures(deviation: 0.02)
        var features = quiet.noise(frames: 4_096)
        #expect(features.busiestStretch(8_192) == 0)
        let loud = SyntheticFeatures(deviation: 0.5).matrix([
            .init(frames: 4_096, start: 0, clients: [], level: 0),
            .init(frames: 2_048, start: 0, clients: [], level: 0),
        ])
        features = SyntheticFeatures.joined([features, loud, features])
        #expect(features.busiestStretch(2_048) >= 4_096 && features.busiestStretch(2_048) <= 8_192)
        #expect(features.busiestStretch(6_144) == 4_096)
    }

    @Test func theSecondStretchHasNothingOfTheFirst() {
        let length = WideSearch.stretchFrames
        let quiet = SyntheticFeatures(deviation: 0.02).noise(frames: length)
        func loud(_ deviation: Double) -> FeatureMatrix {
            SyntheticFeatures(deviation: deviation).matrix([.init(frames: length, start: 0, clients: [], level: 0)])
        }
        let busy = BusyStretches(SyntheticFeatures.joined([quiet, loud(0.5), loud(0.4), quiet, quiet]))
        #expect(busy.first == length && busy.second == 2 * length)
        let atTheEnd = BusyStretches(SyntheticFeatures.joined([quiet, loud(0.4), quiet, loud(0.5)]))
        #expect(atTheEnd.first == 3 * length && atTheEnd.second == length)
        // A pass over less than four costs hardly more than another look.
        #expect(BusyStretches(SyntheticFeatures.joined([quiet, loud(0.5), quiet])).second == nil)
    }

    /// What is no more than likely is looked at once more: there a mark shows, and audio without one does not.
    @Test(.enabled(if: isOptimised)) func aChangeOfSpeedShowsInAnotherStretch() throws {
        let played = WideSearchTests.faster(try SharedRecordings.copyOfFirst(), 1.05)
        let half = played.count / 2
        let first = WideSearchTests.search(Array(played[..<half])).run(limit: 1)
        let found = try #require(first.warps.first)
        let second = WideSearchTests.search(Array(played[half...]))
        #expect(second.shows(found, of: first))
        #expect(!WideSearchTests.search(SpeechLike.samples(seconds: 60, seed: 6)).shows(found, of: first))
        // A mark of this strength needs no second look.
        #expect(found.score > 12 && !WideSearch.needsSecondLook(found))
        var weaker = found
        weaker.score = 7.9
        #expect(WideSearch.needsSecondLook(weaker))
    }

    private static func search(_ samples: [Float]) -> WideSearch {
        var search = WideSearch(plan: CellPlan(pilotSeed: TestKeys.shared().pilot), transforms: FFTWProvider())
        var spectra = SpectrumAnalyzer(transforms: FFTWProvider())
        samples.withUnsafeBufferPointer { buffer in spectra.append(buffer) { search.append($0) } }
        return search
    }

    @Test func tooLittleGivesNothing() {
        for frames in [0, 256, 261, 290] {
            var search = WideSearch(
                plan: CellPlan(pilotSeed: TestKeys.shared().pilot), transforms: FFTWProvider())
            for _ in 0..<frames { search.append(.init(repeating: 0, count: SpectrumAnalyzer.bins)) }
            #expect(search.run(limit: 2).warps.isEmpty, "\(frames) frames of silence")
        }
    }

    @Test func featuresForASearchAreTheSameWithoutWhatTellsTheLevel() throws {
        let samples = Array(try SharedRecordings.copyOfFirst().prefix(16_000 * 10))
        let whole = WideSearchTests.features(samples, pitch: 1)
        let searched = WideSearchTests.features(samples, pitch: 1, isForSearch: true)
        #expect(searched.values == whole.values)
        #expect(searched.peaks.allSatisfy { $0 == 0 } && searched.slopes.allSatisfy { $0 == 0 })
        #expect(whole.peaks.contains { $0 != 0 } && whole.slopes.contains { $0 > 0 })
    }

    @Test func resamplingInterpolatesBetweenRows() {
        var matrix = FeatureMatrix()
        for level: Float in [0, 1, -1] {
            let row = SIMD8(repeating: level)
            matrix.append(row, row, row, row, peaks: level > 0 ? 1 : 0)
        }
        let half = matrix.resampled(rate: 2)
        // Rows 0, 1/2, 1, 3/2: halves of 74 steps.
        #expect(half.frames == 4)
        let column = (0..<4).map { half.values[$0 * FeatureMatrix.columns + 27] }
        #expect(column == [0, 37, 74, 0])
        #expect(half.peaks == [0, 1, 1, 0])
    }

    @Test func theLargestFeaturesSurviveInterpolation() {
        var matrix = FeatureMatrix()
        for level: Float in [9, -9, -9, 9, 9] {
            let row = SIMD8(repeating: level)
            matrix.append(row, row, row, row)
        }
        let resampled = matrix.resampled(rate: 1.3)
        #expect(resampled.values.max() == 127 && resampled.values.min() == -127)
    }

    @Test(.enabled(if: isOptimised), arguments: [(1.05, 1.05), (0.9, 0.9)])
    func aChangeOfSpeedIsFoundAndTheClientNamed(pitch: Double, rate: Double) throws {
        let played = WideSearchTests.faster(try SharedRecordings.copyOfFirst(), rate)
        let detector = Detector(
            shared: TestKeys.shared(), candidates: TestKeys.identities(50), log10Threshold: -9,
            transforms: FFTWProvider())
        var run = detector.begin(SearchBudget(channels: 1, warps: 1))
        try run.add(WideSearchTests.features(played, pitch: 1))
        #expect(run.isWeak == true)
        var search = run.wideSearch()
        var spectra = SpectrumAnalyzer(transforms: FFTWProvider())
        played.withUnsafeBufferPointer { buffer in spectra.append(buffer) { search.append($0) } }
        let found = try #require(search.run(limit: 1).warps.first)
        #expect(abs(found.warp.rate / rate - 1) < 0.003)
        #expect(abs(found.warp.pitch / pitch - 1) < 0.01)
        let features = WideSearchTests.features(played, pitch: found.warp.pitch)
        try run.add(features.resampled(rate: found.warp.rate), warp: found.warp)
        let detection = run.finish()
        #expect(detection.sources.map(\.candidate) == [17])
        let source = try #require(detection.sources.first)
        #expect(source.rate == found.warp.rate && source.pitch == found.warp.pitch)
    }

    /// Voice changers move formants by up to a third and keep the tempo, or change it by something else.
    @Test(.enabled(if: isOptimised), arguments: [(1.15, 1.0), (0.87, 1.0), (1.3, 1.0), (0.76, 1.0)])
    func aChangedVoiceIsFoundAndTheClientNamed(pitch: Double, rate: Double) throws {
        try expectFound(try SharedRecordings.copyOfFirst(), pitch, rate)
    }

    /// Off the lines the recording's own period says the rate, which takes more of a mark.
    @Test(.enabled(if: isOptimised), arguments: [(1.15, 0.88), (0.87, 1.12)])
    func aVoiceWhoseTempoWasChangedAsWellIsFound(pitch: Double, rate: Double) throws {
        let marked = try Marking.mark(
            SharedRecordings.host, seeds: TestKeys.mark(client: 17), strength: .robust, at: SharedRecordings.start)
        try expectFound(marked, pitch, rate)
    }

    private func expectFound(_ marked: [Float], _ pitch: Double, _ rate: Double) throws {
        let played = WideSearchTests.changed(marked, rate) { _ in pitch }
        let detector = Detector(
            shared: TestKeys.shared(), candidates: TestKeys.identities(50), log10Threshold: -9,
            transforms: FFTWProvider())
        var run = detector.begin(SearchBudget(channels: 1, warps: 1))
        try run.add(channel: played)
        let source = try #require(run.finish().sources.first)
        #expect(source.candidate == 17)
        #expect(abs(source.rate / rate - 1) < 0.003)
        #expect(abs(source.pitch / pitch - 1) < 0.01)
    }

    /// A live changer whose factor swings by 3 % either way in two minutes.
    @Test(.enabled(if: isOptimised)) func aVoiceThatDriftsIsFollowed() throws {
        let played = WideSearchTests.changed(try SharedRecordings.copyOfFirst(), 1) { seconds in
            1.15 + 0.03 * sin(2 * Double.pi * seconds / 120)
        }
        var follower = PitchFollower(
            plan: CellPlan(pilotSeed: TestKeys.shared().pilot), warp: Warp(pitch: 1.15, rate: 1))
        var spectra = SpectrumAnalyzer(transforms: FFTWProvider())
        played.withUnsafeBufferPointer { buffer in spectra.append(buffer) { follower.append($0) } }
        let followed = follower.finish()
        let path = try #require(followed)
        let frames = Int(30 * FeatureLayout.framesPerSecond)
        // A quarter and three quarters of a swing, to two steps: a block is an eighth of it.
        #expect(abs(path.pitch(frame: frames) - 1.18) < 0.017)
        #expect(abs(path.pitch(frame: 3 * frames) - 1.12) < 0.017)
        #expect(zs(played, path: path) > 1.3 * zs(played, path: PitchPath(constant: 1.15)))
    }

    /// z of client 17 of 50 in features with that pitch undone.
    private func zs(_ samples: [Float], path: PitchPath) -> Double {
        var analyzer = RecordingAnalyzer(transforms: FFTWProvider(), path: path)
        samples.withUnsafeBufferPointer { analyzer.append($0) }
        analyzer.finish()
        let detector = Detector(
            shared: TestKeys.shared(), candidates: TestKeys.identities(50), log10Threshold: -9,
            transforms: FFTWProvider())
        var run = detector.begin(SearchBudget(channels: 1))
        try? run.add(analyzer.features)
        return run.scores[17]
    }

    /// One pitch throughout is no path, whether there is a mark or not.
    @Test(.enabled(if: isOptimised)) func aVoiceThatDoesNotDriftHasNoPath() throws {
        let steady = WideSearchTests.changed(try SharedRecordings.copyOfFirst(), 1) { _ in 1.15 }
        let nobody = SpeechLike.samples(seconds: 120, seed: 5)
        for samples in [steady, nobody] {
            var follower = PitchFollower(
                plan: CellPlan(pilotSeed: TestKeys.shared().pilot), warp: Warp(pitch: 1.15, rate: 1))
            var spectra = SpectrumAnalyzer(transforms: FFTWProvider())
            samples.withUnsafeBufferPointer { buffer in spectra.append(buffer) { follower.append($0) } }
            let path = follower.finish()
            #expect(path == nil)
        }
    }

    @Test func aPathGoesStraightBetweenTheMiddlesOfItsBlocks() {
        let path = PitchPath(pitches: [1.1, 1.2, 1.2])
        #expect(path.pitch(frame: 0) == 1.1 && path.pitch(frame: 511) == 1.1)
        #expect(abs(path.pitch(frame: 1_024) - 1.15) < 0.002)
        #expect(path.pitch(frame: 1_536) == 1.2 && path.pitch(frame: 100_000) == 1.2)
        #expect(PitchPath(constant: 0.87).pitch(frame: 5_000) == 0.87)
    }

    private static func features(_ samples: [Float], pitch: Double, isForSearch: Bool = false) -> FeatureMatrix {
        var bands = BandAnalyzer(transforms: FFTWProvider(), pitch: pitch)
        var extractor = FeatureExtractor(isForSearch: isForSearch)
        var rows: [SIMD8<Float>] = []
        var features = FeatureMatrix()
        samples.withUnsafeBufferPointer { bands.append($0, rows: &rows) }
        extractor.append(rows, to: &features)
        extractor.finish(&features)
        return features
    }

    /// Plays `samples` at `rate` times their speed (Catmull and Rom's cubic between samples).
    private static func faster(_ samples: [Float], _ rate: Double) -> [Float] {
        (0..<Int(Double(samples.count - 4) / rate)).map { index in
            let position = Double(index) * rate + 1
            let row = Int(position)
            let t = Float(position - Double(row))
            let (a, b, c, d) = (samples[row - 1], samples[row], samples[row + 1], samples[row + 2])
            let cubic = (3 * (b - c) + d - a) * t + 2 * a - 5 * b + 4 * c - d
            return b + 0.5 * t * (c - a + t * cubic)
        }
    }

    /// What a voice changer makes of `samples`: grains of 32 ms from where `rate` says, each played at its own pitch.
    private static func changed(
        _ samples: [Float], _ rate: Double, pitch: (_ seconds: Double) -> Double
    ) -> [Float] {
        let (grain, hop) = (512, 128)
        let window = (0..<grain).map { Float(0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(grain))) }
        var result = [Float](repeating: 0, count: Int(Double(samples.count) / rate))
        for start in stride(from: 0, to: result.count - grain, by: hop) {
            let middle = Double(start + grain / 2)
            let pitch = pitch(middle / FeatureLayout.sampleRate)
            for index in 0..<grain {
                let position = middle * rate + Double(index - grain / 2) * pitch
                let row = Int(position.rounded(.down))
                guard row >= 0, row + 1 < samples.count else { continue }
                let share = Float(position - Double(row))
                result[start + index] += window[index] * (samples[row] + share * (samples[row + 1] - samples[row])) / 2
            }
        }
        return result
    }
}
