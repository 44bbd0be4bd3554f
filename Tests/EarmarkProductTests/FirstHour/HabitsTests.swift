import EarmarkTestSupport
import Foundation
import ProgramSupport
import Testing

/// What users of other programs do without a thought, and what then goes wrong around the program.
@Suite struct HabitsTests {
    private let person: Newcomer
    private let board: Board

    init() throws {
        board = try Board.shared()
        person = try Newcomer()
        for name in try FileManager.default.contentsOfDirectory(atPath: board.folder.url.path)
        where name.hasPrefix("store.db") {
            try FileManager.default.copyItem(atPath: board.folder.file(name), toPath: person.place.file(name))
        }
    }

    /// A list in place of a recording is called one: by the decoder, whose words are passed on.
    @Test func listsAreNoRecordings() throws {
        for name in ["list.csv", "list.txt", "list.ndjson", "earmark sudo.csv"] {
            try person.place.write("participant,email,device\nAda Abbott,ada@example.org,laptop\n", to: name)
            let result = try person.type("earmark analyze '\(name)' -m Board")
            #expect(result.isRefused(20, saying: "is text, not a recording", "'earmark batch'"), "\(result)")
        }
    }

    /// There is no standard input to analyse or mark; the verbs that read it are named.
    @Test func aDashIsNoFile() throws {
        for line in ["analyze - -m Board", "embed - out.wav -m Board --client ada"] {
            let result = try person.type("earmark \(line)")
            #expect(result.isRefused(66, saying: "no such file", "'earmark filter'", "'earmark batch'"), "\(result)")
        }
    }

    /// Whatever is written to a folder that is not there says how to make it, and that works when it is pasted.
    @Test func missingFoldersAreMade() throws {
        let lines = [
            "ticket issue -m Board --client ada -o 'of Ada/a.ticket'", "store backup 'of Ada/b.db'",
            "embed \(board.host) 'of Ada/c.wav' -m Board --client ada", "bundle create -m Board -o 'of Ada/d.bundle'",
            "batch \(board.bela) -m Board -o 'of Ada/e.ndjson'", "key backup 'of Ada/f.key'",
        ]
        for line in lines {
            let refused = try person.type("earmark \(line)")
            let advice = "there is no folder 'of Ada'; make it: mkdir -p 'of Ada'"
            #expect(refused.isRefused(74, saying: advice), "\(refused)")
            let make = person.advised("mkdir -p", by: refused)
            try person.done(String(make.prefix { $0 != "." }))
            try person.done("earmark \(line) && rm -r 'of Ada'")
        }
    }

    /// A signature leads to what it is of, as elsewhere; both were there, and one that is not is asked for as such.
    @Test func aSignatureNamesItsReport() throws {
        try person.done("earmark analyze \(board.bela) -m Board --effort fast --report leak.html")
        #expect(try person.done("earmark report verify leak.html.sig").contains("'leak.html' is as it was signed"))
        try person.done("printf x >> leak.html")
        #expect(try person.type("earmark report verify leak.html.sig").status == 65)
        let none = try person.type("earmark report verify none.html.sig")
        #expect(none.isRefused(66, saying: "'none.html'"), "\(none)")
        // A report may be called so.
        try person.done("earmark report latest -o odd.html && mv odd.html odd.sig && mv odd.html.sig odd.sig.sig")
        #expect(try person.done("earmark report verify odd.sig").contains("'odd.sig' is as it was signed"))
    }

    /// Standard output that is closed is called closed, by every verb that prints.
    @Test func aClosedOutputIsCalledClosed() throws {
        for verb in ["meeting list", "meeting list --json", "--version", "--help", "ticket list -m Board"] {
            let result = try person.type("earmark \(verb) >&-")
            let isSaid = result.isRefused(74, saying: "cannot write the result: standard output is closed")
            #expect(isSaid, "\(verb): \(result)")
        }
        // All three at once: nothing goes to what is opened in their place.
        try person.done("earmark meeting create --title Dark --start now <&- >&- 2>&-; test $? = 74")
        try person.done("earmark meeting show dark && earmark store check")
    }

    /// On a terminal of 20 columns no line is wider, but for words that are.
    @Test func narrowTerminalsAreWrapped() throws {
        try person.done("earmark analyze \(board.bela) -m Board --effort fast")
        for width in [12, 20, 40] {
            let text = try person.done(
                "TERM=dumb script -qec \"stty cols \(width); earmark analysis show latest\" /dev/null")
            let lines = text.split(whereSeparator: \.isNewline).filter { line in
                // Tables stay whole.
                !line.contains("0:00") && !line.contains("FROM") && line.count > width
            }
            for line in lines {
                let words = line.split(separator: " ")
                let hasNoPlace = words.count == 1 || words.contains { $0.count > width }
                #expect(hasNoPlace || line.contains("earmark "), "\(width): \(line)")
            }
        }
    }

    /// An `embed` that is ended, even killed, leaves nothing in the folder.
    @Test func nothingStaysOfAnInterruptedEmbed() throws {
        try person.done("mkdir out && ffmpeg -v error -f lavfi -i anoisesrc -t 5000 -ar 8000 -c:a pcm_s16le long.wav")
        for signal in ["INT", "TERM", "KILL"] {
            // The second line of progress comes when something was written.
            let left = try person.done(
                """
                rm -f told; mkfifo told
                env --default-signal=INT earmark embed long.wav out/m.wav -m Board --client ada --progress json 2>told &
                { read -r line; read -r line; kill -s \(signal) $!; cat >/dev/null; } <told
                wait $!; echo "status $?"; ls -A out
                """)
            let number = ["INT": 130, "TERM": 143, "KILL": 137][signal] ?? 0
            #expect(left == "status \(number)\n", "\(signal): \(left)")
        }
    }

    /// A database in a folder where nothing can be created cannot be used, and the folder is named as the reason.
    @Test(.enabled(if: FullDisk.isPossible)) func aFolderThatTakesNothingIsNamed() throws {
        let result = try person.type(
            """
            mkdir shut; rm -f store.db-*; cp store.db* shut/; unshare -rm sh -c '
            mount --bind shut shut && mount --bind store.db shut/store.db && mount -o remount,bind,ro shut || exit 1
            exec earmark meeting list --store shut/store.db'
            """)
        let words = "in its folder nothing can be created (Read-only"
        #expect(result.isRefused(74, saying: words, "EARMARK_STORE"), "\(result)")
    }

    /// A disk without a byte left is called full, whatever was asked.
    @Test(.enabled(if: FullDisk.isPossible)) func aFullDiskIsCalledFull() throws {
        let lines = ["meeting list", "ticket list -m Board", "analyze \(board.bela) -m Board"]
        let tries = lines.map { "earmark \($0) --store full/store.db; echo \"status $?\"" }.joined(separator: "\n")
        let result = try person.type(
            """
            mkdir full; unshare -rm sh -c '
            mount -t tmpfs -o size=2m none full && cp store.db* full/ && rm -f full/*-shm full/*-wal
            dd if=/dev/zero of=full/rest bs=1k 2>/dev/null
            \(tries)'
            """)
        #expect(result.output == String(repeating: "status 74\n", count: lines.count), "\(result)")
        let told = result.errors.components(separatedBy: "the disk is full; make room").count - 1
        #expect(told == lines.count, "\(result)")
    }
}

/// Whether this machine lets users mount a file system of their own.
private enum FullDisk {
    static var isPossible: Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "unshare -rm mount -t tmpfs -o size=1m none /mnt 2>/dev/null"]
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
