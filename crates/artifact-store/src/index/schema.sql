-- Format 1. Documents are JSON of the types in saggar-model; digests are hexadecimal text.
CREATE TABLE builds (
    principal TEXT NOT NULL,
    build_key TEXT NOT NULL,
    result    TEXT NOT NULL,
    PRIMARY KEY (principal, build_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE owners (
    skill     TEXT NOT NULL PRIMARY KEY,
    principal TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: an id is never used twice.
CREATE TABLE submissions (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    skill     TEXT NOT NULL REFERENCES owners (skill),
    principal TEXT NOT NULL,
    plan      TEXT NOT NULL,
    source    TEXT NOT NULL,
    document  TEXT NOT NULL
) STRICT;
CREATE INDEX submissions_of_skill ON submissions (skill, id);

CREATE TABLE releases (
    skill    TEXT NOT NULL REFERENCES owners (skill),
    number   INTEGER NOT NULL CHECK (number BETWEEN 1 AND 4294967295),
    document TEXT NOT NULL,
    PRIMARY KEY (skill, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE current (
    skill  TEXT NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL,
    FOREIGN KEY (skill, number) REFERENCES releases (skill, number)
) STRICT, WITHOUT ROWID;
