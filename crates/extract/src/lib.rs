//! Reads one document in a sandboxed child process: the parent's side, the protocol between the two
//! and the limits both keep. The parsers live in `docuvault-extract-program` and are never linked here.

mod attached;
mod child;
mod clean_text;
mod limits;
mod ocr_capability;
mod program;
mod progress;
pub mod protocol;
mod read_error;
mod reader;
mod reading;
mod sandbox_report;
mod sniff;
mod sniff_container;

pub use attached::{Attached, Attachments, SearchableCopy, write_attachment};
pub use clean_text::clean_text;
pub use limits::Limits;
pub use ocr_capability::OcrCapability;
pub use progress::Progress;
pub use read_error::ReadError;
pub use reader::{ReadRequest, Reader};
pub use reading::{Note, PageText, Properties, Reading, TextSource, Thumbnail};
pub use sandbox_report::SandboxReport;
pub use sniff::sniff;
