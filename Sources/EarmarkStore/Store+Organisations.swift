public import EarmarkFiles
import GRDB

extension Store {
    /// Refuses names that break the rules.
    static func validate(organisationName name: String) throws(StoreError) {
        if let problem = FieldRules.problem(withName: name) {
            throw StoreError(.valueInvalid, "the organisation's name \(problem)")
        }
    }

    /// Adds an organisation with a key of its own.
    ///
    /// - Throws: `duplicate` if one of that name exists, in whatever case; `valueInvalid` for an unfit name or setting.
    public func addOrganisation(
        name: String, settings: OrganisationSettings = .init()
    ) throws(StoreError) -> Organisation {
        try Self.validate(organisationName: name)
        try settings.validate()
        let organisation = Organisation(
            id: OrganisationID(Identifier.make(.organisation)), name: name, domains: [], settings: settings,
            createdAt: clock())
        // Key before row: a crash in between leaves a key that opens nothing, never a row without key.
        try keyFile.update(storeID: storeID) { keys in
            keys.organisationKeys[organisation.id] = Identifier.randomBytes(KeyFile.keyByteCount)
        }
        do {
            let event = AuditEvent(.organisationAdd, ["organisation": organisation.id.text, "name": name])
            try write(event, changing: [.store]) {
                try Self.insert(organisation, $0)
            }
        } catch {
            // Only what is known not to be stored loses its key: the failure may have come after the commit.
            if (try? contains("organisations", id: organisation.id.text)) == false {
                try? keyFile.update(storeID: storeID) { $0.organisationKeys[organisation.id] = nil }
            }
            throw error
        }
        return organisation
    }

    /// All organisations, by name.
    public func organisations() throws(StoreError) -> [Organisation] {
        try read(verifying: [.store]) { try Self.organisations($0, where: "1 ORDER BY nameFolded", []) }
    }

    /// The organisation with this identifier or name (in whatever case), or the beginning of one; without either, the
    /// only one.
    ///
    /// - Throws: `unknownOrganisation`, or `ambiguousOrganisation` if none is given and there are several, or if it
    ///   begins several.
    public func organisation(_ reference: String? = nil) throws(StoreError) -> Organisation {
        guard let reference else {
            let all = try organisations()
            if let only = all.first, all.count == 1 { return only }
            let names = all.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
            throw StoreError(
                .ambiguousOrganisation, "the store holds several organisations: \(names)",
                advice: .chooseOrganisation)
        }
        let found = try read(verifying: [.store]) {
            try Self.organisations($0, where: "id = ? OR nameFolded = ?", [reference, FieldRules.folded(reference)])
        }
        // An organisation could be named like another's identifier: the identifier wins.
        if let organisation = found.first(where: { $0.id.text == reference }) ?? found.first { return organisation }
        let folded = FieldRules.folded(reference)
        let near = try organisations().filter {
            !folded.isEmpty && (FieldRules.folded($0.name).hasPrefix(folded) || $0.id.text.hasPrefix(folded))
        }
        guard let first = near.first else { throw Self.unknownOrganisation(reference) }
        guard near.count == 1 else {
            let names = near.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")
            throw StoreError(
                .ambiguousOrganisation, "'\(reference)' begins the names of several organisations: \(names)",
                advice: .chooseOrganisation)
        }
        return first
    }

    /// The organisation with this identifier.
    ///
    /// - Throws: `unknownOrganisation`.
    public func organisation(_ id: OrganisationID) throws(StoreError) -> Organisation {
        let found = try read(verifying: [.store]) { try Self.organisations($0, where: "id = ?", [id]) }
        guard let organisation = found.first else { throw Self.unknownOrganisation(id.text) }
        return organisation
    }

    private static func unknownOrganisation(_ reference: String) -> StoreError {
        StoreError(.unknownOrganisation, "no organisation is named '\(reference)'", advice: .listOrganisations)
    }

    /// Registers a domain whose hosts belong to the organisation; doing so twice changes nothing.
    ///
    /// - Throws: `duplicate` if another organisation has the domain; `valueInvalid` if it is none.
    public func addDomain(_ domain: String, to organisationID: OrganisationID) throws(StoreError) {
        if let problem = FieldRules.problem(withDomain: domain) {
            throw StoreError(.valueInvalid, "domain '\(domain)' \(problem)")
        }
        let folded = FieldRules.folded(domain)
        let event = AuditEvent(.settingsChange, ["organisation": organisationID.text, "domain": folded])
        try write(event, changing: [.store]) { database in
            let owner = try OrganisationID.fetchOne(
                database, sql: "SELECT organisationID FROM domains WHERE domain = ?", arguments: [folded])
            guard owner == nil || owner == organisationID else {
                throw StoreError(.duplicate, "domain '\(folded)' belongs to another organisation of this store")
            }
            try database.execute(
                sql: "INSERT OR IGNORE INTO domains (domain, organisationID) VALUES (?, ?)",
                arguments: [folded, organisationID])
        }
    }

    /// Takes a domain from the organisation; without any left, no meeting of it is foreign.
    ///
    /// - Throws: `valueInvalid` if the organisation has no such domain.
    public func removeDomain(_ domain: String, from organisationID: OrganisationID) throws(StoreError) {
        let folded = FieldRules.folded(domain)
        let event = AuditEvent(.settingsChange, ["organisation": organisationID.text, "domainRemoved": folded])
        try write(event, changing: [.store]) { database in
            try database.execute(
                sql: "DELETE FROM domains WHERE domain = ? AND organisationID = ?", arguments: [folded, organisationID])
            guard database.changesCount == 1 else {
                throw StoreError(
                    .valueInvalid, "the organisation has no domain '\(domain)'", advice: .listOrganisations)
            }
        }
    }

    /// Replaces an organisation's settings.
    ///
    /// - Throws: `valueInvalid` for values out of range; `unknownOrganisation`.
    public func updateSettings(_ settings: OrganisationSettings, of organisationID: OrganisationID) throws(StoreError) {
        try settings.validate()
        let details = settings.auditDetails.merging(["organisation": organisationID.text]) { $1 }
        try write(.init(.settingsChange, details), changing: [.store]) { database in
            try database.execute(
                sql: """
                    UPDATE organisations SET watermarking = ?, retentionDays = ?, maximumBytes = ?, minimumSeconds = ?,
                        log10Threshold = ?, allowsShort = ?
                    WHERE id = ?
                    """,
                arguments: Self.arguments(settings) + [organisationID])
            guard database.changesCount == 1 else {
                throw StoreError(.unknownOrganisation, "no organisation '\(organisationID)'")
            }
        }
    }

    // MARK: Rows

    private static func arguments(_ settings: OrganisationSettings) -> StatementArguments {
        [
            settings.isWatermarkingOn, settings.retentionDays, settings.maximumBytes, settings.minimumSeconds,
            settings.log10Threshold, settings.allowsShort,
        ]
    }

    private static func insert(_ organisation: Organisation, _ database: Database) throws {
        let folded = FieldRules.folded(organisation.name)
        let isTaken = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM organisations WHERE nameFolded = ?)", arguments: [folded])
        guard isTaken == false else {
            throw StoreError(.duplicate, "an organisation named '\(organisation.name)' exists already")
        }
        try database.execute(
            sql: """
                INSERT INTO organisations (id, name, nameFolded, createdAt, watermarking, retentionDays, maximumBytes,
                    minimumSeconds, log10Threshold, allowsShort)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [organisation.id, organisation.name, folded, organisation.createdAt]
                + arguments(organisation.settings))
    }

    static func organisations(
        _ database: Database, where condition: String, _ arguments: StatementArguments
    ) throws -> [Organisation] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM organisations WHERE \(condition)", arguments: arguments)
        return try rows.map { row in
            let id: OrganisationID = try row.get("id")
            return try Organisation(
                id: id, name: row.get("name"),
                domains: String.fetchAll(
                    database, sql: "SELECT domain FROM domains WHERE organisationID = ? ORDER BY domain",
                    arguments: [id]),
                settings: OrganisationSettings(row: row), createdAt: row.get("createdAt"))
        }
    }
}

extension OrganisationSettings {
    /// Reads the settings columns of an organisation's row.
    fileprivate init(row: Row) throws {
        self.init()
        isWatermarkingOn = try row.get("watermarking")
        retentionDays = try row.get("retentionDays")
        maximumBytes = try row.get("maximumBytes")
        minimumSeconds = try row.get("minimumSeconds")
        log10Threshold = try row.get("log10Threshold")
        allowsShort = try row.get("allowsShort")
    }
}
