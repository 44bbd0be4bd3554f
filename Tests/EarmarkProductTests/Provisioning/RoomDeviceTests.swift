import Foundation
import ProgramSupport
import Testing

/// docs/provisioning.md, "What the simulator knows": each promise, met as a person meets it who rehearses.
@Suite struct RoomDeviceTests {
    private let first = Rooms.pki("bundle-chain-key.pem")
    private let second = [Rooms.pki("device-mixed.cert.pem"), Rooms.pki("device-mixed.key.pem")]

    @Test func emptySecretResetsTheDevice() throws {
        let room = try Room.withSecret()
        let change = try room.place.provided("populate", "--secret-env", "SECRET", "--new-secret-env", "OTHER")
        room.takes(try room.place.provided("reset", "--secret-env", "SECRET"))
        // As new: envelopes find no secret that could open them, and a secret in clear is taken once more.
        room.refuses(change, "noSecret")
        room.takes(try room.firstSecret("OTHER"))
        room.refuses(try room.firstSecret("SECRET"), "secretAlreadySet")
    }

    @Test func newSecretTakesThePlaceOfTheOld() throws {
        let room = try Room.withSecret()
        let change = try room.place.provided("populate", "--secret-env", "SECRET", "--new-secret-env", "OTHER")
        room.takes(change)
        room.refuses(try room.adding(first), "badEnvelope")
        room.takes(try room.place.provided("add", first, "--secret-env", "OTHER"))
    }

    @Test func envelopeIsTakenOnceEvenByLaterRuns() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(first))
        let order = try room.activating(Rooms.first)
        room.takes(order)
        room.takes(try room.activating(Rooms.first, "deactivate"))
        room.refuses(order, "replayed")
        #expect(room.status().contains("ExternalIdentity Verification: Off"))
        // Sealed anew it is another envelope.
        room.takes(try room.activating(Rooms.first))
        #expect(room.status().contains("ExternalIdentity Verification: On"))
    }

    /// A certificate is good from its first second to its last.
    @Test func datesAreJudgedToTheSecond() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(first), at: Rooms.begin)
        for moment in [Rooms.begin - 1, Rooms.end + 1] {
            room.refuses(try room.activating(Rooms.first), "notValid", at: moment)
        }
        #expect(room.status().contains("ExternalIdentity Verification: Off"))
        room.takes(try room.activating(Rooms.first), at: Rooms.end)
        #expect(room.status(at: Rooms.end).contains("Certificate 1 Validity: Valid"))
        #expect(room.status(at: Rooms.end).contains("ExternalIdentity Status: \"Valid\""))
        for moment in [Rooms.begin - 1, Rooms.end + 1] {
            #expect(!room.status(at: moment).contains("Validity: Valid"))
            #expect(room.status(at: moment).contains("ExternalIdentity Status: \"Error\""))
        }
    }

    @Test func endedCertificateIsNotStored() throws {
        let room = try Room.withSecret()
        room.refuses(try room.adding(first), "notValid", at: Rooms.end + 1)
        #expect(!room.shown.contains("Fingerprint"))
        room.takes(try room.adding(first), at: Rooms.end)
        #expect(room.shown.contains(Rooms.first))
    }

    /// A renewed certificate has its predecessor's name: what is activated last is in use, by fingerprint.
    @Test func renewedCertificateTakesThePlaceOfItsPredecessor() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(first))
        room.takes(try room.adding(second[0], second[1]))
        room.refuses(try room.adding(first), "alreadyStored")
        room.takes(try room.activating(Rooms.first))
        #expect(room.status().contains("Certificate 1 Fingerprint: \"\(Rooms.first)\""))
        #expect(room.shown.contains("Details 1 UsedFor: \"WebexIdentity\""))
        #expect(room.shown.contains("Details 2 UsedFor: \"\""))
        room.takes(try room.activating(Rooms.second))
        #expect(room.status().contains("Certificate 1 Fingerprint: \"\(Rooms.second)\""))
        #expect(room.shown.contains("Details 1 UsedFor: \"\""))
        #expect(room.shown.contains("Details 2 UsedFor: \"WebexIdentity\""))
        room.refuses(try room.activating(Rooms.first, "deactivate"), "unknownFingerprint")
        room.refuses(room.deleting(Rooms.second), "inUse")
        room.takes(room.deleting(Rooms.first))
        #expect(!room.shown.contains(Rooms.first))
        #expect(room.shown.contains("Details 1 Fingerprint: \"\(Rooms.second)\""))
        room.takes(try room.activating(Rooms.second, "deactivate"))
        room.takes(room.deleting(Rooms.second))
        #expect(!room.shown.contains("Fingerprint"))
    }

    @Test func fingerprintsThatAreNotStored() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(first))
        for verb in ["activate", "deactivate"] {
            room.refuses(try room.activating(Rooms.second, verb), "unknownFingerprint")
        }
        room.refuses(room.deleting(Rooms.second), "unknownFingerprint")
        for text in ["", String(Rooms.first.dropLast()), Rooms.first + "0"] {
            room.refuses(room.deleting(text), "badFingerprint")
        }
        // A device prints it with colons and capitals, too.
        room.takes(room.deleting(Rooms.first.uppercased()))
    }

    @Test func deviceWithoutSecretTakesOnlyOne() throws {
        let room = try Room()
        room.refuses(try room.adding(first), "noSecret")
        room.refuses(try room.activating(Rooms.first), "noSecret")
        room.refuses(try room.activating(Rooms.first, "deactivate"), "noSecret")
        room.refuses(try room.place.provided("reset", "--secret-env", "SECRET"), "noSecret")
        room.refuses("xCommand Security ClientSecret Populate Secret: \"a+b/\"\n", "badSecret")
        room.refuses("xCommand Security ClientSecret Populate Secret: \"\"\n", "badSecret")
        #expect(!room.shown.contains("Fingerprint"))
        room.takes(try room.firstSecret("SECRET"))
        room.takes(try room.adding(first))
    }

    @Test func envelopeServesTheCommandItNames() throws {
        let room = try Room.withSecret()
        room.takes(try room.adding(first))
        let activate = try room.place.provided(
            "activate", "--fingerprint", Rooms.first, "--secret-env", "SECRET", "--raw")
        let services = "xCommand Security Certificates Services"
        room.refuses("\(services) Deactivate Purpose: WebexIdentity Fingerprint: \"\(activate)\"\n", "badEnvelope")
        room.refuses("\(services) Add IsEncrypted: True\n\(activate)\n.\n", "badEnvelope")
        room.refuses("\(services) Add IsEncrypted: True\n\(activate)\n\(activate)\n.\n", "badEnvelope")
        room.refuses("\(services) Add IsEncrypted: True\n.\n", "badEnvelope")
        room.refuses("xCommand Security ClientSecret Populate Secret: \"\(activate)\"\n", "badEnvelope")
        // An envelope that was refused is not spent; letters' case and the quotes do not matter.
        room.takes(
            "xcommand SECURITY certificates services Activate purpose: webexidentity Fingerprint: \(activate)\r\n")
    }

    @Test func otherCommandsAreUnknown() throws {
        let room = try Room.withSecret()
        let services = "xCommand Security Certificates Services"
        for text in [
            "xCommand Security Certificates Add IsEncrypted: True", "\(services) Add IsEncrypted: False",
            "\(services) Activate Purpose: Fax Fingerprint: \"\(Rooms.first)\"", "\(services) Delete",
            "xCommand Boot",
            "\"xCommand\" Boot", "xStatus Conference",
        ] { room.refuses(text + "\n", "unknownCommand") }
        #expect(room.takes("\n \t \n") == "")
    }

    /// Lines pasted from another system end with CR LF, those of a command with a body, too, and the last with nothing.
    @Test func linesEndAsOtherSystemsEndThem() throws {
        let room = try Room()
        func pasted(_ text: String) -> String { text.replacing("\n", with: "\r\n") }
        room.takes(pasted(try room.firstSecret("SECRET")))
        #expect(room.takes(pasted(try room.adding(first))).contains("AddResult (status=OK)"))
        let order = pasted(try room.activating(Rooms.first))
        #expect(room.takes(String(order.dropLast())).contains("ActivateResult (status=OK)"))
        #expect(room.takes("xStatus Conference EndToEndEncryption\r\n\r\n").contains("Verification: On"))
        try room.place.write(pasted(room.deleting(Rooms.first)), to: "lines.txt")
        let refused = try room.place.provision("simulate", "lines.txt", "--state", "device")
        #expect(refused.exitStatus == 47 && refused.errors.contains("inUse"))
    }

    @Test func severalRefusalsAreAllReported() throws {
        let room = try Room.withSecret()
        let result = room.run("xCommand Boot\n" + room.deleting("") + "xCommand Security Certificates Services Show\n")
        #expect(result?.exitStatus == 47)
        #expect(result?.errors.split(separator: "\n").count == 2)
        #expect(result?.text.contains("ServicesShowResult (status=OK)") == true)
    }
}
