/// Pitch along a recording: a factor on its frequencies that changes slowly.
package struct PitchPath: Sendable, Equatable {
    /// Frames of a block (16.4 s at nominal speed); whole chunks of `FeatureExtractor` hold whole blocks.
    package static let blockFrames = 1_024
    /// Pitches between which no integrator is made anew: half of this moves the highest band by a sixteenth of its
    /// width.
    private static let resolution = 0.002

    /// Pitch in the middle of each block.
    package private(set) var pitches: [Double]

    /// `pitches` has at least one element, each > 0.
    package init(pitches: [Double]) {
        precondition(!pitches.isEmpty)
        self.pitches = pitches
    }

    /// The same pitch everywhere.
    package init(constant pitch: Double) { self.init(pitches: [pitch]) }

    /// Pitch of a frame of the recording, between the blocks' middles in a straight line, in steps of the resolution.
    package func pitch(frame: Int) -> Double {
        guard pitches.count > 1 else { return pitches[0] }
        let position = (Double(frame) + 0.5) / Double(PitchPath.blockFrames) - 0.5
        let place = min(max(position, 0), Double(pitches.count - 1))
        let low = min(Int(place), pitches.count - 2)
        let value = pitches[low] + (place - Double(low)) * (pitches[low + 1] - pitches[low])
        return (value / PitchPath.resolution).rounded() * PitchPath.resolution
    }
}
