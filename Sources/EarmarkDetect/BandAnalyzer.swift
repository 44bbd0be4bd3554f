internal import CMath
package import EarmarkDSP
import EarmarkMark

/// Turns 16 kHz samples into the power of every sub-band, a frame every 16 ms.
///
/// A row is 8 vectors: the even bands of the 28 dipoles in the first four, the odd ones in the last four. Power is
/// integrated between the exact band edges, so bins that straddle an edge count for both sides by their share.
package struct BandAnalyzer {
    /// Vectors in a row of band powers.
    package static let rowVectors = 2 * FeatureLayout.rowVectors

    private let transform: any RealTransform
    private let window: [Float]
    private let firstBin: Int
    private let binCount: Int
    /// Share of each bin in each band. Shape: bands x `binsPerBand`, from bin `starts[band]` on.
    private let shares: [Float]
    private let starts: [Int]
    private static let binsPerBand = 8

    private var pending: [Float] = []
    private var pendingStart = 0
    private var windowed: [Float]
    private var spectrum: [Float]
    private var powers: [Float]

    package init(transforms: any TransformProvider) {
        let length = FeatureLayout.window
        transform = transforms.realTransform(length: length)
        window = (0..<length).map { Float(0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(length))) }
        let spacing = FeatureLayout.sampleRate / Double(length)
        firstBin = Int((MarkLayout.lowestFrequency / spacing - 0.5).rounded(.down))
        let top = MarkLayout.lowerEdge(ofBand: MarkLayout.bandCount)
        binCount = min(length / 2, Int((top / spacing + 1.5).rounded(.up))) - firstBin + 1
        var shares: [Float] = []
        var starts: [Int] = []
        for band in 0..<MarkLayout.bandCount {
            let low = MarkLayout.lowerEdge(ofBand: band) / spacing
            let high = MarkLayout.lowerEdge(ofBand: band + 1) / spacing
            let start = Int((low + 0.5).rounded(.down))
            starts.append(start - firstBin)
            for bin in start..<start + BandAnalyzer.binsPerBand {
                let overlap = min(high, Double(bin) + 0.5) - max(low, Double(bin) - 0.5)
                shares.append(Float(max(0, overlap)))
            }
        }
        self.shares = shares
        self.starts = starts
        windowed = .init(repeating: 0, count: length)
        spectrum = .init(repeating: 0, count: length + 2)
        powers = .init(repeating: 0, count: binCount + BandAnalyzer.binsPerBand)
    }

    /// Takes samples and appends the rows of all frames that are complete to `rows`.
    package mutating func append(_ samples: UnsafeBufferPointer<Float>, rows: inout [SIMD8<Float>]) {
        unsafe pending.append(contentsOf: samples)
        while pending.count - pendingStart >= FeatureLayout.window {
            analyseFrame(at: pendingStart, rows: &rows)
            pendingStart += FeatureLayout.hop
        }
        // Moving what is left costs little as long as it happens once for many frames.
        if pendingStart > 1 << 15 {
            pending.removeFirst(pendingStart)
            pendingStart = 0
        }
    }

    private mutating func analyseFrame(at start: Int, rows: inout [SIMD8<Float>]) {
        for index in 0..<FeatureLayout.window { windowed[index] = pending[start + index] * window[index] }
        transform.forward(windowed, at: 0, into: &spectrum)
        for index in 0..<binCount {
            let re = spectrum[2 * (firstBin + index)]
            let im = spectrum[2 * (firstBin + index) + 1]
            powers[index] = re * re + im * im
        }
        let base = rows.count
        rows.append(contentsOf: repeatElement(SIMD8<Float>.zero, count: BandAnalyzer.rowVectors))
        for band in 0..<MarkLayout.bandCount {
            var sum: Float = 0
            let share = band * BandAnalyzer.binsPerBand
            let bin = starts[band]
            for index in 0..<BandAnalyzer.binsPerBand { sum += shares[share + index] * powers[bin + index] }
            let dipole = band / 2
            rows[base + band % 2 * FeatureLayout.rowVectors + dipole / 8][dipole % 8] = sum
        }
    }
}
