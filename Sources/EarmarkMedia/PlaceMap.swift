/// Where the decoded audio of a track stands in what a player shows.
///
/// Decoded audio is one piece; a player shows it late, with holes, and leaves parts out, as time stamps and edit lists
/// say.
public struct PlaceMap: Sendable, Equatable, Codable {
    /// From here on, places run along with the decoded audio, or stand still where it is not shown.
    public struct Point: Sendable, Equatable, Codable {
        /// Seconds of decoded audio.
        public var decoded: Double
        /// Seconds in what a player shows.
        public var shown: Double
        /// A player leaves out what follows: all of it stands at `shown`.
        public var isSkipped: Bool
        /// What follows is silence in place of what the recording lacks.
        public var isHole: Bool

        /// Bundles the parts.
        public init(decoded: Double, shown: Double, isSkipped: Bool = false, isHole: Bool = false) {
            self.decoded = decoded
            self.shown = shown
            self.isSkipped = isSkipped
            self.isHole = isHole
        }
    }

    /// In the order of the decoded audio; the first at 0.
    public private(set) var points: [Point]
    /// Where the last of what a player shows ends, seconds, where an edit list says so: it may show audio twice.
    var end = 0.0

    /// Points that are kept: the tolerance grows where there are more.
    static let maximumPoints = 4_096
    /// Latest place that is believed, seconds: some thirty years.
    static let latest = 1e9

    /// Places that are the decoded seconds themselves.
    public init() { points = [Point(decoded: 0, shown: 0)] }

    /// The place of `decoded` seconds.
    public func shown(_ decoded: Double) -> Double {
        let point = points[index(decoded)]
        return point.isSkipped ? point.shown : point.shown + decoded - point.decoded
    }

    /// The pieces of a stretch of decoded audio that a player shows, or skips, in one go; holes are none.
    public func pieces(_ decoded: Range<Double>) -> [(decoded: Range<Double>, shown: Range<Double>, isSkipped: Bool)] {
        var pieces: [(decoded: Range<Double>, shown: Range<Double>, isSkipped: Bool)] = []
        var start = decoded.lowerBound
        var place = index(start)
        repeat {
            let point = points[place]
            let next = place + 1 < points.count ? points[place + 1].decoded : .infinity
            let end = min(decoded.upperBound, next)
            let from = point.isSkipped ? point.shown : point.shown + start - point.decoded
            if !point.isHole {
                pieces.append((start..<end, from..<(point.isSkipped ? from : from + end - start), point.isSkipped))
            }
            start = end
            place += 1
        } while start < decoded.upperBound
        return pieces
    }

    /// Seconds of decoded audio, `total` in all, that a player leaves out.
    public func skipped(of total: Double) -> Double {
        pieces(0..<max(0, total)).reduce(0) { $0 + ($1.isSkipped ? $1.decoded.upperBound - $1.decoded.lowerBound : 0) }
    }

    /// Length of what a player shows of `total` seconds of decoded audio.
    public func shownLength(of total: Double) -> Double {
        max(end, shown(total), pieces(0..<max(0, total)).map(\.shown.upperBound).max() ?? 0)
    }

    /// The last point at or before `decoded`.
    private func index(_ decoded: Double) -> Int {
        var low = 0
        var high = points.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if points[middle].decoded <= decoded { low = middle } else { high = middle }
        }
        return low
    }

    /// What a player shows from `decoded` seconds on, the end of what is known; a point only if that is not foretold
    /// within `tolerance` seconds.
    mutating func append(_ point: Point, tolerance: inout Double) {
        guard let last = points.last else { return }
        let isForetold = abs(point.shown - shown(point.decoded)) <= tolerance
        guard !isForetold || point.isSkipped != last.isSkipped || point.isHole != last.isHole else { return }
        if point.decoded <= last.decoded { points.removeLast() }
        points.append(point)
        guard points.count > PlaceMap.maximumPoints else { return }
        tolerance *= 2
        points = points.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }

    /// Whether all of it is such as a decoder can have found.
    var isCredible: Bool {
        points.count <= PlaceMap.maximumPoints && points.first?.decoded == 0 && (0...PlaceMap.latest).contains(end)
            && points.allSatisfy {
                (0...PlaceMap.latest).contains($0.decoded) && (0...PlaceMap.latest).contains($0.shown)
            }
            && zip(points, points.dropFirst()).allSatisfy { $0.decoded < $1.decoded }
    }
}

/// What a player shows of a track's own time: an edit list (ISO 14496-12, 8.6.6), or the time itself.
struct Presentation: Sendable, Equatable {
    /// A stretch of the track's time that is shown in one go.
    struct Edit: Sendable, Equatable {
        /// Where in what is shown, seconds.
        var shown: Double
        /// From where in the track, seconds.
        var media: Double
        /// For how long, seconds.
        var length: Double

        fileprivate var end: Double { media + length }
    }

    /// In the order in which they are shown; none shows the track's time as it is, less `origin`.
    var edits: [Edit] = []
    /// Time of the track that is shown at 0 where there are no edits, seconds.
    var origin = 0.0

    /// Padding at a border of an edit that is no part of the recording, seconds: what codecs put before and after.
    static let padding = 0.25

    /// Where a moment of the track's time is shown; if it is not, where the shown time stands before and after it.
    func place(_ media: Double) -> (shown: Double, isSkipped: Bool) {
        let media = min(media, PlaceMap.latest / 2)
        guard !edits.isEmpty else { return (max(0, media - origin), false) }
        // Time stamps are rounded to the clock of the container.
        let rounding = 0.001
        for edit in edits where media >= edit.media - rounding && media < edit.media + edit.length {
            return (max(0, edit.shown + media - edit.media), false)
        }
        // The nearest edit whose part of the track ends before it.
        let past = edits.filter { $0.end <= media }
        guard let before = past.max(by: { $0.end < $1.end }) else { return (edits[0].shown, true) }
        return (before.shown + before.length, true)
    }

    /// Seconds of what is shown that stand there for another time, of a track that ends at `media`, and where the last
    /// of it ends.
    func repetition(until media: Double) -> (seconds: Double, end: Double) {
        let shown = edits.map { (from: $0.media, to: min($0.end, media), at: $0.shown) }.filter { $0.from < $0.to }
            .sorted { ($0.from, $0.at) < ($1.from, $1.at) }
        var (again, reached) = (0.0, 0.0)
        for part in shown {
            again += max(0, min(part.to, reached) - part.from)
            reached = max(reached, part.to)
        }
        return (again, shown.map { $0.at + $0.to - $0.from }.max() ?? 0)
    }

    /// What a player shows of a track of `seconds`, if that is all of it in one piece but for padding of the codec; nil
    /// if something is left out, moved or repeated.
    func plainLength(of seconds: Double) -> Double? {
        guard !edits.isEmpty else { return origin == 0 ? seconds : nil }
        let edit = edits[0]
        guard edits.count == 1, (0...Presentation.padding).contains(edit.shown),
            (0...Presentation.padding).contains(edit.media), edit.end >= seconds - Presentation.padding
        else { return nil }
        return edit.shown + min(edit.length, seconds - edit.media)
    }

    /// Seconds from `media` on, the beginning of the track, that are padding of the codec.
    func leadingPadding(_ media: Double) -> Double {
        guard let first = edits.min(by: { $0.media < $1.media }) else { return 0 }
        let padding = first.media - media
        return padding > 0 && padding <= Presentation.padding ? padding : 0
    }
}
