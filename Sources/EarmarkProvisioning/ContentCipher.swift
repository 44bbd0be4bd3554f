/// A content encryption of RFC 7518, section 5.3, that envelopes may use.
public enum ContentCipher: String, CaseIterable, Sendable {
    /// AES-GCM with a 16-byte key.
    case a128GCM = "A128GCM"
    /// AES-GCM with a 32-byte key.
    case a256GCM = "A256GCM"

    /// Length of the key, in bytes.
    public var keyByteCount: Int {
        switch self {
        case .a128GCM: 16
        case .a256GCM: 32
        }
    }
}
