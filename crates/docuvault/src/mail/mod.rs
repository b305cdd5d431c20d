//! Letters: each kind in English and German, sealed into the queue with what it tells of, and sent by SMTP or written to files.
//!
//! The log never holds an address, a subject or a link.

mod english;
mod file_sink;
mod german;
mod letter;
mod mailer;
mod message;
mod notice;
mod queue;
mod send;
mod smtp;
mod store;
mod sweep;
mod text;

pub use letter::{CHOOSE_PASSWORD_LASTS, EMAIL_LINK_LASTS, Letter, RESET_PASSWORD_LASTS, Written};
pub use mailer::{Mail, MailError, Mailer, mailer};
pub use notice::has_words as has_words_for_notice;
pub use queue::queue_letter;
pub use send::{SendMail, send_mail, send_now};
pub use sweep::sweep_mails;
