-- Messages to people, and who is at work on one.
CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    incident TEXT,
    is_over INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    leased_until INTEGER,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX notices_open ON notices (due_at) WHERE is_over = 0;
CREATE INDEX notices_incident ON notices (incident, created_at);
