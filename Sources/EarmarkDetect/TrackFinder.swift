internal import CMath

/// Finds the path of offsets through a recording that gathers the most pilot correlation (Viterbi).
package struct TrackFinder {
    /// Correlations; shape: segments x offsets.
    ///
    /// Times `scale` they are standard deviations.
    private var scores: [Int16]
    private let scale: Float
    private let segments: Int
    private let frames: Int
    let firstSegment: Int
    static let offsets = FeatureLayout.framesPerPeriod

    /// Cost of moving one frame from a segment to the next: 300 ppm is a step in 13 segments.
    private static let stepCost: Float = 1.5
    /// Cost of any other move, standard deviations: a cut must bring that much evidence.
    private static let jumpCost: Float = 4.5
    /// Offsets around a track that later tracks may not use, frames.
    private static let exclusion = 3
    /// What the best path through noise gathers in a segment, standard deviations; a property of the costs above.
    private static let chance = 1.2
    /// Evidence beyond chance without which a later track is not worth the time; noise rarely brings 1.
    private static let leastLaterEvidence = 2.0

    /// Takes the correlations of a window of a recording.
    ///
    /// `firstSegment` is where the window begins, `frames` where it ends: a last, partial segment belongs to the last
    /// piece.
    package init(correlations: consuming [Int16], frames: Int, firstSegment: Int = 0) {
        self.frames = frames
        self.firstSegment = firstSegment
        scores = correlations
        segments = scores.count / TrackFinder.offsets
        // One scale for all segments: a quiet segment's noise is as small as its evidence.
        var energy = 0.0
        for value in scores { energy += Double(value) * Double(value) }
        let deviation = (energy / Double(max(1, scores.count))).squareRoot()
        scale = Float(1 / max(deviation, 1e-9))
    }

    /// Up to `limit` disjoint tracks, the first always, later ones only with evidence of their own.
    package mutating func tracks(limit: Int) -> [Track] {
        guard segments > 0 else { return [] }
        var found: [Track] = []
        while found.count < limit {
            let path = bestPath()
            var track = self.track(path: path, score: score(path))
            if let last = track.pieces.indices.last {
                let piece = track.pieces[last]
                track.pieces[last].frames = piece.frames.lowerBound..<frames
                track.pieces[last].offset += piece.slope * (track.pieces[last].middle - piece.middle)
            }
            if !found.isEmpty && !isWorthwhile(track.score) { break }
            found.append(track)
            erase(path)
        }
        return found
    }

    /// Whether a later track's score stands out from what paths through noise of this length gather.
    private func isWorthwhile(_ score: Double) -> Bool {
        score - TrackFinder.chance * Double(segments).squareRoot() >= TrackFinder.leastLaterEvidence
    }

    /// Evidence of the best path, standard deviations, and the mean drift along it, among paths whose offset changes by
    /// about `shear` frames a frame.
    package mutating func best(shear: Double) -> (score: Double, slope: Double) {
        guard segments > 0 else { return (0, 0) }
        let straight = scores
        turn(by: shear)
        defer { scores = straight }
        let path = bestPath()
        let track = self.track(path: path, score: score(path))
        let frames = track.pieces.reduce(0) { $0 + Double($1.frames.count) }
        let drift = track.pieces.reduce(0) { $0 + $1.slope * Double($1.frames.count) }
        return (track.score, drift / frames + shear)
    }

    /// Moves the offsets of every segment so that a drift of `shear` becomes none.
    private mutating func turn(by shear: Double) {
        let count = TrackFinder.offsets
        var turned = [Int16]()
        turned.reserveCapacity(scores.count)
        for segment in 0..<segments {
            let shift = Int((shear * (Double(segment) + 0.5) * Double(PilotCorrelator.segmentFrames)).rounded())
            let first = ((shift % count) + count) % count
            let row = segment * count
            turned.append(contentsOf: scores[row + first..<row + count])
            turned.append(contentsOf: scores[row..<row + first])
        }
        scores = turned
    }

    private func score(_ path: [Int]) -> Double {
        var sum = 0.0
        for (segment, offset) in path.enumerated() { sum += Double(scores[segment * TrackFinder.offsets + offset]) }
        return sum * Double(scale) / Double(path.count).squareRoot()
    }

    private mutating func erase(_ path: [Int]) {
        for (segment, offset) in path.enumerated() {
            for delta in -TrackFinder.exclusion...TrackFinder.exclusion {
                let masked = (offset + delta + TrackFinder.offsets) % TrackFinder.offsets
                scores[segment * TrackFinder.offsets + masked] = 0
            }
        }
    }

    /// How the best path reached a state: from the same offset, a neighbour, or the segment's best state.
    private enum Move {
        static let stay: Int8 = 0
        static let fromBelow: Int8 = -1
        static let fromAbove: Int8 = 1
        static let jump: Int8 = 2
    }

    private func bestPath() -> [Int] {
        let count = TrackFinder.offsets
        var value = scores[0..<count].map { Float($0) * scale }
        var nextValue = value
        var moves = [Int8](repeating: Move.stay, count: segments * count)
        var bests = [Int](repeating: 0, count: segments)
        for segment in 1..<max(1, segments) {
            var best = 0
            for offset in 1..<count where value[offset] > value[best] { best = offset }
            bests[segment] = best
            TrackFinder.advance(
                value, jump: value[best] - TrackFinder.jumpCost, scores, scale, row: segment * count, &nextValue, &moves
            )
            swap(&value, &nextValue)
        }
        var offset = 0
        for candidate in 1..<count where value[candidate] > value[offset] { offset = candidate }
        var path = [Int](repeating: 0, count: segments)
        for segment in stride(from: segments - 1, through: 0, by: -1) {
            path[segment] = offset
            let move = moves[segment * count + offset]
            offset = move == Move.jump ? bests[segment] : (offset + Int(move) + count) % count
        }
        return path
    }

    private static func advance(
        _ value: [Float], jump: Float, _ scores: [Int16], _ scale: Float, row: Int, _ next: inout [Float],
        _ moves: inout [Int8]
    ) {
        let count = value.count
        precondition(count > 1 && next.count == count && row >= 0 && row + count <= min(scores.count, moves.count))
        unsafe value.withUnsafeBufferPointer { value in
            unsafe scores.withUnsafeBufferPointer { scores in
                unsafe next.withUnsafeMutableBufferPointer { next in
                    unsafe moves.withUnsafeMutableBufferPointer { moves in
                        // Offsets are a circle; its two ends apart, the loop has neighbours at fixed distances and no
                        // branch.
                        func step(_ offset: Int, _ below: Float, _ above: Float) {
                            let stay = unsafe value[offset]
                            var reach = stay
                            var move = Move.stay
                            move = below - stepCost > reach ? Move.fromBelow : move
                            reach = below - stepCost > reach ? below - stepCost : reach
                            move = above - stepCost > reach ? Move.fromAbove : move
                            reach = above - stepCost > reach ? above - stepCost : reach
                            move = jump > reach ? Move.jump : move
                            reach = jump > reach ? jump : reach
                            unsafe next[offset] = reach + scale * Float(scores[row + offset])
                            unsafe moves[row + offset] = move
                        }
                        unsafe step(0, value[count - 1], value[1])
                        for offset in 1..<count - 1 { unsafe step(offset, value[offset - 1], value[offset + 1]) }
                        unsafe step(count - 1, value[count - 2], value[0])
                    }
                }
            }
        }
    }
}
