internal import CMath

/// Finds the path of offsets through a recording that gathers the most pilot correlation (Viterbi).
package struct TrackFinder {
    /// Correlations in standard deviations. Shape: segments x offsets.
    private var scores: [Float]
    private let segments: Int
    private let frames: Int
    private static let offsets = FeatureLayout.framesPerPeriod

    /// Cost of moving one frame from a segment to the next: 300 ppm is a step in 13 segments.
    private static let stepCost: Float = 1.5
    /// Cost of any other move, standard deviations: a cut must bring that much evidence.
    private static let jumpCost: Float = 4.5
    /// Offsets around a track that later tracks may not use, frames.
    private static let exclusion = 3
    /// Evidence without which a later track is not worth paying for.
    private static let leastLaterScore = 6.0

    /// `frames` is the recording's length; its last, partial segment belongs to the last piece.
    package init(correlations: [Float], frames: Int) {
        self.frames = frames
        segments = correlations.count / TrackFinder.offsets
        // One scale for all segments: a quiet segment's noise is as small as its evidence.
        var energy = 0.0
        for value in correlations { energy += Double(value) * Double(value) }
        let deviation = (energy / Double(max(1, correlations.count))).squareRoot()
        let scale = Float(1 / max(deviation, 1e-9))
        scores = correlations.map { $0 * scale }
    }

    /// Up to `limit` disjoint tracks, the first always, later ones only with evidence of their own.
    package mutating func tracks(limit: Int) -> [Track] {
        guard segments > 0 else { return [] }
        var found: [Track] = []
        while found.count < limit {
            let path = bestPath()
            var track = TrackFinder.track(path: path, score: score(path))
            if let last = track.pieces.indices.last {
                let piece = track.pieces[last]
                track.pieces[last].frames = piece.frames.lowerBound..<frames
                track.pieces[last].offset += piece.slope * (track.pieces[last].middle - piece.middle)
            }
            if !found.isEmpty && track.score < TrackFinder.leastLaterScore { break }
            found.append(track)
            erase(path)
        }
        return found
    }

    private func score(_ path: [Int]) -> Double {
        var sum = 0.0
        for (segment, offset) in path.enumerated() { sum += Double(scores[segment * TrackFinder.offsets + offset]) }
        return sum / Double(path.count).squareRoot()
    }

    private mutating func erase(_ path: [Int]) {
        for (segment, offset) in path.enumerated() {
            for delta in -TrackFinder.exclusion...TrackFinder.exclusion {
                let masked = (offset + delta + TrackFinder.offsets) % TrackFinder.offsets
                scores[segment * TrackFinder.offsets + masked] = 0
            }
        }
    }

    private func bestPath() -> [Int] {
        let count = TrackFinder.offsets
        var value = Array(scores[0..<count])
        var nextValue = value
        var origin = [Int16](repeating: 0, count: segments * count)
        for segment in 1..<max(1, segments) {
            var best = 0
            for offset in 1..<count where value[offset] > value[best] { best = offset }
            let jump = value[best] - TrackFinder.jumpCost
            let row = segment * count
            for offset in 0..<count {
                var from = offset
                var reach = value[offset]
                let below = offset == 0 ? count - 1 : offset - 1
                let above = offset == count - 1 ? 0 : offset + 1
                if value[below] - TrackFinder.stepCost > reach { (from, reach) = (below, value[below] - TrackFinder.stepCost) }
                if value[above] - TrackFinder.stepCost > reach { (from, reach) = (above, value[above] - TrackFinder.stepCost) }
                if jump > reach { (from, reach) = (best, jump) }
                nextValue[offset] = reach + scores[row + offset]
                origin[row + offset] = Int16(from)
            }
            swap(&value, &nextValue)
        }
        var offset = 0
        for candidate in 1..<count where value[candidate] > value[offset] { offset = candidate }
        var path = [Int](repeating: 0, count: segments)
        for segment in stride(from: segments - 1, through: 0, by: -1) {
            path[segment] = offset
            offset = Int(origin[segment * count + offset])
        }
        return path
    }

    /// Cuts a path where it jumps, and long pieces so that a straight line still fits a clock whose rate wanders.
    private static func track(path: [Int], score: Double) -> Track {
        /// Segments in the longest piece (131 s).
        let longest = 32
        var pieces: [TrackPiece] = []
        var start = 0
        for segment in 1...path.count {
            let jumps = segment < path.count && abs(circularDifference(path[segment], path[segment - 1])) > 1
            guard segment == path.count || jumps else { continue }
            let parts = (segment - start + longest - 1) / longest
            for part in 0..<parts {
                let low = start + (segment - start) * part / parts
                let high = start + (segment - start) * (part + 1) / parts
                pieces.append(fit(path, low..<high))
            }
            start = segment
        }
        return Track(pieces: pieces, score: score)
    }

    /// Least-squares line through a run of offsets.
    private static func fit(_ path: [Int], _ range: Range<Int>) -> TrackPiece {
        let size = Double(PilotCorrelator.segmentFrames)
        let frames = range.lowerBound * PilotCorrelator.segmentFrames..<range.upperBound * PilotCorrelator.segmentFrames
        var piece = TrackPiece(frames: frames, offset: 0, slope: 0)
        var unwrapped = Double(path[range.lowerBound])
        var sum = 0.0
        var moment = 0.0
        var spread = 0.0
        for segment in range {
            if segment > range.lowerBound { unwrapped += Double(circularDifference(path[segment], path[segment - 1])) }
            let position = (Double(segment) + 0.5) * size - piece.middle
            sum += unwrapped
            moment += position * unwrapped
            spread += position * position
        }
        piece.offset = sum / Double(range.count)
        // A line through few segments is all noise.
        piece.slope = range.count >= 6 ? moment / spread : 0
        return piece
    }

    /// Shortest way from `b` to `a` around the circle of offsets.
    private static func circularDifference(_ a: Int, _ b: Int) -> Int {
        let half = offsets / 2
        return (a - b + half + offsets) % offsets - half
    }
}
