import Testing

@testable import EarmarkMedia

/// The command lines that refusals recommend: one can paste them.
@Suite struct ConversionAdviceTests {
    @Test(arguments: [
        ("talk.ogg", "ffmpeg -i talk.ogg -map 0:a -c:a pcm_s16le talk.mov"),
        ("/a/b/talk.ogg", "ffmpeg -i /a/b/talk.ogg -map 0:a -c:a pcm_s16le talk.mov"),
        // Never its own input.
        ("/a/talk.mov", "ffmpeg -i /a/talk.mov -map 0:a -c:a pcm_s16le talk-converted.mov"),
        ("talk", "ffmpeg -i talk -map 0:a -c:a pcm_s16le talk.mov"),
        (".hidden", "ffmpeg -i .hidden -map 0:a -c:a pcm_s16le .hidden.mov"),
        ("a.b.c", "ffmpeg -i a.b.c -map 0:a -c:a pcm_s16le a.b.mov"),
        ("-x.ogg", "ffmpeg -i ./-x.ogg -map 0:a -c:a pcm_s16le ./-x.mov"),
        // FFmpeg would take these for addresses.
        ("concat:a.ogg", "ffmpeg -i ./concat:a.ogg -map 0:a -c:a pcm_s16le ./concat:a.mov"),
        ("x/a:b.ogg", "ffmpeg -i x/a:b.ogg -map 0:a -c:a pcm_s16le ./a:b.mov"),
        ("my talk.ogg", "ffmpeg -i 'my talk.ogg' -map 0:a -c:a pcm_s16le 'my talk.mov'"),
    ])
    func theLineIsMadeOfTheName(path: String, line: String) { #expect(ConversionAdvice.command(for: path) == line) }

    @Test(arguments: [
        ("aZ09._-/+,:@%=", "aZ09._-/+,:@%="), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("$(x)", "'$(x)'"),
        ("a;b", "'a;b'"), ("a&b", "'a&b'"), ("ä", "'ä'"), ("-n", "./-n"), ("a\nb", "$'a\\x0Ab'"), ("~x", "'~x'"),
    ])
    func aNameIsOneWordOfTheShell(text: String, word: String) { #expect(ConversionAdvice.shellQuoted(text) == word) }

    /// 99.9999 s must not read as 100 s.
    @Test(arguments: [(99.9999, "99.999"), (0, "0"), (1.0051, "1.005"), (12.34, "12.340"), (50, "50"), (0.07, "0.070")])
    func lengthsAreRoundedDownToMilliseconds(length: Double, text: String) {
        let error = failure { try RecordingPolicy().requireLongEnough(decodedSeconds: length, path: "a") }
        #expect(error?.code == .tooShort)
        #expect(error?.message.hasPrefix("the audio lasts \(text) s once decoded; more than 100 s ") == true)
    }

    @Test func limitsOfWholeMegabytesAreNamedInMegabytes() throws {
        for (limit, text) in [
            (Int64(3_000_000), "3,000,000 bytes (3 MB)."), (3_000_001, "3,000,001 bytes."), (999_999, "999,999 bytes."),
            (1_000_000, "1,000,000 bytes (1 MB)."), (0, "limit is 0 bytes."),
        ] {
            let policy = RecordingPolicy(maximumBytes: limit)
            try policy.requireSmallEnough(byteCount: limit, path: "a")
            let error = failure { try policy.requireSmallEnough(byteCount: limit + 1, path: "a b") }
            #expect(error?.code == .tooLarge && error?.message.contains(text) == true)
            #expect(error?.message.hasSuffix("Cut it") == true, "no hour of audio fits")
        }
    }

    /// 96 kbit/s are 43.2 MB an hour: what is advised makes a file that passes.
    @Test func anExtractThatFitsIsAdvised() throws {
        for (limit, hours) in [(Int64(500_000_000), "11 hours of a track fit"), (43_200_000, "1 hour of a track fit")] {
            let policy = RecordingPolicy(maximumBytes: limit)
            let error = failure { try policy.requireSmallEnough(byteCount: limit + 1, path: "a b.wav") }
            #expect(error?.message.contains(hours) == true)
            #expect(error?.message.hasSuffix("ffmpeg -i 'a b.wav' -map 0:a -c:a aac -b:a 96k 'a b-audio.m4a'") == true)
        }
        let policy = RecordingPolicy(maximumBytes: 43_199_999)
        let error = failure { try policy.requireSmallEnough(byteCount: 43_200_000, path: "a") }
        #expect(error?.message.hasSuffix("Cut it") == true)
    }

    /// A name in Latin-1, as bash and zsh read it; as it stands in the path's text it would name another file.
    @Test func namesThatAreNoUTF8AreQuotedAsShellsReadThem() throws {
        let policy = RecordingPolicy(maximumBytes: 43_200_000)
        let error = failure { try policy.requireSmallEnough(byteCount: 43_200_001, path: #"Gespr\xE4ch 'x'.wav"#) }
        #expect(error?.message.contains(#"ffmpeg -i $'Gespr\xE4ch \'x\'.wav' -map 0:a"#) == true)
        #expect(error?.message.hasSuffix(#"$'Gespr\xE4ch \'x\'-audio.m4a'"#) == true)
    }
}
