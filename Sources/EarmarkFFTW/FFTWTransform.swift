internal import CFFTW
public import EarmarkDSP
import Synchronization

/// FFTW's planner is not thread-safe; executing a plan is.
private let plannerLock = Mutex<Void>(())

/// Provides single-precision FFTW transforms.
///
/// Plans are made with `FFTW_ESTIMATE`: measured plans differ from run to run, and with them the last bits of every
/// result; an engine whose answers are evidence must repeat itself.
public struct FFTWProvider: TransformProvider {
    /// Makes a provider; it holds no state.
    public init() {}

    /// A transform of `length` real samples, `length` even and > 0.
    public func realTransform(length: Int) -> any RealTransform { FFTWRealTransform(length: length) }
}

/// One forward and one inverse FFTW plan over memory of its own.
@safe final class FFTWRealTransform: RealTransform {
    let length: Int
    private let samples: UnsafeMutablePointer<Float>
    private let bins: UnsafeMutablePointer<fftwf_complex>
    private let forwardPlan: fftwf_plan
    private let inversePlan: fftwf_plan

    init(length: Int) {
        precondition(length > 0 && length % 2 == 0, "transform length must be even and positive")
        self.length = length
        let made = unsafe plannerLock.withLock { _ in
            let samples = unsafe fftwf_alloc_real(length)
            let bins = unsafe fftwf_alloc_complex(length / 2 + 1)
            let size = CInt(length)
            let forward = unsafe fftwf_plan_dft_r2c_1d(size, samples, bins, FFTW_ESTIMATE)
            let inverse = unsafe fftwf_plan_dft_c2r_1d(size, bins, samples, FFTW_ESTIMATE)
            return unsafe PlanParts(samples: samples, bins: bins, forward: forward, inverse: inverse)
        }
        guard let samples = unsafe made.samples, let bins = unsafe made.bins,
            let forward = unsafe made.forward, let inverse = unsafe made.inverse
        else {
            // Only memory exhaustion gets here: FFTW plans every even length.
            fatalError("FFTW could not plan a transform of \(length) samples")
        }
        unsafe self.samples = samples
        unsafe self.bins = bins
        unsafe forwardPlan = forward
        unsafe inversePlan = inverse
    }

    deinit {
        plannerLock.withLock { _ in
            unsafe fftwf_destroy_plan(forwardPlan)
            unsafe fftwf_destroy_plan(inversePlan)
        }
        unsafe fftwf_free(samples)
        unsafe fftwf_free(bins)
    }

    func forward(_ input: [Float], at offset: Int, into spectrum: inout [Float]) {
        precondition(offset >= 0 && offset + length <= input.count && spectrum.count >= length + 2)
        unsafe input.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            unsafe samples.update(from: base + offset, count: length)
        }
        unsafe fftwf_execute(forwardPlan)
        let count = length + 2
        unsafe bins.withMemoryRebound(to: Float.self, capacity: count) { values in
            unsafe spectrum.withUnsafeMutableBufferPointer { target in
                guard let base = target.baseAddress else { return }
                unsafe base.update(from: values, count: count)
            }
        }
    }

    func inverse(_ spectrum: [Float], into output: inout [Float]) {
        let count = length + 2
        precondition(spectrum.count >= count && output.count >= length)
        unsafe bins.withMemoryRebound(to: Float.self, capacity: count) { values in
            unsafe spectrum.withUnsafeBufferPointer { source in
                guard let base = source.baseAddress else { return }
                unsafe values.update(from: base, count: count)
            }
        }
        unsafe fftwf_execute(inversePlan)
        unsafe output.withUnsafeMutableBufferPointer { target in
            guard let base = target.baseAddress else { return }
            unsafe base.update(from: samples, count: length)
        }
    }
}

@unsafe private struct PlanParts: @unchecked Sendable {  // Handed out of the planner's lock once, to a single owner.
    let samples: UnsafeMutablePointer<Float>?
    let bins: UnsafeMutablePointer<fftwf_complex>?
    let forward: fftwf_plan?
    let inverse: fftwf_plan?
}
