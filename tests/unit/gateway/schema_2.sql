-- The state database as the first release made it, with a few rows. Never changed again: whoever installed that
-- release has one.
CREATE TABLE binding (
    name  TEXT PRIMARY KEY,            -- 'institution-number', 'destination <id>', 'salt'
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The folders of the storages as they were listed last. A root's parent is 0, its name the storage's id.
CREATE TABLE folder (
    id       INTEGER PRIMARY KEY,
    parent   INTEGER NOT NULL,
    name     TEXT NOT NULL,
    mtime_ns INTEGER NOT NULL DEFAULT -1, -- when it was listed; 0: list it whatever its time is; -1: never listed
    state    INTEGER NOT NULL DEFAULT 0,  -- KnownFolder::State
    UNIQUE (parent, name)
) STRICT;
CREATE INDEX folder_away ON folder (state) WHERE state <> 0;

-- Every file ever seen in a kind folder that is mapped, and every name that was not understood.
CREATE TABLE document (
    folder   INTEGER NOT NULL,
    name     TEXT NOT NULL,            -- what its folder does not say: "ORDER_TIME_DEPARTMENT_FLAG"; else "/NAME"
    flag     INTEGER NOT NULL,         -- of the name; 3: it was not understood
    state    INTEGER NOT NULL,         -- DocumentState
    was_live INTEGER NOT NULL,         -- flag 0 that was known as an accepted flag 1 before
    size     INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    since    INTEGER NOT NULL,         -- accepted; of the others first seen
    PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_open ON document (state, folder, name) WHERE state <> 0;
CREATE INDEX document_deleted ON document (since) WHERE was_live = 1;

-- Why documents failed or vanished.
CREATE TABLE refusal (
    folder      INTEGER NOT NULL,
    name        TEXT NOT NULL,
    failure     TEXT NOT NULL,         -- id of the reason
    explanation TEXT NOT NULL,         -- the whole sentence
    PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;

-- Folders with documents that were accepted lately: writers pause, so sizes and times are looked at again.
CREATE TABLE relook (
    due    INTEGER NOT NULL,
    folder INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (due, folder)
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
    storage TEXT NOT NULL,
    name    TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (storage, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE alarm (
    storage     TEXT NOT NULL,         -- '': all
    kind        TEXT NOT NULL,
    since       INTEGER NOT NULL,
    explanation TEXT NOT NULL,
    PRIMARY KEY (storage, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE patient (
    id        INTEGER PRIMARY KEY,
    number    TEXT NOT NULL UNIQUE,
    canonical TEXT NOT NULL,           -- without leading zeros
    identity  BLOB                     -- SHA-256 of the accepted ADT-00's demographics; NULL: none yet
) STRICT;
CREATE INDEX patient_canonical ON patient (canonical);

CREATE TABLE patient_folder (
    folder  INTEGER PRIMARY KEY,
    storage TEXT NOT NULL,
    path    TEXT NOT NULL,
    patient INTEGER NOT NULL REFERENCES patient (id),
    touched INTEGER NOT NULL DEFAULT 0  -- when something new was seen in it
) STRICT;
CREATE INDEX patient_folder_patient ON patient_folder (patient);

CREATE TABLE unit (
    id       INTEGER PRIMARY KEY,
    patient  INTEGER NOT NULL REFERENCES patient (id),
    kind     INTEGER NOT NULL,
    date     TEXT NOT NULL,
    order_no TEXT NOT NULL,
    year     INTEGER,                  -- of its Bundle-ID: given with the first committed snapshot, kept for ever
    due      INTEGER,                  -- look at it then; NULL: nothing to do
    marks    INTEGER NOT NULL DEFAULT 0,  -- counts how often it was marked due: a mark during a build is not lost
    UNIQUE (patient, kind, date, order_no)
) STRICT;
CREATE INDEX unit_due ON unit (due) WHERE due IS NOT NULL;

CREATE TABLE destination (
    number       INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,
    units        INTEGER NOT NULL DEFAULT 0,  -- its rows of outbox: there are too many to count them
    paused_since INTEGER,
    explanation  TEXT
) STRICT;

-- What each destination should have; without a row in delivery: what it has. Nearly every document makes such a
-- row, and it stays: what is needed only until it is delivered stands in delivery, so that a row keeps its size
-- and its page stays full.
CREATE TABLE outbox (
    unit          INTEGER NOT NULL REFERENCES unit (id),
    destination   INTEGER NOT NULL REFERENCES destination (number),
    operation     INTEGER NOT NULL,    -- Operation: 0 register, 1 delete
    content_hash  BLOB,                -- of the newest snapshot; NULL: a delete, or held before its first
    person        INTEGER,             -- PersonMark of the newest snapshot
    transmissions INTEGER NOT NULL,
    superseded    INTEGER NOT NULL,
    changed       INTEGER NOT NULL,    -- of a delivered row: when it was
    PRIMARY KEY (unit, destination)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER outbox_more AFTER INSERT ON outbox BEGIN
    UPDATE destination SET units = units + 1 WHERE number = NEW.destination;
END;
CREATE TRIGGER outbox_less AFTER DELETE ON outbox BEGIN
    UPDATE destination SET units = units - 1 WHERE number = OLD.destination;
END;

-- The rows of outbox that are not delivered.
CREATE TABLE delivery (
    unit            INTEGER NOT NULL,
    destination     INTEGER NOT NULL,
    state           INTEGER NOT NULL,  -- OutboxState
    snapshot_time   INTEGER NOT NULL,
    next_attempt    INTEGER,           -- NULL: none by itself
    attempts        INTEGER NOT NULL,
    accepted_hash   BLOB,              -- what the destination told us it has: NULL while a sending is unanswered
    accepted_person INTEGER,           -- of what it has or may have
    -- the last sending, written before the first byte leaves
    in_flight       INTEGER NOT NULL,
    sent_at         INTEGER NOT NULL,
    sent_operation  INTEGER NOT NULL,
    sent_hash       BLOB,
    sent_person     INTEGER,
    result_location TEXT,              -- a result is awaited, also while the row is held
    reason          TEXT,
    explanation     TEXT,
    answer          TEXT,              -- OperationOutcome of a rejection; may hold patient data
    PRIMARY KEY (unit, destination),
    FOREIGN KEY (unit, destination) REFERENCES outbox ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_due ON delivery (destination, next_attempt) WHERE next_attempt IS NOT NULL;

-- The newest snapshot itself, whose times and URLs are still open.
CREATE TABLE body (
    unit        INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    template    TEXT NOT NULL,
    PRIMARY KEY (unit, destination),
    FOREIGN KEY (unit, destination) REFERENCES outbox ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

INSERT INTO binding VALUES ('institution-number', '1319999999'), ('salt', '00112233445566778899aabbccddeeff');
INSERT INTO patient (id, number, canonical) VALUES (1, '0001234', '1234');
INSERT INTO unit (id, patient, kind, date, order_no, year) VALUES
    (1, 1, 0, '', '', 2026),                          -- delivered
    (2, 1, 2, '20260401', '000000000000001', 2026),   -- pending
    (3, 1, 2, '20260401', '000000000000002', NULL),   -- held before its first snapshot
    (4, 1, 2, '20260401', '000000000000003', 2026);   -- deleted
INSERT INTO destination (number, id) VALUES (1, 'platform');
INSERT INTO outbox VALUES
    (1, 1, 0, zeroblob(32), 7, 1, 0, 1775001600000),
    (2, 1, 0, zeroblob(32), 7, 0, 0, 1775001600000),
    (3, 1, 0, NULL, NULL, 0, 0, 1775001600000),
    (4, 1, 1, NULL, NULL, 2, 0, 1775001600000);
INSERT INTO delivery VALUES
    (2, 1, 0, 1775001600000, 1775001600000, 0, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, 1, 3, 1775001600000, NULL, 0, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, 'patient:no-insurance', 'no', NULL);
INSERT INTO body VALUES (1, 1, 'delivered body'), (2, 1, 'pending body');
PRAGMA user_version = 2;
