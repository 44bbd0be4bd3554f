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

    /// A pipeline that nobody waits for ends its thread, which holds what waits for it, and one without samples has no
    /// features.
    @Test func whatIsNotWantedEnds() async throws {
        let samples = [Float](repeating: 0, count: 160_000)
        var stages = (0..<8).map { _ in
            let pipeline = FeaturePipeline(transforms: FFTWProvider(), expectedSeconds: 0)
            samples.withUnsafeBufferPointer { pipeline.append($0) }
            let stage = Mirror(reflecting: pipeline).children.first { $0.label == "stage" }?.value
            return Weak(object: stage.map { $0 as AnyObject })
        }
        // Machines may be slow; a thread that waits for more never ends.
        for _ in 0..<2_000 where !stages.isEmpty {
            stages.removeAll { $0.object == nil }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(stages.isEmpty, "threads wait for what nobody will bring")
        #expect(FeaturePipeline(transforms: FFTWProvider(), expectedSeconds: 0).finish().frames == 0)
    }
}
