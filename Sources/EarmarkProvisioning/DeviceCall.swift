/// A command as a device understands it, in whichever form it came.
struct DeviceCall {
    /// Words of the command in small letters, `xcommand` or `xstatus` first.
    let path: [String]
    /// Parameters in their order, names in small letters.
    let parameters: [(name: String, value: SecretBytes)]

    /// The value of a parameter; nil if it is not there or there twice.
    func value(_ name: String) -> SecretBytes? {
        let found = parameters.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }

    /// Whether there are no parameters but these, each once at most.
    func hasOnly(_ names: Set<String>) -> Bool {
        parameters.allSatisfy { names.contains($0.name) } && Set(parameters.map(\.name)).count == parameters.count
    }

    /// Reads a line of the terminal: words, then `Name: value` in any order, a value with blanks in quotes.
    init(terminal line: SecretBytes) {
        var path: [String] = []
        var parameters: [(name: String, value: SecretBytes)] = []
        var name: String?
        for word in DeviceCall.words(line) {
            if let open = name {
                parameters.append((open, word.bytes))
                name = nil
            } else if let label = word.label {
                name = label
            } else if parameters.isEmpty {
                path += word.path
            } else {
                // A value without a name; nothing has such a parameter.
                parameters.append(("", word.bytes))
            }
        }
        if let name { parameters.append((name, SecretBytes([]))) }
        self.path = path
        self.parameters = parameters
    }

    /// Puts together what another form holds.
    init(path: [String], parameters: [(name: String, value: SecretBytes)]) {
        self.path = path.map { $0.lowercased() }
        self.parameters = parameters.map { ($0.name.lowercased(), $0.value) }
    }

    /// A word of a line.
    private struct Word {
        let bytes: SecretBytes
        let isQuoted: Bool

        /// Longest name of a parameter, in bytes: "FingerprintAlgorithm", and some room.
        private static let maximumNameByteCount = 32

        /// The name of a parameter, if this is one: letters and a colon.
        var label: String? {
            guard !isQuoted, bytes.count <= Word.maximumNameByteCount else { return nil }
            return bytes.withUnsafeBytes { bytes in
                guard bytes.last == UInt8(ascii: ":"), bytes.dropLast().allSatisfy(Word.isLetter) else { return nil }
                return String(decoding: bytes.dropLast(), as: UTF8.self).lowercased()
            }
        }

        /// The words of a path, which some write with slashes; nothing that could be a secret is repeated.
        var path: [String] {
            bytes.withUnsafeBytes { bytes in
                guard !isQuoted, bytes.count <= 8 * Word.maximumNameByteCount else { return ["?"] }
                return bytes.split(separator: UInt8(ascii: "/"))
                    .map { String(decoding: $0, as: UTF8.self).lowercased() }
            }
        }

        private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    }

    /// The words of a line; a word in quotes may hold blanks, and the quotes are dropped.
    private static func words(_ line: SecretBytes) -> [Word] {
        line.withUnsafeBytes { bytes in
            var words: [Word] = []
            var position = 0
            func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
            while position < bytes.count {
                if isBlank(bytes[position]) {
                    position += 1
                    continue
                }
                let isQuoted = bytes[position] == UInt8(ascii: "\"")
                let start = isQuoted ? position + 1 : position
                var end = start
                while end < bytes.count, isQuoted ? bytes[end] != UInt8(ascii: "\"") : !isBlank(bytes[end]) { end += 1 }
                words.append(
                    Word(
                        bytes: SecretBytes(copying: UnsafeRawBufferPointer(rebasing: bytes[start..<end])),
                        isQuoted: isQuoted))
                position = isQuoted ? end + 1 : end
            }
            return words
        }
    }
}
