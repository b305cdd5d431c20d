//! What happens to a document once its bytes are there: it is read in a sandboxed child, filed on the device, and can be found.

mod fetch;
mod file_document;
mod forget;
mod give_up;
mod learn;
mod progress;
mod read_document;
mod store;
mod thumbnail;

pub use fetch::fetch_object;
pub use file_document::{FileDocument, file_document_again, file_soon};
pub use forget::{forget_document, forget_topic};
pub use give_up::give_up_reading;
pub use learn::{LearnFiling, learn_from_corrections, learn_soon};
pub use read_document::{ReadDocument, read_document};
