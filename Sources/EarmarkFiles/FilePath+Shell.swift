import EarmarkOutput

extension FilePath {
    /// The path as one word of a shell, which no program mistakes for an option.
    ///
    /// Bytes that are no UTF-8, and those that would not reach a terminal, such as line feeds, are quoted as bash, zsh
    /// and POSIX since 2024 read them: `$'\xE4.wav'`.
    package static func shellWord(_ path: String) -> String {
        let bytes = bytes(path)
        if let text = String(validating: bytes, as: UTF8.self), OutputText.message(text) == text {
            return OutputText.shellWord(text)
        }
        let prefix = bytes.first == UInt8(ascii: "-") ? "./" : ""
        return "$'" + prefix + bytes.map(quoted).joined() + "'"
    }

    private static func quoted(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\\"): return "\\" + String(Unicode.Scalar(byte))
        case 0x20...0x7E: return String(Unicode.Scalar(byte))
        default:
            let digits = Array("0123456789ABCDEF")
            return "\\x\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }
}
