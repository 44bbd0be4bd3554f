/// An envelope that has passed every check that needs no key.
struct EnvelopeParts {
    let header: EnvelopeHeader
    /// The decoded header as received.
    let headerText: [UInt8]
    /// The first segment as received: what the tag authenticates.
    let headerSegment: ArraySlice<UInt8>
    let iv: [UInt8]
    /// The fourth segment, checked and not yet decoded.
    let ciphertextSegment: ArraySlice<UInt8>
    let tag: [UInt8]

    /// Texts beyond this length, in bytes, are refused before they are read.
    static let maximumByteCount = 8 << 20
    /// Length of the initialisation vector, in bytes (RFC 7518, section 5.3).
    static let ivByteCount = 12
    /// Length of the tag, in bytes.
    static let tagByteCount = 16
    private static let separator = UInt8(ascii: ".")
    private static let segmentCount = 5

    /// Length of the payload, in bytes.
    var payloadByteCount: Int { Base64URL.decodedByteCount(ciphertextSegment.count) }

    /// Reads the compact form of RFC 7516, section 7.1.
    init(parsing text: [UInt8], expecting expected: ProvisioningAction?) throws(ProvisioningError) {
        guard text.count <= EnvelopeParts.maximumByteCount else {
            throw ProvisioningError(
                .envelopeTooLarge, "the text is longer than \(EnvelopeParts.maximumByteCount) bytes: no envelope is")
        }
        let segments = try EnvelopeParts.segments(text)
        // Before it is decoded: what is too long costs no more than to be looked at.
        guard Base64URL.decodedByteCount(segments[0].count) <= EnvelopeHeader.maximumByteCount else {
            throw EnvelopeHeader.tooLong
        }
        let headerText = Base64URL.decodeValid(segments[0])
        header = try EnvelopeHeader(parsing: headerText, expecting: expected)
        guard segments[1].isEmpty else {
            throw ProvisioningError(
                .encryptedKeyNotEmpty, "the second segment is not empty; with 'dir' no key travels in the envelope")
        }
        guard let iv = Base64URL.decode(segments[2]), iv.count == EnvelopeParts.ivByteCount else {
            throw ProvisioningError(
                .badIVLength, "the initialisation vector (third segment) has not \(EnvelopeParts.ivByteCount) bytes")
        }
        guard let tag = Base64URL.decode(segments[4]), tag.count == EnvelopeParts.tagByteCount else {
            throw ProvisioningError(
                .badTagLength, "the tag (fifth segment) has not \(EnvelopeParts.tagByteCount) bytes")
        }
        self.headerText = headerText
        headerSegment = segments[0]
        self.iv = iv
        ciphertextSegment = segments[3]
        self.tag = tag
    }

    /// The five segments, each strict base64url.
    private static func segments(_ text: [UInt8]) throws(ProvisioningError) -> [ArraySlice<UInt8>] {
        // One more than wanted shows that there are too many, and no text makes a long list.
        let segments = text.split(separator: separator, maxSplits: segmentCount, omittingEmptySubsequences: false)
        // No envelope holds a blank; lines to paste do.
        let advice =
            text.contains(UInt8(ascii: " "))
            ? "; lines to paste hold more than an envelope, which --raw writes alone" : ""
        guard segments.count == segmentCount else {
            throw ProvisioningError(
                .badSegmentCount,
                "an envelope has \(segmentCount) segments with dots between them, this text has not\(advice)")
        }
        for (index, segment) in segments.enumerated() where !Base64URL.isValid(segment) {
            throw badSegment(index, advice)
        }
        return segments
    }

    private static func badSegment(_ index: Int, _ advice: String = "") -> ProvisioningError {
        ProvisioningError(.badBase64URL, "segment \(index + 1) is not base64url without padding\(advice)")
    }
}
