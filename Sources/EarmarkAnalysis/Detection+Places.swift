internal import EarmarkDetect
internal import EarmarkMedia

extension Detection {
    /// Puts what was heard where a player shows it; `places` are those of the tracks, by their number.
    ///
    /// What a stretch says of the meeting stays: it is the audio's, not the player's.
    mutating func place(_ places: [Int: PlaceMap]) {
        for index in sources.indices {
            guard let map = places[sources[index].track], map != PlaceMap() else { continue }
            let rate = sources[index].rate
            sources[index].spans = sources[index].spans.flatMap { $0.pieces(map, rate: rate) }
                .sorted { $0.recording.lowerBound < $1.recording.lowerBound }
            for step in sources[index].steps.indices {
                let decoded = sources[index].steps[step].recording
                let start = map.shown(decoded.lowerBound)
                sources[index].steps[step].recording = start..<max(start, map.shown(decoded.upperBound))
            }
            let stretches = sources[index].content?.stretches ?? []
            for stretch in stretches.indices {
                let decoded = stretches[stretch].recording
                let start = map.shown(decoded.lowerBound)
                sources[index].content?.stretches[stretch].recording =
                    start..<max(start, map.shown(decoded.upperBound))
            }
            sources[index].steps.sort { $0.recording.lowerBound < $1.recording.lowerBound }
        }
        for index in talkers.indices {
            guard let map = places[talkers[index].track], map != PlaceMap() else { continue }
            talkers[index].spans = talkers[index].spans.flatMap { $0.pieces(map, rate: 1) }
                .sorted { $0.recording.lowerBound < $1.recording.lowerBound }
        }
    }
}

extension Detection {
    /// Gives what was heard in a track in one piece to the track; `count` is how many tracks there are.
    mutating func joinTracks(_ count: Int) {
        for index in sources.indices { sources[index].track %= count }
        for index in talkers.indices { talkers[index].track %= count }
    }
}

extension Detection.Span {
    /// Pieces that follow one another within this time are shown as one, seconds.
    private static let shortest = 0.5

    /// The parts of a stretch of decoded audio that a player shows, or leaves out, in one go.
    fileprivate func pieces(_ map: PlaceMap, rate: Double) -> [Detection.Span] {
        let whole = max(recording.upperBound - recording.lowerBound, 1e-9)
        var pieces: [Detection.Span] = []
        for piece in map.pieces(recording) {
            let length = piece.decoded.upperBound - piece.decoded.lowerBound
            if var last = pieces.last, last.isSkipped == piece.isSkipped,
                abs(piece.shown.lowerBound - last.recording.upperBound) < Detection.Span.shortest
            {
                let end = max(last.recording.upperBound, piece.shown.upperBound)
                last.recording = last.recording.lowerBound..<end
                last.audioSeconds = last.seconds + length
                pieces[pieces.count - 1] = last
                continue
            }
            var part = self
            part.recording = piece.shown
            part.meetingStart += (piece.decoded.lowerBound - recording.lowerBound) * rate
            part.audioSeconds = length
            part.isSkipped = piece.isSkipped
            pieces.append(part)
        }
        // What a codec puts behind the last sample of a file, or before a cut, is not heard by itself.
        let heard = pieces.filter { !$0.isSkipped || $0.seconds > Detection.Span.shortest }
        return (heard.isEmpty ? pieces : heard).map { piece in
            var piece = piece
            piece.z *= (piece.seconds / whole).squareRoot()
            return piece
        }
    }
}
