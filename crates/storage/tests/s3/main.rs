//! The S3 driver against real stores.

mod promises;
