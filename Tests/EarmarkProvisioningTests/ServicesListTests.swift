import Testing

@testable import EarmarkProvisioning

@Suite struct ServicesListTests {
    private static let first = "163224c3da0ba3ec5327892affebabbe00206b90"
    private static let second = "c9c104ac9e8c7f160e9c685a53a8a50f2152e0c3"

    private static let terminal = """
        xcommand Security Certificates Services Show
        *r ServicesShowResult (status=OK):
        *r ServicesShowResult Details 1 Fingerprint: "\(first)"
        *r ServicesShowResult Details 1 SubjectName: "/CN=meeting-room-1.example.com"
        *r ServicesShowResult Details 2 SubjectName: "/CN=a \\"b\\": c"
        Details 2 Fingerprint: \(second)
        ** end
        """
    private static let xml = """
        <?xml version="1.0"?>
        <Command><!-- a comment --><ServicesShowResult status="OK">
          <Details item="1" maxOccurrence="n"><Fingerprint>\(first)</Fingerprint>
            <SubjectName>/CN=meeting-room-1.example.com</SubjectName><UsedFor/></Details>
          <Details item='2'><SubjectName>/CN=A &amp; B&#x21;</SubjectName><Fingerprint>\(second)</Fingerprint></Details>
        </ServicesShowResult></Command>
        """

    @Test(arguments: [terminal, xml, "\u{FEFF}" + xml]) func listIsRead(text: String) throws {
        let list = try ServicesList(Array(text.utf8))
        #expect(list.entries.map(\.fingerprint.text) == [Self.first, Self.second])
        #expect(list.entries[0].subject == "/CN=meeting-room-1.example.com")
        #expect(try list.entry(try CertificateFingerprint(Self.second)) == list.entries[1])
        #expect(throws: ProvisioningError(.badServicesList, "")) { try list.entry(nil) }
        #expect(throws: ProvisioningError(.badServicesList, "")) {
            try list.entry(CertificateFingerprint(certificate: []))
        }
    }

    @Test func entitiesAreDecoded() throws {
        #expect(try ServicesList(Array(Self.xml.utf8)).entries[1].subject == "/CN=A & B!")
    }

    @Test func listOfOneNamesIt() throws {
        let list = try ServicesList(Array("Details 1 Fingerprint: \"\(Self.first)\"".utf8))
        #expect(try list.entry(nil).fingerprint.text == Self.first)
    }

    /// An authority is who issued another one of the list: not who issued only himself.
    @Test func whoIssuedOnlyHimselfIsNoAuthority() throws {
        func entry(_ item: Int, _ fingerprint: String, _ subject: String, by issuer: String) -> String {
            "Details \(item) Fingerprint: \(fingerprint)\nDetails \(item) SubjectName: \"/CN=\(subject)\"\n"
                + "Details \(item) IssuerName: \"/CN=\(issuer)\"\n"
        }
        let own = try ServicesList(Array(entry(1, Self.first, "Room", by: "Room").utf8))
        #expect(!own.isIssuer(own.entries[0]))
        #expect(try own.entry(nil) == own.entries[0])
        let root = entry(1, Self.first, "Root", by: "Root")
        for (text, which) in [
            (root + entry(2, Self.second, "Room", by: "Root"), 1),
            (entry(2, Self.second, "Room", by: "Root") + root, 0),
        ] {
            let list = try ServicesList(Array(text.utf8))
            #expect(list.entries.map { list.isIssuer($0) } == [which == 1, which == 0])
            #expect(try list.entry(nil) == list.entries[which])
        }
    }

    @Test func emptyListIsAList() throws {
        for text in ["*r ServicesShowResult (status=OK):\n** end", "<ServicesShowResult status=\"OK\"/>"] {
            #expect(try ServicesList(Array(text.utf8)).entries.isEmpty)
        }
    }

    @Test(arguments: [
        "", "hello", "Details 1 SubjectName: \"/CN=x\"", "Details 1 Fingerprint: \"12\"", "<a></b>", "<a>", "<a/>", "<",
        "<ServicesShowResult status=\"Error\"/>", "<!DOCTYPE a [<!ENTITY b \"c\">]><ServicesShowResult/>",
        "<ServicesShowResult>&b;</ServicesShowResult>", "<ServicesShowResult/>text", "<ServicesShowResult a=b/>",
        "<ServicesShowResult><Details><Fingerprint>\(first)</Fingerprint></Details></ServicesShowResult>",
        "Details 1 Fingerprint: \"\(first)\"\nDetails 1 Fingerprint: \"\(second)\"",
        "<ServicesShowResult>" + String(repeating: "<a>", count: 100),
    ]) func otherTextIsRefused(text: String) {
        #expect(throws: ProvisioningError.self) { try ServicesList(Array(text.utf8)) }
    }
}
