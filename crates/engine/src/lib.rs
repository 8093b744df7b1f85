//! Rounds, the ledger, and the wiring of the rooms below
