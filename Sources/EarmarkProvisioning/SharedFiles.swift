import EarmarkFiles

/// Finds files of a list that a step would write although something else needs them, before anything is written.
///
/// People copy cells down: two devices then have one key, or a request takes the place of its key.
struct SharedFiles {
    /// The columns that name files.
    private enum Column: String, CaseIterable {
        case secret, newSecret = "new_secret", key, request, bundle

        var isSecret: Bool { self == .secret || self == .newSecret }
    }

    /// A cell that names a file.
    private struct Use {
        let row: DeviceList.Row
        let column: Column
        let isWritten: Bool

        var device: String { row.name.lowercased() }
    }

    private let uses: [String: [Use]]

    /// Looks at the rows of all steps to be done.
    init(_ plan: FleetPlan) {
        var rows: [Int: (row: DeviceList.Row, written: Set<Column>)] = [:]
        for step in plan.devices.joined() {
            let number = step.row.number
            rows[number, default: (step.row, [])].written.formUnion(SharedFiles.written(step.kind))
        }
        var uses: [String: [Use]] = [:]
        for (_, entry) in rows.sorted(by: { $0.key < $1.key }) {
            for column in Column.allCases {
                guard let path = SharedFiles.path(entry.row, column) else { continue }
                uses[path, default: []].append(
                    Use(row: entry.row, column: column, isWritten: entry.written.contains(column)))
            }
        }
        self.uses = uses.filter { $0.value.count > 1 }
    }

    /// Why a step may not write one of its files; nil if it may.
    func problem(_ step: FleetPlan.Step) -> StepError? {
        for column in Column.allCases where SharedFiles.written(step.kind).contains(column) {
            guard let path = SharedFiles.path(step.row, column) else { continue }
            let own = Use(row: step.row, column: column, isWritten: true)
            let isOwner = SharedFiles.bears(path, own.row.name)
            let other = uses[path]?.first { other in
                SharedFiles.collide(own, other)
                    && !(isOwner && other.device != own.device && !SharedFiles.bears(path, other.row.name))
            }
            guard let other else { continue }
            // Paths of secrets may be secrets, so that none is repeated.
            let places = [own, other].sorted {
                ($0.row.number, $0.column.rawValue) < ($1.row.number, $1.column.rawValue)
            }
            .map { "row \($0.row.number) ('\(DisplayText.escaped($0.row.name))'), column '\($0.column.rawValue)'" }
            return StepError(
                code: .sharedFile,
                message: "one file is named twice, and would be overwritten or serve several devices: "
                    + places.joined(separator: "; ") + ". Name a file of its own in each")
        }
        return nil
    }

    /// Whether what `own` writes must not be what `other` names.
    private static func collide(_ own: Use, _ other: Use) -> Bool {
        if own.device == other.device {
            if own.column == other.column { return false }
            // A new secret is the secret of later rows, and a certificate may join its key.
            if own.column.isSecret, other.column.isSecret { return own.row.number == other.row.number }
            return !(own.column == .key && other.column == .bundle)
        }
        // Several devices may have one secret that is there; each makes its own.
        return !(own.column.isSecret && other.column.isSecret && !other.isWritten)
    }

    /// Whether the file is called as the device is, up to the first dot: then others are wrong to name it.
    private static func bears(_ path: String, _ name: String) -> Bool {
        SharedCertificates.letters(String(FilePath.lastPart(path).prefix { $0 != "." }))
            == SharedCertificates.letters(name)
    }

    private static func written(_ kind: DeviceStep?) -> Set<Column> {
        switch kind {
        case .generate: [.secret]
        case .request: [.key, .request]
        case .rotate: [.newSecret]
        default: []
        }
    }

    private static func path(_ row: DeviceList.Row, _ column: Column) -> String? {
        func file(_ source: String) -> String? {
            source.hasPrefix("file:") ? String(source.dropFirst("file:".count)) : nil
        }
        let path =
            switch column {
            case .secret: file(row.secret)
            case .newSecret: file(row.newSecret)
            case .key: row.key
            case .request: row.request
            case .bundle: row.bundle
            }
        return path.map(FilePath.canonical)
    }
}
