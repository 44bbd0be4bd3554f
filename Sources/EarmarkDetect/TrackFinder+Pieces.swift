/// From a path, one offset for each segment, to straight pieces.
extension TrackFinder {
    /// Cuts a path where it jumps, and long pieces so that a straight line still fits a clock whose rate wanders.
    func track(path: [Int], score: Double) -> Track {
        /// Segments in the longest piece (131 s).
        let longest = 32
        var pieces: [TrackPiece] = []
        var start = 0
        for segment in 1...path.count {
            let jumps =
                segment < path.count && abs(TrackFinder.circularDifference(path[segment], path[segment - 1])) > 1
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
    private func fit(_ path: [Int], _ range: Range<Int>) -> TrackPiece {
        let size = Double(PilotCorrelator.segmentFrames)
        let low = (firstSegment + range.lowerBound) * PilotCorrelator.segmentFrames
        let frames = low..<low + range.count * PilotCorrelator.segmentFrames
        var piece = TrackPiece(frames: frames, offset: 0, slope: 0)
        var unwrapped = Double(path[range.lowerBound])
        var sum = 0.0
        var moment = 0.0
        var spread = 0.0
        for segment in range {
            if segment > range.lowerBound {
                unwrapped += Double(TrackFinder.circularDifference(path[segment], path[segment - 1]))
            }
            let position = (Double(firstSegment + segment) + 0.5) * size - piece.middle
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
