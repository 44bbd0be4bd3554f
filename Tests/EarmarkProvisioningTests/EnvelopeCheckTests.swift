import Crypto
import Foundation
import Testing

@testable import EarmarkProvisioning

/// What no vector of the file covers: limits at and past their edge, and that nothing is derived in vain.
@Suite struct EnvelopeCheckTests {
    private static let secret = ClientSecret(SecretBytes("ossifrage".utf8))

    /// A derivation that says whether it was asked, and gives a key at once.
    private final class Probe: @unchecked Sendable {
        // Set and read by one thread.
        var isAsked = false
        var derivation: KeyDerivation {
            KeyDerivation { _, _, count in
                self.isAsked = true
                return SymmetricKey(data: [UInt8](repeating: 7, count: count))
            }
        }
    }

    private func header(
        alg: String = "\"dir\"", action: String = "\"add\"", salt: String = "\"AAAAAA\"", version: String = "\"1\"",
        enc: String = "\"A128GCM\"", more: String = ""
    ) -> String {
        "{\"alg\":\(alg),\"cisco-action\":\(action),\"cisco-kdf\":{\"salt\":\(salt),\"version\":\(version)},"
            + "\"enc\":\(enc)\(more)}"
    }

    private func envelope(_ header: String, key: String = "", iv: Int = 12, tag: Int = 16) -> [UInt8] {
        let segments = [
            Base64URL.encode(Array(header.utf8)), Array(key.utf8),
            Base64URL.encode([UInt8](repeating: 0, count: iv)), [], Base64URL.encode([UInt8](repeating: 0, count: tag)),
        ]
        return Array(segments.joined(separator: [UInt8(ascii: ".")]))
    }

    private func code(_ text: [UInt8], expecting: ProvisioningAction? = nil) -> ProvisioningError.Code? {
        let probe = Probe()
        do {
            _ = try Envelope.open(
                text, secret: EnvelopeCheckTests.secret, expecting: expecting, derivation: probe.derivation)
            return nil
        } catch {
            // The key is derived if and only if every other check has passed.
            #expect(probe.isAsked == (error.code == .authenticationFailed))
            return error.code
        }
    }

    /// Every text that breaks two rules is refused for the one that comes first.
    @Test func firstOfSeveralErrorsIsReported() {
        let steps: [(ProvisioningError.Code, [UInt8])] = [
            (.badSegmentCount, Array("!.!".utf8)),
            (.badBase64URL, envelope("{") + [UInt8(ascii: "!")]),
            (.badHeader, envelope("{\"alg\":1,\"alg\":1")),
            (.duplicateHeaderName, envelope(header(more: ",\"crit\":[],\"crit\":[]"))),
            (.criticalHeader, envelope(header(more: ",\"crit\":[],\"zip\":\"DEF\""))),
            (.unsupportedCompression, envelope(header(alg: "1", more: ",\"zip\":1"))),
            (.badHeader, envelope(header(alg: "\"x\"", version: "1"))),
            (.unsupportedAlgorithm, envelope(header(alg: "\"x\"", enc: "\"x\""))),
            (.unsupportedEncryption, envelope(header(action: "\"x\"", enc: "\"x\""))),
            (.unsupportedAction, envelope(header(action: "\"x\"", version: "\"2\""))),
            (.actionMismatch, envelope(header(action: "\"activate\"", version: "\"2\""))),
            (.unsupportedKDFVersion, envelope(header(salt: "\"+\"", version: "\"2\""))),
            (.badBase64URL, envelope(header(salt: "\"+\""), key: "AA")),
            (.saltTooShort, envelope(header(salt: "\"AAAA\""), key: "AA")),
            (.encryptedKeyNotEmpty, envelope(header(), key: "AA", iv: 11)),
            (.badIVLength, envelope(header(), iv: 11, tag: 15)),
            (.badTagLength, envelope(header(), tag: 15)),
            (.authenticationFailed, envelope(header())),
        ]
        for (expected, text) in steps { #expect(code(text, expecting: .add) == expected) }
    }

    @Test func secretIsAskedForFirst() {
        #expect(throws: ProvisioningError(.emptySecret, "")) {
            try Envelope.open("", secret: ClientSecret(SecretBytes([])))
        }
        #expect(throws: ProvisioningError(.emptySecret, "")) {
            try Envelope.seal(action: .add, payload: SecretBytes([]), secret: ClientSecret(SecretBytes([])))
        }
    }

    @Test func limitsOfTheHeader() {
        let open = header(more: ",\"x\":\"")
        let fill = EnvelopeHeader.maximumByteCount - open.utf8.count - 1 + 1
        func padded(_ count: Int) -> String {
            String(open.dropLast()) + String(repeating: "y", count: count) + "\"}"
        }
        #expect(padded(fill - 1).utf8.count == EnvelopeHeader.maximumByteCount)
        #expect(code(envelope(padded(fill - 1))) == .authenticationFailed)
        #expect(code(envelope(padded(fill))) == .badHeader)
        // The header's own object is the first level.
        func nested(_ levels: Int) -> String {
            header(
                more: ",\"x\":" + String(repeating: "[", count: levels - 1) + String(repeating: "]", count: levels - 1))
        }
        #expect(code(envelope(nested(16))) == .authenticationFailed)
        #expect(code(envelope(nested(17))) == .badHeader)
    }

    @Test func limitOfValuesInTheHeader() {
        // The header's own are seven: the object, four members of it, two of cisco-kdf.
        func filled(_ count: Int, _ name: (Int) -> String) -> String {
            header(more: (0..<count - 7).map { ",\"\(name($0))\":0" }.joined())
        }
        #expect(code(envelope(filled(64) { "x\($0)" })) == .authenticationFailed)
        #expect(code(envelope(filled(65) { "x\($0)" })) == .badHeader)
        // Names are compared among few and among many members.
        for count in 9...20 {
            #expect(code(envelope(filled(count) { $0 == count - 8 ? "alg" : "x\($0)" })) == .duplicateHeaderName)
            #expect(
                code(envelope(filled(count) { "x\($0 == count - 8 ? 0 : $0)" }))
                    == .duplicateHeaderName)
        }
    }

    @Test func limitsOfSaltVectorAndTag() {
        #expect(code(envelope(header(salt: "\"AAAAAA\""))) == .authenticationFailed)
        #expect(code(envelope(header(salt: "\"AAAA\""))) == .saltTooShort)
        for (iv, tag, expected) in [
            (11, 16, ProvisioningError.Code.badIVLength), (13, 16, .badIVLength), (12, 15, .badTagLength),
            (12, 17, .badTagLength),
        ] { #expect(code(envelope(header(), iv: iv, tag: tag)) == expected) }
    }

    @Test func limitOfTheText() {
        let most = [UInt8](repeating: UInt8(ascii: "A"), count: EnvelopeParts.maximumByteCount)
        #expect(code(most) == .badSegmentCount)
        #expect(code(most + [UInt8(ascii: "A")]) == .envelopeTooLarge)
        #expect(code([UInt8](repeating: UInt8(ascii: "."), count: EnvelopeParts.maximumByteCount)) == .badSegmentCount)
    }

    /// The longest payload makes an envelope that opens.
    @Test func limitOfThePayload() throws {
        let probe = Probe()
        func seal(_ count: Int) throws -> String {
            try Envelope.seal(
                action: .add, payload: SecretBytes([UInt8](repeating: 1, count: count)), secret: Self.secret,
                cipher: .a256GCM, salt: [1, 2, 3, 4], iv: [UInt8](repeating: 0, count: 12), derivation: probe.derivation
            )
        }
        let text = try seal(Envelope.maximumPayloadByteCount)
        let opened = try Envelope.open(
            Array(text.utf8), secret: Self.secret, expecting: .add, derivation: probe.derivation)
        #expect(opened.count == Envelope.maximumPayloadByteCount)
        #expect(throws: ProvisioningError(.payloadTooLarge, "")) { try seal(Envelope.maximumPayloadByteCount + 1) }
    }

    @Test(arguments: [
        "\u{FEFF}{}", "{}x", "{} {}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":+1}",
        "{\"a\":tru}",
        "{\"a\":\"\u{1}\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\u0041\"}", "{'a':1}", "{a:1}", "{\"a\" 1}", "{\"a\":1,}", "[1,]", "{,}", "\"", "", " ", "{",
        "[",
    ]) func textThatIsNoJSON(text: String) {
        var reader = JSONReader(Array(text.utf8))
        #expect(throws: JSONReader.Malformed.self) { try reader.value() }
        #expect(code(envelope(text)) == .badHeader)
    }

    @Test func textThatIsJSON() throws {
        for text in [
            "{\"a\":-0.5e+10,\"b\":[true,false,null,{}],\"c\":\"\\ud83d\\udd11\\n\"}", "\t{ \"\" : [ ] }\r\n", "0",
            "\"\"",
        ] {
            var reader = JSONReader(Array(text.utf8))
            _ = try reader.value()
            #expect(!reader.hasDuplicateName)
        }
    }

    /// Escapes at and past the edges of UTF-8's lengths.
    @Test func escapesBecomeTheirCharacters() throws {
        for (escape, expected) in [
            ("\\u0000", "\u{0}"), ("\\u007f", "\u{7F}"), ("\\u0080", "\u{80}"), ("\\u07FF", "\u{7FF}"),
            ("\\u0800", "\u{800}"), ("\\ud7ff", "\u{D7FF}"), ("\\ue000", "\u{E000}"), ("\\uffff", "\u{FFFF}"),
            ("\\ud800\\udc00", "\u{10000}"), ("\\uDBFF\\uDFFF", "\u{10FFFF}"),
            ("a\\/\\\\b\\\"\\b\\f\\n\\r\\t", "a/\\b\"\u{8}\u{C}\n\r\t"),
        ] {
            var reader = JSONReader(Array("\"\(escape)\"".utf8))
            #expect(try reader.value() == .string(Array(expected.utf8)))
        }
    }

    /// Composed and decomposed letters make two names, although Swift's strings are equal.
    @Test func namesAreComparedByTheirBytes() {
        #expect(code(envelope(header(more: ",\"\u{E9}\":1,\"e\u{301}\":1"))) == .authenticationFailed)
        #expect(code(envelope(header(more: ",\"\u{E9}\":1,\"\\u00e9\":1"))) == .duplicateHeaderName)
        #expect(code(envelope(header(more: ",\"x\":{\"a\":1,\"a\":1}"))) == .duplicateHeaderName)
    }

    @Test func headerIsNotUTF8() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3]] {
            let open = Array("{\"x\":\"".utf8)
            let text = Base64URL.encode(open + bytes + Array("\"}".utf8)) + Array("....".utf8)
            #expect(code(text) == .badHeader)
        }
    }

    @Test(arguments: ProvisioningAction.allCases, ContentCipher.allCases)
    func everySealingIsFresh(action: ProvisioningAction, cipher: ContentCipher) throws {
        let payload = SecretBytes("payload".utf8)
        let texts = try (0..<2).map { _ in
            try Envelope.seal(action: action, payload: payload, secret: Self.secret, cipher: cipher)
        }
        let facts = try texts.map { try Envelope.inspect($0) }
        #expect(facts[0].salt != facts[1].salt)
        #expect(facts[0].salt.count == 16)
        #expect(texts[0].split(separator: ".")[1] != texts[1].split(separator: ".")[1])
        for text in texts { #expect(try Envelope.open(text, secret: Self.secret, expecting: action) == payload) }
        let other = try #require(ProvisioningAction.allCases.first { $0 != action })
        #expect(throws: ProvisioningError(.actionMismatch, "")) {
            try Envelope.open(texts[0], secret: Self.secret, expecting: other)
        }
    }
}
