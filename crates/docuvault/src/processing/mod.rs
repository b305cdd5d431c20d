//! What happens to a document once its bytes are there: it is read in a sandboxed child, filed on the device, and can be found.

mod file_document;
mod forget;
mod learn;
mod read_document;
mod store;
mod thumbnail;

pub use forget::{forget_document, forget_topic};
pub use learn::{LearnFiling, learn_from_corrections, learn_soon};
pub use read_document::{ReadDocument, give_up_reading, read_document};
