import EarmarkDetect
import EarmarkFFTW
import EarmarkTestSupport
import Foundation
import Testing

/// Samples to features: what later stages may rely on whatever the recording holds.
@Suite struct FeatureExtractorTests {
    @Test func cutsOfTheStreamDoNotMatter() {
        // Past one chunk of 65.5 s, so that its border moves through blocks of every size.
        let samples = FeatureExtractorTests.host
        let whole = FeatureExtractorTests.features(samples) { samples.count }
        for blocks in [{ 4_096 }, { 1_000 }, { 300_000 }] {
            let cut = FeatureExtractorTests.features(samples, blocks)
            #expect(cut.frames == whole.frames)
            let differing = zip(cut.values, whole.values).count { $0 != $1 }
            #expect(differing == 0, "of \(whole.values.count)")
        }
    }

    @Test(arguments: [767, 768, 1_023, 1_535, 1_536, 16_000, 50_000])
    func everyFrameButTheLastThreeHasARow(count: Int) {
        let features = FeatureExtractorTests.features(Array(FeatureExtractorTests.host.prefix(count))) { 4_096 }
        let frames = count < FeatureLayout.window ? 0 : (count - FeatureLayout.window) / FeatureLayout.hop + 1
        #expect(features.frames == max(0, frames - 3))
        #expect(features.values.count == features.frames * FeatureMatrix.columns)
    }

    @Test func rowsOfSeveralChunksAreAllThere() {
        let host = FeatureExtractorTests.host
        let frames = (host.count - FeatureLayout.window) / FeatureLayout.hop + 1
        #expect(FeatureExtractorTests.features(host) { 4_096 }.frames == frames - 3)
    }

    @Test(arguments: [0x1p-10, 0.01, 0.3, 30] as [Float])
    func levelDoesNotMatter(gain: Float) {
        let samples = Array(FeatureExtractorTests.host.prefix(160_000))
        let plain = FeatureExtractorTests.features(samples) { 4_096 }
        let scaled = FeatureExtractorTests.features(samples.map { $0 * gain }) { 4_096 }
        let differences = zip(plain.values, scaled.values).map { abs(Int($0) - Int($1)) }
        // A power of two changes nothing but a value's rounding here and there; any other gain also moves levels
        // between the steps of the floor's histogram, 0.19 dB wide.
        if gain.significand == 1 { #expect((differences.max() ?? 99) <= 1) }
        #expect(Double(differences.count { $0 > 1 }) < 0.02 * Double(differences.count))
        #expect(plain.values.count { abs(Int($0)) > 20 } > plain.values.count / 10)
    }

    @Test func silenceHasNoFeatures() {
        let features = FeatureExtractorTests.features(.init(repeating: 0, count: 64_000)) { 4_096 }
        #expect(features.frames > 0)
        #expect(features.values.allSatisfy { $0 == 0 })
        #expect(features.slopes.allSatisfy { $0.isFinite && abs($0) < 1e-3 })
    }

    @Test(arguments: HostileInput.allCases)
    func hostileInputKeepsEverythingFinite(input: HostileInput) {
        let features = FeatureExtractorTests.features(input.samples(80_000)) { 4_096 }
        #expect(features.frames == (80_000 - FeatureLayout.window) / FeatureLayout.hop + 1 - 3)
        #expect(features.slopes.allSatisfy { $0.isFinite })
        #expect(features.energies().allSatisfy { $0.isFinite })
    }

    @Test func extractionRepeatsItself() {
        let samples = Array(FeatureExtractorTests.host.prefix(100_000))
        let first = FeatureExtractorTests.features(samples) { 4_096 }
        let second = FeatureExtractorTests.features(samples) { 4_096 }
        #expect(first.values == second.values)
        #expect(first.slopes == second.slopes)
    }

    enum HostileInput: CaseIterable {
        case impulse, constant, square, alternating, huge, tiny, startsLate, endsEarly

        func samples(_ count: Int) -> [Float] {
            var noise = NoiseSource(seed: 6)
            return (0..<count).map { index in
                switch self {
                case .impulse: index == count / 2 ? 1 : 0
                case .constant: 1
                case .square: index / 50 % 2 == 0 ? 1 : -1
                case .alternating: index % 2 == 0 ? 1 : -1
                // What the decoder lets through at most.
                case .huge: Float(noise.uniform() - 0.5) * 2e9
                case .tiny: Float(noise.uniform() - 0.5) * 1e-30
                case .startsLate: index > count * 3 / 4 ? Float(noise.gaussian()) : 0
                case .endsEarly: index < count / 4 ? Float(noise.gaussian()) * 1e9 : 0
                }
            }
        }
    }

    private static let host = SpeechLike.samples(seconds: 75, seed: 51)

    private static func features(_ samples: [Float], _ block: () -> Int) -> FeatureMatrix {
        var analyzer = RecordingAnalyzer(transforms: FFTWProvider())
        samples.withUnsafeBufferPointer { buffer in
            var done = 0
            while done < buffer.count {
                let count = min(block(), buffer.count - done)
                analyzer.append(.init(rebasing: buffer[done..<done + count]))
                done += count
            }
        }
        analyzer.finish()
        return analyzer.features
    }
}
