import EarmarkOutput

/// The command lines that error messages recommend.
enum ConversionAdvice {
    /// The `ffmpeg` line that turns the audio of the file at `path` into a 16-bit WAV file beside the caller.
    static func command(for path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var stem = name
        if let dot = name.lastIndex(of: "."), dot != name.startIndex { stem = String(name[..<dot]) }
        // The line must never overwrite its own input.
        let output = stem + ".wav" == name ? stem + "-converted.wav" : stem + ".wav"
        return "ffmpeg -i \(shellQuoted(path)) -vn -c:a pcm_s16le \(shellQuoted(output))"
    }

    /// `text` as one word of a POSIX shell that no program mistakes for an option.
    static func shellQuoted(_ text: String) -> String {
        OutputText.shellWord(text)
    }
}

/// `number` in decimal digits grouped by commas, as messages show byte counts.
func grouped(_ number: Int64) -> String {
    var digits = String(number.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (number < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}
