import Foundation
import SwiftASN1

/// Files that OpenSSL and others write and that are no PEM of certificates and keys, each with the line that mends it.
enum FileForm {
    /// What the bytes are instead of PEM; nil for what is not known.
    static func error(_ text: SecretBytes) -> ProvisioningError? {
        let kind = text.withUnsafeBytes { bytes -> String? in
            if utf32Marks.contains(where: bytes.starts) {
                return "text in UTF-32: iconv -f UTF-32 -t UTF-8 FILE > NEW.pem"
            }
            if isUTF16(bytes) { return "text in UTF-16: iconv -f UTF-16 -t UTF-8 FILE > NEW.pem" }
            if bytes.starts(with: Array("Salted__".utf8)) || bytes.starts(with: Array("U2FsdGVkX1".utf8)) {
                return "encrypted with openssl enc: openssl enc -d with the same options decrypts it"
            }
            if binaryKeys.contains(where: bytes.starts) {
                return
                    "a key in Microsoft's form, which is RSA or DSA, and devices take keys on P-256: openssl genpkey "
                    + "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ROOM.key"
            }
            if bytes.first == sequenceTag { return binary(Array(bytes)) }
            return bare(bytes)
        }
        return kind.map { ProvisioningError(.wrongEncoding, "the file is no PEM but \($0)") }
    }

    /// The line for a block of PEM that has no place; empty if there is none.
    static func mend(label: String) -> String {
        switch label {
        case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST": ": " + request
        case "TRUSTED CERTIFICATE", "X509 CERTIFICATE": ": openssl x509 -in FILE -out NEW.pem writes it as one"
        case "PKCS7", "PKCS #7 SIGNED DATA": ": openssl pkcs7 -in FILE -print_certs -out NEW.pem takes what is in it"
        case "CMS": ": sed s/CMS/PKCS7/ FILE | openssl pkcs7 -print_certs -out NEW.pem takes what is in it"
        case "PUBLIC KEY", "RSA PUBLIC KEY":
            ": it is the public half, and the device needs the private one, from which openssl pkey -pubout made it"
        case "OPENSSH PRIVATE KEY": ": ssh-keygen -p -m PEM -f FILE writes it as OpenSSL does"
        case "X509 CRL": ": it lists what is revoked; leave it out"
        default: "; leave it out: openssl x509 -in FILE -out NEW.pem takes the certificate alone"
        }
    }

    private static let request =
        "it is a request, which an authority has yet to sign: openssl x509 -req -in ROOM.csr -CA ca.pem -CAkey ca.key "
        + "-extfile ROOM.ext -out ROOM.crt"

    private static let sequenceTag: UInt8 = 0x30
    /// PRIVATEKEYBLOB, PUBLICKEYBLOB and PVK begin so.
    private static let binaryKeys: [[UInt8]] = [[0x07, 0x02, 0, 0], [0x06, 0x02, 0, 0], [0x1E, 0xF1, 0xB5, 0xB0]]
    private static let utf16Marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
    private static let utf32Marks: [[UInt8]] = [[0xFF, 0xFE, 0, 0], [0, 0, 0xFE, 0xFF]]
    /// Object identifiers of ciphers that OpenSSL 3 has among its old ones: RC4 and RC2 of PKCS #12 (RFC 7292, C).
    private static let oldCiphers: [[UInt8]] = [1, 2, 5, 6].map { (last: UInt8) in
        [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01, last]
    }
    /// PKCS #12 whose lengths are not told before, as some programs write it: version 3 comes first.
    private static let streamedPKCS12: [UInt8] = [0x30, 0x80, 0x02, 0x01, 0x03]

    /// A mark, or zero in every other of the first bytes.
    private static func isUTF16(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if utf16Marks.contains(where: bytes.starts) { return true }
        // "-----BEGIN " in 16 bits a character.
        let head = bytes.prefix(22)
        guard head.count == 22 else { return false }
        return [0, 1].contains { offset in
            head.enumerated().allSatisfy { ($0.offset % 2 == offset) == ($0.element == 0) }
        }
    }

    /// What DER is: told by what stands in the outermost sequence.
    private static func binary(_ der: [UInt8]) -> String {
        let unknown = "DER or another binary form: openssl x509 -inform DER -in FILE -out NEW.pem reads certificates"
        let isOld = oldCiphers.contains { !der.ranges(of: $0).isEmpty }
        let pkcs12 = "PKCS #12: (umask 077; openssl pkcs12\(isOld ? " -legacy" : "") -in FILE -nodes -out NEW.pem)"
        if der.starts(with: streamedPKCS12) { return pkcs12 }
        guard let parts = AlgorithmName.children(der), let first = parts.first else { return unknown }
        let key = "openssl pkey -inform DER -in FILE -out NEW.key"
        switch parts.map(\.identifier) {
        case [.integer, .sequence, .sequence], [.integer, .sequence]:
            return pkcs12
        case let kinds where kinds.starts(with: [.integer, .sequence, .octetString]),
            let kinds where kinds.starts(with: [.integer, .octetString]),
            let kinds where kinds.starts(with: [.integer, .integer]):
            return "a private key in DER: (umask 077; \(key))"
        case let kinds where kinds.first == .objectIdentifier:
            return "PKCS #7 in DER: openssl pkcs7 -inform DER -in FILE -print_certs -out NEW.pem"
        case [.sequence, .octetString]:
            return "a private key in DER under a passphrase: (umask 077; \(key))"
        case [.sequence, .bitString]:
            return "a public key in DER, and the device needs the private one"
        case [.sequence, .sequence, .bitString]:
            return signed(first)
        default: return unknown
        }
    }

    /// What is signed: a certificate, a request or a list of revoked certificates.
    private static func signed(_ node: ASN1Node) -> String {
        guard case .constructed(let fields) = node.content else { return "DER" }
        let kinds = fields.map(\.identifier)
        if kinds.contains(.utcTime) || kinds.contains(.generalizedTime) {
            return "a list of revoked certificates in DER; leave it out"
        }
        // Requests end with attributes and have a version, a name and a key before them; certificates have more.
        if kinds.first == .integer, kinds.count <= 4 { return "DER, and \(request) -inform DER" }
        return "a certificate in DER: openssl x509 -inform DER -in FILE -out NEW.pem"
    }

    /// Base64 without the lines that begin and end a block.
    private static func bare(_ bytes: UnsafeRawBufferPointer) -> String? {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        var characters = bytes.filter { !isSpace($0) }
        defer { SecretBytes.wipe(&characters) }
        guard characters.count > 64, var der = Data(base64Encoded: Data(characters)).map([UInt8].init) else {
            return nil
        }
        defer { SecretBytes.wipe(&der) }
        guard der.first == sequenceTag, (try? DER.parse(der)) != nil else { return nil }
        return "base64 without BEGIN and END lines, of \(binary(der)), after openssl base64 -d -in BASE64 -out FILE"
    }
}
