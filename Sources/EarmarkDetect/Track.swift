/// A stretch of a recording that shows the meeting without a jump: a straight line through time.
package struct TrackPiece: Sendable, Equatable {
    /// Recording frames that the piece covers.
    package var frames: Range<Int>
    /// Offset at the piece's middle frame, in frames and modulo a period; fractional.
    package var offset: Double
    /// Change of the offset per recording frame: the drift between the two clocks (1e-4 = 100 ppm).
    package var slope: Double

    /// Meeting frame, modulo a period, that recording frame `frame` shows.
    @inline(__always)
    package func meetingFrame(_ frame: Double) -> Double {
        frame + offset + slope * (frame - middle)
    }

    /// Recording frame that shows meeting frame `meeting`, counted on this piece's line without the modulus.
    @inline(__always)
    package func recordingFrame(_ meeting: Double) -> Double {
        middle + (meeting - offset - middle) / (1 + slope)
    }

    package var middle: Double { Double(frames.lowerBound + frames.upperBound) / 2 }
}

/// Pieces, in order and disjoint, that together explain a recording by one source of sound.
package struct Track: Sendable, Equatable {
    package var pieces: [TrackPiece]
    /// Pilot evidence along the track, in standard deviations.
    package var score: Double

    /// Goes on with a track of the next stretch of the recording.
    package mutating func append(_ later: Track) {
        func length(_ track: Track) -> Double { track.pieces.reduce(0) { $0 + Double($1.frames.count) } }
        let own = length(self), other = length(later)
        score = (score * own.squareRoot() + later.score * other.squareRoot()) / max(1, own + other).squareRoot()
        pieces += later.pieces
    }
}
