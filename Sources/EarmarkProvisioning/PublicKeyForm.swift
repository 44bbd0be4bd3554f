import SwiftASN1

/// How a public key is written, for what the library does not read.
struct PublicKeyForm {
    /// Length of an RSA key, in bits; nil for keys of other kinds.
    private(set) var rsaBitCount: Int?
    /// Whether a point of a curve is written otherwise than in full, as the byte 4 and both coordinates.
    private(set) var isPointInOtherForm = false

    private static let uncompressed: UInt8 = 4

    /// Reads a SubjectPublicKeyInfo (RFC 5280, section 4.1); what is none has neither property.
    init(_ der: [UInt8]) {
        guard let fields = AlgorithmName.children(der),
            let field = fields.last(where: { $0.identifier == .bitString }),
            let bits = try? ASN1BitString(derEncoded: field)
        else { return }
        let bytes = Array(bits.bytes)
        if AlgorithmName.key(inDER: der) == "RSA", let number = AlgorithmName.children(bytes)?.first,
            case .primitive(let content) = number.content
        {
            let digits = content.drop { $0 == 0 }
            rsaBitCount = digits.first.map { digits.count * 8 - $0.leadingZeroBitCount }
        }
        isPointInOtherForm = bytes.first != PublicKeyForm.uncompressed
    }
}
