import EarmarkAnalysis
import EarmarkAnswer
import EarmarkFiles
import EarmarkMark

/// When it was played, and what it took to be named.
extension EvidenceCheck {
    /// Share by which what is needed may differ: it is computed from whole numbers alone.
    private static let roundingShare = 1e-6
    /// Seconds by which a stretch may reach beyond the pieces that it lies in: stretches are known in steps of four.
    private static let stretchTolerance = 5.0

    /// What evidence is needed follows from what was tried; only what differs is told.
    mutating func checkNeeded(_ package: EvidencePackage, _ result: PlaceExaminer.Result) {
        let tested = package.tested
        let stated = [tested.requiredZ, tested.mostRequiredZ ?? tested.requiredZ]
        let needed = [result.requiredZ, tested.mostRequiredZ == nil ? result.requiredZ : result.mostRequiredZ]
        let isSame = zip(stated, needed).allSatisfy { abs($0 - $1) <= Self.roundingShare * $1 }
        if !isSame {
            add("needed", false, "what was tried needs z = \(needed), where the package states \(stated)")
        }
    }

    /// Whether the stretches were played when the pieces say; `isFound`: whether the pieces are as stated.
    mutating func checkHeard(_ package: EvidencePackage, isFound: Bool) {
        guard isFound, let start = Timestamp(package.meeting.start) else { return }
        let played = Self.played(package.alignment.pieces)
        let heard = package.held.heard
        let fitting = heard.count { span in
            played.contains { piece in
                piece.lowerBound - Self.stretchTolerance <= span.meetingFrom
                    && span.meetingTo <= piece.upperBound + Self.stretchTolerance
            }
        }
        let areDated = heard.allSatisfy {
            abs($0.meetingFrom) < 1e9 && $0.playedAt == (start + Int64($0.meetingFrom.rounded(.down))).text
        }
        func time(_ seconds: Double) -> String { (start + Int64(seconds.rounded(.down))).text }
        let when =
            (played.map(\.lowerBound).min().map { "from \(time($0))" } ?? "")
            + (played.map(\.upperBound).max().map { " to \(time($0))" } ?? "")
        if areDated, fitting == heard.count {
            add("heard", true, "by the mark's clock \(when): what is stated lies within")
        } else if areDated, fitting > 0 {
            add(
                "heard", nil,
                "by the mark's clock \(when); \(heard.count - fitting) of \(heard.count) stretches do not lie within")
        } else {
            add("heard", false, "by the mark's clock it was played \(when), where the package states other times")
        }
    }

    /// The meeting's seconds that pieces show, those joined that follow one another: a stretch runs over the cuts that
    /// keep pieces straight.
    private static func played(_ pieces: [SourcePlace.Piece]) -> [ClosedRange<Double>] {
        let shown = pieces.map { piece in
            let ends = [piece.from, piece.to].map {
                piece.meetingFrame(Double($0)) * MarkLayout.periodSeconds / Double(SourcePlace.framesPerPeriod)
            }
            return min(ends[0], ends[1])...max(ends[0], ends[1])
        }
        return shown.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { joined, next in
            if let last = joined.last, next.lowerBound <= last.upperBound + stretchTolerance {
                joined[joined.count - 1] = last.lowerBound...max(last.upperBound, next.upperBound)
            } else {
                joined.append(next)
            }
        }
    }
}
