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
        #expect(abs(level.decibels) < 4)
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
        }
    }

    /// Noise takes more of the mark everywhere than at the peaks.
    @Test func noiseLeavesTheLevelAtThePeaks() throws {
        let marked = try SharedRecordings.copyOfFirst()
        var noise = NoiseSource(seed: 5)
        let power = marked.reduce(0) { $0 + Double($1) * Double($1) } / Double(marked.count)
        let deviation = (power / 10).squareRoot()
        let level = try level(of: 17, marked.map { $0 + Float(noise.gaussian() * deviation) })
        #expect(level.leastDecibels > -13.4)
    }

    @Test func aTenthOfTheCellsArePeaks() throws {
        let features = features(SharedRecordings.host)
        let counts = features.peakCounts()
        for count in counts { #expect(abs(Double(count) / Double(features.frames) - CellPeaks.share) < 0.02) }
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

    private func level(of client: Int, _ samples: [Float]) throws -> Detection.Level {
        let detector = Detector(
            shared: TestKeys.shared(), candidates: TestKeys.identities(40), log10Threshold: -9,
            transforms: FFTWProvider())
        var run = detector.begin(channelCount: 1)
        run.add(features(samples))
        return try #require(run.finish().sources.first { $0.candidate == client }).level
    }

    private func features(_ samples: [Float]) -> FeatureMatrix {
        var analyzer = RecordingAnalyzer(transforms: FFTWProvider())
        samples.withUnsafeBufferPointer { analyzer.append($0) }
        analyzer.finish()
        return analyzer.features
    }
}
