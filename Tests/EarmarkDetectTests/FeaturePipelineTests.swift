import EarmarkFFTW
import EarmarkTestSupport
import Testing

@testable import EarmarkAnalysis
@testable import EarmarkDetect

/// docs/architecture.md, "The way of a leak": two threads make the features that one makes, to the last bit.
@Suite struct FeaturePipelineTests {
    private struct Weak {
        weak var object: AnyObject?
    }

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

    /// Whether features were asked for or not, the thread, which holds what waits for it, ends before anybody goes on.
    @Test(arguments: [true, false]) func noThreadOutlivesItsPipeline(isFinished: Bool) {
        let samples = [Float](repeating: 0, count: 160_000)
        // A thread that is left to end by itself does so within microseconds, mostly.
        for _ in 0..<100 {
            var stage = Weak()
            do {
                let pipeline = FeaturePipeline(transforms: FFTWProvider(), expectedSeconds: 0)
                samples.withUnsafeBufferPointer { pipeline.append($0) }
                stage.object = Mirror(reflecting: pipeline).children.first { $0.label == "stage" }
                    .map { $0.value as AnyObject }
                if isFinished { #expect(pipeline.finish().frames > 0) }
            }
            #expect(stage.object == nil, "its thread goes on")
        }
        #expect(FeaturePipeline(transforms: FFTWProvider(), expectedSeconds: 0).finish().frames == 0)
    }
}
