//! Finds, starts, adopts and stops DocuVault's own PostgreSQL cluster.
