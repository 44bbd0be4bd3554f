import Foundation
import ProgramSupport
import Testing

/// Every form that OpenSSL writes and devices do not take has a message of its own, with the line that mends it.
@Suite struct RoomMistakeTests {
    /// What stands beside a good key.
    static let certificates: [(file: String, code: String, words: [String])] = [
        ("room.der", "wrongEncoding", ["a certificate in DER", "openssl x509 -inform DER"]),
        ("trusted.pem", "unexpectedBlock", ["TRUSTED CERTIFICATE", "openssl x509 -in"]),
        ("bare.txt", "wrongEncoding", ["base64 without BEGIN", "openssl base64 -d"]),
        ("room.csr", "unexpectedBlock", ["CERTIFICATE REQUEST", "openssl x509 -req"]),
        ("request.der", "wrongEncoding", ["it is a request", "openssl x509 -req", "-inform DER"]),
        ("room.p12", "wrongEncoding", ["PKCS #12", "openssl pkcs12 -in FILE -nodes"]),
        ("p7.pem", "unexpectedBlock", ["PKCS7", "openssl pkcs7 -in FILE -print_certs"]),
        ("room.p7b", "wrongEncoding", ["PKCS #7 in DER", "openssl pkcs7 -inform DER"]),
        ("cms.pem", "unexpectedBlock", ["CMS", "openssl pkcs7"]),
        ("utf16.pem", "wrongEncoding", ["UTF-16", "iconv -f UTF-16 -t UTF-8"]),
        ("utf16le.pem", "wrongEncoding", ["UTF-16", "iconv -f UTF-16 -t UTF-8"]),
        ("utf32.pem", "wrongEncoding", ["UTF-32", "iconv -f UTF-32 -t UTF-8"]),
        ("old.p12", "wrongEncoding", ["PKCS #12", "openssl pkcs12 -legacy -in FILE -nodes"]),
        ("negative.crt", "badCertificate", ["serial number is negative", "without -set_serial"]),
        ("weak.pem", "unsupportedKeyForm", ["RSA with 1024 bits", "2048 or more"]),
        ("bad-subjectAltName.crt", "badCertificate", ["'subjectAltName' cannot be read"]),
        ("bad-basicConstraints.crt", "badCertificate", ["'basicConstraints' cannot be read"]),
        ("bad-extendedKeyUsage.crt", "badCertificate", ["'extendedKeyUsage' cannot be read"]),
        ("bad-keyUsage.crt", "badCertificate", ["'keyUsage' cannot be read"]),
        ("inverted.crt", "badCertificate", ["begins on 2041-01-01T00:00:00Z, after its end on 2040-01-01T00:00:00Z"]),
        ("crl.pem", "unexpectedBlock", ["X509 CRL", "revoked"]),
        ("public.pem", "unexpectedBlock", ["PUBLIC KEY", "public half"]),
        ("explicit.crt", "unsupportedKeyForm", ["spells its curve out", "-param_enc named_curve"]),
        ("compressed.crt", "unsupportedKeyForm", ["not written in full", "-conv_form uncompressed"]),
        ("secp384r1.crt", "keyMismatch", ["public keys differ"]),
        ("ED448.crt", "keyNotP256", ["Ed448", "ec_paramgen_curve:P-256"]),
        ("server.crt", "wrongPurpose", ["purposes leave out", "extendedKeyUsage=clientAuth"]),
        ("agree.crt", "wrongPurpose", ["may not sign", "keyUsage=critical,digitalSignature"]),
        ("pss.crt", "unsupportedSignature", ["RSA-PSS", "openssl x509 -req"]),
        ("by-RSA-PSS.crt", "unsupportedSignature", ["RSA-PSS", "openssl x509 -req"]),
        ("by-ED25519.crt", "unsupportedSignature", ["Ed25519", "openssl x509 -req"]),
        ("by-ED448.crt", "unsupportedSignature", ["Ed448", "openssl x509 -req"]),
        ("md5.crt", "unsupportedSignature", ["MD5", "-sha256"]),
        ("sha1.crt", "unsupportedSignature", ["SHA-1", "-sha256"]),
        ("ecsha1.crt", "unsupportedSignature", ["SHA-1", "-sha256"]),
        ("sha224.crt", "unsupportedSignature", ["SHA-224", "-sha256"]),
        ("sha3-256.crt", "unsupportedSignature", ["SHA3", "-sha256"]),
        ("expired.crt", "expired", ["ended on"]),
    ]

    /// What stands beside a good certificate.
    static let keys: [(file: String, code: String, words: [String])] = [
        ("key.der", "wrongEncoding", ["a private key in DER", "openssl pkey -inform DER"]),
        ("sec1.der", "wrongEncoding", ["a private key in DER", "openssl pkey -inform DER"]),
        ("enckey.der", "wrongEncoding", ["under a passphrase", "openssl pkey -inform DER"]),
        ("public.der", "wrongEncoding", ["a public key in DER"]),
        ("enc.key", "wrongEncoding", ["openssl enc -d"]),
        ("enc8.key", "encryptedKey", ["passphrase", "openssl pkey -in"]),
        ("proc.key", "encryptedKey", ["passphrase", "openssl pkey -in"]),
        ("explicit.key", "unsupportedKeyForm", ["spells its curve out", "-param_enc named_curve"]),
        ("compressed.key", "unsupportedKeyForm", ["compresses", "-conv_form uncompressed"]),
        ("nopublic.key", "unsupportedKeyForm", ["public half", "-conv_form uncompressed"]),
        ("secp384r1.key", "keyNotP256", ["P-384", "openssl genpkey -algorithm EC"]),
        ("secp521r1.key", "keyNotP256", ["P-521", "openssl genpkey -algorithm EC"]),
        ("secp256k1.key", "keyNotP256", ["secp256k1", "openssl genpkey -algorithm EC"]),
        ("secp224r1.key", "keyNotP256", ["P-224", "openssl genpkey -algorithm EC"]),
        ("brainpoolP256r1.key", "keyNotP256", ["brainpoolP256r1", "openssl genpkey -algorithm EC"]),
        ("RSA.key", "keyNotP256", ["RSA", "openssl genpkey -algorithm EC"]),
        ("RSA-PSS.key", "keyNotP256", ["RSA-PSS", "openssl genpkey -algorithm EC"]),
        ("ED25519.key", "keyNotP256", ["Ed25519", "openssl genpkey -algorithm EC"]),
        ("ED448.key", "keyNotP256", ["Ed448", "openssl genpkey -algorithm EC"]),
        ("X25519.key", "keyNotP256", ["X25519", "openssl genpkey -algorithm EC"]),
        ("rsa.blob", "wrongEncoding", ["Microsoft", "openssl genpkey -algorithm EC"]),
    ]

    private func refusal(_ files: [String]) throws -> (code: String?, message: String, status: Int32) {
        let place = try RoomForms.made.get().place
        let result = try place.provision(["check", "--json"] + files)
        let first = try JSON(text: result.text)["check"]["findings"][0]
        return (first["code"].string, first["message"].string ?? "", result.exitStatus)
    }

    @Test(arguments: certificates) func certificateIsRefused(file: String, code: String, words: [String]) throws {
        let found = try refusal([file, "room.key"])
        #expect(found.code == code, "\(file): \(found.message)")
        #expect(found.status == 44)
        for word in words { #expect(found.message.contains(word), "\(file): \(found.message)") }
    }

    @Test(arguments: keys) func keyIsRefused(file: String, code: String, words: [String]) throws {
        let found = try refusal(["room.crt", file])
        #expect(found.code == code, "\(file): \(found.message)")
        #expect(found.status == 44)
        for word in words { #expect(found.message.contains(word), "\(file): \(found.message)") }
    }

    /// What differs in form only is taken, so that the messages above are about what they say.
    @Test func otherFormsAreTaken() throws {
        let place = try RoomForms.made.get().place
        for files in [["room.crt", "room.key"], ["by-RSA.crt", "room.key"]] {
            let check = try JSON(text: place.provision(["check", "--json"] + files).text)["check"]
            #expect(check["findings"].array.map(\.["code"].string) == ["chainNotChecked"], "\(files)")
        }
        // A purpose that is missing can be let through.
        #expect(try place.provision("check", "server.crt", "room.key", "--any-purpose").exitStatus == 0)
    }

    /// The issuer that is missing is named, with roots and without, and where its certificate can be had.
    @Test func missingIntermediateIsNamed() throws {
        let place = try RoomForms.made.get().place
        let withRoots = try place.provision("check", "below.crt", "room.key", "--roots", "ca.pem")
        #expect(withRoots.exitStatus == 44)
        #expect(withRoots.errors.contains("untrustedIssuer: The certificate of 'CN=Example middle', which issued"))
        #expect(withRoots.errors.contains("cat ROOM.crt intermediate.pem ROOM.key > ROOM.pem"))
        let without = try place.provision("check", "fetched.crt", "room.key")
        #expect(without.text.contains("note chainNotChecked: nobody checked who issued it: no roots were given. "))
        #expect(without.text.contains("'CN=Example middle', which issued 'room1.example.com', is not in the bundle"))
        #expect(without.text.contains("curl -s http://ca.example.com/middle.cer | openssl x509 -inform DER"))
        // 'add' says it, too, before it seals.
        let sealed = try place.provision("add", "below.crt", "room.key", "--secret-env", "SECRET")
        #expect(sealed.exitStatus == 0)
        #expect(sealed.errors.hasPrefix("earmark: note: chainNotChecked: "))
        let whole = ["check", "below.crt", "middle.pem", "room.key", "--roots", "ca.pem", "--json"]
        #expect(try JSON(text: place.provision(whole).text)["check"]["verdict"].string == "accept")
    }

    /// Where only another address is given, such as that of the issuer's responder, nothing can be fetched.
    @Test func otherAddressesAreNotFetchedFrom() throws {
        let place = try RoomForms.made.get().place
        let result = try place.provision("check", "asked.crt", "room.key")
        #expect(result.text.contains("'CN=Example middle', which issued 'room1.example.com', is not in the bundle"))
        #expect(!result.text.contains("curl") && !result.text.contains("ocsp.example.com"))
    }

    /// A device judges the signatures of the issuers that it gets as it judges its own certificate's.
    @Test(
        arguments: [
            ("middle-ecsha1.pem", "SHA-1"), ("middle-sha1.pem", "'Example middle' is signed with SHA-1"),
            ("middle-ed25519.pem", "'Example middle' is signed with Ed25519"), ("middle-rsa.pem", nil),
            ("middle.pem", nil),
        ] as [(String, String?)])
    func signaturesOfIssuersAreJudged(issuer: String, reason: String?) throws {
        let place = try RoomForms.made.get().place
        let result = try place.provision("check", "below.crt", issuer, "room.key", "--json")
        let findings = try JSON(text: result.text)["check"]["findings"].array
        let errors = findings.filter { $0["severity"].string == "error" }
        #expect(errors.map(\.["code"].string) == (reason == nil ? [] : ["unsupportedSignature"]), "\(result.text)")
        #expect(result.exitStatus == (reason == nil ? 0 : 44))
        guard let reason else { return }
        #expect(errors.first?["message"].string?.contains(reason) == true, "\(result.text)")
        try place.refuses(
            44, "unsupportedSignature", "add", "below.crt", issuer, "room.key", "--secret-env", "SECRET")
    }

    /// OpenSSL's and the device's ways to print a SHA-1 are read; what is another number is called by its name.
    @Test func fingerprintsAreToldApart() throws {
        let place = try RoomForms.made.get().place
        func printed(_ file: String, _ option: String...) throws -> String {
            try Rooms.openssl("x509", "-in", file, "-noout", option[0], option.last ?? "", in: place)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let sha1 = try printed("room.crt", "-fingerprint", "-sha1")
        let digits = sha1.split(separator: "=")[1].replacing(":", with: "").lowercased()
        for text in [sha1, digits, digits.uppercased(), "*r ServicesShowResult Details 1 Fingerprint: \"\(digits)\""] {
            let sealed = try place.provided(
                "activate", "--fingerprint", text, "--certificate", "room.crt", "--secret-env", "SECRET", "--raw")
            try place.write(sealed, to: "order.jwe")
            #expect(try place.provided("open", "order.jwe", "--secret-env", "SECRET") == digits)
        }
        let serial = try printed("below.crt", "-serial")
        try place.write(try place.text(of: "below.crt") + place.text(of: "middle.pem"), to: "chain.pem")
        let wrong: [(String, String)] = [
            (try printed("below.crt", "-fingerprint", "-sha256"), "the certificate's SHA-256"),
            (serial, "the certificate's serial number"),
            (String(serial.split(separator: "=")[1]), "the certificate's serial number"),
            (try printed("middle.pem", "-fingerprint", "-sha1"), "the fingerprint of 'Example middle'"),
            (try printed("middle.pem", "-serial"), "the serial number of 'Example middle'"),
            (sha1, "the fingerprint of another certificate"),
        ]
        for (text, reason) in wrong {
            try place.refuses(
                65, reason, "activate", "--fingerprint", text, "--certificate", "chain.pem", "--secret-env", "SECRET")
        }
        let labelled: [(String, String)] = [
            (try printed("room.crt", "-fingerprint", "-sha256"), "made with SHA256"), (serial, "a serial number"),
        ]
        for (text, reason) in labelled {
            try place.refuses(65, reason, "activate", "--fingerprint", text, "--secret-env", "SECRET")
            try place.refuses(65, "openssl x509 -in", "activate", "--fingerprint", text, "--secret-env", "SECRET")
        }
    }

    /// No order is sealed for a certificate of no use; to turn one off is no mistake.
    @Test func uselessCertificatesAreNotActivated() throws {
        let place = try RoomForms.made.get().place
        for (file, code) in [("expired.crt", "expired"), ("ca.pem", "leafIsCA"), ("server.crt", "wrongPurpose")] {
            try place.refuses(44, "\(code): ", "activate", "--certificate", file, "--secret-env", "SECRET")
            _ = try place.provided("deactivate", "--certificate", file, "--secret-env", "SECRET")
        }
    }
}
