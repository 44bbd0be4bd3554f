-- A store of schema version 1 as it was released. Never edit: it proves that later versions open it.
-- The sealed key comes from make-store-v1.py.
PRAGMA application_id = 1164014189;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
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
INSERT INTO grdb_migrations (identifier) VALUES ('v1');
INSERT INTO store VALUES (1, 's_aaaaaaaaaaaaaaaa', 1700000000);
INSERT INTO organisations VALUES ('o_aaaaaaaaaaaaaaaa', 'Example Ltd', 'example ltd', 1700000000, 1, 36500, 500000000, 100.0, -9.0, 0);
INSERT INTO domains VALUES ('example.org', 'o_aaaaaaaaaaaaaaaa');
INSERT INTO meetings VALUES ('m_aaaaaaaaaaaaaaaa', 'o_aaaaaaaaaaaaaaaa', 'Board', 1700000000, 7200, 'host@example.org', 1, 1700000000,
    x'0202020202020202020202026c0f34ba2d0dea9fe54ea30ac923c54d4d510420f2662c62afbb920852e1acbbf6c59c61271bb3263acf6e6324c175b64dc7533685023c6abc2d68453937135e4612452bb37bcafaba347971');
INSERT INTO participants VALUES ('p_aaaaaaaaaaaaaaaa', 'm_aaaaaaaaaaaaaaaa', 'Ada', 'ada@example.org', 'ada@example.org');
INSERT INTO clients VALUES (1, 'c_aaaaaaaaaaaaaaaa', 'p_aaaaaaaaaaaaaaaa', 'laptop', 'laptop', 'desktop');
INSERT INTO clients VALUES (2, 'c_aaaaaaaaaaaaaaab', 'p_aaaaaaaaaaaaaaaa', 'browser', 'browser', 'web');
INSERT INTO presences VALUES (1, 'c_aaaaaaaaaaaaaaaa', 1700000060, 1700000120);
INSERT INTO tickets VALUES (1, 't_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'c_aaaaaaaaaaaaaaaa', 1700000000, 1700000900);
INSERT INTO analyses VALUES (1, 'a_aaaaaaaaaaaaaaaa', 'o_aaaaaaaaaaaaaaaa', 'm_aaaaaaaaaaaaaaaa', 'm_aaaaaaaaaaaaaaaa', 'leak.m4a',
    'abababababababababababababababababababababababababababababababab', 1234, 'identified', NULL, NULL, 'first', 'a note', 1700010000, '0.1.0',
    CAST('{"verdict":"identified"}' AS BLOB));
