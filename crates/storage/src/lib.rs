//! Where a document's bytes live: the StorageBackend trait and its drivers.
