import EarmarkAnswer

extension Answer.Content {
    /// What content cells say, for people.
    var text: String {
        switch state {
        case .confirmed:
            return "confirmed: the mark was put on this audio" + contradictedText
        case .contradicted: return "contradicted: the mark does not fit this audio"
        case .open: return "open: that the mark was copied from another recording is not excluded"
        }
    }

    /// Stretches that are contradicted.
    var contradicted: [Stretch] { stretches.filter { $0.state == .contradicted } }

    private var contradictedText: String {
        let count = contradicted.count
        if count == 0 { return "" }
        let seconds = contradicted.reduce(0) { $0 + $1.to - $1.from }
        return
            "; but in \(count == 1 ? "one stretch" : "\(count) stretches") of \(seconds.rounded().clamped) s in all "
            + "the recording carries other audio, or audio without this mark"
    }
}

extension HTMLReport {
    /// Stretches along the recording, by what content cells say of them.
    func content(_ source: Answer.Source) -> String {
        guard let content = source.content, content.state != .open else { return "" }
        let rows = content.stretches.prefix(HTMLReport.spanLimit).map { stretch in
            ["\(HTML.clock(stretch.from)) &ndash; \(HTML.clock(stretch.to))", HTMLReport.meaning(stretch.state)]
        }
        let left = content.stretches.dropFirst(rows.count)
        let contradicted = left.count { $0.state == .contradicted }
        return HTML.table(["In the recording", "Content"], Array(rows))
            + HTMLReport.further(left.count, contradicted == 0 ? "" : ", \(contradicted) of them contradicted")
    }

    private static func meaning(_ state: Answer.Content.State) -> String {
        switch state {
        case .confirmed: "confirmed: the mark fits audio that is there; other sound may lie over it"
        case .contradicted: "contradicted: other audio, audio without this mark, or cut too often to follow"
        case .open: "open"
        }
    }
}

extension Answer {
    /// In which track and channel a source's mark is, counted from 1, and that others may hold anything; nil where
    /// there is but one.
    func place(of source: Source) -> String? {
        guard let place = source.foundIn else { return nil }
        let track = file.tracks.first { $0.index == place.track }
        let channel = place.channel.map { "channel \($0 + 1) of \(max($0 + 1, track?.channels ?? 0))" }
        let number = file.tracks.count > 1 ? "track \(place.track + 1) of \(file.tracks.count)" : nil
        return [channel, number].compactMap(\.self).joined(separator: " of ")
            + "; what else the recording holds may be other audio"
    }
}
