/// Audio in one piece, whatever the time stamps of its container leave out.
///
/// A file may claim a hole behind every few frames: that costs a line with a common tool, and what plays it may show
/// none of them. Silence in their places takes audio that is untouched to pieces of which none is long enough.
extension RecordingDecoder {
    /// By which `decode` takes a track in one piece, without silence for what time stamps leave out or what does not
    /// decode; its places are those of what was decoded.
    public func inOnePiece(_ track: Int) -> Int { tracks.count + track }

    /// What is known of a track, in one piece or not; an index beyond all has no meaning.
    public func track(_ index: Int) -> AudioTrack {
        var track = tracks[index % tracks.count]
        if index >= tracks.count { track.seekableSeconds = nil }
        return track
    }
}

extension DecodeSummary {
    /// Holes that no recording has without reason, and a minute of audio for each.
    private static let fewHoles = 3
    private static let secondsPerHole = 60.0

    /// Whether silence stands in so many places that the audio may be another in one piece.
    public var isFullOfHoles: Bool {
        holes >= DecodeSummary.fewHoles && Double(holes) * DecodeSummary.secondsPerHole > seconds
    }
}
