import Foundation

/// One block of a PEM file (RFC 7468).
struct PEMBlock {
    /// What stands after BEGIN.
    let label: String
    /// The decoded content, DER of what the label names.
    let der: [UInt8]
    /// Where BEGIN stands, in lines counted from 1.
    let line: Int
    /// Whether BEGIN follows other text on its line, as when files without a final line end are joined.
    let isGlued: Bool
    /// Whether headers in the block say that its content is encrypted (RFC 1421, as old versions of OpenSSL write it).
    let isEncrypted: Bool

    /// Length of a line of the text, as RFC 7468 wants it.
    private static let lineLength = 64

    /// The block written anew: 64 characters a line, LF, final line end.
    var text: [UInt8] {
        var body = Array(Data(der).base64EncodedData())
        defer { SecretBytes.wipe(&body) }
        var text = Array("-----BEGIN \(label)-----\n".utf8)
        for start in stride(from: 0, to: body.count, by: PEMBlock.lineLength) {
            text += body[start..<min(start + PEMBlock.lineLength, body.count)]
            text.append(UInt8(ascii: "\n"))
        }
        return text + Array("-----END \(label)-----\n".utf8)
    }
}

/// Finds the blocks of a PEM text.
///
/// Text between blocks is passed over, as RFC 7468 allows.
struct PEMReader {
    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let dashes = Array("-----".utf8)
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// Labels beyond this length, in bytes, are none.
    private static let maximumLabelByteCount = 64

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var line = 1

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The blocks of `text` in their order.
    ///
    /// - Throws: `badPEM` for a block that is damaged or does not end, `wrongEncoding` for a known form that is no PEM.
    static func blocks(_ text: SecretBytes) throws(ProvisioningError) -> [PEMBlock] {
        let blocks = try allBlocks(text)
        if blocks.isEmpty, let error = FileForm.error(text) { throw error }
        return blocks
    }

    private static func allBlocks(_ text: SecretBytes) throws(ProvisioningError) -> [PEMBlock] {
        try text.withUnsafeBytes { bytes throws(ProvisioningError) in
            var reader = PEMReader(bytes)
            var blocks: [PEMBlock] = []
            if bytes.starts(with: byteOrderMark) { reader.position = byteOrderMark.count }
            var lineStart = reader.position
            while reader.position < bytes.count {
                if reader.isAt(begin) {
                    let before = bytes[lineStart..<reader.position]
                    blocks.append(try reader.block(isGlued: before.contains { !isSpace($0) }))
                    lineStart = max(lineStart, reader.position - 1)
                } else {
                    if reader.take() == UInt8(ascii: "\n") { lineStart = reader.position }
                }
            }
            return blocks
        }
    }

    private mutating func block(isGlued: Bool) throws(ProvisioningError) -> PEMBlock {
        let first = line
        position += PEMReader.begin.count
        let label = try label(startingAt: first)
        let bodyStart = position
        while position < bytes.count, !isAt(PEMReader.dashes) { _ = take() }
        guard isAt(PEMReader.end) else {
            throw ProvisioningError(.badPEM, "the block '\(label)' that begins in line \(first) has no END line")
        }
        let body = UnsafeRawBufferPointer(rebasing: bytes[bodyStart..<position])
        position += PEMReader.end.count
        guard try self.label(startingAt: line) == label else {
            throw ProvisioningError(
                .badPEM, "the block '\(label)' that begins in line \(first) ends with another label")
        }
        let (content, headers) = PEMReader.separated(body)
        let isEncrypted = headers.contains { $0.contains("ENCRYPTED") }
        guard isEncrypted || headers.isEmpty, let der = PEMReader.decode(content), isEncrypted || !der.isEmpty else {
            throw ProvisioningError(.badPEM, "the block '\(label)' that begins in line \(first) is damaged: no base64")
        }
        return PEMBlock(label: label, der: der, line: first, isGlued: isGlued, isEncrypted: isEncrypted)
    }

    /// What stands up to the closing dashes.
    private mutating func label(startingAt first: Int) throws(ProvisioningError) -> String {
        let start = position
        while position < bytes.count, !isAt(PEMReader.dashes), position - start < PEMReader.maximumLabelByteCount {
            _ = take()
        }
        let text = bytes[start..<position]
        // Capital letters, digits and spaces, so that labels can be shown as they are.
        let isLabel = text.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x20 }
        guard isAt(PEMReader.dashes), isLabel, !text.isEmpty else {
            throw ProvisioningError(.badPEM, "line \(first) begins or ends a block without a proper label")
        }
        position += PEMReader.dashes.count
        return String(decoding: text, as: UTF8.self)
    }

    /// Parts the headers of RFC 1421 from the base64 that follows them.
    private static func separated(_ body: UnsafeRawBufferPointer) -> (UnsafeRawBufferPointer, [String]) {
        guard body.contains(UInt8(ascii: ":")) else { return (body, []) }
        var headers: [String] = []
        var start = body.startIndex
        while let end = body[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = body[start..<end]
            guard line.allSatisfy(isSpace) || line.contains(UInt8(ascii: ":")) else { break }
            if line.contains(UInt8(ascii: ":")) { headers.append(String(decoding: line, as: UTF8.self)) }
            start = end + 1
        }
        return (UnsafeRawBufferPointer(rebasing: body[start...]), headers)
    }

    /// The bytes of base64 in lines; nil if it is none.
    private static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var characters = [UInt8](text.lazy.filter { !isSpace($0) })
        defer { SecretBytes.wipe(&characters) }
        var padding = 0
        while characters.last == UInt8(ascii: "="), padding < 2 {
            characters.removeLast()
            padding += 1
        }
        guard (characters.count + padding).isMultiple(of: 4) else { return nil }
        for index in characters.indices {
            switch characters[index] {
            case UInt8(ascii: "+"): characters[index] = UInt8(ascii: "-")
            case UInt8(ascii: "/"): characters[index] = UInt8(ascii: "_")
            case UInt8(ascii: "-"), UInt8(ascii: "_"): return nil
            default: break
            }
        }
        return Base64URL.decode(characters)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func isAt(_ text: [UInt8]) -> Bool {
        position + text.count <= bytes.count && bytes[position] == text[0]
            && bytes[position..<position + text.count].elementsEqual(text)
    }

    private mutating func take() -> UInt8 {
        let byte = bytes[position]
        position += 1
        if byte == UInt8(ascii: "\n") { line += 1 }
        return byte
    }
}
