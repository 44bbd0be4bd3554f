package import EarmarkDSP
package import EarmarkMark

/// Says how much of a meeting's pilot a recording shows, at a fraction of the cost of an analysis: for finding one
/// meeting among thousands.
///
/// The recording's spectra are computed once. A meeting then costs the spectra of its pilot, one product and one
/// inverse transform for every segment, and the searches for a path and a line that an analysis begins with. Nothing
/// but the pilot seed is read.
package struct PilotScreen {
    /// A part of a recording's features: segments of 256 frames, at most `longestSegments`.
    package struct Stretch {
        fileprivate let segments: Int
        /// Spectra; shape: segments x blocks of eight bins x dipoles x (real, imaginary).
        fileprivate let spectra: [SIMD8<Float>]
    }

    /// Evidence for a meeting's pilot, standard deviations.
    package struct Score: Sendable, Equatable {
        /// Of the best straight line; 3 to 4 by chance in one meeting.
        package var line = -Double.infinity
        /// Of the best path, above what paths gather from noise.
        package var path = -Double.infinity

        /// None.
        package init() {}

        package init(line: Double, path: Double) {
            self.line = line
            self.path = path
        }

        /// The better of both, each by itself.
        package func best(_ other: Score) -> Score { Score(line: max(line, other.line), path: max(path, other.path)) }
    }

    /// Segments of the longest stretch (6.5 minutes), those of the longest line.
    package static let longestSegments = LineSearch.longestSegments
    /// Bins that are compared: up to the chips' rate; features are averages over chips and show next to nothing beyond.
    private static let bins = 256
    private static let blocks = bins / 8
    private static let period = FeatureLayout.framesPerPeriod
    private static let rowVectors = blocks * MarkLayout.dipoleCount * 2
    /// What the best path through noise gathers in a segment, standard deviations.
    private static let pathChance = 1.2

    private let stretches: [Stretch]
    private let transform: any RealTransform
    private var buffer: [Float]
    private var spectrum: [Float]
    private var pilot: [SIMD8<Float>]
    private var correlation: [Float]

    /// Takes the stretches to compare meetings with.
    package init(stretches: [Stretch], transforms: any TransformProvider) {
        self.stretches = stretches
        transform = transforms.realTransform(length: PilotScreen.period)
        buffer = .init(repeating: 0, count: PilotScreen.period)
        spectrum = .init(repeating: 0, count: PilotScreen.period + 2)
        pilot = .init(repeating: .zero, count: PilotScreen.rowVectors)
        correlation = buffer
    }

    /// Prepares whole segments `range` of `features`.
    package static func stretch(
        of features: FeatureMatrix, segments range: Range<Int>, transforms: any TransformProvider
    ) -> Stretch {
        let size = PilotCorrelator.segmentFrames
        let transform = transforms.realTransform(length: period)
        var buffer = [Float](repeating: 0, count: period)
        var spectrum = [Float](repeating: 0, count: period + 2)
        var spectra = [SIMD8<Float>](repeating: .zero, count: range.count * rowVectors)
        for (index, segment) in range.enumerated() {
            for dipole in 0..<MarkLayout.dipoleCount {
                for frame in 0..<size {
                    buffer[frame] = Float(features.values[(segment * size + frame) * FeatureMatrix.columns + dipole])
                }
                transform.forward(buffer, at: 0, into: &spectrum)
                store(spectrum, dipole: dipole, at: index * rowVectors, in: &spectra)
            }
        }
        return Stretch(segments: range.count, spectra: spectra)
    }

    /// Evidence for the meeting with this pilot seed in the stretch that shows most.
    package mutating func score(pilotSeed: Seed) -> Score {
        preparePilot(CellPlan(pilotSeed: pilotSeed))
        var best = Score()
        for stretch in stretches where stretch.segments > 0 {
            let rows = correlate(stretch)
            var score = Score()
            score.line = LineSearch(correlations: rows, firstSegment: 0).highest().score
            var finder = TrackFinder(correlations: rows, frames: stretch.segments * PilotCorrelator.segmentFrames)
            score.path =
                (finder.tracks(limit: 1).first?.score ?? 0)
                - PilotScreen.pathChance * Double(stretch.segments).squareRoot()
            best = best.best(score)
        }
        return best
    }

    private mutating func preparePilot(_ plan: CellPlan) {
        var impulses = [[Float]](
            repeating: .init(repeating: 0, count: PilotScreen.period), count: MarkLayout.dipoleCount)
        for (cell, sign) in zip(plan.pilotCells, plan.pilotSigns) {
            let frame = FeatureLayout.framesPerChip * (Int(cell) / MarkLayout.dipoleCount) + FeatureLayout.chipCentre
            impulses[Int(cell) % MarkLayout.dipoleCount][(frame + PilotScreen.period) % PilotScreen.period] = Float(
                sign)
        }
        for dipole in 0..<MarkLayout.dipoleCount {
            transform.forward(impulses[dipole], at: 0, into: &spectrum)
            PilotScreen.store(spectrum, dipole: dipole, at: 0, in: &pilot)
        }
    }

    private static func store(_ spectrum: [Float], dipole: Int, at start: Int, in rows: inout [SIMD8<Float>]) {
        for block in 0..<blocks {
            var real = SIMD8<Float>.zero
            var imaginary = SIMD8<Float>.zero
            for lane in 0..<8 {
                real[lane] = spectrum[2 * (8 * block + lane)]
                imaginary[lane] = spectrum[2 * (8 * block + lane) + 1]
            }
            let place = start + 2 * (block * MarkLayout.dipoleCount + dipole)
            rows[place] = real
            rows[place + 1] = imaginary
        }
    }

    /// Correlations of a stretch with the pilot at hand, as `PilotCorrelator` gives them; shape: segments x offsets.
    private mutating func correlate(_ stretch: Stretch) -> [Int16] {
        let period = PilotScreen.period
        for index in spectrum.indices { spectrum[index] = 0 }
        var rows = [Int16](repeating: 0, count: stretch.segments * period)
        for segment in 0..<stretch.segments {
            multiply(stretch.spectra, segment)
            transform.inverse(spectrum, into: &correlation)
            // The segment's buffer began at its first frame, so lag o' there is offset o' - first.
            let shift = segment * PilotCorrelator.segmentFrames % period
            PilotScreen.round(correlation, turnedBy: shift, into: &rows, row: segment * period)
        }
        return rows
    }

    /// `spectrum = sum over dipoles of conj(segment) * pilot`, interleaved.
    private mutating func multiply(_ spectra: [SIMD8<Float>], _ segment: Int) {
        let dipoles = MarkLayout.dipoleCount
        let start = segment * PilotScreen.rowVectors
        precondition(start + PilotScreen.rowVectors <= spectra.count && pilot.count == PilotScreen.rowVectors)
        unsafe spectra.withUnsafeBufferPointer { spectra in
            unsafe pilot.withUnsafeBufferPointer { pilot in
                for block in 0..<PilotScreen.blocks {
                    var real = SIMD8<Float>.zero
                    var imaginary = SIMD8<Float>.zero
                    for dipole in 0..<dipoles {
                        let place = 2 * (block * dipoles + dipole)
                        let a = unsafe spectra[start + place], b = unsafe spectra[start + place + 1]
                        let c = unsafe pilot[place], d = unsafe pilot[place + 1]
                        real += a * c + b * d
                        imaginary += a * d - b * c
                    }
                    for lane in 0..<8 {
                        spectrum[2 * (8 * block + lane)] = real[lane]
                        spectrum[2 * (8 * block + lane) + 1] = imaginary[lane]
                    }
                }
            }
        }
    }

    /// Writes `values`, moved down by `shift` around the circle, in units of two feature steps.
    private static func round(_ values: [Float], turnedBy shift: Int, into rows: inout [Int16], row: Int) {
        let scale = 0.5 / Float(period)
        precondition(values.count == period && row >= 0 && row + period <= rows.count && (0..<period) ~= shift)
        unsafe values.withUnsafeBufferPointer { values in
            unsafe rows.withUnsafeMutableBufferPointer { rows in
                for lag in 0..<period {
                    let value = min(max(unsafe values[lag] * scale, -32_000), 32_000)
                    unsafe rows[row + (lag - shift + period) & (period - 1)] = Int16(value.rounded())
                }
            }
        }
    }
}
