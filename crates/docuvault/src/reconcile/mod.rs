//! Is everything there? Compares the store with the tables, both ways, and reads the bytes again from time to time.
//!
//! - An object that no row names is an orphan. It is reported, and removed only when it still is one a week later.
//! - A row whose object is missing, or holds other bytes than it should, is reported, and its owner is told. No row is ever given up for it.
//! - What is found to be right again is no longer reported.
//!
//! A run can be cut off anywhere and goes on where it was. Nothing it does depends on what it saw long before: whoever writes says so in a
//! row before there is an object, and erases the object before the row, so each finding is asked for again, in that order, before it counts.

mod compare;
mod look_at_document;
mod quarantine;
mod report;
mod runs;
mod store;
mod tell_owner;
mod unfinished_uploads;
mod verify;

pub use report::RunReport;
pub use runs::{Reconcile, reconcile, reconcile_now, request_reconcile};
pub use verify::{Verified, Verify, VerifyBudget, verify_documents, verify_some};
