extension Unicode.Scalar {
    /// Whether it can end a line, steer a terminal or change the order in which others are shown.
    package var steers: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        default: break
        }
        switch value {
        // Marks and embeddings of direction, their overrides and isolates.
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: return true
        // Deprecated format characters, interlinear annotation, and tags, which hide text in text.
        case 0x206A...0x206F, 0xFFF9...0xFFFB, 0xE0000...0xE007F: return true
        default: return false
        }
    }

    /// Whether it is shown as nothing, so that two texts may look alike and differ in it.
    package var isInvisible: Bool {
        properties.isDefaultIgnorableCodePoint || properties.generalCategory == .format || steers
            // Blanks of braille and of Hangul are shown as nothing, too.
            || [0x2800, 0x115F, 0x1160, 0x3164, 0xFFA0].contains(value)
    }

    /// Whether it belongs to a script that runs from right to left, by the blocks that Unicode keeps for those.
    package var runsFromRight: Bool {
        switch value {
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        default: false
        }
    }
}

extension String {
    /// What a reader sees: without what is invisible, and every run of blanks as one.
    package var visible: String {
        var result = String.UnicodeScalarView()
        var isBlank = true
        for scalar in unicodeScalars where !scalar.isInvisible {
            let blank = scalar.properties.isWhitespace
            if blank, isBlank { continue }
            result.append(blank ? " " : scalar)
            isBlank = blank
        }
        if result.last == " " { result.removeLast() }
        return String(result)
    }
}
