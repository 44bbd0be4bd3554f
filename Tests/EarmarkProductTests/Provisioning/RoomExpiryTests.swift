import Foundation
import ProgramSupport
import Testing

/// `earmark provision expiry --help` and docs/provisioning.md, "Watch the end".
@Suite struct RoomExpiryTests {
    /// A folder with a certificate that ends in 14 days, one that has ended, one that lasts, and a damaged one.
    private func folder() throws -> Workplace {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.file("all/below"), withIntermediateDirectories: true)
        try place.write(try Rooms.text("device-ec.cert.pem"), to: "all/a.pem")
        try place.write(try Rooms.text("device-expires-soon.cert.pem"), to: "all/below/b.crt")
        try place.write(try Rooms.text("device-expired.cert.pem"), to: "all/c.CER")
        try place.write(try Rooms.text("device-expired.cert.pem"), to: "all/other.txt")
        return place
    }

    private func states(_ result: ProcessRunner.Result) throws -> [String?] {
        try JSON(text: result.text)["certificates"].array.map(\.["state"].string)
    }

    /// Days left are whole days: with 14 of them a certificate is not within 14 days, and a second later it is.
    @Test func daysAreCountedToTheSecond() throws {
        let place = try Workplace()
        let path = Rooms.pki("device-expires-soon.cert.pem")
        let second = 1
        for (moment, days, state, left) in [
            (Rooms.now, 14, "ok", 14), (Rooms.now, 15, "soon", 14), (Rooms.now + second, 14, "soon", 13),
            (Rooms.now - second, 14, "ok", 14), (Rooms.soon, 0, "ok", 0), (Rooms.soon - second, 0, "ok", 0),
            (Rooms.soon + second, 0, "expired", -1), (Rooms.soon, 1, "soon", 0),
        ] {
            let result = try place.provision(
                "expiry", path, "--days", "\(days)", "--at", Board.time(moment), "--json")
            let row = try JSON(text: result.text)["certificates"][0]
            #expect(row["state"].string == state, "\(moment) \(days)")
            #expect(row["daysLeft"].int == left, "\(moment) \(days)")
            #expect(result.exitStatus == (state == "ok" ? 0 : 45))
        }
        // Thirty days unless told otherwise.
        let month = Rooms.soon - 30 * 86_400
        #expect(try place.provision("expiry", path, "--at", Board.time(month)).exitStatus == 0)
        #expect(try place.provision("expiry", path, "--at", Board.time(month + second)).exitStatus == 45)
    }

    @Test func foldersAreSearchedAndTheSoonestComesFirst() throws {
        let place = try folder()
        let result = try place.provision("expiry", "all", "--at", Board.time(Rooms.now), "--json")
        #expect(result.exitStatus == 45)
        #expect(result.errors.contains("2 of 3 certificates end within 30 days or have ended"))
        let rows = try JSON(text: result.text)["certificates"].array
        #expect(rows.map(\.["file"].string) == ["all/c.CER", "all/below/b.crt", "all/a.pem"])
        #expect(rows.map(\.["state"].string) == ["expired", "soon", "ok"])
        #expect(rows.map(\.["notAfter"].string) == [1_735_689_600, Rooms.soon, Rooms.end].map(Board.time))
        let ended = -(Rooms.now - 1_735_689_600) / 86_400
        #expect(rows.map(\.["daysLeft"].int) == [ended, 14, (Rooms.end - Rooms.now) / 86_400])
        #expect(rows[2]["commonName"].string == "meeting-room-1.example.com")
        #expect(rows[2]["fingerprint"].string == Rooms.first)
        let table = try place.provision("expiry", "all", "--at", Board.time(Rooms.now)).text.split(separator: "\n")
        #expect(table.count == 4)
        #expect(table[2].split(separator: " ").prefix(3) == ["14", "soon", "2026-12-07T00:00:00Z"])
    }

    @Test func authoritiesMayBeLeftOut() throws {
        let place = try Workplace()
        let arguments = ["expiry", Rooms.pki("bundle-chain-key.pem"), "--at", Board.time(Rooms.now), "--json"]
        #expect(try states(try place.provision(arguments)).count == 2)
        let leaves = try JSON(text: try place.provision(arguments + ["--leaves-only"]).text)["certificates"]
        #expect(leaves.array.map(\.["fingerprint"].string) == [Rooms.first])
    }

    @Test func listOfDevicesNamesItsBundles() throws {
        let place = try folder()
        try place.write(
            "name,action,bundle\nroom1,add,below/b.crt\nroom2,populate,\nroom3,add,a.pem\n", to: "all/devices.csv")
        let result = try place.provision("expiry", "all/devices.csv", "--at", Board.time(Rooms.now), "--json")
        #expect(
            try JSON(text: result.text)["certificates"].array.map(\.["file"].string) == [
                "all/below/b.crt", "all/a.pem",
            ])
    }

    /// 44 only if nothing is about to end, which is the worse news.
    @Test func fileThatCannotBeReadIsCounted() throws {
        let place = try folder()
        try place.write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", to: "bad.pem")
        let at = Board.time(Rooms.now)
        let good = try place.provision("expiry", "bad.pem", "all/a.pem", "--at", at, "--json")
        #expect(good.exitStatus == 44)
        #expect(good.errors.contains("'bad.pem': badCertificate"))
        #expect(try states(good) == ["ok"])
        #expect(try place.provision("expiry", "bad.pem", "all", "--at", at).exitStatus == 45)
        let missing = try place.provision("expiry", "none.pem", "all/a.pem", "--at", at)
        #expect(missing.exitStatus == 44)
        #expect(missing.errors.contains("there is no file 'none.pem'"))
    }

    /// Prometheus' text format, version 0.0.4: backslashes and quotes in labels have a backslash before them.
    @Test func metricsForPrometheus() throws {
        let place = try folder()
        let name = "q\"b\\n.pem"
        try place.write(try Rooms.text("device-ec.cert.pem"), to: name)
        try place.write("-----BEGIN CERTIFICATE-----", to: "bad.pem")
        let result = try place.provision(
            "expiry", name, "all/below", "bad.pem", "--at", Board.time(Rooms.now), "--prometheus")
        let lines = result.text.split(separator: "\n").map(String.init)
        let metric = "earmark_certificate_not_after_seconds"
        let label = "common_name=\"meeting-room-1.example.com\",fingerprint"
        #expect(lines.contains("# TYPE \(metric) gauge"))
        #expect(lines.contains("\(metric){file=\"q\\\"b\\\\n.pem\",\(label)=\"\(Rooms.first)\"} \(Rooms.end)"))
        #expect(
            lines.contains { $0.hasPrefix("\(metric){file=\"all/below/b.crt\"") && $0.hasSuffix("} \(Rooms.soon)") })
        #expect(lines.contains("earmark_certificate_unreadable_files 1"))
        #expect(lines.count == 7)
        #expect(result.exitStatus == 45)
    }

    /// Nothing that was not read counts as well: what holds no certificate is called so, and 0 means that all was read.
    @Test func nothingReadIsNoSuccess() throws {
        let place = try folder()
        let at = ["--at", Board.time(Rooms.now), "--days", "0"]
        for name in ["empty", "keys", "linked"] {
            try FileManager.default.createDirectory(atPath: place.file(name), withIntermediateDirectories: true)
        }
        let key = try Rooms.text("device-ec.key.pem")
        try place.write(key, to: "key.pem")
        try place.write(key, to: "keys/key.pem")
        try place.write("name,action\nroom1,populate\n", to: "list.csv")
        let refused: [(String, [String])] = [
            ("the folder holds no file of certificates", ["empty"]), ("there is no certificate", ["keys"]),
            ("missingCertificate", ["key.pem", "all/a.pem"]), ("the list names no bundle", ["list.csv", "all/a.pem"]),
            ("there is no certificate of a device", ["--leaves-only", Rooms.pki("ca-ec-root.pem")]),
        ]
        for (reason, arguments) in refused {
            let result = try place.provision(["expiry"] + arguments + at)
            #expect(result.exitStatus == 44 && result.errors.contains(reason), "\(arguments): \(result.errors)")
        }
        // Through links, DER too; a key beside its certificate is no gap, a store that is not read is one.
        try FileManager.default.createSymbolicLink(
            atPath: place.file("linked/all"), withDestinationPath: place.file("all/below"))
        try FileManager.default.createSymbolicLink(
            atPath: place.file("linked/loop"), withDestinationPath: place.file("linked"))
        try place.write(key, to: "linked/key.pem")
        _ = try Rooms.openssl("x509", "-in", "all/a.pem", "-outform", "DER", "-out", "linked/c.der", in: place)
        let linked = try place.provision(["expiry", "linked", "--json"] + at)
        #expect(linked.exitStatus == 0, "\(linked.errors)")
        #expect(try states(linked) == ["ok", "ok"])
        try place.write("PK", to: "linked/store.p12")
        #expect(try place.provision(["expiry", "linked"] + at).exitStatus == 44)
    }

    /// A series that is there twice makes Prometheus refuse all of them.
    @Test func noSeriesIsThereTwice() throws {
        let place = try folder()
        let twice = try place.text(of: "all/a.pem")
        try place.write(twice + twice, to: "twice.pem")
        let result = try place.provision(
            "expiry", "twice.pem", "./twice.pem", place.file("twice.pem"), "all", "all/a.pem", "--prometheus")
        let series = result.text.split(separator: "\n").filter { $0.contains("{") }.map { $0.split(separator: "}")[0] }
        #expect(series.count == 4)
        #expect(Set(series).count == series.count)
    }

    /// A file's certificates are read one by one: what is not read hides no other's end, and is no success.
    @Test func gapsInAFileAreToldBesideTheRest() throws {
        let place = try folder()
        let at = ["--at", Board.time(Rooms.now), "--days", "0", "--json"]
        let good = try Rooms.text("device-ec.cert.pem")
        let ended = try Rooms.text("device-expired.cert.pem")
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
        let trusted = try Rooms.openssl("x509", "-in", "all/a.pem", "-trustout", in: place)
        let packed = try Rooms.openssl("crl2pkcs7", "-nocrl", "-certfile", "all/a.pem", in: place)
        for (text, found, status, reason) in [
            (good + damaged, ["ok"], Int32(44), "badCertificate"),
            (damaged + good + ended, ["expired", "ok"], 45, "badCertificate"),
            (good + trusted, ["ok"], 44, "the block 'TRUSTED CERTIFICATE' in line"),
            (good + packed, ["ok"], 44, "openssl pkcs7 -in FILE -print_certs"),
            (packed, [], 44, "openssl pkcs7 -in FILE -print_certs"),
        ] {
            try place.write(text, to: "mixed.pem")
            let result = try place.provision(["expiry", "mixed.pem"] + at)
            #expect(try states(result) == found, "\(reason)")
            #expect(result.exitStatus == status, "\(reason)")
            #expect(result.errors.contains("'mixed.pem': ") && result.errors.contains(reason), "\(result.errors)")
        }
        try place.write(good + damaged + damaged, to: "mixed.pem")
        let metrics = try place.provision("expiry", "mixed.pem", "--prometheus").text
        #expect(metrics.contains("earmark_certificate_unreadable_files 1\n"))
    }

    /// A pipe in a folder is not waited for, and a device of a list whose file is not named is not passed over.
    @Test func whatCannotBeReadIsNotWaitedFor() throws {
        let place = try folder()
        try FileManager.default.createDirectory(atPath: place.file("pipes"), withIntermediateDirectories: true)
        try place.write(try Rooms.text("device-ec.cert.pem"), to: "pipes/a.pem")
        #expect(mkfifo(place.file("pipes/b.pem"), 0o600) == 0)
        let at = ["--at", Board.time(Rooms.now)]
        let piped = try place.provision(["expiry", "pipes"] + at)
        #expect(piped.exitStatus == 44 && piped.errors.contains("'pipes/b.pem': it is no plain file"))
        try place.write(
            "name,action,bundle,fingerprint\nroom1,add,all/a.pem,\nroom2,activate,,\(Rooms.first)\n", to: "list.csv")
        let listed = try place.provision(["expiry", "list.csv"] + at)
        #expect(listed.exitStatus == 44 && listed.errors.contains("names no bundle for 'room2'"), "\(listed.errors)")
    }

    @Test func argumentsThatMakeNoSense() throws {
        let place = try Workplace()
        let path = Rooms.pki("device-ec.cert.pem")
        try place.refuses(64, "--days", "expiry", path, "--days=-1")
        try place.refuses(64, "--prometheus or --json", "expiry", path, "--prometheus", "--json")
        try place.refuses(64, "--days", "check", path, "--days=-1")
    }
}
