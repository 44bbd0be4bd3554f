import Foundation
import ProgramSupport
import Testing

/// docs/provisioning.md, "Secrets", "Security codes", and the helpers for administrators.
@Suite struct RoomSecretTests {
    private let warning = "earmark: warning: client secret: "

    /// From a file, from standard input, from the environment: byte by byte, up to 64 KiB.
    @Test func limitOfTheSecret() throws {
        let place = try Workplace()
        let limit = 64 << 10
        for (count, status) in [(limit, Int32(0)), (limit + 1, 65)] {
            // Good enough to give no advice.
            let text = String(String(repeating: Rooms.secret, count: count / 20 + 1).prefix(count))
            try place.write(text, to: "long.secret")
            let arguments = ["reset", "--raw"]
            let results = [
                try place.provision(arguments + ["--secret-file", "long.secret"]),
                try place.provision(arguments + ["--secret-file", "-"], input: text),
                try place.run(["provision"] + arguments + ["--secret-env", "LONG"], environment: ["LONG": text]),
            ]
            #expect(results.map(\.exitStatus) == [status, status, status])
            guard status == 0 else { continue }
            #expect(results.allSatisfy { $0.errors.isEmpty })
            // All three are the same secret.
            for (index, result) in results.enumerated() {
                try place.write(result.text, to: "\(index).jwe")
                let opened = try place.provision("verify", "\(index).jwe", "--secret-file", "long.secret")
                #expect(opened.exitStatus == 0)
            }
        }
    }

    @Test func adviceIsGivenAtItsLimits() throws {
        let place = try Workplace()
        // Digits have log2 10 bits each: 19 of them less than 64, 20 of them more.
        for (secret, advice) in [
            ("k3J-9sQwX2p", "fewer than 12 bytes"), ("k3J-9sQwX2pL", nil), ("9402751836940275183", "guessable"),
            ("94027518369402751836", nil), ("k3J-9sQwX2pL\n", "ends with a line break"),
            ("k3J-9sQwX2pe\u{301}", "Unicode NFC"), ("aZ0-aZ0-aZ0-aZ0-aZ0-", "guessable"),
        ] as [(String, String?)] {
            try place.write(secret, to: "a.secret")
            let result = try place.provision("reset", "--raw", "--secret-file", "a.secret")
            #expect(result.exitStatus == 0)
            #expect(result.errors.isEmpty == (advice == nil), "\(secret): \(result.errors)")
            if let advice { #expect(result.errors.hasPrefix(warning) && result.errors.contains(advice), "\(secret)") }
        }
    }

    /// What editors and shells do to files, and what nobody sees, is warned of.
    @Test func adviceAboutFiles() throws {
        let place = try Workplace()
        let utf16: [UInt8] = Rooms.secret.utf8.flatMap { [$0, 0] }
        let files: [([UInt8], String)] = [
            ([0xEF, 0xBB, 0xBF] + Array(Rooms.secret.utf8), "byte order mark"), (utf16, "UTF-16"),
            ([0xFF, 0xFE] + utf16, "UTF-16"), (Array((Rooms.secret + " ").utf8), "space or tab"),
            (Array(("\t" + Rooms.secret).utf8), "space or tab"),
            // A line break behind it does not hide it.
            (Array((Rooms.secret + " \n").utf8), "space or tab"),
            (Array((Rooms.secret + "\t\r\n").utf8), "space or tab"),
            (Array((" " + Rooms.secret + "\n").utf8), "space or tab"),
        ]
        for (bytes, advice) in files {
            try place.write("", to: "a.secret")
            try Data(bytes).write(to: URL(fileURLWithPath: place.file("a.secret")))
            let result = try place.provision("reset", "--raw", "--secret-file", "a.secret")
            #expect(result.exitStatus == 0)
            #expect(result.errors.contains(warning) && result.errors.contains(advice), "\(advice): \(result.errors)")
        }
        for end in ["\n", "\r\n"] {
            try place.write("a b" + Rooms.secret + end, to: "a.secret")
            #expect(!(try place.provision("reset", "--raw", "--secret-file", "a.secret").errors.contains("space or")))
        }
        try place.write(Rooms.secret, to: "a.secret")
        for (mode, isWarned) in [(0o600, false), (0o640, true), (0o604, true)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: place.file("a.secret"))
            let result = try place.provision("reset", "--raw", "--secret-file", "a.secret")
            #expect(result.errors.contains("others can read") == isWarned)
        }
    }

    @Test func newSecretsAreReadAsTheyAre() throws {
        let place = try Workplace()
        try place.write(Rooms.other + "\r\n", to: "new.secret")
        for (flags, payload) in [([], Rooms.other + "\r\n"), (["--strip-newline"], Rooms.other)] {
            let result = try place.provision(
                ["populate", "--secret-env", "SECRET", "--new-secret-file", "new.secret", "--raw"] + flags)
            try place.write(result.text, to: "new.jwe")
            #expect(result.errors.contains(flags.isEmpty ? "warning: new secret: the secret ends" : "note: dropped"))
            #expect(try place.provided("open", "new.jwe", "--secret-env", "SECRET") == payload)
        }
        let same = try place.provision("populate", "--secret-env", "SECRET", "--new-secret-file", "same", "--raw")
        #expect(same.exitStatus == 66)
        try place.write(Rooms.secret, to: "same")
        let again = try place.provision("populate", "--secret-env", "SECRET", "--new-secret-file", "same", "--raw")
        #expect(again.errors == "earmark: warning: the new secret is the old one\n")
        try place.refuses(64, "not both", "reset", "--secret-env", "SECRET", "--secret-file", "same")
        try place.refuses(
            64, "not both", "populate", "--secret-env", "SECRET", "--new-secret-env", "OTHER", "--new-secret-file",
            "same")
        try place.refuses(64, "need a name", "reset", "--secret-file", "")
    }

    /// 32 characters of base64url: 192 bits.
    @Test func generatedSecret() throws {
        let place = try Workplace()
        let secrets = try (0..<3).map { _ in try place.provided("secret", "generate") }
        #expect(Set(secrets).count == 3)
        for secret in secrets { #expect(secret.wholeMatch(of: /[A-Za-z0-9_-]{32}/) != nil) }
        let envelope = try place.provided("rotate", "--secret-env", "SECRET", "--new-secret-out", "new", "--raw")
        try place.write(envelope, to: "r.jwe")
        let opened = try place.provided("open", "r.jwe", "--secret-env", "SECRET", "--expect", "populate")
        #expect(opened == (try place.text(of: "new")))
        #expect(opened.wholeMatch(of: /[A-Za-z0-9_-]{32}/) != nil)
        // An empty secret is refused before the new one is written.
        try place.write("", to: "empty")
        try place.refuses(
            65, "emptySecret", "rotate", "--secret-file", "empty", "--new-secret-out", "other", "--raw")
        #expect(!FileManager.default.fileExists(atPath: place.file("other")))
    }

    @Test func firstSecretIsBase64URLInClear() throws {
        let place = try Workplace()
        // Its base64 would have the characters + and / and padding.
        let secret = ">>>???>>>???~"
        let text = Data(secret.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        try place.write(secret, to: "s")
        let printed = try place.provided("populate", "--first", "--new-secret-file", "s")
        #expect(printed == "xCommand Security ClientSecret Populate Secret: \"\(text)\"\n")
    }

    /// `--strip-newline` drops one line break and no more, of first secrets, too.
    @Test func firstSecretLosesItsLineBreakWhenAsked() throws {
        let place = try Workplace()
        let secret = Rooms.other
        for (content, flags, kept) in [
            (secret + "\n", ["--strip-newline"], secret), (secret + "\r\n", ["--strip-newline"], secret),
            (secret + "\n\n", ["--strip-newline"], secret + "\n"), (secret + " ", ["--strip-newline"], secret + " "),
            (secret + "\n", [], secret + "\n"),
        ] as [(String, [String], String)] {
            try place.write(content, to: "s")
            let text = Data(kept.utf8).base64EncodedString().replacing("=", with: "")
            let printed = try place.provided(["populate", "--first", "--new-secret-file", "s"] + flags)
            #expect(printed == "xCommand Security ClientSecret Populate Secret: \"\(text)\"\n", "\(flags)")
        }
    }

    /// "An environment variable (wiped where it lies once it is read)": what others may read of the process has it no
    /// more, while the program waits for another secret.
    @Test func environmentShowsNoSecretThatWasRead() throws {
        let place = try Workplace()
        let process = Process()
        let input = Pipe()
        process.executableURL = try ProcessRunner.executable
        process.arguments = ["provision", "populate", "--secret-env", "SECRET", "--new-secret-file", "-", "--raw"]
        process.environment = place.folder.environment.merging(Rooms.environment) { $1 }
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        var isShown = true
        let deadline = Date(timeIntervalSinceNow: 30)
        while isShown, Date() < deadline {
            Thread.sleep(forTimeInterval: 0.02)
            // Nobody but root reads it at all, once the program cannot be dumped.
            guard let content = FileManager.default.contents(atPath: "/proc/\(process.processIdentifier)/environ")
            else {
                isShown = false
                continue
            }
            // The variable that is not asked for says that the program has begun.
            guard content.range(of: Data(Rooms.other.utf8)) != nil else { continue }
            isShown = content.range(of: Data(Rooms.secret.utf8)) != nil
        }
        #expect(process.isRunning && !isShown)
        try input.fileHandleForWriting.close()
        process.end(within: 120)
    }

    private func code(_ arguments: String..., hash: String = "SHA-256", bytes: Int = 32) throws -> ProcessRunner.Result
    {
        let place = try Workplace()
        try place.write(String(repeating: "0F", count: bytes) + "\n", to: "exporter")
        return try place.provision(
            ["security-code", "--secret-file", "exporter", "--hex", "--hash", hash, "--group-id"] + arguments)
    }

    @Test func codesAreCompared() throws {
        let printed = try code("ab", "--epoch", "7").text
        #expect(printed.wholeMatch(of: /([0-9]{5} ){5}[0-9]{5}\n/) != nil)
        let digits = printed.filter(\.isNumber)
        #expect(try code("AB", "--epoch", "7", "--compare", digits).exitStatus == 0)
        let wrong = (digits.hasSuffix("0") ? "1" : "0")
        let differing = try code("ab", "--epoch", "7", "--compare", digits.dropLast() + wrong, "--json")
        #expect(differing.exitStatus == 40)
        #expect(try JSON(text: differing.text)["matches"].bool == false)
        #expect(try code("ab", "--epoch", "7", "--compare", String(digits.dropLast())).exitStatus == 40)
        #expect(try JSON(text: code("ab", "--epoch", "7", "--json").text)["matches"].isAbsent)
        for other in [try code("ac", "--epoch", "7"), try code("ab", "--epoch", "8"), try code("", "--epoch", "7")] {
            #expect(other.exitStatus == 0)
            #expect(other.text != printed)
        }
        #expect(try code("ab", "--epoch", "18446744073709551615").exitStatus == 0)
        #expect(try code("ab", "--epoch", "18446744073709551616").exitStatus == 64)
        #expect(try code("abc", "--epoch", "7").exitStatus == 65)
        for (hash, count) in [("SHA-256", 32), ("SHA-384", 48), ("SHA-512", 64)] {
            #expect(try code("ab", "--epoch", "7", hash: hash, bytes: count).exitStatus == 0)
            #expect(try code("ab", "--epoch", "7", hash: hash, bytes: count - 1).exitStatus == 65)
        }
    }

    @Test func sessionTypesAreGranted() throws {
        let place = try Workplace()
        let text =
            "UserID\tEmail\tMeetingPrivilege\r\n1\tada@example.org\t13\r\n2\tbob@example.org\t13,652\r\n"
            + "3\teve@example.org\t\"13,14\"\r\n"
        try place.write("", to: "users.csv")
        let bytes = Data([0xFF, 0xFE]) + Data(text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
        try bytes.write(to: URL(fileURLWithPath: place.file("users.csv")))
        let arguments = ["grant", "users.csv", "--type", "652"]
        let rows = try JSON(text: place.provided(arguments + ["--dry-run", "--json"]))["changes"].array
        #expect(rows.map(\.["line"].int) == [2, 4])
        #expect(rows.map(\.["user"].string) == ["ada@example.org", "eve@example.org"])
        #expect(rows.map(\.["before"].string) == ["13", "13,14"])
        #expect(rows.map(\.["after"].string) == ["13,652", "13,14,652"])
        _ = try place.provided(arguments + ["--user", "EVE@example.org", "-o", "new.csv"])
        let made = try Data(contentsOf: URL(fileURLWithPath: place.file("new.csv")))
        let expected = text.replacing("\"13,14\"", with: "\"13,14,652\"")
        #expect(made == Data([0xFF, 0xFE]) + Data(expected.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }))
        try place.refuses(
            66, "'joe@example.org'", "grant", "users.csv", "--type", "652", "--dry-run", "--user",
            "joe@example.org", "--user", "ada@example.org")
        try place.refuses(73, "new.csv", "grant", "users.csv", "--type", "652", "-o", "new.csv")
        #expect(try place.provided("grant", "new.csv", "--type", "13", "--dry-run").hasPrefix("Nothing to change"))
    }

    /// The vendor's table of session types and of kinds that can join.
    @Test func tablesOfTheVendor() throws {
        let place = try Workplace()
        let types = try JSON(text: place.provided("session-types", "--json"))["sessionTypes"].array
        #expect(types.map(\.["id"].int) == [638, 652, 660, 672, 673, 676, 677, 681])
        #expect(try place.provided("session-types", "e2e encryption+voip ONLY").contains("638"))
        try place.refuses(65, "older type", "session-types", "pro - end to end encryption")
        let kinds = try JSON(text: place.provided("endpoints", "--json"))["endpoints"].array
        let joining = kinds.filter { $0["canJoin"].bool == true }.map(\.["name"].string)
        #expect(joining == ["Board", "Desk Pro", "Desk", "Room Kit", "Room Kit Mini", "desktop app", "mobile app"])
        #expect(kinds.count == 15)
    }
}
