import Foundation
import ProgramSupport
import Testing

/// docs/provisioning.md, "Envelopes" and "Commands", from outside.
@Suite struct RoomEnvelopeTests {
    private static let paths = [
        ("activate", "Security/Certificates/Services/Activate"),
        ("deactivate", "Security/Certificates/Services/Deactivate"), ("add", "Security/Certificates/Services/Add"),
        ("populate", "Security/ClientSecret/Populate"),
    ]

    /// One envelope of each action, under its name.
    private func envelopes(in place: Workplace) throws -> [String: String] {
        let secret = ["--secret-env", "SECRET", "--raw"]
        let fingerprint = ["--fingerprint", Rooms.first]
        let texts = [
            "add": try place.provided(["add", Rooms.pki("bundle-chain-key.pem")] + secret),
            "activate": try place.provided(["activate"] + fingerprint + secret),
            "deactivate": try place.provided(["deactivate"] + fingerprint + secret),
            "populate": try place.provided(["populate", "--new-secret-env", "OTHER"] + secret),
        ]
        for (action, text) in texts { try place.write(text, to: "e/\(action).jwe") }
        return texts
    }

    private func parts() throws -> (Workplace, [String: String]) {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.file("e"), withIntermediateDirectories: true)
        return (place, try envelopes(in: place))
    }

    /// The header is "written exactly so".
    @Test func headerIsWrittenExactlySo() throws {
        let (place, texts) = try parts()
        for (action, text) in texts {
            let segments = text.split(separator: ".", omittingEmptySubsequences: false)
            #expect(segments.map(\.isEmpty) == [false, true, false, false, false])
            // Base64url of 12 and 16 bytes.
            #expect(segments[2].count == 16)
            #expect(segments[4].count == 22)
            let facts = try JSON(text: place.provided("inspect", "e/\(action).jwe", "--json"))["envelope"]
            let standard = segments[0].replacing("-", with: "+").replacing("_", with: "/")
            let padding = String(repeating: "=", count: (4 - standard.count % 4) % 4)
            let header = try #require(Data(base64Encoded: String(standard) + padding))
            let salt = try #require(JSON(data: header)["cisco-kdf"]["salt"].string)
            #expect(salt.utf8.count == 22)
            let expected = """
                {"alg":"dir","cisco-action":"\(action)","cisco-kdf":{"salt":"\(salt)","version":"1"},"enc":"A256GCM"}
                """
            #expect(String(decoding: header, as: UTF8.self) == expected)
            #expect(facts["header"].string == expected)
            #expect(facts["saltBytes"].int == 16)
            let bytes = Data(base64Encoded: salt.replacing("-", with: "+").replacing("_", with: "/") + "==")
            #expect(facts["salt"].string == bytes?.map { String(format: "%02x", $0) }.joined())
        }
    }

    @Test func linesToPaste() throws {
        let (place, texts) = try parts()
        let services = "xCommand Security Certificates Services"
        let expected = [
            // In the order in which a device takes them.
            "== populate.jwe ==", "xCommand Security ClientSecret Populate Secret: \"\(texts["populate"] ?? "")\"", "",
            "== add.jwe ==", "\(services) Add IsEncrypted: True", texts["add"] ?? "", ".", "", "== activate.jwe ==",
            "\(services) Activate Purpose: WebexIdentity Fingerprint: \"\(texts["activate"] ?? "")\"", "",
            "== deactivate.jwe ==",
            "\(services) Deactivate Purpose: WebexIdentity Fingerprint: \"\(texts["deactivate"] ?? "")\"", "",
        ]
        #expect(try place.provided("commands", "e") == expected.joined(separator: "\n"))
        let single = try place.provided("commands", "e/add.jwe", "--delete", Rooms.first.uppercased(), "--show")
        #expect(
            single == "\(services) Add IsEncrypted: True\n\(texts["add"] ?? "")\n.\n\n\(services) Show\n\n"
                + "\(services) Delete Fingerprint: \"\(Rooms.first)\"\n")
        try place.refuses(66, "holds no *.jwe", "commands", ".")
        try place.refuses(64, "Name envelopes", "commands")
        try place.refuses(65, "badFingerprint", "commands", "--delete", "12")
    }

    @Test func callsForOtherInterfaces() throws {
        let (place, texts) = try parts()
        for (action, path) in Self.paths {
            let file = "e/\(action).jwe"
            let text = texts[action] ?? ""
            let value = ["add": "body", "populate": "Secret"][action] ?? "Fingerprint"
            let fixed = ["add": ["IsEncrypted": "True"], "populate": [:]][action] ?? ["Purpose": "WebexIdentity"]
            let call = try JSON(text: place.provided("commands", file, "--form", "json-rpc"))
            #expect(call["jsonrpc"].string == "2.0")
            #expect(call["id"].int == 1)
            #expect(call["method"].string == "xCommand/" + path)
            #expect(call["params"].value as? [String: String] == fixed.merging([value: text]) { $1 })
            let rest = try place.provided("commands", file, "--form", "rest", "--device", "D1").split(separator: "\n")
            #expect(rest[0] == "POST /v1/xapi/command/" + path.replacing("/", with: "."))
            let body = try JSON(text: rest[1])
            #expect(body["deviceId"].string == "D1")
            #expect(body["body"].string == (action == "add" ? text : nil))
            let arguments = action == "add" ? fixed : fixed.merging([value: text]) { $1 }
            #expect(body["arguments"].value as? [String: String] == arguments)
            let names = path.split(separator: "/")
            let fields = (fixed.map { ($0.key, $0.value) } + [(value, text)]).map { "<\($0)>\($1)</\($0)>" }.joined()
            let xml =
                "<Command>" + names.dropLast().map { "<\($0)>" }.joined()
                + "<\(names[names.count - 1]) command=\"True\">\(fields)</\(names[names.count - 1])>"
                + names.dropLast().reversed().map { "</\($0)>" }.joined() + "</Command>\n"
            #expect(try place.provided("commands", file, "--form", "putxml") == xml)
            let json = try JSON(text: place.provided("commands", file, "--json"))["commands"][0]
            #expect(json["name"].string == "\(action).jwe")
            #expect(json["envelope"]["command"]["method"].string == "xCommand/" + path)
            #expect(json["envelope"]["text"].string == text)
        }
        #expect(try place.provided("commands", "--show", "--form", "rest").contains("\"deviceId\":\"DEVICE_ID\""))
    }

    /// Exit statuses 41, 42 and 43.
    @Test func statusesOfRefusal() throws {
        let (place, texts) = try parts()
        let text = texts["activate"] ?? ""
        try place.write("  \n\(text)\r\n\t", to: "blank.jwe")
        #expect(try place.provided("open", "blank.jwe", "--secret-env", "SECRET") == Rooms.first)
        for (name, changed, reason) in [
            ("inside", text.replacing("..", with: ".. "), "badBase64URL"), ("six", text + ".", "badSegmentCount"),
            ("key", text.replacing("..", with: ".AAAA."), "encryptedKeyNotEmpty"),
            ("tag", String(text.dropLast(2)), "badTagLength"),
        ] {
            try place.write(changed, to: "\(name).jwe")
            try place.refuses(41, reason, "inspect", "\(name).jwe")
            try place.refuses(41, reason, "verify", "\(name).jwe", "--secret-env", "SECRET")
            try place.refuses(41, "'\(name).jwe': \(reason)", "commands", "\(name).jwe")
        }
        try place.refuses(42, "authenticationFailed", "verify", "e/add.jwe", "--secret-env", "OTHER")
        try place.refuses(41, "actionMismatch", "verify", "e/add.jwe", "--secret-env", "SECRET", "--expect", "activate")
        // Its header is changed to that of another action: authenticated, so it does not open.
        let header = texts["deactivate"]?.split(separator: ".").first ?? ""
        let mixed = header + text[(text.firstIndex(of: ".") ?? text.startIndex)...]
        try place.write(String(mixed), to: "mixed.jwe")
        try place.refuses(42, "authenticationFailed", "open", "mixed.jwe", "--secret-env", "SECRET")
    }

    @Test func payloadIsJudgedByVerify() throws {
        let (place, _) = try parts()
        func payload(_ action: String) throws -> JSON {
            try JSON(text: place.provided("verify", "e/\(action).jwe", "--secret-env", "SECRET", "--json"))["payload"]
        }
        #expect(try payload("add")["kind"].string == "certificate and key")
        #expect(try payload("add")["certificate"]["sha256"].string?.hasPrefix("8439f9cd0d07530d") == true)
        for action in ["activate", "deactivate"] {
            let verified = try payload(action)
            #expect(verified["kind"].string == "fingerprint")
            #expect(verified["fingerprint"].string == Rooms.first)
            #expect(verified["bytes"].int == 40)
            #expect(verified["action"].string == action)
        }
        #expect(try payload("populate")["bytes"].int == Rooms.other.utf8.count)
    }

    /// What is sealed is certificate, issuers, key.
    @Test func bundleIsWrittenAnew() throws {
        let place = try Workplace()
        let raw = try place.provided(
            "add", Rooms.pki("bundle-chain-reversed.pem"), "--secret-env", "SECRET", "--raw", "-o", "add.jwe")
        #expect(raw == "")
        let opened = try place.provided("open", "add.jwe", "--secret-env", "SECRET")
        #expect(opened == (try Rooms.text("bundle-chain-key.pem")))
        let mode = try FileManager.default.attributesOfItem(atPath: place.file("add.jwe"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
        try place.refuses(
            73, "add.jwe", "add", Rooms.pki("bundle-chain-key.pem"), "--secret-env", "SECRET", "--raw", "-o", "add.jwe")
        try place.refuses(
            64, "--raw or --json", "reset", "--secret-env", "SECRET", "--raw", "--json")
    }
}
