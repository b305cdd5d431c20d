//! What the caller hands in: a paper, the user's topics; and what every finder hands back.

use serde::Serialize;
use time::Date;
use uuid::Uuid;

/// A document as far as filing needs to know it.
#[derive(Debug, Clone, Copy)]
pub struct Paper<'a> {
    /// Name of the file as the user uploaded it, with its extension.
    pub filename: &'a str,
    /// The text, its pages joined by form feeds (`\x0c`). Only the start of a long text is read.
    pub text: &'a str,
    /// Language as a BCP 47 tag (`en-GB`, `de`); guessed from the text when absent.
    pub language: Option<&'a str>,
    /// `From` of a mail, with or without a name: `Acme Ltd <billing@acme.example>`.
    pub sender: Option<&'a str>,
    /// Title found in the file's own metadata, or the subject of a mail.
    pub embedded_title: Option<&'a str>,
    /// The day the paper arrived; nothing is believed to be written much later.
    pub received_on: Date,
}

/// A topic of the user.
#[derive(Debug, Clone, Copy)]
pub struct Topic<'a> {
    /// The topic's id, handed back in proposals.
    pub id: Uuid,
    /// What the user calls it. A topic works by its name alone.
    pub name: &'a str,
    /// The `key` of the starter topic it was made from, if any; survives renaming.
    pub starter_key: Option<&'a str>,
}

/// Something read off a paper.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding<T> {
    /// What was found.
    pub value: T,
    /// How sure, from 0 to 1.
    pub confidence: f32,
    /// The words of the paper, or the rule, that decided.
    pub reason: String,
}
