import EarmarkFFTW
import EarmarkMark
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkDetect

/// Levels of sources, which decide who may be an echo.
@Suite struct SourceLevelTests {
    @Test func aFreshMarkIsAtItsNominalLevel() throws {
        let level = try level(of: 17, SharedRecordings.copyOfFirst())
        // What speech-like audio shows at its peaks is more than what recordings show (3 dB), whose syllables differ.
        #expect(abs(level.decibels) < 5)
        #expect(level.leastDecibels < level.decibels && level.leastDecibels > level.decibels - 2)
    }

    /// Half of a copy and half of unmarked sound: 6 dB less.
    @Test func dilutionByUnmarkedSoundShows() throws {
        let marked = try SharedRecordings.copyOfFirst()
        let full = try level(of: 17, marked)
        for share in [0.5, 0.25] {
            let diluted = zip(SharedRecordings.host, marked).map { $0 + Float(share) * ($1 - $0) }
            let difference = try level(of: 17, diluted).decibels - full.decibels
            #expect(abs(difference - 20 * log10(share)) < 2.5)
            // The pilot sinks with it.
            let pilot = try pilotLevel(diluted) - pilotLevel(marked)
            #expect(abs(pilot - 20 * log10(share)) < 2.5)
        }
    }

    /// Noise takes more of the mark everywhere than at the peaks: what is below the level of echoes over all cells is
    /// above it there.
    @Test func noiseLeavesTheLevelAtThePeaks() throws {
        let marked = try SharedRecordings.copyOfFirst()
        var noise = NoiseSource(seed: 5)
        let power = marked.reduce(0) { $0 + Double($1) * Double($1) } / Double(marked.count)
        let deviation = (power / 10).squareRoot()
        let noisy = features(marked.map { $0 + Float(noise.gaussian() * deviation) })
        let level = try level(of: 17, noisy)
        #expect(level.leastDecibels > -13.4)
        let everywhere = try self.level(of: 17, withoutPeaks(noisy))
        #expect(everywhere.decibels < level.decibels - 3, "\(everywhere.decibels) of \(level.decibels) dB")
    }

    /// What a mark would reach in this audio is what it reaches.
    @Test func theExpectedEvidenceIsThatOfAFreshMark() throws {
        var run = detector.begin(SearchBudget(channels: 1))
        try run.add(features(try SharedRecordings.copyOfFirst()))
        let detection = run.finish()
        let source = try #require(detection.sources.first { $0.candidate == 17 })
        let expectation = detection.expectation
        #expect(source.z > expectation.z && source.z < expectation.most, "\(source.z) of \(expectation)")
        // The pilot, which is measured over all cells, is as loud as the identity.
        let everywhere = try level(of: 17, withoutPeaks(features(SharedRecordings.copyOfFirst())))
        #expect(abs(try #require(detection.pilotLevel) - everywhere.decibels) < 1)
    }

    @Test func aTenthOfTheCellsArePeaks() throws {
        let features = features(SharedRecordings.host)
        let counts = features.peakCounts()
        for count in counts { #expect(abs(Double(count) / Double(features.frames) - 0.1) < 0.02) }
        #expect(features.peaks.count == features.frames)
    }

    /// A recording that plays too fast has the same levels.
    @Test func resamplingKeepsSlopesAndPeaks() {
        let features = features(Array(SharedRecordings.host.prefix(480_000)))
        let slower = features.resampled(rate: 1.1)
        #expect(slower.peaks.count == slower.frames)
        let stretch = Double(slower.frames) / Double(features.frames)
        for (mine, theirs) in zip(slower.slopes, features.slopes) {
            #expect(abs(mine - theirs * stretch) < 1e-9 * mine)
        }
        for (mine, theirs) in zip(slower.peakCounts(), features.peakCounts()) {
            #expect(abs(Double(mine) - Double(theirs) * stretch) < 0.1 * Double(theirs))
        }
    }

    private let detector = Detector(
        shared: TestKeys.shared(), candidates: TestKeys.identities(40), log10Threshold: -9, transforms: FFTWProvider())

    private func level(of client: Int, _ samples: [Float]) throws -> Detection.Level {
        try level(of: client, features(samples))
    }

    private func level(of client: Int, _ features: FeatureMatrix) throws -> Detection.Level {
        var run = detector.begin(SearchBudget(channels: 1))
        try run.add(features)
        return try #require(run.finish().sources.first { $0.candidate == client }).level
    }

    private func pilotLevel(_ samples: [Float]) throws -> Double {
        var run = detector.begin(SearchBudget(channels: 1))
        try run.add(features(samples))
        return try #require(run.finish().pilotLevel)
    }

    /// The same features, none of whose cells count as peaks.
    private func withoutPeaks(_ features: FeatureMatrix) -> FeatureMatrix {
        var plain = SyntheticFeatures.joined([features])
        plain.takeSlopes(of: features)
        return plain
    }

    private func features(_ samples: [Float]) -> FeatureMatrix {
        var analyzer = RecordingAnalyzer(transforms: FFTWProvider())
        samples.withUnsafeBufferPointer { analyzer.append($0) }
        analyzer.finish()
        return analyzer.features
    }
}
