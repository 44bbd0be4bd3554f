import Foundation
import ProgramSupport
import Testing

/// docs/provisioning.md, "A fleet": from a list to lines to paste, and no mistake that only the device shows.
@Suite struct RoomFleetTests {
    private static let header =
        "name,action,secret,new_secret,key,request,alternative_names,bundle,fingerprint,device\n"

    /// A folder with an authority.
    private func workplace() throws -> Workplace {
        let place = try Workplace()
        _ = try Rooms.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
            "-out", "ca.pem", "-subj", "/CN=Example root", "-addext", "basicConstraints=critical,CA:TRUE", in: place)
        return place
    }

    private func row(_ name: String, _ steps: String, bundle: String? = nil, fingerprint: String = "") -> String {
        "\(name),\(steps),\(name).secret,\(name).new,\(bundle ?? name).key,\(name).csr,DNS:\(name).example.com,"
            + "\(bundle ?? name).crt,\(fingerprint),cloud-\(name)\n"
    }

    private func batch(
        _ rows: String, _ arguments: String..., in place: Workplace
    ) throws -> (rows: [JSON], status: Int32, errors: String) {
        try place.write(Self.header + rows, to: "devices.csv")
        let result = try place.provision(
            ["batch", "devices.csv", "--out-dir", "out", "--roots", "ca.pem", "--json"] + arguments)
        return (try JSON(text: result.text)["devices"].array, result.exitStatus, result.errors)
    }

    private func certify(_ name: String, in place: Workplace) throws {
        _ = try Rooms.openssl(
            "x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "90",
            "-out", "\(name).crt", in: place)
    }

    private func statuses(_ rows: [JSON]) -> [String?] { rows.map(\.["status"].string) }

    /// Secrets and requests first, then all that each device must get, in its order and not the list's; run twice, it
    /// makes nothing anew.
    @Test func listBecomesLinesToPaste() throws {
        let place = try workplace()
        let rows = row("room1", "activate add first request generate")
        let making = ["--steps", "generate,request"]
        let made = try batch(rows, making[0], making[1], in: place)
        #expect(statuses(made.rows) == ["made", "made"], "\(made.errors)")
        #expect(try place.text(of: "room1.secret").count == 32)
        #expect(
            try Rooms.openssl("req", "-in", "room1.csr", "-noout", "-text", "-verify", in: place)
                .contains("DNS:room1.example.com"))
        // The request of a run that was killed after the key was written is made for that key.
        let key = try place.text(of: "room1.key")
        try place.write("", to: "room1.csr")
        #expect(statuses(try batch(rows, making[0], making[1], in: place).rows) == ["made", "present"])
        #expect(try place.text(of: "room1.key") == key)
        #expect(statuses(try batch(rows, making[0], making[1], in: place).rows) == ["present", "present"])
        try certify("room1", in: place)
        for form in ["terminal", "putxml", "json-rpc", "rest"] {
            let done = try batch(
                rows, "--steps", "first,add,activate", "--paste-dir", "paste", "--form", form, in: place)
            #expect(done.status == 0, "\(done.errors)")
            let first: [String?] = ["sealed", "sealed", "made"]
            #expect(statuses(done.rows) == (form == "terminal" ? first : ["present", "present", "present"]))
        }
        let lines = try place.text(of: "paste/room1.txt").split(separator: "\n")
        let starts = ["ClientSecret Populate", "Services Add", "eyJ", ".", "Services Show", "Services Activate"]
        #expect(lines.count == starts.count)
        for (line, start) in zip(lines, starts) { #expect(line.contains(start)) }
        let first = try place.text(of: "room1.secret")
        let word = Data(first.utf8).base64EncodedString().replacing("=", with: "")
        #expect(lines[0].contains("\"\(word)\""))
        let cloud = try place.text(of: "paste/room1.rest")
        #expect(!cloud.contains(word) && cloud.contains("\"deviceId\":\"cloud-room1\""))
        for (form, files) in [
            ("terminal", ["room1.txt"]), ("putxml", ["room1.putxml"]), ("json", ["room1.json-rpc"]),
            ("rest", ["room1.console.txt", "room1.rest"]),
        ] {
            let pasted = try place.provision(["simulate", "--state", form] + files.map { "paste/\($0)" })
            #expect(pasted.exitStatus == 0, "\(form): \(pasted.errors)")
            let status = try place.provision(
                ["simulate", "--state", form],
                input: "xStatus Conference EndToEndEncryption ExternalIdentity Verification\n")
            #expect(status.text == "*s Conference EndToEndEncryption ExternalIdentity Verification: On\n** end\n")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: place.file("paste/room1.txt"))
        #expect(mode[.posixPermissions] as? Int == 0o600)
    }

    /// A change of the secret goes where the secrets say, and a step sealed with one that is gone is a mistake.
    @Test func secretsGiveTheOrder() throws {
        let place = try workplace()
        _ = try batch(row("room1", "generate request"), in: place)
        try certify("room1", in: place)
        let changed = try batch(
            row("room1", "rotate add activate first"), "--paste-dir", "paste", in: place)
        #expect(statuses(changed.rows) == ["sealed", "sealed", "sealed", "made"], "\(changed.errors)")
        let lines = try place.text(of: "paste/room1.txt").split(separator: "\n").filter { $0.hasPrefix("xCommand") }
        #expect(lines.count == 5)
        #expect(lines[0].contains("Populate") && lines[4].contains("Populate"))
        #expect(try place.provision("simulate", "paste/room1.txt", "--state", "device").exitStatus == 0)
        // Now with the new secret for the certificate: the change goes first.
        let rows =
            row("room2", "generate request")
            + "room2,first rotate,room2.secret,room2.new,,,,,,\nroom2,add activate,room2.new,,room2.key,,,room2.crt,,\n"
        _ = try batch(rows, "--steps", "generate,request", in: place)
        try certify("room2", in: place)
        #expect(try batch(rows, "--paste-dir", "paste", in: place).status == 0)
        #expect(try place.provision("simulate", "paste/room2.txt", "--state", "two").exitStatus == 0)
        try place.write(Rooms.other, to: "other.secret")
        let stale = try batch(
            rows + "room2,reset,other.secret,,,,,,,\n", "--steps", "first,rotate,reset", "--paste-dir", "paste",
            in: place)
        #expect(stale.rows.compactMap { $0["code"].string } == ["staleSecret"])
        #expect(!FileManager.default.fileExists(atPath: place.file("paste/room2.txt")))
    }

    /// What fails stops the later steps of its device and of no other; its lines from an earlier run go.
    @Test func failedStepStopsItsDevice() throws {
        let place = try workplace()
        let good = row("room1", "generate request first add activate") + row("room2", "generate request add activate")
        _ = try batch(good, "--steps", "generate,request", in: place)
        for name in ["room1", "room2"] { try certify(name, in: place) }
        #expect(try batch(good, "--paste-dir", "paste", in: place).status == 0)
        try FileManager.default.removeItem(atPath: place.file("room2.crt"))
        // Half of a file that a killed run was writing holds a secret.
        try place.write("xCommand", to: "paste/room2.txt.new-1k2")
        let result = try batch(good, "--paste-dir", "paste", in: place)
        #expect(result.status == 46)
        let before: [String?] = Array(repeating: "present", count: 7)
        #expect(statuses(result.rows) == before + ["failed", "skipped"])
        #expect(result.rows.last?["code"].string == "earlierStepFailed")
        #expect(result.errors.contains("row 3, 'room2': unknown: the column 'bundle' names no file that is there"))
        let pasted = try FileManager.default.contentsOfDirectory(atPath: place.file("paste"))
        #expect(pasted == ["room1.txt"])
    }

    /// The device that a certificate names is innocent; both rows are in the message.
    ///
    /// A row that fails for another reason shares nothing.
    @Test func innocentDevicesGoOn() throws {
        let place = try workplace()
        let all = (1...3).map { row("room\($0)", "generate request") }.joined()
        _ = try batch(all, in: place)
        for number in 1...3 { try certify("room\(number)", in: place) }
        let shared = try batch(
            row("room1", "add") + row("room2", "add", bundle: "room1")
                + row("room3", "add", bundle: "room1", fingerprint: "00"), in: place)
        #expect(statuses(shared.rows) == ["sealed", "failed", "failed"])
        #expect(shared.rows.map(\.["code"].string) == [nil, "sharedCertificate", "badFingerprint"])
        #expect(shared.rows[0]["warnings"].array.map(\.string) == ["sharedCertificate"])
        #expect(shared.errors.contains("row 2 ('room1') and row 3 ('room2'): it names 'room1'"))
        // Alone with a row that fails for another reason, a certificate is nobody else's.
        let alone = try batch(
            row("room9", "add", bundle: "room2") + row("room2", "add", bundle: "room2", fingerprint: "00"), in: place)
        #expect(alone.rows.map(\.["code"].string) == ["unknown", "badFingerprint"])
    }

    /// What becomes of a device's other rows does not hide that its certificate is somebody else's too.
    @Test func failingRowsHideNoSharedCertificate() throws {
        let place = try workplace()
        let all = (1...2).map { row("room\($0)", "generate request") }.joined()
        _ = try batch(all, in: place)
        for number in 1...2 { try certify("room\(number)", in: place) }
        let other = row("room2", "add", bundle: "room1")
        let twice = try batch(row("room1", "add") + row("room1", "add") + other, in: place)
        #expect(twice.rows.map(\.["code"].string) == [nil, "duplicateRow", "sharedCertificate"])
        let later = try batch(row("room1", "add") + row("room1", "activate", fingerprint: "00") + other, in: place)
        #expect(later.rows.map(\.["code"].string) == [nil, "badFingerprint", "sharedCertificate"])
    }

    /// A secret in the place of a path is never repeated: not in errors, results or names of files.
    @Test func typedSecretIsNotRepeated() throws {
        let place = try workplace()
        let secret = "hunter2-correct-horse"
        for (rows, column) in [
            ("room1,generate,\(secret),,,,,,,\n", "secret"), ("room1,first,\(secret),,,,,,,\n", "secret"),
            ("room1,add,env:\(secret),,,,,x.pem,,\n", "secret"),
            ("room1,rotate,env:SECRET,\(secret),,,,,,\n", "new_secret"),
            ("room1,add,env:SECRET,,,,,\(secret),,\n", "bundle"),
        ] {
            try place.write(Self.header + rows, to: "devices.csv")
            let result = try place.provision("batch", "devices.csv", "--out-dir", "out")
            #expect(result.exitStatus == 46)
            #expect(result.errors.contains("row 2, 'room1': ") && result.errors.contains("'\(column)'"))
            #expect(!result.errors.contains(secret) && !result.text.contains(secret), "\(rows)")
            #expect(!FileManager.default.fileExists(atPath: place.file(secret)))
        }
        let alone = try place.provision("reset", "--secret-file", secret)
        #expect(alone.exitStatus == 66 && !alone.errors.contains(secret))
    }

    @Test func wordsThatAreNoSteps() throws {
        let place = try workplace()
        try place.write(Self.header, to: "devices.csv")
        let start = ["batch", "devices.csv", "--out-dir", "out"]
        for (arguments, reason) in [
            (["--steps", "add,boot"], "--steps takes"), (["--steps", ""], "--steps takes"),
            (["--jobs", "0"], "--jobs"),
            (["--form", "rest"], "--form needs --paste-dir"),
        ] {
            let result = try place.provision(start + arguments)
            #expect(result.exitStatus == 64 && result.errors.contains(reason), "\(arguments)")
        }
        let cloudless = try batch(
            "room1,reset,env:SECRET,,,,,,,\n", "--paste-dir", "paste", "--form", "rest", in: place)
        #expect(cloudless.rows.map(\.["code"].string) == ["missingColumn"])
    }
}
