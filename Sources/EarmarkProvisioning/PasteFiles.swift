import EarmarkFiles
import Foundation

/// Files with all that a device must get, in its order, one for each device.
package struct PasteFiles: Sendable {
    private let folder: String
    private let form: CommandForm

    /// - Parameters:
    ///   - folder: where they go; it exists.
    ///   - form: how the commands are written.
    package init(folder: String, form: CommandForm) {
        self.folder = folder
        self.form = form
    }

    /// Whether the cloud carries the commands.
    var goesThroughCloud: Bool { form == .rest }

    /// Something that a device gets.
    enum Entry {
        case first(ClientSecret)
        case envelope(String, ProvisioningAction)
    }

    /// Writes the files of the device `name`; those of an earlier run go if there is nothing for it.
    ///
    /// The first secret is in clear, so the cloud does not carry it: for `rest` it has a file of its own, for the
    /// device's console.
    func write(_ entries: [Entry], for name: String, device: String) throws {
        remove(name, [form])
        var texts: [SecretBytes] = []
        var number = 0
        func add(_ command: DeviceCommand) throws {
            number += 1
            texts.append(SecretBytes(try form.text(command, device: device, id: number).utf8))
        }
        let isAdding = entries.contains { if case .envelope(_, .add) = $0 { true } else { false } }
        var isShown = !isAdding
        for entry in entries {
            switch entry {
            case .first(let secret) where goesThroughCloud:
                try save([DeviceCommand.firstUse(secret)], path(name, ".console.txt"))
            case .first(let secret):
                number += 1
                texts.append(
                    try DeviceCommand.firstUse(secret) { try form.text($0, device: device, id: number) })
            case .envelope(let text, let action):
                // What the device then prints proves that it has what is activated next.
                if action == .activate || action == .deactivate, !isShown {
                    try add(.show)
                    isShown = true
                }
                try add(DeviceCommand(envelope: text, action: action))
            }
        }
        if !isShown { try add(.show) }
        if !texts.isEmpty { try save(texts, path(name, ending)) }
    }

    /// Takes away what earlier runs wrote for a device of which something is wrong now, in whatever form.
    func remove(_ name: String) { remove(name, CommandForm.allCases) }

    private func remove(_ name: String, _ forms: [CommandForm]) {
        for form in forms {
            FilePath.remove(path(name, PasteFiles.ending(form)))
            if form == .rest { FilePath.remove(path(name, ".console.txt")) }
        }
    }

    /// Takes away what a killed run left: the first secret is in it.
    func removeLeftovers() {
        PrivateFile.removeLeftovers(in: folder) { $0.hasSuffix(ending) || $0.hasSuffix(".console.txt") }
    }

    private var ending: String { PasteFiles.ending(form) }

    private static func ending(_ form: CommandForm) -> String {
        form == .terminal ? ".txt" : ".\(form.rawValue)"
    }

    private func path(_ name: String, _ ending: String) -> String { FilePath.join(folder, name + ending) }

    private func save(_ texts: [SecretBytes], _ path: String) throws {
        let count = texts.reduce(0) { $0 + $1.count }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        defer { SecretBytes.wipe(&bytes) }
        for text in texts { text.withUnsafeBytes { bytes += $0 } }
        try PrivateFile.replace(path, bytes: bytes)
    }
}
