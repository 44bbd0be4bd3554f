import EarmarkDetect
import EarmarkLive
import EarmarkMark
import EarmarkMedia
import EarmarkTestSupport
import Foundation
import Testing

@testable import EarmarkAnalysis

/// What clients do to the timeline in real meetings, from the live embedder to the answer of analysis: the meeting time
/// that is reported is that of the clock the embedder was given.
@Suite struct LiveTimelineTests {
    /// Largest error of a reported meeting time, seconds: what is promised.
    private static let promised = 1.0
    /// Next to a jump of the timeline, this much may be told to the other side: two periods of the mark.
    private static let blurred = 2 * MarkLayout.periodSeconds
    private static let rate = 16_000.0
    private static let client = 17

    /// Part of a recording, as the client played it.
    private struct Part {
        /// Seconds of sound.
        var seconds: Double
        /// What the embedder is told at the beginning; nil if nothing.
        var position: LiveEmbedder.Position?
        /// Meeting time that analysis must show at the beginning.
        var shown: Double
        /// A new embedder takes over, as after a reconnection.
        var isReconnected = false
        /// Seconds of silence in the recording beforehand.
        var silence = 0.0
    }

    @Test func aClientThatJoinsLate() throws {
        try LiveTimelineTests.check([Part(seconds: 110, position: .meeting(1_234.5), shown: 1_234.5)])
    }

    @Test func aClientThatComesEarly() throws {
        // A quarter of an hour before the start, when tickets become valid.
        try LiveTimelineTests.check([Part(seconds: 110, position: .meeting(-900), shown: -900)])
    }

    @Test func aClockThatIsFiveSecondsOff() throws {
        let wrong = Double(LiveTimelineTests.meetingStart) + 754.25 + 5
        try LiveTimelineTests.check([Part(seconds: 110, position: .clock(wrong), shown: 759.25)])
    }

    @Test func aPauseThatTheRecorderCutsOut() throws {
        // Half a minute of the meeting was neither played nor recorded.
        try LiveTimelineTests.check([
            Part(seconds: 100, position: .meeting(500), shown: 500),
            Part(seconds: 100, position: .meeting(630), shown: 630),
        ])
    }

    @Test func aPauseThatTheRecorderHears() throws {
        // The embedder saw nothing of it: without the new time it would count on from 60 s.
        try LiveTimelineTests.check([
            Part(seconds: 60, position: .meeting(500), shown: 500),
            Part(seconds: 60, position: .meeting(590), shown: 590, silence: 30),
        ])
    }

    @Test func aReconnection() throws {
        try LiveTimelineTests.check([
            Part(seconds: 60, position: .meeting(2_000), shown: 2_000),
            Part(seconds: 60, position: .meeting(2_072.3), shown: 2_072.3, isReconnected: true, silence: 12.3),
        ])
    }

    @Test func aClockThatIsSetRightWhileItRuns() throws {
        // Three seconds ahead, then set back: both halves show the time given.
        try LiveTimelineTests.check([
            Part(seconds: 100, position: .meeting(303), shown: 303),
            Part(seconds: 100, position: .meeting(400), shown: 400),
        ])
    }

    @Test func aClockThatIsFollowedEverySecond() throws {
        // Signalling that jitters by a few milliseconds, as it does.
        var noise = NoiseSource(seed: 91)
        let parts = (0..<110).map { second in
            let jitter = noise.uniform(in: -0.005...0.005)
            return Part(seconds: 1, position: .meeting(800 + Double(second) + jitter), shown: 800 + Double(second))
        }
        try LiveTimelineTests.check(parts)
    }

    /// 2026-03-02T09:00:00Z.
    private static let meetingStart: Int64 = 1_772_442_000

    private static func embedder(_ position: LiveEmbedder.Position) throws -> LiveEmbedder {
        let ticket = try Ticket(
            id: .init(repeating: 1, count: Ticket.idByteCount), meetingID: "m_test", clientID: "c_test",
            meetingStart: meetingStart, notBefore: meetingStart - 900, notAfter: meetingStart + 86_400,
            seeds: TestKeys.mark(client: client))
        return try LiveEmbedder(
            ticket: ticket, parameters: .init(sampleRate: rate, channels: 1), position: position)
    }

    /// Marks the parts in blocks of 10 ms, analyses the recording, and compares every second's meeting time.
    private static func check(_ parts: [Part]) throws {
        let (samples, expected) = try record(parts)
        let folder = try ScratchFolder()
        let path = folder.file("leak.wav")
        let writer = try PCMWriter(
            path: path,
            format: .init(
                container: nil, kind: .float32, sampleRate: Int(rate), channels: 1, frames: Int64(samples.count)))
        try samples.withUnsafeBufferPointer { try writer.writeFloats($0) }
        try writer.finish()
        let examiner = Examiner(
            shared: TestKeys.shared(), candidates: TestKeys.identities(32), log10Threshold: -9, policy: .init())
        let detection = try examiner.examine(path: path).detection
        #expect(Verdict.of(detection, log10Threshold: -9) == .identified)
        #expect(detection.sources.map(\.candidate) == [client])
        guard let source = detection.sources.first else { return }
        var compared = 0
        for (second, meeting) in expected {
            guard let span = source.spans.first(where: { $0.recording.contains(second) }) else { continue }
            let shown = span.meetingStart + (second - span.recording.lowerBound) * source.rate
            #expect(abs(shown - meeting) <= promised, "recording \(second) s: \(shown) s instead of \(meeting) s")
            compared += 1
        }
        #expect(compared * 10 >= expected.count * 9, "only \(compared) of \(expected.count) seconds are in a span")
    }

    /// The recording, and what meeting time must be shown at which second of it.
    private static func record(_ parts: [Part]) throws -> (samples: [Float], expected: [(Double, Double)]) {
        let length = parts.reduce(0) { $0 + $1.seconds }
        let host = SpeechLike.samples(seconds: length, rate: rate, seed: 92)
        guard let first = parts.first?.position else { throw Marking.Refused() }
        var live = try embedder(first)
        var samples: [Float] = []
        var expected: [(Double, Double)] = []
        var used = 0
        var jumps: [Double] = []
        for part in parts {
            samples += [Float](repeating: 0, count: Int((part.silence * rate).rounded()))
            let begin = Double(samples.count) / rate
            if let position = part.position {
                if part.isReconnected { live = try embedder(position) }
                try live.setPosition(position)
            }
            if let last = expected.last, abs(part.shown - last.1 - (begin - last.0)) > promised { jumps.append(begin) }
            let count = Int(part.seconds * rate)
            samples += mark(Array(host[used..<used + count]), &live)
            used += count
            for second in 0..<Int(part.seconds) {
                expected.append((begin + Double(second) + 0.5, part.shown + Double(second) + 0.5))
            }
        }
        return (samples, expected.filter { point in jumps.allSatisfy { abs($0 - point.0) > blurred } })
    }

    private static func mark(_ host: [Float], _ live: inout LiveEmbedder) -> [Float] {
        var output = host
        output.withUnsafeMutableBufferPointer { buffer in
            var done = 0
            while done < buffer.count {
                let count = min(160, buffer.count - done)
                live.process(interleaved: .init(rebasing: buffer[done..<done + count]), frames: count)
                done += count
            }
        }
        return output
    }
}
