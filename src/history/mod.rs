//! The redacted exchanges on disk, in SQLite.
