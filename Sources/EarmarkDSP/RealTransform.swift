/// A real-input discrete Fourier transform of one fixed length.
///
/// Spectra are interleaved `(re, im)` pairs of bins `0...length/2`, so `length + 2` floats. Both directions are
/// unscaled: `inverse(forward(x)) == length * x`. An instance owns scratch memory and serves one thread at a time.
public protocol RealTransform: AnyObject {
    /// Number of real samples.
    var length: Int { get }

    /// Transforms `length` samples of `input`, from `offset` on, into `length + 2` floats of `spectrum`.
    func forward(_ input: [Float], at offset: Int, into spectrum: inout [Float])

    /// Transforms `length + 2` floats of `spectrum` back into `length` samples of `output`.
    func inverse(_ spectrum: [Float], into output: inout [Float])
}

/// Makes transforms, so that signal stages do not name the library that computes them.
public protocol TransformProvider: Sendable {
    /// A transform of `length` real samples, `length` even and > 0.
    func realTransform(length: Int) -> any RealTransform
}
