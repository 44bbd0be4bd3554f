/// Which changes of pitch and speed are looked at by themselves, before anything is known of the recording.
///
/// Three lines through the plane: a change of speed moves pitch and rate together, a stretch only the rate, a change of
/// pitch or of a voice's formants only the pitch. `PeriodSearch` says where else in the plane to look.
enum WarpGrid {
    /// Step of the rate between correlations: within a segment of 4 s half a step moves the chips by a frame.
    static let rateStep = 0.016
    /// Step of the pitch: half a step moves the highest band by a quarter of its width.
    static let pitchStep = 0.008
    /// Pitches, in steps from 1: 0.744 to 1.336.
    ///
    /// Voices changed further are no longer taken for people's, and past 1.1 the highest bands leave the 8 kHz that are
    /// analysed. Every other step does past an eighth: recordings that are changed that far were changed on purpose,
    /// are not weak as well as a rule, and lose a sixth of the pilot midway.
    private static let pitchSteps =
        Array(stride(from: -32, to: -16, by: 2)) + Array(-16...16) + Array(stride(from: 18, through: 42, by: 2))
    /// Rates of the stretch line, in steps from 1: 0.696 to 1.512; players offer 0.75 to 1.5.
    private static let rateSteps = -19...32

    /// The pitches, from the lowest.
    static let pitches = pitchSteps.map { 1 + Double($0) * pitchStep }

    /// The rates to try at a pitch.
    static func rates(pitch index: Int) -> [Double] {
        guard pitchSteps[index] != 0 else { return rateSteps.map { 1 + Double($0) * rateStep } }
        return [pitches[index], 1]
    }

    /// Whether a pitch is asked for its periods: they show two bands away.
    static func asksForPeriods(pitch index: Int) -> Bool { pitchSteps[index].isMultiple(of: 4) }

    /// What is tried around a pitch that stands out, down to half a step.
    static let sharpening = (-2...2).map { Double($0) * pitchStep / 2 }
}
