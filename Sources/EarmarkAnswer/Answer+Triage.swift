import Foundation

extension Answer {
    /// Stretches of a long recording that were looked at before the whole.
    public struct Triage: Codable, Equatable, Sendable {
        /// A stretch.
        public struct Stretch: Codable, Equatable, Sendable {
            /// The audio track, as `file.tracks` numbers them.
            public let track: Int
            /// Where it begins in what a player shows, seconds.
            public let from: Double
            /// Where it ends, seconds.
            public let to: Double

            /// Bundles the parts.
            public init(track: Int, from: Double, to: Double) {
                self.track = track
                self.from = from
                self.to = to
            }
        }

        /// Whether they showed clearly who recorded: nothing else was read then, and the answer is of them alone.
        public let isAnswer: Bool
        /// Seconds of audio in them.
        public let seconds: Double
        /// The stretches, track by track.
        public let stretches: [Stretch]

        /// Seconds of the recording in them, tracks that run side by side counted once.
        package var recordingSeconds: Double {
            var (read, end) = (0.0, 0.0)
            for stretch in stretches.sorted(by: { $0.from < $1.from }) {
                read += max(0, stretch.to - max(end, stretch.from))
                end = max(end, stretch.to)
            }
            return read
        }

        /// Bundles the parts.
        public init(isAnswer: Bool, seconds: Double, stretches: [Stretch]) {
            self.isAnswer = isAnswer
            self.seconds = seconds
            self.stretches = stretches
        }
    }

    /// Whether nothing but a few stretches was read.
    public var isTriage: Bool { triage?.isAnswer ?? false }

    /// Seconds of the recording that the answer is of.
    package var readSeconds: Double {
        guard let triage, triage.isAnswer else { return file.seconds }
        return triage.recordingSeconds
    }

    /// Whether nothing between these seconds of the recording was read.
    package func isUnread(from: Double, to: Double) -> Bool {
        guard let triage, triage.isAnswer else { return false }
        return !triage.stretches.contains { $0.from < to && $0.to > from }
    }

    /// What an answer of a few stretches leaves open; nil if all of the recording was read.
    package var leftOpen: String? {
        guard isTriage else { return nil }
        return
            "A first answer: \(readShare) were read; what the rest shows, and who else is in it, is open until it is "
            + "analysed without --triage."
    }

    /// What was not read, as what speaks against an answer of the rest; nil if all of the recording was read.
    package var unreadText: String? {
        isTriage ? "only \(readShare) were read, and what the rest shows is open" : nil
    }

    private var readShare: String {
        "\(Answer.minutes(readSeconds)) of the \(Answer.minutes(file.seconds)) minutes that the file says it has"
    }

    private static func minutes(_ seconds: Double) -> String { String(format: "%.1f", seconds / 60) }
}
