import EarmarkAnswer
import EarmarkDetect
import EarmarkFiles
import EarmarkMark
import EarmarkStore

extension EvidencePackage {
    /// Whether all numbers lie where computing with them is safe, and digests and times are some.
    var isPlausible: Bool { hasPlausiblePlace && hasPlausiblePrice && hasPlausibleTexts }

    /// Sources that are named at most on one alignment, less one.
    private static let mostBeside = 15

    private var hasPlausiblePlace: Bool {
        alignment.isPlausible && (beside ?? []).count <= Self.mostBeside
            && (alignment.removed ?? []) == Array((beside ?? []).indices)
    }

    /// A threshold that no organisation can set would let any bound meet it.
    private var hasPlausiblePrice: Bool {
        (0...1_000_000_000).contains(tested.candidates)
            && OrganisationSettings.log10ThresholdRange.contains(tested.log10Threshold)
            && (0...1_000_000_000).contains(tested.hypotheses)
            && (0...1_000_000_000).contains(tested.times ?? 0)
            && (0...1_000_000_000).contains(tested.placements ?? 0)
            && (1...10).contains(tested.shares ?? 1)
            && (playedAt.map(isPlausible) ?? true)
            && (1...100_000_000).contains(meetings) && (1...1_000_000).contains(meeting.durationSeconds)
    }

    private func isPlausible(_ stated: Answer.PlayedAt) -> Bool {
        MeetingWindow.secondsRange.contains(Double(stated.meetingSeconds))
            && PlayedAt.withinRange.contains(stated.withinSeconds)
            && Timestamp(meeting.start).map { ($0 + stated.meetingSeconds).text == stated.time } ?? false
    }

    private var hasPlausibleTexts: Bool {
        let others = beside ?? []
        let commitments = [commitment].compactMap { $0 } + others.compactMap(\.commitment)
        var digests = [recording.sha256, meeting.pilotSeed, meeting.timelineSeed, analysis.reportSHA256]
        for client in [client] + others.map(\.client) { digests += [client.seed, client.seedSHA256] }
        for commitment in commitments { digests += [commitment.root, commitment.salt] + commitment.path }
        let times = [made, meeting.start, analysis.date] + commitments.map(\.made)
        let areSome = commitments.allSatisfy {
            (1...1_000_000_000).contains($0.clients) && (0..<$0.clients).contains($0.index) && $0.path.count <= 64
        }
        return areSome && digests.allSatisfy(Self.isDigest) && times.allSatisfy { Timestamp($0)?.text == $0 }
    }

    /// 64 lower-case hexadecimal digits.
    package static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    /// Whether no object of `bytes`, which are JSON, names a member twice; names with escapes count as twice.
    ///
    /// Of members with the same name one reader takes the first, another the last.
    package static func namesDiffer(_ bytes: [UInt8]) -> Bool {
        var objects: [Set<[UInt8]>] = []
        var index = 0
        while index < bytes.count {
            defer { index += 1 }
            switch bytes[index] {
            case UInt8(ascii: "{"): objects.append([])
            case UInt8(ascii: "}"): _ = objects.popLast()
            case UInt8(ascii: "\""):
                let start = index + 1
                var end = start
                while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
                    end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
                }
                guard end < bytes.count, !objects.isEmpty else { return false }
                index = end
                let name = Array(bytes[start..<end])
                guard bytes[(end + 1)...].first(where: { $0 > 0x20 }) == UInt8(ascii: ":") else { continue }
                if name.contains(UInt8(ascii: "\\")) || !objects[objects.count - 1].insert(name).inserted {
                    return false
                }
            default: break
            }
        }
        return true
    }
}

extension SourcePlace {
    /// A week of frames.
    private static let mostFrames = 40_000_000

    /// Whether all numbers lie where computing with them is safe.
    package var isPlausible: Bool {
        let areSome = pieces.allSatisfy {
            (0...Self.mostFrames).contains($0.from) && ($0.from + 1...Self.mostFrames + 1).contains($0.to)
                && abs($0.offset) < 1e8 && abs($0.slope) < 0.1 && (-100_000...100_000).contains($0.period)
        }
        return areSome && !pieces.isEmpty && pieces.count <= 100_000
            && weights.count == MarkLayout.dipoleCount
            && weights.allSatisfy { (0...1_000).contains($0) }
            && (0..<1_000).contains(track) && (0..<1_000).contains(channel ?? 0)
            && (0.25...BandIntegrator.highestPitch).contains(pitch) && (0.25...4).contains(rate)
            && (1...10_000).contains(places) && (0..<places).contains(place)
            && z.isFinite && log10Bound.isFinite
    }
}
