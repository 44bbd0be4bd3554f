internal import EarmarkDSP
internal import EarmarkDetect
import Foundation

/// Samples of one channel in, features out, on two threads: spectra on the caller's, features of them on its own.
///
/// With the decoder's process that makes three stages, none of which takes half of the time: a second core is of use
/// to a single recording. Every stage takes its input in order, so the features are those of `RecordingAnalyzer` to the
/// last bit. For one thread at a time.
final class FeaturePipeline {
    /// Frames that are handed over at a time: 8 s, a hundredth of a millisecond's work to hand over.
    private static let batchFrames = 512

    private var bands: BandAnalyzer
    private var rows: [SIMD8<Float>] = []
    private let stage: FeatureStage

    /// As `RecordingAnalyzer` takes them.
    init(
        transforms: any TransformProvider, expectedSeconds: Double, path: PitchPath = .init(constant: 1),
        host: HostTrack? = nil
    ) {
        bands = BandAnalyzer(transforms: transforms, path: path)
        stage = FeatureStage(expectedSeconds: expectedSeconds, host: host)
        stage.start()
    }

    /// Nobody wants the rest.
    deinit { stage.cancel() }

    /// Takes samples at 16 kHz.
    func append(_ samples: UnsafeBufferPointer<Float>) {
        bands.append(samples, rows: &rows)
        guard rows.count >= FeaturePipeline.batchFrames * BandAnalyzer.rowVectors else { return }
        stage.take(rows)
        rows = []
    }

    /// The features of all that was appended; call it once, at the end of the recording.
    func finish() -> FeatureMatrix {
        stage.take(rows)
        rows = []
        return stage.finish()
    }
}

/// The thread that makes features of band powers.
///
/// It is waited for, not left to end by itself: where processors are busy, those of a file of 256 tracks would all be
/// about to end at once, each with its stack.
private final class FeatureStage: @unchecked Sendable {
    // Sendable: `waiting` and `state` are touched under `condition` only, extractor and features by the thread alone
    // until it is over; `thread` by the caller.

    private enum State { case open, closing, cancelled }

    /// Batches that wait at most: 128 kB each.
    private static let mostWaiting = 8
    /// As much as a main thread has: chunks are computed in arrays, not on the stack.
    private static let stackByteCount = 8 << 20

    private let condition = NSCondition()
    private var waiting: [[SIMD8<Float>]] = []
    private var state = State.open
    /// nil where the system has no thread to give, which is no reason to stop, and once it has ended.
    private var thread: pthread_t?
    private var extractor: FeatureExtractor
    private var features: FeatureMatrix

    init(expectedSeconds: Double, host: HostTrack?) {
        extractor = FeatureExtractor(host: host)
        features = FeatureMatrix(expectedSeconds: expectedSeconds)
    }

    func start() {
        let stage = Unmanaged.passRetained(self)
        thread = withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { attributes in
            let attributes = attributes.baseAddress
            guard let attributes, pthread_attr_init(attributes) == 0 else { return nil }
            defer { pthread_attr_destroy(attributes) }
            pthread_attr_setstacksize(attributes, FeatureStage.stackByteCount)
            var thread = pthread_t()
            let code = pthread_create(
                &thread, attributes,
                { stage in
                    if let stage { Unmanaged<FeatureStage>.fromOpaque(stage).takeRetainedValue().run() }
                    return nil
                }, stage.toOpaque())
            return code == 0 ? thread : nil
        }
        if thread == nil { stage.release() }
    }

    /// Hands over rows; waits where the thread is behind.
    func take(_ rows: [SIMD8<Float>]) {
        guard thread != nil else { return extractor.append(rows, to: &features) }
        condition.withLock {
            while waiting.count >= FeatureStage.mostWaiting { condition.wait() }
            waiting.append(rows)
            condition.broadcast()
        }
    }

    /// Waits for the end of all that was handed over.
    func finish() -> FeatureMatrix {
        if thread != nil { end(.closing) } else { extractor.finish(&features) }
        var features = FeatureMatrix()
        swap(&features, &self.features)
        return features
    }

    /// Waits for no more than what the thread has in hand.
    func cancel() { end(.cancelled) }

    private func end(_ wanted: State) {
        guard let thread else { return }
        condition.withLock {
            state = wanted
            condition.broadcast()
        }
        pthread_join(thread, nil)
        self.thread = nil
    }

    private func run() {
        while let rows = next() { extractor.append(rows, to: &features) }
        if condition.withLock({ state == .closing }) { extractor.finish(&features) }
    }

    /// The next rows; nil at the end.
    private func next() -> [SIMD8<Float>]? {
        condition.withLock {
            while waiting.isEmpty, state == .open { condition.wait() }
            guard state != .cancelled, !waiting.isEmpty else { return nil }
            condition.broadcast()
            return waiting.removeFirst()
        }
    }
}
