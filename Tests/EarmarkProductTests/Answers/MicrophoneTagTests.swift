import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// docs/statistics.md, section 9, "Tags", and docs/json-schema.md, `microphone`: whether a mark was recorded or came
/// through a microphone.
@Suite struct MicrophoneTagTests {
    /// A meeting with tags, what Bela's client played, and the way of an echo.
    private struct Stage {
        let place: Workplace
        /// The store before anything was analysed.
        let fresh: Workplace
        let meeting: String
        let clients: [String: String]

        static let start = 1_234.5
        /// How much later an echo is sent than what it is an echo of was played, seconds.
        static let delay = 0.128

        static let made = Result { try Stage() }

        init() throws {
            place = try Workplace()
            try place.write(
                """
                participant,email,device,kind,microphone
                Ada Abbott,ada@example.org,laptop,desktop,
                Bela Berger,bela@example.org,13 inch,desktop,on
                Cara Costa,cara@example.org,tablet,mobile,off

                """,
                to: "roster.csv")
            try place.succeed("init", "--org", "Example Ltd")
            let created = try place.json(
                "meeting", "create", "--title", "T", "--start",
                Board.time(Int(Date().timeIntervalSince1970) / 3_600 * 3_600 - 3_600), "--roster", "roster.csv")
            meeting = created["meeting"]["id"].string ?? ""
            let list = try place.json("client", "list", "--meeting", meeting)["clients"].array
            clients = Dictionary(
                list.map { ($0["email"].string ?? "", $0["id"].string ?? "") }, uniquingKeysWith: { first, _ in first })
            let speech = SpeechLike.samples(seconds: 110, seed: 61)
            try Media.wav([speech], rate: 16_000).write(to: URL(fileURLWithPath: place.file("host.wav")))
            fresh = try Workplace(copyOf: place.folder)
            try mark("host.wav", "bela.wav", "bela", [])
            try mark("host.wav", "cara.wav", "cara", [])
        }

        func mark(
            _ input: String, _ output: String, _ who: String, at time: Double = start, _ options: [String]
        ) throws {
            try place.succeed(
                ["embed", input, output, "--meeting", meeting, "--client", "\(who)@example.org", "--at", "\(time)"]
                    + options)
        }

        /// `played`, softer and late, as the microphone of `who` sends it.
        func echo(
            of played: String, through who: String, by delay: Double = delay, strength: String = "standard",
            to output: String
        ) throws {
            try place.ffmpeg(["-i", place.file(played), "-af", "volume=0.4"], to: "soft-" + output)
            try mark(
                "soft-" + output, output, who, at: Stage.start + delay, ["--microphone", "--strength", strength])
        }

        func answer(_ file: String, _ options: String...) throws -> JSON {
            try place.answer(place.file(file), ["--meeting", meeting] + options)
        }
    }

    @Test func anEchoThroughItsOwnMicrophoneIsATrace() throws {
        let stage = try Stage.made.get()
        try stage.echo(of: "bela.wav", through: "bela", to: "own.wav")
        let answer = try stage.answer("own.wav")
        let source = answer["sources"][0]
        #expect(answer["verdict"].string == "trace" && answer["sources"].array.count == 1)
        #expect(source["email"].string == "bela@example.org" && source["verdict"].string == "trace")
        #expect(source["microphone"]["state"].string == "heard")
        #expect(source["microphone"]["client"].string == stage.clients["bela@example.org"])
        #expect(abs((source["microphone"]["delaySeconds"].double ?? 0) - Stage.delay) <= 0.017)
        #expect(source["reason"].string?.contains("came through its own microphone") == true)
        // As loud as any that is identified: levels would have accused.
        #expect((source["leastLevelDecibels"].double ?? -99) > -13.4)
    }

    @Test func anEchoThroughAnothersMicrophoneIsATrace() throws {
        let stage = try Stage.made.get()
        // Without a room in between a tag has its depth's share of the mark: 0.64 at robust, 0.4 at standard.
        try stage.echo(of: "bela.wav", through: "ada", strength: "robust", to: "other.wav")
        let source = try stage.answer("other.wav")["sources"][0]
        #expect(source["email"].string == "bela@example.org" && source["verdict"].string == "trace")
        #expect(source["microphone"]["state"].string == "heard")
        #expect(source["microphone"]["client"].string == stage.clients["ada@example.org"])
        #expect(source["microphone"]["participant"].string == "Ada Abbott")
        #expect(source["reason"].string?.contains("came through another endpoint's microphone") == true)
        // People are told neither name, unless they ask.
        let file = stage.place.file("other.wav")
        let text = try stage.place.succeed("analyze", file, "--meeting", stage.meeting)
        #expect(text.contains("not named: a trace accuses nobody") && !text.contains("Bela") && !text.contains("Ada"))
        let named = try stage.place.succeed("analyze", file, "--meeting", stage.meeting, "--name-traces")
        #expect(named.contains("Bela Berger") && named.contains("the microphone of Ada Abbott"))
        #expect(named.contains("This is no accusation"))
        try stage.echo(of: "bela.wav", through: "ada", to: "either.wav")
        let either = try stage.answer("either.wav")["sources"][0]
        #expect(either["verdict"].string == "trace" && either["microphone"]["state"].string == "open")
        #expect(either["reason"].string?.contains("or somebody talked there and the clocks") == true)
    }

    /// Wireless loudspeakers and television sets are seconds late: the tag comes as much later.
    @Test(arguments: [("bela", 2.0), ("bela", 0.7), ("ada", 2.0)])
    func aLateLoudspeakerMakesNobodyARecorder(microphone: String, delay: Double) throws {
        let stage = try Stage.made.get()
        let file = "late-echo-\(microphone)-\(delay).wav"
        try stage.echo(of: "bela.wav", through: microphone, by: delay, strength: "robust", to: file)
        let source = try stage.answer(file)["sources"][0]
        #expect(source["email"].string == "bela@example.org" && source["verdict"].string == "trace")
        #expect(source["microphone"]["state"].string == "heard")
        #expect(source["microphone"]["client"].string == stage.clients["\(microphone)@example.org"])
        #expect(abs((source["microphone"]["delaySeconds"].double ?? 0) - delay) <= 0.04)
    }

    /// A loudspeaker that connects anew every 20 s is late by another time from then on: at none of them its tag has
    /// the share of the mark that an echo's has.
    @Test func aLoudspeakerThatConnectsAnewMakesNobodyARecorder() throws {
        let stage = try Stage.made.get()
        let delays = [0.128, 0.912, 1.696, 2.48, 0.4, 2.096]
        var inputs: [String] = []
        var graph = ""
        for (index, delay) in delays.enumerated() {
            let name = "anew-\(index).wav"
            try stage.echo(of: "bela.wav", through: "bela", by: delay, to: name)
            inputs += ["-i", stage.place.file(name)]
            graph += "[\(index)]volume='eq(floor(t/20)\\,\(index))':eval=frame[\(index)o];"
        }
        graph += delays.indices.map { "[\($0)o]" }.joined() + "amix=inputs=\(delays.count):normalize=0"
        try stage.place.ffmpeg(inputs + ["-filter_complex", graph, "-c:a", "pcm_s24le"], to: "anew.wav")
        let source = try stage.answer("anew.wav")["sources"][0]
        #expect(source["email"].string == "bela@example.org" && source["verdict"].string == "trace")
        #expect(source["microphone"]["state"].string == "heard")
        #expect(source["microphone"]["client"].string == stage.clients["bela@example.org"])
    }

    /// A tag that is there counts, whatever somebody says of the client: its absence alone needs what is said.
    @Test func aTagIsHeardOfAClientThatIsSaidToSendNone() throws {
        let stage = try Stage.made.get()
        try stage.echo(of: "bela.wav", through: "bela", to: "denied.wav")
        let place = try Workplace(copyOf: stage.fresh.folder)
        try place.succeed(
            "client", "microphone", "off", "--meeting", stage.meeting, "--client", "bela@example.org")
        let source = try place.answer(stage.place.file("denied.wav"), ["--meeting", stage.meeting])["sources"][0]
        #expect(source["verdict"].string == "trace" && source["microphone"]["state"].string == "heard")
        // So it is where a worker analyses.
        try place.succeed("bundle", "create", "--meeting", stage.meeting, "-o", "denied.bundle")
        let line = try place.succeed(
            "work", "--bundle", "denied.bundle", "--key", "denied.bundle.key", stage.place.file("denied.wav"))
        #expect(try JSON(text: line)["sources"][0]["microphone"]["state"].string == "heard")
    }

    /// What a client records never carries its own tag; that it tags is only said until an analysis has heard it.
    @Test func aRecorderIsIdentifiedAndItsTagIsAbsent() throws {
        let stage = try Stage.made.get()
        let place = try Workplace(copyOf: stage.fresh.folder)
        func microphone(_ file: String) throws -> JSON {
            let answer = try place.answer(stage.place.file(file), ["--meeting", stage.meeting])
            #expect(answer["verdict"].string == "identified")
            return answer["sources"][0]["microphone"]
        }
        let said = try microphone("bela.wav")
        #expect(said["state"].string == "absent" && said["isOnlyStated"].bool == true && said["client"].isAbsent)
        let text = try place.succeed("analyze", stage.place.file("bela.wav"), "--meeting", stage.meeting)
        #expect(text.contains("that this endpoint tags its microphone is only stated"))
        try stage.echo(of: "bela.wav", through: "bela", to: "heard.wav")
        try place.answer(stage.place.file("heard.wav"), ["--meeting", stage.meeting])
        let heard = try place.answer(stage.place.file("heard.wav"), ["--meeting", stage.meeting])["id"].string
        let noted = try place.json("audit", "list")["entries"].array.first { $0["action"].string == "tags-heard" }
        let hearing = noted?["details"]["analysis"].string
        #expect(hearing?.hasPrefix("a_") == true && hearing != heard)
        // Whoever reacts to a leak makes a tag too late: it says nothing of a file that was looked at before.
        #expect(try microphone("bela.wav")["isOnlyStated"].bool == true)
        try place.ffmpeg(["-i", stage.place.file("bela.wav"), "-af", "volume=0.9"], to: "another.wav")
        let another = try place.answer("another.wav", "--meeting", stage.meeting)["sources"][0]["microphone"]
        #expect(another["isOnlyStated"].bool == false && another["heardIn"].string == hearing)
        let shown = try place.succeed("analyze", "another.wav", "--meeting", stage.meeting)
        #expect(shown.contains("its tag was heard in analysis \(hearing ?? ""), whether in a recording that was made"))
    }

    /// The log says that a file was looked at where no answer about it is kept: a tag of after that comes too late.
    @Test func aTagIsTooLateForAFileWhoseFirstAnswerIsGone() throws {
        let stage = try Stage.made.get()
        let place = try Workplace(copyOf: stage.fresh.folder)
        // The same leak in three files.
        for (name, volume) in [("unstored.wav", 0.9), ("deleted.wav", 0.8), ("unseen.wav", 0.7)] {
            try place.ffmpeg(["-i", stage.place.file("bela.wav"), "-af", "volume=\(volume)"], to: name)
        }
        try place.succeed("batch", "unstored.wav", "--meeting", stage.meeting, "--no-store", "--out", "r.ndjson")
        let id = try place.answer("deleted.wav", "--meeting", stage.meeting)["id"].string ?? ""
        try place.succeed("analysis", "delete", id, "--yes")
        #expect(try place.json("analysis", "list")["analyses"].array.isEmpty)
        try stage.echo(of: "bela.wav", through: "bela", to: "made.wav")
        let echo = try place.answer(stage.place.file("made.wav"), "--meeting", stage.meeting)
        #expect(echo["sources"][0]["microphone"]["state"].string == "heard")
        for (name, isTooLate) in [("unstored.wav", true), ("deleted.wav", true), ("unseen.wav", false)] {
            let microphone = try place.answer(name, "--meeting", stage.meeting)["sources"][0]["microphone"]
            #expect(microphone["state"].string == "absent", "\(name)")
            #expect(microphone["isOnlyStated"].bool == isTooLate, "\(name)")
            #expect(microphone["heardIn"].isAbsent == isTooLate, "\(name)")
        }
    }

    /// A client that does not tag, or did not yet, is judged by levels.
    @Test func withoutTagsTheAnswerIsOpen() throws {
        let stage = try Stage.made.get()
        let place = try Workplace(copyOf: stage.place.folder)
        func state(_ file: String) throws -> String? {
            try place.answer(stage.place.file(file), ["--meeting", stage.meeting])["sources"][0]["microphone"]["state"]
                .string
        }
        #expect(try state("cara.wav") == "open")
        #expect(try state("bela.wav") == "absent")
        let start = try place.json("meeting", "show", stage.meeting)["meeting"]["start"].string ?? ""
        let origin = try #require(ISO8601DateFormatter().date(from: start)).timeIntervalSince1970
        func tags(_ arguments: String...) throws {
            try place.succeed(
                ["client", "microphone"] + arguments
                    + ["--meeting", stage.meeting, "--client", "bela@example.org"])
        }
        // The recording shows 1,234.5 to 1,344.5 s of the meeting.
        try tags("on", "--from", Board.time(Int(origin) + 1_400))
        #expect(try state("bela.wav") == "open")
        try tags("on", "--from", Board.time(Int(origin) + 1_200))
        #expect(try state("bela.wav") == "absent")
        try tags("off")
        #expect(try state("bela.wav") == "open")
        let client = try place.json("client", "list", "--meeting", stage.meeting)["clients"].array
            .map { $0["microphoneTag"].string }
        #expect(client == ["always", "never", "never"])
    }

    @Test func talkersAreNamedWhereAsked() throws {
        let stage = try Stage.made.get()
        // Ada talks, and Bela's client plays it a quarter of a second later.
        try stage.mark("host.wav", "ada-talks.wav", "ada", at: Stage.start - 0.25, ["--microphone"])
        try stage.mark("ada-talks.wav", "bela-hears.wav", "bela", [])
        let place = try Workplace(copyOf: stage.fresh.folder)
        func heardTags() throws -> [String?] {
            try place.json("client", "list", "--meeting", stage.meeting)["clients"].array
                .filter { !$0["microphoneTagHeard"].isAbsent }.map { $0["email"].string }
        }
        let file = stage.place.file("bela-hears.wav")
        let quiet = try place.answer(file, "--meeting", stage.meeting)
        #expect(try quiet["talkers"].isAbsent && heardTags().isEmpty)
        let answer = try place.answer(file, "--meeting", stage.meeting, "--talkers")
        // Whoever was heard to talk does tag: that is no statement any more.
        #expect(try heardTags() == ["ada@example.org"])
        let noted = try place.json("audit", "list")["entries"].array.filter { $0["action"].string == "tags-heard" }
        #expect(noted.map(\.["details"]["clients"].string) == [stage.clients["ada@example.org"]])
        #expect(answer["verdict"].string == "identified" && answer["sources"].emails == ["bela@example.org"])
        #expect(answer["sources"][0]["microphone"]["state"].string == "absent")
        #expect(answer["talkers"].emails == ["ada@example.org"])
        let heard = answer["talkers"][0]["heard"].array
        let seconds = heard.reduce(0) { $0 + ($1["to"].double ?? 0) - ($1["from"].double ?? 0) }
        #expect(seconds > 90)
        let first = try #require(heard.first)
        let said = (first["meetingFrom"].double ?? 0) - (first["from"].double ?? 0)
        #expect(abs(said - (Stage.start - 0.25)) < 0.1)
        try place.succeed("report", answer["id"].string ?? "", "-o", "talkers.html")
        let report = try place.text(of: "talkers.html")
        #expect(report.contains("<h2>Who talked</h2>") && report.contains("Ada Abbott &lt;ada@example.org&gt;"))
        try place.succeed("report", quiet["id"].string ?? "", "-o", "quiet.html")
        #expect(try !place.text(of: "quiet.html").contains("Who talked"))
    }

    /// A copied mark brings the tags of the recording that it was copied from: nobody is said to have talked.
    @Test func nobodyTalkedWhereTheMarkIsCopied() throws {
        let stage = try Stage.made.get()
        let place = try Workplace(copyOf: stage.fresh.folder)
        // Both channels get the same gains, by what the louder one holds.
        let loud = SpeechLike.samples(seconds: 130, seed: 61).map { $0 * 0.5 }
        let soft = SpeechLike.samples(seconds: 130, seed: 62).map { $0 * 0.005 }
        let both = zip(loud, soft).flatMap { [$0, $1] }
        try Data(both.withUnsafeBytes { Array($0) }).write(to: URL(fileURLWithPath: place.file("both.raw")))
        let raw = ["-f", "f32le", "-ar", "16000", "-ac", "2", "-i", place.file("both.raw"), "-c:a", "pcm_f32le"]
        try place.ffmpeg(raw, to: "both.wav")
        func mark(_ input: String, _ output: String, _ who: String, _ options: [String]) throws {
            try place.succeed(
                ["embed", input, output, "--meeting", stage.meeting, "--client", "\(who)@example.org"] + options)
        }
        try mark("both.wav", "talks.wav", "ada", ["--at", "\(Stage.start - 0.25)", "--microphone"])
        try mark("talks.wav", "hears.wav", "bela", ["--at", "\(Stage.start)", "--strength", "robust"])
        try place.ffmpeg(["-i", place.file("hears.wav"), "-af", "pan=mono|c0=100*c1"], to: "copy.wav")
        let answer = try place.answer("copy.wav", "--meeting", stage.meeting, "--talkers")
        #expect(answer["verdict"].string == "detached" && answer["sources"].emails == ["bela@example.org"])
        #expect(!answer["talkers"].isAbsent && answer["talkers"].array.isEmpty)
        let text = try place.succeed("analysis", "show", answer["id"].string ?? "")
        #expect(text.contains("Who talked is not said: tags are copied with the mark.") && !text.contains("Ada"))
    }

    /// Sound that begins 20 s late: who talked is told where a player shows it.
    @Test func talkersAreWhereAPlayerShowsThem() throws {
        let stage = try Stage.made.get()
        try stage.mark("host.wav", "ada-speaks.wav", "ada", at: Stage.start - 0.25, ["--microphone"])
        try stage.mark("ada-speaks.wav", "bela-listens.wav", "bela", [])
        let film = "-f lavfi -i color=size=64x64:rate=5:duration=140 -itsoffset 20".split(separator: " ")
        try stage.place.ffmpeg(
            film.map(String.init) + ["-i", stage.place.file("bela-listens.wav")]
                + ["-map", "0", "-map", "1", "-c:a", "pcm_s16le"], to: "late.mov")
        let answer = try stage.answer("late.mov", "--talkers")
        #expect(answer["talkers"].emails == ["ada@example.org"])
        let first = try #require(answer["talkers"][0]["heard"].array.first)
        let from = try #require(first["from"].double)
        #expect(from > 19, "\(from)")
        #expect(abs((first["meetingFrom"].double ?? 0) - from - (Stage.start - 0.25 - 20)) < 0.2)
    }

    /// docs/many.md: a bundle knows whose tags were heard, a worker knows no names, and the store fills them in.
    @Test func workersJudgeTagsAndTheStoreNamesThem() throws {
        let stage = try Stage.made.get()
        let place = try Workplace(copyOf: stage.fresh.folder)
        try stage.echo(of: "bela.wav", through: "bela", to: "before.wav")
        try stage.echo(of: "bela.wav", through: "ada", strength: "robust", to: "echo.wav")
        try place.answer(stage.place.file("before.wav"), ["--meeting", stage.meeting])
        try FileManager.default.createDirectory(atPath: place.file("in"), withIntermediateDirectories: false)
        for name in ["bela.wav", "echo.wav"] {
            try FileManager.default.copyItem(atPath: stage.place.file(name), toPath: place.file("in/" + name))
        }
        try place.succeed("bundle", "create", "--meeting", stage.meeting, "-o", "case.bundle")
        try place.succeed("run", "plan", "in", "--parts", "1", "-o", "run.json")
        try place.succeed(
            "work", "--bundle", "case.bundle", "--key", "case.bundle.key", "--plan", "run.json", "--part", "1", "-o",
            "p.ndjson")
        try place.succeed("run", "merge", "run.json", "p.ndjson", "-o", "run.ndjson")
        try place.succeed("run", "import", "run.json", "run.ndjson")
        func source(_ file: String) throws -> JSON {
            let stored = try place.json("analysis", "list")["analyses"].array.first {
                $0["file"].string == "in/" + file
            }
            return try place.json("analysis", "show", stored?["id"].string ?? "")["analysis"]["report"]["sources"][0]
        }
        let recorder = try source("bela.wav")["microphone"]
        #expect(recorder["state"].string == "absent" && recorder["isOnlyStated"].bool == false)
        let echo = try source("echo.wav")
        #expect(echo["participant"].string == "Bela Berger" && echo["microphone"]["state"].string == "heard")
        #expect(echo["microphone"]["client"].string == stage.clients["ada@example.org"])
        #expect(echo["microphone"]["participant"].string == "Ada Abbott")
        // Bela's was heard by an analysis of the store; that a worker heard Ada's is no more than its word.
        let clients = try place.json("client", "list", "--meeting", stage.meeting)["clients"].array
        let heard = clients.filter { !$0["microphoneTagHeard"].isAbsent }.map { $0["email"].string }
        #expect(heard == ["bela@example.org"])
        let entries = try place.json("audit", "list")["entries"].array.filter { $0["action"].string == "tags-heard" }
        #expect(entries.map { $0["details"]["clients"].string } == [stage.clients["bela@example.org"]])
    }

    /// A microphone's audio alone names nobody: it has neither pilot nor anybody's playout mark.
    @Test func tagsAloneNameNobody() throws {
        let stage = try Stage.made.get()
        try stage.mark("host.wav", "sent.wav", "bela", ["--microphone"])
        let answer = try stage.answer("sent.wav")
        #expect(answer["verdict"].string == "not-found" && answer["sources"].array.isEmpty)
    }
}
