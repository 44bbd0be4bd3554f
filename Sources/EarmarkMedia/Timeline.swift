/// Keeps decoded audio and what a player shows together, frame by frame.
struct Timeline {
    /// What has to happen before a frame is handed on.
    struct Step: Equatable {
        /// Silence in place of what is missing before it, seconds.
        var silence = 0.0
        /// Samples at its beginning that the codec put there and that are no part of the recording.
        var padding = 0
    }

    /// Where the decoded audio stands in what a player shows.
    private(set) var places = PlaceMap()

    /// The same, once all is decoded.
    var allPlaces: PlaceMap {
        var all = places
        let (seconds, end) = presentation.repetition(until: expected ?? 0)
        if seconds > Presentation.padding { all.end = min(end, PlaceMap.latest) }
        return all
    }

    private let clock: TrackPlan.Clock
    /// Whether no silence is put in.
    private let isInOnePiece: Bool
    private let presentation: Presentation
    /// Time of the track at which it begins where nothing else says so, seconds.
    private let start: Double
    /// Seconds handed on so far.
    private(set) var decoded = 0.0
    /// Time of the track at which the next frame is expected; nil before the first.
    private var expected: Double?
    /// Silence put in for packets that gave nothing since the last frame, seconds; nil if there was none.
    private var missing: Double?
    /// How far a clock that counts bytes is ahead of the audio, seconds.
    private var drift = 0.0
    /// Padding that is still to be left out, seconds.
    private var padding = 0.0
    /// Silence put in so far where time stamps jump, seconds, and how often.
    private var filled: (seconds: Double, times: Int) = (0, 0)
    /// How often silence stands for what time stamps leave out, or for what does not decode.
    private(set) var holes = 0
    /// Places that are off by less are right: players show no better.
    private var tolerance = 0.06

    /// Jumps of time stamps by more are holes in the recording, not a clock that was read late, seconds.
    static let leastHole = 0.25
    /// Longest hole that silence stands for, seconds; a longer one is a cut.
    private static let longestHole = 60.0
    /// Silence for holes at most, seconds: time stamps cost a file nothing.
    private static let mostSilence = 600.0
    /// Longest silence for one lost packet without time stamps, seconds: a packet that claims more is not believed.
    private static let longestPacket = 2.0
    /// What is missing after lost packets beyond what they claim, and a fifth of that, seconds: less is rounding.
    private static let leastLoss = 0.05
    /// Silence of less is not worth a remark, seconds.
    private static let mentioned = 1.0

    init(clock: TrackPlan.Clock, presentation: Presentation, start: Double = 0, isInOnePiece: Bool = false) {
        self.clock = clock
        self.isInOnePiece = isInOnePiece
        self.presentation = presentation
        self.start = start
    }

    /// A packet gave nothing for `seconds`, in which a good frame of `frame` seconds would have stood; the silence that
    /// has to be put in for it, seconds.
    ///
    /// `isMeant`: nothing was sent there.
    mutating func miss(_ seconds: Double?, frame: Double, isMeant: Bool = false) -> Double {
        var credible = seconds.flatMap { $0 <= Timeline.longestPacket ? $0 : nil } ?? 0
        // What is claimed is rounded to the container's clock: a good frame's length is exact.
        if (credible - frame).magnitude <= StreamDecoder.durationTolerance * credible { credible = frame }
        missing = (missing ?? 0) + credible
        expected = expected.map { $0 + credible }
        if !isMeant, credible > 0 { holes += 1 }
        return isInOnePiece && !isMeant ? 0 : advance(credible)
    }

    /// Takes note of a frame of `length` samples at `rate`, which the container puts at `stamp` seconds.
    mutating func next(at stamp: Double?, length: Int, rate: Int) -> Step {
        let seconds = Double(length) / Double(rate)
        var step = Step()
        let lost = missing.take()
        let media = self.media(stamp, afterLoss: lost != nil)
        if expected == nil {
            padding = clock == .exact ? presentation.leadingPadding(media) : 0
        }
        if padding > 0 {
            step.padding = min(length, Int((padding * Double(rate)).rounded()))
            let skipped = Double(step.padding) / Double(rate)
            padding = step.padding < length ? 0 : padding - skipped
            expected = media + seconds
            if step.padding < length { place(media + skipped) }
            decoded += seconds - skipped
            return step
        }
        if let expected {
            let hole = media - expected
            let least = min(Timeline.leastHole, lost.map { Timeline.leastLoss + $0 / 5 } ?? .infinity)
            if clock != .none, hole > least, hole <= Timeline.longestHole,
                filled.seconds + hole <= Timeline.mostSilence,
                isShown(hole, before: media), !isInOnePiece
            {
                holes += 1
                if lost == nil { filled = (filled.seconds + hole, filled.times + 1) }
                if hole >= Timeline.leastHole {
                    let start = places.shown(decoded)
                    places.append(.init(decoded: decoded, shown: start, isHole: true), tolerance: &tolerance)
                }
                step.silence += advance(hole)
            }
        }
        place(media)
        decoded += seconds
        expected = media + seconds
        return step
    }

    /// What a reader should know.
    var warnings: [String] {
        var warnings: [String] = []
        if clock == .broken {
            warnings.append("its time stamps make no sense: places are those of its audio in one piece")
        }
        if filled.seconds > Timeline.mentioned {
            warnings.append(
                "silence stands in \(filled.times) places where the time stamps leave out "
                    + "\(Timeline.text(filled.seconds)) s in all")
        }
        let again = presentation.repetition(until: expected ?? 0).seconds
        if again > Presentation.padding {
            warnings.append(
                "a player shows \(Timeline.text(again)) s of the audio more than once; places are those of the first"
            )
        }
        let skipped = places.skipped(of: decoded)
        if skipped > Presentation.padding {
            warnings.append("a player leaves out \(Timeline.text(skipped)) s of the audio; they were examined")
        }
        return warnings
    }

    /// The track's time at a frame.
    private mutating func media(_ stamp: Double?, afterLoss: Bool) -> Double {
        switch clock {
        case .none, .broken: return expected ?? start
        case .exact: return stamp ?? expected ?? start
        case .jumps:
            guard let stamp else { return expected ?? start }
            guard let expected else { return stamp }
            let jump = stamp - expected - drift
            if afterLoss && jump > 0 || jump.magnitude > Timeline.leastHole { return expected + jump }
            drift += jump
            return expected
        }
    }

    /// Whether a player shows a hole, too, and has not cut it out.
    private func isShown(_ hole: Double, before media: Double) -> Bool {
        let shown = presentation.place(media)
        return !shown.isSkipped && (shown.shown - places.shown(decoded) - hole).magnitude < Timeline.leastHole
    }

    private mutating func place(_ media: Double) {
        let shown = presentation.place(media)
        places.append(
            .init(decoded: decoded, shown: shown.shown, isSkipped: shown.isSkipped), tolerance: &tolerance)
    }

    private mutating func advance(_ seconds: Double) -> Double {
        decoded += seconds
        return seconds
    }

    /// Seconds with a decimal.
    private static func text(_ seconds: Double) -> String {
        let tenths = Int64((min(seconds, 1e12) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
