import EarmarkFFTW
import EarmarkTestSupport
import Testing

@testable import EarmarkAnalysis
@testable import EarmarkDetect

/// docs/architecture.md, "The way of a leak": two threads make the features that one makes, to the last bit.
@Suite struct FeaturePipelineTests {
    /// Longer than two chunks, in blocks that fit no frame.
    @Test func twoThreadsMakeTheSameBits() {
        let samples = SpeechLike.samples(seconds: 150, seed: 5)
        let length = 10_007
        var analyzer = RecordingAnalyzer(transforms: FFTWProvider(), expectedSeconds: 0)
        let pipeline = FeaturePipeline(transforms: FFTWProvider(), expectedSeconds: 0)
        samples.withUnsafeBufferPointer { analyzer.append($0) }
        for start in stride(from: 0, to: samples.count, by: length) {
            Array(samples[start..<min(samples.count, start + length)]).withUnsafeBufferPointer { pipeline.append($0) }
        }
        analyzer.finish()
        let (one, two) = (analyzer.features, pipeline.finish())
        #expect(one.frames > 9_000)
        #expect(one.values == two.values && one.peaks == two.peaks && one.changes == two.changes)
        #expect(one.slopes == two.slopes && one.heardSlopes == two.heardSlopes && one.peakSlopes == two.peakSlopes)
    }

    /// A pipeline that nobody waits for ends its thread, and one without samples has no features.
    @Test func whatIsNotWantedEnds() {
        let samples = [Float](repeating: 0, count: 160_000)
        for _ in 0..<8 {
            let pipeline = FeaturePipeline(transforms: FFTWProvider(), expectedSeconds: 0)
            samples.withUnsafeBufferPointer { pipeline.append($0) }
        }
        #expect(FeaturePipeline(transforms: FFTWProvider(), expectedSeconds: 0).finish().frames == 0)
    }
}
