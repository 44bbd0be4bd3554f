import CProcess
import Foundation
import Testing

@testable import EarmarkMedia

/// What a program concludes from how its decoders end; docs/threat-model.md, "Hostile files".
@Suite struct HostileServerTests {
    /// A server that answers orders of eight bytes with these numbers, and then hangs up.
    private func server(_ answers: [Int32]) -> DecoderWorker {
        let steps = answers.map { answer in
            let bytes = FileBytes.little(answer).map { byte in
                "\\" + String(repeating: "0", count: byte < 8 ? 2 : byte < 64 ? 1 : 0) + String(byte, radix: 8)
            }
            return "head -c 8 >/dev/null; printf '\(bytes.joined())' >&0"
        }
        return DecoderWorker(executable: "/bin/sh", arguments: ["-c", (steps + ["exit 0"]).joined(separator: "; ")])
    }

    private func refusal(_ answers: [Int32]) throws -> MediaError {
        let folder = try TemporaryFolder()
        let path = try folder.write([1, 2, 3], as: "talk.wav")
        let error = try #require(
            failure { _ = try RecordingDecoder(path: path, worker: server(answers)) })
        #expect(error.path == path)
        return error
    }

    /// A decoder of process 77 ends at once with a status as `waitpid` has it.
    private func refusal(afterEnd status: Int32) throws -> MediaError { try refusal([77, status]) }

    @Test(arguments: [SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGSYS])
    func aCrashIsTheFilesFault(signal: Int32) throws {
        // With and without a core file.
        for status in [signal, signal | 0x80] {
            let error = try refusal(afterEnd: status)
            #expect(error.code == .corrupt && error.message.contains("crash"), "\(error)")
            #expect(error.message.contains(String(cString: strsignal(signal))))
        }
    }

    @Test(arguments: [SIGKILL, SIGTERM, SIGINT, SIGHUP]) func beingKilledIsNot(signal: Int32) throws {
        let error = try refusal(afterEnd: signal)
        #expect(error.code == .unreadable && error.message.contains("was killed"), "\(error)")
    }

    @Test(arguments: [SIGXCPU, -1]) func goingOnForEverIsTheFilesFault(status: Int32) throws {
        let error = try refusal(afterEnd: status)
        #expect(error.code == .corrupt && error.message.contains("does not end"), "\(error)")
    }

    @Test(arguments: [1, 3, 76, 255]) func anEndWithAStatusIsNot(status: Int32) throws {
        let error = try refusal(afterEnd: status << 8)
        #expect(error.code == .unreadable && error.message.contains("status \(status)."), "\(error)")
        #expect(!error.message.contains("seccomp"))
    }

    @Test func aSystemWithoutFiltersIsNamed() throws {
        let error = try refusal([-100_000])
        #expect(error.code == .unreadable)
        #expect(error.message.contains("seccomp") && error.message.contains("EARMARK_DECODER=unconfined"))
        // A decoder's own end never leads to that advice, whatever it is.
        for status in 0..<256 as Range<Int32> {
            let message = try refusal(afterEnd: status << 8).message
            #expect(!message.contains("EARMARK") && !message.contains("confine"))
        }
    }

    @Test func aSystemWithoutFFmpegIsNamed() throws {
        let error = try refusal([-100_001])
        #expect(error.code == .unreadable)
        for library in ["libavformat.so.", "libavcodec.so.", "libswresample.so.", "libavutil.so."] {
            #expect(error.message.contains(library), "\(error)")
        }
        #expect(error.message.contains("Install"))
    }

    @Test func aDecoderThatNobodyKnowsWasKilled() throws {
        // Not a child of the server's; and a server that ends instead of an answer.
        for answers in [[77, -2], [77]] as [[Int32]] {
            let error = try refusal(answers)
            #expect(error.code == .unreadable && error.message.contains("killed"), "\(error)")
        }
    }

    @Test func aServerThatCannotForkSaysWhy() throws {
        for code in [EAGAIN, ENOMEM, EMFILE] {
            let error = try refusal([-code])
            #expect(error.code == .unreadable && error.message.contains("cannot be started: "))
            #expect(error.message.contains(String(cString: strerror(code))), "\(error)")
        }
    }
}

/// How much of what a decoder may say is believed, to the byte.
@Suite struct DecoderLimitTests {
    /// The answers, from another thread, and the end.
    private func talk<Result>(
        _ bytes: [UInt8], of path: String = "f", _ body: (DecoderTalk) throws -> Result
    ) throws -> Result {
        let ends = try ChildProcess.socketPair()
        defer { close(ends.ours) }
        Thread {
            try? WorkerChannel(descriptor: ends.theirs).sendAll(bytes)
            shutdown(ends.theirs, Int32(SHUT_WR))
            var order = [UInt8](repeating: 0, count: 4_096)
            while recv(ends.theirs, &order, order.count, 0) > 0 {}
            close(ends.theirs)
        }.start()
        return try body(DecoderTalk(channel: WorkerChannel(descriptor: ends.ours), path: path))
    }

    private func message(_ kind: WorkerMessage.Kind, _ body: [UInt8], channels: UInt32 = 0) -> [UInt8] {
        [kind.rawValue, UInt32(body.count), channels].withUnsafeBytes(Array.init) + body
    }

    private func blocks(_ lengths: [Int], channels: Int = 1) -> [UInt8] {
        lengths.flatMap { message(.block, FileBytes.zeros(4 * $0 * channels), channels: UInt32(channels)) }
    }

    private func summary(
        _ frames: Int, rate: Int = 1, channels: Int = 1, corrupt: Int = 0, warnings: [String] = []
    ) throws -> [UInt8] {
        let summary = DecodeSummary(
            decodedFrames: Int64(frames), sampleRate: rate, channels: channels, corruptPackets: corrupt,
            isTruncated: true, warnings: warnings)
        return message(.summary, Array(try JSONEncoder().encode(summary)))
    }

    /// What comes of it at 1 Hz, at which a track of a million seconds has a million samples.
    private func decode(
        _ bytes: [UInt8], rate: Int = 1, channels: Int = 1
    ) throws -> DecodeSummary {
        try talk(bytes) {
            try $0.decode(
                track: 0, channels: 0..<track(channels: channels).deliveredChannels, sampleRate: rate
            ) { _ in }
        }
    }

    private func isRefused(_ bytes: [UInt8], channels: Int = 1) -> Bool {
        let error = failure { _ = try decode(bytes, channels: channels) }
        return error?.code == .corrupt && error?.message.contains("no longer answers sensibly") == true
    }

    /// What no decoder is believed may stand in the file's own name, by itself or within the lines that convert it;
    /// with more of it beside the name, nothing is believed.
    @Test(arguments: [
        "earmark.ogg", "/srv/earmark/install/leak.ogg", "/srv/it's earmark/my sudo.ogg", "confine/earmark-2.m4a",
        "-install.mp3",
    ]) func aFilesOwnNameIsNoAdvice(path: String) throws {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        func said(_ words: String) throws -> String? {
            let told = message(.failure, Array(try JSONEncoder().encode(WorkerFailure(code: .corrupt, message: words))))
            return failure { _ = try talk(told, of: path) { try $0.open() } }?.message
        }
        for words in [
            "the index of \(path) is damaged.", "\(name) ends early.",
            "is Ogg. Convert it: " + ConversionAdvice.command(for: path),
            "is free-format MP3. Convert it: " + ConversionAdvice.soxCommand(for: path),
        ] {
            #expect(try said(words) == words)
            for more in ["sudo", "Earmark", "install it"] {
                #expect(try said("\(words) \(more)")?.contains("makes no sense") == true, "\(words)")
            }
        }
    }

    /// A track lasts 16 hours and ten minutes at most.
    @Test func samplesEndSomewhere() throws {
        let most = 58_200
        #expect(try decode(blocks([most]) + summary(most)).decodedFrames == 58_200)
        #expect(try decode(blocks([most, 1]) + summary(most + 1)).decodedFrames == 58_201)
        #expect(isRefused(blocks([most, 1, 1]) + (try summary(most + 2))))
    }

    @Test func blocksAreNoLongerThanAMillionFrames() throws {
        let most = 1 << 20
        #expect(try decode(blocks([most]) + summary(most)).decodedFrames == Int64(most))
        #expect(isRefused(blocks([most + 1]) + (try summary(most + 1))))
    }

    /// One block more than ten thousand for each 64 samples.
    @Test func aFloodOfTinyBlocksIsRefused() throws {
        let most = 10_001
        #expect(
            try decode(
                blocks(.init(repeating: 64, count: most)) + summary(64 * most, rate: 16), rate: 16
            ).decodedFrames == 640_064)
        let few = Array(repeating: 1, count: 10_000)
        #expect(try decode(blocks(few) + summary(10_000)).decodedFrames == 10_000)
        #expect(isRefused(blocks(.init(repeating: 1, count: 10_300)) + (try summary(10_300))))
    }

    @Test func channelsAreOneTo64() throws {
        for channels in [1, 64] {
            let answer = blocks([2], channels: channels) + (try summary(2, channels: channels))
            #expect(try decode(answer, channels: channels).channels == channels)
            let nothing = try summary(0, channels: channels)
            #expect(try decode(nothing, channels: channels).channels == channels, "nothing decodes")
        }
        #expect(isRefused(blocks([1], channels: 8) + (try summary(1, channels: 9)), channels: 9))
        for channels in [0, 65] { #expect(isRefused(try summary(0, channels: channels), channels: 1)) }
    }

    /// What a track declares is paid for, so that is what it delivers: docs/statistics.md, section 4.
    @Test(arguments: [(1, 2), (2, 1), (2, 3), (8, 7), (12, 7)])
    func aTrackDeliversTheChannelsThatItDeclares(declared: Int, delivered: Int) throws {
        let answer = blocks([2, 2], channels: delivered) + (try summary(4, channels: delivered))
        #expect(try decode(answer, channels: delivered).decodedFrames == 4)
        #expect(isRefused(answer, channels: declared))
        // Not even one block, and not by the summary alone.
        let late = blocks([2], channels: min(8, declared)) + blocks([2], channels: delivered)
        #expect(isRefused(late + (try summary(4, channels: delivered)), channels: declared))
        #expect(isRefused(try summary(0, channels: delivered), channels: declared))
        // A summary that tells what was declared, of blocks that are of another width.
        let width = min(8, declared)
        let posing = blocks([width], channels: delivered) + (try summary(delivered, channels: width))
        #expect(isRefused(posing, channels: declared))
    }

    @Test func countsArePassedOnAsTheyAre() throws {
        for count in [0, 7, Int(UInt32.max)] {
            let answer = try decode(blocks([2]) + summary(2, corrupt: count))
            #expect(answer.corruptPackets == count && answer.isTruncated)
        }
        for count in [-1, Int(UInt32.max) + 1] {
            #expect(isRefused(blocks([2]) + (try summary(2, corrupt: count))))
        }
    }

    @Test func samplesOfAnyCredibleSizePass() throws {
        func answer(_ sample: Float) throws -> [UInt8] {
            message(.block, [sample].withUnsafeBytes(Array.init), channels: 1) + (try summary(1))
        }
        for sample in [Float(1e9), -1e9, 0, .leastNonzeroMagnitude] {
            #expect(try decode(try answer(sample)).decodedFrames == 1)
        }
        for sample in [Float(1e9).nextUp, -Float(1e9).nextUp, .nan, -.infinity] {
            #expect(isRefused(try answer(sample)), "\(sample)")
            let stereo = [0, 0, 0, sample].withUnsafeBytes(Array.init)
            let answer = message(.block, stereo, channels: 2) + (try summary(2, channels: 2))
            #expect(isRefused(answer, channels: 2), "\(sample)")
        }
    }

    // MARK: Words

    @Test func warningsAreFewPlainAndShort() throws {
        let warnings = (0..<25).map { "w\($0)" }
        #expect(try decode(blocks([2]) + summary(2, warnings: warnings)).warnings == Array(warnings.prefix(20)))
        let words = "a\u{1B}[31m\u{202E}\u{2028}\u{2029}\u{E000}\nü\u{200C}\u{200D}漢😀"
        let long = String(repeating: "x", count: 10_001)
        let answer = try decode(blocks([2]) + summary(2, warnings: [words, long]))
        #expect(answer.warnings[0].unicodeScalars.elementsEqual("a?[31m?????ü\u{200C}\u{200D}漢😀".unicodeScalars))
        #expect(answer.warnings[1].count == 10_000)
    }

    @Test func aTextOfAMegabyteIsBelievedAndNoMore() throws {
        func failing(_ length: Int) throws -> MediaError? {
            let frame = try JSONEncoder().encode(WorkerFailure(code: .truncated, message: "")).count
            let text = String(repeating: "y", count: length - frame)
            let body = Array(try JSONEncoder().encode(WorkerFailure(code: .truncated, message: text)))
            #expect(body.count == length)
            return failure { _ = try decode(message(.failure, body)) }
        }
        #expect(try failing(1 << 20)?.code == .truncated)
        #expect(try failing(1 << 20 + 1)?.code == .corrupt)
    }

    // MARK: Tracks

    private func opened(_ tracks: [AudioTrack]) throws -> OpenedFile {
        let file = OpenedFile(container: .mov, tracks: tracks)
        return try talk(message(.opened, Array(try JSONEncoder().encode(file)))) { try $0.open() }
    }

    private func track(
        _ index: Int = 0, rate: Int = 48_000, channels: Int = 1, codec: String = "aac", language: String? = nil,
        seconds: Double? = nil
    ) -> AudioTrack {
        AudioTrack(
            index: index, position: index, codec: codec, sampleRate: rate, channels: channels, language: language,
            declaredSeconds: seconds)
    }

    @Test func credibleTracksAreBelieved() throws {
        let long = String(repeating: "c", count: 64)
        for tracks in [
            [track(rate: 1_000)], [track(rate: 768_000)], [track(channels: 1_024)], [track(codec: long)],
            [track(language: "deu", seconds: 12.5)], (0..<256).map { track($0) }, [track(codec: " ~")],
        ] {
            #expect(try opened(tracks) == OpenedFile(container: .mov, tracks: tracks))
        }
        for tracks in [
            [track(rate: 999)], [track(rate: 768_001)], [track(channels: 1_025)], [track(codec: long + "c")],
            [track(language: "d\u{7}")], [track(language: long + "c")], [track(codec: "ä")], [track(codec: "\u{7F}")],
            (0..<257).map { track($0) }, [track(1), track(0)],
        ] {
            #expect(failureCode { _ = try opened(tracks) } == .corrupt, "\(tracks)")
        }
    }
}
