import GRDB

extension Schema {
    /// Refuses a database with anything in it that its migrations did not make: triggers and views that would change
    /// what is read or written, other tables, other columns or rules of the known ones.
    ///
    /// Nothing was written to it before.
    static func refuseForeignObjects(_ database: Database, path: String) throws {
        let applied = Set(try migrator.appliedIdentifiers(database))
        let last = migrator.migrations.last { applied.contains($0) }
        let known = try last.map { try objects(upTo: $0) } ?? [:]
        for (name, sql) in try objects(database) where known[name] != sql {
            // Nothing but the record of migrations is in a store whose first one was interrupted.
            if last == nil, name == migrationsTable { continue }
            throw StoreError(
                .storeInvalid,
                "'\(path)' holds the \(name), which Earmark did not make or not so: it is not opened",
                advice: .restoreBackup)
        }
    }

    private static let migrationsTable = "table 'grdb_migrations'"

    /// What a store has that was brought to this version.
    private static func objects(upTo version: String) throws -> [String: String] {
        let queue = try DatabaseQueue()
        try migrator.migrate(queue, upTo: version)
        return try queue.read { try objects($0) }
    }

    /// Definitions by kind and name, without what SQLite makes for itself.
    private static func objects(_ database: Database) throws -> [String: String] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT type, name, tbl_name, sql FROM sqlite_master
                WHERE NOT (type IN ('table', 'index') AND name GLOB 'sqlite_*')
                """)
        return try rows.reduce(into: [:]) { objects, row in
            let (type, name): (String, String) = try (row.get("type"), row.get("name"))
            let (table, sql): (String, String?) = try (row.get("tbl_name"), row.get("sql"))
            objects["\(type) '\(name)'"] = "\(table): \(sql ?? "")"
        }
    }
}
