-- Messages to people, and who is at work on one.
CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    incident TEXT,
    is_over BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    leased_until BIGINT,
    document TEXT NOT NULL
);
CREATE INDEX notices_open ON notices (due_at) WHERE is_over = 0;
CREATE INDEX notices_incident ON notices (incident, created_at);
