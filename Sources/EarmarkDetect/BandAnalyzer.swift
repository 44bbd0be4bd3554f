internal import CMath
package import EarmarkDSP
import EarmarkKernels
import EarmarkMark

/// Turns 16 kHz samples into the power of every sub-band, a frame every 16 ms.
///
/// A row is 8 vectors: the even bands of the 28 dipoles in the first four, the odd ones in the last four.
package struct BandAnalyzer {
    /// Vectors in a row of band powers.
    package static let rowVectors = 2 * FeatureLayout.rowVectors

    private var spectra: SpectrumAnalyzer
    private let path: PitchPath
    private var integrator: BandIntegrator
    private var pitch: Double
    /// Frames so far.
    private var frames = 0

    /// `pitch` is the factor by which all frequencies of the recording are too high; 1 is nominal.
    package init(transforms: any TransformProvider, pitch: Double = 1) {
        self.init(transforms: transforms, path: PitchPath(constant: pitch))
    }

    /// The same for a pitch that changes along the recording.
    package init(transforms: any TransformProvider, path: PitchPath) {
        spectra = SpectrumAnalyzer(transforms: transforms)
        self.path = path
        pitch = path.pitch(frame: 0)
        integrator = BandIntegrator(pitch: pitch)
    }

    /// Takes samples and appends the rows of all frames that are complete to `rows`.
    package mutating func append(_ samples: UnsafeBufferPointer<Float>, rows: inout [SIMD8<Float>]) {
        var (integrator, pitch, frames) = (integrator, pitch, frames)
        unsafe spectra.append(samples) { powers in
            let here = path.pitch(frame: frames)
            if here != pitch {
                pitch = here
                integrator = BandIntegrator(pitch: here)
            }
            frames += 1
            integrator.append(powers, at: 0, to: &rows)
        }
        (self.integrator, self.pitch, self.frames) = (integrator, pitch, frames)
    }
}

/// Short-time power spectra of 16 kHz samples: Hann window of 768, hop 256.
package struct SpectrumAnalyzer {
    /// Bins of a spectrum, 0...8 kHz, padded so that reads past the last band stay inside.
    package static let bins = FeatureLayout.window / 2 + 1 + BandIntegrator.mostBinsPerBand
    /// Width of a bin, hertz.
    package static let spacing = FeatureLayout.sampleRate / Double(FeatureLayout.window)

    private let transform: any RealTransform
    private let window: [Float]
    private var pending: [Float] = []
    private var pendingStart = 0
    private var windowed: [Float]
    private var spectrum: [Float]
    private var powers: [Float]

    package init(transforms: any TransformProvider) {
        let length = FeatureLayout.window
        transform = transforms.realTransform(length: length)
        window = (0..<length).map { Float(0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(length))) }
        windowed = .init(repeating: 0, count: length)
        spectrum = .init(repeating: 0, count: length + 2)
        powers = .init(repeating: 0, count: SpectrumAnalyzer.bins)
    }

    /// Takes samples and hands over the power spectrum of every frame that is complete.
    package mutating func append(_ samples: UnsafeBufferPointer<Float>, _ body: ([Float]) -> Void) {
        unsafe pending.append(contentsOf: samples)
        while pending.count - pendingStart >= FeatureLayout.window {
            analyseFrame(at: pendingStart)
            body(powers)
            pendingStart += FeatureLayout.hop
        }
        // Moving what is left costs little as long as it happens once for many frames.
        if pendingStart > 1 << 15 {
            pending.removeFirst(pendingStart)
            pendingStart = 0
        }
    }

    private mutating func analyseFrame(at start: Int) {
        precondition(start >= 0 && start + FeatureLayout.window <= pending.count)
        unsafe pending.withUnsafeBufferPointer { pending in
            guard let samples = pending.baseAddress else { return }
            unsafe Kernels.window(samples + start, window, into: &windowed, count: FeatureLayout.window)
        }
        transform.forward(windowed, at: 0, into: &spectrum)
        unsafe Kernels.powers(spectrum, into: &powers, count: FeatureLayout.window / 2 + 1)
    }
}

/// Integrates power spectra between the exact edges of the sub-bands: a bin that straddles an edge counts for both
/// sides by its share.
package struct BandIntegrator {
    /// Most bins that a band touches: 125 Hz, raised by half, in bins of 20.8 Hz, and one at either end.
    package static let mostBinsPerBand = 11
    /// Highest pitch that the padding of spectra allows.
    package static let highestPitch = 1.5

    /// Bins that a band touches at most at this pitch, and those that are added anyway.
    private let binsPerBand: Int

    /// Share of each bin in each band, from bin `starts[band]` on.
    ///
    /// Shape: bands x `binsPerBand`.
    private let shares: [Float]
    private let starts: [Int32]

    /// `pitch` scales all band edges; at most `highestPitch`.
    package init(pitch: Double) {
        precondition(pitch > 0 && pitch <= BandIntegrator.highestPitch)
        binsPerBand = max(
            SpectrumKernel.bandLanes, 2 + Int((MarkLayout.bandWidth * pitch / SpectrumAnalyzer.spacing).rounded(.up)))
        var shares: [Float] = []
        var starts: [Int32] = []
        for band in 0..<MarkLayout.bandCount {
            // Beyond the analysis rate there is nothing: such a band is empty, and so its dipole is silent.
            let limit = Double(FeatureLayout.window / 2)
            let low = min(limit, MarkLayout.lowerEdge(ofBand: band) * pitch / SpectrumAnalyzer.spacing)
            let high = min(limit, MarkLayout.lowerEdge(ofBand: band + 1) * pitch / SpectrumAnalyzer.spacing)
            let start = Int((low + 0.5).rounded(.down))
            starts.append(Int32(start))
            for bin in start..<start + binsPerBand {
                shares.append(Float(max(0, min(high, Double(bin) + 0.5) - max(low, Double(bin) - 0.5))))
            }
        }
        self.shares = shares
        self.starts = starts
    }

    /// Appends the band powers of the spectrum that begins at `start` of `powers` as a row.
    package func append(_ powers: [Float], at start: Int, to rows: inout [SIMD8<Float>]) {
        let base = rows.count
        rows.append(contentsOf: repeatElement(SIMD8<Float>.zero, count: BandAnalyzer.rowVectors))
        precondition(start >= 0 && start + SpectrumAnalyzer.bins <= powers.count)
        unsafe powers.withUnsafeBufferPointer { powers in
            unsafe rows.withUnsafeMutableBufferPointer { rows in
                guard let powers = powers.baseAddress, let rows = rows.baseAddress else { return }
                let row = unsafe UnsafeMutableRawPointer(rows + base).assumingMemoryBound(to: Float.self)
                unsafe Kernels.integrate(
                    powers + start, shares: shares, binsPerBand: binsPerBand, starts: starts,
                    bands: MarkLayout.bandCount, into: row, half: FeatureLayout.rowLanes)
            }
        }
    }
}
