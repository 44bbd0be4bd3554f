import EarmarkKernels

/// Finds the straight lines through a recording that gather the most pilot correlation.
///
/// A path that may turn anywhere (`TrackFinder`) collects 1.2 standard deviations a segment from pure noise, which
/// hides every mark weaker than that. A line can only choose its offset and its slope, once: its noise stays near four
/// standard deviations however long the recording, so marks of half the strength are found. The price is that cuts must
/// be left to the paths.
struct LineSearch {
    /// Furthest drift between two clocks, either way: 300 ppm, six times what crystals of computers and telephones
    /// show.
    static let clockDrift = 300e-6
    /// Drift between neighbouring slopes, in frames from the middle of a line to its end: the pilot's peak falls by a
    /// tenth within half of that.
    private static let slopeSpacing = 1.2
    /// Offsets around a line that later lines may not use, frames: half of the pilot's peak.
    ///
    /// Two of five clients who hear a meeting up to two seconds apart are likely to be within a peak's reach (6 frames)
    /// of each other, and both are lines.
    private static let exclusion = 2
    /// Segments of the longest line (6.5 minutes): a clock that warms up bends further than a peak is wide in more.
    static let longestSegments = 96
    private static let offsets = FeatureLayout.framesPerPeriod

    private let scores: [Int16]
    private let firstSegment: Int
    private let farthestSlope: Double

    /// `correlations`: segments x offsets, as of `PilotCorrelator`, from segment `firstSegment` of the recording on;
    /// `farthestSlope` is how far lines may lean either way.
    init(correlations: [Int16], firstSegment: Int, farthestSlope: Double = LineSearch.clockDrift) {
        scores = correlations
        self.firstSegment = firstSegment
        self.farthestSlope = farthestSlope
    }

    /// Evidence of the best line through all segments, standard deviations, and its slope.
    func highest() -> (score: Double, slope: Double) {
        let segments = scores.count / LineSearch.offsets
        guard let track = best(1, in: 0..<segments, end: nil).first, let piece = track.pieces.first else {
            return (0, 0)
        }
        return (track.score, piece.slope)
    }

    /// The `limit` best lines, each a track of one piece for every stretch of `longestSegments`.
    ///
    /// Line k of the answer joins the k-th best lines of the stretches, which are placed in the meeting one by one.
    /// `end` is the recording's frame behind the last segment.
    func lines(limit: Int, end: Int) -> [Track] {
        let segments = scores.count / LineSearch.offsets
        guard segments > 0, limit > 0 else { return [] }
        let stretches = (segments + LineSearch.longestSegments - 1) / LineSearch.longestSegments
        var joined: [Track] = []
        for stretch in 0..<stretches {
            let range = segments * stretch / stretches..<segments * (stretch + 1) / stretches
            let isLast = stretch == stretches - 1
            for (rank, track) in best(limit, in: range, end: isLast ? end : nil).enumerated() {
                if rank < joined.count { joined[rank].append(track) } else { joined.append(track) }
            }
        }
        return joined
    }

    private struct Line {
        var offset: Int
        var slope: Double
        var sum: Int32
    }

    private func best(_ limit: Int, in range: Range<Int>, end: Int?) -> [Track] {
        guard !range.isEmpty else { return [] }
        let halfFrames = Double(range.count * PilotCorrelator.segmentFrames) / 2
        let step = LineSearch.slopeSpacing / halfFrames
        let reach = Int((farthestSlope / step).rounded(.up))
        // The best slope for every offset, then the best offsets.
        var lines = [Line](repeating: Line(offset: 0, slope: 0, sum: .min), count: LineSearch.offsets)
        var sums = [Int32](repeating: 0, count: LineSearch.offsets)
        for index in -reach...reach {
            accumulate(slope: Double(index) * step, range, &sums)
            for offset in 0..<LineSearch.offsets where sums[offset] > lines[offset].sum {
                lines[offset] = Line(offset: offset, slope: Double(index) * step, sum: sums[offset])
            }
        }
        let scale = 1 / max(deviation(range) * Double(range.count).squareRoot(), 1e-9)
        var taken = [Bool](repeating: false, count: LineSearch.offsets)
        var found: [Track] = []
        while found.count < limit {
            // A few out of a thousand: looking for the highest each time costs less than putting all in order.
            var best: Line?
            for line in lines where !taken[line.offset] && line.sum > best?.sum ?? .min { best = line }
            guard let line = best else { break }
            found.append(track(line, range, end: end, score: Double(line.sum) * scale))
            for delta in -LineSearch.exclusion...LineSearch.exclusion {
                taken[(line.offset + delta + LineSearch.offsets) % LineSearch.offsets] = true
            }
        }
        return found
    }

    /// `sums[o]`: correlation along the line that has offset o in the middle of `range`.
    private func accumulate(slope: Double, _ range: Range<Int>, _ sums: inout [Int32]) {
        for offset in sums.indices { sums[offset] = 0 }
        let middle = Double(range.lowerBound + range.upperBound) / 2
        for segment in range {
            let away = (Double(segment) + 0.5 - middle) * Double(PilotCorrelator.segmentFrames)
            let shift = Int((slope * away).rounded()) + LineSearch.offsets
            LineSearch.add(
                scores, row: segment * LineSearch.offsets, shift: shift & (LineSearch.offsets - 1), to: &sums)
        }
    }

    /// `sums[o] += scores[row + (o + shift) mod offsets]`.
    private static func add(_ scores: [Int16], row: Int, shift: Int, to sums: inout [Int32]) {
        precondition(row >= 0 && row + offsets <= scores.count && sums.count == offsets && (0..<offsets) ~= shift)
        unsafe scores.withUnsafeBufferPointer { scores in
            guard let scores = scores.baseAddress else { return }
            unsafe Kernels.addTurned(scores + row, shift: shift, to: &sums, count: offsets)
        }
    }

    private func deviation(_ range: Range<Int>) -> Double {
        var energy = 0.0
        for index in range.lowerBound * LineSearch.offsets..<range.upperBound * LineSearch.offsets {
            energy += Double(scores[index]) * Double(scores[index])
        }
        return (energy / Double(range.count * LineSearch.offsets)).squareRoot()
    }

    private func track(_ line: Line, _ range: Range<Int>, end: Int?, score: Double) -> Track {
        let size = PilotCorrelator.segmentFrames
        let low = (firstSegment + range.lowerBound) * size
        let high = (firstSegment + range.upperBound) * size
        var piece = TrackPiece(frames: low..<high, offset: Double(line.offset), slope: line.slope)
        if let end, end > high {
            let middle = piece.middle
            piece.frames = low..<end
            piece.offset += piece.slope * (piece.middle - middle)
        }
        return Track(pieces: [piece], score: score)
    }
}
