import EarmarkConsole
import EarmarkProvisioning
import Foundation

/// Asks for a secret at the terminal, without showing it.
enum SecretPrompt {
    private enum Key {
        static let interrupt: UInt8 = 0x03
        static let end: UInt8 = 0x04
        static let backspace: UInt8 = 0x08
        static let killLine: UInt8 = 0x15
        static let eraseWord: UInt8 = 0x17
        static let delete: UInt8 = 0x7F
    }

    /// Longest entry, in bytes.
    private static let maximumByteCount = 4 << 10

    /// The secret that is typed after `text`; twice if it is new.
    ///
    /// Backspace, Ctrl-W and Ctrl-U edit; other keys that type no character are refused.
    static func secret(_ text: String, isNew: Bool) throws(CommandError) -> ClientSecret {
        HostProcess.forbidDumps()
        let option = isNew ? "--new-secret" : "--secret"
        let first = try ask(text, option)
        if isNew {
            let second = try ask("\(text), again", option)
            guard first == second else { throw CommandError(.invalidInput, "the two entries differ") }
        }
        return ClientSecret(first)
    }

    /// Shows `text` at the terminal and reads a line.
    private static func ask(_ text: String, _ option: String) throws(CommandError) -> SecretBytes {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw CommandError(
                .usage,
                "there is no terminal to ask for the \(text.lowercased()): name it with \(option)-file or \(option)-env"
                    + (text == SecretOptions.prompt
                        ? "; a device that has none yet takes 'provision populate --first'" : ""))
        }
        defer { close(terminal) }
        var normal = termios()
        guard tcgetattr(terminal, &normal) == 0 else { throw CommandError(.inputOutput, "the terminal cannot be read") }
        // Without signals too, so that an interrupt does not leave the terminal silent.
        var silent = normal
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else {
            throw CommandError(.inputOutput, "the terminal cannot be silenced")
        }
        defer { tcsetattr(terminal, TCSAFLUSH, &normal) }
        show("\(text): ", terminal)
        defer { show("\n", terminal) }
        return try line(terminal)
    }

    private static func line(_ terminal: Int32) throws(CommandError) -> SecretBytes {
        var buffer = SecretBuffer(capacity: maximumByteCount)
        var byte: UInt8 = 0
        while true {
            let count = read(terminal, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return buffer.content }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"), Key.end:
                byte = 0
                return buffer.content
            case Key.interrupt: throw CommandError(.usage, "interrupted")
            case Key.killLine: buffer.removeLast(buffer.count)
            case Key.eraseWord:
                while buffer.last == UInt8(ascii: " ") { buffer.removeLast(1) }
                while let last = buffer.last, last != UInt8(ascii: " ") { buffer.removeLast(1) }
            case Key.backspace, Key.delete:
                // A character of UTF-8 goes as a whole: its continuation bytes and the byte that leads them.
                while let last = buffer.last, last & 0b1100_0000 == 0b1000_0000 { buffer.removeLast(1) }
                buffer.removeLast(1)
            case 0..<UInt8(ascii: " "):
                // Arrows and other keys would leave bytes in the secret that nobody sees.
                throw CommandError(
                    .invalidInput,
                    "a key was pressed that types no character, as arrows and Tab are: type the secret again; "
                        + "Backspace, Ctrl-W and Ctrl-U erase")
            default:
                guard buffer.count < maximumByteCount else {
                    throw CommandError(.invalidInput, "the entry is longer than \(maximumByteCount) bytes")
                }
                _ = buffer.append {
                    $0[0] = byte
                    return 1
                }
            }
        }
    }

    private static func show(_ text: String, _ terminal: Int32) {
        // A prompt that cannot be shown is no reason to stop: the line may still be typed.
        _ = Array(text.utf8).withUnsafeBytes { write(terminal, $0.baseAddress, $0.count) }
    }
}
