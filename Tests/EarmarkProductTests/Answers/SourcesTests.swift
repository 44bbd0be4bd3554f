import Foundation
import Testing

/// docs/statistics.md, sections 5 and 9, and docs/json-schema.md, `sources`: several marks in one file, and what is
/// held of each.
@Suite struct SourcesTests {
    /// An answer that several tests look at.
    private static func answer(_ name: String, _ parts: [(share: Float, who: Mixes.Who)], isLenient: Bool = false)
        -> Result<Printed, any Error>
    {
        Result {
            let mixes = try Mixes.shared()
            let file = try mixes.write(mixes.mix(parts), to: name)
            return try isLenient ? mixes.analyseLeniently(file) : mixes.analyse(file)
        }
    }

    private static let unequal = answer("unequal.wav", [(0.65, .cara), (0.35, .bela)])
    private static let together = answer("together.wav", [(1, .bela), (0.15, .cara)])
    /// Who carries the echo, and the answer.
    private struct Echo: Sendable {
        let file: String
        let emails: [String]
        let printed: Printed
    }

    /// The first of the choices that shows the sources it has, the weakest as a trace, or else the last: with keys of
    /// this run one may look stronger than it is by chance, or be missed; not all will.
    private static func echo(_ choices: [(emails: [String], parts: [(share: Float, who: Mixes.Who)])]) throws -> Echo {
        let mixes = try Mixes.shared()
        var last: Echo?
        for (emails, parts) in choices {
            let file = try mixes.write(mixes.mix(parts), to: "\(UUID().uuidString).wav")
            let printed = try mixes.analyseLeniently(file)
            last = Echo(file: mixes.place.file(file), emails: emails, printed: printed)
            let sources = try printed.answer["sources"]
            if Set(sources.emails) == Set(emails), sources.array.last?["verdict"].string == "trace" { break }
        }
        return try #require(last)
    }

    private static let echo = Result {
        try echo(
            [0.17, 0.15, 0.19, 0.16, 0.14, 0.18].flatMap { (share: Float) in
                [
                    (["bela@example.org", "cara@example.org"], [(1, .bela), (share, .late)]),
                    (["bela@example.org", "ada@example.org"], [(1, .bela), (share, .lateAda)]),
                ]
            })
    }

    /// Two copies mixed: each source with its share, the stronger first, whatever the roster's order.
    @Test func sharesOfAMixAreTold() throws {
        let answer = try SourcesTests.unequal.get().answer
        #expect(answer["verdict"].string == "identified")
        #expect(answer["sources"].emails == ["cara@example.org", "bela@example.org"])
        #expect(answer["sources"].array.map { $0["verdict"].string } == ["identified", "identified"])
        for (source, share) in zip(answer["sources"].array, [0.65, 0.35]) {
            // The pilot is in both copies and adds up to one.
            let strength = try #require(source["strengthDecibels"].double)
            #expect(abs(strength - 20 * log10(share)) < 1.5, "\(strength) for \(share)")
        }
        let levels = answer["sources"].array.compactMap { $0["levelDecibels"].double }
        #expect(abs((levels.first ?? 0) - (levels.last ?? 0) - 20 * log10(0.65 / 0.35)) < 4)
        let summary = try #require(answer["summary"].string)
        #expect(
            summary == "The recording carries the mark of: Cara Costa <cara@example.org>, tablet; "
                + "Bela Berger <bela@example.org>, 13 inch.")
    }

    /// A weak mark beside a strong one at the same meeting time is a laptop in the same room (section 9, rule 2).
    ///
    /// Its bound is its own: the second round of naming pays double.
    @Test func aWeakMarkAtTheSameTimeRecordedToo() throws {
        let answer = try SourcesTests.together.get().answer
        #expect(answer["verdict"].string == "identified")
        #expect(answer["sources"].emails == ["bela@example.org", "cara@example.org"])
        #expect(answer["sources"].array.map { $0["verdict"].string } == ["identified", "identified"])
        #expect(answer["sources"][0]["log10FalseAccusation"].double == -77)
        let second = answer["sources"][1]
        let z = try #require(second["z"].double)
        let bound = try #require(second["log10FalseAccusation"].double)
        // k 2^(r - 1) of a later alignment or round: a whole number that is not one.
        let paid = pow(10, bound - Price(channels: 2).bound(z))
        #expect(abs(paid - paid.rounded()) < 1e-3 && paid.rounded() > 1 && paid < 43, "\(paid)")
        #expect(bound < -9 && bound > -70)
    }

    /// A weak mark 0.3 s off beside a strong one is what an echo would be (section 9, rule 2).
    @Test func aWeakMarkAtAnotherTimeIsATrace() throws {
        let echo = try SourcesTests.echo.get()
        let answer = try echo.printed.answer
        #expect(answer["verdict"].string == "identified")
        #expect(answer["sources"].emails == echo.emails)
        let (first, second) = (answer["sources"][0], answer["sources"][1])
        #expect(first["verdict"].string == "identified" && first["reason"].isAbsent)
        #expect(second["verdict"].string == "trace")
        #expect(second["reason"].string?.contains("beside a much stronger one") == true)
        #expect((second["leastLevelDecibels"].double ?? 0) < (first["levelDecibels"].double ?? .nan) - 13.4)
        let summary = try #require(answer["summary"].string)
        #expect(summary.contains("Bela Berger") && !summary.contains("Cara") && !summary.contains("Ada"))
        #expect(summary.hasSuffix("Marks beside that may have come through open microphones; they name nobody."))
        for (source, start) in zip(answer["sources"].array, [Board.start, Board.start - 0.3]) {
            let heard = source["heard"][0]
            let shift = (heard["meetingFrom"].double ?? .nan) - (heard["from"].double ?? .nan)
            #expect(abs(shift - start) < 0.05, "\(shift)")
        }
    }

    /// The text of the same answer says it all, to people.
    @Test func theTextSaysWhoAndWhatIsHeldOfThem() throws {
        let mixes = try Mixes.shared()
        let echo = try SourcesTests.echo.get()
        let json = try echo.printed.answer
        let printed = try Printed(mixes.lenient, "analyze", echo.file, "--meeting", mixes.board.meeting)
        #expect(printed.exitStatus == 0 && printed.errors.isEmpty)
        let text = TextAnswer(printed.text)
        #expect(text.paragraphs.first == json["summary"].string)
        #expect(text.lists.map { $0["verdict"] } == ["identified", "identified", "trace"])
        for (list, source) in zip(text.lists.dropFirst(), json["sources"].array) {
            let who = (source["participant"].string ?? "") + " <" + (source["email"].string ?? "") + ">, "
            let named = who + (source["device"].string ?? "") + " (" + (source["kind"].string ?? "") + ")"
            // A trace accuses nobody, and is not named.
            let isNamed = source["verdict"].string == "identified"
            #expect(
                list.first?.value == (isNamed ? named : "not named: a trace accuses nobody (--name-traces tells)"))
            #expect(list["client"] == (isNamed ? source["client"].string : nil))
            #expect(list["heard for"] == TextAnswer.clock(source["heardSeconds"].double))
            let strength = String(format: "%+.1f", source["strengthDecibels"].double ?? .nan)
            #expect(list["strength"] == "\(strength) dB relative to the meeting's pilot")
            let level = String(format: "%+.1f", source["levelDecibels"].double ?? .nan)
            #expect(list["level"] == "\(level) dB relative to a fresh mark")
            #expect(list["speed and pitch"] == nil)
            try text.expectBound(list["evidence"], atLeast: source["log10FalseAccusation"].double)
        }
        #expect(text.lists.dropFirst().map { $0.first?.key } == ["source 1", "source 2"])
        #expect(text.paragraphs.filter { $0 == json["sources"][1]["reason"].string }.count == 1)
        try text.expectStretches(json["sources"].array)
    }

    /// A recording that two clients made in turn: each has its own stretch.
    @Test func aSpliceHasTwoStretches() throws {
        let mixes = try Mixes.shared()
        let (bela, cara) = (mixes.mix([(1, .bela)]), mixes.mix([(1, .cara)]))
        // The second part begins 10 s earlier in the meeting than the first ends.
        let samples = Array(bela[..<(60 * 16_000)]) + Array(cara[(50 * 16_000)...])
        let answer = try mixes.analyse(try mixes.write(samples, to: "splice.wav")).answer
        #expect(answer["file"]["seconds"].double == 120)
        #expect(Set(answer["sources"].emails) == ["bela@example.org", "cara@example.org"])
        for (email, from, to, shift) in [
            ("bela@example.org", 0.0, 60.0, Board.start), ("cara@example.org", 60, 120, Board.start - 10),
        ] {
            let source = answer["sources"][email: email]
            let heard = try #require(source["heard"].array.max { length($0) < length($1) })
            #expect(abs((heard["from"].double ?? .nan) - from) < 5 && abs((heard["to"].double ?? .nan) - to) < 5)
            let offset = (heard["meetingFrom"].double ?? .nan) - (heard["from"].double ?? .nan)
            #expect(abs(offset - shift) < 0.05)
            #expect(abs((heard["meetingTo"].double ?? .nan) - (heard["to"].double ?? .nan) - shift) < 0.2)
            let total = source["heard"].array.reduce(0) { $0 + length($1) }
            #expect(abs((source["heardSeconds"].double ?? .nan) - total) < 1e-6)
        }
    }

    private func length(_ heard: JSON) -> Double { (heard["to"].double ?? .nan) - (heard["from"].double ?? .nan) }

    /// Rule 1: a lone mark of 0.13, -17.7 dB, is weaker than an echo of 10 dB and names nobody.
    @Test func aLoneWeakMarkIsATrace() throws {
        let echo = try SourcesTests.echo(
            [0.13, 0.12, 0.14].flatMap { (share: Float) in
                [
                    (["bela@example.org"], [(share, .bela)]), (["cara@example.org"], [(share, .cara)]),
                    (["ada@example.org"], [(share, .ada)]), (["room@example.org"], [(share, .room)]),
                ]
            })
        let answer = try echo.printed.answer
        #expect(answer["verdict"].string == "trace")
        #expect(answer["sources"].emails == echo.emails)
        let source = answer["sources"][0]
        #expect(source["verdict"].string == "trace")
        #expect(source["reason"].string?.contains("no stronger mark stands beside it") == true)
        #expect((source["leastLevelDecibels"].double ?? 0) < -13.4)
        // At the peaks, where it may be taken, chance moves it by some decibels.
        #expect(abs((source["levelDecibels"].double ?? .nan) - 20 * log10(0.13)) < 7)
        #expect((source["log10FalseAccusation"].double ?? 0) <= -4)
        #expect(answer["summary"].string?.contains("Nobody is named as the recorder") == true)
        #expect(answer["summary"].string?.contains("example.org") == false)
    }

    /// Rule 1: one of -10.5 dB is stronger than an echo could be.
    @Test func aLoneMarkAboveTheCeilingIsIdentified() throws {
        let mixes = try Mixes.shared()
        let answer = try mixes.analyse(try mixes.write(mixes.mix([(0.3, .bela)]), to: "ceiling.wav")).answer
        #expect(answer["verdict"].string == "identified")
        #expect(answer["sources"].array.map { $0["verdict"].string } == ["identified"])
    }

    /// Rule 1: amplitudes of comparable sources that add up to 0.5 are an average of copies; two echoes stay below.
    @Test func weakMarksThatAddUpAreIdentified() throws {
        let mixes = try Mixes.shared()
        let four: [(Float, Mixes.Who)] = [(0.12, .ada), (0.12, .bela), (0.12, .cara), (0.12, .room)]
        let answer = try mixes.analyseLeniently(try mixes.write(mixes.mix(four), to: "four.wav")).answer
        #expect(answer["verdict"].string == "identified")
        #expect(answer["sources"].array.count == 4)
        #expect(answer["sources"].array.allSatisfy { $0["verdict"].string == "identified" })
        let two = try SourcesTests.echo(
            [0.11, 0.12, 0.1].flatMap { (share: Float) in
                [
                    (["bela@example.org", "cara@example.org"], [(share, .bela), (share, .cara)]),
                    (["ada@example.org", "room@example.org"], [(share, .ada), (share, .room)]),
                    (["ada@example.org", "bela@example.org"], [(share, .ada), (share, .bela)]),
                    (["cara@example.org", "room@example.org"], [(share, .cara), (share, .room)]),
                ]
            }
        ).printed.answer
        #expect(two["verdict"].string == "trace")
        #expect(two["sources"].array.allSatisfy { $0["verdict"].string == "trace" } && two["sources"].array.count == 2)
    }
}
