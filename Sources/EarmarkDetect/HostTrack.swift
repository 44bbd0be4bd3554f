/// What a reference holds at every frame of a recording.
package struct HostTrack: Sendable {
    private let powers: [SIMD8<Float>]
    /// Frame of the reference that each frame of the recording shows; negative where that is not known.
    package let positions: [Double]

    package init(_ reference: ReferencePowers, positions: [Double]) {
        powers = reference.powers
        let last = Double(reference.frames - 2)
        self.positions = positions.map { $0 >= 0 && $0 <= last ? $0 : -1 }
    }

    /// Share of the recording whose place in the reference is known.
    package var coverage: Double {
        positions.isEmpty ? 0 : Double(positions.count { $0 >= 0 }) / Double(positions.count)
    }

    /// Whether the place of `frame` is known.
    func isKnown(_ frame: Int) -> Bool { frame >= 0 && frame < positions.count && positions[frame] >= 0 }

    /// Appends the row of band powers that the reference has at `frame` of the recording, zeros if its place is not
    /// known.
    func appendRow(_ frame: Int, to rows: inout [SIMD8<Float>]) {
        let width = BandAnalyzer.rowVectors
        guard isKnown(frame) else {
            rows.append(contentsOf: repeatElement(.zero, count: width))
            return
        }
        let row = Int(positions[frame])
        let share = Float(positions[frame] - Double(row))
        for vector in 0..<width {
            let here = powers[row * width + vector]
            rows.append(here + share * (powers[(row + 1) * width + vector] - here))
        }
    }
}
