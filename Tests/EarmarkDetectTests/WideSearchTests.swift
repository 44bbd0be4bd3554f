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

    @Test func tooLittleGivesNothing() {
        for frames in [0, 256, 261, 290] {
            var search = WideSearch(
                plan: CellPlan(pilotSeed: TestKeys.shared().pilot), transforms: FFTWProvider())
            for _ in 0..<frames { search.append(.init(repeating: 0, count: SpectrumAnalyzer.bins)) }
            #expect(search.run(limit: 2).isEmpty, "\(frames) frames of silence")
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
        let found = try #require(search.run(limit: 1).first)
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
    @Test(.enabled(if: isOptimised), arguments: [(1.15, 1.0), (0.87, 1.0), (1.3, 1.0), (0.76, 1.0), (1.15, 0.88)])
    func aChangedVoiceIsFoundAndTheClientNamed(pitch: Double, rate: Double) throws {
        let resampled = WideSearchTests.faster(try SharedRecordings.copyOfFirst(), pitch)
        let played = WideSearchTests.stretched(resampled, pitch / rate)
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

    /// `factor` times as long at the same pitch: frames of 32 ms, laid down further apart than they were taken.
    private static func stretched(_ samples: [Float], _ factor: Double) -> [Float] {
        let (frame, hop) = (512, 128)
        let window = (0..<frame).map { Float(0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(frame))) }
        var result = [Float](repeating: 0, count: Int(Double(samples.count) * factor) + frame)
        for number in 0..<Int(Double(samples.count - frame) * factor) / hop {
            let start = Int(Double(number * hop) / factor)
            for index in 0..<frame { result[number * hop + index] += window[index] * samples[start + index] / 2 }
        }
        return result
    }
}
