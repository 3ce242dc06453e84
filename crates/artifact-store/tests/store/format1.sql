-- An index of format 1 with one release. Never edited: it stands for homes that exist.
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

INSERT INTO owners VALUES ('top-word', 'uid:1000');
INSERT INTO submissions (skill, principal, plan, source, document) VALUES
    ('top-word', 'uid:1000', '823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812', '823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812',
     '{"skill": "top-word", "submission": "s-1", "release": 1, "stage": "release", "status": "released", "exit_code": 0, "artifact": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812", "build_key": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812", "deduplicated": false, "authority": "flag", "principal": "uid:1000", "timings_us": {"build": 123456}, "enforced": {}, "feedback": null}');
INSERT INTO releases VALUES ('top-word', 1,
     '{"skill": "top-word", "number": 1, "submission": "s-1", "principal": "uid:1000", "promoted_ms": 1700000000000, "plan": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812", "source": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812", "artifact": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812", "build_key": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812", "scan_key": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812", "verify_key": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812", "policy": "823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812"}');
INSERT INTO current VALUES ('top-word', 1);
INSERT INTO builds VALUES ('uid:1000', '823412d1eacb67956220e532959f0104603057c88704863ca38e7cd188fda812',
     '{"kind": "rejected", "feedback": {"stage": "build", "code": "compile", "summary": "it''s refused", "diagnostics": [{"file": "a.c", "line": 1, "column": 2, "severity": "error", "message": "m", "excerpt": null, "fix": null}], "hint": null, "omitted": 0, "log": null}}');
PRAGMA user_version = 1;
