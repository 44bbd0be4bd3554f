import Foundation
import ProgramSupport
import Testing

/// The command line as whoever knows git, restic or FFmpeg tries it.
@Suite struct CommandLineTests {
    private let place: Workplace
    private let verbs: Verbs

    init() throws {
        place = try Workplace()
        verbs = try Verbs()
    }

    private func refused(_ line: String, saying words: String..., status: Int32 = 64) throws {
        let result = try place.run(Self.words(line))
        #expect(result.exitStatus == status && result.output.isEmpty, "\(line): \(result.errors)")
        for text in words { #expect(result.errors.contains(text), "\(line): \(result.errors)") }
    }

    private static func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

    /// `earmark --help`: `-m`, `-o` and `-n` are the meeting, the output and the limit, wherever those are taken.
    @Test func shortOptionsStandForTheSameEverywhere() {
        let letters = ["meeting": "m", "output": "o", "out": "o", "limit": "n"]
        var count = 0
        for verb in verbs.all {
            for taken in verb.arguments {
                for name in taken.long {
                    guard let letter = letters[name] else { continue }
                    count += 1
                    #expect(taken.short.contains(letter), "\(verb.testDescription) --\(name)")
                }
            }
        }
        #expect(count > 35)
    }

    /// Every verb that cannot do without something names all of that, shows an example of its own, and its help.
    @Test func whatIsMissingIsNamed() throws {
        let needing = verbs.all.filter { !$0.needed.isEmpty }
        #expect(needing.count > 50)
        for verb in needing {
            let result = try place.run(verb.path)
            #expect(result.exitStatus == 64 && result.output.isEmpty, "\(verb.path): \(result.errors)")
            for taken in verb.needed {
                #expect(result.errors.contains("Missing expected argument '\(taken.synopsis)"), "\(result.errors)")
            }
            let shown = (["earmark"] + verb.path).joined(separator: " ")
            let lines = result.errors.split(separator: "\n")
            #expect(lines.last == "See '\(shown) --help'.", "\(result.errors)")
            let parent = shown.split(separator: " ").dropLast().joined(separator: " ")
            let example = lines.dropLast().last ?? ""
            let isOwn = [shown, parent == "earmark" ? shown : parent].contains { example.contains("\($0) ") }
            #expect(example.hasPrefix("Example: ") && isOwn, "\(result.errors)")
        }
    }

    /// The example is the one that is most like what was typed.
    @Test func theExampleFitsWhatWasTyped() throws {
        try refused("embed a.wav b.wav", saying: "Example: earmark embed clean.wav marked.wav --ticket ada.ticket")
        try refused("embed a.wav b.wav --client x", saying: "marked.wav --meeting Board --client ada@example.org")
        try refused("ticket issue -m x --all", saying: "--all --out-dir tickets")
        try refused("analyze x.m4a", saying: "--any-meeting", "Example: earmark analyze")
        try refused("analyze x.m4a --reference y.wav", saying: "--reference minutes.wav")
        try refused("meeting show Board weekly", saying: "'earmark meeting show' takes <meeting>;", "in quotes")
        try refused("meeting list Board", saying: "takes nothing but options")
        try refused("client list Board", saying: "write --meeting 'Board'")
    }

    /// Plurals, British spellings and what shells call it are the same commands.
    @Test func otherWordsAreTheSameCommand() throws {
        let same = [
            ("analyse", "analyze"), ("meetings ls", "meeting list"), ("meeting rm", "meeting delete"),
            ("meeting remove", "meeting delete"), ("meeting new", "meeting create"), ("meeting add", "meeting create"),
            ("meeting info", "meeting show"), ("meeting view", "meeting show"), ("meeting update", "meeting edit"),
            ("clients ls", "client list"), ("client rm", "client remove"), ("client delete", "client remove"),
            ("client create", "client add"), ("clients show", "client list"), ("analyses ls", "analysis list"),
            ("analyses rm", "analysis delete"), ("tickets new", "ticket issue"),
            ("orgs ls", "org list"), ("organisation add", "org add"), ("organization new", "org add"),
            ("org domains rm", "org domain remove"), ("config ls", "settings get"), ("settings show", "settings get"),
            ("bundles ls", "bundle list"), ("bundle check", "bundle verify"), ("bundle info", "bundle show"),
            ("reports verify", "report verify"), ("stores check", "store check"), ("store verify", "store check"),
            ("keys rotate", "key rotate"), ("audits ls", "audit list"), ("audit check", "audit verify"),
            ("commitments new", "commitment create"), ("evidence check", "evidence verify"), ("runs plan", "run plan"),
            ("worker", "work"), ("device", "provision"), ("devices secret", "provision secret"),
            ("batches merge", "batch merge"),
        ]
        for (other, own) in same {
            let help = try place.succeed(Self.words(own) + ["--help"])
            #expect(try place.succeed(Self.words(other) + ["--help"]) == help, "\(other)")
        }
        // Each group that is a noun goes by its plural.
        for group in verbs.groups.keys where group.count == 1 && !["retention", "provision"].contains(group[0]) {
            let plural = group[0] == "analysis" ? "analyses" : group[0] + (group[0].hasSuffix("ch") ? "es" : "s")
            guard group[0] != "settings" else { continue }
            #expect(try place.succeed(plural, "--help") == place.succeed(group[0], "--help"), "\(plural)")
        }
        #expect(try place.succeed("version") == place.succeed("--version"))
        for help in ["help meeting create", "meeting help create", "meetings create -h"] {
            #expect(try place.succeed(Self.words(help)) == place.succeed("meeting", "create", "--help"), "\(help)")
        }
    }

    /// What is no command names the one that may have been meant, wherever that is.
    @Test func whatMayHaveBeenMeantIsSaid() throws {
        let meant = [
            ("meeting lsit", "earmark meeting list"), ("meetign list", "earmark meeting"), ("issue", "ticket issue"),
            ("hold Board", "earmark retention hold"), ("release Board", "retention release"),
            ("mark a", "earmark embed"),
            ("detect a", "earmark analyze"), ("list", "'earmark meeting list', 'earmark ticket list'"),
            ("ls", "earmark analysis list"), ("edit Board", "earmark meeting edit"), ("log", "earmark audit list"),
            ("purge", "earmark retention purge"), ("prune", "retention purge"), ("participants", "client list"),
            ("ticket rm x", "earmark ticket revoke"), ("bundle delete x", "earmark bundle revoke"),
            ("retention rm x", "earmark retention release"), ("run mrege x", "earmark run merge"),
            ("run list", "earmark run status"), ("run join x", "earmark run merge"), ("key bakcup x", "key backup"),
            ("store resotre x", "earmark store restore"), ("evidence exprot x", "earmark evidence export"),
            ("provision scret x", "provision secret"),
            ("provision secret make", "provision secret generate"), ("wrok", "earmark work"), ("plan x", "run plan"),
            ("verify r.html", "earmark report verify"), ("commitment vrify", "commitment verify"),
            ("backup x", "'earmark store backup' or 'earmark key backup'"), ("rotate", "earmark key rotate"),
            ("csr", "earmark provision csr"), ("holds", "earmark retention status"), ("setup", "earmark init"),
            ("report verfy x", "earmark report verify"),
        ]
        for (line, words) in meant { try refused(line, saying: words) }
        try refused("meeting xyzzy", saying: "see 'earmark meeting --help'")
        // A start that was typed without its verb is no list.
        try refused("meeting --start now", saying: "needs a verb before '--start': create, edit")
        for (line, option) in [
            ("meeting list --limti 3", "--limit"), ("meeting delete x --force", "--yes"),
            ("audit list --count 3", "--limit"),
            ("client list -m x --stroe s", "--store"), ("--stroe s meeting list", "--store"),
            ("run plan x --otuput y", "--output"), ("bundle create --metting x -o y", "--meeting"),
            ("evidence export latest -o x --clinet y", "--client"), ("client join -m x --user y", "--client"),
            ("provision csr --cn x --key-otu y", "--key-out"), ("retention hold x --raeson y", "--reason"),
        ] {
            try refused(line, saying: "id you mean '\(option)'?")
        }
    }

    /// What lists needs no verb where it is named by its plural, or by options.
    @Test func listsNeedNoVerb() throws {
        try place.succeed("init", "--org", "Example Ltd")
        try place.succeed("meeting", "create", "--title", "Board", "--start", "2026-03-02T09:00Z", "--hold", "x")
        for (short, long) in [
            ("meetings", "meeting list"), ("meeting -n 3", "meeting list -n 3"), ("analyses", "analysis list"),
            ("clients -m board", "client list -m board"), ("tickets -m board", "ticket list -m board"),
            ("settings", "settings get"), ("orgs", "org list"), ("bundles", "bundle list"),
            ("org domains", "org domain list"),
        ] { #expect(try place.succeed(Self.words(short)) == place.succeed(Self.words(long)), "\(short)") }
        #expect(try place.succeed("meeting").contains("SUBCOMMANDS"))
        try refused("clients", saying: "--meeting <meeting>", "Example: earmark client list")
    }

    /// Options before the verb, or between its words, are those of the verb.
    @Test func optionsMayStandBeforeTheVerb() throws {
        let other = place.file("other.db")
        try place.succeed("--store", other, "init", "--org", "Example Ltd")
        try place.succeed(
            "--store=\(other)", "meeting", "--title", "Board", "create", "--start", "2026-03-02T09:00Z", "--hold", "x")
        let list = try place.succeed("meeting", "list", "--store", other, "--json")
        #expect(list.contains("\"Board\""))
        for words in [
            ["--store", other, "--json", "meeting", "list"], ["meeting", "--store", other, "list", "--json"],
            ["--json", "--store=\(other)", "meetings"], ["-n", "3", "--store", other, "--json", "meeting", "list"],
        ] { #expect(try place.succeed(words) == list, "\(words)") }
        try refused("--store \(other)", saying: "'earmark' needs a verb before '--store'")
        try refused("--csv meeting list", saying: "Unknown option '--csv'")
    }

    /// A terminal in Latin-1 sends bytes that no title could keep.
    @Test func textInAnotherEncodingIsRefused() throws {
        let person = try Newcomer()
        let name = "\"$(printf 'M\\366bius')\""
        let refused = try person.type("earmark init --org \(name)")
        #expect(refused.isRefused(64, saying: "--org is no UTF-8", "locale charmap"), "\(refused)")
        try person.done("LC_ALL=C earmark init --org Möbius")
        let title = try person.type("earmark meeting create --start now --title=\(name)")
        #expect(title.isRefused(64, saying: "--title is no UTF-8"), "\(title)")
        #expect(try person.done("LC_ALL=POSIX earmark org list").contains("Möbius"))
    }

    /// Values that begin with a dash are values where they can be nothing else; else it is said how to write them.
    @Test func valuesMayBeginWithADash() throws {
        try place.succeed("init", "--org", "-Example-", "--retention", "36500")
        try place.succeed("meeting", "create", "--title", "- Board -", "--start", "2026-03-02T09:00Z")
        try place.succeed("meeting", "edit", "latest", "--title", "-5 per cent")
        #expect(try place.json("meetings")["meetings"][0]["title"].string == "-5 per cent")
        #expect(try place.json("settings", "set", "threshold", "-12")["settings"]["log10Threshold"].double == -12)
        #expect(try place.json("meeting", "list", "-n1")["meetings"].array.count == 1)
        try refused("retention set -5", saying: "0 to 36500", status: 65)
        try refused("meeting edit latest --title --start now", saying: "joined to it: --title=--start")
        try refused("embed a b --ticket c --at -x", saying: "'-x' is invalid for '--at", "-5m is before it")
        try place.succeed("meeting", "edit", "latest", "--title=--start")
        #expect(try place.json("meetings")["meetings"][0]["title"].string == "--start")
        try place.succeed("meeting", "show", "-m", "latest")
        try place.succeed("retention", "set", "--days", "400", "--yes")
        try refused("meeting create --title x --start now --duration -5m", saying: "2h, 90m, 1h30m")
    }
}
