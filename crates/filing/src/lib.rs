//! Files documents on the device: topics, dates, correspondents and titles.
//! Rules and a lexicon work from the first paper on; a [`Memory`] learns from what one user corrects.

mod amounts;
mod correspondents;
mod date_labels;
mod dates;
mod evidence;
mod facts;
mod features;
mod filing;
mod known_senders;
mod learn;
mod lexicon;
mod memory;
mod memory_bytes;
mod organisations;
mod paper;
mod patterns;
mod reading;
mod sender_keys;
mod titles;
mod tokens;
mod topics;
mod written_dates;

pub use amounts::Amount;
pub use correspondents::find_correspondent;
pub use dates::find_document_date;
pub use facts::{Facts, find_facts};
pub use filing::{Filing, file_paper};
pub use memory::{Example, Memory};
pub use memory_bytes::MemoryError;
pub use paper::{Finding, Paper, Topic};
pub use titles::find_title;
pub use topics::{
    APPLY_THRESHOLD, SUGGEST_THRESHOLD, StarterTopic, TopicProposal, propose_topics, starter_topics,
};
