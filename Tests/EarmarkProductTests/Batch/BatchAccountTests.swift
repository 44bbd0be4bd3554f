import Foundation
import ProgramSupport
import Testing

/// docs/batch.md, "Every entry is accounted for", and docs/file-formats.md, "Names of files".
@Suite struct BatchAccountTests {
    private let batch: BatchPlace

    init() throws { batch = try BatchPlace("a.wav") }

    /// Runs a script of the shell in the folder; `$E` is the program, `$M` the meeting.
    @discardableResult private func shell(_ script: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-ec", "exec 2>&1; \(script)"]
        process.currentDirectoryURL = batch.place.folder.url
        let own = [
            "E": try ProcessRunner.executable.path, "M": batch.first, "Q": BatchPlace.quick.joined(separator: " "),
        ]
        process.environment = batch.place.folder.environment.merging(own) { $1 }
        let output = batch.place.file(".shell")
        try Data().write(to: URL(fileURLWithPath: output))
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        try process.run()
        process.end(within: 120)
        let text = try batch.place.text(of: ".shell")
        try #require(process.terminationStatus == 0, "\(text)")
        return text
    }

    private func refusals() throws -> [String: String] {
        Dictionary(
            try batch.lines().map {
                ($0["path"].string ?? "", $0["refusal"]["code"].string ?? $0["verdict"].string ?? "")
            }, uniquingKeysWith: { $0 + $1 })
    }

    @Test func everyEntryIsALine() throws {
        try shell(
            """
            mkdir in/hid in/.hid elsewhere; mv in/hid in/.hid/x; touch in/.a elsewhere/b
            ln -s /nonexistent in/dangling; ln -s ../elsewhere in/elsewhere; ln -s . in/loop
            mkfifo in/fifo; python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("in/socket")'
            long=$(printf 'd%.0s' {1..200})
            (cd in; for i in {1..22}; do mkdir $long; cd -P $long; done; touch deep.wav)
            """)
        let result = try batch.batch(["in"], meeting: batch.first)
        #expect(result.exitStatus == 30 && result.text.contains("left out    2 hidden"))
        var found = try refusals()
        let deep = try #require(found.keys.first { $0.hasPrefix("in/ddd") })
        #expect(found.removeValue(forKey: deep) == "unreadable", "a folder that cannot be read: its path is too long")
        let expected = [
            "in/a.wav": "not-found", "in/dangling": "notFound", "in/elsewhere": "unreadable", "in/fifo": "unreadable",
            "in/socket": "unreadable",
        ]
        #expect(found == expected)
        let summary = try batch.summary(["in"], meeting: batch.first, ["--resume"])
        #expect(summary["hidden"].int == 2)
    }

    /// Whoever runs the tests as root reads every folder, unless the program is started without that right.
    @Test func closedFoldersAreALine() throws {
        let output = try shell(
            """
            mkdir in/closed; touch in/closed/b.wav; chmod 000 in/closed
            s=; [ $(id -u) -ne 0 ] || s='setpriv --bounding-set -dac_override,-dac_read_search'
            if $s true; then $s $E batch in --meeting $M $Q --out r.ndjson || echo "status $?"; else echo unable; fi
            chmod 700 in/closed
            """)
        guard !output.hasSuffix("unable\n") else { return }
        #expect(output.hasSuffix("status 30\n"))
        #expect(try refusals() == ["in/a.wav": "not-found", "in/closed": "unreadable"])
    }

    @Test func namesThatAreNoTextAreCarriedThrough() throws {
        let output = try shell(
            """
            mkdir $'in/F\\xe4lle'; cp in/a.wav $'in/F\\xe4lle/\\x83e\\x83X.mp3'; cp in/a.wav 'in/\\xE4'
            mv in/a.wav $'in/Gespr\\xe4ch.wav'
            $E batch in --meeting $M $Q --out $'r\\xe4.ndjson' --jobs 1
            $E batch in --meeting $M $Q --out $'r\\xe4.ndjson' --resume --json
            cd in; $E analyze $'Gespr\\xe4ch.wav' --meeting $M $Q
            $E analyze '\\xE4' --meeting $M $Q
            cd ..; $E batch merge $'r\\xe4.ndjson' -o r.ndjson
            """)
        #expect(output.contains("Gespr\\xE4ch.wav") && !output.unicodeScalars.contains("\u{FFFD}"))
        #expect(output.contains("\"resumed\" : 3"))
        let names = ["in/F\\xE4lle/\\x83e\\x83X.mp3", "in/Gespr\\xE4ch.wav", "in/\\x5CxE4"]
        #expect(try batch.lines().map(\.["path"].string) == names)
        #expect(try batch.lines().allSatisfy { $0["verdict"].string == "not-found" })
    }

    /// Unicode takes these names for the same, in pairs; to a file system each is a file of its own.
    @Test func namesThatAreEqualToUnicodeAreFilesOfTheirOwn() throws {
        try shell(
            """
            cp in/a.wav $'in/\\xc3\\xa9.wav'; echo none >$'in/e\\xcc\\x81.wav'
            cp in/a.wav $'in/\\xe2\\x84\\xaa.wav'; echo two >in/K.wav
            for s in 1 2; do $E batch in --meeting $M $Q --shard $s/2 --out p.ndjson || test $? = 30; done
            $E batch merge p.*.ndjson -o whole.ndjson
            $E batch in --meeting $M $Q --out r.ndjson || test $? = 30
            """)
        for name in ["r.ndjson", "whole.ndjson"] {
            let lines = try batch.lines(name)
            #expect(lines.count == 5 && Set(lines.compactMap(\.["path"].string).map { Array($0.utf8) }).count == 5)
            #expect(lines.filter { !$0["refusal"].isAbsent }.count == 2)
        }
        #expect(try batch.summary(["in"], meeting: batch.first, ["--resume"])["resumed"].int == 5)
    }

    @Test func everyVerbTakesEveryName() throws {
        let names = ["l", "-n", "- -", " ", "\\", "a'b", "$'\\xe4\\xff'"].map { name in
            name.hasPrefix("$") ? name : "'\(name.replacingOccurrences(of: "'", with: "'\\''"))'"
        }
        for name in names {
            try shell(
                """
                n=\(name); mkdir w; cp in/a.wav w/x; cd w; mv x ./"$n"
                $E analyze --meeting $M $Q -- "$n"; $E batch --meeting $M $Q --out="$n.o" -- "$n"
                $E embed --meeting $M --client ada@example.org -- "$n" "$n.wav"; test -s "./$n.wav"
                rm ./"$n"; $E ticket issue --meeting $M --client ada@example.org --output="$n"; $E ticket show -- "$n"
                rm ./"$n"; $E store backup --help >/dev/null; $E init --org Y --store "./$n"; $E org list --store "./$n"
                $E store backup --store "./$n" -- "$n.copy"; $E store restore --yes --store "./$n" -- "$n.copy"
                $E provision secret generate --output="$n.s"
                printf 'name,action,secret\\nroom,generate,x.secret\\n' >./"$n.l"
                $E provision batch --out-dir="$n.d" -- "$n.l"; test -s x.secret -a -d "./$n.d"
                mv ./"$n.l" l; $E provision batch --out-dir=s -- l; cd ..; rm -r w
                """)
        }
    }
}
