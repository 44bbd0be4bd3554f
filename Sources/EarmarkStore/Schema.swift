import GRDB

/// The database schema, as the list of migrations that lead to it.
enum Schema {
    /// Marks an SQLite file as an Earmark store: "Earm" in ASCII.
    static let applicationID: Int32 = 0x4561_726D

    /// All migrations.
    ///
    /// Released ones never change; `docs/file-formats.md` describes the result.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { database in
            try database.execute(sql: version1)
        }
        migrator.registerMigration("v2") { database in
            try database.execute(sql: version2)
        }
        migrator.registerMigration("v3") { database in
            try database.execute(sql: version3)
        }
        migrator.registerMigration("v4") { database in
            try database.execute(sql: version4)
        }
        migrator.registerMigration("v5") { database in
            try database.execute(sql: version5)
        }
        migrator.registerMigration("v6") { database in
            try database.execute(sql: version6)
        }
        migrator.registerMigration("v7") { database in
            try database.execute(sql: version7)
        }
        migrator.registerMigration("v8") { database in
            try database.execute(sql: version8)
        }
        return migrator
    }

    /// Sealed bundles that were given out: neither purges nor expiry take them from whoever has them.
    private static let version8 = """
        CREATE TABLE bundles (
            position INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            organisationID TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
            search INTEGER NOT NULL CHECK (search IN (0, 1)),
            meetings TEXT NOT NULL,
            createdAt INTEGER NOT NULL,
            expiresAt INTEGER NOT NULL,
            revokedAt INTEGER,
            recipient TEXT NOT NULL,
            workerKey BLOB NOT NULL CHECK (length(workerKey) = 32),
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64)
        ) STRICT;
        """

    /// Seals that authenticate rows; the meeting of an audit entry stays when its details go.
    private static let version7 = """
        CREATE TABLE seals (
            scope TEXT PRIMARY KEY NOT NULL,
            seal BLOB NOT NULL CHECK (length(seal) = 32)
        ) STRICT, WITHOUT ROWID;
        ALTER TABLE auditHead ADD COLUMN state BLOB;
        ALTER TABLE audit ADD COLUMN meetingID TEXT;
        ALTER TABLE purges ADD COLUMN seal BLOB;
        """

    /// Whose microphones send tagged audio; nobody's in meetings of before.
    private static let version6 = """
        ALTER TABLE meetings ADD COLUMN microphoneTags INTEGER NOT NULL DEFAULT 0 CHECK (microphoneTags IN (0, 1));
        ALTER TABLE clients ADD COLUMN tagsFrom INTEGER;
        ALTER TABLE clients ADD COLUMN tagHeardAt INTEGER;
        """

    /// Keys that need two persons' shares, and commitments to the seeds.
    private static let version5 = """
        ALTER TABLE meetings ADD COLUMN split INTEGER NOT NULL DEFAULT 0 CHECK (split IN (0, 1));
        CREATE TABLE commitments (
            position INTEGER PRIMARY KEY,
            meetingID TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
            createdAt INTEGER NOT NULL,
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            clientCount INTEGER NOT NULL CHECK (clientCount > 0),
            root BLOB NOT NULL CHECK (length(root) = 32)
        ) STRICT;
        CREATE INDEX commitmentsByMeeting ON commitments (meetingID);
        """

    /// The audit log; its details are apart, so that they can be purged.
    private static let version4 = """
        CREATE TABLE audit (
            position INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            at INTEGER NOT NULL,
            action TEXT NOT NULL,
            commitment BLOB NOT NULL CHECK (length(commitment) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        CREATE TABLE auditDetails (
            entryID TEXT PRIMARY KEY NOT NULL REFERENCES audit (id),
            meetingID TEXT REFERENCES meetings (id) ON DELETE CASCADE,
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            details BLOB NOT NULL
        ) STRICT;
        CREATE INDEX auditDetailsByMeeting ON auditDetails (meetingID);
        CREATE TABLE auditHead (
            onlyRow INTEGER PRIMARY KEY CHECK (onlyRow = 1),
            count INTEGER NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            seal BLOB NOT NULL CHECK (length(seal) = 32)
        ) STRICT;
        """

    /// Legal holds, purges that were begun, and whether traces of deleted rows are still to be erased.
    private static let version3 = """
        CREATE TABLE holds (
            subject TEXT PRIMARY KEY NOT NULL,
            reason TEXT NOT NULL,
            heldAt INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE purges (
            meetingID TEXT PRIMARY KEY NOT NULL,
            startedAt INTEGER NOT NULL
        ) STRICT;
        ALTER TABLE store ADD COLUMN erasureDue INTEGER NOT NULL DEFAULT 0 CHECK (erasureDue IN (0, 1));
        """

    /// What reports show, and a way from content to its analyses.
    private static let version2 = """
        ALTER TABLE analyses ADD COLUMN evidence BLOB;
        CREATE INDEX analysesByContent ON analyses (sha256);
        """

    /// Times are Unix seconds; columns ending in `Folded` hold what is compared instead of what was entered.
    private static let version1 = """
        CREATE TABLE store (
            onlyRow INTEGER PRIMARY KEY CHECK (onlyRow = 1),
            id TEXT NOT NULL,
            createdAt INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE organisations (
            id TEXT PRIMARY KEY NOT NULL,
            name TEXT NOT NULL,
            nameFolded TEXT NOT NULL UNIQUE,
            createdAt INTEGER NOT NULL,
            watermarking INTEGER NOT NULL CHECK (watermarking IN (0, 1)),
            retentionDays INTEGER NOT NULL,
            maximumBytes INTEGER NOT NULL,
            minimumSeconds REAL NOT NULL,
            log10Threshold REAL NOT NULL,
            allowsShort INTEGER NOT NULL CHECK (allowsShort IN (0, 1))
        ) STRICT;

        CREATE TABLE domains (
            domain TEXT PRIMARY KEY NOT NULL,
            organisationID TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX domainsByOrganisation ON domains (organisationID);

        CREATE TABLE meetings (
            id TEXT PRIMARY KEY NOT NULL,
            organisationID TEXT NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
            title TEXT NOT NULL,
            startsAt INTEGER NOT NULL,
            durationSeconds INTEGER NOT NULL CHECK (durationSeconds > 0),
            hostEmail TEXT,
            watermark INTEGER NOT NULL CHECK (watermark IN (0, 1)),
            createdAt INTEGER NOT NULL,
            sealedKey BLOB NOT NULL CHECK (length(sealedKey) = 88)
        ) STRICT;
        CREATE INDEX meetingsByStart ON meetings (organisationID, startsAt);

        CREATE TABLE participants (
            id TEXT PRIMARY KEY NOT NULL,
            meetingID TEXT NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            email TEXT NOT NULL,
            emailFolded TEXT NOT NULL,
            UNIQUE (meetingID, emailFolded)
        ) STRICT;

        CREATE TABLE clients (
            position INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            participantID TEXT NOT NULL REFERENCES participants (id) ON DELETE CASCADE,
            device TEXT NOT NULL,
            deviceFolded TEXT NOT NULL,
            kind TEXT NOT NULL,
            UNIQUE (participantID, deviceFolded)
        ) STRICT;

        CREATE TABLE presences (
            position INTEGER PRIMARY KEY,
            clientID TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
            joinedAt INTEGER NOT NULL,
            leftAt INTEGER CHECK (leftAt >= joinedAt)
        ) STRICT;
        CREATE INDEX presencesByClient ON presences (clientID, joinedAt);
        CREATE UNIQUE INDEX presencesOpen ON presences (clientID) WHERE leftAt IS NULL;

        CREATE TABLE tickets (
            position INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            clientID TEXT NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
            issuedAt INTEGER NOT NULL,
            revokedAt INTEGER CHECK (revokedAt >= issuedAt)
        ) STRICT;
        CREATE INDEX ticketsByClient ON tickets (clientID);

        CREATE TABLE analyses (
            position INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            organisationID TEXT REFERENCES organisations (id) ON DELETE CASCADE,
            meetingID TEXT REFERENCES meetings (id) ON DELETE SET NULL,
            meetingReference TEXT NOT NULL,
            fileName TEXT NOT NULL,
            sha256 TEXT CHECK (length(sha256) = 64),
            byteCount INTEGER CHECK (byteCount >= 0),
            verdict TEXT,
            refusalCode TEXT,
            refusalMessage TEXT,
            name TEXT NOT NULL,
            note TEXT NOT NULL,
            createdAt INTEGER NOT NULL,
            toolVersion TEXT NOT NULL,
            report BLOB,
            CHECK ((verdict IS NULL) <> (refusalCode IS NULL)),
            CHECK ((refusalCode IS NULL) = (refusalMessage IS NULL))
        ) STRICT;
        CREATE INDEX analysesByMeeting ON analyses (meetingID);
        """
}
