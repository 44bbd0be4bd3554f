import Foundation
import Testing

@testable import EarmarkOutput

/// Every scalar in every context, alone and where it can hide another: after, before and around what has a meaning.
@Suite struct OutputTextTests {
    private static let scalars: [Unicode.Scalar] = (0...0x10FFFF).compactMap { Unicode.Scalar(UInt32($0)) }

    private static func text(_ scalars: Unicode.Scalar...) -> String { String(String.UnicodeScalarView(scalars)) }

    /// Runs `check` on each scalar; what it says of one is told once for all.
    private func forAll(_ check: (Unicode.Scalar) -> Bool) {
        let bad = Self.scalars.filter { !check($0) }
        #expect(bad.isEmpty, "\(bad.prefix(5).map { String($0.value, radix: 16) }), \(bad.count) scalars")
    }

    @Test func nothingIsMarkupInHTML() {
        forAll { scalar in
            // A mark that combines before or after a bracket or quote makes one character of both.
            ["<", ">", "\"", "'", "&"].allSatisfy { (meaning: Unicode.Scalar) in
                let html = OutputText.html(Self.text(scalar, meaning, scalar)).unicodeScalars
                let parts = html.split(separator: "&", omittingEmptySubsequences: false).dropFirst()
                return parts.count >= 1 && !html.contains { "<>\"'".unicodeScalars.contains($0) }
                    && parts.allSatisfy { part in
                        ["amp;", "lt;", "gt;", "quot;", "#39;"].contains { part.starts(with: $0.unicodeScalars) }
                    }
            }
        }
    }

    @Test func xmlKeepsEverythingButMarkup() {
        forAll { scalar in
            let xml = OutputText.xml(Self.text(scalar, "<", scalar, "&", scalar, ">"))
            let back = xml.unicodeScalars.split(separator: "&", omittingEmptySubsequences: false)
            return !xml.unicodeScalars.contains("<") && !xml.unicodeScalars.contains(">") && back.count >= 4
        }
    }

    @Test func nothingSteersATerminalEndsALineOrReordersIt() {
        let forbidden: (Unicode.Scalar) -> Bool = { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: return true
            default: break
            }
            return [0x061C, 0x200E, 0x200F].contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
                || (0x2066...0x2069).contains(scalar.value)
        }
        forAll { scalar in
            let message = OutputText.message(Self.text("a", scalar, "\u{301}", "b")).unicodeScalars
            let field = OutputText.field(Self.text("a", scalar, "\u{301}", "b")).unicodeScalars
            // A field's own isolate, around all of it, is what keeps it from reordering others.
            let inner = scalar.runsFromRight ? Array(field.dropFirst().dropLast()) : Array(field)
            let terminal = OutputText.terminal(Self.text("a", scalar, "b")).unicodeScalars
            let kept: [Unicode.Scalar] = ["\n", "\t", "\u{2068}", "\u{2069}"]
            return !message.contains(where: forbidden) && !inner.contains(where: forbidden) && message.count == 4
                && !terminal.contains { forbidden($0) && !kept.contains($0) }
        }
        #expect(OutputText.field("\u{5D0}1") == "\u{2068}\u{5D0}1\u{2069}")
        #expect(OutputText.field("Zoë 👩‍👩‍👧 नमस्ते") == "Zoë 👩‍👩‍👧 नमस्ते")
    }

    /// Scripts that run from right to left, by a few of their letters.
    @Test func textFromTheRightIsIsolated() {
        for text in ["שלום", "مرحبا", "ܫ", "ހ", "߀", "ࠀ", "ﬡ", "ﻼ", "𐤀", "𞤀"] {
            #expect(OutputText.field(text) == "\u{2068}\(text)\u{2069}", "\(text)")
        }
    }

    // MARK: Spreadsheets

    /// Signs that begin a formula somewhere, in their usual, small, full and look-alike forms.
    private static let formulas: [Unicode.Scalar] = [
        "=", "+", "-", "@", "\t", "\r", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\u{FE66}", "\u{FE62}",
        "\u{FE63}", "\u{FE6B}", "\u{2212}", "\u{2010}", "\u{2013}",
    ]

    private static func isText(_ cell: String) -> Bool {
        let scalars = cell.unicodeScalars
        return scalars.first == "'" || (scalars.first == "\"" && scalars.dropFirst().first == "'")
    }

    @Test func noCellIsAFormula() {
        for sign in Self.formulas {
            #expect(Self.isText(CSVText.cell(Self.text(sign, "1"))), "\(sign.value)")
            #expect(Self.isText(CSVText.cell(Self.text(sign, "\u{301}", "1"))), "\(sign.value)")
        }
        forAll { scalar in
            // Whatever is not seen before the sign is skipped by some spreadsheet.
            let isSeen =
                !scalar.isInvisible && !scalar.properties.isWhitespace
                && ![.nonspacingMark, .enclosingMark, .spacingMark].contains(scalar.properties.generalCategory)
            return isSeen || Self.isText(CSVText.cell(Self.text(scalar, "=", "1")))
        }
        for text in ["a=1", "1-2", "Ada", "", "'", "a@b", "é"] {
            #expect(!Self.isText(CSVText.cell(text)) || text == "'")
        }
    }

    @Test func everyCellIsOneCell() {
        forAll { scalar in
            let cell = CSVText.cell(Self.text(scalar, "\"", scalar, ",", scalar))
            guard cell.unicodeScalars.first == "\"", cell.unicodeScalars.last == "\"" else { return false }
            let inner = cell.unicodeScalars.dropFirst().dropLast()
            var isOpen = false
            for scalar in inner {
                if scalar == "\"" { isOpen.toggle() } else if isOpen { return false }
            }
            return !isOpen
        }
        #expect(CSVText.cell("a;b") == "\"a;b\"" && CSVText.cell("a\nb") == "\"a\nb\"")
        #expect(CSVText.rows([["a", "=b"], ["c,d", ""]]) == "a,'=b\r\n\"c,d\",\r\n")
    }

    // MARK: Shell and logs

    /// The words that a POSIX shell makes of `line`: quotes and blanks as it reads them, byte by byte.
    private static func words(_ line: String) -> [String]? {
        var words: [[UInt8]] = []
        var word: [UInt8]?
        var (isQuoted, isEscaped) = (false, false)
        for byte in line.utf8 {
            if isQuoted {
                if byte == UInt8(ascii: "'") { isQuoted = false } else { word?.append(byte) }
            } else if isEscaped {
                word = (word ?? []) + [byte]
                isEscaped = false
            } else if byte == UInt8(ascii: "'") {
                word = word ?? []
                isQuoted = true
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: " ") {
                if let done = word { words.append(done) }
                word = nil
            } else if "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+,:@%=".utf8.contains(byte) {
                word = (word ?? []) + [byte]
            } else {
                return nil
            }
        }
        guard !isQuoted, !isEscaped else { return nil }
        return (words + (word.map { [$0] } ?? [])).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func everyNameIsOneWordOfTheShell() {
        forAll { scalar in
            let name = Self.text("x", "'", scalar, ";", "$", scalar, "'", " ", "-")
            let read = Self.words("ffmpeg -i \(OutputText.shellWord(name)) -vn")
            return read?.count == 4 && read?[2].unicodeScalars.elementsEqual(name.unicodeScalars) == true
        }
        #expect(OutputText.shellWord("-rf") == "./-rf" && OutputText.shellWord("") == "''")
        #expect(OutputText.shellWord("-\u{301}x") == "'./-\u{301}x'")
    }

    @Test func logValuesAreOneWordOfASCII() {
        forAll { scalar in
            let value = OutputText.logValue(Self.text("a", scalar, "\"", scalar, "=")).unicodeScalars
            return value.allSatisfy { (0x20...0x7E).contains($0.value) } && value.first == "\"" && value.last == "\""
        }
        #expect(OutputText.logValue("plain-word.wav") == "plain-word.wav" && OutputText.logValue("") == "\"\"")
        #expect(OutputText.logValue("a\nb") == "\"a\\u{A}b\"")
    }

    @Test func labelsEndWhereTheyEnd() {
        forAll { scalar in
            let label = OutputText.quoted(Self.text(scalar, "\"", scalar, "\\", scalar, "\n", scalar)).unicodeScalars
            var isEscaped = false
            for part in label {
                if isEscaped {
                    isEscaped = false
                } else if part == "\\" {
                    isEscaped = true
                } else if part == "\"" {
                    return false
                }
            }
            return !isEscaped && !label.contains("\n")
        }
    }

    // MARK: What is seen

    @Test func whatIsNotShownIsNotSeen() {
        for hidden in [
            "\u{200B}", "\u{2060}", "\u{FEFF}", "\u{AD}", "\u{180E}", "\u{E0041}", "\u{3164}", "\u{202E}", "\u{FE0F}",
        ] {
            #expect("Ada\(hidden) Adler".visible == "Ada Adler", "\(hidden.unicodeScalars.map(\.value))")
        }
        #expect("Ada\u{A0}\u{2003} Adler ".visible == "Ada Adler" && " A".visible == "A" && "Zoë".visible == "Zoë")
    }
}
