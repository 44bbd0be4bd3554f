import Foundation
import SwiftASN1
import Testing
import X509

@testable import EarmarkProvisioning

/// Texts that people bring: PEM, what `Services Show` prints, lists of users.
@Suite struct ParsingTests {
    private func pem(_ text: String) throws -> [PEMBlock] { try PEMReader.blocks(SecretBytes(text.utf8)) }

    private static let block = "-----BEGIN CERTIFICATE-----\nAAECAw==\n-----END CERTIFICATE-----\n"

    /// RFC 7468: lines of 64 characters, and a reader that passes over text around blocks.
    @Test func linesOfPEM() throws {
        for count in [1, 47, 48, 49, 96, 97] {
            let der = [UInt8](repeating: 0x5A, count: count)
            let text = PEMBlock(label: "X1", der: der, line: 0, isGlued: false, isEncrypted: false).text
            let lines = String(decoding: text, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.first == "-----BEGIN X1-----")
            #expect(lines.suffix(2) == ["-----END X1-----", ""])
            let body = lines.dropFirst().dropLast(2)
            #expect(body.count == (count + 47) / 48)
            #expect(body.dropLast().allSatisfy { $0.count == 64 })
            #expect(Data(base64Encoded: body.joined()) == Data(der))
            #expect(try pem(String(decoding: text, as: UTF8.self)).map(\.der) == [der])
        }
        let blocks = try pem("a preamble: of text\n\n" + Self.block + "between\n  " + Self.block + "after")
        #expect(blocks.map(\.line) == [3, 7])
        #expect(blocks.map(\.isGlued) == [false, false])
        #expect(blocks.map(\.der) == [[0, 1, 2, 3], [0, 1, 2, 3]])
    }

    @Test func gluedBlocksAreSeen() throws {
        let glued = String(Self.block.dropLast()) + Self.block
        #expect(try pem(glued).map(\.isGlued) == [false, true])
        #expect(try pem("text" + Self.block).map(\.isGlued) == [true])
        #expect(try pem("\u{FEFF}" + Self.block).map(\.isGlued) == [false])
        #expect(try pem(Self.block.replacing("\n", with: "\r\n")).map(\.isGlued) == [false])
    }

    @Test func labelsOfPEM() throws {
        for (label, isGood) in [
            (String(repeating: "A", count: 64), true), (String(repeating: "A", count: 65), false), ("A 1", true),
            ("A@", false), ("[", false), ("/", false), (":", false),
        ] {
            let text = "-----BEGIN \(label)-----\nAAAA\n-----END \(label)-----\n"
            #expect(((try? pem(text)) != nil) == isGood, "\(label)")
        }
        for body in ["AA==", "AAA="] { #expect((try? pem(Self.block.replacing("AAECAw==", with: body))) != nil) }
        for body in ["AA=", "A===", "AB==", "AAB=", "A-AA", "A_AA", "AA==AAAA", ""] {
            #expect((try? pem(Self.block.replacing("AAECAw==", with: body))) == nil, "\(body)")
        }
        #expect(try pem(Self.block.replacing("AAECAw==", with: "+/\t8A\n")).map(\.der) == [[0xFB, 0xFF, 0x00]])
        #expect(throws: ProvisioningError(.badPEM, "")) {
            try pem(Self.block.replacing("AAECAw==", with: "Proc-Type: 4,MIC-CLEAR\n\nAAAA"))
        }
    }

    /// RFC 5280, section 4.2.1.6: each kind of name.
    @Test func kindsOfNames() throws {
        let directory = try DistinguishedName { CommonName("Other") }
        let names: [GeneralName] = [
            .dnsName("a.example"), .rfc822Name("a@example.org"), .uniformResourceIdentifier("https://a.example"),
            .ipAddress(.init(contentBytes: [192, 0, 2, 7])), .ipAddress(.init(contentBytes: [1, 2, 0xAB])),
            .directoryName(directory), .registeredID([1, 2, 3]),
        ]
        let made = try Issued(
            "Room", extensions: [try Certificate.Extension(SubjectAlternativeNames(names), critical: false)])
        let facts = try CertificateFacts(der: made.certificate.serializeAsPEM().derBytes)
        #expect(
            facts.alternativeNames == [
                "DNS:a.example", "email:a@example.org", "URI:https://a.example", "IP:192.0.2.7", "IP:0102ab",
                "directory:CN=Other", "other",
            ])
        #expect(facts.isSelfIssued)
        #expect(!facts.isAuthority)
        #expect(facts.isIssued(by: facts))
    }

    /// Whole days, rounded down, also after the end.
    @Test func daysLeft() throws {
        let facts = try CertificateFacts(der: Issued("Room").certificate.serializeAsPEM().derBytes)
        let day = 86_400.0
        for (seconds, days) in [(0.0, 0), (1, 0), (day - 1, 0), (day, 1), (-1, -1), (-day, -1), (-day - 1, -2)] {
            #expect(facts.daysLeft(at: Issued.end - seconds) == days)
        }
    }

    private static let first = "163224c3da0ba3ec5327892affebabbe00206b90"

    @Test func listsOfStoredCertificates() throws {
        func fields(_ text: String) throws -> [String: String] {
            try ServicesList(Array(text.utf8)).entries.first?.fields ?? [:]
        }
        let line = "*r ServicesShowResult Details 1 Fingerprint: \"\(Self.first)\"\n"
        #expect(try fields(line + "Details 1 IssuerName:  \" a: b \" \n")["IssuerName"] == " a: b ")
        #expect(try fields(line + "Details 1 UsedFor: \"\"\nDetails 1\nDetails x UsedFor: y\n")["UsedFor"] == "")
        #expect(try fields(line + "Details 1 SubjectName: \"\n")["SubjectName"] == "\"")
        func xml(_ inside: String) -> String {
            "<Command><ServicesShowResult item=\"1\" status=\"OK\"><Details item=\"1\">"
                + "<Fingerprint>\(Self.first)</Fingerprint>\(inside)</Details></ServicesShowResult></Command>"
        }
        let entities = xml(
            "<SubjectName a='&quot;>'>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F511;<!-- <b> -->.</SubjectName>")
        #expect(try fields(entities)["SubjectName"] == "<>&\"'A\u{1F511}.")
        // Fields within fields belong to no entry.
        #expect(try fields(xml("<A><B>x</B></A>")).keys.sorted() == ["A", "Fingerprint"])
        for bad in [
            "<A>&#xD800;</A>", "<A>&#;</A>", "<A>&nbsp;</A>", "<A>&amp</A>", "<A b>", "</A>", "<A/ >", "<A b='/>",
        ] {
            #expect(throws: ProvisioningError(.badServicesList, "")) { try fields(xml(bad)) }
        }
        // 32 levels, and no more: four are there already.
        func deep(_ levels: Int) -> String {
            let names = (4...levels).map { "a\($0)" }
            return xml(names.map { "<\($0)>" }.joined() + names.reversed().map { "</\($0)>" }.joined())
        }
        #expect(try fields(deep(32)).count == 2)
        #expect(throws: ProvisioningError(.badServicesList, "")) { try fields(deep(33)) }
        let rows = (0..<9_999).map { "Details 1 F\($0): x\n" }.joined()
        #expect(try fields(line + rows).count == 10_000)
        #expect(throws: ProvisioningError(.badServicesList, "")) { try fields(line + rows + "Details 1 G: x\n") }
    }

    @Test func cellsOfUsers() throws {
        func granted(_ text: String, _ id: Int = 652) throws -> [UserTable.Change] {
            var table = try UserTable([0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
            return try table.grant(id)
        }
        let heading = "Comment\t\"MeetingPrivilege\"\tUserName\tEMAIL\n"
        let rows = "\"x \"\"y\"\"\"\t 1 , 2\t\t\nx\t  \tada\tada@example.org\nz\t\"7\"\tbob\t\n"
        let changes = try granted(heading + rows)
        // Without a name, the first cell; the address before the name.
        #expect(changes.map(\.user) == ["x \"y\"", "ada@example.org", "bob"])
        #expect(changes.map(\.after) == [" 1 , 2,652", "652", "7,652"])
        #expect(try granted(heading + rows, 7).map(\.line) == [2, 3])
        #expect(try granted(heading + rows, 999_999).count == 3)
        #expect(try granted(heading + rows, 1).map(\.line) == [3, 4])
        #expect(throws: ProvisioningError(.badTable, "")) { try granted(heading + "x\n") }
        #expect(throws: ProvisioningError(.badTable, "")) { try granted(heading + "x\t1\u{661}\n") }
        // A line break in quotes is part of its cell.
        #expect(try granted(heading + "\"a\nb\"\t1\t\t\n").map(\.line) == [2])
    }

    /// XML, section 2.4: the three characters that must not stand as they are.
    @Test func commandsAsXML() throws {
        let command = DeviceCommand(envelope: "a<b>&\"c", action: .populate)
        #expect(
            command.xml == "<Command><Security><ClientSecret><Populate command=\"True\">"
                + "<Secret>a&lt;b&gt;&amp;\"c</Secret></Populate></ClientSecret></Security></Command>\n")
        #expect(command.cloudName == "Security.ClientSecret.Populate")
        #expect(DeviceCommand.show.remoteParameters.isEmpty)
    }

    @Test func namesInRequests() throws {
        for name in [
            SigningRequest.AlternativeName.dns("*.a-b_c.example"), .dns("A.example"), .email("a@b"), .uri("a:"),
            .uri("urn:~"), .ip("::1"),
        ] { _ = try SigningRequest(commonName: "R", alternativeNames: [name]) }
        for name in [
            SigningRequest.AlternativeName.dns("a[b"), .dns("a{b"), .dns("a/b"), .dns("a:b"), .email("a@"),
            .email("a @b"),
            .uri("a:\u{7F}"),
        ] {
            #expect(throws: ProvisioningError(.badName, "")) {
                try SigningRequest(commonName: "R", alternativeNames: [name])
            }
        }
    }
}
